//===- Failure.h - How an import stops ------------------------*- C++ -*-===//
//
// ONNX's library reports by exceptions, so the importer does too, and
// importModel turns both into a Result. Never throw from a callback that runs
// inside MLIR: it is built without exceptions.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_IMPORT_FAILURE_H
#define HYBRIDC_LIB_IMPORT_FAILURE_H

#include "hybridc/Support/Result.h"

#include <fmt/format.h>

namespace hybridc::import {

/// A tensor that takes more bytes fits no chip; later phases, which reserve
/// memory for what they fold, never see it.
constexpr int64_t maxTensorBytes = int64_t(1) << 40;

struct Failure {
  Error error;
};

template <typename... Args>
[[noreturn]] void failInvalid(fmt::format_string<Args...> format,
                              Args &&...args) {
  throw Failure{invalidInput(fmt::format(format, std::forward<Args>(args)...))};
}
template <typename... Args>
[[noreturn]] void failUnsupported(fmt::format_string<Args...> format,
                                  Args &&...args) {
  throw Failure{unsupported(fmt::format(format, std::forward<Args>(args)...))};
}
template <typename... Args>
[[noreturn]] void failTooLarge(fmt::format_string<Args...> format,
                               Args &&...args) {
  throw Failure{doesNotFit(fmt::format(format, std::forward<Args>(args)...))};
}
template <typename... Args>
[[noreturn]] void failUsage(fmt::format_string<Args...> format,
                            Args &&...args) {
  throw Failure{
      {ExitCode::Usage, fmt::format(format, std::forward<Args>(args)...)}};
}

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_FAILURE_H
