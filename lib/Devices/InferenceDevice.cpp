//===- InferenceDevice.cpp - Fields, and the table of devices -------------===//

#include "hybridc/Devices/InferenceDevice.h"

#include "Devices.h"

#include "hybridc/Chip/Suggest.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace hybridc::exec {

void InferenceDevice::driftExponents(const float *, float *nu, size_t n, Key,
                                     uint64_t) const {
  std::fill(nu, nu + n, 0.0f);
}

static std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

Status InferenceDevice::setFields(const std::vector<Field> &fields,
                                  const std::map<std::string, double> &params) {
  for (const auto &[name, value] : params) {
    auto field = std::find_if(fields.begin(), fields.end(),
                              [&](const Field &f) { return name == f.name; });
    if (field == fields.end()) {
      std::string known;
      std::vector<std::string_view> near;
      for (const Field &f : fields) {
        known += (known.empty() ? "" : ", ") + std::string(f.name);
        if (chip::isCloseTo(name, f.name))
          near.push_back(f.name);
      }
      return invalidInput("device '" + deviceName + "' has no field '" + name +
                          "'; it has " + (known.empty() ? "none" : known) +
                          chip::suggest(name, near));
    }
    // The comparison is written so that NaN fails it.
    if (!(value >= field->low && value <= field->high))
      return invalidInput("device '" + deviceName + "': " + name + " = " +
                          number(value) + " is outside " + number(field->low) +
                          " .. " + number(field->high));
    *field->value = value;
  }
  for (const Field &f : fields)
    fieldValues[f.name] = *f.value;
  if (!(gMaximum > gMinimum))
    return invalidInput("device '" + deviceName +
                        "': g_max = " + number(gMaximum) +
                        " must exceed g_min = " + number(gMinimum));
  return {};
}

double detail::programReference(const DeviceParams &params, double fitted,
                                double gMax) {
  auto given = params.find("g_max");
  bool isOwn = std::any_of(params.begin(), params.end(), [](const auto &p) {
    return p.first.starts_with("prog_c");
  });
  if (!isOwn)
    return fitted;
  return given == params.end() ? gMax : given->second;
}

/// By name, in the order of reports; what is registered follows.
static std::vector<std::pair<std::string, DeviceMaker>> &table() {
  static std::vector<std::pair<std::string, DeviceMaker>> rows = {
      {"ideal", detail::makeIdeal},
      {"pcm", detail::makePcm},
      {"pcm-hermes", detail::makePcmHermes},
      {"pcm-hermes-1", detail::makePcmHermesSingle},
      {"rram-wan2022", detail::makeRramWan2022},
      {"rram-cmo-hfox", detail::makeRramCmoHfox},
      {"mram", detail::makeMram},
      {"feram", detail::makeFeram},
      {"flash", detail::makeFlash},
      {"pcm-custom", detail::makePcmCustom},
      {"state-independent", detail::makeStateIndependent},
  };
  return rows;
}

void registerInferenceDevice(const std::string &name, DeviceMaker make) {
  for (auto &[known, maker] : table())
    if (known == name) {
      maker = std::move(make);
      return;
    }
  table().emplace_back(name, std::move(make));
}

std::vector<std::string> inferenceDeviceNames() {
  std::vector<std::string> names;
  for (const auto &[name, make] : table())
    names.push_back(name);
  return names;
}

Result<std::unique_ptr<InferenceDevice>>
makeInferenceDevice(std::string_view name, const DeviceParams &params) {
  std::string known;
  for (const auto &[rowName, make] : table()) {
    if (name == rowName)
      return make(params);
    known += (known.empty() ? "" : ", ") + rowName;
  }
  return invalidInput("no device model '" + std::string(name) +
                      "'; there are " + known);
}

} // namespace hybridc::exec
