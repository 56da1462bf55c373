//===- FindBlur.cpp - Means of a window become example.blur ---------------===//
#include "Blur.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace hybridc;
using namespace example;

namespace {
struct MeanToBlur : OpRewritePattern<hyb::PoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(hyb::PoolOp pool,
                                PatternRewriter &rewriter) const override {
    auto isOne = [](int64_t v) { return v == 1; };
    ArrayRef<int64_t> window = pool.getWindow();
    if (pool.getKind() != hyb::PoolKind::Mean || window.size() != 4 ||
        window[0] != 1 || window[1] != 1 || window[2] != window[3] ||
        window[2] % 2 == 0 || !pool.getCountPad())
      return rewriter.notifyMatchFailure(pool, "no mean of a square");
    if (!llvm::all_of(pool.getStrides(), isOne) ||
        !llvm::all_of(pool.getDilations(), isOne) ||
        pool.getX().getType() != pool.getType())
      return rewriter.notifyMatchFailure(pool, "not around each pixel");
    int64_t r = window[2] / 2;
    if (pool.getPads() != ArrayRef<int64_t>({0, 0, r, r, 0, 0, r, r}))
      return rewriter.notifyMatchFailure(pool, "the window is off centre");
    rewriter.replaceOpWithNewOp<BlurOp>(pool, pool.getX(), r);
    return success();
  }
};

struct FindBlur : PassWrapper<FindBlur, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FindBlur)

  StringRef getArgument() const final { return "example-find-blur"; }
  StringRef getDescription() const final {
    return "Rewrite means around each pixel to example.blur";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<ExampleDialect>();
  }

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<MeanToBlur>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace

void example::registerFindBlur() { PassRegistration<FindBlur>(); }
