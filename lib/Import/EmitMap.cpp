//===- EmitMap.cpp - Computing element by element -----------------------===//

#include "Importer.h"
#include "Node.h"

using namespace mlir;

namespace hybridc::import {

AffineMap Node::identity(int64_t rank) {
  return AffineMap::getMultiDimIdentityMap(rank, b.getContext());
}

AffineMap Node::along(int64_t dim, int64_t rank) {
  return AffineMap::get(rank, 0, b.getAffineDimExpr(dim));
}

Value Node::map(RankedTensorType type, ValueRange inputs, Body body) {
  SmallVector<AffineMap> maps;
  for (Value input : inputs) {
    ArrayRef<int64_t> extents = shapeOf(input);
    int64_t shift = type.getRank() - rankOf(input);
    SmallVector<AffineExpr> exprs;
    for (auto [d, extent] : llvm::enumerate(extents)) {
      int64_t at = static_cast<int64_t>(d) + shift;
      // Extent 1 onto 1 stays a dimension: the map is then the identity.
      bool same = at >= 0 && extent == type.getDimSize(at);
      if (shift < 0 || (!same && extent != 1))
        invalid("an input does not broadcast onto the result");
      exprs.push_back(same ? b.getAffineDimExpr(at)
                           : b.getAffineConstantExpr(0));
    }
    maps.push_back(AffineMap::get(type.getRank(), 0, exprs, b.getContext()));
  }
  return map(type, inputs, maps, body);
}

/// The value that a constant has everywhere.
static std::optional<Scalar> splatOf(Value value) {
  ElementsAttr constant = Node::constantOf(value);
  if (!constant)
    return std::nullopt;
  auto dense = dyn_cast<DenseElementsAttr>(constant);
  if (!dense || !dense.isSplat() || dense.empty())
    return std::nullopt;
  Type element = dense.getElementType();
  auto one = RankedTensorType::get({}, element);
  auto scalars = readConstant(dense.resizeSplat(one), 1);
  return scalars ? std::optional(scalars->front()) : std::nullopt;
}

Value Node::map(RankedTensorType type, ValueRange inputs,
                ArrayRef<AffineMap> maps, Body body) {
  bool isUnsigned = !inputs.empty() && elem(inputs[0]).isUnsignedInteger();
  SmallVector<std::optional<Scalar>> scalars;
  bool allKnown = !inputs.empty();
  for (Value input : inputs) {
    scalars.push_back(splatOf(input));
    allKnown &= scalars.back().has_value();
  }
  auto create = [&](RankedTensorType resultType, ArrayRef<Value> kept,
                    ArrayRef<AffineMap> keptMaps) {
    auto op = hyb::MapOp::create(
        b, loc, resultType, kept, keptMaps,
        [&](OpBuilder &inner, Location at, ValueRange arguments) {
          Scalars s(inner, at, isUnsigned);
          SmallVector<Value> values;
          size_t next = 0;
          for (auto [i, input] : llvm::enumerate(inputs)) {
            if (!scalars[i]) {
              values.push_back(arguments[next++]);
              continue;
            }
            Type scalarType = hyb::scalarTypeOf(elem(input));
            values.push_back(isa<FloatType>(scalarType)
                                 ? s.constant(scalarType, scalars[i]->f)
                                 : s.integer(scalarType, scalars[i]->i));
          }
          return body(s, values);
        });
    eraseDeadOps(op.getBody().front());
    return op;
  };
  if (allKnown && type.getNumElements() > 0) {
    // One value everywhere, however large: evaluate it once, unless the
    // region asks where it is.
    hyb::MapOp probe =
        create(RankedTensorType::get({}, type.getElementType()), {}, {});
    bool positional = !probe.getBody().front().getOps<hyb::IndexOp>().empty();
    ElementsAttr value = positional ? ElementsAttr() : foldOp(probe, {});
    probe.erase();
    if (value)
      return constant(mlir::cast<DenseElementsAttr>(value).resizeSplat(type));
    scalars[0].reset(); // a map has at least one input
  }
  SmallVector<Value> kept;
  SmallVector<AffineMap> keptMaps;
  for (auto [i, input] : llvm::enumerate(inputs))
    if (!scalars[i]) {
      kept.push_back(input);
      keptMaps.push_back(maps[i]);
    }
  return finish(create(type, kept, keptMaps));
}

Value Node::mapWide(ValueRange inputs, Body body) {
  Type element = elem(inputs[0]);
  auto type = tensor(broadcast(inputs), element);
  bool narrow = element.isF16() || element.isBF16();
  return map(type, inputs, [&](Scalars &s, ValueRange arguments) -> Value {
    if (!narrow)
      return body(s, arguments);
    SmallVector<Value> wide;
    for (Value argument : arguments)
      wide.push_back(argument.getType() == element
                         ? s.cast(argument, element, s.b.getF32Type())
                         : argument);
    Value result = body(s, wide);
    return result.getType() == element
               ? result
               : s.cast(result, s.b.getF32Type(), element);
  });
}

Value Node::mapAlong(Value x, ValueRange perDim, int64_t dim, Body body) {
  SmallVector<Value> inputs{x};
  SmallVector<AffineMap> maps{identity(rankOf(x))};
  for (Value value : perDim) {
    if (rankOf(value) != 1 || shapeOf(value)[0] != shapeOf(x)[dim])
      invalid(fmt::format("a per-channel operand must have shape [{}]",
                          shapeOf(x)[dim]));
    inputs.push_back(value);
    maps.push_back(along(dim, rankOf(x)));
  }
  return map(typeOf(x), inputs, maps, body);
}

Value Node::cast(Value x, Type element) {
  Type from = elem(x);
  if (from == element)
    return x;
  return map(tensor(shapeOf(x), element), x, [&](Scalars &s, ValueRange v) {
    return s.cast(v[0], from, element);
  });
}

Value Node::add(Value x, Value y) {
  return map(tensor(broadcast({x, y}), elem(x)), {x, y},
             [](Scalars &s, ValueRange v) { return s.add(v[0], v[1]); });
}
Value Node::sub(Value x, Value y) {
  return map(tensor(broadcast({x, y}), elem(x)), {x, y},
             [](Scalars &s, ValueRange v) { return s.sub(v[0], v[1]); });
}
Value Node::mul(Value x, Value y) {
  return map(tensor(broadcast({x, y}), elem(x)), {x, y},
             [](Scalars &s, ValueRange v) { return s.mul(v[0], v[1]); });
}
Value Node::div(Value x, Value y) {
  return map(tensor(broadcast({x, y}), elem(x)), {x, y},
             [](Scalars &s, ValueRange v) { return s.div(v[0], v[1]); });
}

} // namespace hybridc::import
