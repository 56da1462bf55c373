//===- Int8.cpp - The int8 form of a contraction --------------------------===//
#include "Int8.h"
#include "Evaluate.h"

#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include <cmath>
#include <cstring>
#include <vector>

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

std::optional<std::pair<double, double>> hybridc::hyb::rangeOf(GroupOp group,
                                                               Value value) {
  // A view inside the group has the range of what it looks at.
  auto argument = dyn_cast<BlockArgument>(behindViews(value));
  auto ranges = group->getAttrOfType<ArrayAttr>(kRangesAttr);
  if (!argument || !ranges || argument.getArgNumber() >= ranges.size())
    return std::nullopt;
  auto pair = dyn_cast<ArrayAttr>(ranges[argument.getArgNumber()]);
  if (!pair || pair.size() != 2)
    return std::nullopt;
  auto minimum = dyn_cast<FloatAttr>(pair[0]);
  auto maximum = dyn_cast<FloatAttr>(pair[1]);
  if (!minimum || !maximum ||
      !(minimum.getValueAsDouble() <= maximum.getValueAsDouble()))
    return std::nullopt;
  return std::pair(minimum.getValueAsDouble(), maximum.getValueAsDouble());
}

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
  Type element = IntegerType::get(builder.getContext(), 8,
                                  scale.isUnsigned ? IntegerType::Unsigned
                                                   : IntegerType::Signless);
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

QuantizedWeights hybridc::hyb::quantizeWeights(OpBuilder &builder, Location loc,
                                               Value weights,
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

/// The largest common step of which all values are multiples by at most 128,
/// or nothing. A folded product is off by half an ulp, the step by another.
static std::optional<float> commonStep(ArrayRef<float> values) {
  float largest = 0;
  for (float value : values)
    largest = std::max(largest, std::abs(value));
  if (!std::isfinite(largest))
    return std::nullopt;
  if (largest == 0)
    return 1.0f;
  for (int count = 1; count <= 128; ++count) {
    double step = double(largest) / count;
    bool fits = llvm::all_of(values, [&](float value) {
      double multiple = double(value) / step, whole = std::nearbyint(multiple);
      return std::abs(multiple - whole) <= std::abs(whole) * 0x1p-22 &&
             whole < 128;
    });
    if (fits)
      return static_cast<float>(step);
  }
  return std::nullopt;
}

QuantizedWeights hybridc::hyb::recoverIntegers(OpBuilder &builder, Location loc,
                                               Value weights,
                                               int64_t channelDim) {
  auto type = tensorTypeOf(weights);
  auto values = floatsOf(constantOf(weights));
  if (!values || values->empty())
    return {};
  int64_t channels = type.getDimSize(channelDim), inner = 1;
  for (int64_t d = channelDim + 1; d < type.getRank(); ++d)
    inner *= type.getDimSize(d);
  std::vector<std::vector<float>> columns(channels);
  for (auto [i, value] : llvm::enumerate(*values))
    columns[i / inner % channels].push_back(value);
  std::vector<float> scales;
  for (const std::vector<float> &column : columns) {
    std::optional<float> step = commonStep(column);
    if (!step)
      return {};
    scales.push_back(*step);
  }
  std::vector<int8_t> integers;
  for (auto [i, value] : llvm::enumerate(*values))
    integers.push_back(static_cast<int8_t>(
        std::nearbyint(double(value) / scales[i / inner % channels])));
  auto vector = RankedTensorType::get({channels}, builder.getF32Type());
  ArrayRef<char> bytes(reinterpret_cast<const char *>(integers.data()),
                       integers.size());
  QuantizedWeights result;
  result.scales = ConstantOp::create(
      builder, loc, DenseElementsAttr::get(vector, ArrayRef<float>(scales)));
  result.q = ConstantOp::create(
      builder, loc,
      constantFromBytes(withElement(type, builder.getI8Type()), bytes));
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
