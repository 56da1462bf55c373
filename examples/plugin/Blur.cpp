//===- Blur.cpp - An op that lives outside of hybridc ---------------------===//
#include "Blur.h"

#include "hybridc/Chip/Work.h"
#include "hybridc/Dialect/Hyb/IR/Commands.h"

using namespace mlir;
using namespace hybridc;
using namespace example;

#include "BlurDialect.cpp.inc"
#define GET_OP_CLASSES
#include "BlurOps.cpp.inc"

void ExampleDialect::initialize() { addOperations<BlurOp>(); }

LogicalResult BlurOp::verify() {
  if (getX().getType() != getType() || hyb::tensorTypeOf(getX()).getRank() != 4)
    return emitOpError("takes and gives an image [N, C, H, W]");
  if (static_cast<int64_t>(getRadius()) < 0)
    return emitOpError("the radius must not be negative");
  return success();
}

/// Of a command: a pool, which averages zeros outside of the image, too.
LogicalResult BlurOp::setCommand(stream::Command &command) {
  int64_t r = getRadius(), taps = 2 * r + 1;
  command.op = stream::Op::Pool;
  hyb::setText(command, "kind", "mean");
  hyb::setInts(command, "window", {1, 1, taps, taps});
  hyb::setInts(command, "strides", {1, 1, 1, 1});
  hyb::setInts(command, "pads", {0, 0, r, r, 0, 0, r, r});
  hyb::setInts(command, "dilations", {1, 1, 1, 1});
  hyb::setInts(command, "count_pad", 1);
  return success();
}

StringRef BlurOp::getEngine() { return "vec"; }

void BlurOp::describeWork(chip::Work &work) {
  double taps = double(2 * getRadius() + 1);
  work.elements = hyb::tensorTypeOf(getResult()).getNumElements();
  work.opsPerElement = taps * taps;
}

FailureOr<hyb::OpRegions> BlurOp::getRegions(const hyb::Box &request) {
  ArrayRef<int64_t> shape = hyb::tensorTypeOf(getX()).getShape();
  hyb::OpRegions out;
  hyb::Box in = request;
  out.pads.assign(8, 0);
  int64_t r = getRadius();
  for (size_t d : {2, 3}) {
    if (request.size[d] == 0)
      continue;
    auto window = hyb::windowInput(request.lo[d], request.size[d], shape[d],
                                   2 * r + 1, 1, 1, r);
    if (failed(window))
      return failure();
    in.lo[d] = window->lo;
    in.size[d] = window->size;
    out.pads[d] = window->before;
    out.pads[4 + d] = window->after;
  }
  double taps = double(2 * r + 1);
  out.work = double(request.numElements()) * taps * taps;
  out.computed = request;
  out.inputs = {std::move(in)};
  return out;
}

void BlurOp::narrowCommand(const hyb::OpRegions &regions,
                           stream::Command &command) {
  hyb::setInts(command, "pads", regions.pads);
}
