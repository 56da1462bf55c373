//===- CheckChip.cpp - Devices that a chip names --------------------------===//
#include "hybridc/Executor/CheckChip.h"

#include "hybridc/Executor/devices/InferenceDevice.h"

#include <fmt/format.h>

namespace hybridc::exec {

Status checkDevices(const chip::Chip &chip, std::string_view file) {
  for (const chip::ArrayKind &kind : chip.arrays) {
    if (kind.purpose != "inference")
      continue;
    auto device = makeInferenceDevice(kind.device, kind.device_params);
    if (!device)
      return invalidInput(fmt::format("{}: arrays '{}': {}", file, kind.name,
                                      device.error().message));
  }
  return {};
}

} // namespace hybridc::exec
