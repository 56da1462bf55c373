//===- Mvm.h - The kernels of mvm -------------------------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_EXECUTOR_MVM_H
#define HYBRIDC_LIB_EXECUTOR_MVM_H

#include "Arrays.h"
#include "hybridc/Kernels/Common.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hybridc::exec {

/// The extents and tiles of a product.
struct Product {
  int64_t k = 0, n = 0; ///< of what is driven and what is read
  bool conv = false, transposed = false;
  std::vector<int64_t> arrays, kOffsets, nOffsets;

  /// Lines of a tile that are driven, and that are read.
  std::pair<int64_t, int64_t> sizeOf(const Arrays::Tile &tile) const {
    auto rows = static_cast<int64_t>(tile.rows);
    auto cols = static_cast<int64_t>(tile.cols);
    return transposed ? std::pair(cols, rows) : std::pair(rows, cols);
  }
};

/// An exact product, by the digital kernels.
Result<std::unique_ptr<Kernel>> makeIdealMvm(Arrays &arrays,
                                             const Command &command,
                                             Product product, unsigned threads);
/// With converters and cells. `number` tells the command from others, for its
/// noise; `expectedCells` pJ of one run; 0: what they take is not computed.
std::unique_ptr<Kernel> makeAnalogMvm(Arrays &arrays, const Command &command,
                                      Product product, uint64_t number,
                                      unsigned threads, std::string engine,
                                      double expectedCells);

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_EXECUTOR_MVM_H
