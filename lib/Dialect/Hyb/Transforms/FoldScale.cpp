//===- FoldScale.cpp - Moves channel scales into constant weights ---------===//
#include "MergeMaps.h"

#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_FOLDSCALE
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {

/// Constant weights of a contraction, and where its output channels are.
struct Weights {
  OpOperand *operand = nullptr;
  int64_t weightDim = 0, resultDim = 0;
};

std::optional<Weights> weightsOf(Operation *op) {
  auto contraction = dyn_cast<ContractionOpInterface>(op);
  if (!contraction)
    return std::nullopt;
  ChannelDims channels = contraction.getChannelDims();
  if (channels.isBlocked || channels.repeats != 1)
    return std::nullopt;
  Weights weights{&op->getOpOperand(1), channels.weights, channels.result};
  Type element = tensorTypeOf(weights.operand->get()).getElementType();
  if (!constantOf(weights.operand->get()) ||
      !(element.isF32() || element.isF64()) ||
      tensorTypeOf(op->getResult(0)).getElementType() != element)
    return std::nullopt;
  return weights;
}

/// One step of the chain from the contraction's result: value ∘ other.
struct Step {
  Operation *op;
  Value other; ///< null for a negation
  bool otherIsLeft;
};

/// The chain of additions and multiplications that a value goes through first.
struct Chain {
  SmallVector<Step> steps;
  size_t keep = 0; ///< steps up to the last scale
  Value end;       ///< what comes out of all steps
};

struct FoldScale : impl::FoldScaleBase<FoldScale> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isContraction(op) && !isa<GroupOp>(op->getParentOp()))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      // Conv, BatchNormalization, then another scale: one at a time.
      while (succeeded(fold(op)))
        ++numFolded;
  }

  LogicalResult fold(Operation *op);
  Chain chainOf(MapOp map, unsigned input, int64_t channel);
  MapOp mergedWithScale(MapOp map, int64_t channel);
  bool isChannelConstant(MapOp map, Value value, int64_t channel);
  Value buildPerChannel(OpBuilder &builder, MapOp map, ArrayRef<Step> steps,
                        int64_t channel, bool scale);
};

/// Depends on constants only, which differ along the channels at most.
bool FoldScale::isChannelConstant(MapOp map, Value value, int64_t channel) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    unsigned i = argument.getArgNumber();
    return constantOf(map.getInputs()[i]) &&
           llvm::all_of(map.getIndexingMaps()[i].getResults(),
                        [&](AffineExpr expr) {
                          auto dim = dyn_cast<AffineDimExpr>(expr);
                          return !dim || dim.getPosition() ==
                                             static_cast<unsigned>(channel);
                        });
  }
  Operation *op = value.getDefiningOp();
  return !isa<IndexOp>(op) && llvm::all_of(op->getOperands(), [&](Value v) {
    return isChannelConstant(map, v, channel);
  });
}

/// A map over the channels that computes a (or b) of the chain a * y + b.
Value FoldScale::buildPerChannel(OpBuilder &builder, MapOp map,
                                 ArrayRef<Step> steps, int64_t channel,
                                 bool scale) {
  auto type = cast<RankedTensorType>(map.getType());
  Block &block = map.getBody().front();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  SmallVector<BlockArgument> used;
  for (auto [argument, input, old] : llvm::zip(
           block.getArguments(), map.getInputs(), map.getIndexingMaps())) {
    if (!isChannelConstant(map, argument, channel))
      continue;
    SmallVector<AffineExpr> exprs;
    for (AffineExpr expr : old.getResults())
      exprs.push_back(isa<AffineDimExpr>(expr)
                          ? builder.getAffineDimExpr(0)
                          : builder.getAffineConstantExpr(0));
    inputs.push_back(input);
    used.push_back(argument);
    maps.push_back(AffineMap::get(1, 0, exprs, builder.getContext()));
  }
  Type element = type.getElementType();
  auto channels = RankedTensorType::get({type.getDimSize(channel)}, element);
  return MapOp::create(
      builder, map.getLoc(), channels, inputs, maps,
      [&](OpBuilder &body, Location loc, ValueRange arguments) -> Value {
        IRMapping mapping;
        for (auto [argument, value] : llvm::zip(used, arguments))
          mapping.map(argument, value);
        for (Operation &op : block.without_terminator())
          if (!isa<IndexOp>(op) && llvm::all_of(op.getResults(), [&](Value v) {
                return isChannelConstant(map, v, channel);
              }))
            body.clone(op, mapping);
        auto number = [&](double value) -> Value {
          return arith::ConstantOp::create(body, loc,
                                           body.getFloatAttr(element, value));
        };
        Value a = number(1), b = number(0);
        for (const Step &step : steps) {
          Value other =
              step.other ? mapping.lookupOrDefault(step.other) : Value();
          if (isa<arith::AddFOp>(step.op)) {
            b = arith::AddFOp::create(body, loc, b, other);
          } else if (isa<arith::SubFOp>(step.op) && !step.otherIsLeft) {
            b = arith::SubFOp::create(body, loc, b, other);
          } else if (isa<arith::SubFOp>(step.op)) {
            a = arith::NegFOp::create(body, loc, a);
            b = arith::SubFOp::create(body, loc, other, b);
          } else if (isa<arith::NegFOp>(step.op)) {
            a = arith::NegFOp::create(body, loc, a);
            b = arith::NegFOp::create(body, loc, b);
          } else if (isa<arith::MulFOp>(step.op)) {
            a = arith::MulFOp::create(body, loc, a, other);
            b = arith::MulFOp::create(body, loc, b, other);
          } else {
            a = arith::DivFOp::create(body, loc, a, other);
            b = arith::DivFOp::create(body, loc, b, other);
          }
        }
        return scale ? a : b;
      });
}

