//===- Precision.cpp - Converts each group to its format ------------------===//
#include "Evaluate.h"
#include "Int8.h"

#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/PhaseMark.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/Transforms/Alternatives.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"
#include "hybridc/Dialect/Refusal.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_PRECISION
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {

/// Adds a value from outside to a group; gives the argument inside.
Value addInput(GroupOp group, Value value) {
  for (auto [input, argument] :
       llvm::zip(group.getInputs(), group.getBlock().getArguments()))
    if (input == value)
      return argument;
  group.getInputsMutable().append(value);
  return group.getBlock().addArgument(value.getType(), value.getLoc());
}

/// Inputs that the inside no longer reads.
void dropUnusedInputs(GroupOp group) {
  Block &block = group.getBlock();
  for (unsigned i = block.getNumArguments(); i-- > 0;)
    if (block.getArgument(i).use_empty()) {
      block.eraseArgument(i);
      group.getInputsMutable().erase(i);
    }
}

struct Precision : impl::PrecisionBase<Precision> {
  using PrecisionBase::PrecisionBase;

  void runOnOperation() override {
    SmallVector<GroupOp> groups;
    getOperation()->walk([&](GroupOp group) { groups.push_back(group); });
    for (GroupOp group : groups)
      if (failed(convert(group)))
        return signalPassFailure();
    // Weights in the formats that nobody reads any more.
    getOperation()->walk([](ConstantOp constant) {
      if (constant->use_empty())
        constant->erase();
    });
    markPhase(getOperation(), "precision");
  }

  LogicalResult convert(GroupOp group) {
    PlaceAttr place = group.getPlace().value_or(PlaceAttr());
    if (!place)
      return refuse(group, ExitCode::Internal)
             << nodePrefix(group) << "has no place; run hyb-partition first";
    LogicalResult result = success();
    if (place.getEngine() == "array") {
      setInputRange(group);
    } else if (place.getEngine() == "mac") {
      SmallVector<Operation *> contractions;
      for (Operation &op : group.getBlock())
        if (isContraction(&op) &&
            tensorTypeOf(op.getOperand(0)).getElementType().isF32())
          contractions.push_back(&op);
      for (Operation *op : contractions) {
        if (place.getFormat() == "bf16")
          toBf16(group, op);
        else if (place.getFormat() == "i8")
          result = toInt8(group, op);
        if (failed(result))
          return result;
      }
    }
    // Ranges are those of the inputs before; they no longer apply.
    group->removeAttr(kRangesAttr);
    dropUnusedInputs(group);
    return success();
  }

  void setInputRange(GroupOp group) {
    double largest = 0;
    if (Operation *op = group.getContraction())
      if (auto range = rangeOf(group, op->getOperand(0)))
        largest = std::max(std::abs(range->first), std::abs(range->second));
    group->setAttr(kInputRangeAttr,
                   Builder(&getContext()).getF64FloatAttr(largest));
  }

  /// An operand rounded to bf16: a constant at once, else by a map inside.
  Value narrow(GroupOp group, Operation *op, Value value) {
    auto type = tensorTypeOf(value);
    auto create = [&](OpBuilder &builder, Value from) {
      return MapOp::create(
          builder, op->getLoc(), withElement(type, builder.getBF16Type()),
          {from}, {builder.getMultiDimIdentityMap(type.getRank())},
          [](OpBuilder &body, Location loc, ValueRange v) -> Value {
            return arith::TruncFOp::create(body, loc, body.getBF16Type(), v[0]);
          });
    };
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      Value outside = group.getInputs()[argument.getArgNumber()];
      if (ElementsAttr constant = constantOf(outside)) {
        OpBuilder builder(group);
        MapOp map = create(builder, outside);
        Evaluation evaluation = evaluate(map, {constant});
        if (evaluation.results.size() == 1) {
          map->erase();
          return addInput(group, ConstantOp::create(builder, op->getLoc(),
                                                    evaluation.results[0]));
        }
        map->erase();
      }
    }
    OpBuilder builder(op);
    return create(builder, value);
  }

  void toBf16(GroupOp group, Operation *op) {
    Value x = narrow(group, op, op->getOperand(0));
    Value w = op->getOperand(1) == op->getOperand(0)
                  ? x
                  : narrow(group, op, op->getOperand(1));
    op->setOperand(0, x);
    op->setOperand(1, w);
    ++numBf16;
  }

  LogicalResult toInt8(GroupOp group, Operation *op) {
    auto fail = [&](ExitCode code) {
      return refuse(group, code) << nodePrefix(group);
    };
    auto range = rangeOf(group, op->getOperand(0));
    if (!range)
      return fail(ExitCode::Unsupported)
             << "int8 needs the range of its input; calibrate with "
                "--calibrate FILE.npz";
    Gemm gemm = cast<ContractionOpInterface>(op).getGemm();
    if (gemm.k > kMostInt8Products)
      return fail(ExitCode::Unsupported)
             << "sums of " << gemm.k
             << " int8 products can exceed 32 bits; --set-precision NODE=bf16 "
                "would help";
    auto argument = dyn_cast<BlockArgument>(op->getOperand(1));
    Value outside =
        argument ? group.getInputs()[argument.getArgNumber()] : Value();
    if (!outside || !constantOf(outside))
      return fail(ExitCode::Unsupported)
             << "int8 needs constant weights; --set-precision NODE=bf16 would "
                "help";

    ChannelDims channels = cast<ContractionOpInterface>(op).getChannelDims();
    OpBuilder builder(group);
    QuantizedWeights weights =
        quantizeWeights(builder, op->getLoc(), outside, channels.weights);
    if (!weights.q)
      return fail(ExitCode::InvalidInput)
             << "the bytes of its weights are missing";
    ActivationScale scale = activationScale(range->first, range->second);
    // factor[c] = x.scale * scales[c]; grouped transposed filters repeat.
    auto scaleValues = cast<DenseElementsAttr>(constantOf(weights.scales));
    SmallVector<float> factors;
    for (int64_t i = 0; i < channels.repeats; ++i)
      for (float s : scaleValues.getValues<float>())
        factors.push_back(scale.scale * s);
    auto vector =
        RankedTensorType::get({int64_t(factors.size())}, builder.getF32Type());
    Value factorValue = ConstantOp::create(
        builder, op->getLoc(),
        DenseElementsAttr::get(vector, ArrayRef<float>(factors)));
    Value q = addInput(group, weights.q);
    Value inside = addInput(group, factorValue);

    builder.setInsertionPoint(op);
    op->setOperand(
        0, quantizeActivation(builder, op->getLoc(), op->getOperand(0), scale));
    op->setOperand(1, q);
    Value sum = op->getResult(0);
    auto type = tensorTypeOf(sum);
    sum.setType(withElement(type, builder.getI32Type()));
    builder.setInsertionPointAfter(op);
    Value real =
        dequantizeSum(builder, op->getLoc(), sum, inside, channels.result);
    sum.replaceAllUsesExcept(real, real.getDefiningOp());
    ++numInt8;
    return success();
  }
};
} // namespace
} // namespace hybridc::hyb
