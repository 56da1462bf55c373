//===- Flash.cpp - Floating-gate transistor below threshold ---------------===//
//
// The current of a floating-gate cell below threshold is exponential in its
// threshold voltage, so errors of that voltage multiply the conductance:
//
//   programming  g_prog = g·e^(v·N/s), v the width that program-and-verify
//                leaves; a cell at g_min = 0 stays off
//   retention    charge leaks with the logarithm of time; the threshold moves
//                by loss_per_decade·lg(1 + t/t0)·(1 + loss_std·N), the spread
//                drawn once per cell: g·e^(−shift/s)
//   read noise   random telegraph and 1/f noise of the voltage: e^(r·N/s)
//
// s = n·kT/q is the slope, 39 mV at 300 K for n = 1.5. The slope is physics;
// the other figures are of the order that reviews report, not a fit.
//
//===----------------------------------------------------------------------===//

#include "Vectorize.h"

#include "Devices.h"
#include "VecMath.h"

#include <cmath>

namespace hybridc::exec {
namespace {

using namespace detail;

class Flash final : public InferenceDevice {
public:
  Status configure(const DeviceParams &params) {
    deviceName = "flash";
    source = "unverified: subthreshold floating gate, figures typical";
    gMaximum = 10;
    return setFields({{"g_max", &gMaximum, 1e-3, 1e6},
                      {"slope_mv", &slope, 1, 1e3},
                      {"prog_mv", &prog, 0, 1e3},
                      {"loss_per_decade_mv", &loss, -1e3, 1e3},
                      {"loss_std", &lossStd, 0, 10},
                      {"t0", &t0, 1e-9, 1e9},
                      {"read_mv", &read, 0, 1e3}},
                     params);
  }

  void program(const float *target, float *programmed, size_t n, Key key,
               uint64_t first) const override {
    float sigma = float(prog / slope);
    forCellBlocks(n, key, first, [&](size_t at, size_t count, float *noise) {
      for (size_t i = 0; i < count; ++i)
        programmed[at + i] = target[at + i] * expOf(sigma * noise[i]);
    });
  }

  void age(const float *, const float *programmed, float *g, size_t n,
           double seconds, Key driftKey, Key readKey,
           uint64_t first) const override {
    float shift =
        float(loss * std::log10(1 + std::fmax(seconds, 0.0) / t0) / slope);
    float spread = float(lossStd), sigma = float(read / slope);
    forCellBlocks(n, driftKey, readKey, first,
                  [&](size_t at, size_t count, float *d, float *r) {
                    for (size_t i = 0; i < count; ++i)
                      g[at + i] =
                          programmed[at + i] *
                          expOf(sigma * r[i] - shift * (1 + spread * d[i]));
                  });
  }

private:
  double slope = 38.8, prog = 1, loss = 0.2, lossStd = 0.3, t0 = 1, read = 0.5;
};

} // namespace

detail::DeviceResult detail::makeFlash(const DeviceParams &params) {
  auto device = std::make_unique<Flash>();
  if (Status s = device->configure(params); !s)
    return s.error();
  return DeviceResult(std::move(device));
}

} // namespace hybridc::exec
