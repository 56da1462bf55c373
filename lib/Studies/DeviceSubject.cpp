//===- DeviceSubject.cpp - Devices, arrays and their fields ---------------===//
#include "ArrayFields.h"
#include "SubjectStudies.h"

#include "hybridc/Studies/PeerNames.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Devices/OfChip.h"

#include <fmt/format.h>

#include <algorithm>

using namespace hybridc;
using namespace hybridc::studies;

static std::string joined(const std::vector<std::string> &names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

Result<Subject> studies::findSubject(const std::string &name,
                                     const std::string &array,
                                     const std::string &what) {
  Subject subject;
  subject.name = name;
  bool isTraining = what == "pulse" || what == "update" || what == "regression";
  std::string device = ownDeviceName(name);
  // Where a device and a target share a name, --array means the target.
  if (array.empty() && (contains(exec::inferenceDeviceNames(), device) ||
                        contains(exec::pulsedDeviceNames(), device))) {
    subject.device = subject.array.device = device;
    subject.array.periphery = standardPeriphery("standard");
    return subject;
  }
  auto chip = chip::loadChip(name);
  if (!chip) {
    if (name.ends_with(".yaml") || name.ends_with(".yml"))
      return chip.error();
    return usage(fmt::format(
        "'{}' is neither a device for inference ({}), nor one for training "
        "({}), nor a target ({})",
        name, joined(exec::inferenceDeviceNames()),
        joined(exec::pulsedDeviceNames()), joined(chip::presetNames())));
  }
  std::vector<std::string> names;
  for (const chip::ArrayKind &kind : chip->arrays) {
    names.push_back(kind.name);
    bool isWanted = array.empty() ? (kind.purpose == "training") == isTraining
                                  : kind.name == array;
    if (!isWanted || !subject.device.empty())
      continue;
    subject.array = exec::arrayOf(kind);
    subject.training.periphery = subject.array.periphery;
    subject.device = kind.device;
    subject.params = kind.device_params;
    if (kind.purpose == "training") {
      auto training = exec::trainingOf(kind);
      if (!training)
        return training.error();
      subject.training = std::move(*training);
      subject.params = exec::deviceParamsOf(kind);
    }
  }
  if (subject.device.empty())
    return usage(fmt::format(
        "target '{}' has no {}; its arrays are {}", name,
        array.empty() ? fmt::format("arrays for {}",
                                    isTraining ? "training" : "inference")
                      : fmt::format("array '{}'", array),
        names.empty() ? "none" : joined(names)));
  return subject;
}

/// Whether what was set has any effect.
static Status checkEffect(const std::vector<std::string> &settings,
                          const std::string &what, const Subject &subject) {
  const exec::ArrayPeriphery &p = what == "regression"
                                      ? subject.training.periphery
                                      : subject.array.periphery;
  for (const std::string &text : settings)
    if (text.starts_with("w_noise=") && p.wNoise != 0 &&
        p.weightNoise == exec::WeightNoise::None)
      return usage("--set " + text +
                   ": has no effect with w_noise_type=none; add --set "
                   "w_noise_type=pcm_read or additive");
  return {};
}

Status studies::setFields(const std::vector<std::string> &settings,
                          const std::string &what, Subject &subject) {
  bool trains = what == "update" || what == "regression" || what == "fields";
  std::vector<std::string> own;
  for (const std::string &text : settings) {
    auto translated = ownSettings(text);
    if (!translated)
      return translated.error();
    own.insert(own.end(), translated->begin(), translated->end());
  }
  for (const std::string &text : own) {
    size_t at = text.find('=');
    if (at == std::string::npos || at == 0)
      return usage("--set " + text + ": expected FIELD=VALUE");
    std::string name = text.substr(0, at), value = text.substr(at + 1);
    // How the peer tells its two Hermes models apart.
    if (name == "num_devices" && subject.device.starts_with("pcm-hermes")) {
      if (value != "1" && value != "2")
        return usage("--set " + text + ": expected 1 or 2");
      subject.device = subject.array.device =
          value == "1" ? "pcm-hermes-1" : "pcm-hermes";
      continue;
    }
    // A copy tells whether the name is one of the array's at all.
    Subject scratch = subject;
    bool counts = what == "mvm" || what == "compensation" || what == "fields" ||
                  (what == "regression" && isOfPeriphery(name)) ||
                  (what == "drift" && (name == "rows" || name == "cols"));
    Subject &to = counts ? subject : scratch;
    bool ofTraining = what == "regression" ||
                      (what == "fields" &&
                       contains(exec::pulsedDeviceNames(), subject.device));
    auto isArrays = setArrayField(
        to, ofTraining ? to.training.periphery : to.array.periphery, name,
        value);
    if (!isArrays)
      return isArrays.error();
    if (*isArrays) {
      if (!counts)
        return usage(fmt::format("--set {}: the array's fields count for "
                                 "--what mvm, compensation{} only",
                                 text,
                                 isOfPeriphery(name) ? " and regression" : ""));
      continue;
    }
    double choice = -1;
    if (const auto *words = exec::TrainingConfig::choicesOf(name)) {
      choice = wordAmong(*words, value);
      if (choice < 0)
        return usage(fmt::format("--set {}: expected {}", text,
                                 fmt::join(*words, ", ")));
    }
    auto number = choice >= 0 ? Result<double>(choice) : numberOf(text, value);
    if (!number)
      return number.error();
    if (subject.training.hasField(name)) {
      bool ofPulses = exec::TrainingConfig::isRuleField(name);
      if (!trains || (what == "update" && !ofPulses))
        return usage(fmt::format("--set {}: the fields of training count for "
                                 "--what {}regression only",
                                 text, ofPulses ? "update and " : ""));
      if (Status status = subject.training.setField(name, *number); !status)
        return status;
      continue;
    }
    subject.params[name] = *number;
  }
  subject.array.deviceParams = subject.params;
  return checkEffect(own, what, subject);
}

Result<std::vector<std::pair<std::string, std::string>>>
studies::fieldsOf(const Subject &subject) {
  std::vector<std::pair<std::string, std::string>> out;
  auto add = [&](const std::string &name, double value) {
    out.emplace_back(name, fmt::format("{:.10g}", value));
  };
  if (contains(exec::inferenceDeviceNames(), subject.device)) {
    auto device = exec::makeInferenceDevice(subject.device, subject.params);
    if (!device)
      return device.error();
    out.emplace_back("(source)", (*device)->provenance());
    for (const auto &[name, value] : (*device)->fields())
      add(name, value);
  } else {
    auto device = exec::makePulsedDevice(subject.device, subject.params);
    if (!device)
      return device.error();
    out.emplace_back("(source)", device->provenance);
    for (const auto &[name, value] : exec::fieldsOf(*device))
      add(name, value);
    exec::TrainingConfig training = subject.training;
    training.device = *device;
    for (const auto &[name, value] : training.withDefaults().fields()) {
      const auto *words = exec::TrainingConfig::choicesOf(name);
      if (words)
        out.emplace_back(name, (*words)[size_t(value)]);
      else
        add(name, value);
    }
  }
  listArrayFields(subject, out);
  return out;
}
