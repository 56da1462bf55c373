//===- Rules.cpp - What an engine costs, and who may run where ------------===//
#include "Blur.h"

#include "hybridc/Chip/CostRule.h"
#include "hybridc/Dialect/Hyb/Transforms/PlacementRule.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace hybridc;

/// A matrix engine that skips zero activations, of which there are half: named
/// by a chip's `cost_rules: {mac: example-sparse}`.
static void sparse(const chip::Chip &, const chip::Work &, chip::Cost &cost) {
  cost.cycles = std::max<uint64_t>(1, cost.cycles / 2);
  cost.energy_pj[static_cast<unsigned>(chip::Component::Mac)] /= 2;
}

/// What a model answers with is computed exactly.
static std::string keepAnswersDigital(hyb::GroupOp group,
                                      const hyb::Alternative &alternative,
                                      const chip::Chip &) {
  if (alternative.engine != "array")
    return {};
  for (mlir::Operation *user : group->getUsers())
    if (mlir::isa<mlir::func::ReturnOp>(user))
      return "the model answers with it";
  return {};
}

void example::registerRules() {
  chip::registerCostRule("example-sparse", sparse);
  hyb::registerPlacementRule("example-answers", keepAnswersDigital);
}
