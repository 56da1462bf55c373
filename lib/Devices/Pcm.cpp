//===- Pcm.cpp - Phase-change memory --------------------------------------===//
//
// Nandakumar et al., ICECS 2019, and Joshi et al., Nat. Commun. 2020, in the
// form that IBM's aihwkit 1.1 documents. With r = g_target / g_max:
//
//   programming  g_p = max(g_T + σ(r)·N, 0), σ polynomial in r
//   drift        ν = |µ_ν(r) + σ_ν(r)·N|, g(t) = g_p·(t/t0)^-ν, t = t_inf + t0
//   read noise   σ = g(t)·Q(g_p/g_max)·√ln((t + t_r) / 2t_r), clamped at 0
//
//===----------------------------------------------------------------------===//

#include "Vectorize.h"

#include "Devices.h"
#include "VecMath.h"

#include <cmath>

namespace hybridc::exec {
namespace {

using namespace detail;

struct ProgramCoefficients {
  float inverseGMax, c0, c1, c2; // σ in µS, scaled to this g_max
};

HYBRIDC_INLINE void programBody(const ProgramCoefficients &k,
                                const float *target, const float *noise,
                                float *out, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    float r = target[i] * k.inverseGMax;
    float sigma = k.c0 + r * (k.c1 + r * k.c2);
    out[i] = maxOf(target[i] + sigma * noise[i], 0.0f);
  }
}
HYBRIDC_VECTOR_FUNCTION(void, programCells, programBody,
                        (const ProgramCoefficients &k, const float *target,
                         const float *noise, float *out, size_t n),
                        (k, target, noise, out, n))

struct DriftCoefficients {
  float inverseGMax;
  float meanSlope, meanOffset, meanLow, meanHigh;
  float stdSlope, stdOffset, stdLow, stdHigh;
  float scale;
};

HYBRIDC_INLINE float exponentOf(const DriftCoefficients &k, float target,
                                float noise) {
  float lnR = logOf(maxOf(target * k.inverseGMax, 1e-7f));
  float mean = clampTo(k.meanSlope * lnR + k.meanOffset, k.meanLow, k.meanHigh);
  float sigma = clampTo(k.stdSlope * lnR + k.stdOffset, k.stdLow, k.stdHigh);
  return absOf(mean + sigma * noise) * k.scale;
}

HYBRIDC_INLINE void exponentBody(const DriftCoefficients &k,
                                 const float *target, const float *noise,
                                 float *nu, size_t n) {
  for (size_t i = 0; i < n; ++i)
    nu[i] = exponentOf(k, target[i], noise[i]);
}
HYBRIDC_VECTOR_FUNCTION(void, exponentCells, exponentBody,
                        (const DriftCoefficients &k, const float *target,
                         const float *noise, float *nu, size_t n),
                        (k, target, noise, nu, n))

struct ReadCoefficients {
  float lnTime;          // ln(t / t0)
  float factor;          // √ln((t + t_r) / 2t_r) · read_scale
  float q, power, qHigh; // Q = min(q / max(r^power, 1e-3), qHigh)
};

HYBRIDC_INLINE void ageBody(const DriftCoefficients &k,
                            const ReadCoefficients &read, const float *target,
                            const float *programmed, const float *driftNoise,
                            const float *readNoise, float *out, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    float nu = exponentOf(k, target[i], driftNoise[i]);
    float g = programmed[i] * expOf(-nu * read.lnTime);
    // r = 0 makes the power exactly 0 in effect: e^(0.65·ln 1e-30) < 1e-3.
    float r = maxOf(programmed[i] * k.inverseGMax, 1e-30f);
    float q =
        minOf(read.q / maxOf(expOf(read.power * logOf(r)), 1e-3f), read.qHigh);
    out[i] = maxOf(g + g * (q * read.factor) * readNoise[i], 0.0f);
  }
}
HYBRIDC_VECTOR_FUNCTION(void, ageCells, ageBody,
                        (const DriftCoefficients &k,
                         const ReadCoefficients &read, const float *target,
                         const float *programmed, const float *driftNoise,
                         const float *readNoise, float *out, size_t n),
                        (k, read, target, programmed, driftNoise, readNoise,
                         out, n))

