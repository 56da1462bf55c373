//===- PlanHomes.cpp - The pass hyb-plan-homes ----------------------------===//
#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/Transforms/Homes.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"
#include "hybridc/Dialect/Refusal.h"
#include "hybridc/Support/OutputFile.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_PLANHOMES
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {
struct PlanHomes : impl::PlanHomesBase<PlanHomes> {
  using PlanHomesBase::PlanHomesBase;

  void runOnOperation() override {
    Operation *module = getOperation();
    auto chip = valueOrRefuse(module, chip::loadChip(target));
    if (failed(chip))
      return signalPassFailure();
    llvm::DenseSet<Operation *> given;
    module->walk([&](GroupOp group) {
      if (group->hasAttr(kHomesAttr) && !none)
        given.insert(group);
    });
    std::string problems;
    module->walk([&](func::FuncOp func) {
      numHomes += planHomes(func, none ? 0 : chip->sram.bytes, given,
                            dump.empty() ? nullptr : &problems);
    });
    if (dump.empty())
      return;
    std::string text = "[\n" + problems + "]\n";
    if (dump == "-") {
      llvm::outs() << text;
      return;
    }
    if (Status status = writeTextFile(dump, text); !status) {
      refuse(module, status.error().code) << status.error().message;
      signalPassFailure();
    }
  }
};
} // namespace
} // namespace hybridc::hyb
