//===- OfChip.cpp - An array as a chip's description has it ---------------===//

#include "hybridc/Devices/OfChip.h"

#include "hybridc/Devices/TrainingArrays.h"

#include <algorithm>
#include <fmt/format.h>

namespace hybridc::exec {

ArrayPeriphery peripheryOf(const chip::ArrayKind &kind) {
  const chip::Periphery &from = kind.periphery;
  ArrayPeriphery to;
  to.inRes = from.in_res;
  to.inBound = from.in_bound;
  to.inNoise = from.in_noise;
  to.outBound = from.out_bound;
  to.outNoise = from.out_noise;
  to.weightNoise = from.w_noise_type == "additive"   ? WeightNoise::Additive
                   : from.w_noise_type == "pcm_read" ? WeightNoise::PcmRead
                                                     : WeightNoise::None;
  to.wNoise = from.w_noise;
  to.irDrop = from.ir_drop;
  to.noiseManagement =
      !from.noise_management ? NoiseManagement::None
      : from.noise_management_type == "average_abs_max"
          ? NoiseManagement::AverageAbsMax
      : from.noise_management_type == "constant" ? NoiseManagement::Constant
      : from.noise_management_type == "max"      ? NoiseManagement::Max
      : from.noise_management_type == "abs_max_np_sum"
          ? NoiseManagement::AbsMaxNpSum
          : NoiseManagement::AbsMax;
  to.inputScaleLimit = from.input_scale_limit;
  to.boundMaxFactor = from.bound_max_factor;
  to.boundMaxStep = from.bound_max_step;
  to.inputScale = from.input_scale;
  to.boundManagement = !from.bound_management ? BoundManagement::None
                       : from.bound_management_type == "worst_case"
                           ? BoundManagement::WorstCase
                           : BoundManagement::Iterative;
  to.worstCaseWeight = from.worst_case_weight;
  to.outNonlinearity = from.out_nonlinearity;
  to.outNonlinearityStd = from.out_nonlinearity_std;
  to.slopeCalibration = from.slope_calibration;
  to.rSeries = from.r_series;
  to.vOffset = from.v_offset;
  to.vOffsetWMin = from.v_offset_w_min;
  to.irDropGRatio = from.ir_drop_g_ratio;
  to.inStochastic = from.in_rounding == "stochastic";
  to.outStochastic = from.out_rounding == "stochastic";
  to.inAsymmetry = from.in_asymmetry;
  to.outAsymmetry = from.out_asymmetry;
  to.outNoiseStd = from.out_noise_std;
  to.outScale = from.out_scale;
  to.inputPolarity = from.input_polarity == "separate" ? InputPolarity::Separate
                     : from.input_polarity == "separate_digital"
                         ? InputPolarity::SeparateDigital
                         : InputPolarity::OnePass;
  to.readAsymmetry = from.read_asymmetry;
  // Magnitude bits: one of them is the sign.
  to.inputBitsPerPhase = kind.input_bits_per_phase >= kind.input_bits
                             ? 0
                             : kind.input_bits_per_phase;
  to.outRes = kind.outputStep();
  // Digit by digit there are steps, if no others those of the input's format.
  if (to.inputBitsPerPhase > 0 && to.inRes == 0)
    to.inRes = ArrayPeriphery::resolutionOfBits(std::min(kind.input_bits, 20u));
  return to;
}

CellRead cellReadOf(const chip::ArrayKind &kind) {
  CellRead read;
  if (!kind.describesCells())
    return read;
  read.gMin_us = kind.g_min_us;
  read.gMax_us = kind.g_max_us;
  read.pulses = kind.drivesPulses();
  read.full_ns = kind.fullDrive_ns();
  read.pulse_ns = kind.input_pulse_ns;
  read.unit_pj = kind.joule_pj(1, 1);
  return read;
}

ArrayConfig arrayOf(const chip::ArrayKind &kind) {
  ArrayConfig config;
  config.device = kind.device;
  for (const auto &[name, value] : kind.device_params)
    config.deviceParams[name] = value;
  config.rows = kind.rows;
  config.cols = kind.cols;
  config.mapping = kind.mapping == "offset" ? WeightMapping::Offset
                                            : WeightMapping::Differential;
  config.slices = kind.slices;
  config.cellBits = kind.cell_bits;
  config.periphery = peripheryOf(kind);
  config.read = cellReadOf(kind);
  return config;
}

DeviceParams deviceParamsOf(const chip::ArrayKind &kind) {
  DeviceParams params;
  for (const auto &[name, value] : kind.device_params)
    if (!TrainingConfig().hasField(name))
      params[name] = value;
  return params;
}

/// Fields of training that a kind of arrays may set: those of algorithms belong
/// to programs, and the rest has fields of the kind's own.
static bool isOfCells(const std::string &name) {
  return name == "cells" || name == "update_policy" ||
         name.starts_with("gamma_") ||
         (TrainingConfig::isRuleField(name) && name != "max_pulses" &&
          name != "update_management" && name != "update_bl_management");
}

Result<TrainingConfig> trainingOf(const chip::ArrayKind &kind) {
  auto device = makePulsedDevice(kind.device, deviceParamsOf(kind));
  if (!device)
    return device.error();
  TrainingConfig config;
  config.device = std::move(*device);
  for (const auto &[name, value] : kind.device_params) {
    if (!config.hasField(name))
      continue;
    if (!isOfCells(name))
      return invalidInput(fmt::format(
          "device_params of '{}': '{}' belongs to an algorithm, which is a "
          "program of commands, or has a field of the array kind",
          kind.name, name));
    if (Status s = config.setField(name, value); !s)
      return s.error();
  }
  if (kind.update_pulses > 65535)
    return unsupported(
        fmt::format("trains of {} pulses ('update_pulses' of "
                    "'{}'); values are computed for at most 65535",
                    kind.update_pulses, kind.name));
  config.rule.maxPulses = kind.update_pulses;
  config.rule.updateManagement = kind.update_management;
  config.rule.lengthManagement = kind.update_bl_management;
  config.periphery = peripheryOf(kind);
  config.wear.endurance = kind.endurance_writes;
  config.wear.spread = kind.endurance_spread;
  const auto &words = wornCellNames();
  config.wear.worn = WornCell(
      std::find(words.begin(), words.end(), kind.worn_cells) - words.begin());
  config.wear.counts = true;
  if (config.device.wMin == 0 && kind.mapping != "differential")
    return unsupported(fmt::format("device '{}' is one-sided: its cells come "
                                   "in pairs, which '{}' has with "
                                   "mapping: differential",
                                   kind.device, kind.name));
  if (Status s = detail::checkCells(config); !s)
    return s.error();
  return config;
}

} // namespace hybridc::exec
