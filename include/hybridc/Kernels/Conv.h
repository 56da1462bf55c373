//===- Conv.h - What a convolution command says ---------------*- C++ -*-===//
#ifndef HYBRIDC_KERNELS_CONV_H
#define HYBRIDC_KERNELS_CONV_H

#include "hybridc/Kernels/Common.h"

namespace hybridc::exec {

/// The attributes and extents of a conv command, with blocks undone.
struct ConvShape {
  int64_t batch = 0, groups = 1;
  int64_t inChannels = 0, outChannels = 0; ///< of all groups
  std::vector<int64_t> in, out, kernel;    ///< spatial extents
  std::vector<int64_t> strides, padsBegin, padsEnd, dilations;
  int64_t xBlock = 0, yBlock = 0;
  bool transposed = false, accumulate = false, depthwise = false;
  int64_t xZero = 0, wZero = 0;

  int64_t inPerGroup() const { return inChannels / groups; }
  int64_t outPerGroup() const { return outChannels / groups; }
};

/// Reads a command that stream::checkCommand accepts. Errors: Unsupported for
/// blocked forms that CommandSpec.h does not list.
Result<ConvShape> convShapeOf(const Command &command);

/// The order of a view's dimensions in which its dense copy is plain: x or y
/// as [N, C, s…], w as [M, C/g, k…] ([C, M/g, k…] when transposed).
std::vector<size_t> plainDataOrder(size_t spatial, bool blocked);
std::vector<size_t> plainFilterOrder(const ConvShape &shape);

/// 1×1 filters and depthwise filters on plain f32 layouts; these read and write
/// boxes of larger tensors without packing them.
bool isPointwise(const Command &command);
bool isPlainDepthwise(const Command &command);
Prepared prepareConvPointwise(const Command &, const PrepareOptions &);
/// Unsupported for planes that are too large.
Prepared prepareConvDepthwise(const Command &, const ConvShape &,
                              const PrepareOptions &);
/// oneDNN on f32, and on f16 and bf16 widened to f32.
Prepared prepareConvDnnl(const Command &, const ConvShape &,
                         const PrepareOptions &);
/// Patches times filters by oneDNN's int8 products, one group.
Prepared prepareConvInt8(const Command &, const ConvShape &,
                         const PrepareOptions &);
/// Loops over rows, for any type, layout and group.
Prepared prepareConvPlain(const Command &, const ConvShape &,
                          const PrepareOptions &);

} // namespace hybridc::exec

#endif // HYBRIDC_KERNELS_CONV_H
