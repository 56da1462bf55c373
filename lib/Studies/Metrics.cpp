//===- Metrics.cpp - How far a tensor is from another ---------------------===//
#include "hybridc/Studies/Metrics.h"
#include "hybridc/IO/Tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace hybridc;
using namespace hybridc::studies;
using namespace hybridc::io;

std::optional<Metric> studies::parseMetric(std::string_view name) {
  static constexpr std::string_view names[] = {"max", "l2", "cosine", "snr",
                                               "top1"};
  for (size_t i = 0; i < std::size(names); ++i)
    if (names[i] == name)
      return static_cast<Metric>(i);
  return std::nullopt;
}

Figures studies::figuresOf(const std::vector<double> &got,
                           const std::vector<double> &want, double rtol,
                           double atol) {
  Figures sums;
  for (size_t i = 0; i < got.size(); ++i) {
    double a = got[i], b = want[i];
    if (!std::isfinite(a) || !std::isfinite(b)) {
      if (a != b && !(std::isnan(a) && std::isnan(b))) {
        ++sums.numOdd;
        ++sums.numOff;
      }
      continue;
    }
    double error = std::fabs(a - b);
    sums.numOff += error > atol + rtol * std::fabs(b);
    if (error > sums.worst) {
      sums.worst = error;
      sums.worstAt = i;
    }
    sums.error2 += error * error;
    sums.want2 += b * b;
    sums.got2 += a * a;
    sums.product += a * b;
  }
  return sums;
}

double Figures::l2Relative() const {
  double l2 = std::sqrt(error2), norm = std::sqrt(want2);
  return norm > 0 ? l2 / norm : l2;
}

double Figures::cosine() const {
  return got2 * want2 > 0 ? product / std::sqrt(got2 * want2)
                          : (got2 == want2 ? 1 : 0);
}

double Figures::snr_db() const {
  return error2 > 0 ? 10 * std::log10(want2 / error2) : INFINITY;
}

/// Share of rows whose largest elements are at the same place.
static double top1(const std::vector<double> &got,
                   const std::vector<double> &want, size_t row) {
  size_t rows = got.size() / row, same = 0;
  for (size_t r = 0; r < rows; ++r) {
    auto a = got.begin() + long(r * row), b = want.begin() + long(r * row);
    same += std::max_element(a, a + long(row)) - a ==
            std::max_element(b, b + long(row)) - b;
  }
  return double(same) / double(rows);
}

Comparison studies::compareTensors(const exec::Tensor &got,
                                   const exec::Tensor &want,
                                   const Tolerance &tolerance) {
  // NumPy files hold bf16 as f32.
  bool isWidened =
      got.type == stream::DType::BF16 && want.type == stream::DType::F32;
  if ((got.type != want.type && !isWidened) || got.shape != want.shape)
    return {false,
            fmt::format("{}, expected {}", typeText(got.type, got.shape),
                        typeText(want.type, want.shape)),
            {}};
  std::vector<double> a = asDoubles(got), b = asDoubles(want);
  if (a.empty())
    return {true, "no elements", {}};
  bool isFloat = stream::nameOf(got.type).find('f') != std::string_view::npos;
  Metric metric = tolerance.metric;
  bool isExact = !isFloat && metric == Metric::Max;
  Figures sums = figuresOf(a, b, isExact ? 0 : tolerance.rtol,
                           isExact ? 0 : tolerance.atol);
  double l2 = std::sqrt(sums.error2), norm = std::sqrt(sums.want2);
  double cosine = sums.cosine(), snr = sums.snr_db();
  std::string text = fmt::format(
      "{} of {} off, max abs {:.3g} (at {}: {:.6g}, expected {:.6g}), l2 rel "
      "{:.3g}, cosine {:.6f}, snr {:.1f} dB",
      sums.numOff, a.size(), sums.worst, sums.worstAt, a[sums.worstAt],
      b[sums.worstAt], sums.l2Relative(), cosine, snr);
  if (sums.numOdd)
    text += fmt::format(", {} not finite", sums.numOdd);
  bool isWithin = sums.numOdd == 0;
  switch (metric) {
  case Metric::Max:
    isWithin &= sums.numOff == 0;
    break;
  case Metric::L2:
    isWithin &= l2 <= tolerance.atol + tolerance.rtol * norm;
    break;
  case Metric::Cosine:
    isWithin &= cosine >= tolerance.threshold.value_or(0.999);
    break;
  case Metric::Snr:
    isWithin &= snr >= tolerance.threshold.value_or(40);
    break;
  case Metric::Top1: {
    size_t row = got.shape.empty() ? 1 : size_t(got.shape.back());
    double share = top1(a, b, row);
    isWithin &= share >= tolerance.threshold.value_or(1);
    text += fmt::format(", top1 equal {:.2f} %", share * 100);
    break;
  }
  }
  return {isWithin, text, sums};
}
