//===- ClockTermsTest.cpp - Every term of the clock by hand ---------------===//

#include "../../../lib/Clock/Banks.h"

#include "Clocked.h"

#include "hybridc/Clock/Describe.h"
#include "hybridc/Thermal/Thermal.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace hybridc;
using namespace hybridc::exec;
using namespace hybridc::stream;

namespace {

/// 1 GHz; DRAM 8 bytes a cycle, and so does each DMA channel; one lane.
chip::Chip handChip() {
  chip::Chip chip;
  chip.name = "hand";
  chip.clock_ghz = 1;
  chip.dram = {1 << 24, 8, 0, 1, 1};
  chip.sram = {1 << 16, 1, 1024, 1, 1};
  chip.dma = {8, 8, 0, 0};
  chip.vec.lanes = 1;
  chip.vec.energy_pj = {{"f32", 1}};
  chip.ctl = {1, 1, 1e9};
  return chip;
}

View viewAt(Space space, uint64_t address, std::vector<int64_t> shape,
            DType type = DType::F32) {
  View view;
  view.space = space;
  view.type = type;
  view.address = address;
  view.shape = std::move(shape);
  view.strides = rowMajorStrides(view.shape);
  return view;
}

Command commandOf(Op op, std::vector<View> ins, std::vector<View> outs) {
  Command command;
  command.op = op;
  command.ins = std::move(ins);
  command.outs = std::move(outs);
  return command;
}

Command load(int64_t cycles, uint64_t to = 0) {
  return commandOf(Op::Copy, {viewAt(Space::Dram, 0, {8 * cycles}, DType::U8)},
                   {viewAt(Space::Sram, to, {8 * cycles}, DType::U8)});
}
Command work(int64_t cycles, uint64_t in = 0, uint64_t out = 60000) {
  return commandOf(Op::Reduce, {viewAt(Space::Sram, in, {cycles})},
                   {viewAt(Space::Sram, out, {1})});
}

Attr ints(std::string name, std::vector<int64_t> values) {
  Attr attr;
  attr.name = std::move(name);
  attr.ints = std::move(values);
  return attr;
}

Segment &segmentOf(Program &program) {
  return std::get<Segment>(program.entries[0].body.nodes[0].node);
}

TEST(ClockTerms, WaitsStepByTheirSteps) {
  // Use i waits for loads 2i and 2i + 1, of 10 cycles each.
  Command fill = load(10), use = work(5);
  fill.signals = {0};
  use.waits = {{0, 2, {2}}};
  Program program = programOf({});
  segmentOf(program).numSemaphores = 1;
  segmentOf(program).queues = {{"dma0", {{Repeat{6, {{fill}}}}}},
                               {"vec", {{Repeat{3, {{use}}}}}}};
  EXPECT_EQ(clocked(program, handChip()).cycles, 65u);
}

TEST(ClockTerms, EqualSharesOfTheDramTakeWholeCycles) {
  for (int64_t channels : {2, 3, 5, 6, 7})
    for (int64_t cycles = 1; cycles < 60; ++cycles) {
      std::vector<std::pair<std::string, Command>> queues;
      for (int64_t i = 0; i < channels; ++i)
        queues.emplace_back("dma" + std::to_string(i),
                            load(cycles, uint64_t(i) * 1024));
      EXPECT_EQ(clocked(programOf(queues), handChip()).cycles,
                uint64_t(channels * cycles))
          << channels << " channels, " << cycles << " cycles each";
    }
}

TEST(ClockTerms, WhoFinishesLeavesItsShareToTheRest) {
  // k channels load for a cycles, n for b more: first all share, then those n.
  for (int64_t k : {1, 2, 3, 5})
    for (int64_t n : {1, 2, 3})
      for (int64_t a = 1; a < 30; a += 4)
        for (int64_t b = 1; b < 40; b += 3) {
          std::vector<std::pair<std::string, Command>> queues;
          for (int64_t i = 0; i < k + n; ++i)
            queues.emplace_back("dma" + std::to_string(i),
                                load(i < k ? a : a + b, uint64_t(i) * 1024));
          EXPECT_EQ(clocked(programOf(queues), handChip()).cycles,
                    uint64_t((k + n) * a + n * b))
              << k << " of " << a << ", " << n << " of " << a + b;
        }
}

TEST(ClockTerms, ASlowEngineTakesLonger) {
  Program program = programOf({{"vec", work(100)}, {"dma1", load(150)}});
  ClockOptions options;
  EXPECT_EQ(clocked(program, handChip(), options).cycles, 150u);
  options.slowdown = {{"vec", 2}};
  EXPECT_EQ(clocked(program, handChip(), options).cycles, 200u);
  // Channels go together; a transfer that DRAM bounds is no slower for it.
  options.slowdown = {{"dma", 4}};
  chip::Chip chip = handChip();
  EXPECT_EQ(clocked(program, chip, options).cycles, 600u);
  chip.dram.bandwidth_gb_s = 1;
  EXPECT_EQ(clocked(program, chip, options).cycles, 1200u);
}

TEST(ClockTerms, ADecisionWaitsForItsValue) {
  If branch;
  branch.condition = viewAt(Space::Dram, 0, {}, DType::Bool);
  Program program = programOf({});
  program.entries[0].body.nodes = {{branch}};
  chip::Chip chip = handChip();
  EXPECT_EQ(clocked(program, chip).cycles, 1u);
  chip.dram.latency_ns = 40;
  EXPECT_EQ(clocked(program, chip).cycles, 41u);
  branch.condition.space = Space::Sram;
  program.entries[0].body.nodes = {{branch}};
  EXPECT_EQ(clocked(program, chip).cycles, 1u);
}

TEST(ClockTerms, DramDoesNotHeatTheDie) {
  chip::Chip chip = handChip();
  chip.die_area_mm2 = 50;
  ClockResult r = clocked(programOf({{"dma0", load(1000)}}), chip);
  // 8000 bytes at 1 pJ a bit in DRAM, at 1 pJ a byte in the scratchpad.
  ASSERT_DOUBLE_EQ(r.totalEnergy_pj, 8000 * 8 + 8000);
  double watts = 8000e-12 / 1000e-9;
  auto model = ThermalModel::ofArea(50, chip.thermal);
  double kelvin = model->steady({watts})[0];
  EXPECT_NEAR(r.peakTemperature_c, kelvin - 273.15, 1e-9);
}

TEST(ClockTerms, ABufferWrittenAgainHasASecondLife) {
  // Bytes 0–80 are written 0–10, read 10–30; written again from 130 on.
  Command first = load(10), second = load(10), reads = work(20), other;
  other = work(100, 30000);
  Command last = work(20);
  first.signals = second.signals = {0};
  second.waits = {{1, 2, {}}};
  reads.waits = {{0, 1, {}}};
  last.waits = {{0, 2, {}}};
  reads.signals = other.signals = {1};
  Program program = programOf({});
  segmentOf(program).numSemaphores = 2;
  segmentOf(program).queues = {{"dma0", {{first}, {second}}},
                               {"vec", {{reads}, {other}, {last}}}};
  ClockResult r = clocked(program, handChip());
  ASSERT_EQ(r.cycles, 160u);
  auto bytesAt = [&](uint64_t cycle) {
    uint64_t bytes = 0;
    for (const OccupancyPoint &point : r.occupancy)
      if (point.cycle <= cycle)
        bytes = point.bytes;
    return bytes;
  };
  EXPECT_EQ(bytesAt(5), 80u);
  EXPECT_EQ(bytesAt(60), 400u + 4); // what `other` reads, and the result
  EXPECT_EQ(bytesAt(135), 80u + 4);
}

TEST(ClockTerms, LinksThatAreNotFullAreNotWaitedFor) {
  chip::Chip chip = handChip();
  chip.dram.bandwidth_gb_s = 1e6;
  chip.dma.bytes_per_cycle = 4;
  chip.chiplets = {4, 4, 0, 2}; // 4 bytes a cycle and link
  // 1600 bytes in 400 cycles: ¾ of them cross, over four links: .19 of each.
  Program program = programOf({{"dma0", load(200)}, {"dma1", load(200, 4096)}});
  ClockResult r = clocked(program, chip);
  EXPECT_EQ(r.cycles, 400u);
  EXPECT_EQ(r.linkLimitedCycles, 0);
  // Every link carries 600 bytes.
  ASSERT_EQ(r.links.size(), 4u);
  for (const LinkLoad &of : r.links) {
    EXPECT_DOUBLE_EQ(of.bytes, 600);
    EXPECT_DOUBLE_EQ(of.cycles, 600 / 4);
  }
}

TEST(ClockTerms, TheLinkOfTheControlCoreIsTheBusiest) {
  chip::Chip chip = handChip();
  chip.chiplets = {4, 2, 0, 2};
  Command gather = commandOf(Op::Gather,
                             {viewAt(Space::Sram, 0, {100, 4}),
                              viewAt(Space::Sram, 4096, {10}, DType::I64)},
                             {viewAt(Space::Sram, 8192, {10, 4})});
  ClockResult r = clocked(programOf({{"ctl", gather}}), chip);
  // 160 bytes picked and 80 of indices go in, 160 out to everybody: of these a
  // quarter comes back to the first chiplet as to the others.
  ASSERT_EQ(r.links.size(), 4u);
  EXPECT_DOUBLE_EQ(r.links[0].cycles, (.75 * 240 + .75 * 160 / 4) / 2);
  for (size_t i = 1; i < 4; ++i)
    EXPECT_DOUBLE_EQ(r.links[i].cycles, .75 * 160 / 4 / 2);
}

TEST(ClockTerms, LoopsMultiplyWhatTheirCommandsDo) {
  Command store = commandOf(Op::Copy, {viewAt(Space::Sram, 0, {10})},
                            {viewAt(Space::Dram, 0, {10})});
  Program program = programOf({});
  segmentOf(program).queues = {{"dma0", {{Repeat{3, {{load(10)}, {store}}}}}}};
  ClockResult r = clocked(program, handChip());
  EXPECT_EQ(r.dramReadBytes, 3 * 80);
  EXPECT_EQ(r.dramWriteBytes, 3 * 40);
  EXPECT_EQ(r.sramTrafficBytes, 3 * (80 + 40));
  ASSERT_EQ(r.origins.size(), 1u);
  EXPECT_EQ(r.origins[0].dramReadBytes, 3 * 80);
  EXPECT_EQ(r.origins[0].dramWriteBytes, 3 * 40);
}

//===----------------------------------------------------------------------===//
// Banks
//===----------------------------------------------------------------------===//

/// Four banks, one word of 8 bytes after the other.
chip::Sram fourBanks() { return {1 << 16, 4, 32, 1, 1}; }

TEST(BanksTerms, BackwardsIsFromTheOtherEnd) {
  Command command = work(4, 12);
  command.ins[0].strides = {-1}; // bytes 0 to 16
  command.outs.clear();
  EXPECT_EQ(clock::Banks(fourBanks()).useOf(command, {}, {}).mask, 0b0011u);
}

TEST(BanksTerms, AWordOfOneBankIsAskedOfThatBank) {
  Command command = work(1, 8);
  command.outs.clear();
  clock::BankUse use = clock::Banks(fourBanks()).useOf(command, {}, {});
  EXPECT_EQ(use.mask, 0b0010u);
  EXPECT_DOUBLE_EQ(use.even, 0);
  EXPECT_DOUBLE_EQ(use.focused, 4); // of the four banks' one alone
}

//===----------------------------------------------------------------------===//
// Commands as work
//===----------------------------------------------------------------------===//

ArrayTile tileOf(uint32_t rows, uint32_t cols) {
  ArrayTile tile;
  tile.engine = "pcm";
  tile.rows = rows;
  tile.cols = cols;
  return tile;
}

TEST(DescribeTerms, ReadOutsDriveEveryRow) {
  Program program;
  program.arrays = {tileOf(64, 8), tileOf(32, 8)};
  // Tiles side by side are read at once: as long as the higher one.
  Command read =
      commandOf(Op::ReadWeights, {}, {viewAt(Space::Sram, 0, {64, 16})});
  read.attrs = {ints("arrays", {0, 1}), ints("reads", {3})};
  chip::Work work = describe(read, program);
  EXPECT_EQ(work.vectors, 3u * 64);
  EXPECT_EQ(work.arrays.size(), 2u);
  read.attrs = {ints("arrays", {0, 1})};
  EXPECT_EQ(describe(read, program).vectors, 64u);
  // Of read_array 16 unless it says otherwise.
  Command own = commandOf(Op::ReadArray, {}, {});
  own.attrs = {ints("array", {1})};
  EXPECT_EQ(describe(own, program).vectors, 16u * 32);
  own.attrs.push_back(ints("reads", {2}));
  EXPECT_EQ(describe(own, program).vectors, 2u * 32);
}

TEST(DescribeTerms, OperationsOfAnElement) {
  View image = viewAt(Space::Sram, 0, {2, 50});
  chip::Work work = describe(commandOf(Op::Normalize, {image}, {image}), {});
  EXPECT_EQ(work.elements, 100u);
  EXPECT_EQ(work.opsPerElement, 5); // of these a root or an exponential
  EXPECT_EQ(work.specialPerElement, 1);
  work = describe(commandOf(Op::Kernel, {image}, {image}), {});
  EXPECT_EQ(work.elements, 100u);
  EXPECT_EQ(work.opsPerElement, 4);
}

} // namespace
