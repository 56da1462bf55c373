//===- PulsedCells.cpp - How training cells differ, and age ---------------===//

#include "PulsedArrayImpl.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

/// One cell's values, as drawn; see PulsedDevice.h for what they mean.
void PulsedArray::Impl::populate() {
  size_t n = rows * cols;
  const PulsedDevice &d = device;
  auto zHigh = draw(Draw::High), zLow = draw(Draw::Low);
  auto zGain = draw(Draw::Gain), zAsym = draw(Draw::Asymmetry);
  auto zFirst = draw(Draw::First), zSecond = draw(Draw::Second);
  auto zReference = draw(Draw::Reference), zReset = draw(Draw::Reset);
  auto zLifetime = draw(Draw::Lifetime);
  for (auto *v : {&high, &low, &up, &down, &p, &q, &reference, &resetTo, &keep,
                  &hidden, &visible})
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
    if (d.law == StepLaw::SoftBounds || d.law == StepLaw::Power)
      reference[i] = float(d.referenceMean + d.referenceStd * zReference[i]);
  }
  corrupt();
  if (d.perfectBias)
    for (size_t i = n - cols; i < n; ++i) {
      up[i] = down[i] = float(d.dwMin);
      high[i] = float(100 * d.wMax);
      low[i] = float(100 * d.wMin);
    }
  for (size_t i = 0; i < n; ++i)
    populateLaw(i, zFirst[i], zSecond[i]);
  if (d.diffusion > 0) {
    diffusion = draw(Draw::DiffusionRate);
    for (float &rate : diffusion)
      rate = float(std::fabs(d.diffusion * (1 + d.diffusionDtod * rate)));
  }
  model = StepModel(device);
  for (size_t i = 0; i < n; ++i)
    hidden[i] = std::min(std::max(0.0f, low[i]), high[i]);
  visible = hidden;
}

/// Some cells are stuck at a value of their own.
void PulsedArray::Impl::corrupt() {
  if (device.corruptProb <= 0)
    return;
  size_t n = rows * cols;
  std::vector<float> chance(n), where(n);
  uniforms(streamOf(key, Draw::Corrupt), 0, chance.data(), n);
  uniforms(streamOf(key, Draw::CorruptValue), 0, where.data(), n);
  float range = float(device.corruptRange);
  for (size_t i = 0; i < n; ++i) {
    if (chance[i] >= device.corruptProb)
      continue;
    float first = std::max(low[i], -range), last = std::min(high[i], range);
    high[i] = low[i] = first + (last - first) * where[i];
    up[i] = down[i] = 0.0f;
  }
}

/// Where a pulse up and one down are the same size: the steps are Δ↑·((b_max −
/// w)/r)^γ↑ and Δ↓·((w − b_min)/r)^γ↓, so their difference falls with w.
static double powerSymmetryPoint(double up, double down, double gammaUp,
                                 double gammaDown, double low, double high) {
  double range = high - low, first = low, last = high;
  for (int i = 0; i < 60; ++i) {
    double w = (first + last) / 2;
    double net = up * std::pow((high - w) / range, gammaUp) -
                 down * std::pow((w - low) / range, gammaDown);
    (net > 0 ? first : last) = w;
  }
  return (first + last) / 2;
}

void PulsedArray::Impl::populateLaw(size_t i, float first, float second) {
  const PulsedDevice &d = device;
  switch (d.law) {
  case StepLaw::Linear: {
    double gUp = d.gammaUp + d.gammaUpDtod * first;
    double gDown = d.gammaDown + d.gammaDownDtod * second;
    if (!d.allowIncreasing) {
      gUp = std::fabs(gUp);
      gDown = std::fabs(gDown);
    }
    double above = d.meanBoundReference ? d.wMax : high[i];
    double below = d.meanBoundReference ? d.wMin : low[i];
    double refUp = d.reverseUp ? below - d.reverseOffset : above;
    double refDown = d.reverseDown ? above + d.reverseOffset : below;
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
    reference[i] += float(point);
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
    if (d.enforceConsistency) {
      p[i] = std::fabs(p[i]);
      q[i] = std::fabs(q[i]);
    }
    if (d.subtractSymmetryPoint && high[i] > 0 && low[i] < 0 && up[i] > 0 &&
        down[i] > 0) {
      float point = float(
          powerSymmetryPoint(up[i], down[i], p[i], q[i], low[i], high[i]));
      reference[i] += point;
      resetTo[i] += point;
    }
    return;
  }
  case StepLaw::Constant:
  case StepLaw::Exponential:
  case StepLaw::Piecewise:
    return;
  }
}

