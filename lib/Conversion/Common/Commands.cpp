//===- Commands.cpp - From hyb ops to stream commands ---------------------===//
#include "hybridc/Conversion/Commands.h"

#include "hybridc/Dialect/Hyb/IR/Location.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"

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

/// Attributes whose default is 0 are only written when they are not.
static void setUnlessZero(stream::Command &command, StringRef name,
                          int64_t value) {
  if (value)
    setInts(command, name, value);
}

bool hybridc::hyb::isCommand(Operation *op) {
  return isa<MatmulOp, ConvOp, ConvTransposeOp, MapOp, ReduceOp, PoolOp,
             NormalizeOp, GatherOp, HostOp>(op);
}

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

LogicalResult hybridc::hyb::setAttributes(Operation *op,
                                          stream::Command &command) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](MatmulOp matmul) {
        command.op = stream::Op::Matmul;
        setUnlessZero(command, "a_zero", matmul.getAZero());
        setUnlessZero(command, "b_zero", matmul.getBZero());
        return success();
      })
      .Case([&](ConvOp conv) {
        command.op = stream::Op::Conv;
        setInts(command, "strides", conv.getStrides());
        setInts(command, "pads", conv.getPads());
        setInts(command, "dilations", conv.getDilations());
        setInts(command, "groups", conv.getGroups());
        setUnlessZero(command, "x_zero", conv.getXZero());
        setUnlessZero(command, "w_zero", conv.getWZero());
        setUnlessZero(command, "x_block", conv.getXBlock());
        setUnlessZero(command, "y_block", conv.getYBlock());
        return success();
      })
      .Case([&](ConvTransposeOp conv) {
        command.op = stream::Op::Conv;
        setInts(command, "strides", conv.getStrides());
        setInts(command, "dilations", conv.getDilations());
        setInts(command, "groups", conv.getGroups());
        setInts(command, "transposed", 1);
        // Output padding, known from the result's extents, is a smaller (or
        // negative) padding at the end.
        auto x = cast<RankedTensorType>(conv.getX().getType());
        auto w = cast<RankedTensorType>(conv.getW().getType());
        auto y = cast<RankedTensorType>(conv.getType());
        SmallVector<int64_t> pads(conv.getPads());
        int64_t spatial = x.getRank() - 2;
        for (int64_t d = 0; d < spatial; ++d) {
          int64_t taps = (w.getDimSize(2 + d) - 1) * conv.getDilations()[d] + 1;
          int64_t least = (x.getDimSize(2 + d) - 1) * conv.getStrides()[d] +
                          taps - pads[d] - pads[spatial + d];
          pads[spatial + d] -= y.getDimSize(2 + d) - least;
        }
        setInts(command, "pads", pads);
        return success();
      })
      .Case([&](MapOp) {
        command.op = stream::Op::Vec;
        return success();
      })
      .Case([&](ReduceOp reduce) {
        command.op = stream::Op::Reduce;
        setText(command, "kind", stringifyReduceKind(reduce.getKind()));
        setInts(command, "axes", reduce.getAxes());
        setUnlessZero(command, "select_last", reduce.getSelectLast());
        return success();
      })
      .Case([&](PoolOp pool) {
        command.op = stream::Op::Pool;
        setText(command, "kind", stringifyPoolKind(pool.getKind()));
        setInts(command, "window", pool.getWindow());
        setInts(command, "strides", pool.getStrides());
        setInts(command, "pads", pool.getPads());
        setInts(command, "dilations", pool.getDilations());
        setUnlessZero(command, "count_pad", pool.getCountPad());
        return success();
      })
      .Case([&](NormalizeOp normalize) {
        command.op = stream::Op::Normalize;
        setText(command, "kind", stringifyNormalizeKind(normalize.getKind()));
        setInts(command, "axes", normalize.getAxes());
        if (double epsilon = normalize.getEpsilon().convertToDouble())
          setFloats(command, "epsilon", epsilon);
        return success();
      })
      .Case([&](GatherOp gather) {
        command.op = stream::Op::Gather;
        setInts(command, "axis", gather.getAxis());
        return success();
      })
      .Case([&](HostOp host) -> LogicalResult {
        command.op = stream::Op::Kernel;
        setText(command, "name", host.getKernel());
        for (NamedAttribute named : host->getDiscardableAttrs())
          // Attributes with a dialect's prefix are notes of passes.
          if (!named.getName().strref().contains('.') &&
              failed(setHostAttr(host, named, command)))
            return failure();
        return success();
      })
      .Default([](Operation *other) -> LogicalResult {
        return other->emitOpError("is no command");
      });
}
