//===- CheckChip.cpp - Devices that a chip names --------------------------===//
#include "hybridc/Executor/CheckChip.h"

#include "hybridc/Chip/Locate.h"
#include "hybridc/Chip/Suggest.h"
#include "hybridc/Devices/InferenceDevice.h"
#include "hybridc/Devices/OfChip.h"

#include <fmt/format.h>

#include <algorithm>

namespace hybridc::exec {

/// What is wrong with the parameters, and where: at the first without which
/// the others do.
static Error wrongParameters(const chip::ArrayKind &kind, const Error &problem,
                             std::string_view file, auto isGood) {
  std::vector<std::string> path{"arrays", kind.name, "device_params"};
  for (const auto &[name, value] : kind.device_params) {
    auto others = kind.device_params;
    others.erase(name);
    if (isGood(others)) {
      path.push_back(name);
      break;
    }
  }
  return invalidInput(fmt::format("{}: arrays '{}': {}",
                                  chip::locate(file, path), kind.name,
                                  problem.message));
}

static Status checkDevice(const chip::ArrayKind &kind, std::string_view file,
                          const std::vector<std::string> &names, auto make) {
  if (std::find(names.begin(), names.end(), kind.device) == names.end())
    return invalidInput(
        fmt::format("{}: arrays '{}': no device model for {} is named '{}'{}",
                    chip::locate(file, {"arrays", kind.name, "device"}),
                    kind.name, kind.purpose, kind.device,
                    chip::suggest(kind.device, {names.begin(), names.end()})));
  auto device = make(kind.device, kind.device_params);
  if (device)
    return {};
  return wrongParameters(kind, device.error(), file, [&](const auto &params) {
    return bool(make(kind.device, params));
  });
}

/// A size without a type would change nothing, and say nothing.
static Status checkPeriphery(const chip::ArrayKind &kind,
                             std::string_view file) {
  if (!(kind.periphery.w_noise > 0) || kind.periphery.w_noise_type != "none")
    return {};
  return invalidInput(fmt::format(
      "{}: arrays '{}': w_noise has no effect with w_noise_type none; pcm_read "
      "or additive would give it one",
      chip::locate(file, {"arrays", kind.name, "periphery", "w_noise"}),
      kind.name));
}

Status checkDevices(const chip::Chip &chip, std::string_view file) {
  for (const chip::ArrayKind &kind : chip.arrays) {
    if (Status status = checkPeriphery(kind, file); !status)
      return status;
    // What a description says is right, also where no values can be computed
    // of it.
    auto training = [&](const std::string &, const auto &params) -> Status {
      chip::ArrayKind other = kind;
      other.device_params = params;
      auto made = trainingOf(other);
      if (made || made.error().code == ExitCode::Unsupported)
        return {};
      return made.error();
    };
    Status status =
        kind.purpose == "inference"
            ? checkDevice(kind, file, inferenceDeviceNames(),
                          makeInferenceDevice)
            : checkDevice(kind, file, pulsedDeviceNames(), training);
    if (!status)
      return status;
  }
  return {};
}

} // namespace hybridc::exec