class Pcm final : public InferenceDevice {
public:
  Status configure(const DeviceParams &params) {
    deviceName = "pcm";
    source = "Nandakumar ICECS 2019 and Joshi Nat. Commun. 2020, as documented "
             "in aihwkit 1.1";
    gMaximum = 25;
    progGMax = programReference(params, 25, gMaximum);
    return setFields({{"g_max", &gMaximum, 1e-3, 1e6},
                      {"g_min", &gMinimum, 0, 1e6},
                      {"prog_g_max", &progGMax, 1e-3, 1e6},
                      {"prog_c0", &c0, -1e3, 1e3},
                      {"prog_c1", &c1, -1e3, 1e3},
                      {"prog_c2", &c2, -1e3, 1e3},
                      {"prog_scale", &progScale, 0, 1e3},
                      {"nu_mean_slope", &meanSlope, -1, 1},
                      {"nu_mean_offset", &meanOffset, -1, 1},
                      {"nu_mean_min", &meanLow, 0, 1},
                      {"nu_mean_max", &meanHigh, 0, 1},
                      {"nu_std_slope", &stdSlope, -1, 1},
                      {"nu_std_offset", &stdOffset, -1, 1},
                      {"nu_std_min", &stdLow, 0, 1},
                      {"nu_std_max", &stdHigh, 0, 1},
                      {"drift_scale", &driftScale, 0, 1e3},
                      {"t0", &t0, 1e-9, 1e9},
                      {"t_read", &tRead, 1e-12, 1e3},
                      {"read_q", &readQ, 0, 1},
                      {"read_power", &readPower, 0, 10},
                      {"read_q_max", &readQHigh, 0, 10},
                      {"read_scale", &readScale, 0, 1e3}},
                     params);
  }

  void program(const float *target, float *programmed, size_t n, Key key,
               uint64_t first) const override {
    // The polynomial was fitted at one g_max and scales with the range.
    double scale = progScale * gMaximum / progGMax;
    ProgramCoefficients k{float(1 / gMaximum), float(c0 * scale),
                          float(c1 * scale), float(c2 * scale)};
    forCellBlocks(n, key, first, [&](size_t at, size_t count, float *noise) {
      programCells(k, target + at, noise, programmed + at, count);
    });
  }

  void age(const float *target, const float *programmed, float *g, size_t n,
           double seconds, Key driftKey, Key readKey,
           uint64_t first) const override {
    DriftCoefficients k = drift();
    double t = std::fmax(seconds, 0.0) + t0;
    double logRatio = std::log((t + tRead) / (2 * tRead));
    ReadCoefficients read{
        float(std::log(t / t0)),
        float(std::sqrt(std::fmax(logRatio, 0.0)) * readScale), float(readQ),
        float(readPower), float(readQHigh)};
    forCellBlocks(n, driftKey, readKey, first,
                  [&](size_t at, size_t count, float *d, float *r) {
                    ageCells(k, read, target + at, programmed + at, d, r,
                             g + at, count);
                  });
  }

  bool hasDriftExponent() const override { return true; }
  void driftExponents(const float *target, float *nu, size_t n, Key driftKey,
                      uint64_t first) const override {
    DriftCoefficients k = drift();
    forCellBlocks(n, driftKey, first,
                  [&](size_t at, size_t count, float *noise) {
                    exponentCells(k, target + at, noise, nu + at, count);
                  });
  }

private:
  DriftCoefficients drift() const {
    return {float(1 / gMaximum), float(meanSlope), float(meanOffset),
            float(meanLow),      float(meanHigh),  float(stdSlope),
            float(stdOffset),    float(stdLow),    float(stdHigh),
            float(driftScale)};
  }

  double c0 = 0.26348, c1 = 1.9650, c2 = -1.1731, progScale = 1, progGMax = 25;
  double meanSlope = -0.0155, meanOffset = 0.0244;
  double meanLow = 0.049, meanHigh = 0.1;
  double stdSlope = -0.0125, stdOffset = -0.0059;
  double stdLow = 0.008, stdHigh = 0.045, driftScale = 1;
  double t0 = 20, tRead = 250e-9;
  double readQ = 0.0088, readPower = 0.65, readQHigh = 0.2, readScale = 1;
};

} // namespace

detail::DeviceResult detail::makePcm(const DeviceParams &params) {
  auto device = std::make_unique<Pcm>();
  if (Status s = device->configure(params); !s)
    return s.error();
  return DeviceResult(std::move(device));
}

} // namespace hybridc::exec
