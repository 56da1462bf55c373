//===- Allocate.cpp - Addresses for buffers -------------------------------===//
//
// Scratchpad: a run of groups between branches and loops is planned by itself,
// in textual order, above the buffers that several runs of an entry use. A
// buffer takes bytes behind the last one given (next fit), so that bytes rest
// as long as possible before they are written again and tiles overlap; where
// that fragments too much, the lowest fit is tried, then a packing by size.
// DRAM: constants and the entry's edges have bytes of their own; scratch is
// packed by size over whole groups (a loop counts as one).
//
//===----------------------------------------------------------------------===//
#include "hybridc/Chip/Chip.h"
#include "hybridc/Dialect/Hyb/IR/PhaseMark.h"
#include "hybridc/Dialect/Hyb/IR/Refuse.h"
#include "hybridc/Dialect/Refusal.h"
#include "hybridc/Dialect/Tile/IR/Facts.h"
#include "hybridc/Dialect/Tile/Transforms/Passes.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace hybridc;

namespace hybridc::tile {
#define GEN_PASS_DEF_ALLOCATE
#include "hybridc/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace hybridc::tile

static constexpr int64_t kAlign = 64;

namespace {
/// A buffer's bytes and the positions between which it is used.
struct Interval {
  tile::BufferOp buffer;
  int64_t bytes = 0;
  int64_t first = 0, last = 0;
  int64_t address = -1;

