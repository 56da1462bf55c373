//===- Conv.cpp - Which implementation a convolution gets -----------------===//
#include "hybridc/Kernels/Conv.h"
#include "hybridc/Kernels/OneDnn.h"

#include <fmt/format.h>

namespace hybridc::exec {

Result<ConvShape> convShapeOf(const Command &command) {
  const View &x = command.ins[0], &w = command.ins[1], &y = command.outs[0];
  ConvShape s;
  s.xBlock = command.intOr("x_block", 0);
  s.yBlock = command.intOr("y_block", 0);
  s.groups = command.intOr("groups", 1);
  s.transposed = command.intOr("transposed", 0) != 0;
  s.accumulate = command.intOr("accumulate", 0) != 0;
  s.xZero = command.intOr("x_zero", 0);
  s.wZero = command.intOr("w_zero", 0);
  size_t spatial = x.shape.size() - 2 - (s.xBlock != 0);
  s.batch = x.shape[0];
  s.inChannels = x.shape[1] * std::max<int64_t>(s.xBlock, 1);
  s.outChannels = y.shape[1] * std::max<int64_t>(s.yBlock, 1);
  s.depthwise = s.groups > 1 && s.groups == s.inChannels &&
                s.groups == s.outChannels && !s.transposed;
  s.in.assign(x.shape.begin() + 2, x.shape.begin() + 2 + spatial);
  s.out.assign(y.shape.begin() + 2, y.shape.begin() + 2 + spatial);
  size_t firstTap = s.yBlock == 0 || (s.xBlock != 0 && s.groups == 1) ? 2 : 1;
  s.kernel.assign(w.shape.begin() + firstTap,
                  w.shape.begin() + firstTap + spatial);
  s.strides = command.ints("strides");
  s.dilations = command.ints("dilations");
  const std::vector<int64_t> &pads = command.ints("pads");
  s.padsBegin.assign(pads.begin(), pads.begin() + spatial);
  s.padsEnd.assign(pads.begin() + spatial, pads.end());
  return s;
}

std::vector<size_t> plainDataOrder(size_t spatial, bool blocked) {
  std::vector<size_t> order{0, 1};
  if (blocked)
    order.push_back(spatial + 2);
  for (size_t d = 0; d < spatial; ++d)
    order.push_back(2 + d);
  return order;
}

std::vector<size_t> plainFilterOrder(const ConvShape &s) {
  size_t spatial = s.kernel.size();
  std::vector<size_t> order;
  size_t firstTap;
  if (s.yBlock == 0) { // w[M, C/g, k…]
    order = {0, 1};
    firstTap = 2;
  } else if (s.xBlock == 0) { // w[M/b, k…, C, b]
    order = {0, spatial + 2, spatial + 1};
    firstTap = 1;
  } else if (s.groups == 1) { // w[M/b, C/b, k…, b in, b out]
    order = {0, spatial + 3, 1, spatial + 2};
    firstTap = 2;
  } else { // w[G/b, k…, b]
    order = {0, spatial + 1};
    firstTap = 1;
  }
  for (size_t d = 0; d < spatial; ++d)
    order.push_back(firstTap + d);
  return order;
}

Prepared prepareConv(const Command &command, const PrepareOptions &options) {
  Result<ConvShape> shape = convShapeOf(command);
  if (!shape)
    return shape.error();
  if (isPointwise(command))
    return prepareConvPointwise(command, options);
  if (isPlainDepthwise(command)) {
    Prepared kernel = prepareConvDepthwise(command, *shape, options);
    if (kernel)
      return kernel;
  }
  switch (command.ins[0].type) {
  case DType::F32:
  case DType::F16:
  case DType::BF16: {
    Prepared kernel = prepareConvDnnl(command, *shape, options);
    // What oneDNN has no form for is computed plainly.
    if (kernel || kernel.error().code != ExitCode::Unsupported)
      return kernel;
    break;
  }
  case DType::I8:
  case DType::U8:
    if (dnnlInt8IsExact() && !shape->transposed && shape->groups == 1)
      return prepareConvInt8(command, *shape, options);
    break;
  default:
    break;
  }
  return prepareConvPlain(command, *shape, options);
}

} // namespace hybridc::exec
