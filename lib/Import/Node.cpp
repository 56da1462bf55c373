//===- Node.cpp - Inputs, attributes and errors of an ONNX node -----------===//

#include "Node.h"
#include "Importer.h"

#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;

namespace hybridc::import {

/// Elements of a tensor: beyond this, sizes in bytes would overflow.
constexpr int64_t maxElements = int64_t(1) << 48;

Node::Node(Importer &importer, Scope &scope, Frame &frame,
           const onnx::NodeProto &proto, std::string name, Location loc)
    : importer(importer), scope(scope), frame(frame), proto(proto),
      name(std::move(name)), loc(loc), b(importer.b), opset(frame.opset) {}

//===----------------------------------------------------------------------===//
// Inputs and outputs
//===----------------------------------------------------------------------===//

Item Node::inItem(int i) {
  if (!has(i))
    invalid(fmt::format("input {} is missing", i));
  auto item = importer.lookup(scope, proto.input(i));
  if (!item)
    unsupported(fmt::format("input '{}' is not a tensor that was imported",
                            proto.input(i)));
  return std::move(*item);
}

Value Node::in(int i) {
  Item item = inItem(i);
  if (item.sequence)
    unsupported(fmt::format("input '{}' is a sequence, which is not known to "
                            "the op; tensors in its place would help",
                            proto.input(i)));
  return item.value;
}

Sequence Node::inSequence(int i) {
  Item item = inItem(i);
  if (!item.sequence)
    unsupported(fmt::format("input '{}' is not a sequence whose tensors are "
                            "known one by one at compile time",
                            proto.input(i)));
  return std::move(*item.sequence);
}

SmallVector<Value> Node::allInputs() {
  SmallVector<Value> values;
  for (int i = 0; i < numInputs(); ++i)
    values.push_back(in(i));
  if (values.empty())
    invalid("has no inputs");
  return values;
}

void Node::outItem(int i, Item item) {
  if (wants(i))
    importer.bind(scope, proto.output(i), std::move(item), loc);
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

const onnx::AttributeProto *Node::find(llvm::StringRef attribute) const {
  for (const auto &candidate : proto.attribute()) {
    if (candidate.name() != attribute)
      continue;
    if (candidate.ref_attr_name().empty())
      return &candidate;
    auto bound = frame.attributes.find(candidate.ref_attr_name());
    return bound == frame.attributes.end() ? nullptr : bound->second;
  }
  return nullptr;
}

int64_t Node::intAttr(llvm::StringRef attribute, int64_t fallback) const {
  const auto *found = find(attribute);
  return found ? found->i() : fallback;
}
double Node::floatAttr(llvm::StringRef attribute, double fallback) const {
  const auto *found = find(attribute);
  // ONNX's defaults are single precision as its attributes are: 0.9f in f64,
  // too.
  return static_cast<double>(found ? found->f() : static_cast<float>(fallback));
}
std::string Node::stringAttr(llvm::StringRef attribute,
                             llvm::StringRef fallback) const {
  const auto *found = find(attribute);
  return found ? found->s() : fallback.str();
}
Ints Node::intsAttr(llvm::StringRef attribute) const {
  const auto *found = find(attribute);
  if (!found)
    return {};
  return Ints(found->ints().begin(), found->ints().end());
}
std::vector<double> Node::floatsAttr(llvm::StringRef attribute) const {
  const auto *found = find(attribute);
  if (!found)
    return {};
  return {found->floats().begin(), found->floats().end()};
}
std::vector<std::string> Node::stringsAttr(llvm::StringRef attribute) const {
  const auto *found = find(attribute);
  if (!found)
    return {};
  return {found->strings().begin(), found->strings().end()};
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

ElementsAttr Node::constantOf(Value value) {
  auto constant = value.getDefiningOp<hyb::ConstantOp>();
  return constant ? constant.getValue() : ElementsAttr();
}

std::optional<Ints> Node::constantInts(Value value) {
  ElementsAttr constant = constantOf(value);
  if (!constant || isFloat(value))
    return std::nullopt;
  auto scalars = readConstant(constant, int64_t(1) << 22);
  if (!scalars)
    return std::nullopt;
  Ints result;
  for (Scalar scalar : *scalars)
    result.push_back(scalar.i);
  return result;
}

std::optional<std::vector<double>> Node::constantFloats(Value value) {
  ElementsAttr constant = constantOf(value);
  if (!constant || !isFloat(value))
    return std::nullopt;
  auto scalars = readConstant(constant);
  if (!scalars)
    return std::nullopt;
  std::vector<double> result;
  for (Scalar scalar : *scalars)
    result.push_back(scalar.f);
  return result;
}

std::optional<Scalar> Node::constantScalar(Value value) {
  ElementsAttr constant = constantOf(value);
  if (!constant)
    return std::nullopt;
  auto scalars = readConstant(constant, 1);
  if (!scalars || scalars->size() != 1)
    return std::nullopt;
  return scalars->front();
}

Ints Node::requireInts(int i, llvm::StringRef what) {
  Value value = in(i);
  auto constant = constantInts(value);
  if (!constant)
    unsupported(fmt::format(
        "{} (input '{}') must be known at compile time; make it an "
        "initialiser, or bind the dimensions that it is computed from with "
        "--dim or --shape",
        what.str(), proto.input(i)));
  return *constant;
}

std::optional<Ints> Node::intsFrom(int i, llvm::StringRef attribute) {
  if (has(i))
    return requireInts(i, attribute);
  if (hasAttr(attribute))
    return intsAttr(attribute);
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

std::string Node::describe() const {
  return fmt::format("{}: node '{}' ({})", importer.model->path, name,
                     proto.op_type());
}
void Node::unsupported(const std::string &reason) const {
  failUnsupported("{}: {}", describe(), reason);
}
void Node::invalid(const std::string &reason) const {
  failInvalid("{}: {}", describe(), reason);
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

RankedTensorType Node::tensor(ArrayRef<int64_t> shape, Type element) const {
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0)
      invalid(fmt::format("a result would have extent {}", extent));
    if (llvm::MulOverflow(count, std::max<int64_t>(extent, 1), count) ||
        count > maxElements)
      invalid("a result is too large: its number of elements overflows");
  }
  int64_t bytes = (element.getIntOrFloatBitWidth() + 7) / 8;
  if (count > maxTensorBytes / bytes)
    failTooLarge("{}: a result takes {:.3g} bytes, {:.3g} more than any chip "
                 "has; smaller extents (--dim) would help",
                 describe(), static_cast<double>(count) * double(bytes),
                 static_cast<double>(count) * double(bytes) -
                     double(maxTensorBytes));
  return RankedTensorType::get(shape, element);
}

int64_t Node::axisOf(int64_t axis, int64_t rank, bool orEnd) const {
  int64_t end = rank + (orEnd ? 1 : 0);
  int64_t counted = axis < 0 ? axis + rank : axis;
  // Softmax and the like on a scalar: axis 0 and -1 are accepted.
  if (rank == 0 && (axis == 0 || axis == -1))
    return 0;
  if (counted < 0 || counted >= end)
    invalid(fmt::format("axis {} is out of range for rank {}", axis, rank));
  return counted;
}

Ints Node::axesOf(ArrayRef<int64_t> axes, int64_t rank) const {
  Ints result;
  for (int64_t axis : axes)
    if (rank > 0)
      result.push_back(axisOf(axis, rank));
  llvm::sort(result);
  for (size_t i = 1; i < result.size(); ++i)
    if (result[i] == result[i - 1])
      invalid(fmt::format("axis {} is given twice", result[i]));
  return result;
}

Ints Node::broadcast(ValueRange values) const {
  int64_t rank = 0;
  for (Value value : values)
    rank = std::max(rank, rankOf(value));
  Ints shape(rank, 1);
  for (Value value : values) {
    ArrayRef<int64_t> own = shapeOf(value);
    for (size_t d = 0; d < own.size(); ++d) {
      int64_t &extent = shape[rank - own.size() + d];
      if (own[d] == 1 || own[d] == extent)
        continue;
      if (extent != 1)
        invalid(fmt::format("shapes do not broadcast: {} against {} in "
                            "dimension {}",
                            own[d], extent, rank - own.size() + d));
      extent = own[d];
    }
  }
  return shape;
}

} // namespace hybridc::import
