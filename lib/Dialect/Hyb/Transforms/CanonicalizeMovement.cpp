//===- CanonicalizeMovement.cpp - Removes and joins data movement ---------===//
#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_CANONICALIZEMOVEMENT
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {
template <typename... Ops> void addOf(RewritePatternSet &patterns) {
  (Ops::getCanonicalizationPatterns(patterns, patterns.getContext()), ...);
}

struct CanonicalizeMovement
    : impl::CanonicalizeMovementBase<CanonicalizeMovement> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    addOf<MapOp, SliceOp, TransposeOp, ConcatOp, PadOp, ConvOp, GatherOp,
          ReduceOp, PoolOp, PackOp, UnpackOp>(patterns);
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
