//===- HybHost.cpp - Commands of the control core -------------------------===//
#include "hybridc/Chip/Work.h"
#include "hybridc/Dialect/Hyb/IR/Commands.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

//===----------------------------------------------------------------------===//
// GatherOp
//===----------------------------------------------------------------------===//

StringRef GatherOp::getEngine() { return "ctl"; }

void GatherOp::describeWork(chip::Work &work) {
  work.elements = tensorTypeOf(getResult()).getNumElements();
}

LogicalResult GatherOp::setCommand(stream::Command &command) {
  command.op = stream::Op::Gather;
  setInts(command, "axis", getAxis());
  return success();
}

//===----------------------------------------------------------------------===//
// HostOp
//===----------------------------------------------------------------------===//

/// An attribute of a control-core kernel.
static LogicalResult setHostAttr(HostOp op, NamedAttribute named,
                                 stream::Command &command) {
  StringRef name = named.getName();
  Attribute value = named.getValue();
  auto refuse = [&]() {
    return op.emitOpError("attribute '")
           << name << "' is neither integers, floats nor a string";
  };
  if (auto text = dyn_cast<StringAttr>(value)) {
    setText(command, name, text.getValue());
  } else if (auto number = dyn_cast<FloatAttr>(value)) {
    setFloats(command, name, number.getValueAsDouble());
  } else if (auto number = dyn_cast<IntegerAttr>(value)) {
    // bool attributes are i1: 0 or 1, not 0 or -1.
    const APInt &bits = number.getValue();
    if (bits.getBitWidth() > 64)
      return refuse();
    setInts(command, name,
            bits.getBitWidth() == 1 ? int64_t(bits.getBoolValue())
                                    : bits.getSExtValue());
  } else if (isa<UnitAttr>(value)) {
    setInts(command, name, 1);
  } else if (auto values = dyn_cast<DenseI64ArrayAttr>(value)) {
    setInts(command, name, values.asArrayRef());
  } else if (auto values = dyn_cast<DenseF64ArrayAttr>(value)) {
    setFloats(command, name, values.asArrayRef());
  } else if (auto values = dyn_cast<DenseF32ArrayAttr>(value)) {
    setFloats(command, name, SmallVector<double>(values.asArrayRef()));
  } else if (auto values = dyn_cast<DenseI32ArrayAttr>(value)) {
    setInts(command, name, SmallVector<int64_t>(values.asArrayRef()));
  } else if (auto values = dyn_cast<ArrayAttr>(value)) {
    SmallVector<int64_t> ints;
    SmallVector<double> floats;
    for (Attribute element : values) {
      if (auto number = dyn_cast<IntegerAttr>(element);
          number && number.getValue().getBitWidth() <= 64)
        ints.push_back(number.getValue().getSExtValue());
      else if (auto number = dyn_cast<FloatAttr>(element))
        floats.push_back(number.getValueAsDouble());
      else
        return refuse();
    }
    if (!ints.empty() && !floats.empty())
      return refuse();
    if (floats.empty())
      setInts(command, name, ints);
    else
      setFloats(command, name, floats);
  } else {
    return refuse();
  }
  return success();
}

StringRef HostOp::getEngine() { return "ctl"; }

void HostOp::describeWork(chip::Work &work) {
  if (getNumResults())
    work.elements = tensorTypeOf(getResult(0)).getNumElements();
}

LogicalResult HostOp::setCommand(stream::Command &command) {
  command.op = stream::Op::Kernel;
  setText(command, "name", getKernel());
  for (NamedAttribute named : (*this)->getDiscardableAttrs())
    // Attributes with a dialect's prefix are notes of passes.
    if (!named.getName().strref().contains('.') &&
        failed(setHostAttr(*this, named, command)))
      return failure();
  return success();
}
