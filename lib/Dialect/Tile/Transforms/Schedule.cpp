//===- Schedule.cpp - Commands dealt out to engine queues -----------------===//
#include "hybridc/Chip/Chip.h"
#include "hybridc/Dialect/Hyb/IR/PhaseMark.h"
#include "hybridc/Dialect/Hyb/IR/Refuse.h"
#include "hybridc/Dialect/Refusal.h"
#include "hybridc/Dialect/Tile/Transforms/Passes.h"
#include "hybridc/Stream/CommandSpec.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace hybridc;

namespace hybridc::tile {
#define GEN_PASS_DEF_SCHEDULE
#include "hybridc/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace hybridc::tile

/// The array kind that a command on arrays runs on.
static FailureOr<StringRef> arrayKindOf(tile::DoOp op, SymbolTable &symbols) {
  Attribute named = op.getAttrs().get("array");
  if (auto list = op.getAttrs().getAs<ArrayAttr>("arrays"))
    named = list.empty() ? Attribute() : list[0];
  auto symbol = dyn_cast_or_null<FlatSymbolRefAttr>(named);
  auto array = symbol ? symbols.lookup<tile::ArrayOp>(symbol.getValue())
                      : tile::ArrayOp();
  if (!array)
    return op.emitOpError("names no tile.array");
  return array.getKind();
}

namespace {
struct Schedule : hybridc::tile::impl::ScheduleBase<Schedule> {
  using ScheduleBase::ScheduleBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto chip = valueOrRefuse(module, chip::loadChip(target));
    if (failed(chip))
      return signalPassFailure();
    SymbolTable symbols(module);
    unsigned channels = std::max(1u, chip->dma.channels);
    unsigned loads = channels > 1 ? channels - 1 : 1; // the last one stores
    unsigned nextLoad = 0;
    Builder builder(module.getContext());
    WalkResult result = module.walk([&](tile::DoOp op) -> WalkResult {
      stream::Op code;
      if (!stream::parseOp(op.getCommand(), code))
        return WalkResult::interrupt(); // the op's verifier has said so
      std::string queue;
      switch (stream::specOf(code).engine) {
      case stream::EngineKind::Dma: {
        bool toDram = cast<tile::ViewType>(op.getOuts()[0].getType()).isDram();
        unsigned channel = toDram ? channels - 1 : nextLoad++ % loads;
        queue = ("dma" + Twine(channel)).str();
        break;
      }
      case stream::EngineKind::Array: {
        auto kind = arrayKindOf(op, symbols);
        if (failed(kind))
          return WalkResult::interrupt();
        queue = kind->str();
        break;
      }
      case stream::EngineKind::Mac:
        queue = "mac";
        break;
      case stream::EngineKind::Vec:
        queue = "vec";
        break;
      case stream::EngineKind::Ctl:
        queue = "ctl";
        break;
      }
      op.setQueueAttr(builder.getStringAttr(queue));
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    hyb::markPhase(module, "schedule");
  }
};
} // namespace
