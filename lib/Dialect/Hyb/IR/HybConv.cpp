//===- HybConv.cpp - What passes ask a convolution ------------------------===//
#include "Products.h"

#include "hybridc/Dialect/Hyb/IR/Commands.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

LogicalResult ConvOp::setCommand(stream::Command &command) {
  command.op = stream::Op::Conv;
  setInts(command, "strides", getStrides());
  setInts(command, "pads", getPads());
  setInts(command, "dilations", getDilations());
  setInts(command, "groups", getGroups());
  setUnlessZero(command, "x_zero", getXZero());
  setUnlessZero(command, "w_zero", getWZero());
  setUnlessZero(command, "x_block", getXBlock());
  setUnlessZero(command, "y_block", getYBlock());
  return success();
}

StringRef ConvOp::getEngine() { return "mac"; }

void ConvOp::describeWork(chip::Work &work) { describe(getGemm(), work); }

void ConvOp::narrowCommand(const OpRegions &regions, stream::Command &command) {
  setInts(command, "pads", regions.pads);
  setInts(command, "groups", regions.groups);
}

/// Of the channels: the box that is computed and what it reads of x and w.
static void takeChannels(ConvOp op, Box &request, Box &in, Box &weights,
                         OpRegions &out) {
  ArrayRef<int64_t> x = tensorTypeOf(op.getX()).getShape(),
                    y = tensorTypeOf(op.getResult()).getShape();
  int64_t groups = op.getGroups();
  if (op.getYBlock()) // a block is computed whole
    request.widen(y, {static_cast<int64_t>(y.size()) - 1});
  if (op.getXBlock() && groups > 1) { // depthwise
    in.lo[1] = request.lo[1];
    in.size[1] = request.size[1];
    out.groups = request.size[1] * static_cast<int64_t>(op.getXBlock());
  } else if (groups > 1) {
    int64_t filters = y[1] / groups, channels = x[1] / groups;
    int64_t firstGroup = request.lo[1] / filters;
    int64_t endGroup =
        llvm::divideCeil(request.lo[1] + request.size[1], filters);
    request.lo[1] = firstGroup * filters;
    request.size[1] = (endGroup - firstGroup) * filters;
    in.lo[1] = firstGroup * channels;
    in.size[1] = (endGroup - firstGroup) * channels;
    out.groups = endGroup - firstGroup;
  }
  weights.lo[0] = request.lo[1];
  weights.size[0] = request.size[1];
}

/// The first dimension of w that is the kernel's.
static size_t firstTapOf(ConvOp op) {
  bool isPacked = op.getXBlock() && op.getGroups() == 1;
  return !op.getYBlock() || isPacked ? 2 : 1;
}

FailureOr<OpRegions> ConvOp::getRegions(const Box &wanted) {
  OpRegions out;
  Box request = wanted;
  ArrayRef<int64_t> x = tensorTypeOf(getX()).getShape(),
                    w = tensorTypeOf(getW()).getShape();
  size_t spatial = getStrides().size(), firstTap = firstTapOf(*this);
  Box in = Box::whole(x), weights = Box::whole(w);
  in.lo[0] = request.lo[0];
  in.size[0] = request.size[0];
  takeChannels(*this, request, in, weights, out);
  out.pads.assign(2 * spatial, 0);
  double taps = 1;
  for (size_t d = 0; d < spatial; ++d) {
    taps *= static_cast<double>(w[firstTap + d]);
    if (request.size[2 + d] == 0)
      continue;
    auto window = windowInput(request.lo[2 + d], request.size[2 + d], x[2 + d],
                              w[firstTap + d], getStrides()[d],
                              getDilations()[d], getPads()[d]);
    if (failed(window))
      return failure();
    in.lo[2 + d] = window->lo;
    in.size[2 + d] = window->size;
    out.pads[d] = window->before;
    out.pads[spatial + d] = window->after;
  }
  double channels = static_cast<double>(x[1] * (getXBlock() ? x.back() : 1)) /
                    static_cast<double>(getGroups());
  out.work = static_cast<double>(request.numElements()) * taps * channels;
  out.computed = std::move(request);
  out.inputs = {std::move(in), std::move(weights)};
  return out;
}

Gemm ConvOp::getGemm() {
  auto x = tensorTypeOf(getX()), w = tensorTypeOf(getW()),
       result = tensorTypeOf(getResult());
  size_t spatial = getStrides().size();
  uint64_t groups = getGroups();
  ArrayRef<int64_t> taps = w.getShape().slice(firstTapOf(*this), spatial);
  ArrayRef<int64_t> out = result.getShape().slice(2, spatial);
  uint64_t channels = x.getDimSize(1) * std::max<int64_t>(1, getXBlock());
  uint64_t filters = result.getDimSize(1) * std::max<int64_t>(1, getYBlock());
  Gemm gemm;
  gemm.batch = x.getDimSize(0) * groups;
  gemm.m = product(out);
  gemm.n = filters / groups;
  gemm.k = channels / groups * product(taps);
  gemm.weights = getW();
  gemm.groups = groups;
  gemm.grouped = groups > 1;
  gemm.kernelH = spatial > 1 ? taps[spatial - 2] : 1;
  gemm.kernelW = taps.back();
  gemm.outH = spatial > 1 ? out[spatial - 2] : 1;
  gemm.outW = out.back();
  gemm.inH = spatial > 1 ? x.getDimSize(2) : 1;
  gemm.stride = getStrides().back();
  return gemm;
}

ChannelDims ConvOp::getChannelDims() {
  return {0, 1, 1, getXBlock() || getYBlock()};
}

std::optional<int64_t> ConvOp::getSumDim(unsigned) {
  // Grouped channels are not summed, and a filter that is packed for unpacked
  // channels has none of its own.
  if (getGroups() != 1 || (getYBlock() && !getXBlock()))
    return std::nullopt;
  return 1;
}

void ConvOp::setArrayCommand(const OpRegions &regions,
                             stream::Command &command) {
  setInts(command, "kernel", tensorTypeOf(getW()).getShape().drop_front(2));
  setInts(command, "strides", getStrides());
  setInts(command, "dilations", getDilations());
  setInts(command, "pads", regions.pads);
  setUnlessZero(command, "x_block", getXBlock());
  setUnlessZero(command, "y_block", getYBlock());
}
