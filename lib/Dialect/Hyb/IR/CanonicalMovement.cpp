//===- CanonicalMovement.cpp - Joining and removing data movement ---------===//
#include "hybridc/Dialect/Hyb/IR/Utils.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

namespace {

struct ComposeSlices : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SliceOp outer,
                                PatternRewriter &rewriter) const override {
    auto inner = outer.getX().getDefiningOp<SliceOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(outer, "not a slice of a slice");
    SmallVector<int64_t> offsets, steps;
    for (auto [o1, s1, o2, s2] :
         llvm::zip(inner.getOffsets(), inner.getSteps(), outer.getOffsets(),
                   outer.getSteps())) {
      offsets.push_back(o1 + s1 * o2);
      steps.push_back(s1 * s2);
    }
    // One element: any step, so take the plainest.
    for (auto [d, extent] :
         llvm::enumerate(tensorTypeOf(outer.getResult()).getShape()))
      if (extent <= 1)
        steps[d] = 1;
    rewriter.replaceOpWithNewOp<SliceOp>(outer, outer.getType(), inner.getX(),
                                         offsets, steps);
    return success();
  }
};

/// The order of the dimensions that have more than one element is kept.
struct TransposeToReshape : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto x = tensorTypeOf(op.getX());
    int64_t last = -1;
    for (int64_t from : op.getPerm()) {
      if (x.getDimSize(from) == 1)
        continue;
      if (from < last)
        return rewriter.notifyMatchFailure(
            op, "moves dimensions that have more than one element");
      last = from;
    }
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), op.getX());
    return success();
  }
};

/// Splat constants have no order.
template <typename MoveOp> struct MoveSplat : OpRewritePattern<MoveOp> {
  using OpRewritePattern<MoveOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(MoveOp op,
                                PatternRewriter &rewriter) const override {
    auto splat = dyn_cast_or_null<SplatElementsAttr>(constantOf(op.getX()));
    if (!splat)
      return rewriter.notifyMatchFailure(op, "not one value everywhere");
    rewriter.replaceOpWithNewOp<ConstantOp>(
        op, splat.resizeSplat(cast<ShapedType>(op.getType())));
    return success();
  }
};

/// concat(concat(a, b), c) along one axis; inputs without elements.
struct FlattenConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> inputs;
    bool changed = false;
    for (Value input : op.getInputs()) {
      auto inner = input.getDefiningOp<ConcatOp>();
      if (inner && inner.getAxis() == op.getAxis() && inner->hasOneUse()) {
        llvm::append_range(inputs, inner.getInputs());
        changed = true;
      } else if (tensorTypeOf(input).getDimSize(op.getAxis()) == 0 &&
                 op.getInputs().size() > 1) {
        changed = true;
      } else {
        inputs.push_back(input);
      }
    }
    if (!changed || inputs.empty())
      return rewriter.notifyMatchFailure(
          op, "no inner concat along the axis, no empty input");
    rewriter.replaceOpWithNewOp<ConcatOp>(op, op.getType(), inputs,
                                          op.getAxis());
    return success();
  }
};

struct RemoveEmptyPad : OpRewritePattern<PadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PadOp op,
                                PatternRewriter &rewriter) const override {
    auto isZero = [](int64_t amount) { return amount == 0; };
    if (!llvm::all_of(op.getLow(), isZero) ||
        !llvm::all_of(op.getHigh(), isZero))
      return rewriter.notifyMatchFailure(op, "pads something");
    rewriter.replaceOp(op, op.getX());
    return success();
  }
};

/// Zeros around the image are the convolution's own padding.
struct PadIntoConv : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvOp conv,
                                PatternRewriter &rewriter) const override {
    auto pad = conv.getX().getDefiningOp<PadOp>();
    if (!pad || conv.getXBlock())
      return rewriter.notifyMatchFailure(
          conv, "the input is not padded, or is blocked");
    bool isZero = false;
    if (auto value = dyn_cast<FloatAttr>(pad.getValue()))
      isZero = value.getValue().isZero();
    else if (auto value = dyn_cast<IntegerAttr>(pad.getValue()))
      isZero = value.getValue().getSExtValue() ==
               static_cast<int64_t>(conv.getXZero());
    int64_t spatial = conv.getStrides().size();
    auto touches = [&](int64_t d) {
      return pad.getLow()[d] || pad.getHigh()[d];
    };
    if (!isZero || touches(0) || touches(1))
      return rewriter.notifyMatchFailure(
          conv, "does not pad with zeros, or pads batch or channels");
    SmallVector<int64_t> pads(conv.getPads());
    for (int64_t d = 0; d < spatial; ++d) {
      int64_t low = pad.getLow()[2 + d], high = pad.getHigh()[2 + d];
      if (low < 0 || high < 0)
        return rewriter.notifyMatchFailure(conv, "cuts off instead of padding");
      pads[d] += low;
      pads[spatial + d] += high;
    }
    rewriter.modifyOpInPlace(conv, [&]() {
      conv.getXMutable().assign(pad.getX());
      conv.setPads(pads);
    });
    return success();
  }
};

