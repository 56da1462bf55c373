//===- Index.cpp - Gathers, scatters, sorting -----------------------------===//

#include "../Node.h"
#include "../Table.h"

using namespace mlir;

namespace hybridc::import {
namespace {

/// Indices as the engines read them: i32 or i64.
Value indicesOf(Node &n, int input) {
  Value indices = n.in(input);
  Type element = Node::elem(indices);
  if (element.isSignlessInteger(32) || element.isSignlessInteger(64))
    return indices;
  return n.cast(indices, n.i64());
}
Value wideIndices(Node &n, int input) { return n.cast(n.in(input), n.i64()); }

/// Constant indices must be in range; others are checked when they are used.
/// `extents`: of the dimensions that the entries of one index mean in turn.
void checkRange(Node &n, Value indices, ArrayRef<int64_t> extents) {
  if (Node::typeOf(indices).getNumElements() > 0 &&
      llvm::is_contained(extents, 0))
    n.invalid("indexes an axis without elements");
  auto known = Node::constantInts(indices);
  if (!known || extents.empty())
    return;
  for (auto [i, index] : llvm::enumerate(*known)) {
    int64_t extent = extents[i % extents.size()];
    if (index < -extent || index >= extent)
      n.invalid(
          fmt::format("index {} is out of range for extent {}", index, extent));
  }
}

/// A constant scalar index is a slice, which costs nothing to address.
void importGather(Node &n) {
  Value data = n.in(0), indices = indicesOf(n, 1);
  int64_t rank = Node::rankOf(data);
  if (rank == 0)
    n.invalid("a scalar cannot be indexed");
  int64_t axis = n.axisOf(n.intAttr("axis", 0), rank);
  int64_t extent = Node::shapeOf(data)[axis];
  Ints shape(Node::shapeOf(data).take_front(axis));
  llvm::append_range(shape, Node::shapeOf(indices));
  llvm::append_range(shape, Node::shapeOf(data).drop_front(axis + 1));
  checkRange(n, indices, extent);
  if (auto known = Node::constantInts(indices); known && known->size() == 1) {
    int64_t index = known->front();
    Value one = n.sliceAxis(data, axis, index < 0 ? index + extent : index, 1);
    return n.out(0, n.reshape(one, shape));
  }
  n.out(0, n.emit<hyb::GatherOp>(n.tensor(shape, Node::elem(data)), data,
                                 indices, axis));
}

void importGatherElements(Node &n) {
  Value data = n.in(0), indices = indicesOf(n, 1);
  if (Node::rankOf(data) != Node::rankOf(indices) || Node::rankOf(data) == 0)
    n.invalid("data and indices must have the same rank, 1 or more");
  int64_t axis = n.axisOf(n.intAttr("axis", 0), Node::rankOf(data));
  checkRange(n, indices, Node::shapeOf(data)[axis]);
  n.out(0, n.host("gather_elements", {data, indices},
                  n.tensor(Node::shapeOf(indices), Node::elem(data)),
                  n.named("axis", axis))[0]);
}

void importGatherNd(Node &n) {
  Value data = n.in(0), indices = wideIndices(n, 1);
  int64_t batch = n.intAttr("batch_dims", 0);
  int64_t rank = Node::rankOf(indices);
  if (rank < 1 || batch < 0 || batch >= rank)
    n.invalid("batch_dims must be below the rank of the indices");
  int64_t depth = Node::shapeOf(indices).back();
  if (batch + depth > Node::rankOf(data) || depth < 1)
    n.invalid("indices have more entries than data has dimensions");
  Ints shape(Node::shapeOf(indices).drop_back());
  llvm::append_range(shape, Node::shapeOf(data).drop_front(batch + depth));
  checkRange(n, indices, Node::shapeOf(data).slice(batch, depth));
  n.out(0,
        n.host("gather_nd", {data, indices}, n.tensor(shape, Node::elem(data)),
               n.named("batch_dims", batch))[0]);
}

std::string reductionOf(Node &n) {
  std::string reduction = n.stringAttr("reduction", "none");
  for (const char *known : {"none", "add", "mul", "max", "min"})
    if (reduction == known)
      return reduction;
  n.invalid("reduction is '" + reduction + "'");
}

void importScatterElements(Node &n) {
  Value data = n.in(0), indices = indicesOf(n, 1), updates = n.in(2);
  if (Node::rankOf(data) != Node::rankOf(indices) || Node::rankOf(data) == 0 ||
      Node::shapeOf(indices) != Node::shapeOf(updates))
    n.invalid("indices and updates must have one shape, of the data's rank");
  int64_t axis = n.axisOf(n.intAttr("axis", 0), Node::rankOf(data));
  checkRange(n, indices, Node::shapeOf(data)[axis]);
  n.out(0,
        n.host("scatter_elements", {data, indices, updates}, Node::typeOf(data),
               {n.named("axis", axis),
                n.named("reduction", llvm::StringRef(reductionOf(n)))})[0]);
}

void importScatterNd(Node &n) {
  Value data = n.in(0), indices = wideIndices(n, 1), updates = n.in(2);
  int64_t rank = Node::rankOf(indices);
  if (rank < 1 || Node::shapeOf(indices).back() > Node::rankOf(data))
    n.invalid("indices have more entries than data has dimensions");
  Ints shape(Node::shapeOf(indices).drop_back());
  llvm::append_range(
      shape, Node::shapeOf(data).drop_front(Node::shapeOf(indices).back()));
  if (Node::shapeOf(updates) != ArrayRef<int64_t>(shape))
    n.invalid("updates do not have the shape that data and indices ask for");
  checkRange(n, indices,
             Node::shapeOf(data).take_front(Node::shapeOf(indices).back()));
  n.out(0, n.host("scatter_nd", {data, indices, updates}, Node::typeOf(data),
                  n.named("reduction", llvm::StringRef(reductionOf(n))))[0]);
}

/// k: an attribute before opset 10, then an input.
void importTopK(Node &n) {
  Value x = n.in(0);
  if (Node::rankOf(x) == 0)
    n.invalid("a scalar has no axis");
  int64_t axis = n.axisOf(n.intAttr("axis", -1), Node::rankOf(x));
  int64_t k = n.intAttr("k", 0);
  if (n.opset >= 10) {
    Ints given = n.requireInts(1, "k");
    if (given.size() != 1)
      n.invalid("k must be one number");
    k = given[0];
  }
  if (k < 0 || k > Node::shapeOf(x)[axis])
    n.invalid(fmt::format("k is {}, the axis has extent {}", k,
                          Node::shapeOf(x)[axis]));
  Ints shape(Node::shapeOf(x));
  shape[axis] = k;
  auto results = n.host(
      "topk", x, {n.tensor(shape, Node::elem(x)), n.tensor(shape, n.i64())},
      {n.named("axis", axis), n.named("largest", n.intAttr("largest", 1)),
       n.named("sorted", n.intAttr("sorted", 1))});
  n.out(0, results[0]);
  n.out(1, results[1]);
}

void importOneHot(Node &n) {
  Value indices = n.in(0), depth = n.in(1), values = n.in(2);
  auto known = Node::constantScalar(depth);
  if (!known)
    n.unsupported("the depth must be known at compile time");
  int64_t count =
      Node::isFloat(depth) ? static_cast<int64_t>(known->f) : known->i;
  if (count < 0)
    n.invalid("the depth is negative");
  int64_t rank = Node::rankOf(indices) + 1;
  int64_t axis = n.axisOf(n.intAttr("axis", -1), rank);
  Ints shape(Node::shapeOf(indices));
  shape.insert(shape.begin() + axis, count);
  Type element = Node::elem(indices);
  if (!element.isSignlessInteger(32))
    indices = n.cast(indices, n.i64());
  n.out(0,
        n.host("one_hot", {indices, values},
               n.tensor(shape, Node::elem(values)), n.named("axis", axis))[0]);
}

void importReverseSequence(Node &n) {
  Value x = n.in(0);
  int64_t rank = Node::rankOf(x);
  n.out(0, n.host("reverse_sequence", {x, wideIndices(n, 1)}, Node::typeOf(x),
                  {n.named("batch_axis",
                           n.axisOf(n.intAttr("batch_axis", 1), rank)),
                   n.named("time_axis",
                           n.axisOf(n.intAttr("time_axis", 0), rank))})[0]);
}

/// With a constant condition, a gather.
void importCompress(Node &n) {
  Value x = n.in(0);
  auto condition = Node::constantInts(n.in(1));
  if (!condition)
    n.unsupported("the condition must be known at compile time: it decides "
                  "the shape of the result");
  int64_t axis = 0;
  if (n.hasAttr("axis"))
    axis = n.axisOf(n.intAttr("axis", 0), Node::rankOf(x));
  else
    x = n.reshape(x, Node::typeOf(x).getNumElements());
  if (Node::rankOf(x) == 0 ||
      static_cast<int64_t>(condition->size()) > Node::shapeOf(x)[axis])
    n.invalid("the condition is longer than the axis");
  Ints picked, shape(Node::shapeOf(x));
  for (auto [i, keep] : llvm::enumerate(*condition))
    if (keep)
      picked.push_back(static_cast<int64_t>(i));
  shape[axis] = static_cast<int64_t>(picked.size());
  n.out(0, n.emit<hyb::GatherOp>(n.tensor(shape, Node::elem(x)), x,
                                 n.ints(picked), axis));
}

const OpRow rows[] = {
    {"Compress", 9, "gather", "a condition known only at run time",
     importCompress},
    {"Gather", 7, "gather, or slice for a constant scalar", "", importGather},
    {"GatherElements", 11, "host gather_elements", "", importGatherElements},
    {"GatherND", 11, "host gather_nd", "", importGatherNd},
    {"OneHot", 9, "host one_hot", "a depth known only at run time",
     importOneHot},
    {"ReverseSequence", 10, "host reverse_sequence", "", importReverseSequence},
    {"Scatter", 9, "host scatter_elements", "", importScatterElements},
    {"ScatterElements", 11, "host scatter_elements", "", importScatterElements},
    {"ScatterND", 11, "host scatter_nd", "", importScatterNd},
    {"TopK", 7, "host topk", "k known only at run time", importTopK},
};
} // namespace

OpFamily indexOps() { return {"Gathers, scatters, sorting", rows}; }

} // namespace hybridc::import
