//===- TrainingConfig.cpp - Algorithms by name, and their fields ----------===//

#include "hybridc/Devices/TrainingArray.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace hybridc::exec {

const std::vector<std::string> &trainingAlgorithmNames() {
  static const std::vector<std::string> names = {
      "sgd",  "tiki-taka",       "ttv2",    "chopped-ttv2",
      "agad", "mixed-precision", "buffered"};
  return names;
}

Result<TrainingAlgorithm> trainingAlgorithm(std::string_view name) {
  const auto &names = trainingAlgorithmNames();
  auto at = std::find(names.begin(), names.end(), name);
  if (at != names.end())
    return static_cast<TrainingAlgorithm>(at - names.begin());
  std::string known;
  for (const std::string &n : names)
    known += (known.empty() ? "" : ", ") + n;
  return invalidInput("no training algorithm '" + std::string(name) +
                      "'; there are " + known);
}

ArrayPeriphery trainingPeriphery() {
  ArrayPeriphery p;
  p.inRes = 1.0 / 126;
  p.outRes = 1.0 / 510;
  p.outBound = 20;
  p.outNoise = 0.1;
  p.boundManagement = BoundManagement::Iterative;
  return p;
}

namespace {
struct Field {
  const char *name;
  double TrainingConfig::*value;
  double low, high;
};
constexpr Field numbers[] = {
    {"transfer_every", &TrainingConfig::transferEvery, -1e6, 1e6},
    {"transfer_lr", &TrainingConfig::transferLr, 0, 1e6},
    {"fast_lr", &TrainingConfig::fastLr, 0, 1e6},
    {"gamma", &TrainingConfig::gamma, 0, 1e3},
    {"reads_per_transfer", &TrainingConfig::readsPerTransfer, 1, 65536},
    {"with_reset_prob", &TrainingConfig::withResetProb, 0, 1},
    {"threshold", &TrainingConfig::threshold, 1e-6, 1e6},
    {"step", &TrainingConfig::step, 1e-6, 1e6},
    {"momentum", &TrainingConfig::momentum, 0, 1},
    {"auto_momentum", &TrainingConfig::autoMomentum, 0, 1},
    {"auto_granularity", &TrainingConfig::autoGranularity, 0, 1e9},
    {"chop_probability", &TrainingConfig::chopProbability, 0, 1},
    {"out_chop_probability", &TrainingConfig::outChopProbability, 0, 1},
    {"tail_weightening", &TrainingConfig::tailWeightening, 0, 1e6},
    {"buffer_cap", &TrainingConfig::bufferCap, 0, 1e6},
    {"granularity", &TrainingConfig::granularity, 1e-6, 1e6},
    {"rows_per_transfer", &TrainingConfig::rowsPerTransfer, -1, 65536},
    {"x_bins", &TrainingConfig::xBins, 0, 1e6},
    {"d_bins", &TrainingConfig::dBins, 0, 1e6},
    {"refresh_upper", &TrainingConfig::refreshUpper, 0, 1},
    {"refresh_lower", &TrainingConfig::refreshLower, 0, 1},
    {"refresh_every", &TrainingConfig::refreshEvery, 0, 1e6},
    {"refresh_max_pulses", &TrainingConfig::refreshPulses, 1, 65535},
};

struct Switch {
  const char *name;
  bool TrainingConfig::*value;
};
constexpr Switch switches[] = {
    {"units_in_mbatch", &TrainingConfig::unitsInBatch},
    {"scale_transfer_lr", &TrainingConfig::scaleTransferLr},
    {"scale_fast_lr", &TrainingConfig::scaleFastLr},
    {"transfer_columns", &TrainingConfig::transferColumns},
    {"random_selection", &TrainingConfig::randomSelection},
    {"forget_buffer", &TrainingConfig::forgetBuffer},
    {"no_buffer", &TrainingConfig::noBuffer},
    {"auto_scale", &TrainingConfig::autoScale},
    {"correct_gradient_magnitudes", &TrainingConfig::correctGradients},
    {"correct_accumulation", &TrainingConfig::correctAccumulation},
    {"chop_random", &TrainingConfig::chopRandom},
    {"undo_chops", &TrainingConfig::undoChops},
    {"stochastic_bins", &TrainingConfig::stochasticBins},
};

/// Of the pulses of updates, and with "transfer_" before of those into C.
struct RuleField {
  const char *name;
  double UpdateRule::*value;
  double low, high;
};
constexpr RuleField ruleNumbers[] = {
    {"res", &UpdateRule::resolution, 0, 1},
    {"x_res_implicit", &UpdateRule::rowResolution, 0, 1},
    {"d_res_implicit", &UpdateRule::colResolution, 0, 1},
    {"um_grad_scale", &UpdateRule::gradScale, 1e-6, 1e6},
};
struct RuleSwitch {
  const char *name;
  bool UpdateRule::*value;
};
constexpr RuleSwitch ruleSwitches[] = {
    {"update_management", &UpdateRule::updateManagement},
    {"update_bl_management", &UpdateRule::lengthManagement},
    {"fixed_bl", &UpdateRule::fixedLength},
    {"sto_round", &UpdateRule::stochasticRounding},
};

const std::vector<std::string> &pulseTypes() {
  static const std::vector<std::string> names = {"stochastic", "deterministic",
                                                 "mean_count", "none"};
  return names;
}
const std::vector<std::string> &policies() {
  static const std::vector<std::string> names = {"all", "fixed", "sequential",
                                                 "random"};
  return names;
}

Status outside(const std::string &name, double value, double low, double high) {
  return invalidInput("training: " + name + " = " + std::to_string(value) +
                      " is outside " + std::to_string(low) + " .. " +
                      std::to_string(high));
}

Status setSwitch(bool &to, const std::string &name, double value) {
  if (value != 0 && value != 1)
    return invalidInput("training: " + name + " is a switch, 0 or 1");
  to = value != 0;
  return {};
}

Status setNumber(double &to, const std::string &name, double value, double low,
                 double high) {
  if (!(value >= low && value <= high))
    return outside(name, value, low, high);
  to = value;
  return {};
}

/// Whole numbers alike.
Status checkWhole(const std::string &name, double value, double low,
                  double high) {
  if (!(value >= low && value <= high) || value != std::floor(value))
    return invalidInput("training: " + name + " is a whole number, " +
                        std::to_string(long(low)) + " to " +
                        std::to_string(long(high)));
  return {};
}

/// Null: `name` is not one of a rule's.
std::optional<Status> setRuleField(UpdateRule &rule, const std::string &name,
                                   const std::string &whole, double value) {
  for (const RuleField &f : ruleNumbers)
    if (name == f.name)
      return setNumber(rule.*f.value, whole, value, f.low, f.high);
  for (const RuleSwitch &f : ruleSwitches)
    if (name == f.name)
      return setSwitch(rule.*f.value, whole, value);
  if (name == "max_pulses") {
    Status s = checkWhole(whole, value, 1, 65535);
    if (s)
      rule.maxPulses = unsigned(value);
    return s;
  }
  if (name == "pulse_type") {
    Status s = checkWhole(whole, value, 0, double(pulseTypes().size() - 1));
    if (s)
      rule.type = PulseType(int(value));
    return s;
  }
  return std::nullopt;
}

void addRuleFields(const UpdateRule &rule, const std::string &prefix,
                   std::map<std::string, double> &values) {
  for (const RuleField &f : ruleNumbers)
    values[prefix + f.name] = rule.*f.value;
  for (const RuleSwitch &f : ruleSwitches)
    values[prefix + f.name] = rule.*f.value;
  values[prefix + "max_pulses"] = rule.maxPulses;
  values[prefix + "pulse_type"] = double(rule.type);
}

constexpr const char *transferPrefix = "transfer_";
} // namespace

