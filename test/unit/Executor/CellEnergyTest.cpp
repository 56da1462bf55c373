//===- CellEnergyTest.cpp - g·v²·t of every cell, counted one by one ------===//
#include "hybridc/Devices/AnalogArray.h"
#include "hybridc/Devices/OfChip.h"

#include "../../../lib/Executor/TrainingTile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

using namespace hybridc;
using namespace hybridc::exec;

namespace {

constexpr double kVolts = 0.2, kLow = 2, kHigh = 22, kPulse = 100;
/// Of two columns, in quarters of the largest.
const std::vector<float> kWeights = {1, -0.5, 0.25, 0, -1, 0.75};
constexpr size_t kRows = 3, kCols = 2;

/// Converters of 3 bits and a sign, inputs within ±1 as they are.
chip::ArrayKind kindOf() {
  chip::ArrayKind kind;
  kind.name = "cells";
  kind.device = "ideal";
  kind.rows = kRows;
  kind.cols = kCols;
  kind.mvm_ns = 400;
  kind.input_bits = kind.input_bits_per_phase = 4;
  kind.periphery.in_res = 1.0 / 14; // steps of 1/7
  kind.periphery.out_res = 0;
  kind.periphery.out_noise = 0;
  kind.periphery.noise_management = false;
  kind.read_voltage_v = kVolts;
  kind.g_min_us = kLow;
  kind.g_max_us = kHigh;
  kind.read_pulse_ns = kPulse;
  return kind;
}

AnalogArray arrayOfKind(const chip::ArrayKind &kind) {
  auto array = AnalogArray::create(arrayOf(kind));
  EXPECT_TRUE(array) << array.error().message;
  EXPECT_TRUE(array->program(kWeights.data(), kCols, kRows, kCols, {}));
  return std::move(*array);
}

double energyOf(const AnalogArray &array, const std::vector<float> &x,
                float range = 0) {
  std::vector<float> y(kCols);
  double energy = 0;
  MvmOptions options;
  options.energies_pj = &energy;
  options.inputRange = range;
  MvmScratch scratch;
  array.mvm(x.data(), kRows, y.data(), kCols, 1, options, scratch);
  return energy;
}

double energyOf(const chip::ArrayKind &kind, const std::vector<float> &x) {
  return energyOf(arrayOfKind(kind), x);
}

/// Picojoules of one cell that is at `at` of its range.
double cell(double at, double volts, double ns) {
  return (kLow + at * (kHigh - kLow)) * 1e-6 * volts * volts * ns * 1e-9 * 1e12;
}
/// Both cells of each weight of a row, one by one.
double pairs(size_t row, double volts, double ns) {
  double sum = 0;
  for (size_t n = 0; n < kCols; ++n) {
    double w = double(kWeights[row * kCols + n]);
    sum +=
        cell(std::max(w, 0.0), volts, ns) + cell(std::max(-w, 0.0), volts, ns);
  }
  return sum;
}
void expectClose(double got, double want) {
  EXPECT_NEAR(got, want, 1e-6 * std::fabs(want) + 1e-15);
}

const std::vector<float> kInputs = {3.0f / 7, -1, 0};

TEST(CellEnergy, VoltagesCountTwice) {
  chip::ArrayKind kind = kindOf();
  double want = pairs(0, kVolts * 3 / 7, kPulse) + pairs(1, kVolts, kPulse);
  expectClose(energyOf(kind, kInputs), want);
  kind.read_pulse_ns = 0; // then for as long as a product takes
  expectClose(energyOf(kind, kInputs), 4 * want);
  // The sign is the voltage's: it takes as much.
  expectClose(energyOf(kind, {-3.0f / 7, 1, 0}), 4 * want);
  EXPECT_EQ(energyOf(kind, {0, 0, 0}), 0);
  double one = energyOf(kind, {1.0f / 7, 1.0f / 7, 3.0f / 7});
  expectClose(energyOf(kind, {2.0f / 7, 2.0f / 7, 6.0f / 7}), 4 * one);
}

TEST(CellEnergy, PulsesCountOnce) {
  chip::ArrayKind kind = kindOf();
  kind.input_encoding = "pulse_width";
  expectClose(energyOf(kind, kInputs),
              pairs(0, kVolts, kPulse * 3 / 7) + pairs(1, kVolts, kPulse));
  double one = energyOf(kind, {1.0f / 7, 1.0f / 7, 3.0f / 7});
  expectClose(energyOf(kind, {2.0f / 7, 2.0f / 7, 6.0f / 7}), 2 * one);
  EXPECT_EQ(energyOf(kind, {0, 0, 0}), 0);
  // Seven pulses of 10 ns at most.
  kind.read_pulse_ns = 0;
  kind.input_pulse_ns = 10;
  kind.input_encoding = "auto";
  expectClose(energyOf(kind, kInputs),
              pairs(0, kVolts, 30) + pairs(1, kVolts, 70));
}

TEST(CellEnergy, BitByBit) {
  chip::ArrayKind kind = kindOf();
  kind.input_bits_per_phase = 1;
  // 3 = 011, 7 = 111: five times full voltage.
  expectClose(energyOf(kind, kInputs),
              2 * pairs(0, kVolts, kPulse) + 3 * pairs(1, kVolts, kPulse));
  EXPECT_EQ(energyOf(kind, {0, 0, 0}), 0);
  // Two bits at a time: 3 = 0·4 + 3, 7 = 1·4 + 3, of three each.
  kind.input_bits_per_phase = 2;
  expectClose(energyOf(kind, kInputs), pairs(0, kVolts, kPulse) +
                                           pairs(1, kVolts, kPulse) +
                                           pairs(1, kVolts / 3, kPulse));
  kind.read_pulse_ns = 0;
  kind.input_pulse_ns = 10;
  expectClose(energyOf(kind, kInputs), pairs(0, kVolts, 30) +
                                           pairs(1, kVolts, 30) +
                                           pairs(1, kVolts, 10));
}

TEST(CellEnergy, PhasesDriveAgainUnlessTheyTakeSignsApart) {
  chip::ArrayKind kind = kindOf();
  double once = energyOf(kind, kInputs);
  kind.phases = 4;
  expectClose(energyOf(kind, kInputs), 4 * once);
  kind.cell_phases = 1;
  expectClose(energyOf(kind, kInputs), once);
  // Passes for either sign: an input is there in one of them.
  for (const char *polarity : {"separate", "separate_digital"}) {
    kind.periphery.input_polarity = polarity;
    expectClose(energyOf(kind, kInputs), once);
  }
}

TEST(CellEnergy, OffsetCellsHaveAReference) {
  chip::ArrayKind kind = kindOf();
  kind.mapping = "offset";
  auto row = [](size_t k, double volts) {
    double sum = cell(0.5, volts, kPulse);
    for (size_t n = 0; n < kCols; ++n)
      sum += cell((double(kWeights[k * kCols + n]) + 1) / 2, volts, kPulse);
    return sum;
  };
  expectClose(energyOf(kind, kInputs), row(0, kVolts * 3 / 7) + row(1, kVolts));
}

TEST(CellEnergy, SlicesAreCellsOfTheirOwn) {
  chip::ArrayKind kind = kindOf();
  kind.cell_bits = 2;
  kind.slices = 2;
  // Codes of 0 … 15: 1 → 15 (3, 3), .5 → 8 (2, 0), .25 → 4 (1, 0).
  double unused = 4 * cell(0, kVolts, kPulse);
  expectClose(energyOf(kind, {1, 0, 0}), unused + 2 * cell(1, kVolts, kPulse) +
                                             cell(2.0 / 3, kVolts, kPulse) +
                                             cell(0, kVolts, kPulse));
}

// Whatever a converter does not change is as far driven.
TEST(CellEnergy, WithoutConverters) {
  chip::ArrayKind kind = kindOf();
  kind.periphery.in_res = 0;
  kind.periphery.out_bound = 0;
  for (bool managed : {false, true}) {
    kind.periphery.noise_management = managed;
    AnalogArray array = arrayOfKind(kind);
    expectClose(energyOf(array, {0.5, -1, 0}),
                pairs(0, kVolts / 2, kPulse) + pairs(1, kVolts, kPulse));
    array.compute(ArrayMode::Exact);
    expectClose(energyOf(array, {0.5, -1, 0}),
                pairs(0, kVolts / 2, kPulse) + pairs(1, kVolts, kPulse));
    // Of a range that is fixed: what lies beyond is clipped.
    expectClose(energyOf(array, {0.5, -4, 0}, 2),
                pairs(0, kVolts / 4, kPulse) + pairs(1, kVolts, kPulse));
  }
}

TEST(CellEnergy, FollowsWhatCellsHold) {
  chip::ArrayKind kind = kindOf();
  kind.device = "pcm";
  AnalogArray array = arrayOfKind(kind);
  array.age(0, 0, Compensation::None);
  double fresh = energyOf(array, {1, 1, 1});
  array.age(1e7, 0, Compensation::None);
  double old = energyOf(array, {1, 1, 1});
  EXPECT_LT(old, 0.9 * fresh); // drift lowers conductances
  EXPECT_GT(old, 0.2 * fresh);
  // What carries no current takes nothing.
  ArrayDefects defects;
  defects.deadRows = {0};
  defects.deadCols = {1};
  kind.device = "ideal";
  AnalogArray broken = arrayOfKind(kind);
  broken.setDefects(defects);
  ASSERT_TRUE(broken.program(kWeights.data(), kCols, kRows, kCols, {}));
  EXPECT_EQ(energyOf(broken, {1, 0, 0}), 0);
  expectClose(energyOf(broken, {0, 1, 0}),
              cell(0.25, kVolts, kPulse) + cell(0, kVolts, kPulse));
}

// Saturation is met by driving again with half the voltage.
TEST(CellEnergy, EveryTryCounts) {
  chip::ArrayKind kind = kindOf();
  kind.periphery.in_res = 1.0 / 254;
  kind.periphery.out_bound = 0.9;
  double once = energyOf(kind, {1, 0, 0});
  kind.periphery.bound_management = true;
  expectClose(energyOf(kind, {1, 0, 0}) / once, 1 + 64.0 * 64 / 127 / 127);
}

TEST(CellEnergy, UnknownIsNotCounted) {
  chip::ArrayKind kind = kindOf();
  kind.g_max_us = 0;
  EXPECT_EQ(energyOf(kind, kInputs), 0);
  EXPECT_TRUE(arrayOfKind(kind).lineConductances().empty());
}

// What is expected without a figure: the mean over inputs and weights that are
// spread evenly, here over all steps of the converter.
TEST(CellEnergy, TheExpectedOneIsTheMean) {
  for (unsigned perPhase : {1u, 4u})
    for (int how : {0, 1, 2}) {
      chip::ArrayKind kind = kindOf();
      kind.input_bits_per_phase = perPhase;
      if (how == 1)
        kind.input_encoding = "pulse_width";
      if (how == 2)
        kind.read_pulse_ns = 0, kind.input_pulse_ns = 10;
      std::vector<float> evenly = {1, -0.5, 0.5, 0, -0.75, 0.25};
      auto array = AnalogArray::create(arrayOf(kind));
      ASSERT_TRUE(array);
      ASSERT_TRUE(array->program(evenly.data(), kCols, kRows, kCols, {}));
      double sum = 0;
      for (int level = 0; level <= 7; ++level)
        sum += energyOf(*array, std::vector<float>(3, float(level) / 7)) / 8;
      expectClose(sum, kind.expectedCells_pj());
    }
}

/// Each line's sum, given what every weight and what a line's reference has.
void expectLines(TrainingTile &tile, bool transposed, auto ofWeight,
                 double reference) {
  auto reader = tile.reader(transposed);
  ASSERT_TRUE(reader) << reader.error().message;
  std::span<const double> got = (*reader)->lineConductances();
  ASSERT_EQ(got.size(), transposed ? kCols : kRows);
  for (size_t line = 0; line < got.size(); ++line) {
    double want = reference;
    for (size_t other = 0; other < (transposed ? kRows : kCols); ++other)
      want += ofWeight(double(
          kWeights[transposed ? other * kCols + line : line * kCols + other]));
    EXPECT_NEAR(got[line], want, 1e-5 * want);
  }
}

// Cells that train have the whole way from w_min to w_max, both directions the
// same cells.
TEST(CellEnergy, CellsThatTrain) {
  chip::ArrayKind kind = kindOf();
  kind.purpose = "training";
  kind.mapping = "offset";
  kind.device = "ecram-li";
  double most = 1.1724, least = -0.8276, swing = kHigh - kLow;
  constexpr float scale = 4; // weights of the program to one of a cell
  auto tile = TrainingTile::create(kind, kRows, kCols, true, false);
  ASSERT_TRUE(tile) << tile.error().message;
  ASSERT_TRUE(tile->program(kWeights.data(), kCols, scale, {1, 1}, true));
  auto place = [&](double w) {
    return kLow + swing * (w / scale - least) / (most - least);
  };
  for (bool transposed : {false, true})
    expectLines(*tile, transposed, place, place(0));

  // Pulsed ones: what they were written to is cut at bounds of their own, and
  // pulses move it.
  auto pulsed = TrainingTile::create(kind, kRows, kCols, false, true);
  ASSERT_TRUE(pulsed);
  ASSERT_TRUE(pulsed->program(kWeights.data(), kCols, scale, {1, 1}, true));
  for (bool transposed : {false, true})
    expectLines(*pulsed, transposed, place, place(0));
  auto first = [&] { return (*pulsed->reader(false))->lineConductances()[0]; };
  double before = first();
  std::vector<float> x = {1, 0, 0}, d = {-1, -1};
  for (int i = 0; i < 50; ++i)
    pulsed->update(x.data(), kRows, d.data(), kCols, 1, 0.05f);
  EXPECT_GT(first(), before + 0.01 * swing);

  // A pair: one number stands for both, of which one is at its lowest.
  kind.mapping = "differential";
  auto twins = TrainingTile::create(kind, kRows, kCols, true, false);
  ASSERT_TRUE(twins);
  ASSERT_TRUE(twins->program(kWeights.data(), kCols, scale, {1, 1}, true));
  expectLines(
      *twins, false,
      [&](double w) { return 2 * kLow + swing * std::fabs(w) / scale / most; },
      0);
}

} // namespace
