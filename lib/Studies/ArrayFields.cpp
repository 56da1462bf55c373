//===- ArrayFields.cpp - What --set can change of an array --------------===//
#include "ArrayFields.h"

#include "SubjectStudies.h"

#include "hybridc/Studies/PeerNames.h"

#include <fmt/ranges.h>

#include <charconv>

using namespace hybridc;
using namespace hybridc::studies;

namespace {
struct NumberField {
  const char *name;
  double exec::ArrayPeriphery::*value;
};
constexpr NumberField peripheryFields[] = {
    {"in_res", &exec::ArrayPeriphery::inRes},
    {"in_bound", &exec::ArrayPeriphery::inBound},
    {"in_noise", &exec::ArrayPeriphery::inNoise},
    {"out_res", &exec::ArrayPeriphery::outRes},
    {"out_bound", &exec::ArrayPeriphery::outBound},
    {"out_noise", &exec::ArrayPeriphery::outNoise},
    {"w_noise", &exec::ArrayPeriphery::wNoise},
    {"ir_drop", &exec::ArrayPeriphery::irDrop},
    {"input_scale", &exec::ArrayPeriphery::inputScale},
    {"worst_case_weight", &exec::ArrayPeriphery::worstCaseWeight},
    {"out_nonlinearity", &exec::ArrayPeriphery::outNonlinearity},
    {"out_nonlinearity_std", &exec::ArrayPeriphery::outNonlinearityStd},
    {"slope_calibration", &exec::ArrayPeriphery::slopeCalibration},
    {"r_series", &exec::ArrayPeriphery::rSeries},
    {"v_offset", &exec::ArrayPeriphery::vOffset},
    {"v_offset_w_min", &exec::ArrayPeriphery::vOffsetWMin},
    {"input_scale_limit", &exec::ArrayPeriphery::inputScaleLimit},
    {"bound_max_factor", &exec::ArrayPeriphery::boundMaxFactor},
    {"bound_max_step", &exec::ArrayPeriphery::boundMaxStep},
    {"ir_drop_g_ratio", &exec::ArrayPeriphery::irDropGRatio},
    {"in_asymmetry", &exec::ArrayPeriphery::inAsymmetry},
    {"out_asymmetry", &exec::ArrayPeriphery::outAsymmetry},
    {"out_noise_std", &exec::ArrayPeriphery::outNoiseStd},
    {"out_scale", &exec::ArrayPeriphery::outScale},
    {"read_asymmetry", &exec::ArrayPeriphery::readAsymmetry},
};

/// A field with a word for a value: the words, the first one for 0.
struct ChoiceField {
  const char *name;
  std::vector<std::string> words;
  bool ofArray; ///< not of the periphery
};
const std::vector<ChoiceField> &choiceFields() {
  static const std::vector<ChoiceField> fields = {
      {"noise_management",
       {"none", "abs_max", "average_abs_max", "constant", "max",
        "abs_max_np_sum"},
       false},
      {"bound_management", {"none", "iterative", "worst_case"}, false},
      {"w_noise_type", {"none", "additive", "pcm_read"}, false},
      {"in_rounding", {"nearest", "stochastic"}, false},
      {"out_rounding", {"nearest", "stochastic"}, false},
      {"input_polarity", {"one_pass", "separate", "separate_digital"}, false},
      {"mapping", {"differential", "offset"}, true},
  };
  return fields;
}

struct WholeField {
  const char *name;
  uint32_t low, high;
};
constexpr WholeField wholeFields[] = {
    {"rows", 1, 65536},
    {"cols", 1, 65536},
    {"slices", 1, 16},
    {"cell_bits", 0, 16},
    {"in_bits", 0, 20},
    {"out_bits", 0, 20},
    {"input_bits_per_phase", 0, 20},
    {"compensation_reads", 1, 4096},
};
} // namespace

static size_t choiceOf(const Subject &subject, std::string_view name,
                       const exec::ArrayPeriphery &p) {
  if (name == "noise_management")
    return size_t(p.noiseManagement);
  if (name == "bound_management")
    return size_t(p.boundManagement);
  if (name == "w_noise_type")
    return size_t(p.weightNoise);
  if (name == "in_rounding")
    return p.inStochastic;
  if (name == "out_rounding")
    return p.outStochastic;
  if (name == "input_polarity")
    return size_t(p.inputPolarity);
  return size_t(subject.array.mapping);
}