void PulsedArray::decay(uint64_t update) {
  Impl &a = *impl;
  bool decays = a.device.lifetime != 0, diffuses = !a.diffusion.empty();
  if (!decays && !diffuses)
    return;
  for (size_t k = 0; k < a.rows; ++k) {
    size_t at = k * a.cols;
    if (diffuses)
      gaussians(streamOf(a.key, Draw::Diffusion, update), at, a.noise.data(),
                a.cols);
    for (size_t i = at; i < at + a.cols; ++i) {
      float w = a.hidden[i];
      if (decays)
        w = (w - a.resetTo[i]) * a.keep[i] + a.resetTo[i];
      w = std::max(std::min(w, a.high[i]), a.low[i]);
      if (diffuses)
        w += a.diffusion[i] * a.noise[i - at];
      a.hidden[i] = std::max(std::min(w, a.high[i]), a.low[i]);
    }
    a.readOut(at, a.cols, streamOf(a.key, Draw::Decay, update), nullptr);
  }
}

void PulsedArray::drift(double time, uint64_t update) {
  Impl &a = *impl;
  const PulsedDevice &d = a.device;
  if (!(d.driftNu > 0))
    return;
  size_t n = a.hidden.size();
  if (a.nu.empty()) {
    a.nu = a.draw(Draw::DriftExponent);
    for (float &nu : a.nu)
      nu = float(d.driftNu * (1 + d.driftNuDtod * nu));
    a.driftFrom = a.driftSeen = a.hidden;
    a.driftStart.assign(n, 0);
  }
  a.driftTime += time / d.driftT0;
  std::vector<float> zNu(n), zRead(n);
  if (d.driftNuStd > 0)
    gaussians(streamOf(a.key, Draw::Drift, update), 0, zNu.data(), n);
  if (d.driftReadStd > 0)
    gaussians(streamOf(a.key, Draw::DriftRead, update), 0, zRead.data(), n);
  double offset = d.driftGOffset * d.driftWgRatio + d.driftWOffset;
  for (size_t i = 0; i < n; ++i) {
    double w = a.hidden[i];
    if (std::fabs(double(a.driftSeen[i]) - w) > d.driftResetTol) {
      a.driftStart[i] = a.driftTime;
      a.driftFrom[i] = a.hidden[i];
    } else {
      double nu = a.nu[i] * (1 + d.driftNuStd * zNu[i]);
      if (d.driftNuK != 0) {
        // A conductance of 0 or less has no logarithm; it drifts like the
        // smallest one.
        double g = (w - d.driftWOffset) / d.driftWgRatio + d.driftGOffset;
        nu -= d.driftNuK * (std::log(std::max(g, 1e-12)) - d.driftLogG0);
      }
      double part = std::pow(std::max(a.driftTime - a.driftStart[i], 1.0), -nu);
      w = a.driftFrom[i] * part + offset * (part - 1);
    }
    w += d.driftReadStd * zRead[i];
    a.hidden[i] = a.driftSeen[i] =
        std::min(std::max(float(w), a.low[i]), a.high[i]);
  }
  for (size_t k = 0; k < a.rows; ++k)
    a.readOut(k * a.cols, a.cols, streamOf(a.key, Draw::Decay, update),
              nullptr);
}

} // namespace hybridc::exec
