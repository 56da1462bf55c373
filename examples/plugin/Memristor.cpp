//===- Memristor.cpp - A cell that lives outside of hybridc ---------------===//
//
// A made-up cell whose conductance relaxes to the middle of its range:
//
//   programming  g_prog = g + prog_std·N
//   relaxation   g(t) = middle + (g_prog − middle)·(1 + t/t0)^−rate
//
//===----------------------------------------------------------------------===//
#include "hybridc/Devices/InferenceDevice.h"

#include "mlir/Tools/Plugins/PassPlugin.h"

#include <cmath>

using namespace hybridc;
using namespace hybridc::exec;

namespace {
class Memristor final : public InferenceDevice {
public:
  Status configure(const DeviceParams &params) {
    deviceName = "example-memristor";
    source = "unverified: made up for the example";
    return setFields({{"g_max", &gMaximum, 1e-3, 1e6},
                      {"prog_std", &spread, 0, 1e3},
                      {"rate", &rate, 0, 10},
                      {"t0", &t0, 1e-9, 1e9}},
                     params);
  }

  void program(const float *target, float *programmed, size_t n, Key key,
               uint64_t first) const override {
    std::vector<float> noise(n);
    gaussians(key, first, noise.data(), n);
    for (size_t i = 0; i < n; ++i)
      programmed[i] = target[i] + float(spread) * noise[i];
  }

  void age(const float *, const float *programmed, float *g, size_t n,
           double seconds, Key, Key, uint64_t) const override {
    float middle = float(gMaximum / 2);
    float left = float(std::pow(1 + std::fmax(seconds, 0.0) / t0, -rate));
    for (size_t i = 0; i < n; ++i)
      g[i] = middle + (programmed[i] - middle) * left;
  }

private:
  double spread = 0.5, rate = 0.05, t0 = 1;
};
} // namespace

static void registerMemristor() {
  registerInferenceDevice(
      "example-memristor",
      [](const DeviceParams &params)
          -> Result<std::unique_ptr<InferenceDevice>> {
        auto device = std::make_unique<Memristor>();
        if (Status status = device->configure(params); !status)
          return status.error();
        return std::unique_ptr<InferenceDevice>(std::move(device));
      });
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "ExampleDevice", "0.1", registerMemristor};
}
