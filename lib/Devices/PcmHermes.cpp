//===- PcmHermes.cpp - Phase-change memory of the HERMES project chip -----===//
//
// Le Gallo et al., Nat. Electron. 2023 (chip), Khaddam-Aljameh et al., JSSC
// 2022, Vasilopoulos et al., TED 2023 (two devices per polarity), in the fit
// that aihwkit 1.1 documents. The same mechanism as Pcm.cpp with other fits,
// each in two pieces of r = g/g_max that meet at a limit:
//
//   programming  cubic in r
//   drift        µ_ν and σ_ν: a + b·ln r, clipped, below; a polynomial above
//   read noise   Q: likewise
//
// Two devices per polarity are one cell here, with the joint fit.
//
//===----------------------------------------------------------------------===//

#include "Vectorize.h"

#include "Devices.h"
#include "VecMath.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace hybridc::exec {
namespace {

using namespace detail;

/// Below `limit` clip(slope·ln r + offset, low, high), else a cubic.
struct TwoPiece {
  float limit, slope, offset, low, high, p0, p1, p2, p3;
};

struct Fit {
  float prog[4]; // µS
  TwoPiece mean, sigma, read;
  float gMax, t0;
};

constexpr TwoPiece meanFit = {.0945f, -.0387f, -.0182f, .0720f, .13f,
                              .0736f, -.0126f, -.0436f, 0};
constexpr Fit twoDevices = {
    {.16603222f, 4.71806468f, -8.48101252f, 4.68961419f},
    meanFit,
    {.3055f, -.0117f, -.0057f, .0091f, .04f, .0073f, .0093f, -.0118f, 0},
    {.16f, -.0117f, -.0069f, .015f, .04f, .0123f, .0211f, -.0280f, .0069f},
    20.7f,
    300};
constexpr Fit oneDevice = {
    {.15781817f, 2.32443916f, -2.16310839f, .68841818f},
    meanFit,
    {.3039f, -.0120f, -.0023f, .0124f, .04f, .0104f, .0116f, -.0165f, 0},
    {.1591f, -.0078f, .0038f, .0179f, .04f, .0088f, .0768f, -.1352f, .0664f},
    10.35f,
    200};

HYBRIDC_INLINE float valueOf(const TwoPiece &p, float r) {
  float below = clampTo(p.slope * logOf(r) + p.offset, p.low, p.high);
  float above = p.p0 + r * (p.p1 + r * (p.p2 + r * p.p3));
  return r < p.limit ? below : above;
}

struct Scales {
  float inverseGMax, prog, drift, lnTime, readFactor;
};

HYBRIDC_INLINE void programBody(const Fit &fit, const Scales &k,
                                const float *target, const float *noise,
                                float *out, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    float r = target[i] * k.inverseGMax;
    float sigma =
        fit.prog[0] + r * (fit.prog[1] + r * (fit.prog[2] + r * fit.prog[3]));
    out[i] = maxOf(target[i] + sigma * k.prog * noise[i], 0.0f);
  }
}
HYBRIDC_VECTOR_FUNCTION(void, programCells, programBody,
                        (const Fit &fit, const Scales &k, const float *target,
                         const float *noise, float *out, size_t n),
                        (fit, k, target, noise, out, n))

HYBRIDC_INLINE float exponentOf(const Fit &fit, const Scales &k, float target,
                                float noise) {
  float r = maxOf(target * k.inverseGMax, 1e-7f);
  return absOf(valueOf(fit.mean, r) + valueOf(fit.sigma, r) * noise) * k.drift;
}

HYBRIDC_INLINE void exponentBody(const Fit &fit, const Scales &k,
                                 const float *target, const float *noise,
                                 float *nu, size_t n) {
  for (size_t i = 0; i < n; ++i)
    nu[i] = exponentOf(fit, k, target[i], noise[i]);
}
HYBRIDC_VECTOR_FUNCTION(void, exponentCells, exponentBody,
                        (const Fit &fit, const Scales &k, const float *target,
                         const float *noise, float *nu, size_t n),
                        (fit, k, target, noise, nu, n))

