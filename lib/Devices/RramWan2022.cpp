//===- RramWan2022.cpp - RRAM of the NeuRRAM chip -------------------------===//
//
// Wan et al., Nature 2022, in the fit that aihwkit 1.1 documents: the cell is
// found around its *target* with a spread that depends on the target and on
// how long ago it was programmed; σ is a quartic in r = g/g_max, known 1 s, 1
// day and 2 days after programming. Between those σ is interpolated linearly
// in the logarithm of time (our choice), and held outside. No read noise was
// published; read_noise adds one, as a fraction of g_max.
//
// The coefficients are µS at g_max = 40. With another range they are left as
// they are, a spread in µS, unless prog_g_max says at which g_max they hold:
// then it scales with the range. (aihwkit's comments say the latter, its code
// does the former.)
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

struct Quartic {
  float c[5];
};
constexpr size_t times = 3;
constexpr double published[times][5] = {
    {.348, 16.03, -43.853, 45.393, -16.815},
    {.701, 22.086, -50.773, 47.095, -16.458},
    {.782, 20.274, -43.507, 37.062, -11.934},
};

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

class RramWan2022 final : public InferenceDevice {
public:
  Status configure(const DeviceParams &params) {
    deviceName = "rram-wan2022";
    source = "Wan Nature 2022, as documented in aihwkit 1.1; times between "
             "1 s, 1 d and 2 d interpolated";
    gMaximum = 40;
    std::vector<Field> fields = {{"g_max", &gMaximum, 1e-3, 1e6},
                                 {"g_min", &gMinimum, 0, 1e6},
                                 {"noise_scale", &noiseScale, 0, 1e3},
                                 {"prog_g_max", &progGMax, 0, 1e6},
                                 {"read_noise", &readNoise, 0, 10}};
    static constexpr const char *names[times][6] = {
        {"time_0", "prog_c0_0", "prog_c1_0", "prog_c2_0", "prog_c3_0",
         "prog_c4_0"},
        {"time_1", "prog_c0_1", "prog_c1_1", "prog_c2_1", "prog_c3_1",
         "prog_c4_1"},
        {"time_2", "prog_c0_2", "prog_c1_2", "prog_c2_2", "prog_c3_2",
         "prog_c4_2"},
    };
    double c[times][5];
    for (size_t t = 0; t < times; ++t) {
      std::copy(std::begin(published[t]), std::end(published[t]), c[t]);
      fields.push_back({names[t][0], &seconds[t], 1e-9, 1e12});
      for (size_t i = 0; i < 5; ++i)
        fields.push_back({names[t][i + 1], &c[t][i], -1e4, 1e4});
    }
    if (Status s = setFields(fields, params); !s)
      return s;
    for (size_t t = 0; t < times; ++t) {
      std::copy(std::begin(c[t]), std::end(c[t]), fits[t].c);
      if (t > 0 && seconds[t] <= seconds[t - 1])
        return invalidInput("device 'rram-wan2022': time_0, time_1 and time_2 "
                            "must ascend");
    }
    return {};
  }

  void program(const float *target, float *programmed, size_t n, Key key,
               uint64_t first) const override {
    spread(fits[0], target, programmed, n, key, first);
  }

  void age(const float *target, const float *, float *g, size_t n, double age,
           Key driftKey, Key readKey, uint64_t first) const override {
    spread(fitAt(age), target, g, n, driftKey, first);
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
    float scale =
        float(noiseScale * (progGMax > 0 ? gMaximum / progGMax : 1.0));
    forCellBlocks(n, key, first, [&](size_t at, size_t count, float *noise) {
      spreadCells(q, float(1 / gMaximum), scale, target + at, noise, g + at,
                  count);
    });
  }

  Quartic fitAt(double age) const {
    if (age <= seconds[0])
      return fits[0];
    if (age >= seconds[times - 1])
      return fits[times - 1];
    size_t i = age < seconds[1] ? 0 : 1;
    double part =
        std::log(age / seconds[i]) / std::log(seconds[i + 1] / seconds[i]);
    Quartic q;
    for (int k = 0; k < 5; ++k)
      q.c[k] = float(fits[i].c[k] * (1 - part) + fits[i + 1].c[k] * part);
    return q;
  }

  Quartic fits[times] = {};
  double seconds[times] = {1, 86400, 172800};
  double noiseScale = 1, readNoise = 0, progGMax = 0;
};

} // namespace

detail::DeviceResult detail::makeRramWan2022(const DeviceParams &params) {
  auto device = std::make_unique<RramWan2022>();
  if (Status s = device->configure(params); !s)
    return s.error();
  return DeviceResult(std::move(device));
}

} // namespace hybridc::exec
