//===- ClockEnergyTest.cpp - Roll-ups of energy, and energy over time -----===//

#include "hybridc/Clock/Clock.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace hybridc;
using namespace hybridc::exec;
using namespace hybridc::stream;

namespace {

View viewOf(Space space, DType type, uint64_t address,
            std::vector<int64_t> shape) {
  View view;
  view.space = space;
  view.type = type;
  view.address = address;
  view.shape = std::move(shape);
  view.strides.assign(view.shape.size(), 1);
  for (size_t i = view.shape.size(); i-- > 1;)
    view.strides[i - 1] = view.strides[i] * view.shape[i];
  return view;
}

/// Loads, int8 and f32 products, a reduction, in a hardware loop inside of a
/// loop of blocks behind a branch: every way in which commands are counted.
Program everything() {
  Command load;
  load.op = Op::Copy;
  load.ins = {viewOf(Space::Dram, DType::U8, 0, {777})};
  load.outs = {viewOf(Space::Sram, DType::U8, 0, {777})};
  auto product = [](DType in, DType out) {
    Command command;
    command.op = Op::Matmul;
    command.ins = {viewOf(Space::Sram, in, 0, {19, 33}),
                   viewOf(Space::Sram, in, 4096, {33, 7})};
    command.outs = {viewOf(Space::Sram, out, 8192, {19, 7})};
    command.origin = 1;
    return command;
  };
  Command reduce;
  reduce.op = Op::Reduce;
  reduce.ins = {viewOf(Space::Sram, DType::F32, 0, {123})};
  reduce.outs = {viewOf(Space::Sram, DType::F32, 9000, {1})};
  reduce.origin = 2;
  Repeat repeat;
  repeat.count = 3;
  repeat.body = {{product(DType::I8, DType::I32)},
                 {product(DType::F32, DType::F32)}};
  Segment segment;
  segment.queues = {
      {"dma0", {{load}, {load}}}, {"mac", {{repeat}}}, {"vec", {{reduce}}}};
  Loop loop;
  loop.maxTrips = 7;
  loop.origin = 3;
  loop.body.nodes = {{segment}};
  If branch;
  branch.condition = viewOf(Space::Sram, DType::Bool, 0, {1});
  branch.origin = 3;
  branch.thenBlock.nodes = {{loop}, {segment}};
  Program program;
  program.dramBytes = program.sramBytes = 1 << 20;
  program.origins.resize(4);
  Entry entry;
  entry.name = "infer";
  entry.body.nodes = {{branch}};
  program.entries.push_back(entry);
  return program;
}

double sumOf(const Energies &energies) {
  double sum = 0;
  for (double part : energies)
    sum += part;
  return sum;
}

class ClockEnergy : public testing::Test {
protected:
  void SetUp() override {
    auto chip = chip::loadChip("hybrid-edge");
    ASSERT_TRUE(bool(chip));
    Program program = everything();
    ClockOptions options;
    options.powerBins = 50;
    options.events = true;
    auto result = runClock(program, *chip, "infer", options);
    ASSERT_TRUE(bool(result)) << result.error().message;
    clock = std::move(*result);
    dynamic = clock.totalEnergy_pj -
              clock.energy_pj[unsigned(chip::Component::Leakage)];
  }
  void expectTotal(const char *what, double sum) {
    double error = std::abs(sum / dynamic - 1);
    std::printf("%s: off by %.1e (bound 1e-9)\n", what, error);
    EXPECT_LE(error, 1e-9) << what;
  }
  ClockResult clock;
  double dynamic = 0;
};

TEST_F(ClockEnergy, EveryRollUpSumsToTheTotal) {
  double engines = 0, engineParts = 0, origins = 0, originParts = 0, work = 0;
  for (const EngineUse &use : clock.engines) {
    engines += use.energy_pj;
    engineParts += sumOf(use.byComponent_pj);
  }
  for (const OriginUse &use : clock.origins) {
    origins += use.energy_pj;
    originParts += sumOf(use.byComponent_pj);
  }
  for (const WorkUse &use : clock.work)
    work += sumOf(use.byComponent_pj);
  ASSERT_GT(dynamic, 0);
  expectTotal("engines", engines);
  expectTotal("engines by component", engineParts);
  expectTotal("origins", origins);
  expectTotal("origins by component", originParts);
  expectTotal("kinds of work", work);
}

TEST_F(ClockEnergy, ProductsAreToldApartByFormat) {
  double i8 = 0, f32 = 0;
  for (const WorkUse &use : clock.work)
    if (use.kind == chip::WorkKind::Matrix)
      (use.format == "i8" ? i8 : f32) +=
          use.byComponent_pj[unsigned(chip::Component::Mac)];
  // 8 runs of the segment, 3 of each product; .072 and 1.43 pJ a MAC.
  double macs = 8 * 3 * 19 * 33 * 7;
  EXPECT_NEAR(i8, macs * 0.072, 1e-6 * i8);
  EXPECT_NEAR(f32, macs * 1.43, 1e-6 * f32);
  EXPECT_DOUBLE_EQ(clock.macs, 2 * macs);
}

TEST_F(ClockEnergy, EnergyOverTimeSumsToTheTotal) {
  double sum = 0;
  for (const PowerTrace::Row &row : clock.power.rows) {
    EXPECT_LE(row.energy_pj.size(), 50u);
    for (double bin : row.energy_pj) {
      EXPECT_GE(bin, 0);
      sum += bin;
    }
  }
  expectTotal("energy over time", sum);
  EXPECT_GE(clock.power.width * 50, clock.cycles);
  EXPECT_LT(clock.power.width * 25, clock.cycles) << "bins wider than needed";
  double mac = 0;
  for (const PowerTrace::Row &row : clock.power.rows)
    if (row.place == "mac")
      for (double bin : row.energy_pj)
        mac += bin;
  EXPECT_NEAR(mac, clock.energy_pj[unsigned(chip::Component::Mac)], 1e-9 * mac);
}

} // namespace
