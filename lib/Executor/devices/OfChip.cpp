//===- OfChip.cpp - An array as a chip's description has it ---------------===//

#include "hybridc/Executor/devices/OfChip.h"

namespace hybridc::exec {

ArrayPeriphery peripheryOf(const chip::ArrayKind &kind) {
  const chip::Periphery &from = kind.periphery;
  ArrayPeriphery to;
  to.inRes = from.in_res;
  to.inBound = from.in_bound;
  to.inNoise = from.in_noise;
  to.outRes = from.out_res;
  to.outBound = from.out_bound;
  to.outNoise = from.out_noise;
  to.weightNoise = from.w_noise_type == "additive"   ? WeightNoise::Additive
                   : from.w_noise_type == "pcm_read" ? WeightNoise::PcmRead
                                                     : WeightNoise::None;
  to.wNoise = from.w_noise;
  to.irDrop = from.ir_drop;
  to.noiseManagement = !from.noise_management ? NoiseManagement::None
                       : from.noise_management_type == "average_abs_max"
                           ? NoiseManagement::AverageAbsMax
                       : from.noise_management_type == "constant"
                           ? NoiseManagement::Constant
                           : NoiseManagement::AbsMax;
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
  // Magnitude bits: one of the eight is the sign.
  to.inputBitsPerPhase =
      kind.input_bits_per_phase >= 8 ? 0 : kind.input_bits_per_phase;
  return to;
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
  return config;
}

} // namespace hybridc::exec
