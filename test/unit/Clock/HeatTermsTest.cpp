//===- HeatTermsTest.cpp - Every term of the heat model by hand -----------===//

#include "Clocked.h"
#include "Sample.h"

#include "hybridc/Clock/HeatStudy.h"
#include "hybridc/Thermal/Simulate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

using namespace hybridc;
using namespace hybridc::exec;

namespace {

TEST(ThermalTerms, WholePackage) {
  // All nodes together: every layer's volume, and every path to the air.
  chip::Thermal t;
  for (double side : {1e-2, 2.5e-2}) {
    auto model = ThermalModel::ofArea(side * side * 1e6, t);
    ASSERT_TRUE(bool(model));
    std::vector<double> warm = model->cold();
    for (double &kelvin : warm)
      kelvin += 1;
    double die = side * side, spreader = .03 * .03, sink = .06 * .06;
    double capacity = 0.333 * (t.die_c * t.die_mm * 1e-3 * die +
                               t.tim_c * t.tim_mm * 1e-3 * die +
                               t.spreader_c * t.spreader_mm * 1e-3 * spreader +
                               t.sink_c * t.sink_mm * 1e-3 * sink + t.c_convec);
    EXPECT_NEAR(model->storedHeat(warm), capacity, 1e-9 * capacity);
    // A piece of the sink of area a: r_convec·sink/a behind its own metal.
    double toAir = sink / (t.r_convec * sink + t.sink_mm * 1e-3 / t.sink_k);
    double joules = model->after(warm, {0}, 1e-9).joulesToAir;
    EXPECT_NEAR(joules / 1e-9, toAir, 1e-4 * toAir);
  }
}

TEST(ThermalTerms, AVaporChamberSpreadsAlongItsPlane) {
  chip::Thermal t;
  auto hottest = [&] {
    auto model = ThermalModel::create(
        {{"a", .005, .01, 0, 0}, {"b", .005, .01, .005, 0}}, t);
    EXPECT_TRUE(bool(model));
    return model->steady({10, 0})[0];
  };
  double metal = hottest();
  t.package = "vapor_chamber";
  t.spreader_lateral_k = t.spreader_k;
  EXPECT_NEAR(hottest(), metal, 1e-9);
  t.spreader_lateral_k = 4 * t.spreader_k;
  EXPECT_LT(hottest(), metal - 0.1);
}

TEST(ThermalTerms, SliversOfTheDieStayFree) {
  std::vector<FloorplanBlock> blocks{{"a", 5e-3 - 4e-6, .01, 0, 0},
                                     {"b", 5e-3, .01, 5e-3, 0}};
  EXPECT_TRUE(fillGaps(blocks, .01, .01).empty());
  blocks[0].width -= 10e-6;
  ASSERT_EQ(fillGaps(blocks, .01, .01).size(), 1u);
  EXPECT_NEAR(fillGaps(blocks, .01, .01)[0].width, 14e-6, 1e-12);
}

/// One block, still air.
chip::Chip oneBlock() {
  chip::Chip chip;
  chip.name = "one";
  chip.clock_ghz = 1;
  chip.leakage_w = 4;
  chip.mac.rows = chip.mac.cols = 4;
  chip.thermal.ambient_k = 298.15;
  chip.thermal.package = "passive";
  chip.thermal.sink_side_mm = 80;
  chip.thermal.c_convec = 10;
  chip.floorplan.width_mm = chip.floorplan.height_mm = 8;
  chip.floorplan.blocks = {{"mac", "mac", 0, 0, 8, 8}};
  return chip;
}

TEST(ThermalTerms, LeakageThatCreepsUpwardsIsARunaway) {
  chip::Chip chip = oneBlock();
  auto die = Die::create(chip);
  ASSERT_TRUE(bool(die));
  // T = Ta + R(P + L·e^{β(T − T0)}) has no solution above the P at which both
  // sides touch: RβL·e^{β(T − T0)} = 1.
  double r = die->model().steady({1})[0] - 298.15;
  double beta = chip.thermal.leakage_per_k;
  double touch = chip.thermal.leakage_ref_k +
                 std::log(1 / (r * beta * chip.leakage_w)) / beta;
  double most = (touch - 298.15) / r - 1 / (r * beta);
  ASSERT_GT(most, 0);
  EXPECT_FALSE(die->steady({most * (1 - 1e-4)}, {1}).runaway);
  EXPECT_TRUE(die->steady({most * (1 + 1e-9)}, {1}).runaway);
}

TEST(ThermalTerms, TheLastBinIsCutShort) {
  EnergyTrace trace;
  trace.binCycles = 10;
  trace.cycles = 25;
  EXPECT_EQ(trace.cyclesOf(0), 10u);
  EXPECT_EQ(trace.cyclesOf(2), 5u);
  EXPECT_EQ(trace.cyclesOf(3), 0u);
}

/// The same power all through a run of 1 ms: 4 mJ of mac, 1 of DRAM.
Result<EnergyTrace> even(const std::map<std::string, double> &slow) {
  auto mac = slow.find("mac");
  EnergyTrace trace;
  trace.units = {"mac", "vec", "dram"};
  trace.cycles = uint64_t(1e6 * (mac == slow.end() ? 1 : mac->second));
  trace.binCycles = trace.cycles / 4;
  trace.energy_pj = {{1e9, 1e9, 1e9, 1e9}, {0, 0, 0, 0}, {1e9, 0, 0, 0}};
  return trace;
}

TEST(ThermalTerms, VoltageScalesEnergyAndLeakage) {
  chip::Chip chip = oneBlock();
  chip.dvfs = {{"mac", 1, .8}, {"mac", .5, .6}};
  auto die = Die::create(chip);
  Operation operation(*die, chip, even);
  auto pace = operation.pace({1});
  ASSERT_TRUE(bool(pace));
  EXPECT_NEAR((*pace)->run_s, 2e-3, 1e-12);
  double square = .6 * .6 / (.8 * .8); // but the memory keeps its voltage
  EXPECT_NEAR((*pace)->heat_j[0], 4e-3 * square, 1e-12);
  EXPECT_NEAR((*pace)->energy_j, 4e-3 * square + 1e-3, 1e-12);
  EXPECT_NEAR((*pace)->leakageScale[0], std::pow(.75, 3.3), 1e-12);
}

TEST(ThermalTerms, AnEngineWithoutWorkIsSlowed) {
  chip::Chip chip = oneBlock();
  chip.dvfs = {{"mac", 1, .8},
               {"mac", .5, .6},
               {"vec", 1, .8},
               {"vec", .75, .7},
               {"vec", .5, .6}};
  auto die = Die::create(chip);
  Operation operation(*die, chip, even);
  auto choice = operation.hold(ThermalPolicy::Dvfs, 1e3); // nothing limits
  ASSERT_TRUE(bool(choice));
  const DvfsTable &table = operation.table();
  for (size_t e = 0; e < table.engines.size(); ++e)
    EXPECT_EQ(choice->pace->levels[e], table.engines[e] == "vec" ? 2u : 0u);
}

TEST(ThermalTerms, WithinARunOfEvenPowerNothingChanges) {
  chip::Chip chip = oneBlock();
  auto die = Die::create(chip);
  Operation operation(*die, chip, even);
  auto pace = operation.pace(operation.nominal());
  Sustained state = operation.sustain(**pace, 1);
  std::vector<double> seconds;
  std::vector<std::vector<double>> kelvin;
  operation.within(**pace, state, seconds, kelvin);
  ASSERT_EQ(seconds.size(), 4u);
  EXPECT_NEAR(seconds.back(), 1e-3, 1e-12);
  ASSERT_GT(state.leakage_w[0], 3);
  for (const auto &row : kelvin)
    EXPECT_NEAR(row[0], state.mean_k[0], 1e-6);
}

TEST(ThermalTerms, AHistoryKeepsItsBooks) {
  chip::Chip chip = oneBlock();
  auto die = Die::create(chip);
  Operation operation(*die, chip, even);
  auto pace = operation.pace(operation.nominal());
  Sustained state = operation.sustain(**pace, 1);
  // Also when it starts warm.
  HeatHistory history = simulate(*die, **pace, state, 400, {900, 330, 300});
  std::printf("from 330 K: imbalance %.2g (bound 1e-6)\n", history.imbalance());
  EXPECT_LT(history.imbalance(), 1e-6);
  EXPECT_NEAR(history.kelvin[0][0], 330, 1e-9);
  EXPECT_NEAR(history.runs, 900 / 1e-3, 1e-3);
  // Into the die go 4 mJ a run and leakage; DRAM's 1 mJ counts as energy.
  double leaked = history.heatIn_j - 4e-3 * history.runs;
  EXPECT_GT(leaked, 3 * 900);
  EXPECT_NEAR(history.energy_j, leaked + 5e-3 * history.runs,
              1e-9 * history.energy_j);
}

TEST(ThermalTerms, LeakageIsThatOfTheMiddleOfAStep) {
  chip::Chip chip = oneBlock();
  chip.thermal.leakage_per_k = .02;
  auto die = Die::create(chip);
  Operation operation(*die, chip, even);
  auto pace = operation.pace(operation.nominal());
  Sustained state = operation.sustain(**pace, 1);
  auto endAfter = [&](unsigned steps) {
    return simulate(*die, **pace, state, 1e3, {200, 0, steps}).kelvin.back()[0];
  };
  // With leakage as it is when a step starts it would be 0.036 K.
  double off = endAfter(100) - endAfter(20000);
  std::printf("200 s in about 100 steps: off by %.3g K (bound 0.01)\n", off);
  EXPECT_LT(std::fabs(off), 0.01);
}

TEST(ThermalTerms, AStudyAddsUp) {
  stream::Program program = stream::sample::pipeline();
  chip::Chip chip = *chip::loadChip("hybrid-edge");
  ClockOptions options;
  options.occupancy = false;
  ClockResult clock = clocked(program, chip, options);
  ThermalOptions thermal;
  thermal.policy = ThermalPolicy::Throttle;
  thermal.ambient_c = 20;
  thermal.limit_c = 60;
  thermal.duration_s = 50;
  auto study = studyHeat(program, chip, "infer", thermal);
  ASSERT_TRUE(bool(study)) << study.error().message;
  EXPECT_DOUBLE_EQ(study->ambient_k, 293.15);
  EXPECT_DOUBLE_EQ(study->limit_k, 333.15);
  const ThermalRun &run = study->unmanaged;
  EXPECT_NEAR(run.run_s, clock.latency_ns * 1e-9, 1e-9 * run.run_s);
  // Energy of the commands, and leakage for the time of one run.
  double leaking = std::accumulate(run.steady.leakage_w.begin(),
                                   run.steady.leakage_w.end(), 0.0);
  double own = clock.totalEnergy_pj -
               clock.energy_pj[unsigned(chip::Component::Leakage)];
  ASSERT_GT(leaking * run.run_s, 1e-3 * own * 1e-12);
  EXPECT_NEAR(run.energy_j, own * 1e-12 + leaking * run.run_s,
              1e-6 * run.energy_j);
  ASSERT_TRUE(study->managed.has_value());
  EXPECT_NEAR(study->runsKept, study->managed->history.runs / (50 / run.run_s),
              1e-9 * study->runsKept);
  EXPECT_NEAR(study->throughputKept, study->managed->runsPerSecond * run.run_s,
              1e-9);
}

} // namespace
