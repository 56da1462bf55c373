//===- ThermalPolicyTest.cpp - Leakage, governors, conservation -----------===//

#include "hybridc/Thermal/Simulate.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace hybridc;
using namespace hybridc::exec;

namespace {

/// A die of two engines and memory, with tables of three points each.
chip::Chip smallChip() {
  chip::Chip chip;
  chip.name = "small";
  chip.clock_ghz = 1;
  chip.leakage_w = 4;
  chip.mac.rows = chip.mac.cols = 4;
  chip.thermal.package = "passive";
  chip.thermal.sink_side_mm = 80;
  chip.thermal.surface_mm2 = 20000;
  chip.thermal.c_convec = 10;
  chip.thermal.ambient_k = 298.15;
  chip.floorplan.width_mm = chip.floorplan.height_mm = 8;
  chip.floorplan.blocks = {{"mac", "mac", 0, 0, 4, 4},
                           {"vec", "vec", 4, 0, 4, 2},
                           {"sram", "sram", 0, 4, 8, 3}};
  for (const char *engine : {"mac", "vec"})
    for (auto [ghz, volts] :
         {std::pair(1.0, 0.8), std::pair(0.75, 0.68), std::pair(0.5, 0.6)})
      chip.dvfs.push_back({engine, ghz, volts});
  return chip;
}

/// Per run: `mac` and `vec` work one after the other, DRAM streams beside
/// them and bounds the time from below.
struct Made {
  double macCycles, vecCycles, dramCycles, macJ, vecJ, sramJ;
  size_t calls = 0;

