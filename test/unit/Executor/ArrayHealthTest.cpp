//===- ArrayHealthTest.cpp - Faults and wear under tiles ------------------===//
#include "Sample.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Executor/ArrayHealth.h"
#include "hybridc/Executor/Executor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace hybridc;
using namespace hybridc::stream;

namespace {

/// The sample program (two tiles of 8 × 4 on arrays 0 and 1) on the edge chip,
/// its weights 0, 1, 2, … over 256.
Program analog(std::string extra = {}) {
  Program program = sample::analog();
  std::string yaml(chip::presetYaml("hybrid-edge"));
  size_t at = yaml.find("    endurance_writes: 1e8\n");
  EXPECT_NE(at, std::string::npos);
  if (!extra.empty())
    yaml.replace(at, std::strlen("    endurance_writes: 1e8\n"), extra);
  program.chipYaml = yaml;
  auto owner = std::make_shared<std::vector<float>>(64);
  for (size_t i = 0; i < 64; ++i)
    (*owner)[i] = float(i) / 256;
  program.blobs = {
      {reinterpret_cast<const std::byte *>(owner->data()), 256, owner}};
  return program;
}

TEST(ArrayHealth, CountsAndErrorsOfOneTile) {
  Program program = analog();
  program.faults = "arrays:\n  - kind: pcm\n    array: 0\n"
                   "    dead_rows: [3]\n    dead_columns: [200]\n"
                   "    stuck: [{row: 5, column: 1, at: max}, "
                   "{row: 100, column: 0, at: max}]\n";
  auto health = exec::inspectArrays(program);
  ASSERT_TRUE(health) << health.error().message;
  EXPECT_TRUE(health->hasFaults);
  ASSERT_EQ(health->tiles.size(), 2u);
  const exec::TileHealth &tile = health->tiles[0];
  EXPECT_EQ(tile.stuckCells, 1u);
  EXPECT_EQ(tile.deadRows, 1u);
  EXPECT_EQ(tile.deadCols, 0u);
  EXPECT_FALSE(tile.isMapped);
  // Row 3 is gone; weight [5, 1] = 21/256 reads 1 (the scale) instead.
  double gone = 0;
  for (int i = 12; i < 16; ++i)
    gone += std::pow(i / 256.0, 2);
  double stuck = std::pow(1 - 21 / 256.0, 2);
  EXPECT_NEAR(tile.error2, gone + stuck, 1e-6);
  EXPECT_EQ(tile.error2, tile.unmappedError2);
  EXPECT_EQ(health->tiles[1].error2, 0);

  // Around all of that: row 3 moves, [5, 1] is negated away or moved.
  program.arrays[0].rowMap = {0, 1, 2, 8, 4, 5, 6, 7};
  program.arrays[0].colMap = {0, 4, 2, 3};
  health = exec::inspectArrays(program);
  ASSERT_TRUE(health);
  EXPECT_TRUE(health->tiles[0].isMapped);
  EXPECT_EQ(health->tiles[0].movedRows, 1u);
  EXPECT_EQ(health->tiles[0].movedCols, 1u);
  EXPECT_EQ(health->tiles[0].error2, 0);
  EXPECT_NEAR(health->tiles[0].unmappedError2, gone + stuck, 1e-6);
}

TEST(ArrayHealth, SpareAndNegatedLinesAreCounted) {
  Program program = analog("    spare_rows: 2\n    spare_columns: 1\n");
  program.faults = "arrays:\n  - kind: pcm\n    array: 0\n"
                   "    dead_columns: [2]\n";
  auto health = exec::inspectArrays(program);
  ASSERT_TRUE(health) << health.error().message;
  // Column 2 of 8 rows of 4: i/256 for i = 2, 6, …, 30.
  double gone = 0;
  for (int k = 0; k < 8; ++k)
    gone += std::pow((4 * k + 2) / 256.0, 2);
  EXPECT_EQ(health->tiles[0].deadCols, 1u);
  EXPECT_NEAR(health->tiles[0].error2, gone, 1e-9);
  // The kind has 256 lines each way: 256 is the first spare one.
  program.arrays[0].rowMap = {256, 1, 2, 3, 4, 5, 6, 255};
  program.arrays[0].colMap = {0, 1, 256, 3};
  program.arrays[0].flipped = {1, 0, 1, 0};
  health = exec::inspectArrays(program);
  ASSERT_TRUE(health) << health.error().message;
  const exec::TileHealth &tile = health->tiles[0];
  EXPECT_EQ(tile.movedRows, 2u);
  EXPECT_EQ(tile.movedCols, 1u);
  EXPECT_EQ(tile.spareLines, 2u);
  EXPECT_EQ(tile.negatedCols, 2u);
  EXPECT_EQ(tile.error2, 0);
  EXPECT_NEAR(tile.unmappedError2, gone, 1e-9);
}

TEST(ArrayHealth, WearFollowsTheRewrites) {
  Program program = analog("    endurance_writes: 100\n    write_pulses: 5\n");
  auto once = exec::inspectArrays(program);
  ASSERT_TRUE(once);
  EXPECT_EQ(once->tiles[0].writes, 1u);
  EXPECT_EQ(once->tiles[0].pulses, 5);
  EXPECT_TRUE(std::isinf(once->tiles[0].lifetime_s));
  program.horizon_s = 1000;
  program.recalibrations = {{"program", {100, 300, 500, 700, 900}}};
  auto health = exec::inspectArrays(program);
  ASSERT_TRUE(health);
  EXPECT_EQ(health->tiles[0].writes, 6u);
  EXPECT_EQ(health->tiles[0].pulses, 30);
  // 25 pulses in 1000 s; 95 are left after the first writing.
  EXPECT_NEAR(health->tiles[0].lifetime_s, 3800, 1e-9);
  // ln(30/100)/0.5 = -2.408 standard deviations
  EXPECT_NEAR(health->tiles[0].worn, 0.00802, 1e-4);
}

/// y of x = 1, with everything that age does.
std::vector<float> outputAt(const Program &program, double age_s) {
  exec::ExecOptions options;
  options.age_s = age_s;
  auto executor = exec::Executor::create(program, options);
  EXPECT_TRUE(executor) << executor.error().message;
  std::vector<float> x(16, 1), y(4);
  EXPECT_TRUE((*executor)->setInput("x", x.data(), 64));
  EXPECT_TRUE((*executor)->run());
  EXPECT_TRUE((*executor)->copyOutput("y", y.data(), 16));
  return y;
}

TEST(ArrayHealth, WornCellsAreStuck) {
  // Rewritten 10 times, a cell that endures 1 pulse is certainly gone.
  Program program = analog("    endurance_writes: 1e8\n");
  program.recalibrations = {{"program", {10, 20, 30, 40, 50, 60, 70, 80, 90}}};
  std::vector<float> good = outputAt(program, 95);
  Program frail = program;
  frail.chipYaml =
      analog("    endurance_writes: 1\n    endurance_spread: 0.1\n").chipYaml;
  std::vector<float> gone = outputAt(frail, 95);
  // Σ of column 3 of 16 rows: (3 + 7 + … + 63) / 256 = 2.06
  EXPECT_NEAR(good[3], 2.06, 0.35);
  // All cells are stuck at either end: the weights are −1, 0 or 1.
  double most = 0;
  for (float y : gone)
    most = std::max(most, std::fabs(double(y) - 2.0));
  EXPECT_GT(most, 1.0);
  // Before the first rewriting only half of the cells have failed, which is
  // another product again.
  EXPECT_NE(outputAt(frail, 5), gone);
}

TEST(ArrayHealth, GainsAreThoseOfTheLastReadOut) {
  Program program = analog();
  Entry entry;
  entry.name = "recalibrate";
  Queue arrays{"pcm", {}};
  for (int64_t i = 0; i < 2; ++i) {
    arrays.items.push_back({sample::command(
        Op::ReadArray, {}, {},
        {sample::ints("array", {i}), sample::ints("reads", {64})})});
    arrays.items.push_back({sample::command(
        Op::SetGain, {}, {},
        {sample::ints("array", {i}), sample::text("kind", "global")})});
  }
  entry.body.nodes.push_back({Segment{{arrays}, 0}});
  program.entries.push_back(entry);
  double day = 86400;
  program.recalibrations = {{"recalibrate", {day, 100 * day}}};
  // Ratios to what they give right after the first read-out: until the next
  // one it falls as (t / last)^-0.05.
  double read = outputAt(program, day + 1)[3];
  for (auto [age, want, bound] :
       {std::tuple(day - 1, std::pow(day / 20, -0.05), 0.08),
        std::tuple(99 * day, std::pow(99, -0.05), 0.03),
        std::tuple(100 * day + 1, 1.0, 0.03)}) {
    double got = outputAt(program, age)[3] / read;
    printf("after %.2f days: %.3f, expected %.3f (bound %.2f)\n", age / day,
           got, want, bound);
    EXPECT_NEAR(got, want, bound);
  }
}

TEST(ArrayHealth, RewritingMakesWeightsYoungAgain) {
  Program program = analog();
  double year = 31536000;
  program.recalibrations = {{"program", {0.999 * year}}};
  auto error = [&](double age, bool recalibrates) {
    Program one = program;
    if (!recalibrates)
      one.recalibrations = {{"program", {2 * year}}};
    std::vector<float> y = outputAt(one, age);
    double sum = 0, all = 0;
    for (int n = 0; n < 4; ++n) {
      double want = 0;
      for (int k = 0; k < 16; ++k)
        want += (4 * k + n) / 256.0;
      sum += (y[n] - want) * (y[n] - want);
      all += want * want;
    }
    return std::sqrt(sum / all);
  };
  double fresh = error(year, true), old = error(year, false);
  printf("relative error after a year: %.3f rewritten 9 h before, %.3f never\n",
         fresh, old);
  // (9 h / 20 s)^-0.05 = .69, (1 y / 20 s)^-0.05 = .49: no gains here.
  EXPECT_LT(fresh, old - 0.1);
}

} // namespace
