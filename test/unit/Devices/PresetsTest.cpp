//===- PresetsTest.cpp - Presets name devices that exist ------------------===//

#include "hybridc/Chip/Chip.h"
#include "hybridc/Devices/InferenceDevice.h"
#include "hybridc/Devices/PulsedDevice.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace hybridc;

namespace {

TEST(ClockPresets, DevicesExist) {
  size_t seen = 0;
  for (const std::string &name : chip::presetNames()) {
    auto chip = chip::loadChip(name);
    ASSERT_TRUE(bool(chip)) << chip.error().message;
    for (const chip::ArrayKind &array : chip->arrays) {
      const auto &known = array.purpose == "training"
                              ? exec::pulsedDeviceNames()
                              : exec::inferenceDeviceNames();
      EXPECT_NE(std::find(known.begin(), known.end(), array.device),
                known.end())
          << name << ": " << array.device;
      ++seen;
    }
  }
  EXPECT_GE(seen, 8u);
}

} // namespace
