//===- Reduce.cpp - Reductions and scans ----------------------------------===//

#include "../Node.h"
#include "../Table.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace hybridc::import {
namespace {
using hyb::ReduceKind;

struct Axes {
  Ints axes;
  bool keep;
  bool nothing; ///< noop_with_empty_axes: only the element-wise part is done
};

/// Axes are an attribute first, an input from opset 18 (ReduceSum: 13) on.
Axes axesFor(Node &n, Value x) {
  auto given = n.intsFrom(1, "axes");
  Axes result{{}, n.intAttr("keepdims", 1) != 0, false};
  if (!given || given->empty()) {
    result.nothing = n.intAttr("noop_with_empty_axes", 0) != 0;
    if (!result.nothing)
      for (int64_t d = 0; d < Node::rankOf(x); ++d)
        result.axes.push_back(d);
    return result;
  }
  result.axes = n.axesOf(*given, Node::rankOf(x));
  return result;
}

/// The largest or smallest of nothing.
double emptyExtreme(Type element, bool largest) {
  if (isa<FloatType>(element)) {
    double inf = std::numeric_limits<double>::infinity();
    return largest ? -inf : inf;
  }
  unsigned bits = element.getIntOrFloatBitWidth();
  bool isUnsigned = element.isUnsignedInteger() || bits == 1;
  if (largest)
    return isUnsigned ? 0 : -std::ldexp(1.0, bits - 1);
  return std::ldexp(1.0, isUnsigned ? bits : bits - 1) - 1;
}

Value reduceOver(Node &n, ReduceKind kind, Value x, const Axes &axes) {
  if (axes.nothing)
    return x;
  bool empty = llvm::any_of(
      axes.axes, [&](int64_t axis) { return Node::shapeOf(x)[axis] == 0; });
  if (empty && kind != ReduceKind::Sum && kind != ReduceKind::Prod) {
    if (kind == ReduceKind::Mean)
      n.unsupported("the mean of no elements is not defined");
    Ints shape;
    for (int64_t d = 0; d < Node::rankOf(x); ++d)
      if (!llvm::is_contained(axes.axes, d))
        shape.push_back(Node::shapeOf(x)[d]);
      else if (axes.keep)
        shape.push_back(1);
    return n.splat(shape, Node::elem(x),
                   emptyExtreme(Node::elem(x), kind == ReduceKind::Max));
  }
  return n.reduce(kind, x, axes.axes, axes.keep);
}

template <ReduceKind kind> void importReduce(Node &n) {
  Value x = n.in(0);
  Axes axes = axesFor(n, x);
  if (Node::elem(x).isInteger(1)) { // opset 20: bools, as 0 and 1
    Type byte = IntegerType::get(n.b.getContext(), 8, IntegerType::Unsigned);
    Value wide = reduceOver(n, kind, n.cast(x, byte), axes);
    return n.out(0, n.cast(wide, Node::elem(x)));
  }
  n.out(0, reduceOver(n, kind, x, axes));
}

Value square(Node &n, Value x) { return n.mul(x, x); }
Value magnitude(Node &n, Value x) {
  return n.map(Node::typeOf(x), x,
               [](Scalars &s, ValueRange v) { return s.abs(v[0]); });
}
/// A float function of any element type, computed in f32 or f64.
template <typename Op> Value apply(Node &n, Value x) {
  Type own = Node::elem(x);
  Type wide = own.isF64() || own.getIntOrFloatBitWidth() == 64
                  ? Type(n.b.getF64Type())
                  : n.f32();
  return n.map(Node::typeOf(x), x, [&](Scalars &s, ValueRange v) {
    Value result = s.call<Op>(s.cast(v[0], own, wide));
    return s.cast(result, wide, own);
  });
}

void importReduceL1(Node &n) {
  Value x = n.in(0);
  n.out(0, reduceOver(n, ReduceKind::Sum, magnitude(n, x), axesFor(n, x)));
}
void importReduceL2(Node &n) {
  Value x = n.in(0);
  Axes axes = axesFor(n, x);
  Value sum = reduceOver(n, ReduceKind::Sum, square(n, x), axes);
  n.out(0, apply<math::SqrtOp>(n, sum));
}
void importReduceSumSquare(Node &n) {
  Value x = n.in(0);
  n.out(0, reduceOver(n, ReduceKind::Sum, square(n, x), axesFor(n, x)));
}
void importReduceLogSum(Node &n) {
  Value x = n.in(0);
  Axes axes = axesFor(n, x);
  n.out(0, apply<math::LogOp>(n, reduceOver(n, ReduceKind::Sum, x, axes)));
}

/// log(sum(exp(x - m))) + m with the largest m, so that nothing overflows.
void importReduceLogSumExp(Node &n) {
  Value x = n.in(0);
  Axes axes = axesFor(n, x);
  if (!Node::isFloat(x))
    n.unsupported("needs float elements");
  if (axes.nothing)
    return n.out(0, x);
  Axes kept = axes;
  kept.keep = true;
  Value top = reduceOver(n, ReduceKind::Max, x, kept);
  // Of infinities only the sign is left to say.
  top = n.map(Node::typeOf(top), top, [](Scalars &s, ValueRange v) {
    Value inf = s.like(v[0], std::numeric_limits<double>::infinity());
    return s.select(s.eq(s.abs(v[0]), inf), s.like(v[0], 0), v[0]);
  });
  Value terms = n.mapWide({x, top}, [](Scalars &s, ValueRange v) {
    return s.call<math::ExpOp>(s.sub(v[0], v[1]));
  });
  Value sum = reduceOver(n, ReduceKind::Sum, terms, kept);
  Value y = n.mapWide({sum, top}, [](Scalars &s, ValueRange v) {
    return s.add(s.call<math::LogOp>(v[0]), v[1]);
  });
  Ints shape;
  for (int64_t d = 0; d < Node::rankOf(x); ++d)
    if (axes.keep || !llvm::is_contained(axes.axes, d))
      shape.push_back(Node::shapeOf(y)[d]);
  n.out(0, n.reshape(y, shape));
}

template <ReduceKind kind> void importArg(Node &n) {
  Value x = n.in(0);
  if (Node::rankOf(x) == 0)
    return n.out(0, n.splat({}, n.i64(), 0));
  int64_t axis = n.axisOf(n.intAttr("axis", 0), Node::rankOf(x));
  if (Node::shapeOf(x)[axis] == 0)
    n.invalid("the axis is empty");
  Ints kept(Node::shapeOf(x));
  kept[axis] = 1;
  Value y = n.emit<hyb::ReduceOp>(n.tensor(kept, n.i64()), kind, x,
                                  ArrayRef<int64_t>(axis),
                                  n.intAttr("select_last_index", 0) != 0);
  if (!n.intAttr("keepdims", 1)) {
    kept.erase(kept.begin() + axis);
    y = n.reshape(y, kept);
  }
  n.out(0, y);
}

void importCumSum(Node &n) {
  Value x = n.in(0);
  Ints axis = n.requireInts(1, "axis");
  if (axis.size() != 1 || Node::rankOf(x) == 0)
    n.invalid("axis must be one number");
  n.out(0, n.host("cumsum", x, Node::typeOf(x),
                  {n.named("axis", n.axisOf(axis[0], Node::rankOf(x))),
                   n.named("exclusive", n.intAttr("exclusive", 0)),
                   n.named("reverse", n.intAttr("reverse", 0))})[0]);
}

const OpRow rows[] = {
    {"ArgMax", 7, "reduce", "", importArg<ReduceKind::ArgMax>},
    {"ArgMin", 7, "reduce", "", importArg<ReduceKind::ArgMin>},
    {"CumSum", 11, "host cumsum", "an axis known only at run time",
     importCumSum},
    {"ReduceL1", 7, "map, reduce", "", importReduceL1},
    {"ReduceL2", 7, "map, reduce, map", "", importReduceL2},
    {"ReduceLogSum", 7, "reduce, map", "", importReduceLogSum},
    {"ReduceLogSumExp", 7, "reduce, map, reduce, map", "integers",
     importReduceLogSumExp},
    {"ReduceMax", 7, "reduce", "", importReduce<ReduceKind::Max>},
    {"ReduceMean", 7, "reduce", "", importReduce<ReduceKind::Mean>},
    {"ReduceMin", 7, "reduce", "", importReduce<ReduceKind::Min>},
    {"ReduceProd", 7, "reduce", "", importReduce<ReduceKind::Prod>},
    {"ReduceSum", 7, "reduce", "", importReduce<ReduceKind::Sum>},
    {"ReduceSumSquare", 7, "map, reduce", "", importReduceSumSquare},
};
} // namespace

OpFamily reduceOps() { return {"Reductions", rows}; }

} // namespace hybridc::import
