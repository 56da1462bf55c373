//===- FaultsTest.cpp - Fault maps and faults drawn from rates ------------===//
#include "hybridc/Chip/Faults.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace hybridc;
using namespace hybridc::chip;

namespace {

Chip smallChip() {
  Chip chip = *loadChip("hybrid-edge");
  chip.arrays.resize(1);
  chip.arrays[0].count = 8;
  chip.arrays[0].adc_share = 4;
  chip.arrays[0].spare_columns = 4;
  return chip;
}

constexpr const char *kMap = R"(
arrays:
  - kind: pcm
    array: 3
    dead_rows: [7, 2]
    dead_columns: [259]
    stuck: [{row: 1, column: 2, at: max}, {row: 0, column: 5, side: negative, at: min}]
    broken_adcs: [{adc: 64, reads: -0.5}]
  - {kind: pcm, array: 1, dead: true}
)";

TEST(Faults, MapIsReadSortedAndPrintedEqual) {
  Chip chip = smallChip();
  auto faults = parseFaults(kMap, "f.yaml", chip);
  ASSERT_TRUE(faults) << faults.error().message;
  ASSERT_EQ(faults->arrays.size(), 2u);
  EXPECT_TRUE(faults->arrays[0].dead);
  const ArrayFaults &a = faults->arrays[1];
  EXPECT_EQ(a.deadRows, (std::vector<uint32_t>{2, 7}));
  EXPECT_EQ(a.stuck[0], (StuckCell{0, 5, true, 0}));
  EXPECT_EQ(a.stuck[1], (StuckCell{1, 2, false, 1}));
  auto again = parseFaults(printFaults(*faults), "p.yaml", chip);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, *faults);
}

TEST(Faults, JsonIsReadToo) {
  auto faults = parseFaults(
      R"({"rates": {"stuck_min": 0.25, "seed": 9}, "arrays": [{"kind": "pcm",
          "array": 0, "dead_rows": [1]}]})",
      "f.json", smallChip());
  ASSERT_TRUE(faults) << faults.error().message;
  EXPECT_EQ(faults->rates.stuck_min, 0.25);
  EXPECT_EQ(faults->rates.seed, 9u);
  EXPECT_EQ(faults->arrays[0].deadRows, std::vector<uint32_t>{1});
}

TEST(Faults, ErrorsSayWhere) {
  Chip chip = smallChip();
  const std::pair<const char *, const char *> cases[] = {
      {"arays: []", "f:1:1: unknown key 'arays' in a fault map"},
      {"arrays:\n  - {kind: pcm}", "f:2:5: an entry of 'arrays' needs 'array'"},
      {"arrays:\n  - {kind: pcn, array: 0}",
       "f:2:12: chip 'hybrid-edge' has no arrays of kind 'pcn'"},
      {"arrays:\n  - {kind: pcm, array: 8}",
       "f:2:24: 'array' is 8; it must be within 0 and 7"},
      {"arrays:\n  - {kind: pcm, array: 0, dead_rows: [256]}",
       "f:2:39: 'dead_rows' is 256; it must be within 0 and 255"},
      {"arrays:\n  - {kind: pcm, array: 0, stuck: [{row: 0, column: 0}]}",
       "needs 'at'"},
      {"arrays:\n  - {kind: pcm, array: 0, stuck: [{row: 0, column: 0, at: "
       "on}]}",
       "'at' must be min, max or a part of the range of conductance, 0 to 1"},
      {"arrays:\n  - {kind: pcm, array: 0, stuck: [{row: 0, column: 0, at: "
       "1.5}]}",
       "f:2:59: 'at' is 1.5; it must be within 0 and 1"},
      {"arrays:\n  - {kind: pcm, array: 0, stuck: [{row: 0, column: 0, at: max}"
       ", {row: 0, column: 0, at: min}]}",
       "a second entry for this cell"},
      {"arrays:\n  - {kind: pcm, array: 0}\n  - {kind: pcm, array: 0}",
       "f:3:5: a second entry for array 0 of 'pcm'"},
      {"rates: {stuck_min: 2}", "f:1:20: 'stuck_min' is 2"},
      {"rates: {stuck_min: .1, seed: 1.5}",
       "f:1:30: 'seed' must be a whole number, not '1.5'"},
      {"rates: {stuck_min: .7, stuck_max: .7}", "together exceed 1"},
      {"arrays:\n  - {kind: pcm, array: 0, broken_adcs: [{adc: 65, reads: 0}]}",
       "'adc' is 65; it must be within 0 and 64"},
      {"[1, 2", "f:"},
  };
  for (const auto &[text, message] : cases) {
    auto faults = parseFaults(text, "f", chip);
    ASSERT_FALSE(faults) << text;
    EXPECT_EQ(faults.error().code, ExitCode::InvalidInput);
    EXPECT_NE(faults.error().message.find(message), std::string::npos)
        << faults.error().message;
  }
}

