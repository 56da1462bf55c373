//===- IntegerContractions.cpp - Quantised models in their integers -------===//
#include "Int8.h"

#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"

#include "mlir/IR/Matchers.h"

#include <limits>

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_INTEGERCONTRACTIONS
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {

/// float(q - zero) * scale, all of 8 bits.
struct Dequantized {
  Value q;
  int64_t zero = 0;
  std::optional<APFloat> scale; ///< one for all, or
  Value scales;                 ///< a vector
  int64_t axis = -1;            ///< that runs along this dimension of q
};

/// Known at compile time, though perhaps not yet folded.
bool isConstantValue(Value value) {
  Operation *op = value.getDefiningOp();
  return op && (isa<ConstantOp>(op) ||
                (isa<MapOp>(op) && llvm::all_of(op->getOperands(), [](Value v) {
                   return isConstantValue(v);
                 })));
}

/// The integer that a scalar of a map's region always is.
std::optional<int64_t> constantInteger(MapOp map, Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  if (Operation *op = value.getDefiningOp())
    if (isa<arith::ExtSIOp, arith::ExtUIOp>(op))
      value = op->getOperand(0);
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return std::nullopt;
  auto values =
      integersOf(constantOf(map.getInputs()[argument.getArgNumber()]));
  if (!values || values->empty() || !llvm::all_equal(*values))
    return std::nullopt;
  return values->front();
}

/// x, extended to more bits, that is an argument whose input has 8 bits.
BlockArgument matchNarrow(MapOp map, Value value) {
  Operation *op = value.getDefiningOp();
  if (op && isa<arith::ExtSIOp, arith::ExtUIOp>(op))
    value = op->getOperand(0);
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || !argument.getType().isInteger(8) ||
      !map.getIndexingMaps()[argument.getArgNumber()].isIdentity())
    return {};
  return argument;
}

std::optional<Dequantized> matchDequantize(Value value) {
  auto map = value.getDefiningOp<MapOp>();
  if (!map || !tensorTypeOf(value).getElementType().isF32())
    return std::nullopt;
  auto product = map.getYielded().getDefiningOp<arith::MulFOp>();
  if (!product)
    return std::nullopt;
  Value real = product.getLhs(), scale = product.getRhs();
  if (!isa_and_nonnull<arith::SIToFPOp, arith::UIToFPOp>(real.getDefiningOp()))
    std::swap(real, scale);
  Operation *convert = real.getDefiningOp();
  if (!isa_and_nonnull<arith::SIToFPOp, arith::UIToFPOp>(convert))
    return std::nullopt;

  Dequantized result;
  Value integer = convert->getOperand(0);
  if (auto subtract = integer.getDefiningOp<arith::SubIOp>()) {
    auto zero = constantInteger(map, subtract.getRhs());
    if (!zero)
      return std::nullopt;
    result.zero = *zero;
    integer = subtract.getLhs();
  } else if (auto add = integer.getDefiningOp<arith::AddIOp>()) {
    auto zero = constantInteger(map, add.getRhs());
    if (!zero)
      return std::nullopt;
    result.zero = -*zero;
    integer = add.getLhs();
  }
  BlockArgument narrow = matchNarrow(map, integer);
  if (!narrow)
    return std::nullopt;
  result.q = map.getInputs()[narrow.getArgNumber()];
  // Zero points of ui8 are read as signless 8 bits.
  bool isUnsigned = tensorTypeOf(result.q).getElementType().isUnsignedInteger();
  if (result.zero < (isUnsigned ? 0 : -128) ||
      result.zero > (isUnsigned ? 255 : 127))
    return std::nullopt;

  APFloat constant(0.0f);
  if (matchPattern(scale, m_ConstantFloat(&constant))) {
    result.scale = constant;
    return result;
  }
  auto argument = dyn_cast<BlockArgument>(scale);
  if (!argument)
    return std::nullopt;
  result.scales = map.getInputs()[argument.getArgNumber()];
  if (!isConstantValue(result.scales))
    return std::nullopt;
  AffineMap indexing = map.getIndexingMaps()[argument.getArgNumber()];
  if (auto splat =
          dyn_cast_or_null<SplatElementsAttr>(constantOf(result.scales)))
    result.scale = splat.getSplatValue<APFloat>();
  if (result.scale)
    return result;
  if (indexing.getNumResults() != 1 ||
      !isa<AffineDimExpr>(indexing.getResult(0)))
    return std::nullopt;
  result.axis = cast<AffineDimExpr>(indexing.getResult(0)).getPosition();
  return result;
}

