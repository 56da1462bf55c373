//===- PublishedTest.cpp - Presets against measured chips
//------------------===//

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

using namespace hybridc;
using namespace hybridc::chip;

namespace {

/// One vector into every array of the first kind, 16-bit weights in slices.
struct AllArrays {
  double tops, watts, unitNj, unitNs;
};
AllArrays allArrays(const Chip &chip) {
  const ArrayKind &array = chip.arrays[0];
  Work work;
  work.kind = WorkKind::Analog;
  work.engine = array.name;
  work.format = "f32";
  work.vectors = 1000;
  work.slices = array.slices;
  uint32_t units = array.count / array.slices;
  work.arrays.assign(units, {array.rows, array.cols});
  Cost c = cost(chip, work);
  double seconds = double(c.cycles) / (chip.clock_ghz * 1e9);
  double ops = 2.0 * 1000 * units * array.rows * array.cols;
  return {ops / seconds / 1e12, c.totalEnergy_pj() * 1e-12 / seconds,
          c.totalEnergy_pj() / 1e3 / 1000 / units, seconds * 1e9 / 1000};
}

TEST(Presets, HybridEdgeStaysWithinItsPower) {
  auto chip = loadChip("hybrid-edge");
  ASSERT_TRUE(bool(chip));
  const ArrayKind &pcm = chip->arrays[0];
  ASSERT_EQ(pcm.name, "pcm");
  // Everything at full rate: arrays, int8 array, f32 lanes, DRAM, leakage.
  double watts =
      allArrays(*chip).watts + chip->leakage_w +
      chip->mac.rows * chip->mac.cols * chip->mac.energy_pj.at("i8") *
          chip->clock_ghz * 1e-3 +
      chip->vec.lanes * chip->vec.energy_pj.at("f32") * chip->clock_ghz * 1e-3 +
      chip->dram.bandwidth_gb_s * 8 * chip->dram.energy_pj_per_bit * 1e-3;
  EXPECT_LT(watts, chip->power_limit_w);
  EXPECT_GT(watts, 0.5 * chip->power_limit_w); // balanced, not idle
}

} // namespace
