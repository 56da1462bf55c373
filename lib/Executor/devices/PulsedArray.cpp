//===- PulsedArray.cpp - Cells, pulse trains, updates ---------------------===//

#include "hybridc/Executor/devices/PulsedArray.h"

#include "PulsedSteps.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

namespace {

/// What a stream of samples is for.
enum class Draw : uint64_t {
  High = 1,
  Low,
  Gain,
  Asymmetry,
  First, ///< the law's own values
  Second,
  Reference,
  Reset,
  Lifetime,
  Rows, ///< and per update:
  Cols,
  Pulse,
  Write,
  Decay,
  Set,
};

Key streamOf(Key key, Draw what, uint64_t update = 0) {
  return subKey(subKey(key, static_cast<uint64_t>(what)), update);
}

/// Random numbers per row or column of a train.
constexpr size_t trainStride = 32;

} // namespace

struct PulsedArray::Impl {
  PulsedDevice device;
  size_t rows = 0, cols = 0;
  Key key;
  StepModel model;
  std::vector<float> high, low, up, down, p, q, resetTo, keep;
  std::vector<float> hidden, visible;
  // Buffers of one row, and of the trains of one update.
  std::vector<float> direction, noise, chance;
  std::vector<int32_t> counts;
  std::vector<uint32_t> rowTrains, colTrains;
  std::vector<float> rowSigns, colSigns;

  Impl(PulsedDevice d, size_t rows, size_t cols, Key key)
      : device(std::move(d)), rows(rows), cols(cols), key(key), model(device) {}

  std::vector<float> draw(Draw what) const {
    std::vector<float> z(rows * cols);
    gaussians(streamOf(key, what), 0, z.data(), z.size());
    return z;
  }
  void populate();
  void populateLaw(size_t i, float first, float second);
  void pulseRow(size_t row, const int32_t *counts, uint64_t update);
  void makeTrains(std::span<const float> values, double scale, unsigned length,
                  Key stream, std::vector<uint32_t> &trains,
                  std::vector<float> &signs);
  void readOut(size_t first, size_t n, Key stream, const int32_t *only);
  /// Makes the trains of an update; false if it sends none.
  bool planUpdate(std::span<const float> x, std::span<const float> d, double lr,
                  const UpdateRule &rule, uint64_t update);
  /// Coincidences of row k's train with those of n columns.
  void countRow(size_t k, size_t n, double lr, int32_t *out) const;
  void resetRow(size_t row, const uint8_t *which, uint64_t update);
};

/// One cell's values, as drawn; see PulsedDevice.h for what they mean.
void PulsedArray::Impl::populate() {
  size_t n = rows * cols;
  const PulsedDevice &d = device;
  auto zHigh = draw(Draw::High), zLow = draw(Draw::Low);
  auto zGain = draw(Draw::Gain), zAsym = draw(Draw::Asymmetry);
  auto zFirst = draw(Draw::First), zSecond = draw(Draw::Second);
  auto zReference = draw(Draw::Reference), zReset = draw(Draw::Reset);
  auto zLifetime = draw(Draw::Lifetime);
  for (auto *v :
       {&high, &low, &up, &down, &p, &q, &resetTo, &keep, &hidden, &visible})
    v->assign(n, 0.0f);
  double upBias = std::min(d.upDown, 0.0), downBias = -std::max(d.upDown, 0.0);
  for (size_t i = 0; i < n; ++i) {
    double highest = d.wMax * (1 + d.wMaxDtod * zHigh[i]);
    double lowest = d.wMin * (1 + d.wMinDtod * zLow[i]);
    double gain = d.dwMinLogNormal ? std::exp(d.dwMinDtod * zGain[i])
                                   : 1 + d.dwMinDtod * zGain[i];
    double asymmetry = d.upDownDtod * zAsym[i];
    double stepUp = (upBias + gain + asymmetry) * d.dwMin;
    double stepDown = (downBias + gain - asymmetry) * d.dwMin;
    if (d.enforceConsistency) {
      stepUp = std::fabs(stepUp);
      stepDown = std::fabs(stepDown);
      if (lowest > highest)
        std::swap(lowest, highest);
      highest = std::fabs(highest);
      lowest = -std::fabs(lowest);
    } else if (lowest > highest) {
      // A cell without a range is stuck where its bounds cross.
      highest = lowest = (highest + lowest) / 2;
    }
    up[i] = float(stepUp);
    down[i] = float(stepDown);
    high[i] = float(highest);
    low[i] = float(lowest);
    resetTo[i] = float(d.reset + d.resetDtod * zReset[i]);
    double life = d.lifetime * (1 + d.lifetimeDtod * zLifetime[i]);
    keep[i] = d.lifetime == 0 ? 1.0f : life > 1 ? float(1 - 1 / life) : 0.0f;
    if (d.law == StepLaw::SoftBounds)
      p[i] = float(d.referenceMean + d.referenceStd * zReference[i]);
    populateLaw(i, zFirst[i], zSecond[i]);
  }
  model = StepModel(device);
  hidden.assign(n, 0.0f);
  for (size_t i = 0; i < n; ++i)
    hidden[i] = std::min(std::max(0.0f, low[i]), high[i]);
  visible = hidden;
}