  Result<EnergyTrace> operator()(const std::map<std::string, double> &slow) {
    ++calls;
    double mac = macCycles * slow.at("mac"), vec = vecCycles * slow.at("vec");
    EnergyTrace trace;
    trace.units = {"mac", "vec", "dma0", "sram", "dram", "link"};
    trace.cycles = uint64_t(std::max(mac + vec, dramCycles));
    constexpr size_t kBins = 32;
    trace.binCycles = (trace.cycles + kBins - 1) / kBins;
    trace.energy_pj.assign(6, std::vector<double>(kBins));
    double share = mac / double(trace.cycles);
    for (size_t b = 0; b < kBins; ++b) {
      bool isMac = double(b) < share * kBins;
      trace.energy_pj[0][b] =
          isMac ? macJ * 1e12 / std::ceil(share * kBins) : 0;
      trace.energy_pj[1][b] = vecJ * 1e12 / kBins;
      trace.energy_pj[3][b] = sramJ * 1e12 / kBins;
      trace.energy_pj[4][b] = 1e12;
    }
    return trace;
  }
};

Die dieOf(const chip::Chip &chip) {
  auto die = Die::create(chip);
  EXPECT_TRUE(bool(die)) << die.error().message;
  return *die;
}

TEST(Die, GapsAreFilled) {
  Die die = dieOf(smallChip());
  // 4 x 2 above vec, 8 x 1 at the top.
  ASSERT_EQ(die.numBlocks(), 5u);
  EXPECT_EQ(die.names[3], "(gap 0)");
  double leakage = 0;
  for (double w : die.leakage_w)
    leakage += w;
  EXPECT_NEAR(leakage, 4, 1e-12);
}

TEST(Die, HeatGoesWhereTheEngineIs) {
  Die die = dieOf(smallChip());
  std::vector<double> heat =
      die.heatOf({"mac", "vec", "dma0", "sram", "dram"}, {3, 2, 8, 1, 100});
  EXPECT_NEAR(heat[0], 3 + 8 * 16 / 64.0, 1e-12); // no block for dma: evenly
  EXPECT_NEAR(heat[1], 2 + 8 * 8 / 64.0, 1e-12);
  EXPECT_NEAR(heat[2], 1 + 8 * 24 / 64.0, 1e-12);
}

TEST(Leakage, AgreesWithItsTemperature) {
  chip::Chip chip = smallChip();
  Die die = dieOf(chip);
  std::vector<double> scale(die.numBlocks(), 1), watts{5, 1, 1, 0, 0};
  Die::Steady steady = die.steady(watts, scale);
  ASSERT_FALSE(steady.runaway);
  std::vector<double> leakage = die.leakageAt(steady.kelvin, scale);
  for (size_t i = 0; i < leakage.size(); ++i)
    watts[i] += leakage[i];
  std::vector<double> again = die.model().steady(watts);
  double worst = 0;
  for (size_t i = 0; i < die.numBlocks(); ++i)
    worst = std::max(worst, std::abs(again[i] - steady.kelvin[i]));
  std::printf("fixed point holds within %.2g K (bound 1e-6)\n", worst);
  EXPECT_LT(worst, 1e-6);
}

TEST(Leakage, OneBlockInClosedForm) {
  // ΔT = R (P + L exp(β (T − T0))): solved here by bisection.
  chip::Chip chip = smallChip();
  chip.floorplan = {};
  chip.die_area_mm2 = 64;
  Die die = dieOf(chip);
  double r = die.model().steady({1})[0] - 298.15;
  double low = 298.15, high = 400;
  for (int i = 0; i < 200; ++i) {
    double t = (low + high) / 2;
    double next =
        298.15 + r * (6 + 4 * std::exp(chip.thermal.leakage_per_k *
                                       (t - chip.thermal.leakage_ref_k)));
    (next > t ? low : high) = t;
  }
  double ours = die.steady({6}, {1}).kelvin[0];
  std::printf("one block: %.6f K, by hand %.6f K (bound 1e-5)\n", ours, low);
  EXPECT_NEAR(ours, low, 1e-5);
}

TEST(Leakage, RunawayIsReported) {
  chip::Chip chip = smallChip();
  chip.thermal.leakage_per_k = 0.05;
  chip.leakage_w = 12;
  Die die = dieOf(chip);
  std::vector<double> scale(die.numBlocks(), 1), watts(die.numBlocks(), 1);
  EXPECT_TRUE(die.steady(watts, scale).runaway);
  Operation operation(die, chip, Made{1e6, 1e6, 0, 1e-3, 1e-3, 0});
  auto choice = operation.hold(ThermalPolicy::Dvfs, 358.15);
  ASSERT_FALSE(bool(choice));
  EXPECT_NE(choice.error().message.find("leakage alone"), std::string::npos);
  auto pace = operation.pace(operation.nominal());
  HeatHistory history = simulate(die, **pace, operation.sustain(**pace, 1),
                                 358.15, {3600, 0, 300});
  EXPECT_TRUE(history.runaway_s.has_value());
}

TEST(Policy, BestFirstFindsWhatExhaustiveSearchFinds) {
  // Workloads bound by each engine or by memory, limits from mild to severe.
  const Made cases[] = {{8e5, 2e5, 0, 12e-3, 1e-3, 1e-3},
                        {3e5, 7e5, 0, 5e-3, 8e-3, 1e-3},
                        {5e5, 5e5, 1.6e6, 16e-3, 6e-3, 4e-3},
                        {5e5, 2e5, 9e5, 20e-3, 9e-3, 0}};
  chip::Chip chip = smallChip();
  Die die = dieOf(chip);
  double worst = 0;
  size_t clocked = 0, all = 0;
  for (const Made &made : cases)
    for (double limit : {318.15, 335.15, 358.15, 393.15}) {
      Operation search(die, chip, made), whole(die, chip, made);
      auto found = search.hold(ThermalPolicy::Dvfs, limit);
      auto best = whole.holdExhaustively(limit);
      ASSERT_EQ(bool(found), bool(best));
      if (!found)
        continue;
      EXPECT_LE(found->state.peak(), limit);
      worst = std::max(
          worst,
          std::abs(found->state.period_s() / best->state.period_s() - 1));
      clocked += search.numClocked();
      all += whole.numClocked();
      // And never worse than pausing alone.
      auto pauses = search.hold(ThermalPolicy::Throttle, limit);
      if (!pauses)
        continue; // leakage at the nominal voltage is too much by itself
      EXPECT_LE(found->state.period_s(), pauses->state.period_s() * (1 + 1e-9));
      EXPECT_LE(pauses->state.peak(), limit);
    }
  std::printf("period against exhaustive search: off by %.2g at most (bound "
              "1e-6); %zu paces clocked instead of %zu\n",
              worst, clocked, all);
  EXPECT_LT(worst, 1e-6);
  EXPECT_LT(clocked, all);
}

TEST(Policy, MemoryBoundWorkSlowsForFree) {
  // DRAM takes as long as both engines at half speed: nothing is lost.
  chip::Chip chip = smallChip();
  Die die = dieOf(chip);
  Operation operation(die, chip, Made{4e5, 4e5, 1.6e6, 20e-3, 4e-3, 1e-3});
  auto none = operation.hold(ThermalPolicy::None, 340);
  auto held = operation.hold(ThermalPolicy::Dvfs, none->state.peak() - 8);
  ASSERT_TRUE(bool(held));
  EXPECT_EQ(held->state.duty, 1);
  EXPECT_EQ(held->state.run_s, none->state.run_s);
}

TEST(Simulate, EnergyIsConservedAndLimitsHold) {
  chip::Chip chip = smallChip();
  Die die = dieOf(chip);
  Operation operation(die, chip, Made{8e5, 2e5, 0, 9e-3, 1e-3, 1e-3});
  double limit = 353.15;
  auto held = operation.hold(ThermalPolicy::Dvfs, limit);
  ASSERT_TRUE(bool(held));
  auto nominal = operation.pace(operation.nominal());
  Sustained free = operation.sustain(**nominal, 1);
  SimulateOptions options{9000, 0, 600};
  HeatHistory wild = simulate(die, **nominal, free, limit, options);
  HeatHistory tame =
      simulateManaged(die, operation, operation.known(), limit, options);
  std::printf("imbalance %.2g unmanaged, %.2g managed (bound 1e-6)\n",
              wild.imbalance(), tame.imbalance());
  EXPECT_LT(wild.imbalance(), 1e-6);
  EXPECT_LT(tame.imbalance(), 1e-6);
  EXPECT_TRUE(wild.crossed_s.has_value());
  EXPECT_FALSE(tame.crossed_s.has_value()) << *tame.crossed_s;
  EXPECT_LE(tame.peak_k, limit + 1e-6);
  // Both end in the states that were computed without any history.
  double wildEnd = wild.kelvin.back()[0], tameEnd = tame.runsPerSecond.back();
  std::printf("ends at %.4f K, steady %.4f K; %.3f runs/s, sustained %.3f\n",
              wildEnd, free.peak_k[0], tameEnd, 1 / held->state.period_s());
  EXPECT_NEAR(wildEnd, free.peak_k[0], 0.05);
  EXPECT_NEAR(tameEnd, 1 / held->state.period_s(), 0.01 * tameEnd);
  // A cold chip may be fast for a while: more runs than the sustained rate.
  EXPECT_GT(tame.runs, 9000 / held->state.period_s() * 0.999);
}

TEST(Periodic, FollowsTheTransient) {
  // The periodic state by its formula, and by running into it.
  Die die = dieOf(smallChip());
  std::vector<std::vector<double>> watts{{20, 0, 0, 0, 0}, {0, 5, 1, 0, 0}};
  std::vector<double> seconds{0.01, 0.03};
  auto state = die.model().periodic(watts, seconds);
  std::vector<double> mean(5);
  for (size_t i = 0; i < 5; ++i)
    mean[i] = (watts[0][i] * 0.01 + watts[1][i] * 0.03) / 0.04;
  std::vector<double> kelvin = die.model().steady(mean);
  std::vector<double> first;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    kelvin = die.model().after(kelvin, watts[0], seconds[0]).kelvin;
    first = kelvin;
    kelvin = die.model().after(kelvin, watts[1], seconds[1]).kelvin;
    if (cycle > 2000)
      break;
  }
  double worst = 0;
  for (size_t i = 0; i < 5; ++i) {
    worst = std::max(worst, std::abs(first[i] - state[0][i]));
    worst = std::max(worst, std::abs(kelvin[i] - state[1][i]));
  }
  std::printf("periodic state within %.2g K of 2000 periods (bound 0.01)\n",
              worst);
  EXPECT_LT(worst, 0.01);
}

} // namespace
