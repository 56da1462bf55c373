//===- Metrics.h - How far a tensor is from another ------------*- C++ -*-===//
#ifndef HYBRIDC_TOOLS_HYBRIDC_METRICS_H
#define HYBRIDC_TOOLS_HYBRIDC_METRICS_H

#include "hybridc/Executor/Executor.h"

#include <optional>
#include <string>
#include <string_view>

namespace hybridc::driver {

enum class Metric {
  Max,    ///< every |got − want| ≤ atol + rtol·|want|, as numpy.isclose
  L2,     ///< ‖got − want‖₂ ≤ atol + rtol·‖want‖₂
  Cosine, ///< got·want / (‖got‖·‖want‖) ≥ threshold
  Snr,    ///< 10·log₁₀(‖want‖² / ‖got − want‖²) ≥ threshold, in dB
  Top1,   ///< share of rows (last axis) with the same largest element
};
std::optional<Metric> parseMetric(std::string_view name);

struct Tolerance {
  Metric metric = Metric::Max;
  double rtol = 1e-3, atol = 1e-7;
  std::optional<double> threshold;
};

struct Comparison {
  bool isWithin = false;
  std::string text; ///< the figures, in one line
};

/// Types and shapes must agree. NaN equals NaN and equal infinities agree, in
/// every metric. Integers and booleans must be equal under `max`.
Comparison compareTensors(const exec::Tensor &got, const exec::Tensor &want,
                          const Tolerance &tolerance);

} // namespace hybridc::driver

#endif // HYBRIDC_TOOLS_HYBRIDC_METRICS_H