void PulsedArray::Impl::populateLaw(size_t i, float first, float second) {
  const PulsedDevice &d = device;
  switch (d.law) {
  case StepLaw::Linear: {
    double gUp = std::fabs(d.gammaUp + d.gammaUpDtod * first);
    double gDown = std::fabs(d.gammaDown + d.gammaDownDtod * second);
    double refUp = d.meanBoundReference ? d.wMax : high[i];
    double refDown = d.meanBoundReference ? d.wMin : low[i];
    p[i] = refUp != 0 ? float(-gUp * up[i] / refUp) : 0.0f;
    q[i] = refDown != 0 ? float(-gDown * down[i] / refDown) : 0.0f;
    return;
  }
  case StepLaw::SoftBounds: {
    if (!(high[i] > 0 && low[i] < 0))
      return;
    // A steeper slope means a nearer bound. The drawn factor may be tiny; the
    // bound then is far, but finite.
    high[i] /= std::max(std::fabs(1 + float(d.slopeUpDtod) * first), 1e-6f);
    low[i] /= std::max(std::fabs(1 + float(d.slopeDownDtod) * second), 1e-6f);
    if (!d.subtractSymmetryPoint)
      return;
    double slopes = double(up[i]) / high[i] - double(down[i]) / low[i];
    if (slopes == 0)
      return;
    double point = (double(up[i]) - down[i]) / slopes;
    p[i] += float(point);
    resetTo[i] += float(point);
    return;
  }
  case StepLaw::Power: {
    double upBias = std::min(d.gammaUpDown, 0.0);
    double downBias = -std::max(d.gammaUpDown, 0.0);
    double gain = 1 + d.gammaUpDtod * first;
    double asymmetry = d.gammaUpDownDtod * second;
    p[i] = float((upBias + gain + asymmetry) * d.gammaUp);
    q[i] = float((downBias + gain - asymmetry) * d.gammaDown);
    return;
  }
  case StepLaw::Constant:
  case StepLaw::Exponential:
  case StepLaw::Piecewise:
    return;
  }
}

/// Visible = hidden plus fresh write noise, for cells with only[i] != 0.
void PulsedArray::Impl::readOut(size_t first, size_t n, Key stream,
                                const int32_t *only) {
  float sigma = float(device.writeNoise * device.dwMin);
  if (sigma != 0)
    gaussians(stream, first, noise.data(), n);
  for (size_t i = 0; i < n; ++i) {
    if (only && only[i] == 0)
      continue;
    visible[first + i] =
        hidden[first + i] + (sigma != 0 ? sigma * noise[i] : 0.0f);
  }
}

void PulsedArray::Impl::pulseRow(size_t row, const int32_t *counts,
                                 uint64_t update) {
  uint32_t most = 0;
  for (size_t n = 0; n < cols; ++n)
    most = std::max(most, uint32_t(std::abs(int64_t(counts[n]))));
  if (most == 0)
    return;
  size_t at = row * cols;
  CellRun run{low.data() + at,   high.data() + at, up.data() + at,
              down.data() + at,  p.data() + at,    q.data() + at,
              hidden.data() + at};
  Key stream = streamOf(key, Draw::Pulse, update);
  bool noisy = model.std != 0;
  if (!noisy)
    std::fill(noise.begin(), noise.end(), 0.0f);
  for (uint32_t j = 0; j < most; ++j) {
    for (size_t n = 0; n < cols; ++n) {
      int64_t c = counts[n];
      direction[n] = c > int64_t(j) ? 1.0f : -c > int64_t(j) ? -1.0f : 0.0f;
    }
    if (noisy)
      gaussians(subKey(stream, j), at, noise.data(), cols);
    stepCells(model, run, direction.data(), noise.data(), cols);
  }
  readOut(at, cols, streamOf(key, Draw::Write, update), counts);
}

