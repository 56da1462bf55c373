//===- Shape.cpp - Ops on shapes ------------------------------------------===//

#include "../Node.h"
#include "../Table.h"

using namespace mlir;

namespace hybridc::import {
namespace {

/// 0 copies the input's extent (unless allowzero), -1 is what is left.
void importReshape(Node &n) {
  Value x = n.in(0);
  Ints wanted = n.requireInts(1, "the shape");
  bool zeros = n.intAttr("allowzero", 0) != 0;
  int64_t known = 1, guess = -1;
  for (size_t d = 0; d < wanted.size(); ++d) {
    if (wanted[d] == 0 && !zeros) {
      if (static_cast<int64_t>(d) >= Node::rankOf(x))
        n.invalid("the shape copies a dimension that the input does not have");
      wanted[d] = Node::shapeOf(x)[d];
    }
    if (wanted[d] == -1) {
      if (guess >= 0)
        n.invalid("the shape has more than one -1");
      guess = static_cast<int64_t>(d);
    } else if (wanted[d] < 0) {
      n.invalid(fmt::format("the shape holds {}", wanted[d]));
    } else if (llvm::MulOverflow(known, wanted[d], known)) {
      n.invalid("the shape's size overflows");
    }
  }
  int64_t count = Node::typeOf(x).getNumElements();
  if (guess >= 0) {
    if (known == 0 || count % known)
      n.invalid(fmt::format("{} elements do not divide into the shape", count));
    wanted[guess] = count / known;
  }
  n.out(0, n.reshape(x, wanted));
}

void importFlatten(Node &n) {
  Value x = n.in(0);
  int64_t axis = n.axisOf(n.intAttr("axis", 1), Node::rankOf(x), true);
  int64_t rows = 1, columns = 1;
  for (int64_t d = 0; d < Node::rankOf(x); ++d)
    (d < axis ? rows : columns) *= Node::shapeOf(x)[d];
  n.out(0, n.reshape(x, {rows, columns}));
}

void importSqueeze(Node &n) {
  Value x = n.in(0);
  auto given = n.intsFrom(1, "axes");
  Ints axes = given ? n.axesOf(*given, Node::rankOf(x)) : Ints(), shape;
  for (int64_t d = 0; d < Node::rankOf(x); ++d) {
    int64_t extent = Node::shapeOf(x)[d];
    bool drop = given ? llvm::is_contained(axes, d) : extent == 1;
    if (drop && extent != 1)
      n.invalid(fmt::format("dimension {} has extent {}, not 1", d, extent));
    if (!drop)
      shape.push_back(extent);
  }
  n.out(0, n.reshape(x, shape));
}

void importUnsqueeze(Node &n) {
  Value x = n.in(0);
  auto given = n.intsFrom(1, "axes");
  if (!given)
    n.invalid("axes are missing");
  int64_t rank = Node::rankOf(x) + static_cast<int64_t>(given->size());
  Ints axes = n.axesOf(*given, rank), shape;
  int64_t next = 0;
  for (int64_t d = 0; d < rank; ++d)
    shape.push_back(llvm::is_contained(axes, d) ? 1 : Node::shapeOf(x)[next++]);
  n.out(0, n.reshape(x, shape));
}

void importShape(Node &n) {
  Value x = n.in(0);
  int64_t rank = Node::rankOf(x);
  auto clamp = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  int64_t start = clamp(n.intAttr("start", 0));
  int64_t end = clamp(n.hasAttr("end") ? n.intAttr("end", 0) : rank);
  n.out(0, n.ints(Node::shapeOf(x).slice(start,
                                         std::max<int64_t>(end - start, 0))));
}

void importSize(Node &n) {
  int64_t count = Node::typeOf(n.in(0)).getNumElements();
  n.out(0, n.reshape(n.ints(count), {}));
}

void importTranspose(Node &n) {
  Value x = n.in(0);
  Ints perm = n.intsAttr("perm");
  if (perm.empty())
    for (int64_t d = Node::rankOf(x) - 1; d >= 0; --d)
      perm.push_back(d);
  for (int64_t &p : perm)
    p = n.axisOf(p, Node::rankOf(x));
  n.out(0, n.transpose(x, perm));
}

void importExpand(Node &n) {
  Value x = n.in(0);
  Ints wanted = n.requireInts(1, "the shape");
  int64_t rank = std::max<int64_t>(Node::rankOf(x), wanted.size());
  Ints shape(rank, 1);
  for (int64_t d = 0; d < rank; ++d) {
    int64_t own = d - (rank - Node::rankOf(x));
    int64_t asked = d - (rank - static_cast<int64_t>(wanted.size()));
    int64_t a = own >= 0 ? Node::shapeOf(x)[own] : 1;
    int64_t b = asked >= 0 ? wanted[asked] : 1;
    if (b < 0 || (a != b && a != 1 && b != 1))
      n.invalid(fmt::format("extent {} does not broadcast to {}", a, b));
    shape[d] = a == 1 ? b : a;
  }
  n.out(0, n.expand(x, shape));
}

const OpRow rows[] = {
    {"Expand", 8, "map with broadcast", "a shape known only at run time",
     importExpand},
    {"Flatten", 7, "reshape", "", importFlatten},
    {"Reshape", 7, "reshape", "a shape known only at run time", importReshape},
    {"Shape", 7, "constant", "", importShape},
    {"Size", 7, "constant", "", importSize},
    {"Squeeze", 7, "reshape", "axes known only at run time", importSqueeze},
    {"Transpose", 7, "transpose", "", importTranspose},
    {"Unsqueeze", 7, "reshape", "axes known only at run time", importUnsqueeze},
};
} // namespace

OpFamily shapeOps() { return {"Shapes", rows}; }

} // namespace hybridc::import
