//===- Emit.cpp - Emitting hyb ops for an ONNX node -----------------------===//

#include "Importer.h"
#include "Node.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace hybridc::import {

//===----------------------------------------------------------------------===//
// Checking and folding
//===----------------------------------------------------------------------===//

void Node::check(Operation *op) {
  std::string said;
  bool failed = false;
  {
    ScopedDiagnosticHandler handler(b.getContext(),
                                    [&](Diagnostic &diagnostic) {
                                      if (said.empty())
                                        said = diagnostic.str();
                                      return success();
                                    });
    failed = mlir::failed(mlir::verify(op));
  }
  if (failed) {
    op->erase();
    invalid(said.empty() ? "its operands do not fit together" : said);
  }
}

Value Node::finish(Operation *op) {
  check(op);
  if (op->getNumResults() == 1) {
    Value nothing = importer.emptyAsConstant(op->getResult(0), loc);
    if (nothing != op->getResult(0)) {
      op->erase();
      return nothing;
    }
  }
  SmallVector<ElementsAttr> known;
  SmallVector<Attribute> attributes;
  for (Value operand : op->getOperands()) {
    ElementsAttr value = constantOf(operand);
    attributes.push_back(value);
    if (value)
      known.push_back(value);
  }
  if (op->getNumResults() != 1)
    return op->getNumResults() ? op->getResult(0) : Value();
  SmallVector<OpFoldResult> folded;
  if (succeeded(op->fold(attributes, folded)) && !folded.empty()) {
    if (auto value = dyn_cast<Value>(folded[0])) {
      if (value != op->getResult(0)) {
        op->erase();
        return value;
      }
    } else if (auto value =
                   dyn_cast<ElementsAttr>(mlir::cast<Attribute>(folded[0]))) {
      op->erase();
      return constant(value);
    }
  }
  if (known.size() == op->getNumOperands() && op->getNumOperands() > 0)
    if (ElementsAttr value = foldOp(op, known)) {
      op->erase();
      return constant(value);
    }
  return op->getResult(0);
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Value Node::constant(ElementsAttr value) {
  return importer.constant(value, loc);
}

Value Node::splat(ArrayRef<int64_t> shape, Type element, double value) {
  Scalar scalar{static_cast<int64_t>(value), value};
  return constant(makeConstant(tensor(shape, element), scalar));
}

Value Node::ints(ArrayRef<int64_t> values) {
  auto type = tensor(static_cast<int64_t>(values.size()), i64());
  return constant(DenseElementsAttr::get(type, values));
}

Value Node::floats(ArrayRef<double> values, Type element) {
  SmallVector<Scalar> scalars;
  for (double value : values)
    scalars.push_back({0, value});
  return constant(makeConstant(
      tensor(static_cast<int64_t>(values.size()), element), scalars));
}

//===----------------------------------------------------------------------===//
// Element by element
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Movement, contraction, reduction
//===----------------------------------------------------------------------===//

Value Node::reshape(Value x, ArrayRef<int64_t> shape) {
  auto type = tensor(shape, elem(x));
  if (type == x.getType())
    return x;
  if (type.getNumElements() != typeOf(x).getNumElements())
    invalid(fmt::format("{} elements cannot take a shape of {}",
                        typeOf(x).getNumElements(), type.getNumElements()));
  return emit<hyb::ReshapeOp>(type, x);
}

Value Node::transpose(Value x, ArrayRef<int64_t> perm) {
  Ints shape, seen(perm.size(), 0);
  if (static_cast<int64_t>(perm.size()) != rankOf(x))
    invalid("perm must have one entry a dimension");
  for (int64_t p : perm) {
    if (p < 0 || p >= rankOf(x) || seen[p]++)
      invalid("perm is not a permutation of the dimensions");
    shape.push_back(shapeOf(x)[p]);
  }
  return emit<hyb::TransposeOp>(tensor(shape, elem(x)), x, perm);
}

Value Node::expand(Value x, ArrayRef<int64_t> shape) {
  auto type = tensor(shape, elem(x));
  if (type == x.getType())
    return x;
  return map(type, x, [](Scalars &, ValueRange v) { return v[0]; });
}

Value Node::withAxis(Value x, int64_t axis) {
  Ints shape(shapeOf(x));
  shape.insert(shape.begin() + axis, 1);
  return reshape(x, shape);
}

Value Node::withoutAxis(Value x, int64_t axis) {
  Ints shape(shapeOf(x));
  shape.erase(shape.begin() + axis);
  return reshape(x, shape);
}

Value Node::slice(Value x, ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes,
                  ArrayRef<int64_t> steps) {
  Ints ones(rankOf(x), 1);
  if (steps.empty())
    steps = ones;
  return emit<hyb::SliceOp>(tensor(sizes, elem(x)), x, offsets, steps);
}

Value Node::sliceAxis(Value x, int64_t axis, int64_t from, int64_t size) {
  Ints offsets(rankOf(x), 0), sizes(shapeOf(x));
  offsets[axis] = from;
  sizes[axis] = size;
  return slice(x, offsets, sizes);
}

Value Node::concat(ValueRange values, int64_t axis) {
  Ints shape(shapeOf(values[0]));
  shape[axis] = 0;
  SmallVector<Value> parts;
  for (Value value : values) {
    if (rankOf(value) != static_cast<int64_t>(shape.size()))
      invalid("inputs have different ranks");
    shape[axis] += shapeOf(value)[axis];
    if (shapeOf(value)[axis] > 0)
      parts.push_back(value);
  }
  if (parts.empty())
    return values[0];
  if (parts.size() == 1 && shapeOf(parts[0]) == ArrayRef<int64_t>(shape))
    return parts[0];
  return emit<hyb::ConcatOp>(tensor(shape, elem(values[0])), parts, axis);
}

Value Node::matmul(Value x, Value y, Type element) {
  if (!element)
    element = elem(x);
  if (rankOf(x) < 2 || rankOf(y) < 2)
    invalid("operands of a matrix product need rank 2 or more");
  int64_t rank = std::max(rankOf(x), rankOf(y));
  Ints shape(rank, 1);
  for (Value operand : {x, y})
    for (int64_t d = 0; d < rankOf(operand) - 2; ++d) {
      int64_t extent = shapeOf(operand)[d];
      int64_t &own = shape[rank - rankOf(operand) + d];
      if (own != 1 && extent != 1 && own != extent)
        invalid("batch dimensions do not broadcast");
      own = own == 1 ? extent : own;
    }
  shape[rank - 2] = shapeOf(x)[rankOf(x) - 2];
  shape[rank - 1] = shapeOf(y).back();
  if (shapeOf(x).back() != shapeOf(y)[rankOf(y) - 2])
    invalid(fmt::format("contracts extent {} with {}", shapeOf(x).back(),
                        shapeOf(y)[rankOf(y) - 2]));
  auto type = tensor(shape, element);
  if (shapeOf(x).back() == 0 || type.getNumElements() == 0)
    return splat(shape, element, 0); // sums of nothing
  return emit<hyb::MatmulOp>(type, x, y);
}

Value Node::reduce(hyb::ReduceKind kind, Value x, ArrayRef<int64_t> axes,
                   bool keep) {
  bool index =
      kind == hyb::ReduceKind::ArgMax || kind == hyb::ReduceKind::ArgMin;
  Ints kept(shapeOf(x)), dropped;
  for (int64_t d = 0; d < rankOf(x); ++d) {
    if (llvm::is_contained(axes, d))
      kept[d] = 1;
    else
      dropped.push_back(kept[d]);
  }
  Value result = x;
  auto type = tensor(kept, index ? i64() : elem(x));
  if (typeOf(x).getNumElements() == 0 && type.getNumElements() > 0) {
    // Sums and products of nothing; other reductions have no such value.
    if (kind != hyb::ReduceKind::Sum && kind != hyb::ReduceKind::Prod)
      unsupported("the mean or extreme of no elements is not defined");
    return splat(keep ? kept : dropped, elem(x),
                 kind == hyb::ReduceKind::Sum ? 0 : 1);
  }
  if (!axes.empty() || index)
    result = emit<hyb::ReduceOp>(type, kind, x, axes, /*select_last=*/false);
  return keep ? result : reshape(result, dropped);
}

Value Node::pad(Value x, ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                double value) {
  Ints shape(shapeOf(x));
  bool nothing = true;
  for (size_t d = 0; d < shape.size(); ++d) {
    shape[d] += low[d] + high[d];
    nothing &= low[d] == 0 && high[d] == 0;
  }
  if (nothing)
    return x;
  if (typeOf(x).getNumElements() == 0)
    return splat(shape, elem(x), value);
  Type scalar = hyb::scalarTypeOf(elem(x));
  TypedAttr fill;
  if (isa<FloatType>(scalar))
    fill = b.getFloatAttr(scalar, value);
  else
    fill = b.getIntegerAttr(
        scalar, llvm::APInt(scalar.getIntOrFloatBitWidth(),
                            static_cast<uint64_t>(static_cast<int64_t>(value)),
                            false, /*implicitTrunc=*/true));
  return emit<hyb::PadOp>(tensor(shape, elem(x)), x, low, high, fill);
}

SmallVector<Value> Node::host(llvm::StringRef kernel, ValueRange inputs,
                              ArrayRef<RankedTensorType> results,
                              ArrayRef<NamedAttribute> attributes) {
  SmallVector<Type> types(results.begin(), results.end());
  auto op = hyb::HostOp::create(b, loc, types, b.getStringAttr(kernel), inputs);
  for (NamedAttribute attribute : attributes)
    op->setAttr(attribute.getName(), attribute.getValue());
  check(op);
  SmallVector<Value> values;
  for (Value value : op.getResults())
    values.push_back(importer.emptyAsConstant(value, loc));
  return values;
}

NamedAttribute Node::named(llvm::StringRef key, int64_t value) {
  return b.getNamedAttr(key, b.getI64IntegerAttr(value));
}
NamedAttribute Node::named(llvm::StringRef key, double value) {
  return b.getNamedAttr(key, b.getF64FloatAttr(value));
}
NamedAttribute Node::named(llvm::StringRef key, llvm::StringRef value) {
  return b.getNamedAttr(key, b.getStringAttr(value));
}
NamedAttribute Node::named(llvm::StringRef key, ArrayRef<int64_t> value) {
  return b.getNamedAttr(key, b.getDenseI64ArrayAttr(value));
}
NamedAttribute Node::named(llvm::StringRef key, ArrayRef<double> value) {
  return b.getNamedAttr(key, b.getDenseF64ArrayAttr(value));
}

} // namespace hybridc::import
