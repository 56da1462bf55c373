//===- Binary.cpp - Ops on several tensors, element by element ------------===//

#include "../Node.h"
#include "../Table.h"

using namespace mlir;

namespace hybridc::import {
namespace {

/// Operands of arithmetic must agree; ONNX's checker has said so already for
/// standard models, function bodies may still surprise.
void sameElements(Node &n, Value x, Value y) {
  if (Node::elem(x) != Node::elem(y))
    n.invalid("operands have different element types");
}

/// Opset 6: with `broadcast`, y starts at dimension `axis` of x.
Value alignedOperand(Node &n, Value x, Value y) {
  if (n.opset >= 7 || !n.intAttr("broadcast", 0) || !n.hasAttr("axis"))
    return y;
  int64_t axis = n.axisOf(n.intAttr("axis", 0), Node::rankOf(x));
  Ints shape(Node::shapeOf(y));
  if (axis + Node::rankOf(y) > Node::rankOf(x))
    n.invalid("axis leaves no room for the second operand");
  shape.append(Node::rankOf(x) - axis - Node::rankOf(y), 1);
  return n.reshape(y, shape);
}

using Member = Value (Scalars::*)(Value, Value);

template <Member op> void importArithmetic(Node &n) {
  Value x = n.in(0), y = alignedOperand(n, x, n.in(1));
  sameElements(n, x, y);
  n.out(0, n.map(n.tensor(n.broadcast({x, y}), Node::elem(x)), {x, y},
                 [](Scalars &s, ValueRange v) { return (s.*op)(v[0], v[1]); }));
}

template <Member op> void importComparison(Node &n) {
  Value x = n.in(0), y = alignedOperand(n, x, n.in(1));
  sameElements(n, x, y);
  n.out(0, n.map(n.tensor(n.broadcast({x, y}), n.b.getI1Type()), {x, y},
                 [](Scalars &s, ValueRange v) { return (s.*op)(v[0], v[1]); }));
}

/// Any number of inputs, folded from the left.
template <Member op> void importVariadic(Node &n) {
  SmallVector<Value> inputs = n.allInputs();
  for (Value input : inputs)
    sameElements(n, inputs[0], input);
  n.out(0, n.map(n.tensor(n.broadcast(inputs), Node::elem(inputs[0])), inputs,
                 [](Scalars &s, ValueRange v) {
                   Value all = v[0];
                   for (Value next : v.drop_front())
                     all = (s.*op)(all, next);
                   return all;
                 }));
}

void importMean(Node &n) {
  SmallVector<Value> inputs = n.allInputs();
  double count = static_cast<double>(inputs.size());
  n.out(0, n.mapWide(inputs, [&](Scalars &s, ValueRange v) {
    Value all = v[0];
    for (Value next : v.drop_front())
      all = s.add(all, next);
    return s.div(all, s.like(all, count));
  }));
}

/// fmod has the sign of the dividend; else integers, sign of the divisor.
void importMod(Node &n) {
  Value x = n.in(0), y = n.in(1);
  sameElements(n, x, y);
  bool fmod = n.intAttr("fmod", 0) || Node::elem(x).isUnsignedInteger();
  n.out(0, n.map(n.tensor(n.broadcast({x, y}), Node::elem(x)), {x, y},
                 [&](Scalars &s, ValueRange v) {
                   Value rest = s.rem(v[0], v[1]);
                   if (fmod)
                     return rest;
                   Value zero = s.like(rest, 0);
                   Value differ = s.ne(s.lt(rest, zero), s.lt(v[1], zero));
                   Value wrong = s.logicalAnd(s.ne(rest, zero), differ);
                   return s.select(wrong, s.add(rest, v[1]), rest);
                 }));
}

/// The result has the base's type. Exponents that are common constants become
/// multiplications; integers compute in f64.
void importPow(Node &n) {
  Value x = n.in(0), y = alignedOperand(n, x, n.in(1));
  Type base = Node::elem(x), exponent = Node::elem(y);
  std::optional<double> known;
  if (auto scalar = Node::constantScalar(y))
    known = Node::isFloat(y) ? scalar->f : static_cast<double>(scalar->i);
  auto type = n.tensor(n.broadcast({x, y}), base);
  bool isFloat = Node::isFloat(x);
  Type wide =
      isFloat ? (base.isF64() ? base : n.f32()) : Type(n.b.getF64Type());
  n.out(0, n.map(type, {x, y}, [&](Scalars &s, ValueRange v) -> Value {
    if (known && *known == 1)
      return v[0];
    if (known && *known == 2)
      return s.mul(v[0], v[0]);
    if (known && *known == 3)
      return s.mul(s.mul(v[0], v[0]), v[0]);
    Value a = s.cast(v[0], base, wide);
    Value result;
    if (known && isFloat && *known == 0.5)
      result = s.call<math::SqrtOp>(a);
    else if (known && isFloat && *known == -1)
      result = s.div(s.like(a, 1), a);
    else
      result = s.pow(a, s.cast(v[1], exponent, wide));
    return s.cast(result, wide, base);
  }));
}

void importBitShift(Node &n) {
  Value x = n.in(0), y = n.in(1);
  sameElements(n, x, y);
  std::string direction = n.stringAttr("direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    n.invalid("direction must be LEFT or RIGHT");
  unsigned width = Node::elem(x).getIntOrFloatBitWidth();
  bool isUnsigned = Node::elem(x).isUnsignedInteger();
  n.out(0, n.map(n.tensor(n.broadcast({x, y}), Node::elem(x)), {x, y},
                 [&](Scalars &s, ValueRange v) {
                   Value zero = s.like(v[0], 0), shifted, gone = zero;
                   if (direction == "LEFT") {
                     shifted = arith::ShLIOp::create(s.b, s.loc, v[0], v[1]);
                   } else if (isUnsigned) {
                     shifted = arith::ShRUIOp::create(s.b, s.loc, v[0], v[1]);
                   } else {
                     shifted = arith::ShRSIOp::create(s.b, s.loc, v[0], v[1]);
                     gone = s.select(s.lt(v[0], zero), s.like(v[0], -1), zero);
                   }
                   // By the width or more, all bits go; negative counts too.
                   Value fits = arith::CmpIOp::create(
                       s.b, s.loc, arith::CmpIPredicate::ult, v[1],
                       s.like(v[1], width));
                   return s.select(fits, shifted, gone);
                 }));
}

void importWhere(Node &n) {
  Value condition = n.in(0), x = n.in(1), y = n.in(2);
  sameElements(n, x, y);
  // A branch that a constant condition never takes only gives its shape.
  n.out(0, n.map(n.tensor(n.broadcast({condition, x, y}), Node::elem(x)),
                 {condition, x, y}, [](Scalars &s, ValueRange v) {
                   return s.select(v[0], v[1], v[2]);
                 }));
}

const OpRow rows[] = {
    {"Add", 7, "map", "", importArithmetic<&Scalars::add>},
    {"And", 7, "map", "", importArithmetic<&Scalars::logicalAnd>},
    {"BitShift", 11, "map", "", importBitShift},
    {"BitwiseAnd", 18, "map", "", importArithmetic<&Scalars::logicalAnd>},
    {"BitwiseOr", 18, "map", "", importArithmetic<&Scalars::logicalOr>},
    {"BitwiseXor", 18, "map", "", importArithmetic<&Scalars::logicalXor>},
    {"Div", 7, "map; integers truncate toward zero, x / 0 is 0", "",
     importArithmetic<&Scalars::div>},
    {"Equal", 7, "map", "strings", importComparison<&Scalars::eq>},
    {"Greater", 7, "map", "", importComparison<&Scalars::gt>},
    {"GreaterOrEqual", 12, "map", "", importComparison<&Scalars::ge>},
    {"Less", 7, "map", "", importComparison<&Scalars::lt>},
    {"LessOrEqual", 12, "map", "", importComparison<&Scalars::le>},
    {"Max", 7, "map", "", importVariadic<&Scalars::max>},
    {"Mean", 7, "map", "", importMean},
    {"Min", 7, "map", "", importVariadic<&Scalars::min>},
    {"Mod", 10, "map", "", importMod},
    {"Mul", 7, "map", "", importArithmetic<&Scalars::mul>},
    {"Or", 7, "map", "", importArithmetic<&Scalars::logicalOr>},
    {"Pow", 7, "map", "", importPow},
    {"Sub", 7, "map", "", importArithmetic<&Scalars::sub>},
    {"Sum", 7, "map", "", importVariadic<&Scalars::add>},
    {"Where", 9, "map", "strings", importWhere},
    {"Xor", 7, "map", "", importArithmetic<&Scalars::logicalXor>},
};
} // namespace

OpFamily binaryOps() { return {"Element by element, several inputs", rows}; }

} // namespace hybridc::import
