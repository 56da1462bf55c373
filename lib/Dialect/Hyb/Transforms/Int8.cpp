//===- Int8.cpp - The int8 form of a contraction --------------------------===//
#include "Int8.h"
#include "Evaluate.h"
#include "Utils.h"

#include <cmath>
#include <cstring>
#include <vector>

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

ActivationScale hybridc::hyb::activationScale(double minimum, double maximum) {
  ActivationScale result;
  result.isUnsigned = minimum >= 0;
  double largest = std::max(std::abs(minimum), std::abs(maximum));
  result.scale = static_cast<float>(largest / (result.isUnsigned ? 255 : 127));
  // Nothing but zeros was seen, or it cannot be told apart from zero.
  if (!(result.scale >= std::numeric_limits<float>::min()) ||
      !std::isfinite(result.scale))
    result.scale = 1;
  return result;
}

/// clamp(roundeven(v / s), low, high) as an integer of 8 bits.
static Value quantizeScalar(OpBuilder &body, Location loc, Value v, Value s,
                            float low, float high, bool isUnsigned) {
  auto number = [&](float value) -> Value {
    return arith::ConstantOp::create(body, loc, body.getF32FloatAttr(value));
  };
  Value ratio = arith::DivFOp::create(body, loc, v, s);
  Value rounded = math::RoundEvenOp::create(body, loc, ratio);
  rounded = arith::MaximumFOp::create(body, loc, rounded, number(low));
  rounded = arith::MinimumFOp::create(body, loc, rounded, number(high));
  if (isUnsigned)
    return arith::FPToUIOp::create(body, loc, body.getI8Type(), rounded);
  return arith::FPToSIOp::create(body, loc, body.getI8Type(), rounded);
}

Value hybridc::hyb::quantizeActivation(OpBuilder &builder, Location loc,
                                       Value x, ActivationScale scale) {
  auto type = tensorTypeOf(x);
  Type element = IntegerType::get(
      builder.getContext(), 8,
      scale.isUnsigned ? IntegerType::Unsigned : IntegerType::Signless);
  return MapOp::create(
      builder, loc, withElement(type, element), {x},
      {builder.getMultiDimIdentityMap(type.getRank())},
      [&](OpBuilder &body, Location at, ValueRange v) -> Value {
        Value s = arith::ConstantOp::create(body, at,
                                            body.getF32FloatAttr(scale.scale));
        return quantizeScalar(body, at, v[0], s, scale.isUnsigned ? 0 : -128,
                              scale.isUnsigned ? 255 : 127, scale.isUnsigned);
      });
}

/// The f32 elements of a constant, in row-major order.
static std::optional<std::vector<float>> floatsOf(ElementsAttr value) {
  if (!value || !value.getElementType().isF32())
    return std::nullopt;
  std::vector<float> result(value.getNumElements());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    std::optional<ArrayRef<char>> bytes = bytesOf(resource);
    if (!bytes || bytes->size() != result.size() * sizeof(float))
      return std::nullopt;
    std::memcpy(result.data(), bytes->data(), bytes->size());
    return result;
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return std::nullopt;
  llvm::copy(dense.getValues<float>(), result.begin());
  return result;
}

QuantizedWeights hybridc::hyb::quantizeWeights(OpBuilder &builder,
                                               Location loc, Value weights,
                                               int64_t channelDim) {
  auto type = tensorTypeOf(weights);
  auto values = floatsOf(constantOf(weights));
  if (!values)
    return {};
  int64_t channels = type.getDimSize(channelDim), inner = 1;
  for (int64_t d = channelDim + 1; d < type.getRank(); ++d)
    inner *= type.getDimSize(d);
  std::vector<float> scales(channels, 0);
  for (auto [i, value] : llvm::enumerate(*values)) {
    float &largest = scales[i / inner % channels];
    largest = std::max(largest, std::abs(value));
  }
  for (float &scale : scales) {
    scale /= 127;
    if (!(scale >= std::numeric_limits<float>::min()) || !std::isfinite(scale))
      scale = 1;
  }
  auto vector = RankedTensorType::get({channels}, builder.getF32Type());
  auto scaleAttr = DenseElementsAttr::get(vector, ArrayRef<float>(scales));
  QuantizedWeights result;
  result.scales = ConstantOp::create(builder, loc, scaleAttr);
  // By the executor's own arithmetic, like every constant.
  MapOp map = MapOp::create(
      builder, loc, withElement(type, builder.getI8Type()),
      {weights, result.scales},
      {builder.getMultiDimIdentityMap(type.getRank()),
       AffineMap::get(type.getRank(), 0, builder.getAffineDimExpr(channelDim))},
      [](OpBuilder &body, Location at, ValueRange v) -> Value {
        return quantizeScalar(body, at, v[0], v[1], -127, 127, false);
      });
  Evaluation evaluation = evaluate(map, {constantOf(weights), scaleAttr});
  if (evaluation.results.empty()) {
    map.erase();
    return {};
  }
  result.q = ConstantOp::create(builder, loc, evaluation.results[0]);
  map.erase();
  return result;
}

Value hybridc::hyb::dequantizeSum(OpBuilder &builder, Location loc, Value sum,
                                  Value factors, int64_t channelDim) {
  auto type = tensorTypeOf(sum);
  return MapOp::create(
      builder, loc, withElement(type, builder.getF32Type()), {sum, factors},
      {builder.getMultiDimIdentityMap(type.getRank()),
       AffineMap::get(type.getRank(), 0, builder.getAffineDimExpr(channelDim))},
      [](OpBuilder &body, Location at, ValueRange v) -> Value {
        Value real = arith::SIToFPOp::create(body, at, body.getF32Type(), v[0]);
        return arith::MulFOp::create(body, at, real, v[1]);
      });
}