Chain FoldScale::chainOf(MapOp map, unsigned input, int64_t channel) {
  Chain chain;
  Value y = map.getBody().front().getArgument(input);
  while (y.hasOneUse()) {
    Operation *user = *y.user_begin();
    Step step{user, {}, false};
    if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp>(user)) {
      step.otherIsLeft = user->getOperand(1) == y;
      step.other = user->getOperand(step.otherIsLeft ? 0 : 1);
      if (!isChannelConstant(map, step.other, channel) ||
          (isa<arith::DivFOp>(user) && step.otherIsLeft))
        break;
    } else if (!isa<arith::NegFOp>(user)) {
      break;
    }
    chain.steps.push_back(step);
    y = user->getResult(0);
    // Additions after the last scale are as cheap where they are, but merged
    // into the shift they cost nothing.
    if (isa<arith::MulFOp, arith::DivFOp>(user))
      chain.keep = chain.steps.size();
  }
  chain.end = y;
  return chain;
}

/// The map merged with the one that alone reads it, if that begins with a
/// scale; else null.
MapOp FoldScale::mergedWithScale(MapOp map, int64_t channel) {
  Value result = map.getResult();
  if (!result.hasOneUse())
    return {};
  auto next = dyn_cast<MapOp>(*result.user_begin());
  if (!next || next.getType() != map.getType() ||
      next->getBlock() != map->getBlock())
    return {};
  unsigned input = result.use_begin()->getOperandNumber();
  if (!next.getIndexingMaps()[input].isIdentity() ||
      chainOf(next, input, channel).keep == 0)
    return {};
  return mergeMaps(map, next);
}

LogicalResult FoldScale::fold(Operation *op) {
  std::optional<Weights> weights = weightsOf(op);
  Value result = op->getResult(0);
  if (!weights || !result.hasOneUse())
    return failure();
  auto map = dyn_cast<MapOp>(*result.user_begin());
  if (!map || map.getType() != result.getType() ||
      map->getBlock() != op->getBlock())
    return failure();
  unsigned input = result.use_begin()->getOperandNumber();
  if (!map.getIndexingMaps()[input].isIdentity())
    return failure();
  int64_t channel = weights->resultDim;

  Chain chain = chainOf(map, input, channel);
  if (chain.keep == 0) {
    // A convolution's own bias may stand between.
    MapOp merged =
        chain.end == map.getYielded() ? mergedWithScale(map, channel) : MapOp();
    return merged ? fold(op) : failure();
  }
  SmallVector<Step> &steps = chain.steps;

  OpBuilder builder(op);
  // Constants that come after the contraction move up to it; others stay, as
  // what stands in between may read them, too.
  for (Value input : map.getInputs())
    if (Operation *constant = input.getDefiningOp();
        constantOf(input) && constant->getBlock() == op->getBlock() &&
        op->isBeforeInBlock(constant))
      constant->moveBefore(op);
  bool hasShift = llvm::any_of(steps, [](const Step &step) {
    return isa<arith::AddFOp, arith::SubFOp>(step.op);
  });
  Value scale = buildPerChannel(builder, map, steps, channel, true);
  Value shift;
  if (hasShift)
    shift = buildPerChannel(builder, map, steps, channel, false);

  auto weightType = tensorTypeOf(weights->operand->get());
  int64_t rank = weightType.getRank();
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  AffineMap perChannel =
      AffineMap::get(rank, 0, builder.getAffineDimExpr(weights->weightDim));
  weights->operand->set(MapOp::create(
      builder, map.getLoc(), weightType, {weights->operand->get(), scale},
      {identity, perChannel},
      [](OpBuilder &body, Location loc, ValueRange arguments) -> Value {
        return arith::MulFOp::create(body, loc, arguments[0], arguments[1]);
      }));

  Value old = steps.back().op->getResult(0);
  Block &block = map.getBody().front();
  Value start = block.getArgument(input);
  if (hasShift) {
    int64_t mapRank = cast<RankedTensorType>(map.getType()).getRank();
    SmallVector<AffineMap> maps = map.getIndexingMaps();
    maps.push_back(
        AffineMap::get(mapRank, 0, builder.getAffineDimExpr(channel)));
    map.getInputsMutable().append(shift);
    map.setMapsAttr(builder.getAffineMapArrayAttr(maps));
    Value argument = block.addArgument(start.getType(), map.getLoc());
    builder.setInsertionPointAfter(steps.back().op);
    start = arith::AddFOp::create(builder, map.getLoc(), start, argument);
  }
  old.replaceAllUsesWith(start);
  for (const Step &step : llvm::reverse(steps))
    step.op->erase();
  op->setLoc(builder.getFusedLoc({op->getLoc(), map.getLoc()}));
  return success();
}

} // namespace
} // namespace hybridc::hyb
