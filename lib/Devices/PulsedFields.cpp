//===- PulsedFields.cpp - The fields of training cells by name ----------===//
#include "PulsedFields.h"

#include <charconv>

namespace hybridc::exec {

namespace {

struct Field {
  const char *name;
  double PulsedDevice::*value;
  double low, high;
};
constexpr Field fields[] = {
    {"dw_min", &PulsedDevice::dwMin, 1e-9, 100},
    {"dw_min_dtod", &PulsedDevice::dwMinDtod, 0, 10},
    {"dw_min_std", &PulsedDevice::dwMinStd, 0, 1000},
    {"dw_min_std_add", &PulsedDevice::dwMinStdAdd, 0, 1000},
    {"dw_min_std_slope", &PulsedDevice::dwMinStdSlope, 0, 1000},
    {"up_down", &PulsedDevice::upDown, -10, 10},
    {"up_down_dtod", &PulsedDevice::upDownDtod, 0, 10},
    {"w_max", &PulsedDevice::wMax, 0, 1e6},
    {"w_min", &PulsedDevice::wMin, -1e6, 0},
    {"w_max_dtod", &PulsedDevice::wMaxDtod, 0, 10},
    {"w_min_dtod", &PulsedDevice::wMinDtod, 0, 10},
    {"write_noise", &PulsedDevice::writeNoise, 0, 1e6},
    {"gamma_up", &PulsedDevice::gammaUp, -100, 100},
    {"gamma_down", &PulsedDevice::gammaDown, -100, 100},
    {"gamma_up_dtod", &PulsedDevice::gammaUpDtod, 0, 100},
    {"gamma_down_dtod", &PulsedDevice::gammaDownDtod, 0, 100},
    {"gamma_up_down", &PulsedDevice::gammaUpDown, -100, 100},
    {"gamma_up_down_dtod", &PulsedDevice::gammaUpDownDtod, 0, 100},
    {"slope_up_dtod", &PulsedDevice::slopeUpDtod, 0, 100},
    {"slope_down_dtod", &PulsedDevice::slopeDownDtod, 0, 100},
    {"reference_mean", &PulsedDevice::referenceMean, -1e3, 1e3},
    {"reference_std", &PulsedDevice::referenceStd, 0, 1e3},
    {"a", &PulsedDevice::a, -1e3, 1e3},
    {"b", &PulsedDevice::b, -1e3, 1e3},
    {"a_up", &PulsedDevice::aUp, -1e6, 1e6},
    {"a_down", &PulsedDevice::aDown, -1e6, 1e6},
    {"lifetime", &PulsedDevice::lifetime, 0, 1e15},
    {"lifetime_dtod", &PulsedDevice::lifetimeDtod, 0, 10},
    {"reset", &PulsedDevice::reset, -1e3, 1e3},
    {"reset_dtod", &PulsedDevice::resetDtod, 0, 1e3},
    {"reset_std", &PulsedDevice::resetStd, 0, 1e3},
    {"corrupt_devices_prob", &PulsedDevice::corruptProb, 0, 1},
    {"corrupt_devices_range", &PulsedDevice::corruptRange, 0, 1e6},
    {"diffusion", &PulsedDevice::diffusion, 0, 1e3},
    {"diffusion_dtod", &PulsedDevice::diffusionDtod, 0, 10},
    {"drift_nu", &PulsedDevice::driftNu, 0, 10},
    {"drift_nu_dtod", &PulsedDevice::driftNuDtod, 0, 10},
    {"drift_nu_std", &PulsedDevice::driftNuStd, 0, 10},
    {"drift_nu_k", &PulsedDevice::driftNuK, -10, 10},
    {"drift_log_g0", &PulsedDevice::driftLogG0, -100, 100},
    {"drift_t0", &PulsedDevice::driftT0, 1e-12, 1e12},
    {"drift_wg_ratio", &PulsedDevice::driftWgRatio, 1e-6, 1e6},
    {"drift_g_offset", &PulsedDevice::driftGOffset, -1e6, 1e6},
    {"drift_w_offset", &PulsedDevice::driftWOffset, -1e6, 1e6},
    {"drift_w_noise_std", &PulsedDevice::driftReadStd, 0, 1e3},
    {"drift_reset_tol", &PulsedDevice::driftResetTol, 0, 1},
    {"reverse_offset", &PulsedDevice::reverseOffset, 0, 1e3},
    {"p_max", &PulsedDevice::pMax, 0, 1e9},
    {"alpha", &PulsedDevice::alpha, 1e-9, 10},
    {"range_min", &PulsedDevice::rangeMin, -1e6, 0},
    {"range_max", &PulsedDevice::rangeMax, -1e6, 1e6},
};

struct Switch {
  const char *name;
  bool PulsedDevice::*value;
};
constexpr Switch switches[] = {
    {"dw_min_log_normal", &PulsedDevice::dwMinLogNormal},
    {"enforce_consistency", &PulsedDevice::enforceConsistency},
    {"multiplicative_noise", &PulsedDevice::multiplicativeNoise},
    {"mean_bound_reference", &PulsedDevice::meanBoundReference},
    {"subtract_symmetry_point", &PulsedDevice::subtractSymmetryPoint},
    {"transfer_symmetry_point", &PulsedDevice::transferSymmetryPoint},
    {"write_noise_on_set", &PulsedDevice::writeNoiseOnSet},
    {"allow_increasing", &PulsedDevice::allowIncreasing},
    {"reverse_up", &PulsedDevice::reverseUp},
    {"reverse_down", &PulsedDevice::reverseDown},
    {"perfect_bias", &PulsedDevice::perfectBias},
};

/// node_up_0, node_down_3, …: factors of a piecewise law. Nodes in between that
/// are not named are 1. Null if `name` is no such field.
double *nodeOf(PulsedDevice &device, const std::string &name) {
  constexpr size_t most = 32;
  for (auto [prefix, nodes] : {std::pair{"node_up_", &device.nodesUp},
                               std::pair{"node_down_", &device.nodesDown}}) {
    if (device.law != StepLaw::Piecewise || !name.starts_with(prefix))
      continue;
    size_t index = 0;
    const char *first = name.data() + std::string_view(prefix).size();
    const char *last = name.data() + name.size();
    auto [end, failed] = std::from_chars(first, last, index);
    if (failed != std::errc() || end != last || index >= most)
      return nullptr;
    if (nodes->size() <= index)
      nodes->resize(index + 1, 1.0);
    return &(*nodes)[index];
  }
  return nullptr;
}

} // namespace

Status setField(PulsedDevice &device, const std::string &name, double value) {
  if (double *node = nodeOf(device, name)) {
    if (!(value >= 0 && value <= 1e3))
      return invalidInput("device '" + device.name + "': " + name +
                          " is outside 0 .. 1000");
    *node = value;
    return {};
  }
  for (const Field &f : fields)
    if (name == f.name) {
      if (!(value >= f.low && value <= f.high))
        return invalidInput("device '" + device.name + "': " + name + " = " +
                            std::to_string(value) + " is outside " +
                            std::to_string(f.low) + " .. " +
                            std::to_string(f.high));
      device.*f.value = value;
      return {};
    }
  for (const Switch &s : switches)
    if (name == s.name) {
      if (value != 0 && value != 1)
        return invalidInput("device '" + device.name + "': " + name +
                            " is a switch, 0 or 1");
      device.*s.value = value != 0;
      return {};
    }
  std::string known;
  for (const auto &[field, unused] : fieldsOf(device))
    known += (known.empty() ? "" : ", ") + field;
  return invalidInput("device '" + device.name + "' has no field '" + name +
                      "'; it has " + known);
}

std::map<std::string, double> fieldsOf(const PulsedDevice &device) {
  std::map<std::string, double> values;
  for (const Field &f : fields)
    values[f.name] = device.*f.value;
  for (const Switch &s : switches)
    values[s.name] = device.*s.value ? 1 : 0;
  for (size_t i = 0; i < device.nodesUp.size(); ++i)
    values["node_up_" + std::to_string(i)] = device.nodesUp[i];
  for (size_t i = 0; i < device.nodesDown.size(); ++i)
    values["node_down_" + std::to_string(i)] = device.nodesDown[i];
  return values;
}

} // namespace hybridc::exec