  bool overlapsInTime(const Interval &other) const {
    return first <= other.last && other.first <= last;
  }
};
} // namespace

/// Largest sum of bytes in use at one position: no plan can do with less.
static int64_t lowerBound(ArrayRef<Interval> intervals) {
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

/// Largest first, each at its lowest address without a conflict. Returns the
/// bytes that are needed.
static int64_t planBySize(MutableArrayRef<Interval> intervals) {
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

/// Each behind the other. Returns the bytes that are needed.
static int64_t planWithoutReuse(MutableArrayRef<Interval> intervals,
                                int64_t start) {
  for (Interval &interval : intervals) {
    interval.address = start;
    start += interval.bytes;
  }
  return start;
}

namespace {
struct Allocate : hybridc::tile::impl::AllocateBase<Allocate> {
  using AllocateBase::AllocateBase;

  int64_t sramUsed = 0, sramBound = 0;
  /// Of the entry at hand: scratchpad buffers that several runs use, in the
  /// order of their first command; their bytes, at the bottom of the
  /// scratchpad, belong to nobody else.
  llvm::SetVector<Operation *> spanning;
  int64_t reserved = 0;

  /// Calls `each` with the runs of a block and of the blocks inside of it.
  static LogicalResult
  forRuns(Block &block,
          function_ref<LogicalResult(ArrayRef<Operation *>)> each) {
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

  /// The scratchpad buffers that commands of a run use.
  static void forBuffers(ArrayRef<Operation *> run,
                         function_ref<void(tile::BufferOp)> each) {
    for (Operation *op : run)
      op->walk([&](tile::DoOp command) {
        for (Value operand : command->getOperands()) {
          auto buffer = dyn_cast_or_null<tile::BufferOp>(tile::rootOf(operand));
          if (buffer && !buffer.getView().getType().isDram())
            each(buffer);
        }
      });
  }

  static int64_t alignedBytes(tile::BufferOp buffer) {
    return llvm::alignTo(
        std::max<int64_t>(buffer.getView().getType().getDenseBytes(), 1),
        kAlign);
  }

  /// Text by hand may keep values in the scratchpad from one run to the next.
  void reserveSpanning(tile::EntryOp entry) {
    spanning.clear();
    reserved = 0;
    llvm::MapVector<Operation *, int64_t> firstRun;
    int64_t number = 0;
    (void)forRuns(entry.getBody().front(), [&](ArrayRef<Operation *> run) {
      forBuffers(run, [&](tile::BufferOp buffer) {
        if (firstRun.insert({buffer, number}).first->second != number)
          spanning.insert(buffer);
      });
      ++number;
      return success();
    });
    Builder builder(&getContext());
    for (Operation *op : spanning) {
      auto buffer = cast<tile::BufferOp>(op);
      buffer.setAddressAttr(builder.getI64IntegerAttr(reserved));
      reserved += alignedBytes(buffer);
    }
    sramUsed = std::max(sramUsed, reserved);
    sramBound = std::max(sramBound, reserved);
  }

  /// Plans the scratchpad for the groups of one straight run.
  LogicalResult planRun(ArrayRef<Operation *> run, int64_t capacity) {
    llvm::MapVector<Operation *, Interval> found;
    int64_t position = 0;
    for (Operation *op : run)
      op->walk([&](tile::DoOp command) {
        ++position;
        for (Value operand : command->getOperands()) {
          auto buffer = dyn_cast_or_null<tile::BufferOp>(tile::rootOf(operand));
          if (!buffer || buffer.getView().getType().isDram() ||
              spanning.contains(buffer))
            continue;
          Interval &interval = found[buffer];
          if (!interval.buffer) {
            interval.buffer = buffer;
            interval.bytes = alignedBytes(buffer);
            interval.first = position;
          }
          interval.last = position;
        }
      });
    SmallVector<Interval> intervals;
    for (auto &[op, interval] : found)
      intervals.push_back(interval);
    if (intervals.empty())
      return success();
    int64_t bound = reserved + lowerBound(intervals);
    sramBound = std::max(sramBound, bound);
    capacity -= reserved;
    if (noReuse) {
      sramUsed = planWithoutReuse(intervals, sramUsed);
    } else if (!planInOrder(intervals, capacity, /*rotate=*/true) &&
               !planInOrder(intervals, capacity, /*rotate=*/false)) {
      int64_t needed = planBySize(intervals);
      if (needed > capacity)
        return hyb::refuseTooLarge(run[0])
               << "from here on " << needed + reserved
               << " bytes of scratchpad are needed, the chip has "
               << capacity + reserved;
    }
    Builder builder(&getContext());
    for (Interval &interval : intervals) {
      // Without reuse, addresses go on from the last run's.
      if (!noReuse)
        interval.address += reserved;
      interval.buffer.setAddressAttr(
          builder.getI64IntegerAttr(interval.address));
      sramUsed = std::max(sramUsed, interval.address + interval.bytes);
    }
    return success();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto chip = valueOrRefuse(module, chip::loadChip(target));
    if (failed(chip))
      return signalPassFailure();
    Builder builder(&getContext());
    int64_t address = 0;
    auto place = [&](Operation *op, tile::ViewType type) {
      op->setAttr("address", builder.getI64IntegerAttr(address));
      address +=
          llvm::alignTo(std::max<int64_t>(type.getDenseBytes(), 1), kAlign);
    };
    llvm::MapVector<Operation *, Interval> scratch;
    for (Operation &op : module.getBody()->getOperations()) {
      if (auto constant = dyn_cast<tile::ConstantOp>(op))
        place(&op, constant.getView().getType());
      auto buffer = dyn_cast<tile::BufferOp>(op);
      if (!buffer)
        continue;
      if (buffer.getKind() != "scratch") {
        place(&op, buffer.getView().getType());
        continue;
      }
      Interval &interval = scratch[&op];
      interval.buffer = buffer;
      interval.bytes = llvm::alignTo(
          std::max<int64_t>(buffer.getView().getType().getDenseBytes(), 1),
          kAlign);
      interval.first = -1;
    }
    int64_t position = 0;
    for (auto entry : module.getOps<tile::EntryOp>())
      for (Operation &op : entry.getBody().front()) {
        ++position;
        op.walk([&](Operation *user) {
          for (Value operand : user->getOperands()) {
            auto it = isa<tile::ViewType>(operand.getType())
                          ? scratch.find(tile::rootOf(operand))
                          : scratch.end();
            if (it == scratch.end())
              continue;
            if (it->second.first < 0)
              it->second.first = position;
            it->second.last = position;
          }
        });
      }
    SmallVector<Interval> intervals;
    for (auto &[op, interval] : scratch)
      intervals.push_back(interval);
    int64_t scratchBytes =
        noReuse ? planWithoutReuse(intervals, 0) : planBySize(intervals);
    for (Interval &interval : intervals)
      interval.buffer.setAddressAttr(
          builder.getI64IntegerAttr(address + interval.address));
    if (address + scratchBytes > static_cast<int64_t>(chip->dram.bytes)) {
      hyb::refuseTooLarge(module)
          << "weights, inputs, outputs and activations need "
          << address + scratchBytes << " bytes of DRAM, chip '" << chip->name
          << "' has " << chip->dram.bytes
          << "; a smaller --dim or another --target would help";
      return signalPassFailure();
    }
    for (auto entry : module.getOps<tile::EntryOp>()) {
      reserveSpanning(entry);
      if (failed(forRuns(entry.getBody().front(), [&](auto run) {
            return planRun(run, static_cast<int64_t>(chip->sram.bytes));
          })))
        return signalPassFailure();
    }
    hyb::markPhase(module, "allocate");
    module->setAttr(tile::kScratchAddressAttr,
                    builder.getI64IntegerAttr(address));
    module->setAttr(tile::kScratchBytesAttr,
                    builder.getI64IntegerAttr(scratchBytes));
    module->setAttr(tile::kSramBytesAttr, builder.getI64IntegerAttr(sramUsed));
    module->setAttr(tile::kSramLowerBoundAttr,
                    builder.getI64IntegerAttr(sramBound));
  }
};
} // namespace
