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
#include "Scratchpad.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Dialect/Hyb/IR/PhaseMark.h"
#include "hybridc/Dialect/Hyb/IR/Refuse.h"
#include "hybridc/Dialect/Refusal.h"
#include "hybridc/Dialect/Tile/IR/Facts.h"
#include "hybridc/Dialect/Tile/Transforms/Passes.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::tile;

namespace hybridc::tile {
#define GEN_PASS_DEF_ALLOCATE
#include "hybridc/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace hybridc::tile

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

  /// Text by hand may keep values in the scratchpad from one run to the next.
  void reserveSpanning(tile::EntryOp entry) {
    spanning = spanningBuffers(entry);
    reserved = 0;
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
    SmallVector<Interval> intervals = intervalsOf(run, spanning);
    if (intervals.empty())
      return success();
    int64_t bound = reserved + lowerBound(intervals);
    sramBound = std::max(sramBound, bound);
    capacity -= reserved;
    if (noReuse) {
      sramUsed = planWithoutReuse(intervals, sramUsed);
    } else if (int64_t needed = planRunOf(intervals, capacity)) {
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
