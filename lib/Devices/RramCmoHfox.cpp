//===- RramCmoHfox.cpp - Analog CMO/HfOx RRAM -----------------------------===//
//
// Falcone et al. (relaxation), Lombardo et al., DRC 2024 (read noise), in the
// fit that aihwkit 1.1 documents. g in µS, t in seconds since programming:
//
//   programming  σ = a + b·g; a and b depend on the program-and-verify loop's
//                acceptance, 0.2 % or 2 % of the target
//   relaxation   mean shift -0.089·ln t, σ = 0.042·ln t + 0.412, whatever g is
//   read noise   σ = K·log10(g)·√ln((t + t_r) / 2t_r)
//
// Fields: prog_c0 and prog_c1 are a and b, decay_mean the shift and decay_std
// and decay_std_1s the spread, read_k is K.
//
// Right after programming (t = 0) neither relaxation nor read noise applies;
// later the conductance stays within [g_min, g_max].
//
//===----------------------------------------------------------------------===//

#include "Vectorize.h"

#include "Devices.h"
#include "VecMath.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {
namespace {

using namespace detail;

struct Relaxation {
  float shift, sigma, readFactor, low, high;
};

HYBRIDC_INLINE void ageBody(const Relaxation &k, const float *programmed,
                            const float *driftNoise, const float *readNoise,
                            float *out, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    float g = programmed[i] + k.shift + k.sigma * driftNoise[i];
    // log10 g, of either sign (the noise is symmetric); an open cell has none.
    float decades = g > 1e-30f ? logOf(g) * 0.4342944819f : 0.0f;
    g = g + k.readFactor * decades * readNoise[i];
    out[i] = clampTo(g, k.low, k.high);
  }
}
HYBRIDC_VECTOR_FUNCTION(void, ageCells, ageBody,
                        (const Relaxation &k, const float *programmed,
                         const float *driftNoise, const float *readNoise,
                         float *out, size_t n),
                        (k, programmed, driftNoise, readNoise, out, n))

class RramCmoHfox final : public InferenceDevice {
public:
  Status configure(const DeviceParams &params) {
    deviceName = "rram-cmo-hfox";
    source = "Falcone et al. and Lombardo DRC 2024, as documented in aihwkit "
             "1.1";
    gMinimum = 9;
    gMaximum = 88.19;
    auto given = params.find("acceptance");
    bool tight = given == params.end() || given->second == 0.2;
    c0 = tight ? .00081107 : .0112185391;
    c1 = tight ? .00106879 : .01129027418;
    if (Status s = setFields({{"g_max", &gMaximum, 1e-3, 1e6},
                              {"g_min", &gMinimum, 0, 1e6},
                              {"acceptance", &acceptance, 0.2, 2},
                              {"prog_c0", &c0, -1e3, 1e3},
                              {"prog_c1", &c1, -1e3, 1e3},
                              {"prog_scale", &progScale, 0, 1e3},
                              {"decay_mean", &decayMean, -1e3, 1e3},
                              {"decay_std", &decayStd, -1e3, 1e3},
                              {"decay_std_1s", &decayStd1s, -1e3, 1e3},
                              {"drift_scale", &driftScale, 0, 1e3},
                              {"read_k", &readK, 0, 1e3},
                              {"read_scale", &readScale, 0, 1e3},
                              {"t_read", &tRead, 1e-12, 1e3}},
                             params);
        !s)
      return s;
    if (acceptance != 0.2 && acceptance != 2)
      return invalidInput("device 'rram-cmo-hfox': acceptance must be 0.2 or "
                          "2 (percent of the target), the two that were "
                          "characterised");
    return {};
  }

  void program(const float *target, float *programmed, size_t n, Key key,
               uint64_t first) const override {
    float a = float(c0 * progScale), b = float(c1 * progScale);
    forCellBlocks(n, key, first, [&](size_t at, size_t count, float *noise) {
      for (size_t i = 0; i < count; ++i) {
        float t = target[at + i];
        programmed[at + i] = t + (a + b * t) * noise[i];
      }
    });
  }

  void age(const float *, const float *programmed, float *g, size_t n,
           double seconds, Key driftKey, Key readKey,
           uint64_t first) const override {
    if (!(seconds > 0)) {
      std::copy(programmed, programmed + n, g);
      return;
    }
    double lnT = std::log(seconds);
    double ratio = std::log((seconds + tRead) / (2 * tRead));
    Relaxation k{
        float(decayMean * lnT * driftScale),
        // Below about 55 µs the fit's spread would be negative.
        float(std::fmax(decayStd * lnT + decayStd1s, 0.0) * driftScale),
        float(readK * std::sqrt(std::fmax(ratio, 0.0)) * readScale),
        float(gMinimum), float(gMaximum)};
    forCellBlocks(n, driftKey, readKey, first,
                  [&](size_t at, size_t count, float *d, float *r) {
                    ageCells(k, programmed + at, d, r, g + at, count);
                  });
  }

private:
  double acceptance = 0.2, c0 = 0, c1 = 0;
  double decayMean = -.08900206, decayStd = .04201137, decayStd1s = .41183342;
  double readK = .0277316483;
  double progScale = 1, driftScale = 1, readScale = 1, tRead = 1e-6;
};

} // namespace

detail::DeviceResult detail::makeRramCmoHfox(const DeviceParams &params) {
  auto device = std::make_unique<RramCmoHfox>();
  if (Status s = device->configure(params); !s)
    return s.error();
  return DeviceResult(std::move(device));
}

} // namespace hybridc::exec
