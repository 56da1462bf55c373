//===- CostTermsTest.cpp - Every term of the cost formulas by hand --------===//
//
// Cases in which one term decides: a formula that lacks it, or has a constant
// changed, gives something else. The expected values follow from the formulas
// of docs/Targets.md, written out here.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace hybridc;
using namespace hybridc::chip;

namespace {

double energy(const Cost &cost, Component component) {
  return cost.energy_pj[static_cast<unsigned>(component)];
}

/// 1 GHz; memories so wide that they decide nothing.
Chip wideChip() {
  Chip chip;
  chip.name = "wide";
  chip.clock_ghz = 1;
  chip.dram = {1 << 20, 1e6, 0, 4, 64};
  chip.sram = {1 << 16, 1, 1e6, 0, 0};
  chip.dma = {1, 16, 0, 0};
  chip.mac.rows = 12;
  chip.mac.cols = 14;
  chip.mac.rate = {{"i8", 1}};
  chip.vec.lanes = 8;
  chip.vec.energy_pj = {{"f32", 0.5}};
  ArrayKind array;
  array.name = "pcm";
  array.count = 8;
  array.rows = array.cols = 16;
  array.mvm_ns = 100;
  array.mvm_energy_pj = 256; // 1 pJ a cell
  array.adc_energy_pj = 2;
  array.dac_energy_pj = 1;
  array.write_ns = 7;
  array.write_energy_pj = 3;
  chip.arrays = {array};
  return chip;
}

Work matrixOf(uint64_t m, uint64_t n, uint64_t k) {
  Work work;
  work.kind = WorkKind::Matrix;
  work.format = "i8";
  work.m = m, work.n = n, work.k = k;
  return work;
}

/// The survey's fit with the bound of the figure of merit that is expected to
/// be the lowest.
double adcAt(double bits, double nm, double fom) {
  return 0.5 * std::pow(10, (6.02 * bits + 1.76 - fom) / 10) *
         std::exp(26.050 + 1.88 * std::log(nm) - 2.8291 * std::log(bits) -
                  1.4702);
}

TEST(Adc, EachBoundOfTheFigureOfMerit) {
  double bySpeed = adcAt(8, 32, 213.781 - 2.8719 * std::log(1.28e9));
  EXPECT_NEAR(adcEnergy_pj(8, 32, 1.28e9), bySpeed, 1e-9 * bySpeed);
  // Half a bit more counts as a whole one here.
  double byBits = adcAt(7.5, 28, 128.307 + 3.2205 * 8);
  EXPECT_NEAR(adcEnergy_pj(7.5, 28, 1e8), byBits, 1e-9 * byBits);
  // 13 slow bits: 174.1 by speed, 170.2 by bits, but none is better than this.
  double best = adcAt(13, 65, 164.714);
  EXPECT_NEAR(adcEnergy_pj(13, 65, 1e6), best, 1e-9 * best);
}

TEST(Adc, AreaFollowsProcessSpeedAndEnergy) {
  double log = 0.9933 * std::log(14) + 0.1807 * std::log(1e7) +
               0.2991 * std::log(adcEnergy_pj(8, 14, 1e7)) + 1.3462;
  EXPECT_NEAR(adcArea_um2(8, 14, 1e7), std::exp(log), 1e-9 * std::exp(log));
}

TEST(Transfer, BurstsFollowTheDramSide) {
  Chip chip = wideChip();
  Work work;
  work.dramReadBytes = work.sramWriteBytes = 4096;
  work.runs = 512; // in the scratchpad; 16 runs of 256 bytes in DRAM
  work.dramRuns = 16;
  EXPECT_EQ(cost(chip, work).dramBytes, 4096u);
  work.dramRuns = 0; // 512 runs of 8 bytes, each a burst of 64
  EXPECT_EQ(cost(chip, work).dramBytes, 512u * 64);
  // 129 bytes in two runs: the longer one of 65 is two bursts.
  work.dramReadBytes = work.sramWriteBytes = 129;
  work.runs = 2;
  EXPECT_EQ(cost(chip, work).dramBytes, 2u * 2 * 64);
}

TEST(Transfer, UtilizationIsThePartOfTheChannelsWidth) {
  Chip chip = wideChip();
  chip.dma.cycles_per_run = 2;
  Work work;
  work.sramReadBytes = work.sramWriteBytes = 1024;
  work.runs = 256; // 512 cycles, in which 8192 bytes would pass
  EXPECT_DOUBLE_EQ(cost(chip, work).utilization, 1024.0 / 8192);
}

TEST(Cost, WaitingForMemoryIsNoUse) {
  Chip chip = wideChip();
  chip.mac.rows = chip.mac.cols = 4;
  Work work = matrixOf(10, 5, 9); // 119 cycles, 450 MACs on 16 PEs
  double alone = cost(chip, work).utilization;
  EXPECT_DOUBLE_EQ(alone, 450.0 / (119 * 16));
  chip.sram.bytes_per_cycle = 64;
  work.sramReadBytes = 64 * 238;
  EXPECT_EQ(cost(chip, work).cycles, 238u);
  EXPECT_DOUBLE_EQ(cost(chip, work).utilization, alone / 2);
}

TEST(Cost, ASlowerClockSlowsTheEngineAlone) {
  Chip chip = wideChip();
  Work work = matrixOf(10, 5, 9);
  uint64_t nominal = cost(chip, work).cycles;
  work.slowdown = 2;
  EXPECT_EQ(cost(chip, work).cycles, 2 * nominal);
  chip.sram.bytes_per_cycle = 64;
  work.sramReadBytes = 64 * 1000; // longer than either
  EXPECT_EQ(cost(chip, work).cycles, 1000u);
}

TEST(Analog, PolaritiesOneAfterTheOther) {
  Chip chip = wideChip();
  Work work;
  work.kind = WorkKind::Analog;
  work.engine = "pcm";
  work.vectors = 5;
  work.arrays = {{8, 4}};
  ASSERT_EQ(chip.arrays[0].periphery.input_polarity, "one_pass");
  Cost once = cost(chip, work);
  EXPECT_DOUBLE_EQ(energy(once, Component::Dac), 5 * 8);
  EXPECT_DOUBLE_EQ(energy(once, Component::Adc), 5 * 4 * 2);
  // Driven twice, read once: the difference is taken before the converter.
  chip.arrays[0].periphery.input_polarity = "separate";
  Cost separate = cost(chip, work);
  EXPECT_EQ(separate.cycles, 2 * once.cycles);
  EXPECT_DOUBLE_EQ(energy(separate, Component::Dac), 2 * 5 * 8);
  EXPECT_DOUBLE_EQ(energy(separate, Component::ArrayCell), 2 * 5 * 8 * 4);
  EXPECT_DOUBLE_EQ(energy(separate, Component::Adc), 5 * 4 * 2);
  // Behind it: read twice as well.
  chip.arrays[0].periphery.input_polarity = "separate_digital";
  EXPECT_DOUBLE_EQ(energy(cost(chip, work), Component::Adc), 2 * 5 * 4 * 2);
}

TEST(Analog, EverySliceHasCells) {
  Work work;
  work.kind = WorkKind::Analog;
  work.engine = "pcm";
  work.vectors = 5;
  work.slices = 3;
  work.arrays = {{8, 4}};
  EXPECT_DOUBLE_EQ(energy(cost(wideChip(), work), Component::ArrayCell),
                   5 * 3 * 8 * 4);
}

TEST(PulsedUpdate, WithoutPulsesRowsAreWritten) {
  Work work;
  work.kind = WorkKind::PulsedUpdate;
  work.engine = "pcm"; // no pulse_ns
  work.vectors = 10;
  work.arrays = {{8, 4}};
  Cost c = cost(wideChip(), work);
  EXPECT_EQ(c.cycles, 10u * 8 * 7);
  EXPECT_DOUBLE_EQ(energy(c, Component::ArrayWrite), 10 * 8 * 4 * 3);
}

TEST(Vector, SpecialOperationsTakeMoreEnergy) {
  Work work;
  work.kind = WorkKind::Vector;
  work.format = "f32";
  work.elements = 20;
  work.opsPerElement = 3;
  work.specialPerElement = 1; // four times an operation's
  EXPECT_DOUBLE_EQ(energy(cost(wideChip(), work), Component::Vec),
                   20 * (2 + 4) * 0.5);
}

TEST(Systolic, OutputStationaryPutsPixelsOnRows) {
  // (M, N, K): 14 rows of outputs are two folds on 12 PEs, 12 columns one.
  EXPECT_EQ(systolicCycles("os", 12, 14, 14, 12, 5),
            2u * (12 + 14 + 5 - 2) - 1);
  EXPECT_EQ(systolicCycles("ws", 12, 14, 5, 12, 14),
            2u * (2 * 12 + 14 + 5 - 2) - 1);
  EXPECT_EQ(systolicCycles("is", 12, 14, 12, 5, 14),
            2u * (2 * 12 + 14 + 5 - 2) - 1);
}

TEST(Systolic, AccessesOfEachDataflow) {
  // On 12×14, K = 30 is 3 folds of rows, N = 20 two of columns. The operand
  // that stays is read once, one that streams once for each fold beside it.
  SystolicAccesses ws = systolicAccesses("ws", 12, 14, 7, 20, 30);
  EXPECT_EQ(ws.inputReads, 7 * 30 * 2);
  EXPECT_EQ(ws.weightReads, 30 * 20);
  EXPECT_EQ(ws.outputWrites, 7 * 20 * 3);
  // M = 20 on the columns.
  SystolicAccesses is = systolicAccesses("is", 12, 14, 20, 7, 30);
  EXPECT_EQ(is.inputReads, 20 * 30);
  EXPECT_EQ(is.weightReads, 30 * 7 * 2);
  EXPECT_EQ(is.outputWrites, 20 * 7 * 3);
  // M = 30 on the rows, N = 20 on the columns.
  SystolicAccesses os = systolicAccesses("os", 12, 14, 30, 20, 7);
  EXPECT_EQ(os.inputReads, 30 * 7 * 2);
  EXPECT_EQ(os.weightReads, 7 * 20 * 3);
  EXPECT_EQ(os.outputWrites, 30 * 20);
}

TEST(Systolic, GroupsShareTheArrayOnItsDiagonal) {
  Chip chip = wideChip();
  Work work = matrixOf(10, 7, 2); // 6 fit the rows, but 2 the columns
  work.groups = 4;
  work.batch = 4;
  EXPECT_EQ(cost(chip, work).cycles, 2u * (2 * 12 + 14 + 10 - 2 - 1));
}

TEST(Systolic, RatesAboveOneShortenTheStream) {
  Chip chip = wideChip();
  chip.mac.rate = {{"i8", 4}};
  // 10 vectors in 3 steps.
  EXPECT_EQ(cost(chip, matrixOf(10, 7, 2)).cycles, 2u * 12 + 14 + 3 - 2 - 1);
  // With two buffers a fold lasts as long as loading the next one.
  chip.mac.stationary_buffers = 2;
  EXPECT_EQ(cost(chip, matrixOf(10, 14, 24)).cycles,
            2u * 12 + 12 + (12 + 14 - 2));
}

/// One column of PEs: one set works on one output row at a time, so that the
/// mapping is all settled but for the images in the scratchpad.
struct RowStationary : testing::Test {
  RowStationary() {
    chip.mac.dataflow = "row_stationary";
    chip.mac.rows = 2;
    chip.mac.cols = 1;
    chip.mac.input_words = 6;   // q = 2 channels of a kernel row of 3
    chip.mac.filter_words = 12; // p = 2 filters of these
    chip.mac.psum_words = 8;
    chip.mac.network_words_per_cycle = 4;
    chip.mac.efficiency = 0.8;
    work.kernelH = 2;
    work.kernelW = 3;
    work.outH = 5;
    work.outW = 7;
    work.stride = 2;
    work.strideW = 1;
    work.groups = 2;
    work.batch = 6; // 3 images
  }
  // Of a pass: 24 words of filters; of an image 2 channels × 2 × 9 inputs = 36
  // words and 2 × 7 sums.
  static constexpr uint64_t filters = 24, inputs = 36, sums = 14;
  Chip chip = wideChip();
  Work work = matrixOf(35, 2, 24);
};

TEST_F(RowStationary, OneImageAtATime) {
  chip.sram.bytes = filters + 2 * (inputs + sums) - 1;
  // Two halves of the channels, 5 rows, 3 images, 2 groups.
  double passes = 2 * 5 * 3 * 2;
  double compute = 2 * 2 * 3 * 7; // p · q · kernel width · output width
  double fill = (24 + 2 * 2 * 3) / 4.0;
  EXPECT_EQ(cost(chip, work).cycles, uint64_t(passes * (compute / 0.8 + fill)));
}

TEST_F(RowStationary, TwoImagesAtATime) {
  chip.sram.bytes = filters + 2 * (inputs + sums);
  double passes = 2 * 5 * 2 * 2, compute = 2 * 2 * 3 * 7 * 2;
  double fill = (24 + 2 * 2 * 3) / 4.0;
  EXPECT_EQ(cost(chip, work).cycles, uint64_t(passes * (compute / 0.8 + fill)));
}

TEST_F(RowStationary, SumsThatComeAndGoCanTakeLonger) {
  chip.sram.bytes = filters + inputs + sums;
  chip.mac.network_words_per_cycle = 0.125;
  double passes = 2 * 5 * 3 * 2, compute = sums / 0.125; // not 84
  double fill = (24 + 2 * 2 * 3) / 0.125;
  EXPECT_EQ(cost(chip, work).cycles, uint64_t(passes * (compute / 0.8 + fill)));
}

TEST_F(RowStationary, KernelsHigherThanTheArrayTakeTurns) {
  chip.mac.rows = 1;
  chip.sram.bytes = 12 + inputs + sums;
  double passes = 2 * 5 * 3 * 2 * 2, compute = 2 * 2 * 3 * 7;
  double fill = (12 + 2 * 2 * 3) / 4.0;
  EXPECT_EQ(cost(chip, work).cycles, uint64_t(passes * (compute / 0.8 + fill)));
}

TEST(Chip, TimesInWholeCycles) {
  Chip chip = wideChip();
  chip.clock_ghz = 0.07;
  ASSERT_GT(100 * 0.07, 7); // by rounding
  EXPECT_EQ(chip.cyclesOf(100), 7u);
  EXPECT_EQ(chip.cyclesOf(101), 8u);
}

TEST(Chip, BytesOfACycle) {
  Chip chip = wideChip();
  chip.clock_ghz = 0.5;
  chip.dram.bandwidth_gb_s = 8;
  chip.dram.efficiency = 0.75;
  EXPECT_DOUBLE_EQ(chip.dramBytesPerCycle(), 12);
  chip.chiplets = {4, 3, 0, 2};
  EXPECT_DOUBLE_EQ(chip.linkBytesPerCycle(), 6);
}

TEST(Matrix, AFormatWithoutARateIsAQuarterAsFast) {
  Chip chip = wideChip();
  chip.mac.dataflow = "simd";
  chip.mac.rate = {{"i8", 2}, {"i4", 4}}; // no f32 to fall back to
  chip.mac.energy_pj = {{"i8", 0.25}, {"i4", 0.125}};
  Work work = matrixOf(12, 14, 100); // 100 cycles at one MAC a PE
  EXPECT_EQ(cost(chip, work).cycles, 50u);
  work.format = "f16";
  EXPECT_EQ(cost(chip, work).cycles, 200u);
  EXPECT_DOUBLE_EQ(energy(cost(chip, work), Component::Mac),
                   12 * 14 * 100 * 4 * 0.25);
}

TEST(Links, SumsToGoOnFromComeFromElsewhere) {
  Chip chip = wideChip();
  chip.chiplets = {4, 1, 0, 2}; // 2 × 2
  Work work = matrixOf(10, 5, 9);
  work.inputBytes = 90, work.weightBytes = 45;
  work.sramWriteBytes = 200;
  work.sramReadBytes = 90 + 45;
  // Inputs to both columns, weights and outputs once; sums down one row.
  double plain = 0.75 * (90 * 2 + 45 + 200) + 200;
  EXPECT_DOUBLE_EQ(linkUse(chip, work, 0).bytes, plain);
  work.sramReadBytes += 200; // accumulates
  EXPECT_DOUBLE_EQ(linkUse(chip, work, 0).bytes, plain + 0.75 * 200);
}

TEST(Links, TheBusiestIsThatOfAFewChipletsThatSend) {
  Chip chip = wideChip();
  chip.chiplets = {4, 1, 0, 2};
  Work work;
  work.kind = WorkKind::Analog;
  work.engine = "pcm";
  work.arrays = {{16, 16}};
  work.sramReadBytes = 40;
  work.sramWriteBytes = 400;
  LinkUse use = linkUse(chip, work, 0);
  // One chiplet takes 30 bytes and sends 300, of which each gets 75.
  EXPECT_DOUBLE_EQ(use.busiest, 300);
  EXPECT_DOUBLE_EQ(use.focused, 30);
  EXPECT_DOUBLE_EQ(use.even, 75);
  EXPECT_DOUBLE_EQ(use.bytes, 330);
}

} // namespace
