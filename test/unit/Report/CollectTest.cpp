//===- CollectTest.cpp - A report's sums on programs worked out by hand ---===//
#include "Sample.h"

#include "hybridc/Report/Report.h"
#include "hybridc/Report/Study.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace hybridc;
using namespace hybridc::report;
using namespace hybridc::stream;
using chip::Component;
using sample::dram, sample::sram;

namespace {

constexpr double kLeakage_w = 0.5;

/// Half a cycle a nanosecond. Products take 3 pJ a MAC, vector operations 2,
/// the scratchpad 1 a byte; DRAM answers after 100 ns.
chip::Chip handChip() {
  chip::Chip chip = *chip::loadChip("hybrid-edge");
  chip.name = "hand";
  chip.clock_ghz = 0.5;
  chip.leakage_w = kLeakage_w;
  chip.dvfs.clear();
  chip.floorplan = {};
  chip.dram.latency_ns = 100;
  chip.dram.energy_pj_per_bit = 4;
  chip.sram.read_pj_per_byte = chip.sram.write_pj_per_byte = 1;
  chip.mac.energy_pj = {{"f32", 3}};
  chip.vec.energy_pj = {{"f32", 2}};
  // What the figures rest on: all published but for those of vec.
  chip.sources.clear();
  chip.provenance.clear();
  for (const char *section :
       {"clock_ghz", "sram", "dram", "dma", "mac", "leakage_w", "arrays",
        "chiplets", "ctl", "die_area_mm2", "thermal"})
    chip.provenance[section] = "published";
  chip.provenance["vec"] = "published";
  chip.provenance["vec.energy_pj"] = "unverified";
  return chip;
}

Item item(Op op, uint32_t origin, std::vector<View> ins,
          std::vector<View> outs) {
  Command command = sample::command(op, std::move(ins), std::move(outs));
  command.origin = origin;
  return {command};
}

/// A fused product and Relu on mac and vec, then a copy from DRAM.
Program handProgram(const chip::Chip &chip) {
  Program program;
  program.chipYaml = printChip(chip);
  program.dramBytes = program.sramBytes = 1 << 16;
  program.origins.resize(2);
  program.origins[0].node = "c+r";
  program.origins[0].op = "Conv+Relu";
  program.origins[0].group = "g";
  program.origins[1].node = "load";
  program.origins[1].op = "Identity";
  Command sum;
  sum.op = Op::Reduce;
  sum.origin = 0;
  sum.ins = {sram(0, {16, 8})};
  sum.outs = {sram(4096, {16})};
  Segment first, second;
  first.queues = {{"mac",
                   {item(Op::Matmul, 0, {sram(0, {16, 8}), sram(1024, {8, 4})},
                         {sram(2048, {16, 4})})}},
                  {"vec", {{sum}}}};
  second.queues = {
      {"dma0", {item(Op::Copy, 1, {dram(0, {64})}, {sram(8192, {64})})}}};
  Entry entry;
  entry.name = "infer";
  entry.body.nodes = {{first}, {second}};
  program.entries.push_back(std::move(entry));
  return program;
}

const EnergySplit *splitOf(const std::vector<EnergySplit> &splits,
                           std::string_view name) {
  for (const EnergySplit &split : splits)
    if (split.name == name)
      return &split;
  return nullptr;
}

double partOf(const EnergySplit *split, Component component) {
  return split ? split->byComponent_pj[size_t(component)] : -1;
}

struct Collect : testing::Test {
  void SetUp() override {
    auto collected = collect(handProgram(handChip()), "infer", {});
    ASSERT_TRUE(bool(collected)) << collected.error().message;
    results = std::move(*collected);
  }
  Results results;
  double macs = 16 * 8 * 4, adds = 16 * 8;
  double sramOfFused = 4 * (16 * 8 + 8 * 4 + 16 * 4) + 4 * (16 * 8 + 16);
  double copied = 4 * 64;
  double dynamic = 3 * macs + 2 * adds + sramOfFused + copied + copied * 8 * 4;
};

TEST_F(Collect, TotalsByHand) {
  const Totals &totals = results.totals;
  EXPECT_EQ(totals.latency_ns, double(totals.cycles) * 2);
  EXPECT_NEAR(totals.leakage_pj, kLeakage_w * totals.latency_ns * 1e3, 1e-6);
  EXPECT_NEAR(totals.energy_pj, dynamic + totals.leakage_pj, 1e-6);
  EXPECT_NEAR(totals.averagePower_w,
              totals.energy_pj * 1e-12 / (totals.latency_ns * 1e-9), 1e-12);
  EXPECT_EQ(totals.macs, macs);
  EXPECT_EQ(totals.dramRead_bytes, copied);
  EXPECT_EQ(totals.sramTraffic_bytes, sramOfFused + copied);
  // Nobody works while the last bytes are under way: 100 ns are 50 cycles.
  EXPECT_EQ(totals.idleCycles, 50);
  for (const NodeRow &row : results.nodes)
    EXPECT_EQ(row.latency_ns, row.cycles * 2);
}

TEST_F(Collect, AFusedGroupIsDividedAmongItsNodes) {
  const EnergySplit *product = splitOf(results.energy.nodes, "c"),
                    *relu = splitOf(results.energy.nodes, "r"),
                    *load = splitOf(results.energy.nodes, "load");
  EXPECT_NEAR(partOf(product, Component::Mac), 3 * macs, 1e-9);
  EXPECT_NEAR(partOf(product, Component::Vec), 0, 1e-9);
  EXPECT_NEAR(partOf(relu, Component::Mac), 0, 1e-9);
  EXPECT_NEAR(partOf(relu, Component::Vec), 2 * adds, 1e-9);
  EXPECT_NEAR(partOf(product, Component::Sram), sramOfFused / 2, 1e-9);
  EXPECT_NEAR(partOf(relu, Component::Sram), sramOfFused / 2, 1e-9);
  EXPECT_NEAR(partOf(load, Component::Dram), copied * 8 * 4, 1e-9);
  const EnergySplit *group = splitOf(results.energy.groups, "g");
  ASSERT_NE(group, nullptr);
  EXPECT_NEAR(group->energy_pj, 3 * macs + 2 * adds + sramOfFused, 1e-9);
}

TEST_F(Collect, EveryRollUpSumsToTheTotal) {
  for (const auto *splits : {&results.energy.engines, &results.energy.groups,
                             &results.energy.nodes}) {
    double sum = 0;
    for (const EnergySplit &split : *splits)
      sum += split.energy_pj;
    EXPECT_NEAR(sum, results.totals.energy_pj, 1e-6);
    // Every command has a row, so nothing is left over.
    EXPECT_EQ(splitOf(*splits, "(none)"), nullptr);
  }
  double rows = 0;
  for (const EnergyRow &row : results.energy.rows)
    rows += row.energy_pj;
  EXPECT_NEAR(rows, results.totals.energy_pj, 1e-6);
}

TEST_F(Collect, OneWeakFieldMakesARowWeak) {
  for (const EnergyRow &row : results.energy.rows)
    EXPECT_EQ(row.trust, row.component == "vec" ? chip::Trust::Unverified
                                                : chip::Trust::Published)
        << row.component;
  EXPECT_NEAR(results.unverifiedEnergyShare,
              2 * adds / results.totals.energy_pj, 1e-9);
}

TEST(CollectTrust, LeakageRestsOnTheTimeToo) {
  chip::Chip chip = handChip();
  chip.provenance["vec.energy_pj"] = "published";
  chip.provenance["vec.lanes"] = "unverified"; // of time, of no energy
  auto energyTrust = [&] {
    auto results = collect(handProgram(chip), "infer", {});
    EXPECT_TRUE(bool(results));
    for (const TotalTrust &total : results->trust)
      if (total.total == "energy_pj")
        return total.unverified;
    return std::vector<std::string>{"no such total"};
  };
  EXPECT_EQ(energyTrust(), std::vector<std::string>{"vec.lanes"});
  chip.leakage_w = 0;
  EXPECT_EQ(energyTrust(), std::vector<std::string>{});
}

TEST(CollectNotes, PowerAboveTheLimit) {
  auto notesAt = [](double limit_w) {
    chip::Chip chip = handChip();
    chip.power_limit_w = limit_w;
    auto results = collect(handProgram(chip), "infer", {});
    EXPECT_TRUE(bool(results));
    return std::move(*results);
  };
  double watts = notesAt(0).totals.averagePower_w;
  ASSERT_GT(watts, 0.1);
  EXPECT_EQ(notesAt(0).notes, std::vector<std::string>{}); // none is stated
  EXPECT_EQ(notesAt(watts * 1.001).notes, std::vector<std::string>{});
  Results over = notesAt(0.05);
  ASSERT_EQ(over.notes.size(), 1u);
  std::string note = over.notes[0];
  EXPECT_NE(note.find("average power " + withUnit(watts, "W")),
            std::string::npos);
  EXPECT_NE(note.find("above the chip's limit of 50.0 mW"), std::string::npos)
      << note;
  // Every form says so.
  EXPECT_NE(toTable(over).find(note), std::string::npos);
  EXPECT_NE(toJson(over).find(note), std::string::npos);
  EXPECT_NE(toHtml(over).find("\"notes\":[\"" + note + "\"]"),
            std::string::npos);
}

TEST(CollectTraining, UpdatesOfALoop) {
  chip::Chip chip = handChip();
  for (chip::ArrayKind &kind : chip.arrays)
    if (kind.name == "ecram") {
      kind.update_pulses = 31;
      kind.pulse_ns = 10;
    }
  Program program = handProgram(chip);
  ArrayTile tile;
  tile.name = "w";
  tile.engine = "ecram";
  tile.rows = 16, tile.cols = 8;
  program.arrays = {tile};
  Command update;
  update.op = Op::PulsedUpdate;
  update.ins = {sram(0, {3, 16}), sram(1024, {3, 8})};
  for (const char *name : {"arrays", "k_offsets", "n_offsets"}) {
    Attr attr;
    attr.name = name;
    attr.ints = {0};
    update.attrs.push_back(attr);
  }
  auto &nodes = program.entries[0].body.nodes;
  nodes = {{Segment{{Queue{"ecram", {{Repeat{4, {{update}}}}}}}, 0}}};
  auto results = collect(program, "infer", {});
  ASSERT_TRUE(bool(results)) << results.error().message;
  ASSERT_EQ(results->training.size(), 1u);
  const TrainingRow &row = results->training[0];
  EXPECT_EQ(row.engine, "ecram");
  EXPECT_EQ(row.commands, 4u);
  EXPECT_EQ(row.updates, 4u * 3);
  EXPECT_DOUBLE_EQ(row.busy_ns, 4 * 3 * 31 * 10);
}

//===----------------------------------------------------------------------===//
// Rows of a study
//===----------------------------------------------------------------------===//

TEST(StudyRow, FiguresByHand) {
  Results results;
  results.totals.macs = 4000;
  results.totals.latency_ns = 100;
  results.totals.energy_pj = 2000;
  results.totals.dramRead_bytes = 600;
  results.totals.dramWrite_bytes = 200;
  chip::Chip chip;
  chip.clock_ghz = 0.5;
  chip.mac.rows = 4, chip.mac.cols = 8;
  chip.mac.rate = {{"i8", 2}, {"f32", 1}};
  chip.dram.bandwidth_gb_s = 8;
  chip.dram.efficiency = 0.5;
  StudyRow row;
  row.batch = 4;
  setCost(row, results, chip);
  EXPECT_EQ(row.macs, 1000);
  EXPECT_EQ(row.energy_pj, 500);
  EXPECT_EQ(row.dram_bytes, 200);
  EXPECT_EQ(row.latency_ns, 100); // of the run
  EXPECT_DOUBLE_EQ(row.inferencesPerSecond(), 4 / 100e-9);
  // A MAC is two operations: 8000 in 100 ns, and 2000 for 500 pJ.
  EXPECT_DOUBLE_EQ(row.tops(), 8000 / 100e-9 * 1e-12);
  EXPECT_DOUBLE_EQ(row.topsPerWatt(), 2000 / 500e-12 * 1e-12);
  EXPECT_DOUBLE_EQ(row.peakTops, 2 * 32 * 2 * 0.5e9 * 1e-12);
  EXPECT_DOUBLE_EQ(row.utilization(), row.tops() / row.peakTops);
  // 10 operations a byte at 4 GB/s, or at 400 GB/s.
  EXPECT_DOUBLE_EQ(row.intensity(), 10);
  EXPECT_DOUBLE_EQ(row.rooflineTops(), 4e9 * 10 * 1e-12);
  EXPECT_STREQ(row.rooflineBound(), "memory");
  row.bandwidth_gb_s = 400;
  EXPECT_DOUBLE_EQ(row.rooflineTops(), row.peakTops);
  EXPECT_STREQ(row.rooflineBound(), "compute");
}

TEST(StudyRow, PeakOfEveryMatrixEngine) {
  chip::Chip chip;
  chip.clock_ghz = 0.5;
  chip.mac.rows = 4, chip.mac.cols = 8;
  chip.mac.rate = {{"i8", 1}};
  double digital = 2 * 32 * 0.5e-3;
  EXPECT_DOUBLE_EQ(peakTops(chip), digital);
  // One event stands for ten MACs.
  chip.mac.dataflow = "event";
  chip.mac.activity = 0.1;
  EXPECT_DOUBLE_EQ(peakTops(chip), 10 * digital);
  chip.mac.dataflow = "ws";
  chip::ArrayKind array;
  array.name = "a";
  array.count = 9; // four weights' worth of two slices
  array.slices = 2;
  array.rows = 16, array.cols = 8;
  array.mvm_ns = 50;
  array.input_bits = 8;
  array.input_bits_per_phase = 4; // two phases
  chip.arrays = {array, array};
  chip.arrays[1].purpose = "training"; // is for something else
  EXPECT_DOUBLE_EQ(peakTops(chip), digital + 4 * 2 * 16 * 8 / 100.0 * 1e-3);
}

TEST(StudyRow, SpreadIsThatOfASample) {
  Spread spread = spreadOf({1, 2, 3, 6});
  EXPECT_DOUBLE_EQ(spread.mean, 3);
  EXPECT_DOUBLE_EQ(spread.deviation, std::sqrt((4 + 1 + 0 + 9) / 3.0));
  EXPECT_EQ(spreadOf({5}).deviation, 0);
}

TEST(Study, GainsAreThoseOverTheOtherChip) {
  Study study;
  StudyRow row, other;
  row.model = other.model = "m";
  row.target = "ours", other.target = "gpu";
  other.isBeside = true;
  row.energy_pj = 2, other.energy_pj = 50;
  row.latency_ns = 10, other.latency_ns = 5;
  row.batch = 8; // four times as many a second
  study.rows = {row, other};
  auto gain = study.gain(row, "gpu");
  ASSERT_TRUE(gain.has_value());
  EXPECT_DOUBLE_EQ(gain->first, 25);
  EXPECT_DOUBLE_EQ(gain->second, 4);
  EXPECT_FALSE(study.gain(row, "tpu").has_value());
}

} // namespace
