//===- Scratchpad.cpp - Buffers of a run, and where they could lie --------===//
#include "Scratchpad.h"

#include "hybridc/Dialect/Tile/Transforms/FitsScratchpad.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

#include <map>

using namespace mlir;
using namespace hybridc;
using namespace hybridc::tile;

//===----------------------------------------------------------------------===//
// Runs and their buffers
//===----------------------------------------------------------------------===//

int64_t hybridc::tile::alignedBytes(BufferOp buffer) {
  return llvm::alignTo(
      std::max<int64_t>(buffer.getView().getType().getDenseBytes(), 1), kAlign);
}

LogicalResult hybridc::tile::forRuns(
    Block &block, function_ref<LogicalResult(ArrayRef<Operation *>)> each) {
  SmallVector<Operation *> run;
  auto flush = [&]() {
    LogicalResult status = run.empty() ? success() : each(run);
    run.clear();
    return status;
  };
  for (Operation &op : block) {
    if (!isa<tile::IfOp, tile::LoopOp>(op)) {
      run.push_back(&op);
      continue;
    }
    if (failed(flush()))
      return failure();
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        if (failed(forRuns(inner, each)))
          return failure();
  }
  return flush();
}

/// The scratchpad buffers that commands of a run use, with the commands'
/// positions in it.
static void forBuffers(ArrayRef<Operation *> run,
                       function_ref<void(BufferOp, int64_t position)> each) {
  int64_t position = 0;
  for (Operation *op : run)
    op->walk([&](DoOp command) {
      ++position;
      for (Value operand : command->getOperands()) {
        auto buffer = dyn_cast_or_null<BufferOp>(rootOf(operand));
        if (buffer && !buffer.getView().getType().isDram())
          each(buffer, position);
      }
    });
}

llvm::SetVector<Operation *> hybridc::tile::spanningBuffers(EntryOp entry) {
  llvm::SetVector<Operation *> spanning;
  llvm::DenseMap<Operation *, int64_t> firstRun;
  int64_t number = 0;
  (void)forRuns(entry.getBody().front(), [&](ArrayRef<Operation *> run) {
    forBuffers(run, [&](BufferOp buffer, int64_t) {
      if (firstRun.insert({buffer, number}).first->second != number)
        spanning.insert(buffer);
    });
    ++number;
    return success();
  });
  return spanning;
}

SmallVector<Interval>
hybridc::tile::intervalsOf(ArrayRef<Operation *> run,
                           const llvm::SetVector<Operation *> &spanning) {
  llvm::MapVector<Operation *, Interval> found;
  forBuffers(run, [&](BufferOp buffer, int64_t position) {
    if (spanning.contains(buffer))
      return;
    Interval &interval = found[buffer];
    if (!interval.buffer) {
      interval.buffer = buffer;
      interval.bytes = alignedBytes(buffer);
      interval.first = position;
    }
    interval.last = position;
  });
  SmallVector<Interval> intervals;
  for (auto &[op, interval] : found)
    intervals.push_back(interval);
  return intervals;
}

//===----------------------------------------------------------------------===//
// Where they could lie
//===----------------------------------------------------------------------===//

int64_t hybridc::tile::lowerBound(ArrayRef<Interval> intervals) {
  std::map<int64_t, int64_t> change;
  for (const Interval &interval : intervals) {
    change[interval.first] += interval.bytes;
    change[interval.last + 1] -= interval.bytes;
  }
  int64_t now = 0, most = 0;
  for (auto [position, delta] : change)
    most = std::max(most, now += delta);
  return most;
}

/// In textual order, behind the last bytes given (`rotate`) or as low as
/// possible. Intervals must be sorted by first use.
static bool planInOrder(MutableArrayRef<Interval> intervals, int64_t capacity,
                        bool rotate) {
  SmallVector<Interval *> live; // by address
  int64_t cursor = 0;
  for (Interval &interval : intervals) {
    llvm::erase_if(
        live, [&](Interval *other) { return other->last < interval.first; });
    // The gap at or behind `from`, before `limit`.
    auto fit = [&](int64_t from, int64_t limit) -> int64_t {
      int64_t at = from;
      for (Interval *other : live) {
        int64_t end = other->address + other->bytes;
        if (end <= at)
          continue;
        if (other->address >= at + interval.bytes)
          break;
        at = end;
      }
      return at + interval.bytes <= limit ? at : -1;
    };
    int64_t at = fit(rotate ? cursor : 0, capacity);
    if (at < 0 && rotate)
      at = fit(0, capacity);
    if (at < 0)
      return false;
    interval.address = at;
    cursor = at + interval.bytes;
    live.insert(llvm::upper_bound(live, at,
                                  [](int64_t a, Interval *other) {
                                    return a < other->address;
                                  }),
                &interval);
  }
  return true;
}

int64_t hybridc::tile::planBySize(MutableArrayRef<Interval> intervals) {
  SmallVector<Interval *> order;
  for (Interval &interval : intervals)
    order.push_back(&interval);
  llvm::stable_sort(
      order, [](Interval *a, Interval *b) { return a->bytes > b->bytes; });
  int64_t needed = 0;
  SmallVector<Interval *> placed; // by address
  for (Interval *interval : order) {
    int64_t at = 0;
    for (Interval *other : placed) {
      if (!interval->overlapsInTime(*other) ||
          other->address + other->bytes <= at)
        continue;
      if (other->address >= at + interval->bytes)
        break;
      at = other->address + other->bytes;
    }
    interval->address = at;
    needed = std::max(needed, at + interval->bytes);
    placed.insert(llvm::upper_bound(placed, at,
                                    [](int64_t a, Interval *other) {
                                      return a < other->address;
                                    }),
                  interval);
  }
  return needed;
}

int64_t hybridc::tile::planRunOf(MutableArrayRef<Interval> intervals,
                                 int64_t capacity) {
  if (planInOrder(intervals, capacity, /*rotate=*/true) ||
      planInOrder(intervals, capacity, /*rotate=*/false))
    return 0;
  int64_t needed = planBySize(intervals);
  return needed > capacity ? needed : 0;
}

bool hybridc::tile::fitsScratchpad(ModuleOp module, int64_t bytes) {
  for (auto entry : module.getOps<EntryOp>()) {
    auto spanning = spanningBuffers(entry);
    int64_t left = bytes;
    for (Operation *buffer : spanning)
      left -= alignedBytes(cast<BufferOp>(buffer));
    if (failed(forRuns(entry.getBody().front(), [&](auto run) {
          SmallVector<Interval> intervals = intervalsOf(run, spanning);
          return success(left >= 0 && planRunOf(intervals, left) == 0);
        })))
      return false;
  }
  return true;
}
