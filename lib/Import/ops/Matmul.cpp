//===- Matmul.cpp - Matrix products ---------------------------------------===//

#include "../Node.h"
#include "../Table.h"

using namespace mlir;

namespace hybridc::import {
namespace {

/// 8- and 16-bit integers are not contracted as they are: ONNX wants the
/// result in 32 or 64 bits or, for these, does not allow them.
void checkElements(Node &n, Value x, Value y) {
  if (Node::elem(x) != Node::elem(y))
    n.invalid("operands have different element types");
  if (Node::elem(x).getIntOrFloatBitWidth() < 16 || Node::elem(x).isInteger(16))
    n.unsupported("narrow integers are not supported here; use MatMulInteger");
}

void importMatMul(Node &n) {
  Value x = n.in(0), y = n.in(1);
  checkElements(n, x, y);
  int64_t xRank = Node::rankOf(x), yRank = Node::rankOf(y);
  if (xRank == 0 || yRank == 0)
    n.invalid("operands must have rank 1 or more");
  if (xRank == 1)
    x = n.reshape(x, {1, Node::shapeOf(x)[0]});
  if (yRank == 1)
    y = n.reshape(y, {Node::shapeOf(y)[0], 1});
  Value product = n.matmul(x, y);
  Ints shape(Node::shapeOf(product));
  if (yRank == 1)
    shape.pop_back();
  if (xRank == 1)
    shape.erase(shape.end() - (yRank == 1 ? 1 : 2));
  n.out(0, n.reshape(product, shape));
}

/// alpha * A' * B' + beta * C
void importGemm(Node &n) {
  Value a = n.in(0), b = n.in(1);
  checkElements(n, a, b);
  if (Node::rankOf(a) != 2 || Node::rankOf(b) != 2)
    n.invalid("A and B must be matrices");
  if (n.intAttr("transA", 0))
    a = n.transpose(a, {1, 0});
  if (n.intAttr("transB", 0))
    b = n.transpose(b, {1, 0});
  double alpha = n.floatAttr("alpha", 1), beta = n.floatAttr("beta", 1);
  Value y = n.matmul(a, b);
  auto scaled = [](Scalars &s, Value v, double factor) {
    return factor == 1 ? v : s.mul(v, s.like(v, factor));
  };
  if (Value c = n.inOrNull(2); c && beta != 0)
    y = n.map(Node::typeOf(y), {y, c}, [&](Scalars &s, ValueRange v) {
      return s.add(scaled(s, v[0], alpha), scaled(s, v[1], beta));
    });
  else if (alpha != 1)
    y = n.map(Node::typeOf(y), y,
              [&](Scalars &s, ValueRange v) { return scaled(s, v[0], alpha); });
  n.out(0, y);
}

const OpRow rows[] = {
    {"Gemm", 7, "transpose, matmul, map", "", importGemm},
    {"MatMul", 7, "matmul", "", importMatMul},
};
} // namespace

OpFamily matmulOps() { return {"Matrix products", rows}; }

} // namespace hybridc::import
