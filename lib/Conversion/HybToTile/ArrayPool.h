//===- ArrayPool.h - The chip's arrays, some of them broken ---*- C++ -*-===//
//
// Hands out physical arrays. Without faults (or when they are not to be mapped
// around) they go in order. Otherwise a tile gets the smallest array that
// holds it, among several the one in which its weights lose least; a tile that
// no array holds whole is cut.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CONVERSION_HYBTOTILE_ARRAYPOOL_H
#define HYBRIDC_LIB_CONVERSION_HYBTOTILE_ARRAYPOOL_H

#include "hybridc/Chip/FaultMapping.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"

#include <optional>
#include <string>

namespace hybridc::lower {

/// What the arrays' user asked for.
struct ArrayPolicy {
  chip::Faults faults;
  bool mapAround = true;
  /// When gains are set and weights written anew, seconds after programming.
  std::vector<double> gainAt_s, programAt_s;
  double horizon_s = 0; ///< 0: not stated
};

/// A place for the upper left rows × cols of what was asked for.
struct ArrayPlace {
  int64_t physical = 0;
  uint32_t rows = 0, cols = 0;
  std::vector<float> weights; ///< [rows, cols]
  std::vector<double> scale;  ///< largest |w| of each column, 1 where all are 0
  std::optional<chip::TileMapping> mapping; ///< where not as numbered
};

class ArrayPool {
public:
  explicit ArrayPool(ArrayPolicy policy) : policy(std::move(policy)) {}

  /// Reads rows × cols of the weights from the upper left corner on.
  using Weights =
      llvm::function_ref<std::vector<float>(uint32_t rows, uint32_t cols)>;
  /// Takes arrays for a box; none when there are none left.
  std::optional<ArrayPlace> take(const chip::ArrayKind &kind, uint32_t rows,
                                 uint32_t cols, Weights weights);
  /// Columns of a strip of tiles, and rows that a tile may have.
  std::pair<uint32_t, uint32_t> extentOf(const chip::ArrayKind &kind);
  bool isCareful() const { return policy.mapAround && !policy.faults.empty(); }
  /// "64 of 'pcm', 3 of them without enough working lines, 61 taken".
  std::string describe(const chip::ArrayKind &kind);

  const ArrayPolicy &how() const { return policy; }

private:
  /// Arrays that hold the slices of one tile.
  struct Slot {
    int64_t physical = 0;
    bool isTaken = false;
    std::vector<chip::ArrayFaults> faults;
    chip::GoodLines good;
  };
  std::vector<Slot> &slotsOf(const chip::ArrayKind &kind);

  ArrayPolicy policy;
  llvm::StringMap<std::vector<Slot>> slots;
  llvm::StringMap<uint32_t> widths;
};

} // namespace hybridc::lower

#endif // HYBRIDC_LIB_CONVERSION_HYBTOTILE_ARRAYPOOL_H