struct IntegerContractions
    : impl::IntegerContractionsBase<IntegerContractions> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa<MatmulOp, ConvOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      if (succeeded(convert(op)))
        ++numConverted;
  }

  LogicalResult convert(Operation *op) {
    auto x = matchDequantize(op->getOperand(0));
    if (!x || !x->scale)
      return failure();
    auto type = tensorTypeOf(op->getResult(0));
    auto weights = tensorTypeOf(op->getOperand(1));
    bool isConv = isa<ConvOp>(op);
    int64_t channel = isConv ? 1 : type.getRank() - 1;
    int64_t weightAxis = isConv ? 0 : weights.getRank() - 1;
    auto w = matchDequantize(op->getOperand(1));
    if (!w && constantOf(op->getOperand(1))) {
      OpBuilder before(op);
      QuantizedWeights integers =
          recoverIntegers(before, op->getLoc(), op->getOperand(1), weightAxis);
      if (integers.q) {
        w.emplace();
        w->q = integers.q;
        w->scales = integers.scales;
        w->axis = weightAxis;
      }
    }
    if (!w || !isConstantValue(w->q))
      return failure();
    if (!w->scale && w->axis != weightAxis)
      return failure();
    // Sums must fit 32 bits: 255 * 255 * k.
    int64_t k = isConv ? weights.getNumElements() /
                             std::max<int64_t>(1, weights.getDimSize(0))
                       : weights.getDimSize(weights.getRank() - 2);
    if (k > std::numeric_limits<int32_t>::max() / (255 * 255))
      return failure();

    OpBuilder builder(op);
    Location loc = op->getLoc();
    Operation *integer = builder.clone(*op);
    integer->setOperand(0, x->q);
    integer->setOperand(1, w->q);
    integer->getResult(0).setType(withElement(type, builder.getI32Type()));
    if (auto conv = dyn_cast<ConvOp>(integer)) {
      conv.setXZero(x->zero);
      conv.setWZero(w->zero);
    } else {
      cast<MatmulOp>(integer).setAZero(x->zero);
      cast<MatmulOp>(integer).setBZero(w->zero);
    }
    SmallVector<Value> inputs{integer->getResult(0)};
    SmallVector<AffineMap> maps{builder.getMultiDimIdentityMap(type.getRank())};
    APFloat scale = *x->scale;
    if (w->scale) {
      scale.multiply(*w->scale, APFloat::rmNearestTiesToEven);
    } else {
      auto vector = tensorTypeOf(w->scales);
      inputs.push_back(MapOp::create(
          builder, loc, vector, {w->scales},
          {builder.getMultiDimIdentityMap(1)},
          [&](OpBuilder &body, Location at, ValueRange v) -> Value {
            Value s = arith::ConstantOp::create(
                body, at, body.getFloatAttr(body.getF32Type(), scale));
            return arith::MulFOp::create(body, at, v[0], s);
          }));
      maps.push_back(
          AffineMap::get(type.getRank(), 0, builder.getAffineDimExpr(channel)));
    }
    Value real = MapOp::create(
        builder, loc, type, inputs, maps,
        [&](OpBuilder &body, Location at, ValueRange v) -> Value {
          Value sum =
              arith::SIToFPOp::create(body, at, body.getF32Type(), v[0]);
          Value s =
              v.size() > 1
                  ? v[1]
                  : arith::ConstantOp::create(
                        body, at, body.getFloatAttr(body.getF32Type(), scale))
                        .getResult();
          return arith::MulFOp::create(body, at, sum, s);
        });
    SmallVector<Operation *> before{op->getOperand(0).getDefiningOp(),
                                    op->getOperand(1).getDefiningOp()};
    op->getResult(0).replaceAllUsesWith(real);
    op->erase();
    for (Operation *dequantize : before)
      if (dequantize->use_empty())
        dequantize->erase();
    return success();
  }
};
} // namespace
} // namespace hybridc::hyb
