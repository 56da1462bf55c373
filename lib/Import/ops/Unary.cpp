//===- Unary.cpp - Ops on one tensor, element by element ------------------===//

#include "../Node.h"
#include "../Table.h"

#include <limits>

using namespace mlir;

namespace hybridc::import {
namespace {

/// A float function that is one op of the vector unit.
template <typename Op> void importMath(Node &n) {
  Value x = n.in(0);
  if (!Node::isFloat(x))
    n.unsupported("needs float elements");
  n.out(0, n.mapWide(
               x, [](Scalars &s, ValueRange v) { return s.call<Op>(v[0]); }));
}

/// Rounding: nothing to do for integers.
template <typename Op> void importRounding(Node &n) {
  Value x = n.in(0);
  if (Node::isFloat(x))
    x = n.map(Node::typeOf(x), x,
              [](Scalars &s, ValueRange v) { return s.call<Op>(v[0]); });
  n.out(0, x);
}

void importAbs(Node &n) {
  Value x = n.in(0);
  if (Node::elem(x).isUnsignedInteger())
    return n.out(0, x);
  n.out(0, n.map(Node::typeOf(x), x,
                 [](Scalars &s, ValueRange v) { return s.abs(v[0]); }));
}

void importNeg(Node &n) {
  Value x = n.in(0);
  n.out(0, n.map(Node::typeOf(x), x,
                 [](Scalars &s, ValueRange v) { return s.neg(v[0]); }));
}

void importReciprocal(Node &n) {
  n.out(0, n.mapWide(n.in(0), [](Scalars &s, ValueRange v) {
    return s.div(s.like(v[0], 1), v[0]);
  }));
}

void importSign(Node &n) {
  Value x = n.in(0);
  bool isUnsigned = Node::elem(x).isUnsignedInteger();
  n.out(0, n.map(Node::typeOf(x), x, [&](Scalars &s, ValueRange v) {
    Value zero = s.like(v[0], 0), one = s.like(v[0], 1);
    if (isUnsigned)
      return s.select(s.ne(v[0], zero), one, zero);
    // What is neither above nor below zero stays: zero and NaN.
    Value below = s.select(s.lt(v[0], zero), s.like(v[0], -1), v[0]);
    return s.select(s.gt(v[0], zero), one, below);
  }));
}

void importNot(Node &n) {
  Value x = n.in(0);
  n.out(0, n.map(Node::typeOf(x), x,
                 [](Scalars &s, ValueRange v) { return s.logicalNot(v[0]); }));
}

void importIsNaN(Node &n) {
  Value x = n.in(0);
  n.out(0, n.map(n.tensor(Node::shapeOf(x), n.b.getI1Type()), x,
                 [](Scalars &s, ValueRange v) { return s.ne(v[0], v[0]); }));
}

void importIsInf(Node &n) {
  Value x = n.in(0);
  bool negative = n.intAttr("detect_negative", 1);
  bool positive = n.intAttr("detect_positive", 1);
  n.out(0, n.map(n.tensor(Node::shapeOf(x), n.b.getI1Type()), x,
                 [&](Scalars &s, ValueRange v) {
                   constexpr double inf =
                       std::numeric_limits<double>::infinity();
                   if (negative && positive)
                     return s.eq(s.abs(v[0]), s.like(v[0], inf));
                   if (!negative && !positive)
                     return s.integer(s.b.getI1Type(), 0);
                   return s.eq(v[0], s.like(v[0], positive ? inf : -inf));
                 }));
}

void importIdentity(Node &n) { n.outItem(0, n.inItem(0)); }

/// Training is off: the input, and a mask of ones.
void importDropout(Node &n) {
  Value x = n.in(0);
  if (n.has(2)) {
    auto training = Node::constantScalar(n.in(2));
    auto ratio = n.has(1) ? Node::constantScalar(n.in(1)) : Scalar{0, 0.5};
    if (!training)
      n.unsupported("training_mode must be known at compile time");
    if (training->i && (!ratio || ratio->f != 0))
      n.unsupported("training_mode is true: dropping needs random numbers; "
                    "export the model for inference");
  }
  n.out(0, x);
  if (n.wants(1)) {
    Type mask = n.opset < 10 ? Node::elem(x) : n.b.getI1Type();
    n.out(1, n.splat(Node::shapeOf(x), mask, 1));
  }
}

const OpRow rows[] = {
    {"Abs", 7, "map", "", importAbs},
    {"Acos", 7, "map", "", importMath<math::AcosOp>},
    {"Acosh", 9, "map", "", importMath<math::AcoshOp>},
    {"Asin", 7, "map", "", importMath<math::AsinOp>},
    {"Asinh", 9, "map", "", importMath<math::AsinhOp>},
    {"Atan", 7, "map", "", importMath<math::AtanOp>},
    {"Atanh", 9, "map", "", importMath<math::AtanhOp>},
    {"BitwiseNot", 18, "map", "", importNot},
    {"Ceil", 7, "map", "", importRounding<math::CeilOp>},
    {"Cos", 7, "map", "", importMath<math::CosOp>},
    {"Cosh", 9, "map", "", importMath<math::CoshOp>},
    {"Dropout", 7, "nothing, or ones for the mask", "training_mode",
     importDropout},
    {"Erf", 9, "map", "integers (opset 9)", importMath<math::ErfOp>},
    {"Exp", 7, "map", "", importMath<math::ExpOp>},
    {"Floor", 7, "map", "", importRounding<math::FloorOp>},
    {"Identity", 7, "nothing: another name", "", importIdentity},
    {"IsInf", 10, "map", "", importIsInf},
    {"IsNaN", 9, "map", "", importIsNaN},
    {"Log", 7, "map", "", importMath<math::LogOp>},
    {"Neg", 7, "map", "", importNeg},
    {"Not", 7, "map", "", importNot},
    {"Reciprocal", 7, "map", "", importReciprocal},
    {"Round", 11, "map", "", importRounding<math::RoundEvenOp>},
    {"Sign", 9, "map", "", importSign},
    {"Sin", 7, "map", "", importMath<math::SinOp>},
    {"Sinh", 9, "map", "", importMath<math::SinhOp>},
    {"Sqrt", 7, "map", "", importMath<math::SqrtOp>},
    {"Tan", 7, "map", "", importMath<math::TanOp>},
    {"Tanh", 7, "map", "", importMath<math::TanhOp>},
};
} // namespace

OpFamily unaryOps() { return {"Element by element, one input", rows}; }

} // namespace hybridc::import
