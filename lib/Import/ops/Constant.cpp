//===- Constant.cpp - Tensors known at compile time -----------------------===//

#include "../Importer.h"
#include "../Table.h"

#include <cmath>

using namespace mlir;

namespace hybridc::import {
namespace {

void importConstant(Node &n) {
  if (const auto *a = n.find("value"))
    return n.out(0, n.constant(n.importer.convert(a->t(), n.proto.output(0))));
  if (const auto *a = n.find("sparse_value"))
    return n.out(0, n.constant(n.importer.convert(a->sparse_tensor())));
  if (const auto *a = n.find("value_int"))
    return n.out(0, n.reshape(n.ints(a->i()), {}));
  if (n.hasAttr("value_ints"))
    return n.out(0, n.ints(n.intsAttr("value_ints")));
  if (const auto *a = n.find("value_float"))
    return n.out(0, n.splat({}, n.f32(), static_cast<double>(a->f())));
  if (n.hasAttr("value_floats"))
    return n.out(0, n.floats(n.floatsAttr("value_floats"), n.f32()));
  if (n.hasAttr("value_string") || n.hasAttr("value_strings"))
    n.unsupported("strings are not supported");
  n.invalid("has no value");
}

void importConstantOfShape(Node &n) {
  Ints shape = n.requireInts(0, "the shape");
  const auto *value = n.find("value");
  if (!value)
    return n.out(0, n.splat(shape, n.f32(), 0));
  ElementsAttr one = n.importer.convert(value->t(), n.name);
  auto elements = readConstant(one, 1);
  if (!elements || elements->size() != 1)
    n.invalid("value must have one element");
  n.out(0, n.constant(makeConstant(n.tensor(shape, one.getElementType()),
                                   elements->front())));
}

void importRange(Node &n) {
  Scalar bounds[3];
  Type element = Node::elem(n.in(0));
  for (int i = 0; i < 3; ++i) {
    auto known = Node::constantScalar(n.in(i));
    if (!known)
      n.unsupported("start, limit and delta must be known at compile time: "
                    "they decide the shape of the result");
    bounds[i] = *known;
  }
  bool isFloat = isa<FloatType>(element);
  double count = isFloat ? (bounds[1].f - bounds[0].f) / bounds[2].f
                         : (static_cast<double>(bounds[1].i) -
                            static_cast<double>(bounds[0].i)) /
                               static_cast<double>(bounds[2].i);
  if (std::isnan(count) || std::isinf(count))
    n.invalid("delta is 0 or a bound is not finite");
  count = std::max(std::ceil(count), 0.0);
  if (count > static_cast<double>(1 << 24))
    n.unsupported("the result would have more than 2^24 elements");
  std::vector<Scalar> values;
  for (int64_t i = 0; i < static_cast<int64_t>(count); ++i)
    values.push_back({static_cast<int64_t>(static_cast<uint64_t>(bounds[0].i) +
                                           static_cast<uint64_t>(bounds[2].i) *
                                               static_cast<uint64_t>(i)),
                      bounds[0].f + static_cast<double>(i) * bounds[2].f});
  n.out(0,
        n.constant(makeConstant(
            n.tensor(static_cast<int64_t>(values.size()), element), values)));
}

/// On constants only: exporters index with NonZero(ConstantOfShape(…)).
void importNonZero(Node &n) {
  Value x = n.in(0);
  ElementsAttr constant = Node::constantOf(x);
  auto elements =
      constant ? readConstant(constant, int64_t(1) << 20) : std::nullopt;
  if (!elements)
    n.unsupported("the input must be known at compile time: it decides the "
                  "shape of the result");
  int64_t rank = Node::rankOf(x);
  std::vector<int64_t> found;
  for (size_t i = 0; i < elements->size(); ++i)
    if ((*elements)[i].i != 0 || (*elements)[i].f != 0)
      found.push_back(static_cast<int64_t>(i));
  std::vector<Scalar> result;
  for (int64_t d = 0; d < rank; ++d) {
    int64_t below = 1;
    for (int64_t e = d + 1; e < rank; ++e)
      below *= Node::shapeOf(x)[e];
    for (int64_t at : found)
      result.push_back({at / below % Node::shapeOf(x)[d], 0});
  }
  n.out(0, n.constant(makeConstant(
               n.tensor({rank, static_cast<int64_t>(found.size())}, n.i64()),
               result)));
}

void importEyeLike(Node &n) {
  Value x = n.in(0);
  if (Node::rankOf(x) != 2)
    n.invalid("needs a matrix");
  Type element = Node::elem(x);
  if (n.hasAttr("dtype"))
    element = elementTypeOf(n.b.getContext(),
                            static_cast<int>(n.intAttr("dtype", 1)));
  if (!element)
    n.unsupported("dtype is not supported");
  int64_t k = n.intAttr("k", 0);
  Ints shape(Node::shapeOf(x));
  if (shape[0] * shape[1] > (1 << 24))
    n.unsupported("the result would have more than 2^24 elements");
  std::vector<Scalar> values;
  for (int64_t i = 0; i < shape[0]; ++i)
    for (int64_t j = 0; j < shape[1]; ++j)
      values.push_back({j - i == k, j - i == k ? 1.0 : 0.0});
  n.out(0, n.constant(makeConstant(n.tensor(shape, element), values)));
}

const OpRow rows[] = {
    {"Constant", 7, "constant", "strings", importConstant},
    {"ConstantOfShape", 9, "constant", "a shape known only at run time",
     importConstantOfShape},
    {"EyeLike", 9, "constant", "", importEyeLike},
    {"NonZero", 9, "constant", "an input known only at run time",
     importNonZero},
    {"Range", 11, "constant", "bounds known only at run time", importRange},
};
} // namespace

OpFamily constantOps() { return {"Constants", rows}; }

} // namespace hybridc::import
