//===- RramWan2022.cpp - RRAM of the NeuRRAM chip -------------------------===//
//
// Wan et al., Nature 2022, in the fit that aihwkit 1.1 documents: the cell is
// found around its *target* with a spread that depends on the target and on
// how long ago it was programmed; σ is a quartic in r = g/g_max, known 1 s, 1
// day and 2 days after programming. Between those σ is interpolated linearly
// in the logarithm of time (our choice), and held outside. No read noise was
// published; read_noise adds one, as a fraction of g_max.
//
//===----------------------------------------------------------------------===//

#include "Vectorize.h"

#include "Devices.h"
#include "VecMath.h"

#include <cmath>

namespace hybridc::exec {
namespace {

using namespace detail;

struct Quartic {
  float c[5];
};
constexpr Quartic fits[] = {
    {{.348f, 16.03f, -43.853f, 45.393f, -16.815f}},
    {{.701f, 22.086f, -50.773f, 47.095f, -16.458f}},
    {{.782f, 20.274f, -43.507f, 37.062f, -11.934f}},
};
constexpr double fitSeconds[] = {1, 86400, 172800};
constexpr double fitGMax = 40;

HYBRIDC_INLINE void spreadBody(const Quartic &q, float inverseGMax, float scale,
                               const float *target, const float *noise,
                               float *out, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    float r = target[i] * inverseGMax;
    float sigma =
        q.c[0] + r * (q.c[1] + r * (q.c[2] + r * (q.c[3] + r * q.c[4])));
    out[i] = maxOf(target[i] + sigma * scale * noise[i], 0.0f);
  }
}
HYBRIDC_VECTOR_FUNCTION(void, spreadCells, spreadBody,
                        (const Quartic &q, float inverseGMax, float scale,
                         const float *target, const float *noise, float *out,
                         size_t n),
                        (q, inverseGMax, scale, target, noise, out, n))

Quartic fitAt(double seconds) {
  if (seconds <= fitSeconds[0])
    return fits[0];
  if (seconds >= fitSeconds[2])
    return fits[2];
  size_t i = seconds < fitSeconds[1] ? 0 : 1;
  double part = std::log(seconds / fitSeconds[i]) /
                std::log(fitSeconds[i + 1] / fitSeconds[i]);
  Quartic q;
  for (int k = 0; k < 5; ++k)
    q.c[k] = float(fits[i].c[k] * (1 - part) + fits[i + 1].c[k] * part);
  return q;
}

class RramWan2022 final : public InferenceDevice {
public:
  Status configure(const DeviceParams &params) {
    deviceName = "rram-wan2022";
    source = "Wan Nature 2022, as documented in aihwkit 1.1; times between "
             "1 s, 1 d and 2 d interpolated";
    gMaximum = 40;
    return setFields({{"g_max", &gMaximum, 1e-3, 1e6},
                      {"noise_scale", &noiseScale, 0, 1e3},
                      {"read_noise", &readNoise, 0, 10}},
                     params);
  }

  void program(const float *target, float *programmed, size_t n, Key key,
               uint64_t first) const override {
    spread(fits[0], target, programmed, n, key, first);
  }

  void age(const float *target, const float *, float *g, size_t n,
           double seconds, Key driftKey, Key readKey,
           uint64_t first) const override {
    spread(fitAt(seconds), target, g, n, driftKey, first);
    if (readNoise == 0)
      return;
    float sigma = float(readNoise * gMaximum);
    forCellBlocks(n, readKey, first, [&](size_t at, size_t count, float *z) {
      for (size_t i = 0; i < count; ++i)
        g[at + i] = maxOf(g[at + i] + sigma * z[i], 0.0f);
    });
  }

private:
  void spread(const Quartic &q, const float *target, float *g, size_t n,
              Key key, uint64_t first) const {
    float scale = float(noiseScale * gMaximum / fitGMax);
    forCellBlocks(n, key, first, [&](size_t at, size_t count, float *noise) {
      spreadCells(q, float(1 / gMaximum), scale, target + at, noise, g + at,
                  count);
    });
  }

  double noiseScale = 1, readNoise = 0;
};

} // namespace

detail::DeviceResult detail::makeRramWan2022(const DeviceParams &params) {
  auto device = std::make_unique<RramWan2022>();
  if (Status s = device->configure(params); !s)
    return s.error();
  return DeviceResult(std::move(device));
}

} // namespace hybridc::exec
