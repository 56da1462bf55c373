//===- Cast.cpp - Conversions of the element type -------------------------===//

#include "../Importer.h"
#include "../Table.h"

using namespace mlir;

namespace hybridc::import {
namespace {

void importCast(Node &n) {
  int target = static_cast<int>(n.intAttr("to", 0));
  Type element = elementTypeOf(n.b.getContext(), target);
  if (!element)
    n.unsupported("cannot convert to elements of type " +
                  nameOfElementType(target));
  n.out(0, n.cast(n.in(0), element));
}

void importCastLike(Node &n) { n.out(0, n.cast(n.in(0), Node::elem(n.in(1)))); }

const OpRow rows[] = {
    {"Cast", 7, "map; float to integer truncates and saturates, NaN gives 0",
     "strings, types below 8 bits, float8", importCast},
    {"CastLike", 15, "map", "as Cast", importCastLike},
};
} // namespace

OpFamily castOps() { return {"Conversions", rows}; }

} // namespace hybridc::import
