//===- CanonicalMaps.cpp - Tidying the inputs of maps ---------------------===//
#include "hybridc/Dialect/Hyb/IR/Commands.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

namespace {

/// Drops inputs that are unused or come twice; moves splat constants inside.
struct TidyInputs : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MapOp map,
                                PatternRewriter &rewriter) const override {
    Block &block = map.getBody().front();
    SmallVector<AffineMap> maps = map.getIndexingMaps();
    llvm::BitVector drop(maps.size());
    rewriter.startOpModification(map);
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(&block);
    for (unsigned i = 0; i < maps.size(); ++i) {
      BlockArgument argument = block.getArgument(i);
      Value input = map.getInputs()[i];
      if (argument.use_empty()) {
        drop.set(i);
        continue;
      }
      for (unsigned j = 0; j < i; ++j)
        if (!drop.test(j) && map.getInputs()[j] == input &&
            maps[j] == maps[i]) {
          rewriter.replaceAllUsesWith(argument, block.getArgument(j));
          drop.set(i);
          break;
        }
      if (drop.test(i))
        continue;
      auto splat = dyn_cast_or_null<SplatElementsAttr>(constantOf(input));
      if (!splat)
        continue;
      Type scalar = argument.getType();
      TypedAttr value;
      if (isa<FloatType>(scalar))
        value = FloatAttr::get(scalar, splat.getSplatValue<APFloat>());
      else
        value = IntegerAttr::get(scalar, splat.getSplatValue<APInt>());
      rewriter.replaceAllUsesWith(
          argument,
          arith::ConstantOp::create(rewriter, map.getLoc(), value).getResult());
      drop.set(i);
    }
    if (drop.none()) {
      rewriter.cancelOpModification(map);
      return rewriter.notifyMatchFailure(
          map, "each input is used, different and no splat");
    }
    SmallVector<Value> inputs;
    SmallVector<AffineMap> kept;
    for (unsigned i = 0; i < maps.size(); ++i)
      if (!drop.test(i)) {
        inputs.push_back(map.getInputs()[i]);
        kept.push_back(maps[i]);
      }
    block.eraseArguments(drop);
    map.getInputsMutable().assign(inputs);
    map.setMapsAttr(rewriter.getAffineMapArrayAttr(kept));
    rewriter.finalizeOpModification(map);
    return success();
  }
};

/// Reads through reshapes that only add or remove dimensions of extent 1.
struct ReadThroughUnitReshape : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MapOp map,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> inputs(map.getInputs());
    SmallVector<AffineMap> maps = map.getIndexingMaps();
    bool changed = false;
    for (unsigned i = 0; i < maps.size(); ++i) {
      auto reshape = inputs[i].getDefiningOp<ReshapeOp>();
      if (!reshape)
        continue;
      // A value of the shape of the result stays as it is, so that a chain
      // of equal shapes remains one and can be fused.
      if (maps[i].isIdentity())
        continue;
      auto dims =
          matchUnitReshape(tensorTypeOf(reshape.getX()), tensorTypeOf(reshape));
      if (!dims)
        continue;
      SmallVector<AffineExpr> exprs;
      for (int64_t dim : *dims)
        exprs.push_back(dim < 0 ? rewriter.getAffineConstantExpr(0)
                                : maps[i].getResult(dim));
      maps[i] =
          AffineMap::get(maps[i].getNumDims(), 0, exprs, rewriter.getContext());
      inputs[i] = reshape.getX();
      changed = true;
    }
    if (!changed)
      return rewriter.notifyMatchFailure(
          map, "no input is a reshape that only adds or removes extents of 1");
    rewriter.modifyOpInPlace(map, [&]() {
      map.getInputsMutable().assign(inputs);
      map.setMapsAttr(rewriter.getAffineMapArrayAttr(maps));
    });
    return success();
  }
};

/// A map that yields an input or a constant as it is.
struct RemoveTrivial : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MapOp map,
                                PatternRewriter &rewriter) const override {
    Value yielded = map.getYielded();
    auto type = cast<RankedTensorType>(map.getType());
    if (auto argument = dyn_cast<BlockArgument>(yielded)) {
      Value input = map.getInputs()[argument.getArgNumber()];
      if (input.getType() != type ||
          !map.getIndexingMaps()[argument.getArgNumber()].isIdentity())
        return rewriter.notifyMatchFailure(
            map, "yields an input in another type or order");
      rewriter.replaceOp(map, input);
      return success();
    }
    auto constant = yielded.getDefiningOp<arith::ConstantOp>();
    if (!constant)
      return rewriter.notifyMatchFailure(map, "computes something");
    DenseElementsAttr value;
    if (auto number = dyn_cast<FloatAttr>(constant.getValue()))
      value = DenseElementsAttr::get(type, number.getValue());
    else if (auto number = dyn_cast<IntegerAttr>(constant.getValue()))
      value = DenseElementsAttr::get(type, number.getValue());
    else
      return rewriter.notifyMatchFailure(
          map, "yields a constant that is not a number");
    rewriter.replaceOpWithNewOp<ConstantOp>(map, value);
    return success();
  }
};

/// Zero on extent-1 dimensions: `d` and `0` mean the same there; one form
/// makes equal inputs look equal.
struct NormalizeMaps : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MapOp map,
                                PatternRewriter &rewriter) const override {
    SmallVector<AffineMap> maps = map.getIndexingMaps();
    auto type = cast<RankedTensorType>(map.getType());
    bool changed = false;
    for (auto [i, input] : llvm::enumerate(map.getInputs())) {
      auto inputType = tensorTypeOf(input);
      if (inputType.getShape() != type.getShape() || maps[i].isIdentity())
        continue;
      bool isIdentity = true;
      for (auto [d, expr] : llvm::enumerate(maps[i].getResults())) {
        auto dim = dyn_cast<AffineDimExpr>(expr);
        isIdentity &= type.getDimSize(d) == 1 ||
                      (dim && dim.getPosition() == static_cast<unsigned>(d));
      }
      if (!isIdentity)
        continue;
      maps[i] = rewriter.getMultiDimIdentityMap(type.getRank());
      changed = true;
    }
    if (!changed)
      return rewriter.notifyMatchFailure(
          map, "no map but the identity is one in effect");
    rewriter.modifyOpInPlace(
        map, [&]() { map.setMapsAttr(rewriter.getAffineMapArrayAttr(maps)); });
    return success();
  }
};

} // namespace

void MapOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                        MLIRContext *context) {
  patterns
      .add<TidyInputs, ReadThroughUnitReshape, RemoveTrivial, NormalizeMaps>(
          context);
}
