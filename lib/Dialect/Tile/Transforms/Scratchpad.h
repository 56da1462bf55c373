//===- Scratchpad.h - Buffers of a run, and where they could lie -*- C++
//-*-===//
#ifndef HYBRIDC_LIB_DIALECT_TILE_TRANSFORMS_SCRATCHPAD_H
#define HYBRIDC_LIB_DIALECT_TILE_TRANSFORMS_SCRATCHPAD_H

#include "hybridc/Dialect/Tile/IR/Tile.h"

#include "llvm/ADT/SetVector.h"

namespace hybridc::tile {

inline constexpr int64_t kAlign = 64;

/// A buffer's bytes and the positions between which it is used.
struct Interval {
  BufferOp buffer;
  int64_t bytes = 0;
  int64_t first = 0, last = 0;
  int64_t address = -1;

  bool overlapsInTime(const Interval &other) const {
    return first <= other.last && other.first <= last;
  }
};
/// Of a view's buffer; at least one.
int64_t alignedBytes(BufferOp buffer);

/// Calls `each` with the runs of a block and of the blocks inside of it.
mlir::LogicalResult forRuns(
    mlir::Block &block,
    llvm::function_ref<mlir::LogicalResult(llvm::ArrayRef<mlir::Operation *>)>
        each);

/// The scratchpad buffers that commands of several runs of an entry use, in the
/// order of their first command.
llvm::SetVector<mlir::Operation *> spanningBuffers(EntryOp entry);

/// The others of a run, sorted by first use.
llvm::SmallVector<Interval>
intervalsOf(llvm::ArrayRef<mlir::Operation *> run,
            const llvm::SetVector<mlir::Operation *> &spanning);

/// Largest sum of bytes in use at one position: no plan can do with less.
int64_t lowerBound(llvm::ArrayRef<Interval> intervals);

/// Largest first, each at its lowest address without a conflict. Returns the
/// bytes that are needed.
int64_t planBySize(llvm::MutableArrayRef<Interval> intervals);

/// In textual order behind one another, else as low as possible, else by size:
/// 0 when `capacity` bytes do, else how many would.
int64_t planRunOf(llvm::MutableArrayRef<Interval> intervals, int64_t capacity);

} // namespace hybridc::tile

#endif // HYBRIDC_LIB_DIALECT_TILE_TRANSFORMS_SCRATCHPAD_H