const std::vector<std::string> &wornCellNames() {
  static const std::vector<std::string> names = {"none", "hold", "low", "high",
                                                 "ends"};
  return names;
}

const std::vector<std::string> *
TrainingConfig::choicesOf(const std::string &name) {
  if (name == "pulse_type" || name == "transfer_pulse_type")
    return &pulseTypes();
  if (name == "worn_cells")
    return &wornCellNames();
  return name == "update_policy" ? &policies() : nullptr;
}

std::map<std::string, double> TrainingConfig::fields() const {
  std::map<std::string, double> values;
  for (const Field &f : numbers)
    values[f.name] = this->*f.value;
  for (const Switch &f : switches)
    values[f.name] = this->*f.value;
  addRuleFields(rule, "", values);
  addRuleFields(transferRule, transferPrefix, values);
  values["cells"] = cells;
  values["update_policy"] = double(updatePolicy);
  values["endurance"] = wear.endurance;
  values["endurance_spread"] = wear.spread;
  values["worn_cells"] = double(wear.worn);
  for (unsigned i = 0; i < mostCells; ++i)
    if (i < cells || !std::isnan(gammas[i]))
      values["gamma_" + std::to_string(i)] =
          std::isnan(gammas[i]) ? 1.0 / cells : gammas[i];
  return values;
}

