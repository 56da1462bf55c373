//===- Pieces.h - Kernels that compute their result piece by piece -*- C++ -*-//
//
// A piece is computed by one thread, from start to end, and is a box of the
// result. Who has more to do with it (an epilogue) does so at once, while it is
// in that thread's cache.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_KERNELS_PIECES_H
#define HYBRIDC_LIB_KERNELS_PIECES_H

#include "hybridc/Kernels/Common.h"

#include <functional>

namespace hybridc::exec {

/// A result seen as [batches][rows][cols][lanes]: its dimensions in their
/// order, some of them taken together. Pieces hold all lanes.
struct PieceGrid {
  int64_t batches = 0, rows = 0, cols = 0, lanes = 1;
};
struct Piece {
  int64_t batch = 0, row = 0, rows = 0, col = 0, cols = 0;
};

class PieceKernel : public Kernel {
public:
  /// Called by the thread that computed piece i, when all of it is stored.
  using After = std::function<void(int64_t piece)>;

  /// Without batches: this one is computed as a whole, and takes no `After`.
  const PieceGrid &grid() const { return pieceGrid; }
  virtual int64_t numPieces() const = 0;
  virtual Piece piece(int64_t i) const = 0;
  virtual Status runPieces(const std::byte *const *ins, std::byte *const *outs,
                           std::byte *scratch, const After *after) = 0;

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) final {
    return runPieces(ins, outs, scratch, nullptr);
  }

protected:
  PieceGrid pieceGrid;
};

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_KERNELS_PIECES_H
