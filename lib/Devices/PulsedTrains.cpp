//===- PulsedTrains.cpp - Pulses of an outer product ----------------------===//

#include "PulsedArrayImpl.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

static constexpr unsigned longestTrain = 65535;

/// planTrains() in the precision of `T`; `rule`, lr and maxima are good for it.
template <typename T>
static PulseTrains planIn(const UpdateRule &rule, T rate, T x, T d, T step) {
  PulseTrains t;
  T k = rate * x * d / step, most = T(rule.maxPulses);
  t.length = rule.maxPulses;
  T common = std::sqrt(rate / (step * T(t.length)));
  if (rule.lengthManagement) {
    if (k < most)
      t.length = std::max(1u, unsigned(std::ceil(k)));
    common = std::sqrt(rate / (step * T(t.length)));
  } else if (!rule.fixedLength && step * most < rate) {
    t.length = unsigned(std::min(std::ceil(rate / step), T(longestTrain)));
    common = 1;
  }
  T rowScale = common, colScale = common;
  if (rule.updateManagement || rule.lengthManagement) {
    if (k > most)
      d *= most / k;
    colScale *= std::sqrt(x / d);
    rowScale *= std::sqrt(d / x);
  }
  t.rowScale = rowScale;
  t.colScale = colScale;
  return t;
}

PulseTrains planTrains(const UpdateRule &rule, double lr, double xMax,
                       double dMax, double dw) {
  float rate = float(std::fabs(lr)), x = float(xMax), step = float(dw);
  float scale = float(rule.gradScale), d = scale * float(dMax);
  if (!(rate > 0 && xMax > 0 && dMax > 0 && step > 0))
    return {};
  PulseTrains t = planIn(rule, rate, x, d, step);
  // Products beyond single precision would leave no pulses, or only pulses.
  auto isGood = [](double value) { return std::isnormal(float(value)); };
  if (isGood(rate * x * d / step) && isGood(t.rowScale) && isGood(t.colScale))
    return t;
  return planIn<double>(rule, rate, xMax, double(scale) * dMax, step);
}

void PulsedArray::Impl::makeLines(std::span<const float> values, double scale,
                                  double resolution, const UpdateRule &rule,
                                  Key rounding, Key stream,
                                  Lines &lines) const {
  size_t n = values.size();
  lines.signs.assign(n, 0.0f);
  lines.chances.assign(n, 0.0f);
  std::vector<float> shift(n, 0.5f);
  if (resolution > 0 && rule.stochasticRounding)
    uniforms(rounding, 0, shift.data(), n);
  for (size_t i = 0; i < n; ++i) {
    float chance = std::fabs(values[i]) * float(scale);
    if (resolution > 0)
      chance = std::rint(chance / float(resolution) + shift[i] - 0.5f) *
               float(resolution);
    if (!(chance > 0))
      continue;
    lines.chances[i] = std::min(chance, 1.0f);
    lines.signs[i] = values[i] > 0 ? 1.0f : -1.0f;
  }
  if (rule.type != PulseType::Stochastic)
    return;
  lines.words = (length + 63) / 64;
  lines.train.assign(n * lines.words, 0);
  // Random numbers per line: whole blocks.
  size_t stride = (length + 31) / 32 * 32;
  std::vector<float> chance(length);
  for (size_t i = 0; i < n; ++i) {
    if (lines.signs[i] == 0.0f)
      continue;
    uniforms(stream, i * stride, chance.data(), length);
    for (unsigned b = 0; b < length; ++b)
      lines.train[i * lines.words + b / 64] |=
          uint64_t(chance[b] < lines.chances[i]) << (b % 64);
  }
}

bool PulsedArray::Impl::planUpdate(std::span<const float> x,
                                   std::span<const float> d, double lr,
                                   const UpdateRule &rule, uint64_t update) {
  auto largest = [](std::span<const float> v) {
    float most = 0;
    for (float value : v)
      most = std::max(most, std::fabs(value));
    return double(most);
  };
  UpdateRule used = rule;
  used.maxPulses = std::clamp(rule.maxPulses, 1u, longestTrain);
  PulseTrains t =
      planTrains(used, lr, largest(x), largest(d), device.granularity());
  length = t.length;
  if (length == 0)
    return false;
  bool implicit = rule.type == PulseType::Deterministic;
  makeLines(x, t.rowScale, implicit ? rule.rowResolution : rule.resolution,
            used, streamOf(key, Draw::RoundRows, update),
            streamOf(key, Draw::Rows, update), rowLines);
  makeLines(d, t.colScale, implicit ? rule.colResolution : rule.resolution,
            used, streamOf(key, Draw::RoundCols, update),
            streamOf(key, Draw::Cols, update), colLines);
  return true;
}

void PulsedArray::Impl::countRow(size_t k, size_t n, double lr, PulseType type,
                                 int32_t *out) const {
  float sign = (lr > 0 ? -1.0f : 1.0f) * rowLines.signs[k];
  float most = float(length), chance = rowLines.chances[k];
  for (size_t i = 0; i < n; ++i) {
    int count = 0;
    switch (type) {
    case PulseType::Stochastic:
      for (size_t w = 0; w < rowLines.words; ++w)
        count += std::popcount(rowLines.train[k * rowLines.words + w] &
                               colLines.train[i * colLines.words + w]);
      break;
    case PulseType::Deterministic:
      count = int(std::rint(colLines.chances[i] * most * chance));
      break;
    case PulseType::MeanCount:
      count = int(std::rint(std::rint(most * colLines.chances[i]) / most *
                            std::rint(most * chance)));
      break;
    case PulseType::None:
      break;
    }
    out[i] = sign * colLines.signs[i] > 0 ? count : -count;
  }
}

void PulsedArray::Impl::addExactly(std::span<const float> x,
                                   std::span<const float> d, double lr,
                                   uint64_t update) {
  for (size_t k = 0; k < x.size(); ++k) {
    float step = float(lr * x[k]);
    for (size_t n = 0; n < d.size(); ++n) {
      size_t i = k * cols + n;
      hidden[i] = std::max(std::min(hidden[i] - step * d[n], high[i]), low[i]);
    }
    readOut(k * cols, cols, streamOf(key, Draw::Write, update), nullptr);
  }
}

} // namespace hybridc::exec