bool TrainingConfig::hasField(const std::string &name) const {
  for (unsigned i = 0; i < mostCells; ++i)
    if (name == "gamma_" + std::to_string(i))
      return true;
  return fields().count(name) != 0;
}

bool TrainingConfig::isRuleField(const std::string &name) {
  std::map<std::string, double> values;
  addRuleFields({}, "", values);
  return values.count(name) != 0;
}

Status TrainingConfig::setField(const std::string &name, double value) {
  given.insert(name);
  for (const Field &f : numbers)
    if (name == f.name)
      return setNumber(this->*f.value, name, value, f.low, f.high);
  for (const Switch &f : switches)
    if (name == f.name)
      return setSwitch(this->*f.value, name, value);
  if (auto status = setRuleField(rule, name, name, value))
    return *status;
  if (name.starts_with(transferPrefix))
    if (auto status = setRuleField(transferRule, name.substr(9), name, value))
      return *status;
  if (name == "cells") {
    Status s = checkWhole(name, value, 1, mostCells);
    if (s)
      cells = unsigned(value);
    return s;
  }
  if (name == "update_policy") {
    Status s = checkWhole(name, value, 0, double(policies().size() - 1));
    if (s)
      updatePolicy = UpdatePolicy(int(value));
    return s;
  }
  if (name == "worn_cells") {
    Status s = checkWhole(name, value, 0, double(wornCellNames().size() - 1));
    if (s)
      wear.worn = WornCell(int(value));
    return s;
  }
  if (name == "endurance") {
    Status s = setNumber(wear.endurance, name, value, 0, 1e18);
    wear.counts = wear.endurance > 0;
    return s;
  }
  if (name == "endurance_spread")
    return setNumber(wear.spread, name, value, 0, 5);
  for (unsigned i = 0; i < mostCells; ++i)
    if (name == "gamma_" + std::to_string(i))
      return setNumber(gammas[i], name, value, -1e3, 1e3);
  return invalidInput("training has no field '" + name + "'");
}

namespace {
/// What aihwkit 1.1's presets of TTv2, chopped TTv2 and AGAD set for a device;
/// other devices get the first row's.
struct TransferPreset {
  std::string_view device;
  double fastLr, choppedFastLr, granularity, agadGranularity;
  double chop, agadChop, agadTail;
  double pulses, agadPulses;
};
constexpr TransferPreset transferPresets[] = {
    {"idealized", .1, .1, 500, 500, .001, .005, 50, 100, 100},
    {"rram-es", .5, .5, 1000, 1000, .01, .02, 5, 31, 31},
    {"rram-sb", .5, .5, 1000, 1000, .01, .02, 5, 31, 31},
    {"capacitor", .1, .1, 1000, 1000, .01, .01, 20, 31, 31},
    {"ecram-li", .1, 1, 500, 750, .01, .005, 50, 100, 31},
    {"ecram-mo", .1, .1, 500, 500, .001, .005, 50, 100, 100},
};
} // namespace

TrainingConfig TrainingConfig::withDefaults() const {
  TrainingConfig c = *this;
  auto set = [&](const char *name, double value) {
    if (!given.count(name))
      // A value of the tables here: within the field's range.
      if (!c.setField(name, value))
        c.given.erase(name);
  };
  bool chops = algorithm == TrainingAlgorithm::ChoppedTTv2;
  bool dynamic = algorithm == TrainingAlgorithm::Agad;
  if (algorithm == TrainingAlgorithm::TikiTaka ||
      algorithm == TrainingAlgorithm::Buffered)
    set("fast_lr", 1);
  if (algorithm == TrainingAlgorithm::Buffered)
    set("momentum", .1);
  if (chops || dynamic || algorithm == TrainingAlgorithm::TTv2) {
    const TransferPreset *preset = &transferPresets[0];
    for (const TransferPreset &p : transferPresets)
      if (p.device == device.name)
        preset = &p;
    set("units_in_mbatch", 0);
    set("auto_scale", 1);
    set("fast_lr", chops ? preset->choppedFastLr : preset->fastLr);
    set("auto_granularity",
        dynamic ? preset->agadGranularity : preset->granularity);
    set("chop_probability", dynamic ? preset->agadChop
                            : chops ? preset->chop
                                    : 0);
    set("chop_random", dynamic ? 0 : 1);
    set("tail_weightening", preset->agadTail);
    set("max_pulses", dynamic ? preset->agadPulses : preset->pulses);
  }
  if (algorithm != TrainingAlgorithm::TikiTaka) {
    set("transfer_max_pulses", 1);
    set("transfer_update_management", 0);
    set("transfer_update_bl_management", 0);
  }
  return c;
}

} // namespace hybridc::exec
