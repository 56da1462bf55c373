//===- Pool.cpp - Sliding windows -----------------------------------------===//

#include "Conv.h"

#include "../Table.h"

using namespace mlir;

namespace hybridc::import {
namespace {

Ints fullRank(ArrayRef<int64_t> spatial, int64_t before) {
  Ints all{before, before};
  llvm::append_range(all, spatial);
  return all;
}

Value pool(Node &n, hyb::PoolKind kind, Value x, const Window &w,
           bool countPad) {
  Ints shape(Node::shapeOf(x).take_front(2));
  llvm::append_range(shape, w.out);
  Ints pads = fullRank(w.begin, 0);
  llvm::append_range(pads, fullRank(w.end, 0));
  return n.emit<hyb::PoolOp>(n.tensor(shape, Node::elem(x)), kind, x,
                             fullRank(w.kernel, 1), fullRank(w.strides, 1),
                             pads, fullRank(w.dilations, 1), countPad);
}

Window spatialWindow(Node &n, Value x) {
  if (Node::rankOf(x) < 3)
    n.invalid("the input must have rank 3 or more");
  return windowOf(n, Node::shapeOf(x).drop_front(2), {});
}

void importMaxPool(Node &n) {
  Value x = n.in(0);
  Window w = spatialWindow(n, x);
  Value y = pool(n, hyb::PoolKind::Max, x, w, false);
  n.out(0, y);
  if (n.wants(1))
    n.out(1, n.host("pool_indices", x, n.tensor(Node::shapeOf(y), n.i64()),
                    {n.named("column_major", n.intAttr("storage_order", 0)),
                     n.named("dilations", w.dilations),
                     n.named("window", w.kernel), n.named("pads", w.begin),
                     n.named("strides", w.strides)})[0]);
}

/// 1 / the number of elements that each window counts, when cells that
/// ceil_mode added are not among them but padding is.
Value inverseCounts(Node &n, Value x, const Window &w) {
  Value counts;
  size_t rank = w.out.size();
  for (size_t d = 0; d < rank; ++d) {
    int64_t in = Node::shapeOf(x)[2 + d];
    int64_t padded = w.begin[d] + in + w.end[d] - w.ceiled[d];
    std::vector<double> count;
    for (int64_t o = 0; o < w.out[d]; ++o) {
      int64_t start = o * w.strides[d], inside = 0;
      for (int64_t k = 0; k < w.kernel[d]; ++k)
        inside += start + k * w.dilations[d] < padded;
      count.push_back(static_cast<double>(inside));
    }
    Ints shape(rank, 1);
    shape[d] = w.out[d];
    Value one = n.reshape(n.floats(count, Node::elem(x)), shape);
    counts = counts ? n.mul(counts, one) : one;
  }
  return n.map(Node::typeOf(counts), counts, [](Scalars &s, ValueRange v) {
    return s.div(s.like(v[0], 1), v[0]);
  });
}

void importAveragePool(Node &n) {
  Value x = n.in(0);
  Window w = spatialWindow(n, x);
  bool countPad = n.intAttr("count_include_pad", 0) != 0;
  bool ceiled = llvm::any_of(w.ceiled, [](int64_t c) { return c > 0; });
  if (countPad && ceiled) {
    Value sum = pool(n, hyb::PoolKind::Sum, x, w, false);
    return n.out(0, n.mul(sum, inverseCounts(n, x, w)));
  }
  n.out(0, pool(n, hyb::PoolKind::Mean, x, w, countPad));
}

Value power(Node &n, Value x, double p) {
  return n.mapWide(x, [&](Scalars &s, ValueRange v) -> Value {
    Value magnitude = s.abs(v[0]);
    if (p == 1)
      return magnitude;
    if (p == 2)
      return s.mul(v[0], v[0]);
    return s.pow(magnitude, s.like(v[0], p));
  });
}

Value root(Node &n, Value x, double p) {
  return n.mapWide(x, [&](Scalars &s, ValueRange v) -> Value {
    if (p == 1)
      return v[0];
    if (p == 2)
      return s.call<math::SqrtOp>(v[0]);
    return s.pow(v[0], s.like(v[0], 1 / p));
  });
}

void importLpPool(Node &n) {
  Value x = n.in(0);
  double p = static_cast<double>(n.intAttr("p", 2));
  if (p < 1)
    n.invalid("p must be at least 1");
  Window w = spatialWindow(n, x);
  n.out(0, root(n, pool(n, hyb::PoolKind::Sum, power(n, x, p), w, false), p));
}

Ints spatialAxes(Node &n, Value x) {
  if (Node::rankOf(x) < 3)
    n.invalid("the input must have rank 3 or more");
  Ints axes;
  for (int64_t d = 2; d < Node::rankOf(x); ++d)
    axes.push_back(d);
  return axes;
}

template <hyb::ReduceKind kind> void importGlobalPool(Node &n) {
  Value x = n.in(0);
  n.out(0, n.reduce(kind, x, spatialAxes(n, x), /*keep=*/true));
}

void importGlobalLpPool(Node &n) {
  Value x = n.in(0);
  double p = static_cast<double>(n.intAttr("p", 2));
  if (p < 1)
    n.invalid("p must be at least 1");
  Value sum = n.reduce(hyb::ReduceKind::Sum, power(n, x, p), spatialAxes(n, x),
                       /*keep=*/true);
  n.out(0, root(n, sum, p));
}

const OpRow rows[] = {
    {"AveragePool", 7, "pool", "more than 3 spatial dimensions",
     importAveragePool},
    {"GlobalAveragePool", 7, "reduce", "",
     importGlobalPool<hyb::ReduceKind::Mean>},
    {"GlobalLpPool", 7, "map, reduce", "", importGlobalLpPool},
    {"GlobalMaxPool", 7, "reduce", "", importGlobalPool<hyb::ReduceKind::Max>},
    {"LpPool", 7, "map, pool", "more than 3 spatial dimensions", importLpPool},
    {"MaxPool", 7, "pool; host pool_indices", "more than 3 spatial dimensions",
     importMaxPool},
};
} // namespace

OpFamily poolOps() { return {"Pools", rows}; }

} // namespace hybridc::import