HYBRIDC_INLINE void ageBody(const Fit &fit, const Scales &k,
                            const float *target, const float *programmed,
                            const float *driftNoise, const float *readNoise,
                            float *out, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    float nu = exponentOf(fit, k, target[i], driftNoise[i]);
    float g = programmed[i] * expOf(-nu * k.lnTime);
    float r = maxOf(programmed[i] * k.inverseGMax, 1e-30f);
    float q = valueOf(fit.read, r);
    out[i] = maxOf(g + g * (q * k.readFactor) * readNoise[i], 0.0f);
  }
}
HYBRIDC_VECTOR_FUNCTION(void, ageCells, ageBody,
                        (const Fit &fit, const Scales &k, const float *target,
                         const float *programmed, const float *driftNoise,
                         const float *readNoise, float *out, size_t n),
                        (fit, k, target, programmed, driftNoise, readNoise, out,
                         n))

class PcmHermes final : public InferenceDevice {
public:
  PcmHermes(const char *name, const Fit &of) : fit(of) {
    deviceName = name;
    source = "Le Gallo Nat. Electron. 2023, as documented in aihwkit 1.1";
    gMaximum = fit.gMax;
    t0 = fit.t0;
  }

  Status configure(const DeviceParams &params) {
    progGMax = programReference(params, fit.gMax, gMaximum);
    double c[4];
    std::copy(std::begin(fit.prog), std::end(fit.prog), c);
    // Beyond the characterised range the polynomials mean nothing.
    Status status = setFields({{"g_max", &gMaximum, 1e-3, fit.gMax},
                               {"g_min", &gMinimum, 0, 1e6},
                               {"prog_c0", &c[0], -1e3, 1e3},
                               {"prog_c1", &c[1], -1e3, 1e3},
                               {"prog_c2", &c[2], -1e3, 1e3},
                               {"prog_c3", &c[3], -1e3, 1e3},
                               {"prog_g_max", &progGMax, 1e-3, 1e6},
                               {"t0", &t0, 1e-9, 1e9},
                               {"t_read", &tRead, 1e-12, 1e3},
                               {"prog_scale", &progScale, 0, 1e3},
                               {"drift_scale", &driftScale, 0, 1e3},
                               {"read_scale", &readScale, 0, 1e3}},
                              params);
    std::copy(std::begin(c), std::end(c), fit.prog);
    return status;
  }

  void program(const float *target, float *programmed, size_t n, Key key,
               uint64_t first) const override {
    Scales k = scales(0);
    forCellBlocks(n, key, first, [&](size_t at, size_t count, float *noise) {
      programCells(fit, k, target + at, noise, programmed + at, count);
    });
  }

  void age(const float *target, const float *programmed, float *g, size_t n,
           double seconds, Key driftKey, Key readKey,
           uint64_t first) const override {
    Scales k = scales(seconds);
    forCellBlocks(n, driftKey, readKey, first,
                  [&](size_t at, size_t count, float *d, float *r) {
                    ageCells(fit, k, target + at, programmed + at, d, r, g + at,
                             count);
                  });
  }

  bool hasDriftExponent() const override { return true; }
  void driftExponents(const float *target, float *nu, size_t n, Key driftKey,
                      uint64_t first) const override {
    Scales k = scales(0);
    forCellBlocks(n, driftKey, first,
                  [&](size_t at, size_t count, float *noise) {
                    exponentCells(fit, k, target + at, noise, nu + at, count);
                  });
  }

private:
  Scales scales(double seconds) const {
    double t = std::fmax(seconds, 0.0) + t0;
    double logRatio = std::fmax(std::log((t + tRead) / (2 * tRead)), 0.0);
    return {float(1 / gMaximum), float(progScale * gMaximum / progGMax),
            float(driftScale), float(std::log(t / t0)),
            float(std::sqrt(logRatio) * readScale)};
  }

  Fit fit;
  double t0, tRead = 512e-9, progGMax = 0;
  double progScale = 1, driftScale = 1, readScale = 1;
};

detail::DeviceResult make(const char *name, const Fit &fit,
                          const DeviceParams &params) {
  auto device = std::make_unique<PcmHermes>(name, fit);
  if (Status s = device->configure(params); !s)
    return s.error();
  return DeviceResult(std::move(device));
}

} // namespace

detail::DeviceResult detail::makePcmHermes(const DeviceParams &params) {
  return make("pcm-hermes", twoDevices, params);
}
detail::DeviceResult detail::makePcmHermesSingle(const DeviceParams &params) {
  return make("pcm-hermes-1", oneDevice, params);
}

} // namespace hybridc::exec
