//===- HybConvTranspose.cpp - What passes ask a transposed convolution ----===//
#include "Products.h"

#include "hybridc/Dialect/Hyb/IR/Commands.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

LogicalResult ConvTransposeOp::setCommand(stream::Command &command) {
  command.op = stream::Op::Conv;
  setInts(command, "strides", getStrides());
  setInts(command, "dilations", getDilations());
  setInts(command, "groups", getGroups());
  setInts(command, "transposed", 1);
  // Output padding, known from the result's extents, is a smaller (or
  // negative) padding at the end.
  auto x = tensorTypeOf(getX()), w = tensorTypeOf(getW()),
       y = tensorTypeOf(getResult());
  SmallVector<int64_t> pads(getPads());
  int64_t spatial = x.getRank() - 2;
  for (int64_t d = 0; d < spatial; ++d) {
    int64_t taps = (w.getDimSize(2 + d) - 1) * getDilations()[d] + 1;
    int64_t least = (x.getDimSize(2 + d) - 1) * getStrides()[d] + taps -
                    pads[d] - pads[spatial + d];
    pads[spatial + d] -= y.getDimSize(2 + d) - least;
  }
  setInts(command, "pads", pads);
  return success();
}

StringRef ConvTransposeOp::getEngine() { return "mac"; }

void ConvTransposeOp::describeWork(chip::Work &work) {
  describe(getGemm(), work);
}

void ConvTransposeOp::narrowCommand(const OpRegions &regions,
                                    stream::Command &command) {
  setInts(command, "groups", regions.groups);
}

FailureOr<OpRegions> ConvTransposeOp::getRegions(const Box &wanted) {
  OpRegions out;
  Box request = wanted;
  ArrayRef<int64_t> x = tensorTypeOf(getX()).getShape(),
                    w = tensorTypeOf(getW()).getShape(),
                    y = tensorTypeOf(getResult()).getShape();
  // Bands of a transposed convolution overlap in the output: whole planes.
  for (size_t d = 2; d < y.size(); ++d)
    request.widen(y, {static_cast<int64_t>(d)});
  Box in = Box::whole(x), weights = Box::whole(w);
  in.lo[0] = request.lo[0];
  in.size[0] = request.size[0];
  if (getGroups() > 1) {
    request.widen(y, {1});
    out.groups = getGroups();
  } else {
    weights.lo[1] = request.lo[1];
    weights.size[1] = request.size[1];
  }
  out.pads.assign(2 * (x.size() - 2), 0); // the command keeps the op's own
  out.work = static_cast<double>(in.numElements()) *
             static_cast<double>(weights.numElements()) /
             static_cast<double>(x[1]);
  out.computed = std::move(request);
  out.inputs = {std::move(in), std::move(weights)};
  return out;
}

Gemm ConvTransposeOp::getGemm() {
  auto x = tensorTypeOf(getX()), w = tensorTypeOf(getW());
  uint64_t groups = getGroups();
  Gemm gemm;
  gemm.batch = x.getDimSize(0) * groups;
  gemm.m = product(x.getShape().drop_front(2));
  gemm.k = x.getDimSize(1) / groups;
  gemm.n = w.getDimSize(1) * product(w.getShape().drop_front(2));
  gemm.weights = getW();
  gemm.groups = groups;
  gemm.grouped = groups > 1;
  gemm.transposed = true;
  return gemm;
}

ChannelDims ConvTransposeOp::getChannelDims() {
  return {1, 1, static_cast<int64_t>(getGroups())};
}

std::optional<int64_t> ConvTransposeOp::getSumDim(unsigned) {
  return std::nullopt; // a pixel of the result is a sum over taps of many
}
