//===- CostTest.cpp - Cycles and energy against published figures ---------===//

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace hybridc;
using namespace hybridc::chip;

namespace {

/// A small chip on which every figure can be worked out by hand.
Chip handChip() {
  Chip chip;
  chip.name = "hand";
  chip.clock_ghz = 1;
  chip.dram = {1 << 20, 8, 50, 4, 64}; // 8 bytes a cycle
  chip.sram = {1 << 16, 1, 64, 1, 2};
  chip.dma = {2, 16, 10, 2};
  chip.mac.rows = chip.mac.cols = 4;
  chip.mac.rate = {{"i8", 1}, {"f32", 0.5}};
  chip.mac.energy_pj = {{"i8", 0.25}, {"f32", 3}};
  chip.vec.lanes = 8;
  chip.vec.energy_pj = {{"f32", 0.5}};
  chip.ctl = {0.5, 2, 4};
  ArrayKind array;
  array.name = "pcm";
  array.count = 4;
  array.rows = array.cols = 16;
  array.mvm_ns = 100;
  array.mvm_energy_pj = 256;
  array.adc_energy_pj = 2;
  array.dac_energy_pj = 1;
  array.digital_energy_pj = 0.5;
  array.write_ns = 7;
  array.write_energy_pj = 3;
  chip.arrays = {array};
  return chip;
}

double energy(const Cost &cost, Component component) {
  return cost.energy_pj[static_cast<unsigned>(component)];
}

TEST(Systolic, CostAgreesAtRateOne) {
  Chip chip = handChip();
  for (const char *dataflow : {"ws", "os", "is"}) {
    chip.mac.dataflow = dataflow;
    chip.mac.rows = 12;
    chip.mac.cols = 14;
    Work work;
    work.kind = WorkKind::Matrix;
    work.engine = "mac";
    work.format = "i8";
    work.m = 529, work.n = 128, work.k = 1200;
    Cost one = cost(chip, work);
    EXPECT_EQ(one.cycles, systolicCycles(dataflow, 12, 14, 529, 128, 1200));
    work.batch = work.groups = 3; // weights of their own
    EXPECT_EQ(cost(chip, work).cycles, 3 * one.cycles);
    work.groups = 1; // three images: one product
    EXPECT_EQ(cost(chip, work).cycles,
              systolicCycles(dataflow, 12, 14, 3 * 529, 128, 1200));
  }
}

TEST(Matrix, ByHand) {
  Chip chip = handChip();
  Work work;
  work.kind = WorkKind::Matrix;
  work.format = "i8";
  work.m = 10, work.n = 5, work.k = 9;
  // WS on 4×4: ⌈9/4⌉⌈5/4⌉ = 6 folds of 8 + 4 + 10 − 2 = 20, minus one.
  EXPECT_EQ(cost(chip, work).cycles, 119u);
  EXPECT_DOUBLE_EQ(energy(cost(chip, work), Component::Mac), 450 * 0.25);
  EXPECT_NEAR(cost(chip, work).utilization, 450.0 / (119 * 16), 1e-12);
  // At half a MAC per cycle every step takes two cycles.
  work.format = "f32";
  EXPECT_EQ(cost(chip, work).cycles, 238u);
  // i64 has no rate: that of f32.
  work.format = "i64";
  EXPECT_EQ(cost(chip, work).cycles, 238u);
  // Two buffers: 6 × max(10, 4) + 4 + 6.
  chip.mac.stationary_buffers = 2;
  work.format = "i8";
  EXPECT_EQ(cost(chip, work).cycles, 70u);
  // The scratchpad can be what limits: 64 bytes a cycle.
  work.sramReadBytes = 6400;
  EXPECT_EQ(cost(chip, work).cycles, 100u);
}

TEST(Transfer, ByHand) {
  Chip chip = handChip();
  Work work;
  work.kind = WorkKind::Transfer;
  work.dramReadBytes = work.sramWriteBytes = 4096;
  // 16 bytes a cycle on the channel, 8 on the DRAM: 512, and 10 to set up.
  Cost c = cost(chip, work);
  EXPECT_EQ(c.cycles, 522u);
  EXPECT_EQ(c.latencyCycles, 50u);
  EXPECT_EQ(c.dramBytes, 4096u);
  EXPECT_DOUBLE_EQ(energy(c, Component::Dram), 4096 * 8 * 4);
  EXPECT_DOUBLE_EQ(energy(c, Component::Sram), 4096 * 2);
  // 512 runs of 8 bytes: a burst of 64 for each.
  work.runs = 512;
  c = cost(chip, work);
  EXPECT_EQ(c.dramBytes, 512u * 64);
  EXPECT_EQ(c.cycles, 4096u + 10);
  // Inside the scratchpad 2 cycles a run count, and the DRAM's latency not.
  work = {};
  work.kind = WorkKind::Transfer;
  work.sramReadBytes = work.sramWriteBytes = 1024;
  work.runs = 256;
  c = cost(chip, work);
  EXPECT_EQ(c.cycles, 512u + 10);
  EXPECT_EQ(c.latencyCycles, 0u);
}

TEST(Analog, ByHand) {
  Chip chip = handChip();
  Work work;
  work.kind = WorkKind::Analog;
  work.engine = "pcm";
  work.format = "f32";
  work.vectors = 5;
  work.arrays = {{16, 16}, {8, 4}};
  Cost c = cost(chip, work);
  EXPECT_EQ(c.cycles, 500u); // both arrays at once
  EXPECT_DOUBLE_EQ(energy(c, Component::ArrayCell), 5 * (256 + 32.0));
  EXPECT_DOUBLE_EQ(energy(c, Component::Adc), 5 * 20 * 2.0);
  EXPECT_DOUBLE_EQ(energy(c, Component::Dac), 5 * 24 * 1.0);
  EXPECT_DOUBLE_EQ(energy(c, Component::ArrayDigital), 5 * 20 * 0.5);
  // Four phases of two bits, and an ADC that serves 16 columns in 20 ns each.
  chip.arrays[0].input_bits_per_phase = 2;
  chip.arrays[0].adc_share = 16;
  chip.arrays[0].adc_ns = 20;
  work.slices = 2;
  Cost serial = cost(chip, work);
  EXPECT_EQ(serial.cycles, 5u * 4 * 320);
  EXPECT_DOUBLE_EQ(energy(serial, Component::Adc),
                   8 * energy(c, Component::Adc));
  EXPECT_DOUBLE_EQ(energy(serial, Component::Dac),
                   4 * energy(c, Component::Dac));
}

// In four phases: four times the time and energy of one.
TEST(Analog, Phases) {
  Chip chip = handChip();
  Work work;
  work.kind = WorkKind::Analog;
  work.engine = "pcm";
  work.vectors = 5;
  work.arrays = {{16, 16}};
  Cost one = cost(chip, work);
  chip.arrays[0].phases = 4;
  Cost four = cost(chip, work);
  EXPECT_EQ(four.cycles, 4 * one.cycles);
  EXPECT_DOUBLE_EQ(four.totalEnergy_pj(), 4 * one.totalEnergy_pj());
}

// Without a figure of theirs, cells take what evenly spread inputs and weights
// would: 256 weights of 2·10 + 40/2 µS at .5 V, by the magnitudes 0 … m.
TEST(Analog, ExpectedCells) {
  Chip chip = handChip();
  ArrayKind &array = chip.arrays[0];
  Work work;
  work.kind = WorkKind::Analog;
  work.engine = "pcm";
  work.vectors = 3;
  work.arrays = {{8, 4}};
  auto cells = [&] { return energy(cost(chip, work), Component::ArrayCell); };
  array.read_voltage_v = 0.5;
  array.g_min_us = 10;
  array.g_max_us = 50;
  EXPECT_DOUBLE_EQ(cells(), 3 * 32.0); // the figure goes before
  array.mvm_energy_pj = 0;
  array.read_pulse_ns = 20;
  array.input_bits = array.input_bits_per_phase = 4;
  double full = 3 * 32 * 40e-3 * 0.25 * 20;   // all inputs at full scale
  EXPECT_NEAR(cells(), full * 15 / 42, 1e-9); // the mean of (i/7)², i = 0 … 7
  array.input_encoding = "pulse_width";
  EXPECT_NEAR(cells(), full / 2, 1e-9);
  array.phases = 2;
  EXPECT_NEAR(cells(), full, 1e-9);
  array.cell_phases = 1; // of a sign each
  array.periphery.input_polarity = "separate";
  EXPECT_NEAR(cells(), full / 2, 1e-9);
  array.input_encoding = "auto";
  array.read_pulse_ns = 0;
  array.input_pulse_ns = 4; // seven of them at most
  EXPECT_NEAR(cells(), full / 20 * 28 / 2, 1e-9);
  array.input_bits_per_phase = 2; // 2 bits and 1: three pulses and one
  EXPECT_NEAR(cells(), full / 20 * (12 + 4) / 2, 1e-9);
  array.mapping = "offset"; // 10 + 40/2 µS, one reference to 16 cells
  EXPECT_NEAR(cells(), full / 20 * 8 * 30 / 40 * 17 / 16, 1e-9);
  array.g_max_us = 0;
  EXPECT_EQ(cells(), 0);
}

// Pulses double with each bit of a phase, conversions grow by one step a bit.
TEST(Analog, TimeFollowsTheBits) {
  Chip chip = handChip();
  ArrayKind &array = chip.arrays[0];
  array.mvm_ns = 10;
  array.input_bits = array.input_bits_per_phase = 4;
  array.output_bits = 6;
  array.input_pulse_ns = 2;
  array.output_bit_ns = 3;
  EXPECT_DOUBLE_EQ(array.read_ns(), 10 + 7 * 2 + 6 * 3);
  EXPECT_DOUBLE_EQ(array.cellReads(), 7);
  EXPECT_DOUBLE_EQ(array.dacSteps(), 3);
  EXPECT_DOUBLE_EQ(array.adcSteps(), 6);
  array.input_bits = 8; // 7 bits and a sign in two phases: 4 and 3
  EXPECT_DOUBLE_EQ(array.read_ns(), 2 * (10 + 6 * 3) + (15 + 7) * 2);
  EXPECT_DOUBLE_EQ(array.cellReads(), 22);
  array.phases = 2;
  EXPECT_DOUBLE_EQ(array.read_ns(), 2 * (2 * (10 + 6 * 3) + (15 + 7) * 2));
  array.output_bits = 0; // those of the ADC's steps
  array.periphery.out_res = 1.0 / 254;
  EXPECT_DOUBLE_EQ(array.read_ns(), 2 * (2 * (10 + 8 * 3) + (15 + 7) * 2));
  array.input_bits = 1; // a pulse it is in any case
  EXPECT_DOUBLE_EQ(array.read_ns(), 2 * (10 + 8 * 3 + 2));
}

// A shared ADC takes time even where nobody said how much.
TEST(Analog, AShareWithoutAConversionTime) {
  Chip chip = handChip();
  chip.arrays[0].mvm_ns = 100;
  chip.arrays[0].rows = 256;
  chip.arrays[0].input_bits = chip.arrays[0].input_bits_per_phase = 8;
  chip.arrays[0].periphery.out_res = 1.0 / 254;
  EXPECT_DOUBLE_EQ(chip.arrays[0].phase_ns(), 100);
  chip.arrays[0].adc_share = 16;
  EXPECT_NEAR(chip.arrays[0].phase_ns(), 16 * 18.49344, 1e-9);
  chip.arrays[0].periphery.out_res = 1.0 / 14; // 4 bits
  EXPECT_NEAR(chip.arrays[0].phase_ns(), 8 * 18.49344, 1e-9);
  chip.arrays[0].adc_ns = 10;
  EXPECT_DOUBLE_EQ(chip.arrays[0].phase_ns(), 160);
}

TEST(ArrayGain, ByHand) {
  Work work;
  work.kind = WorkKind::ArrayGain;
  work.engine = "pcm";
  work.elements = 12; // columns, one by one
  Cost c = cost(handChip(), work);
  EXPECT_EQ(c.cycles, 12u);
  EXPECT_DOUBLE_EQ(energy(c, Component::ArrayDigital), 12 * 0.5);
}

TEST(Matrix, EnginesThatAreNotSystolicByHand) {
  Chip chip = handChip();
  Work work;
  work.kind = WorkKind::Matrix;
  work.format = "i8";
  work.m = 10, work.n = 5, work.k = 9; // 450 MACs on 16 PEs
  chip.mac.dataflow = "simd";
  chip.mac.efficiency = 0.5;
  EXPECT_EQ(cost(chip, work).cycles, 57u); // 450 / 8 = 56.25
  work.format = "f32";                     // half the rate
  EXPECT_EQ(cost(chip, work).cycles, 113u);
  // A mesh of 4×4: 3 × 2 settings of 30 ns, 10 vectors each.
  chip.mac.dataflow = "photonic";
  chip.mac.program_ns = 30;
  work.format = "i8";
  EXPECT_EQ(cost(chip, work).cycles, 6u * (10 + 30));
  EXPECT_DOUBLE_EQ(energy(cost(chip, work), Component::Mac), 450 * 0.25);
  // One spike for four MACs: a quarter of the operations and of their energy.
  chip.mac.dataflow = "event";
  chip.mac.activity = 0.25;
  EXPECT_EQ(cost(chip, work).cycles, 8u); // 112.5 / 16 = 7.03
  EXPECT_DOUBLE_EQ(energy(cost(chip, work), Component::Mac), 112.5 * 0.25);
}

TEST(ProgramArray, ByHand) {
  Chip chip = handChip();
  Work work;
  work.kind = WorkKind::ProgramArray;
  work.engine = "pcm";
  work.arrays = {{16, 4}};
  work.slices = 2;
  Cost c = cost(chip, work);
  EXPECT_EQ(c.cycles, 112u);
  EXPECT_DOUBLE_EQ(energy(c, Component::ArrayWrite), 16 * 4 * 2 * 3.0);
}

TEST(Vector, ByHand) {
  Chip chip = handChip();
  Work work;
  work.kind = WorkKind::Vector;
  work.format = "f32";
  work.elements = 20;
  work.opsPerElement = 3;
  EXPECT_EQ(cost(chip, work).cycles, 9u); // 3 vectors of 8 lanes
  EXPECT_DOUBLE_EQ(energy(cost(chip, work), Component::Vec), 60 * 0.5);
  work.format = "i8"; // 32 lanes
  EXPECT_EQ(cost(chip, work).cycles, 3u);
  work.format = "f64"; // 4 lanes
  EXPECT_EQ(cost(chip, work).cycles, 15u);
  work.format = "f32";
  work.specialPerElement = 1; // a quarter of the rate: 2 + 4 per vector
  EXPECT_EQ(cost(chip, work).cycles, 18u);
}

TEST(Control, ByHand) {
  Chip chip = handChip();
  Work work;
  work.kind = WorkKind::Control;
  work.elements = 10;
  work.opsPerElement = 2;
  EXPECT_EQ(cost(chip, work).cycles, 40u);
  EXPECT_DOUBLE_EQ(energy(cost(chip, work), Component::Ctl), 40);
  work.dramReadBytes = 400; // 4 a cycle through the core
  EXPECT_EQ(cost(chip, work).cycles, 100u);
}

TEST(Cost, ExtremeWorkStaysFinite) {
  Chip chip = handChip();
  for (int kind = 0; kind < 8; ++kind) {
    Work work;
    work.kind = static_cast<WorkKind>(kind);
    work.engine = kind % 2 ? "pcm" : "nothing";
    work.format = "?";
    work.dramReadBytes = work.runs = work.batch = work.m = work.n = work.k =
        work.vectors = work.elements = 1ull << 62;
    work.arrays = {{~0u, ~0u}};
    Cost c = cost(chip, work);
    EXPECT_GE(c.cycles, 1u);
    EXPECT_LE(c.cycles, 1ull << 60);
    EXPECT_TRUE(std::isfinite(c.totalEnergy_pj()));
  }
}

} // namespace

