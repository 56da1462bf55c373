//===- EngineSummary.cpp - A pass that lives outside of hybridc -----------===//
//
// Counts the groups of a placed model by engine and says so in a remark: a
// small pass that shows what a plug-in needs.
//
//===----------------------------------------------------------------------===//
#include "Blur.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

#include <map>

using namespace mlir;

namespace {
struct EngineSummary : PassWrapper<EngineSummary, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(EngineSummary)

  StringRef getArgument() const final { return "engine-summary"; }
  StringRef getDescription() const final {
    return "Count the groups of a placed model by engine";
  }

  void runOnOperation() override {
    std::map<std::string, int> groups; // sorted: the same text every time
    getOperation().walk([&](hybridc::hyb::GroupOp group) {
      auto place = group.getPlace();
      ++groups[place ? place->getEngine().str() : "unplaced"];
    });
    auto remark = getOperation().emitRemark("groups by engine:");
    for (auto &[engine, count] : groups)
      remark << " " << engine << " " << count;
  }
};
} // namespace

void example::registerEngineSummary() { PassRegistration<EngineSummary>(); }
