//===- Metrics.h - How far a tensor is from another ------------*- C++ -*-===//
#ifndef HYBRIDC_STUDIES_METRICS_H
#define HYBRIDC_STUDIES_METRICS_H

#include "hybridc/Executor/Executor.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc::studies {

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

/// Of the elements that are finite on both sides.
struct Figures {
  double worst = 0;   ///< largest |got − want|
  size_t worstAt = 0; ///< where
  size_t numOff = 0;  ///< outside rtol, atol; not finite on one side only
  size_t numOdd = 0;  ///< NaN or infinite on one side, or differently
  double error2 = 0, want2 = 0, got2 = 0, product = 0; ///< sums of squares

  /// ‖got − want‖₂ / ‖want‖₂; the numerator alone when the latter is 0.
  double l2Relative() const;
  double cosine() const;
  /// 10·log₁₀(‖want‖² / ‖got − want‖²): infinite when they are equal.
  double snr_db() const;
};
Figures figuresOf(const std::vector<double> &got,
                  const std::vector<double> &want, double rtol, double atol);

struct Comparison {
  bool isWithin = false;
  std::string text; ///< the figures, in one line
  Figures figures;  ///< zero when types or shapes differ
};

/// Types and shapes must agree. NaN equals NaN and equal infinities agree, in
/// every metric. Integers and booleans must be equal under `max`.
Comparison compareTensors(const exec::Tensor &got, const exec::Tensor &want,
                          const Tolerance &tolerance);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_METRICS_H
