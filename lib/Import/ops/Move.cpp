//===- Move.cpp - Data movement -------------------------------------------===//

#include "../Node.h"
#include "../Table.h"

using namespace mlir;

namespace hybridc::import {
namespace {

void importConcat(Node &n) {
  SmallVector<Value> inputs = n.allInputs();
  int64_t axis = n.axisOf(n.intAttr("axis", 0), Node::rankOf(inputs[0]));
  if (Node::rankOf(inputs[0]) == 0)
    n.invalid("scalars cannot be concatenated");
  for (Value input : inputs)
    if (Node::elem(input) != Node::elem(inputs[0]))
      n.invalid("inputs have different element types");
  n.out(0, n.concat(inputs, axis));
}

/// Extents: an attribute, then (13) an input; without them equal parts, the
/// last (18: num_outputs) possibly smaller.
void importSplit(Node &n) {
  Value x = n.in(0);
  int64_t axis = n.axisOf(n.intAttr("axis", 0), Node::rankOf(x));
  if (Node::rankOf(x) == 0)
    n.invalid("a scalar cannot be split");
  int64_t extent = Node::shapeOf(x)[axis], parts = n.numOutputs();
  Ints sizes;
  if (auto given = n.intsFrom(1, "split")) {
    sizes = *given;
    int64_t left = extent; // counted down: sums of wild sizes overflow
    for (int64_t size : sizes)
      left = left < 0 || size < 0 || size > left ? -1 : left - size;
    if (left != 0)
      n.invalid("the parts do not add up to the extent of the axis");
  } else {
    parts = n.intAttr("num_outputs", parts);
    if (parts < 1 || parts < n.numOutputs())
      n.invalid("num_outputs is smaller than the number of outputs");
    int64_t size = (extent + parts - 1) / parts, left = extent;
    for (int64_t i = 0; i < n.numOutputs(); ++i) {
      sizes.push_back(std::min(size, left));
      left -= sizes.back();
    }
    if (parts == n.numOutputs() && left > 0)
      n.invalid("the parts do not add up to the extent of the axis");
  }
  if (static_cast<int64_t>(sizes.size()) < n.numOutputs())
    n.invalid("has more outputs than parts");
  int64_t from = 0;
  for (int i = 0; i < n.numOutputs(); ++i) {
    if (sizes[i] < 0 || sizes[i] > extent - from)
      n.invalid("the parts do not add up to the extent of the axis");
    n.out(i, n.sliceAxis(x, axis, from, sizes[i]));
    from += sizes[i];
  }
}

/// Starts, ends, axes and steps: attributes before opset 10, then inputs.
void importSlice(Node &n) {
  Value x = n.in(0);
  int64_t rank = Node::rankOf(x);
  auto starts = n.intsFrom(1, "starts"), ends = n.intsFrom(2, "ends");
  auto axes = n.intsFrom(3, "axes"), steps = n.intsFrom(4, "steps");
  if (!starts || !ends || starts->size() != ends->size())
    n.invalid("starts and ends must have the same number of entries");
  size_t count = starts->size();
  if ((axes && axes->size() != count) || (steps && steps->size() != count))
    n.invalid("axes and steps must have as many entries as starts");
  Ints offsets(rank, 0), sizes(Node::shapeOf(x)), strides(rank, 1);
  Ints seen(rank, 0);
  for (size_t i = 0; i < count; ++i) {
    int64_t axis = n.axisOf(axes ? (*axes)[i] : static_cast<int64_t>(i), rank);
    if (rank == 0 || seen[axis]++)
      n.invalid("an axis is given twice");
    int64_t extent = Node::shapeOf(x)[axis];
    int64_t step = steps ? (*steps)[i] : 1;
    if (step == 0)
      n.invalid("a step is 0");
    // As Python: out of range is clamped, from where the step starts.
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
    auto place = [&](int64_t at) {
      at = at < 0 ? (at < -extent ? -extent - 1 : at) + extent : at;
      return std::clamp(at, low, high);
    };
    int64_t from = place((*starts)[i]), to = place((*ends)[i]);
    // Longer steps than the extent take the first element all the same.
    step = std::clamp(step, -extent - 1, extent + 1);
    int64_t size = step > 0 ? (to - from + step - 1) / step
                            : (from - to - step - 1) / -step;
    offsets[axis] = size > 0 ? from : 0;
    sizes[axis] = std::max<int64_t>(size, 0);
    strides[axis] = step;
  }
  n.out(0, n.slice(x, offsets, sizes, strides));
}

/// [.., d, ..] repeated r times is [.., r, d, ..] with a broadcast dimension.
void importTile(Node &n) {
  Value x = n.in(0);
  Ints repeats = n.requireInts(1, "repeats");
  if (static_cast<int64_t>(repeats.size()) != Node::rankOf(x))
    n.invalid("repeats must have one entry a dimension");
  Ints cut, wide, shape;
  for (auto [extent, count] : llvm::zip(Node::shapeOf(x), repeats)) {
    if (count < 0)
      n.invalid(fmt::format("repeats holds {}", count));
    int64_t total;
    if (llvm::MulOverflow(extent, count, total))
      n.invalid("the result's size overflows");
    shape.push_back(total);
    if (count != 1 && extent != 1) {
      cut.push_back(1);
      wide.push_back(count);
    }
    cut.push_back(extent);
    wide.push_back(extent == 1 ? count : extent);
  }
  n.tensor(shape, Node::elem(x)); // refuses what is too large
  n.out(0, n.reshape(n.expand(n.reshape(x, cut), wide), shape));
}

/// Pads are an attribute before opset 11, then an input; 18 adds axes.
void importPad(Node &n) {
  Value x = n.in(0);
  int64_t rank = Node::rankOf(x);
  std::string mode = n.stringAttr("mode", "constant");
  Ints given = n.opset < 11 ? n.intsAttr("pads") : n.requireInts(1, "pads");
  Ints axes;
  if (n.has(3))
    for (int64_t axis : n.requireInts(3, "axes"))
      axes.push_back(n.axisOf(axis, rank));
  else
    for (int64_t d = 0; d < rank; ++d)
      axes.push_back(d);
  if (given.size() != 2 * axes.size())
    n.invalid(fmt::format("pads has {} entries, not {}", given.size(),
                          2 * axes.size()));
  Ints low(rank, 0), high(rank, 0), shape(Node::shapeOf(x));
  for (size_t i = 0; i < axes.size(); ++i) {
    int64_t axis = axes[i], limit = int64_t(1) << 40;
    low[axis] = given[i];
    high[axis] = given[axes.size() + i];
    if (std::abs(low[axis]) > limit || std::abs(high[axis]) > limit)
      n.invalid("pads overflow");
    int64_t extent = shape[axis];
    shape[axis] += low[axis] + high[axis];
    if (extent + std::min<int64_t>(low[axis], 0) +
            std::min<int64_t>(high[axis], 0) <
        0)
      n.invalid("pads crop more than there is");
    if (mode == "reflect" && std::max(low[axis], high[axis]) >= extent &&
        shape[axis] > extent && extent < 1)
      n.invalid("nothing to reflect in an empty dimension");
  }
  if (mode == "constant") {
    double value = n.opset < 11 ? n.floatAttr("value", 0) : 0;
    if (n.opset >= 11 && n.has(2)) {
      auto known = Node::constantScalar(n.in(2));
      if (!known)
        n.unsupported("the value to pad with must be known at compile time");
      value = Node::isFloat(x) ? known->f : static_cast<double>(known->i);
    }
    return n.out(0, n.pad(x, low, high, value));
  }
  if (mode != "reflect" && mode != "edge" && mode != "wrap")
    n.invalid("mode is '" + mode + "'");
  Ints pads(low);
  llvm::append_range(pads, high);
  if (llvm::all_of(pads, [](int64_t p) { return p == 0; }))
    return n.out(0, x);
  n.out(0, n.host("pad", x, n.tensor(shape, Node::elem(x)),
                  {n.named("mode", llvm::StringRef(mode)),
                   n.named("pads", ArrayRef<int64_t>(pads))})[0]);
}

int64_t blockSize(Node &n, Value x) {
  int64_t block = n.intAttr("blocksize", 0);
  if (Node::rankOf(x) != 4 || block < 1 || block > (1 << 20))
    n.invalid("needs a rank of 4 and a blocksize of 1 or more");
  return block;
}

void importDepthToSpace(Node &n) {
  Value x = n.in(0);
  int64_t k = blockSize(n, x);
  ArrayRef<int64_t> s = Node::shapeOf(x);
  std::string mode = n.stringAttr("mode", "DCR");
  if (s[1] % (k * k))
    n.invalid("the channels are not a multiple of blocksize squared");
  if (mode != "DCR" && mode != "CRD")
    n.invalid("mode is '" + mode + "'");
  int64_t channels = s[1] / (k * k), height = s[2], width = s[3];
  bool dcr = mode == "DCR";
  Value cut = dcr ? n.reshape(x, {s[0], k, k, channels, height, width})
                  : n.reshape(x, {s[0], channels, k, k, height, width});
  Value y =
      n.transpose(cut, dcr ? Ints{0, 3, 4, 1, 5, 2} : Ints{0, 1, 4, 2, 5, 3});
  n.out(0,
        n.reshape(y, {Node::shapeOf(x)[0], channels, height * k, width * k}));
}

void importSpaceToDepth(Node &n) {
  Value x = n.in(0);
  int64_t k = blockSize(n, x);
  Ints s(Node::shapeOf(x));
  if (s[2] % k || s[3] % k)
    n.invalid("the spatial extents are not multiples of blocksize");
  Value cut = n.reshape(x, {s[0], s[1], s[2] / k, k, s[3] / k, k});
  std::string mode = n.stringAttr("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    n.invalid("mode is '" + mode + "'");
  Value y = n.transpose(cut, mode == "DCR" ? Ints{0, 3, 5, 1, 2, 4}
                                           : Ints{0, 1, 3, 5, 2, 4});
  n.out(0, n.reshape(y, {s[0], s[1] * k * k, s[2] / k, s[3] / k}));
}

/// Keeps one triangle: an index comparison in a map.
void importTrilu(Node &n) {
  Value x = n.in(0);
  int64_t rank = Node::rankOf(x), k = 0;
  if (rank < 2)
    n.invalid("needs a rank of 2 or more");
  bool upper = n.intAttr("upper", 1) != 0;
  if (n.has(1)) {
    Ints given = n.requireInts(1, "k");
    if (given.size() != 1)
      n.invalid("k must be one number");
    // Beyond the matrix nothing changes, and nothing overflows.
    int64_t limit = int64_t(1) << 48;
    k = std::clamp(given[0], -limit, limit);
  }
  n.out(0, n.map(Node::typeOf(x), x, [&](Scalars &s, ValueRange v) {
    Value column = s.index(rank - 1), row = s.index(rank - 2);
    Value diagonal = s.sub(column, row);
    Value limit = s.integer(s.b.getI64Type(), k);
    auto predicate =
        upper ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle;
    Value keep = arith::CmpIOp::create(s.b, s.loc, predicate, diagonal, limit);
    return s.select(keep, v[0], s.like(v[0], 0));
  }));
}

const OpRow rows[] = {
    {"Concat", 7, "concat", "", importConcat},
    {"DepthToSpace", 7, "reshape, transpose, reshape", "", importDepthToSpace},
    {"Pad", 7, "pad; host pad for reflect, edge, wrap",
     "pads or a value known only at run time", importPad},
    {"Slice", 7, "slice", "bounds known only at run time", importSlice},
    {"SpaceToDepth", 7, "reshape, transpose, reshape", "", importSpaceToDepth},
    {"Split", 7, "slice", "extents known only at run time", importSplit},
    {"Tile", 7, "reshape, map with broadcast, reshape",
     "repeats known only at run time", importTile},
    {"Trilu", 14, "map with index", "k known only at run time", importTrilu},
};
} // namespace

OpFamily moveOps() { return {"Data movement", rows}; }

} // namespace hybridc::import