namespace {

TEST(Cost, PulsedUpdateDrivesAllCellsAtOnce) {
  auto chip = hybridc::chip::loadChip("hybrid-edge");
  ASSERT_TRUE(bool(chip));
  hybridc::chip::Work work;
  work.kind = hybridc::chip::WorkKind::PulsedUpdate;
  work.engine = "ecram";
  work.vectors = 10;
  work.arrays = {{128, 128}, {128, 128}};
  hybridc::chip::Cost both = cost(*chip, work);
  // 256 ns and 290 pJ an update of 128×128 cells; two arrays side by side.
  EXPECT_NEAR(double(both.cycles) / chip->clock_ghz, 2560, 0.01 * 2560);
  double pj = both.energy_pj[unsigned(hybridc::chip::Component::ArrayWrite)];
  EXPECT_NEAR(pj, 2 * 10 * 290, 0.01 * 5800);
}

TEST(Cost, LinksLimitWhatChipletsExchange) {
  auto chip = hybridc::chip::loadChip("hybrid-edge");
  ASSERT_TRUE(bool(chip));
  hybridc::chip::Work work;
  work.dramReadBytes = work.sramWriteBytes = 1 << 20;
  work.engine = "dma";
  uint64_t alone = cost(*chip, work).cycles;
  chip->chiplets = {4, 1, 20, 2};
  hybridc::chip::Cost shared = cost(*chip, work);
  // Three of four bytes cross, over four links of 1 GB/s.
  EXPECT_NEAR(double(shared.cycles) / chip->clock_ghz, 0.75 * (1 << 20) / 4,
              64);
  EXPECT_GT(shared.cycles, alone);
  EXPECT_DOUBLE_EQ(shared.energy_pj[unsigned(hybridc::chip::Component::Link)],
                   0.75 * (1 << 20) * 8 * 2);
  chip->chiplets.link_gb_s = 1000; // no longer what limits
  EXPECT_EQ(cost(*chip, work).cycles, alone);
}

} // namespace
