//===- PulsedDevice.h - Cells that learn by pulses -------------*- C++ -*-===//
//
// What one programming pulse does to the weight that a training cell (RRAM,
// ECRAM, capacitor, PCM) holds, how cells differ from one another, and how
// pulses differ from one another. Weights are dimensionless, about ±1.
//
// Notation: Δ↑, Δ↓ a cell's own step at w = 0; ξ = dw_min_std·N per pulse.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_EXECUTOR_DEVICES_PULSEDDEVICE_H
#define HYBRIDC_EXECUTOR_DEVICES_PULSEDDEVICE_H

#include "hybridc/Executor/devices/InferenceDevice.h"

#include <string>
#include <string_view>
#include <vector>

namespace hybridc::exec {

enum class StepLaw {
  /// ±Δ(1 + ξ)
  Constant,
  /// up (s↑w + Δ↑)(1 + ξ), down -(s↓w + Δ↓)(1 + ξ), s = -γΔ/bound; additive
  /// noise: s↑w + Δ↑(1 + ξ)
  Linear,
  /// u = w + ref: up Δ↑(1 − u/b_max + ξ), down -Δ↓(1 − u/b_min + ξ);
  /// multiplicative noise: Δ↑(1 − u/b_max)(1 + ξ)
  SoftBounds,
  /// z = 2aw/(b_max − b_min) + b: up Δ↑·max(1 − A↑e^{γ↑z}, 0)(1 + ξ), down
  /// -Δ↓·max(1 − A↓e^{-γ↓z}, 0)(1 + ξ)
  Exponential,
  /// up Δ↑((b_max − w)/(b_max − b_min))^γ↑(1 + ξ), down alike from b_min
  Power,
  /// Δ times a factor interpolated over equal pieces of [b_min, b_max]
  Piecewise,
};

struct PulsedDevice {
  std::string name, provenance;
  StepLaw law = StepLaw::Constant;

  // How cells differ, drawn once.
  double dwMin = 0.001, dwMinDtod = 0.3;
  bool dwMinLogNormal = false; ///< gain e^{dtod·N} instead of 1 + dtod·N
  double upDown = 0, upDownDtod = 0.01;
  double wMax = 0.6, wMin = -0.6, wMaxDtod = 0.3, wMinDtod = 0.3;
  bool enforceConsistency = true; ///< steps and bounds keep their signs

  // How pulses differ.
  double dwMinStd = 0.3;
  bool multiplicativeNoise = true;           ///< Linear, SoftBounds
  double dwMinStdAdd = 0, dwMinStdSlope = 0; ///< Exponential
  double writeNoise = 0; ///< of the visible weight, in units of dwMin

  // Linear and Power: γ of both directions.
  double gammaUp = 0, gammaDown = 0, gammaUpDtod = 0, gammaDownDtod = 0;
  bool meanBoundReference = true; ///< Linear: slopes from wMax, not b_max
  // SoftBounds.
  double slopeUpDtod = 0, slopeDownDtod = 0;
  double referenceMean = 0, referenceStd = 0;
  bool subtractSymmetryPoint = false;
  // Exponential (with gammaUp, gammaDown).
  double a = 1, b = 0, aUp = 0, aDown = 0;
  // Power.
  double gammaUpDown = 0, gammaUpDownDtod = 0;
  // Piecewise: factors at equally spaced nodes, from b_min to b_max.
  std::vector<double> nodesUp, nodesDown;

  // Slow changes.
  double lifetime = 0, lifetimeDtod = 0; ///< mini-batches; 0 = no decay
  double reset = 0, resetDtod = 0, resetStd = 0;

  /// The same cell without any variation or noise.
  PulsedDevice withoutVariation() const;
};

/// rram-es, rram-sb, rram-om, rram-hfo2, ecram-li, ecram-mo, capacitor,
/// idealized, gokmen-vlasov, pcm-onesided, and the bare laws constant-step,
/// linear-step, soft-bounds, exp-step, pow-step and piecewise-step, with
/// `params` overriding fields by name (dw_min, dw_min_dtod, write_noise, …).
/// Errors (InvalidInput): unknown preset or field, value out of range.
Result<PulsedDevice> makePulsedDevice(std::string_view name,
                                      const DeviceParams &params = {});

const std::vector<std::string> &pulsedDeviceNames();

/// The fields that `params` may name, with the values in `device`.
std::map<std::string, double> fieldsOf(const PulsedDevice &device);

} // namespace hybridc::exec

#endif // HYBRIDC_EXECUTOR_DEVICES_PULSEDDEVICE_H
