//===- Tiling.h - Groups cut into tiles that fit --------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_CONVERSION_HYBTOTILE_TILING_H
#define HYBRIDC_LIB_CONVERSION_HYBTOTILE_TILING_H

#include "Ref.h"

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "llvm/ADT/MapVector.h"

namespace hybridc::lower {

/// A group's inside, as the tiler sees it: ops in order, the value that leaves
/// it, and where each value from outside lies.
struct GroupBody {
  llvm::SmallVector<mlir::Operation *> ops;
  mlir::Value result;
  llvm::MapVector<mlir::Value, Ref> args;
  /// Of these, and perhaps the result: what lies in the scratchpad and is read
  /// or written where it lies.
  llvm::SmallDenseSet<mlir::Value, 4> inPlace;
  /// The contraction that runs on arrays, whose weights are not loaded.
  mlir::Operation *analog = nullptr;
  /// The contraction that sums up in `parts`, each adding onto the result;
  /// null: at once. With it go the ops that make its operands, and the values
  /// from outside that only these read.
  mlir::Operation *split = nullptr;
  int64_t parts = 1;
  llvm::SmallPtrSet<mlir::Operation *, 4> splitOps;
  llvm::SmallDenseSet<mlir::Value, 4> splitArgs;
};

/// What one tile computes: the box of each value that it needs.
struct TilePlan {
  llvm::DenseMap<mlir::Value, Box> boxes;
  llvm::DenseMap<mlir::Operation *, OpRegions> regions;
  int64_t bytes = 0; ///< scratchpad bytes, all values at once
  double work = 0;
};

/// Boxes of all values for one box of the result; of what is summed up in
/// parts, those of one part. Fails where that part is empty.
mlir::FailureOr<TilePlan> planTile(const GroupBody &body, const Box &request,
                                   int64_t part = 0);

/// Tile extents of the result's dimensions and the order of the loops over
/// them (outermost first).
struct Tiling {
  llvm::SmallVector<int64_t> tile;
  llvm::SmallVector<int64_t> order;
  int64_t bytes = 0; ///< scratchpad bytes of the largest tile
  double score = 0;  ///< traffic, repeated work and commands; less is better
  int64_t numTiles(llvm::ArrayRef<int64_t> shape) const;
};

/// The tiling with the least traffic and repeated work that takes at most
/// `budget` bytes of scratchpad; the smallest possible one (for its `bytes`)
/// when there is none.
Tiling chooseTiling(const GroupBody &body, int64_t budget);

/// chooseTiling, and where only tiny tiles or none fit, with sums in parts:
/// sets `split` and `parts` of `body`.
Tiling chooseSplit(GroupBody &body, int64_t budget);

} // namespace hybridc::lower

#endif // HYBRIDC_LIB_CONVERSION_HYBTOTILE_TILING_H