void PulsedArray::Impl::makeTrains(std::span<const float> values, double scale,
                                   unsigned length, Key stream,
                                   std::vector<uint32_t> &trains,
                                   std::vector<float> &signs) {
  trains.assign(values.size(), 0);
  signs.assign(values.size(), 0.0f);
  chance.resize(trainStride);
  for (size_t i = 0; i < values.size(); ++i) {
    float probability = float(std::fabs(double(values[i])) * scale);
    if (!(probability > 0))
      continue;
    signs[i] = values[i] > 0 ? 1.0f : -1.0f;
    uniforms(stream, i * trainStride, chance.data(), length);
    for (unsigned b = 0; b < length; ++b)
      trains[i] |= uint32_t(chance[b] < probability) << b;
  }
}

PulseTrains planTrains(const UpdateRule &rule, double lr, double xMax,
                       double dMax, double dwMin) {
  PulseTrains t;
  lr = std::fabs(lr);
  if (!(lr > 0 && xMax > 0 && dMax > 0 && dwMin > 0))
    return t;
  double k = lr * xMax * dMax / dwMin;
  t.length = rule.maxPulses;
  if (rule.lengthManagement && k < rule.maxPulses)
    t.length = std::max(1u, unsigned(std::ceil(k)));
  double common = std::sqrt(lr / (dwMin * t.length));
  double share = 1;
  if (rule.updateManagement) {
    double reachable = dMax * std::min(1.0, rule.maxPulses / k);
    share = std::sqrt(xMax / reachable);
  }
  t.rowScale = common / share;
  t.colScale = common * share;
  return t;
}

Result<PulsedArray> PulsedArray::create(PulsedDevice device, size_t rows,
                                        size_t cols, Key key) {
  if (rows == 0 || cols == 0 || rows > (1u << 26) || cols > (1u << 26) ||
      rows * cols > (size_t(1) << 26))
    return invalidInput("a training array needs 1 .. 2^26 cells, not " +
                        std::to_string(rows) + " x " + std::to_string(cols));
  if (!(device.dwMin > 0) || !(device.wMax >= 0) || !(device.wMin <= 0) ||
      !(device.wMax > device.wMin))
    return invalidInput("training device '" + device.name +
                        "': dw_min must be positive and w_min <= 0 <= w_max "
                        "a range");
  auto impl = std::make_unique<Impl>(std::move(device), rows, cols, key);
  impl->populate();
  impl->direction.resize(cols);
  impl->noise.resize(cols);
  impl->counts.resize(cols);
  return PulsedArray(std::move(impl));
}