static void choose(Subject &subject, std::string_view name, size_t which,
                   exec::ArrayPeriphery &p) {
  if (name == "noise_management")
    p.noiseManagement = exec::NoiseManagement(which);
  else if (name == "bound_management")
    p.boundManagement = exec::BoundManagement(which);
  else if (name == "w_noise_type")
    p.weightNoise = exec::WeightNoise(which);
  else if (name == "in_rounding")
    p.inStochastic = which != 0;
  else if (name == "out_rounding")
    p.outStochastic = which != 0;
  else if (name == "input_polarity")
    p.inputPolarity = exec::InputPolarity(which);
  else
    subject.array.mapping = exec::WeightMapping(which);
}

Result<double> studies::numberOf(const std::string &setting,
                                 const std::string &value) {
  if (int on = switchValue(value); on >= 0)
    return double(on);
  double number = 0;
  auto [end, failed] =
      std::from_chars(value.data(), value.data() + value.size(), number);
  if (failed != std::errc() || end != value.data() + value.size())
    return usage("--set " + setting + ": expected FIELD=NUMBER");
  return number;
}

static void setWhole(Subject &subject, std::string_view name, uint32_t value) {
  exec::ArrayPeriphery &p = subject.array.periphery;
  if (name == "rows")
    subject.array.rows = value;
  else if (name == "cols")
    subject.array.cols = value;
  else if (name == "slices")
    subject.array.slices = value;
  else if (name == "cell_bits")
    subject.array.cellBits = value;
  else if (name == "in_bits")
    p.inRes = exec::ArrayPeriphery::resolutionOfBits(value);
  else if (name == "out_bits")
    p.outRes = exec::ArrayPeriphery::resolutionOfBits(value);
  else if (name == "input_bits_per_phase")
    p.inputBitsPerPhase = value;
  else
    subject.array.compensationReads = value;
}

Result<bool> studies::setArrayField(Subject &subject, exec::ArrayPeriphery &p,
                                    const std::string &name,
                                    const std::string &value) {
  std::string setting = name + "=" + value;
  for (const ChoiceField &field : choiceFields()) {
    if (name != field.name)
      continue;
    int which = wordAmong(field.words, value);
    // As in a target's description: managed or not.
    if (which < 0 && name.ends_with("_management"))
      which = switchValue(value);
    if (which < 0)
      return usage(fmt::format("--set {}: expected {}", setting,
                               fmt::join(field.words, ", ")));
    choose(subject, name, size_t(which), p);
    return true;
  }
  for (const WholeField &field : wholeFields) {
    if (name != field.name)
      continue;
    auto number = numberOf(setting, value);
    if (!number)
      return number.error();
    if (!(*number >= field.low && *number <= field.high) ||
        *number != uint32_t(*number))
      return usage(fmt::format("--set {}: expected a whole number, {} to {}",
                               setting, field.low, field.high));
    setWhole(subject, name, uint32_t(*number));
    return true;
  }
  auto set = [&](double &to) -> Result<bool> {
    auto number = numberOf(setting, value);
    if (!number)
      return number.error();
    to = *number;
    return true;
  };
  if (name == "input_range")
    return set(subject.inputRange);
  for (const NumberField &field : peripheryFields)
    if (name == field.name)
      return set(p.*field.value);
  return false;
}

bool studies::isOfPeriphery(const std::string &name) {
  for (const NumberField &field : peripheryFields)
    if (name == field.name)
      return true;
  for (const ChoiceField &field : choiceFields())
    if (name == field.name && !field.ofArray)
      return true;
  return false;
}

void studies::listArrayFields(
    const Subject &subject,
    std::vector<std::pair<std::string, std::string>> &out) {
  auto add = [&](const std::string &name, double value) {
    out.emplace_back(name, fmt::format("{:.10g}", value));
  };
  const exec::ArrayPeriphery &p =
      contains(exec::pulsedDeviceNames(), subject.device)
          ? subject.training.periphery
          : subject.array.periphery;
  for (const NumberField &field : peripheryFields)
    add(field.name, p.*field.value);
  for (const ChoiceField &field : choiceFields())
    out.emplace_back(field.name, field.words[choiceOf(subject, field.name, p)]);
  if (contains(exec::inferenceDeviceNames(), subject.device)) {
    const exec::ArrayConfig &array = subject.array;
    add("rows", array.rows);
    add("cols", array.cols);
    add("slices", array.slices);
    add("cell_bits", array.cellBits);
    add("input_bits_per_phase", array.periphery.inputBitsPerPhase);
    add("compensation_reads", array.compensationReads);
    add("input_range", subject.inputRange);
  }
}
