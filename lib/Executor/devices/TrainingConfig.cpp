//===- TrainingConfig.cpp - Algorithms by name, and their fields ----------===//

#include "hybridc/Executor/devices/TrainingArray.h"

#include <algorithm>

namespace hybridc::exec {

const std::vector<std::string> &trainingAlgorithmNames() {
  static const std::vector<std::string> names = {
      "sgd", "tiki-taka", "ttv2", "chopped-ttv2", "agad", "mixed-precision"};
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
constexpr Field fields[] = {
    {"transfer_every", &TrainingConfig::transferEvery, 1, 1e6},
    {"transfer_lr", &TrainingConfig::transferLr, 0, 1e6},
    {"fast_lr", &TrainingConfig::fastLr, 0, 1e6},
    {"gamma", &TrainingConfig::gamma, 0, 1e3},
    {"threshold", &TrainingConfig::threshold, 1e-6, 1e6},
    {"momentum", &TrainingConfig::momentum, 0, 1},
    {"chop_probability", &TrainingConfig::chopProbability, 0, 1},
    {"granularity", &TrainingConfig::granularity, 1e-6, 1e6},
    {"refresh_upper", &TrainingConfig::refreshUpper, 0, 1},
    {"refresh_lower", &TrainingConfig::refreshLower, 0, 1},
};
} // namespace

std::map<std::string, double> TrainingConfig::fields() const {
  std::map<std::string, double> values;
  for (const Field &f : hybridc::exec::fields)
    values[f.name] = this->*f.value;
  values["max_pulses"] = rule.maxPulses;
  values["update_management"] = rule.updateManagement;
  values["update_bl_management"] = rule.lengthManagement;
  return values;
}

Status TrainingConfig::setField(const std::string &name, double value) {
  auto range = [&](double low, double high) -> Status {
    if (value >= low && value <= high)
      return {};
    return invalidInput("training: " + name + " = " + std::to_string(value) +
                        " is outside " + std::to_string(low) + " .. " +
                        std::to_string(high));
  };
  for (const Field &f : hybridc::exec::fields)
    if (name == f.name) {
      if (Status s = range(f.low, f.high); !s)
        return s;
      this->*f.value = value;
      return {};
    }
  if (name == "max_pulses") {
    if (Status s = range(1, 31); !s)
      return s;
    rule.maxPulses = static_cast<unsigned>(value);
    return {};
  }
  if (name == "update_management" || name == "update_bl_management") {
    if (value != 0 && value != 1)
      return invalidInput("training: " + name + " is a switch, 0 or 1");
    (name == "update_management" ? rule.updateManagement
                                 : rule.lengthManagement) = value != 0;
    return {};
  }
  return invalidInput("training has no field '" + name + "'");
}

} // namespace hybridc::exec