PulsedArray::PulsedArray(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
PulsedArray::PulsedArray(PulsedArray &&) noexcept = default;
PulsedArray &PulsedArray::operator=(PulsedArray &&) noexcept = default;
PulsedArray::~PulsedArray() = default;

size_t PulsedArray::rows() const { return impl->rows; }
size_t PulsedArray::cols() const { return impl->cols; }
const PulsedDevice &PulsedArray::device() const { return impl->device; }
std::span<const float> PulsedArray::weights() const { return impl->visible; }
std::span<const float> PulsedArray::persistent() const { return impl->hidden; }

void PulsedArray::setWeights(std::span<const float> w, uint64_t update) {
  Impl &a = *impl;
  for (size_t i = 0; i < std::min(w.size(), a.hidden.size()); ++i)
    a.hidden[i] = std::min(std::max(w[i], a.low[i]), a.high[i]);
  for (size_t k = 0; k < a.rows; ++k)
    a.readOut(k * a.cols, a.cols, streamOf(a.key, Draw::Set, update), nullptr);
}

void PulsedArray::pulse(std::span<const int32_t> counts, uint64_t update) {
  Impl &a = *impl;
  for (size_t k = 0; k < a.rows && (k + 1) * a.cols <= counts.size(); ++k)
    a.pulseRow(k, counts.data() + k * a.cols, update);
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
  used.maxPulses = std::clamp(rule.maxPulses, 1u, 31u);
  PulseTrains t = planTrains(used, lr, largest(x), largest(d), device.dwMin);
  if (t.length == 0)
    return false;
  makeTrains(x, t.rowScale, t.length, streamOf(key, Draw::Rows, update),
             rowTrains, rowSigns);
  makeTrains(d, t.colScale, t.length, streamOf(key, Draw::Cols, update),
             colTrains, colSigns);
  return true;
}

void PulsedArray::Impl::countRow(size_t k, size_t n, double lr,
                                 int32_t *out) const {
  float sign = (lr > 0 ? -1.0f : 1.0f) * rowSigns[k];
  for (size_t i = 0; i < n; ++i)
    out[i] = std::popcount(rowTrains[k] & colTrains[i]) *
             (sign * colSigns[i] > 0 ? 1 : -1);
}

void PulsedArray::update(std::span<const float> x, std::span<const float> d,
                         double lr, const UpdateRule &rule, uint64_t update) {
  Impl &a = *impl;
  x = x.subspan(0, std::min(x.size(), a.rows));
  d = d.subspan(0, std::min(d.size(), a.cols));
  if (!a.planUpdate(x, d, lr, rule, update))
    return;
  std::fill(a.counts.begin(), a.counts.end(), 0);
  for (size_t k = 0; k < x.size(); ++k) {
    if (a.rowTrains[k] == 0)
      continue;
    a.countRow(k, d.size(), lr, a.counts.data());
    a.pulseRow(k, a.counts.data(), update);
  }
}

void PulsedArray::draw(std::span<const float> x, std::span<const float> d,
                       double lr, const UpdateRule &rule, uint64_t update,
                       std::span<int32_t> counts) const {
  Impl &a = *impl;
  std::fill(counts.begin(), counts.end(), 0);
  x = x.subspan(0, std::min(x.size(), a.rows));
  d = d.subspan(0, std::min(d.size(), a.cols));
  if (counts.size() < a.rows * a.cols || !a.planUpdate(x, d, lr, rule, update))
    return;
  for (size_t k = 0; k < x.size(); ++k)
    a.countRow(k, d.size(), lr, counts.data() + k * a.cols);
}

void PulsedArray::decay(uint64_t update) {
  Impl &a = *impl;
  if (a.device.lifetime == 0)
    return;
  for (size_t i = 0; i < a.hidden.size(); ++i) {
    float w = (a.hidden[i] - a.resetTo[i]) * a.keep[i] + a.resetTo[i];
    a.hidden[i] = std::max(std::min(w, a.high[i]), a.low[i]);
  }
  for (size_t k = 0; k < a.rows; ++k)
    a.readOut(k * a.cols, a.cols, streamOf(a.key, Draw::Decay, update),
              nullptr);
}

void PulsedArray::Impl::resetRow(size_t row, const uint8_t *which,
                                 uint64_t update) {
  size_t at = row * cols;
  gaussians(streamOf(key, Draw::Reset, update + 1), at, noise.data(), cols);
  for (size_t n = 0; n < cols; ++n) {
    if (!which[n])
      continue;
    float w = resetTo[at + n] + float(device.resetStd) * noise[n];
    w = std::max(std::min(w, high[at + n]), low[at + n]);
    hidden[at + n] = visible[at + n] = w;
  }
}

void PulsedArray::reset(size_t first, size_t count, uint64_t update) {
  Impl &a = *impl;
  size_t last = std::min(a.cols, first + std::min(count, a.cols));
  std::vector<uint8_t> which(a.cols, 0);
  for (size_t n = first; n < last; ++n)
    which[n] = 1;
  for (size_t k = 0; k < a.rows; ++k)
    a.resetRow(k, which.data(), update);
}

void PulsedArray::resetCells(std::span<const uint8_t> which, uint64_t update) {
  Impl &a = *impl;
  for (size_t k = 0; k < a.rows && (k + 1) * a.cols <= which.size(); ++k)
    a.resetRow(k, which.data() + k * a.cols, update);
}

} // namespace hybridc::exec
