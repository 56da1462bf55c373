//===- RecalibrationTest.cpp - Schedules against dynamic programming ------===//
#include "hybridc/Executor/Recalibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace hybridc;
using namespace hybridc::exec;

namespace {

constexpr double kDay = 86400, kYear = 365 * kDay;

chip::Chip chipWith(const char *device) {
  chip::Chip chip = *chip::loadChip("hybrid-edge");
  chip.arrays[0].device = device;
  chip.arrays.resize(1);
  return chip;
}

/// Least number of gains within `period` after writing, over all gains at
/// times of a grid: fewest[i] gains so that the last is at time i.
unsigned fewestGains(const DriftCurve &curve, double period, double bound) {
  std::vector<double> times{0};
  for (double t = 1; times.back() < period; t *= std::pow(10.0, 1.0 / 60))
    times.push_back(std::min(t, period));
  size_t n = times.size();
  unsigned none = std::numeric_limits<unsigned>::max(), best = none;
  std::vector<unsigned> fewest(n, none);
  fewest[0] = 0;
  for (size_t i = 0; i < n; ++i) {
    if (fewest[i] == none)
      continue;
    size_t j = i + 1;
    for (; j < n && curve.error(times[j], times[i]) <= bound; ++j)
      fewest[j] = std::min(fewest[j], fewest[i] + 1);
    if (j == n)
      best = std::min(best, fewest[i]);
  }
  return best;
}

/// Largest error over the horizon, with the plan's own events.
double worstOf(const DriftCurve &curve, const RecalibrationPlan &plan,
               double horizon) {
  double worst = 0;
  for (double t = 1; t < horizon; t *= 1.003) {
    double written = 0, gain = 0;
    for (double at : plan.programAt_s)
      if (at <= t)
        written = at;
    for (double at : plan.gainAt_s)
      if (at <= t && at > written)
        gain = at;
    worst = std::max(
        worst, curve.error(t - written, gain > written ? gain - written : 0));
  }
  return worst;
}

TEST(Recalibration, PlansHoldTheirBoundWithTheFewestGains) {
  chip::Chip chip = chipWith("pcm");
  DriftCurve curve = *driftOf(chip.arrays[0], kYear);
  for (double bound : {0.15, 0.2, 0.3}) {
    auto plan = planRecalibration(chip, kYear, bound);
    ASSERT_TRUE(plan) << plan.error().message;
    double worst = worstOf(curve, *plan, kYear);
    double period = kYear / double(plan->programAt_s.size() + 1);
    unsigned fewest = fewestGains(curve, period, bound);
    double gains =
        double(plan->gainAt_s.size()) / double(plan->programAt_s.size() + 1);
    printf("bound %.0f %%: %zu rewrites, %zu gains, worst %.2f %%; fewest "
           "gains on a grid %u a period\n",
           100 * bound, plan->programAt_s.size(), plan->gainAt_s.size(),
           100 * worst, fewest);
    EXPECT_LE(worst, bound * 1.01);
    EXPECT_LE(gains, double(fewest));
    EXPECT_GE(gains, double(fewest) - 1); // the test's grid is coarser
  }
}

TEST(Recalibration, ATighterBoundCostsMore) {
  chip::Chip chip = chipWith("pcm");
  double before = 0;
  for (double bound : {0.5, 0.2, 0.15, 0.12, 0.1}) {
    auto plan = planRecalibration(chip, kYear, bound);
    ASSERT_TRUE(plan) << plan.error().message;
    printf("bound %.0f %%: %zu rewrites, %zu gains, %.4g uJ an array\n",
           100 * bound, plan->programAt_s.size(), plan->gainAt_s.size(),
           plan->energy_pj * 1e-6);
    EXPECT_GE(plan->energy_pj, before);
    before = plan->energy_pj;
  }
  EXPECT_GT(before, 0);
}

TEST(Recalibration, TheCheaperOfGainsAndRewritesIsTaken) {
  chip::Chip chip = chipWith("pcm");
  chip.leakage_w = 0;
  chip.arrays[0].write_energy_pj = 1e6; // rewriting is dear
  auto gains = planRecalibration(chip, kYear, 0.2);
  ASSERT_TRUE(gains);
  EXPECT_TRUE(gains->programAt_s.empty());
  EXPECT_FALSE(gains->gainAt_s.empty());
  chip.arrays[0].write_energy_pj = 0; // reading is
  chip.arrays[0].write_ns = 0;
  chip.dram.energy_pj_per_bit = 0;
  auto rewrites = planRecalibration(chip, kDay, 0.2);
  ASSERT_TRUE(rewrites);
  EXPECT_TRUE(rewrites->gainAt_s.empty());
  EXPECT_FALSE(rewrites->programAt_s.empty());
}

TEST(Recalibration, EnergyOfAPlanByHand) {
  chip::Chip chip = chipWith("pcm");
  chip.clock_ghz = 1;
  chip.leakage_w = 0.25;
  chip.sram.bytes_per_cycle = 1e9;
  chip.dram = {1ull << 32, 1e6, 0, 2, 1};
  chip::ArrayKind &kind = chip.arrays[0];
  kind.rows = 128, kind.cols = 64, kind.slices = 1;
  kind.input_bits = kind.input_bits_per_phase = 8;
  kind.mvm_ns = 100, kind.adc_share = 1, kind.adc_ns = 0;
  kind.mvm_energy_pj = kind.dac_energy_pj = 0;
  kind.adc_energy_pj = 3, kind.digital_energy_pj = 1;
  kind.write_ns = 50, kind.write_energy_pj = 20;
  // Written row by row, from DRAM; leakage flows meanwhile.
  double cells = 128 * 64;
  double program = cells * 20 + cells * 4 * 8 * 2 + 0.25 * 128 * 50 * 1e3;
  // Every row is read 16 times; then one division a column, a cycle each.
  double reads = 16 * 128;
  double gain = reads * 64 * (3 + 1) + 0.25 * reads * 100 * 1e3 + 64 * 1 +
                0.25 * 64 * 1e3;
  size_t rewrites = 0, gains = 0;
  for (double bound : {0.4, 0.15, 0.1}) {
    auto plan = planRecalibration(chip, kYear, bound);
    ASSERT_TRUE(plan) << plan.error().message;
    double want = double(plan->programAt_s.size()) * program +
                  double(plan->gainAt_s.size()) * gain;
    EXPECT_NEAR(plan->energy_pj, want, 1e-9 * want);
    rewrites += plan->programAt_s.size();
    gains += plan->gainAt_s.size();
  }
  kind.adc_energy_pj = 1e6; // dearer than writing
  auto plan = planRecalibration(chip, kYear, 0.4);
  ASSERT_TRUE(plan);
  double dear = gain + reads * 64 * (1e6 - 3);
  EXPECT_NEAR(plan->energy_pj,
              double(plan->programAt_s.size()) * program +
                  double(plan->gainAt_s.size()) * dear,
              1e-9 * plan->energy_pj);
  rewrites += plan->programAt_s.size();
  EXPECT_GT(rewrites, 0u);
  EXPECT_GT(gains, 0u);
}

TEST(Recalibration, WhatDoesNotDriftNeedsNone) {
  auto plan = planRecalibration(chipWith("ideal"), kYear, 0.01);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->gainAt_s.empty());
  EXPECT_TRUE(plan->programAt_s.empty());
}

TEST(Recalibration, TooTightABoundIsRefusedWithOneThatWorks) {
  chip::Chip chip = chipWith("pcm");
  auto plan = planRecalibration(chip, kYear, 0.01);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ExitCode::Unsupported);
  size_t at = plan.error().message.find("--drift-bound ");
  ASSERT_NE(at, std::string::npos);
  double bound = std::stod(plan.error().message.substr(at + 14)) / 100;
  EXPECT_TRUE(planRecalibration(chip, kYear, bound)) << bound;
  // Cells that endure little are not rewritten often.
  chip.arrays[0].endurance_writes = 10;
  auto frail = planRecalibration(chip, kYear, bound);
  ASSERT_FALSE(frail);
  EXPECT_NE(frail.error().message.find("at most 1 rewrites"), std::string::npos)
      << frail.error().message;
}

} // namespace