/// Constant indices that count evenly pick a slice.
struct GatherToSlice : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GatherOp op,
                                PatternRewriter &rewriter) const override {
    auto indices = integersOf(constantOf(op.getIndices()), 4096);
    auto data = tensorTypeOf(op.getData());
    int64_t axis = op.getAxis(), extent = data.getDimSize(axis);
    if (!indices || indices->empty() ||
        tensorTypeOf(op.getIndices()).getRank() > 1)
      return rewriter.notifyMatchFailure(op,
                                         "not a vector of constant indices");
    for (int64_t &index : *indices) {
      if (index < 0)
        index += extent;
      // Left to the kernel, which reports it.
      if (index < 0 || index >= extent)
        return rewriter.notifyMatchFailure(
            op, "an index out of range, which the kernel reports");
    }
    int64_t step = indices->size() > 1 ? (*indices)[1] - (*indices)[0] : 1;
    if (step == 0)
      return rewriter.notifyMatchFailure(op, "the same index again and again");
    for (size_t i = 1; i < indices->size(); ++i)
      if ((*indices)[i] - (*indices)[i - 1] != step)
        return rewriter.notifyMatchFailure(op, "indices are not evenly spaced");
    SmallVector<int64_t> offsets(data.getRank(), 0), steps(data.getRank(), 1);
    SmallVector<int64_t> shape(data.getShape());
    offsets[axis] = indices->front();
    steps[axis] = step;
    shape[axis] = indices->size();
    Value slice =
        SliceOp::create(rewriter, op.getLoc(),
                        RankedTensorType::get(shape, data.getElementType()),
                        op.getData(), offsets, steps);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), slice);
    return success();
  }
};

/// Reductions over extents of 1 that leave every element as it is.
struct RemoveTrivialReduce : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReduceOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getType() != op.getX().getType() ||
        op.getKind() == ReduceKind::ArgMax ||
        op.getKind() == ReduceKind::ArgMin)
      return rewriter.notifyMatchFailure(
          op, "changes the shape, or asks for a position");
    rewriter.replaceOp(op, op.getX());
    return success();
  }
};

struct RemoveTrivialPool : OpRewritePattern<PoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PoolOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getType() != op.getX().getType() ||
        !llvm::all_of(op.getWindow(), [](int64_t w) { return w == 1; }) ||
        !llvm::all_of(op.getPads(), [](int64_t p) { return p == 0; }))
      return rewriter.notifyMatchFailure(
          op, "its window or padding is not trivial");
    rewriter.replaceOp(op, op.getX());
    return success();
  }
};

/// Packing what was just unpacked (and the reverse) changes nothing, when no
/// padding was cut off on the way.
struct CancelPack : OpRewritePattern<PackOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PackOp op,
                                PatternRewriter &rewriter) const override {
    auto unpack = op.getX().getDefiningOp<UnpackOp>();
    if (!unpack || unpack.getX().getType() != op.getType() ||
        unpack.getDims() != op.getDims() ||
        unpack.getBlocks() != op.getBlocks())
      return rewriter.notifyMatchFailure(op, "not the reverse of an unpack");
    auto plain = tensorTypeOf(op.getX());
    for (auto [dim, block] : llvm::zip(op.getDims(), op.getBlocks()))
      if (plain.getDimSize(dim) % block)
        return rewriter.notifyMatchFailure(op, "padding was cut off between");
    rewriter.replaceOp(op, unpack.getX());
    return success();
  }
};

struct CancelUnpack : OpRewritePattern<UnpackOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(UnpackOp op,
                                PatternRewriter &rewriter) const override {
    auto pack = op.getX().getDefiningOp<PackOp>();
    if (!pack || pack.getX().getType() != op.getType() ||
        pack.getDims() != op.getDims() || pack.getBlocks() != op.getBlocks())
      return rewriter.notifyMatchFailure(op, "not the reverse of a pack");
    rewriter.replaceOp(op, pack.getX());
    return success();
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// By op
//===----------------------------------------------------------------------===//

void SliceOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<ComposeSlices, MoveSplat<SliceOp>>(context);
}

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<TransposeToReshape, MoveSplat<TransposeOp>>(context);
}

void ConcatOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<FlattenConcat>(context);
}

void PadOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                        MLIRContext *context) {
  patterns.add<RemoveEmptyPad>(context);
}

void ConvOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<PadIntoConv>(context);
}

void GatherOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<GatherToSlice>(context);
}

void ReduceOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<RemoveTrivialReduce>(context);
}

void PoolOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<RemoveTrivialPool>(context);
}

void PackOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<CancelPack>(context);
}

void UnpackOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<CancelUnpack>(context);
}
