//===- Commands.cpp - Writing stream commands -----------------------------===//
#include "hybridc/Dialect/Hyb/IR/Commands.h"

#include <algorithm>

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;
using stream::DType;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

DType hybridc::hyb::dtypeOf(Type type) {
  return tryDTypeOf(type).value_or(DType::F32);
}

uint64_t hybridc::hyb::bitsOf(Attribute scalar) {
  if (auto value = dyn_cast<FloatAttr>(scalar))
    return value.getValue().bitcastToAPInt().getZExtValue();
  if (auto value = dyn_cast<IntegerAttr>(scalar))
    return value.getValue().getZExtValue();
  return 0;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

void hybridc::hyb::setAttr(stream::Command &command, stream::Attr attr) {
  auto at = std::lower_bound(
      command.attrs.begin(), command.attrs.end(), attr.name,
      [](const stream::Attr &a, const std::string &b) { return a.name < b; });
  if (at != command.attrs.end() && at->name == attr.name)
    *at = std::move(attr);
  else
    command.attrs.insert(at, std::move(attr));
}

void hybridc::hyb::setInts(stream::Command &command, StringRef name,
                           ArrayRef<int64_t> values) {
  stream::Attr attr;
  attr.name = name.str();
  attr.ints.assign(values.begin(), values.end());
  setAttr(command, std::move(attr));
}

void hybridc::hyb::setFloats(stream::Command &command, StringRef name,
                             ArrayRef<double> values) {
  stream::Attr attr;
  attr.name = name.str();
  attr.kind = stream::AttrKind::Floats;
  attr.floats.assign(values.begin(), values.end());
  setAttr(command, std::move(attr));
}

void hybridc::hyb::setText(stream::Command &command, StringRef name,
                           StringRef value) {
  stream::Attr attr;
  attr.name = name.str();
  attr.kind = stream::AttrKind::Text;
  attr.text = value.str();
  setAttr(command, std::move(attr));
}

void hybridc::hyb::setUnlessZero(stream::Command &command, StringRef name,
                                 int64_t value) {
  if (value)
    setInts(command, name, value);
}
