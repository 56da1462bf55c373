//===- ClockBanksTest.cpp - Banks of the scratchpad, worked out by hand ---===//

#include "Clocked.h"

#include "hybridc/Clock/Clock.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace hybridc;
using namespace hybridc::exec;
using namespace hybridc::stream;

namespace {

/// 1 GHz; four banks of one port and 8 bytes, 8 bytes apart; each DMA channel 8
/// bytes a cycle, of a DRAM that has enough; as many lanes as one likes.
chip::Chip bankChip(uint32_t lanes = 1) {
  chip::Chip chip;
  chip.name = "banks";
  chip.clock_ghz = 1;
  chip.dram = {1 << 24, 1e6, 0, 1, 1};
  chip.sram = {1 << 16, 4, 32, 1, 1};
  chip.dma = {4, 8, 0, 0};
  chip.vec.lanes = lanes;
  return chip;
}

View viewAt(Space space, uint64_t address, DType type,
            std::vector<int64_t> shape, std::vector<int64_t> strides) {
  View view;
  view.space = space;
  view.type = type;
  view.address = address;
  view.shape = std::move(shape);
  view.strides = std::move(strides);
  return view;
}

/// Reads `count` f32, `stride` elements apart; the result goes to DRAM.
Command reads(uint64_t address, int64_t count, int64_t stride = 1) {
  Command command;
  command.op = Op::Reduce;
  command.ins = {viewAt(Space::Sram, address, DType::F32, {count}, {stride})};
  command.outs = {viewAt(Space::Dram, 0, DType::F32, {1}, {1})};
  return command;
}

/// A load of 8 bytes a cycle.
Command load(uint64_t address, int64_t cycles) {
  Command command;
  command.op = Op::Copy;
  command.ins = {viewAt(Space::Dram, 64, DType::U8, {8 * cycles}, {1})};
  command.outs = {viewAt(Space::Sram, address, DType::U8, {8 * cycles}, {1})};
  return command;
}

TEST(ClockBanks, UnitStrideAloneTakesAllBanks) {
  // 1280 bytes at 32 a cycle.
  ClockResult r =
      clockedWithEvents(programOf({{"vec", reads(12, 320)}}), bankChip(1024));
  EXPECT_EQ(r.cycles, 40u);
  EXPECT_EQ(r.bankStalls.cycles, 0);
  EXPECT_EQ(r.bankStalls.bytes, 0);
  EXPECT_EQ(r.sramTrafficBytes, 1280);
}

TEST(ClockBanks, AStrideOfAllBanksMeetsInOne) {
  // 40 words of bank 0, one a cycle, where 160 bytes would take 5 cycles.
  ClockResult r =
      clockedWithEvents(programOf({{"vec", reads(0, 40, 8)}}), bankChip(1024));
  EXPECT_EQ(r.cycles, 40u);
  EXPECT_DOUBLE_EQ(r.bankStalls.cycles, 35);
  EXPECT_DOUBLE_EQ(r.bankStalls.ownCycles, 35);
  EXPECT_DOUBLE_EQ(r.bankStalls.bytes, 160 * 35 / 40.0);
  EXPECT_DOUBLE_EQ(r.engines[0].bankStalls.cycles, 35);
  EXPECT_DOUBLE_EQ(r.origins[0].bankStalls.cycles, 35);
  EXPECT_DOUBLE_EQ(r.events[0].bankStallCycles, 35);
  EXPECT_DOUBLE_EQ(r.bankLimitedCycles, 0); // it waits for nobody else
}

TEST(ClockBanks, StridesByHand) {
  // elements apart, cycles of 40 elements: half of each word; every second
  // word, two banks of four; every third, all banks; every eighth, one bank.
  for (auto [stride, cycles] :
       {std::pair(2, 10), {4, 20}, {6, 10}, {8, 40}, {10, 10}, {16, 40}})
    EXPECT_EQ(clockedWithEvents(programOf({{"vec", reads(0, 40, stride)}}),
                                bankChip(1024))
                  .cycles,
              uint64_t(cycles))
        << "stride " << stride;
  // Backwards is the same; not aligned, each run of two elements has two words.
  Command backwards = reads(39 * 32, 40, -8);
  EXPECT_EQ(
      clockedWithEvents(programOf({{"vec", backwards}}), bankChip(1024)).cycles,
      40u);
  Command pairs = reads(0, 80);
  pairs.ins[0].shape = {40, 2};
  pairs.ins[0].strides = {8, 1};
  EXPECT_EQ(
      clockedWithEvents(programOf({{"vec", pairs}}), bankChip(1024)).cycles,
      40u);
  pairs.ins[0].address = 4;
  EXPECT_EQ(
      clockedWithEvents(programOf({{"vec", pairs}}), bankChip(1024)).cycles,
      40u);
}

TEST(ClockBanks, OneBankForEachKibibyteIsSharedOrNot) {
  chip::Chip chip = bankChip();
  chip.sram.interleave_bytes = 1024;
  // vec reads 4 of the 8 bytes of bank 0 for 100 cycles, the load wants all 8:
  // half of them until vec is done, then 50 more cycles.
  ClockResult same = clockedWithEvents(
      programOf({{"dma0", load(0, 100)}, {"vec", reads(512, 100)}}), chip);
  EXPECT_EQ(same.cycles, 150u);
  EXPECT_EQ(same.events[1].end, 100u);
  EXPECT_DOUBLE_EQ(same.bankStalls.cycles, 50);
  EXPECT_DOUBLE_EQ(same.bankStalls.ownCycles, 0);
  EXPECT_DOUBLE_EQ(same.bankStalls.bytes, 400);
  EXPECT_DOUBLE_EQ(same.bankLimitedCycles, 100);
  EXPECT_DOUBLE_EQ(same.dramLimitedCycles, 0);
  EXPECT_DOUBLE_EQ(same.engines[0].bankStalls.cycles, 50);
  EXPECT_DOUBLE_EQ(same.engines[1].bankStalls.cycles, 0);
  ClockResult other = clockedWithEvents(
      programOf({{"dma0", load(1024, 100)}, {"vec", reads(512, 100)}}), chip);
  EXPECT_EQ(other.cycles, 100u);
  EXPECT_DOUBLE_EQ(other.bankStalls.cycles, 0);
  // A second port serves both.
  chip.sram.ports = 2;
  chip.sram.bytes_per_cycle = 64;
  EXPECT_EQ(
      clockedWithEvents(
          programOf({{"dma0", load(0, 100)}, {"vec", reads(512, 100)}}), chip)
          .cycles,
      100u);
}

TEST(ClockBanks, ThreeMeetInTwoBanks) {
  // Bank 0 has loads a and b, bank 1 load b's other half and load c: b, which
  // takes turns, asks for 4 bytes of each. Bank 0: b 4, a 4 of 8; bank 1 too.
  chip::Chip chip = bankChip();
  chip.sram.interleave_bytes = 1024;
  ClockResult r = clockedWithEvents(programOf({{"dma0", load(0, 60)},
                                               {"dma1", load(1024 - 400, 100)},
                                               {"dma2", load(1500, 60)}}),
                                    chip);
  // Until a and c are done: 60 / (1/2) = 120 cycles; b is done after 100, then
  // 10 cycles at full speed.
  EXPECT_EQ(r.events[1].end, 100u);
  EXPECT_EQ(r.cycles, 110u);
  EXPECT_DOUBLE_EQ(r.bankStalls.cycles, 100);
}

TEST(ClockBanks, FinelyInterleavedBanksShareAllTheirBandwidth) {
  // vec alone would take all 32 bytes a cycle for 100 cycles, the load 8 of
  // them for 100: it keeps them, vec has 3/4 of its speed; then 25 more.
  ClockResult r = clockedWithEvents(
      programOf({{"dma0", load(0, 100)}, {"vec", reads(4096, 800)}}),
      bankChip(1024));
  EXPECT_EQ(r.cycles, 125u);
  EXPECT_DOUBLE_EQ(r.bankStalls.cycles, 25);
  EXPECT_DOUBLE_EQ(r.bankStalls.bytes, 800);
}

TEST(ClockBanks, TheDramIsDividedFirst) {
  // Two loads have half of the DRAM each, 4 bytes a cycle: bank 0 serves both.
  chip::Chip chip = bankChip();
  chip.dram.bandwidth_gb_s = 8;
  chip.sram.interleave_bytes = 4096;
  ClockResult r = clockedWithEvents(
      programOf({{"dma0", load(0, 100)}, {"dma1", load(800, 100)}}), chip);
  EXPECT_EQ(r.cycles, 200u);
  EXPECT_DOUBLE_EQ(r.dramLimitedCycles, 200);
  EXPECT_DOUBLE_EQ(r.bankStalls.cycles, 0);
}

TEST(ClockBanks, WhatLoopsMoveCountsWhereItGoes) {
  // Four loads, one in each kibibyte, beside a reader of the last one: as they
  // are told apart only by where they go, they meet all the time.
  chip::Chip chip = bankChip();
  chip.sram.interleave_bytes = 1024;
  Command step = load(0, 25);
  step.outs[0].steps = {1024};
  Program program =
      programOf({{"dma0", step}, {"vec", reads(3072 + 512, 100)}});
  auto &segment = std::get<Segment>(program.entries[0].body.nodes[0].node);
  segment.queues[0].items = {{Repeat{4, {{step}}}}};
  EXPECT_EQ(clockedWithEvents(program, chip).cycles, 150u);
  step.outs[0].steps = {0};
  segment.queues[0].items = {{Repeat{4, {{step}}}}};
  EXPECT_EQ(clockedWithEvents(program, chip).cycles, 100u);
}

TEST(ClockBanks, ManyBanks) {
  // 576 banks of 16 bytes: 9216 bytes around.
  chip::Chip chip = bankChip(1 << 20);
  chip.sram = {1 << 24, 576, 9216, 1, 1};
  EXPECT_EQ(
      clockedWithEvents(programOf({{"vec", reads(0, 2304 * 5)}}), chip).cycles,
      5u);
  EXPECT_EQ(
      clockedWithEvents(programOf({{"vec", reads(0, 100, 2304)}}), chip).cycles,
      100u);
  // Every 64th bank: 9 of them; every 192nd: 3.
  EXPECT_EQ(
      clockedWithEvents(programOf({{"vec", reads(0, 90, 256)}}), chip).cycles,
      10u);
  EXPECT_EQ(
      clockedWithEvents(programOf({{"vec", reads(0, 90, 768)}}), chip).cycles,
      30u);
}

TEST(ClockBanks, UnitStrideAloneNeverWaits) {
  std::mt19937_64 draw(7);
  for (int i = 0; i < 2000; ++i) {
    chip::Chip chip = bankChip(1 << 20);
    chip.sram.bytes = 1 << 30;
    chip.sram.banks = 1 + draw() % (i % 2 ? 600 : 20);
    chip.sram.ports = 1 + draw() % 3;
    chip.sram.bytes_per_cycle = double(1 + draw() % 5000);
    int64_t count = int64_t(1 + draw() % (i % 3 ? 100000 : 200));
    ClockResult r = clockedWithEvents(
        programOf({{"vec", reads(4 * (draw() % 10000), count)}}), chip);
    ASSERT_EQ(r.bankStalls.cycles, 0)
        << chip.sram.banks << " banks, " << chip.sram.bytes_per_cycle
        << " bytes a cycle, " << chip.sram.ports << " ports, " << count
        << " elements";
  }
}

TEST(ClockBanks, MoreBanksAreNeverSlowerForOne) {
  // Whatever the stride: as many words, in banks that are twice as many.
  std::mt19937_64 draw(11);
  size_t faster = 0;
  for (int i = 0; i < 500; ++i) {
    uint64_t before = 0;
    Command command = reads(4 * (draw() % 1000), int64_t(1 + draw() % 300),
                            int64_t(1 + draw() % 400));
    for (uint32_t banks : {1, 2, 4, 8, 16, 32, 64, 128, 256}) {
      chip::Chip chip = bankChip(1 << 20);
      chip.sram.banks = banks;
      chip.sram.bytes_per_cycle = 8.0 * banks;
      uint64_t cycles =
          clockedWithEvents(programOf({{"vec", command}}), chip).cycles;
      if (before) {
        ASSERT_LE(cycles, before)
            << banks << " banks, stride " << command.ins[0].strides[0];
        faster += cycles < before;
      }
      before = cycles;
    }
  }
  EXPECT_GT(faster, 1000u);
}

TEST(ClockBanks, ExtremeMemoriesStayFinite) {
  Command strided = reads(12, 1000, 1 << 20);
  strided.ins[0].shape = {int64_t(1) << 40, 1000};
  strided.ins[0].strides = {-(int64_t(1) << 40), int64_t(1) << 33};
  strided.ins[0].steps = {INT64_MIN};
  for (double bytesPerCycle : {1e-300, 1e-3, 1.0, 1e300})
    for (uint32_t banks : {1u, 3u, 64u, 65u, 65536u})
      for (uint32_t ports : {1u, 64u})
        for (double bandwidth : {1e-300, 1e300}) {
          chip::Chip chip = bankChip();
          chip.sram.bytes = uint64_t(1e12);
          chip.sram.banks = banks;
          chip.sram.ports = ports;
          chip.sram.bytes_per_cycle = bytesPerCycle;
          chip.dram.bandwidth_gb_s = bandwidth;
          ClockResult r = clockedWithEvents(programOf({{"dma0", load(0, 10)},
                                                       {"dma1", load(64, 10)},
                                                       {"vec", strided}}),
                                            chip);
          EXPECT_GT(r.cycles, 0u);
          EXPECT_LE(r.cycles, uint64_t(1) << 62);
          EXPECT_TRUE(std::isfinite(r.bankStalls.cycles));
          EXPECT_GE(r.bankStalls.cycles, 0);
          EXPECT_TRUE(std::isfinite(r.bankStalls.bytes));
        }
}

} // namespace