TEST(Faults, RatesOnTheCommandLine) {
  Chip chip = smallChip();
  auto faults = loadFaults("stuck=1e-3,dead_column=1e-4,seed=3", chip);
  ASSERT_TRUE(faults);
  EXPECT_EQ(faults->rates.stuck_min, 5e-4);
  EXPECT_EQ(faults->rates.stuck_max, 5e-4);
  EXPECT_EQ(faults->rates.dead_column, 1e-4);
  EXPECT_EQ(faults->rates.seed, 3u);
  EXPECT_TRUE(loadFaults("none", chip)->empty());
  EXPECT_TRUE(loadFaults("", chip)->empty());
  chip.faults.dead_row = 0.5;
  EXPECT_EQ(loadFaults("", chip)->rates.dead_row, 0.5);
  for (const char *wrong : {"stuck", "stuck=2", "stock=1e-3", "seed=1.5",
                            "stuck=1e-3,,", "stuck_min=.6,stuck_max=.6"})
    EXPECT_EQ(loadFaults(wrong, chip).error().code, ExitCode::Usage) << wrong;
  EXPECT_EQ(loadFaults("absent.yaml", chip).error().code,
            ExitCode::InvalidInput);
}

TEST(Faults, FrequenciesFollowTheRates) {
  Chip chip = smallChip();
  chip.arrays[0].count = 64;
  Faults faults;
  faults.rates = {2e-3, 1e-3, 0.02, 0.01, 0.03, 0.1, 5};
  FaultCounts counts = countFaults(faults, chip);
  double lines = 64, cells = 64.0 * 256 * 260 * 2;
  auto check = [](const char *what, uint64_t found, double n, double p) {
    double expected = n * p, sigma = std::sqrt(n * p * (1 - p));
    printf("%s: %lu found, %.0f expected, bound 4 sigma = %.0f\n", what,
           (unsigned long)found, expected, 4 * sigma);
    EXPECT_NEAR(double(found), expected, 4 * sigma) << what;
  };
  check("stuck_min", counts.stuckMin, cells, 2e-3);
  check("stuck_max", counts.stuckMax, cells, 1e-3);
  check("dead_row", counts.deadRows, lines * 256, 0.02);
  check("dead_column", counts.deadColumns, lines * 260, 0.01);
  check("broken_adc", counts.brokenAdcs, lines * 65, 0.03);
}

TEST(Faults, ArraysDrawAloneAndLargerRatesOnlyAdd) {
  Chip chip = smallChip();
  Faults few, many;
  few.rates = {1e-3, 1e-3, 0.01, 0.01, 0.01, 0, 7};
  many.rates = {3e-3, 2e-3, 0.05, 0.01, 0.01, 0, 7};
  ArrayFaults a = faultsOf(few, chip.arrays[0], 5);
  EXPECT_EQ(a, faultsOf(few, chip.arrays[0], 5));
  EXPECT_NE(a.stuck, faultsOf(few, chip.arrays[0], 4).stuck);
  ArrayFaults b = faultsOf(many, chip.arrays[0], 5);
  EXPECT_GT(b.stuck.size(), a.stuck.size());
  for (const StuckCell &cell : a.stuck)
    EXPECT_TRUE(std::binary_search(b.stuck.begin(), b.stuck.end(), cell));
  EXPECT_EQ(a.deadColumns, b.deadColumns);
  EXPECT_EQ(a.brokenAdcs, b.brokenAdcs);
  few.rates.seed = 8;
  EXPECT_NE(a.stuck, faultsOf(few, chip.arrays[0], 5).stuck);
}

TEST(Faults, ListedCellsKeepWhatTheListSays) {
  Chip chip = smallChip();
  Faults faults = *parseFaults(kMap, "f", chip);
  faults.rates.stuck_min = 1;
  ArrayFaults a = faultsOf(faults, chip.arrays[0], 3);
  EXPECT_EQ(a.stuck.size(), 256u * 260 * 2);
  EXPECT_TRUE(std::binary_search(a.stuck.begin(), a.stuck.end(),
                                 StuckCell{1, 2, false, 1}));
}

TEST(Faults, WearIsLogNormal) {
  ArrayKind kind;
  kind.endurance_writes = 1000;
  kind.endurance_spread = 0.5;
  EXPECT_NEAR(wornPart(kind, 1000), 0.5, 1e-12);
  // One standard deviation either way.
  EXPECT_NEAR(wornPart(kind, 1000 * std::exp(-0.5)), 0.158655, 1e-6);
  EXPECT_NEAR(wornPart(kind, 1000 * std::exp(0.5)), 0.841345, 1e-6);
  EXPECT_LT(wornPart(kind, 1), 1e-12);
  kind.endurance_writes = 0;
  EXPECT_EQ(wornPart(kind, 1e12), 0);
  Faults faults;
  faults.rates.stuck_min = 0.2;
  Faults worn = withWear(faults, 0.5);
  EXPECT_NEAR(worn.rates.stuck_min, 0.2 + 0.8 * 0.25, 1e-12);
  EXPECT_NEAR(worn.rates.stuck_max, 0.8 * 0.25, 1e-12);
  EXPECT_EQ(withWear(faults, 0), faults);
}

} // namespace
