//===- PulsedDevice.h - Cells that learn by pulses -------------*- C++ -*-===//
//
// What one programming pulse does to the weight that a training cell (RRAM,
// ECRAM, capacitor, PCM) holds, how cells differ from one another, and how
// pulses differ from one another. Weights are dimensionless, about ±1.
//
// Notation: Δ↑, Δ↓ a cell's own step at w = 0; ξ = dw_min_std·N per pulse.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DEVICES_PULSEDDEVICE_H
#define HYBRIDC_DEVICES_PULSEDDEVICE_H

#include "hybridc/Devices/InferenceDevice.h"

#include <string>
#include <string_view>
#include <vector>

namespace hybridc::exec {

enum class StepLaw {
  /// ±Δ(1 + ξ)
  Constant,
  /// up (s↑w + Δ↑)(1 + ξ), down -(s↓w + Δ↓)(1 + ξ), s = -γΔ/bound; additive
  /// noise: s↑w + Δ↑(1 + ξ). Upwards `bound` is that above, downwards that
  /// below; with reverse_up or reverse_down it is the other one, moved
  /// outwards by reverse_offset, so that steps grow towards the bound
  Linear,
  /// u = w + ref: up Δ↑(1 − u/b_max + ξ), down -Δ↓(1 − u/b_min + ξ);
  /// multiplicative noise: Δ↑(1 − u/b_max)(1 + ξ)
  SoftBounds,
  /// z = 2aw/(b_max − b_min) + b: up Δ↑·max(1 − A↑e^{γ↑z}, 0)(1 + ξ), down
  /// -Δ↓·max(1 − A↓e^{-γ↓z}, 0)(1 + ξ)
  Exponential,
  /// u = w + ref: up Δ↑((b_max − u)/(b_max − b_min))^γ↑(1 + ξ), down alike
  /// from b_min
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
  /// A cell is stuck with this chance, somewhere within its bounds and
  /// ±corruptRange.
  double corruptProb = 0, corruptRange = 0.1;
  bool perfectBias = false; ///< the last row has even steps and wide bounds

  // How pulses differ.
  double dwMinStd = 0.3;
  bool multiplicativeNoise = true;           ///< Linear, SoftBounds
  double dwMinStdAdd = 0, dwMinStdSlope = 0; ///< Exponential
  double writeNoise = 0;       ///< of the visible weight, in units of dwMin
  bool writeNoiseOnSet = true; ///< also after a weight was set

  // Linear and Power: γ of both directions.
  double gammaUp = 0, gammaDown = 0, gammaUpDtod = 0, gammaDownDtod = 0;
  bool meanBoundReference = true; ///< Linear: slopes from wMax, not b_max
  bool allowIncreasing = false;   ///< Linear: a drawn γ may be negative
  bool reverseUp = false, reverseDown = false; ///< Linear
  double reverseOffset = 0.01;
  // SoftBounds.
  double slopeUpDtod = 0, slopeDownDtod = 0;
  // SoftBounds and Power.
  double referenceMean = 0, referenceStd = 0;
  bool subtractSymmetryPoint = false;
  /// Subtract it when the cell serves an algorithm with transfers.
  bool transferSymmetryPoint = false;
  // Exponential (with gammaUp, gammaDown).
  double a = 1, b = 0, aUp = 0, aDown = 0;
  // Power: gammaUpDtod is the spread of both exponents.
  double gammaUpDown = 0, gammaUpDownDtod = 0;
  // Piecewise: factors at equally spaced nodes, from b_min to b_max.
  std::vector<double> nodesUp, nodesDown;

  // Slow changes.
  double lifetime = 0, lifetimeDtod = 0; ///< mini-batches; 0 = no decay
  double reset = 0, resetDtod = 0, resetStd = 0.01;
  double diffusion = 0, diffusionDtod = 0; ///< σ per mini-batch
  // Drift of a weight that was let be: w0·(t/t0)^−ν about an offset, ν a
  // cell's own, less where the conductance is higher (Oh et al. 2019). Times
  // are in units of whoever calls PulsedArray::drift.
  double driftNu = 0, driftNuDtod = 0, driftNuStd = 0;
  double driftNuK = 0, driftLogG0 = 0; ///< ν − k·ln(g/G0)
  double driftT0 = 1;
  double driftWgRatio = 1, driftGOffset = 0, driftWOffset = 0;
  double driftReadStd = 0;     ///< added at every drift
  double driftResetTol = 1e-7; ///< what counts as a change that starts anew

  // Another way to say what soft bounds do (soft-bounds-pmax): from rangeMin
  // to rangeMax in pMax pulses with slope alpha. pMax = 0: not said so.
  double pMax = 0, alpha = 0.0005, rangeMin = -1, rangeMax = 1;

  /// The same cell without any variation or noise.
  PulsedDevice withoutVariation() const;
  /// The step that pulse trains are planned with, as aihwkit 1.1 takes it:
  /// dw_min; of Power what it is at half range, of Piecewise at the middle node
  /// upwards, of Exponential what a pulse down does at w = 0 (the first that
  /// law allows: dw_min if that is 0).
  double granularity() const;
};

/// rram-es, rram-sb, rram-om, rram-hfo2, ecram-li, ecram-mo, capacitor,
/// idealized, gokmen-vlasov, pcm-onesided, and the bare laws constant-step,
/// linear-step, soft-bounds, soft-bounds-ref, soft-bounds-pmax, exp-step,
/// pow-step, pow-step-ref and piecewise-step, with `params` overriding fields
/// by name (dw_min, dw_min_dtod, write_noise, …). Errors (InvalidInput):
/// unknown preset or field, value out of range.
Result<PulsedDevice> makePulsedDevice(std::string_view name,
                                      const DeviceParams &params = {});

const std::vector<std::string> &pulsedDeviceNames();

/// The fields that `params` may name, with the values in `device`.
std::map<std::string, double> fieldsOf(const PulsedDevice &device);

} // namespace hybridc::exec

#endif // HYBRIDC_DEVICES_PULSEDDEVICE_H
