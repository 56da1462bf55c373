//===- CanonicalizeMovement.cpp - Removes and joins data movement ---------===//
#include "Patterns.h"

#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_CANONICALIZEMOVEMENT
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {
struct CanonicalizeMovement
    : impl::CanonicalizeMovementBase<CanonicalizeMovement> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateMovementPatterns(patterns);
    populateMapPatterns(patterns);
    GreedyRewriteConfig config;
    // Blocks of scf regions must stay as the importer made them.
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};
} // namespace
} // namespace hybridc::hyb
