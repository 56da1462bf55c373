//===- Checks.h - Parts of checkCommand -----------------------*- C++ -*-===//
//
// One function per command family. Each runs after the common checks (counts,
// attributes, views), returns an empty string or the reason, and may rely on
// every extent being in [0, kMaxExtent].
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_STREAM_CHECKS_H
#define HYBRIDC_LIB_STREAM_CHECKS_H

#include "hybridc/Stream/CommandSpec.h"

#include <initializer_list>
#include <string>

namespace hybridc::stream::checks {

std::string checkCopy(const Command &command);
std::string checkFill(const Command &command);
std::string checkMatmul(const Command &command);
std::string checkConv(const Command &command);
std::string checkMvm(const Command &command);
std::string checkProgramArray(const Command &command);
std::string checkReadArray(const Command &command);
std::string checkSetGain(const Command &command);
std::string checkPulsedUpdate(const Command &command);
std::string checkReadWeights(const Command &command);
std::string checkRefreshPairs(const Command &command);
std::string checkVec(const Command &command);
std::string checkReduce(const Command &command);
std::string checkPool(const Command &command);
std::string checkNormalize(const Command &command);
std::string checkGather(const Command &command);
std::string checkKernel(const Command &command);

// Shared by the families.

bool isFloat(DType type);
bool isSigned(DType type); ///< signed integer
std::string shapeText(const std::vector<int64_t> &shape);
/// The types of a contraction: a · b → c.
std::string contractionTypes(const Command &command, DType a, DType b, DType c);
/// Zero points only for integers and within their type.
std::string zeroPoint(const Command &command, const char *name, DType type);
/// (C37) Attribute is absent, 0 or 1.
std::string flags(const Command &command,
                  std::initializer_list<const char *> names);
/// (C19) Every operand has at least one element.
std::string nonEmpty(const Command &command);
/// Axes ascending, in range of `rank`, at least one.
std::string axes(const Command &command, size_t rank);
/// One of `names`.
std::string kindAmong(const Command &command,
                      std::initializer_list<const char *> names);

/// One spatial dimension of a window.
struct Window {
  int64_t in, out, kernel, stride, dilation, padBegin, padEnd;
};
/// strides, dilations, pads have the right lengths and values.
std::string windowAttrs(const Command &command, size_t rank, bool negativeEnd);
Window windowOf(const Command &command, size_t dim, size_t rank, int64_t in,
                int64_t out, int64_t kernel);
/// out = (in + pads - ((kernel - 1) · dilation + 1)) / stride + 1, or its
/// transpose.
std::string windowExtent(const Window &window, size_t dim, bool transposed);

} // namespace hybridc::stream::checks

#endif // HYBRIDC_LIB_STREAM_CHECKS_H
