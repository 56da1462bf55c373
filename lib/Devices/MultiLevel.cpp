//===- MultiLevel.cpp - Cells with few states: MRAM, FeRAM; and ideal -----===//
//
// A cell with `levels` evenly spaced states, a spread of each state that is
// fixed for life, a slow relative loss per decade of time, and read noise. It
// is meant for what-if studies: the spreads are round numbers of the order
// that reviews report, not a fit to a measurement. `ideal` is the same cell
// with no imperfection at all and a continuous range.
//
//===----------------------------------------------------------------------===//

#include "Devices.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {
namespace {

using namespace detail;

struct Defaults {
  const char *name, *source;
  double gMin, gMax, levels, spread, loss, readNoise;
};

// A magnetic tunnel junction has two states; tunnel magnetoresistance of 150 %
// means g_max = 2.5·g_min. It does not drift.
constexpr Defaults mramDefaults = {
    "mram", "unverified: typical spin-transfer-torque MRAM", 40, 100, 2, .03, 0,
    .005};
// A multi-level ferroelectric transistor; polarisation relaxes slowly.
constexpr Defaults feramDefaults = {
    "feram", "unverified: typical multi-level ferroelectric FET",
    1,       20,
    16,      .02,
    .002,    .005};
constexpr Defaults idealDefaults = {"ideal", "by definition", 0, 25, 0, 0, 0,
                                    0};

class MultiLevel final : public InferenceDevice {
public:
  Status configure(const Defaults &d, const DeviceParams &params) {
    deviceName = d.name;
    source = d.source;
    gMinimum = d.gMin;
    gMaximum = d.gMax;
    double states = d.levels;
    spread = d.spread;
    loss = d.loss;
    readNoise = d.readNoise;
    if (Status s = setFields({{"g_min", &gMinimum, 0, 1e6},
                              {"g_max", &gMaximum, 1e-3, 1e6},
                              {"levels", &states, 0, 65536},
                              {"spread", &spread, 0, 10},
                              {"loss_per_decade", &loss, 0, 1},
                              {"read_noise", &readNoise, 0, 10}},
                             params);
        !s)
      return s;
    if (states == 1 || states != std::floor(states))
      return invalidInput("device '" + deviceName +
                          "': levels must be a whole "
                          "number, 0 (continuous) or at least 2");
    levelCount = static_cast<unsigned>(states);
    return {};
  }

  void program(const float *target, float *programmed, size_t n, Key key,
               uint64_t first) const override {
    float low = float(gMinimum), range = float(gMaximum - gMinimum);
    if (levelCount == 0 && spread == 0) {
      std::copy(target, target + n, programmed);
      return;
    }
    float steps = float(levelCount - 1);
    float sigma = float(spread) * range;
    forCellBlocks(n, key, first, [&](size_t at, size_t count, float *noise) {
      for (size_t i = 0; i < count; ++i) {
        float g = target[at + i];
        if (levelCount != 0)
          g = low + range * std::nearbyint((g - low) / range * steps) / steps;
        programmed[at + i] = std::fmax(g + sigma * noise[i], 0.0f);
      }
    });
  }

  void age(const float *, const float *programmed, float *g, size_t n,
           double seconds, Key, Key readKey, uint64_t first) const override {
    // Decades beyond the first second, the time scale of a verify read.
    double decades = seconds > 1 ? std::log10(seconds) : 0;
    float keep = float(std::fmax(1 - loss * decades, 0.0));
    float sigma = float(readNoise * (gMaximum - gMinimum));
    if (keep == 1.0f && sigma == 0.0f) {
      std::copy(programmed, programmed + n, g);
      return;
    }
    forCellBlocks(n, readKey, first, [&](size_t at, size_t count, float *z) {
      for (size_t i = 0; i < count; ++i)
        g[at + i] = std::fmax(programmed[at + i] * keep + sigma * z[i], 0.0f);
    });
  }

  bool isIdeal() const override {
    return levelCount == 0 && spread == 0 && loss == 0 && readNoise == 0;
  }

private:
  double spread = 0, loss = 0, readNoise = 0;
};

detail::DeviceResult make(const Defaults &defaults,
                          const DeviceParams &params) {
  auto device = std::make_unique<MultiLevel>();
  if (Status s = device->configure(defaults, params); !s)
    return s.error();
  return DeviceResult(std::move(device));
}

} // namespace

detail::DeviceResult detail::makeIdeal(const DeviceParams &params) {
  return make(idealDefaults, params);
}
detail::DeviceResult detail::makeMram(const DeviceParams &params) {
  return make(mramDefaults, params);
}
detail::DeviceResult detail::makeFeram(const DeviceParams &params) {
  return make(feramDefaults, params);
}

} // namespace hybridc::exec
