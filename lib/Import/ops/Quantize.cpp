//===- Quantize.cpp - Quantisation and integer contractions ---------------===//
//
// Scales and zero points are one value, one for each index of an axis, or one
// for each block along an axis. All arithmetic is in f32, as ONNX says.
//
//===----------------------------------------------------------------------===//

#include "Conv.h"

#include "../Importer.h"
#include "../Table.h"

#include <cmath>

using namespace mlir;

namespace hybridc::import {
namespace {

/// x seen so that scale and zero point broadcast onto it by `maps`.
struct Grid {
  Value x;       ///< x, its axis cut into blocks for blocked quantisation
  AffineMap map; ///< from indices of x to those of scale and zero point
  Value scale, zero;
};

Grid gridOf(Node &n, Value x, Value scale, Value zero) {
  Grid grid{x, {}, scale, zero};
  int64_t rank = Node::rankOf(x);
  if (zero && Node::shapeOf(zero) != Node::shapeOf(scale)) {
    if (Node::typeOf(zero).getNumElements() != 1)
      n.invalid("scale and zero point have different shapes");
    grid.zero = zero = n.expand(n.reshape(zero, Ints(Node::rankOf(scale), 1)),
                                Node::shapeOf(scale));
  }
  if (Node::typeOf(scale).getNumElements() == 1) {
    grid.scale = n.reshape(scale, {});
    grid.zero = zero ? n.reshape(zero, {}) : zero;
    grid.map = AffineMap::get(rank, 0, {}, n.b.getContext());
    return grid;
  }
  int64_t axis = n.axisOf(n.intAttr("axis", 1), rank);
  if (Node::rankOf(scale) == 1) {
    if (Node::shapeOf(scale)[0] != Node::shapeOf(x)[axis])
      n.invalid("the scale must have one entry for each index of the axis");
    grid.map = n.along(axis, rank);
    return grid;
  }
  // Blocked: [.., B*s, ..] becomes [.., B, s, ..], read by (.., B, ..).
  int64_t block = n.intAttr("block_size", 0);
  if (Node::rankOf(scale) != rank)
    n.invalid("a blocked scale must have the rank of the input");
  int64_t blocks = Node::shapeOf(scale)[axis];
  if (block == 0 && blocks > 0)
    block = (Node::shapeOf(x)[axis] + blocks - 1) / blocks;
  if (block <= 0 || blocks * block != Node::shapeOf(x)[axis])
    n.unsupported("the axis must be a whole number of blocks");
  Ints shape(Node::shapeOf(x));
  shape[axis] = blocks;
  shape.insert(shape.begin() + axis + 1, block);
  grid.x = n.reshape(x, shape);
  SmallVector<AffineExpr> exprs;
  for (int64_t d = 0; d <= rank; ++d)
    if (d != axis + 1)
      exprs.push_back(n.b.getAffineDimExpr(d));
  grid.map = AffineMap::get(rank + 1, 0, exprs, n.b.getContext());
  for (int64_t d = 0; d < rank; ++d)
    if (d != axis && Node::shapeOf(scale)[d] != Node::shapeOf(x)[d])
      n.invalid("a blocked scale must have the extents of the input");
  return grid;
}

/// round(x), half to even, plus the zero point, saturated.
Value quantize(Scalars &s, Value x, Value zero, Type element) {
  unsigned bits = element.getIntOrFloatBitWidth();
  bool isUnsigned = element.isUnsignedInteger();
  double low = isUnsigned ? 0 : -std::ldexp(1.0, bits - 1);
  double high = std::ldexp(1.0, isUnsigned ? bits : bits - 1) - 1;
  Value rounded = s.call<math::RoundEvenOp>(x);
  if (zero)
    rounded = s.add(rounded, s.cast(zero, element, s.b.getF32Type()));
  Value inside = s.min(s.max(rounded, s.like(x, low)), s.like(x, high));
  return s.cast(inside, s.b.getF32Type(), element);
}

Type quantizedType(Node &n, Value zero) {
  Type element;
  if (zero)
    element = Node::elem(zero);
  else if (int64_t given = n.intAttr("output_dtype", 0)) {
    element = elementTypeOf(n.b.getContext(), static_cast<int>(given));
    if (!element)
      n.unsupported("cannot quantise to elements of type " +
                    nameOfElementType(static_cast<int>(given)));
  } else {
    element = IntegerType::get(n.b.getContext(), 8, IntegerType::Unsigned);
  }
  if (!isa<IntegerType>(element) || element.getIntOrFloatBitWidth() > 16)
    n.unsupported("quantises to 8- and 16-bit integers only");
  return element;
}

void importQuantizeLinear(Node &n) {
  Value x = n.in(0);
  Grid grid = gridOf(n, x, n.in(1), n.inOrNull(2));
  Type element = quantizedType(n, grid.zero), from = Node::elem(x);
  Type scaleType = Node::elem(grid.scale);
  Type f32 = n.f32();
  SmallVector<Value> inputs{grid.x, grid.scale};
  SmallVector<AffineMap> maps{n.identity(Node::rankOf(grid.x)), grid.map};
  if (grid.zero) {
    inputs.push_back(grid.zero);
    maps.push_back(grid.map);
  }
  Value y =
      n.map(n.tensor(Node::shapeOf(grid.x), element), inputs, maps,
            [&](Scalars &s, ValueRange v) {
              Value ratio =
                  s.div(s.cast(v[0], from, f32), s.cast(v[1], scaleType, f32));
              return quantize(s, ratio, v.size() > 2 ? v[2] : Value(), element);
            });
  n.out(0, n.reshape(y, Node::shapeOf(x)));
}

void importDequantizeLinear(Node &n) {
  Value x = n.in(0);
  Grid grid = gridOf(n, x, n.in(1), n.inOrNull(2));
  Type from = Node::elem(x), scaleType = Node::elem(grid.scale);
  Type element = scaleType;
  if (int64_t given = n.intAttr("output_dtype", 0))
    element = elementTypeOf(n.b.getContext(), static_cast<int>(given));
  if (!element || !isa<IntegerType>(from))
    n.unsupported("dequantises integers to floats only");
  Type f32 = n.f32(), i32 = n.b.getI32Type();
  SmallVector<Value> inputs{grid.x, grid.scale};
  SmallVector<AffineMap> maps{n.identity(Node::rankOf(grid.x)), grid.map};
  if (grid.zero) {
    inputs.push_back(grid.zero);
    maps.push_back(grid.map);
  }
  Value y = n.map(n.tensor(Node::shapeOf(grid.x), element), inputs, maps,
                  [&](Scalars &s, ValueRange v) {
                    Value shifted = s.cast(v[0], from, i32);
                    if (v.size() > 2)
                      shifted = s.sub(shifted, s.cast(v[2], from, i32));
                    Value wide = s.mul(s.cast(shifted, i32, f32),
                                       s.cast(v[1], scaleType, f32));
                    return s.cast(wide, f32, element);
                  });
  n.out(0, n.reshape(y, Node::shapeOf(x)));
}

//===----------------------------------------------------------------------===//
// Integer contractions
//===----------------------------------------------------------------------===//

/// An operand of an integer contraction: 8 bits with one constant zero point,
/// or i32 with the zero point subtracted.
struct Operand {
  Value value;
  int64_t zero = 0;
};

/// `zeroAxis`: dimension along which a vector of zero points runs.
Operand operandOf(Node &n, Value value, Value zero, int64_t zeroAxis) {
  if (!zero)
    return {value};
  if (Node::typeOf(zero).getNumElements() == 1)
    if (auto known = Node::constantScalar(zero))
      return {value, known->i};
  Type i32 = n.b.getI32Type(), from = Node::elem(value);
  auto type = n.tensor(Node::shapeOf(value), i32);
  auto subtract = [&](Scalars &s, ValueRange v) {
    return s.sub(s.cast(v[0], from, i32), s.cast(v[1], from, i32));
  };
  if (Node::rankOf(zero) == 1 && Node::shapeOf(zero)[0] > 1) {
    int64_t rank = Node::rankOf(value);
    int64_t axis = n.axisOf(zeroAxis, rank);
    if (Node::shapeOf(zero)[0] != Node::shapeOf(value)[axis])
      n.invalid("a zero point has the wrong number of entries");
    return {n.map(type, {value, zero}, {n.identity(rank), n.along(axis, rank)},
                  subtract)};
  }
  return {n.map(type, {value, zero}, subtract)};
}

/// Both 8 bits wide, or both i32.
void unify(Node &n, Operand &a, Operand &b) {
  auto isWide = [](Operand &o) {
    return Node::elem(o.value).getIntOrFloatBitWidth() == 32;
  };
  if (isWide(a) == isWide(b))
    return;
  Operand &narrow = isWide(a) ? b : a;
  Type i32 = n.b.getI32Type();
  narrow.value = n.cast(narrow.value, i32);
  if (narrow.zero)
    narrow.value =
        n.sub(narrow.value, n.splat({}, i32, static_cast<double>(narrow.zero)));
  narrow.zero = 0;
}

Value integerMatmul(Node &n, Value x, Value xZero, Value y, Value yZero) {
  Operand a = operandOf(n, x, xZero, -2), b = operandOf(n, y, yZero, -1);
  unify(n, a, b);
  // Vectors as in MatMul.
  bool row = Node::rankOf(a.value) == 1, column = Node::rankOf(b.value) == 1;
  if (Node::rankOf(a.value) == 0 || Node::rankOf(b.value) == 0)
    n.invalid("operands must have rank 1 or more");
  if (row)
    a.value = n.reshape(a.value, {1, Node::shapeOf(a.value)[0]});
  if (column)
    b.value = n.reshape(b.value, {Node::shapeOf(b.value)[0], 1});
  Value product = n.matmul(a.value, b.value, n.b.getI32Type());
  if (auto op = product.getDefiningOp<hyb::MatmulOp>()) {
    op.setAZero(a.zero);
    op.setBZero(b.zero);
  }
  Ints shape(Node::shapeOf(product));
  if (column)
    shape.pop_back();
  if (row)
    shape.erase(shape.end() - (column ? 1 : 2));
  return n.reshape(product, shape);
}

void importMatMulInteger(Node &n) {
  n.out(0, integerMatmul(n, n.in(0), n.inOrNull(2), n.in(1), n.inOrNull(3)));
}

/// Accumulated i32 to the result's 8 bits: acc * (sa * sb / sy), rounded.
/// `weightScale` may be a vector along dimension `axis`.
Value requantize(Node &n, Value sum, Value aScale, Value weightScale,
                 Value scale, Value zero, int64_t axis) {
  int64_t rank = Node::rankOf(sum);
  Type i32 = n.b.getI32Type(), f32 = n.f32(), element = Node::elem(zero);
  SmallVector<Value> inputs{sum};
  SmallVector<AffineMap> maps{n.identity(rank)};
  for (Value parameter : {aScale, weightScale, scale, zero}) {
    bool one = Node::typeOf(parameter).getNumElements() == 1;
    if (!one && (Node::rankOf(parameter) != 1 ||
                 Node::shapeOf(parameter)[0] != Node::shapeOf(sum)[axis]))
      n.unsupported("scales and zero points must be scalars or run along the "
                    "output channels");
    inputs.push_back(one ? n.reshape(parameter, {}) : parameter);
    maps.push_back(one ? AffineMap::get(rank, 0, {}, n.b.getContext())
                       : n.along(axis, rank));
  }
  Type from = Node::elem(aScale);
  return n.map(n.tensor(Node::shapeOf(sum), element), inputs, maps,
               [&](Scalars &s, ValueRange v) {
                 Value factor = s.div(
                     s.mul(s.cast(v[1], from, f32), s.cast(v[2], from, f32)),
                     s.cast(v[3], from, f32));
                 Value real = s.mul(s.cast(v[0], i32, f32), factor);
                 return quantize(s, real, v[4], element);
               });
}

void importQLinearMatMul(Node &n) {
  Value product = integerMatmul(n, n.in(0), n.in(2), n.in(3), n.in(5));
  n.out(0, requantize(n, product, n.in(1), n.in(4), n.in(6), n.in(7),
                      Node::rankOf(product) - 1));
}

Value integerConv(Node &n, Value x, Value xZero, Value w, Value wZero) {
  Operand a = operandOf(n, x, xZero, 1), b = operandOf(n, w, wZero, 0);
  unify(n, a, b);
  return convolve(n, a.value, b.value, n.b.getI32Type(), a.zero, b.zero);
}

void importConvInteger(Node &n) {
  n.out(0, integerConv(n, n.in(0), n.inOrNull(2), n.in(1), n.inOrNull(3)));
}

void importQLinearConv(Node &n) {
  Value sum = integerConv(n, n.in(0), n.in(2), n.in(3), n.in(5));
  if (Value bias = n.inOrNull(8))
    sum = n.mapAlong(sum, bias, 1, [](Scalars &s, ValueRange v) {
      return s.add(v[0], v[1]);
    });
  n.out(0, requantize(n, sum, n.in(1), n.in(4), n.in(6), n.in(7), 1));
}

const OpRow rows[] = {
    {"ConvInteger", 10, "conv on 8-bit integers", "", importConvInteger},
    {"DequantizeLinear", 10, "map; per tensor, axis or block",
     "types below 8 bits, float8, a last block that is not full",
     importDequantizeLinear},
    {"MatMulInteger", 10, "matmul on 8-bit integers", "", importMatMulInteger},
    {"QLinearConv", 10, "conv on 8-bit integers, map", "", importQLinearConv},
    {"QLinearMatMul", 10, "matmul on 8-bit integers, map", "float8",
     importQLinearMatMul},
    {"QuantizeLinear", 10, "map; per tensor, axis or block",
     "types below 8 bits, float8, a last block that is not full",
     importQuantizeLinear},
};
} // namespace

OpFamily quantizeOps() { return {"Quantisation", rows}; }

} // namespace hybridc::import
