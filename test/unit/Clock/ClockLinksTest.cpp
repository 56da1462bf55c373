//===- ClockLinksTest.cpp - Links between chiplets, worked out by hand ----===//

#include "Clocked.h"
#include "Sample.h"

#include "hybridc/Clock/Clock.h"

#include <gtest/gtest.h>

using namespace hybridc;
using namespace hybridc::exec;
using namespace hybridc::stream;
using chip::Component;
using sample::dram, sample::sram;

namespace {

/// 1 GHz, four chiplets; a link carries 1 byte a cycle each way, 2 pJ a bit.
/// Nothing else takes long.
chip::Chip linkChip() {
  chip::Chip chip;
  chip.name = "links";
  chip.clock_ghz = 1;
  chip.dram = {1 << 24, 1e6, 0, 1, 1};
  chip.sram = {1 << 16, 1, 1e6, 1, 1};
  chip.dma = {4, 1e6, 0, 0};
  chip.mac.rows = chip.mac.cols = 4096;
  chip.mac.rate = {{"f32", 1}};
  chip.vec.lanes = 1 << 20;
  chip.ctl = {1e9, 1, 1e9};
  chip.chiplets = {4, 1, 0, 2};
  chip::ArrayKind array;
  array.name = "pcm";
  array.device = "pcm";
  array.count = 8; // two on each chiplet
  array.rows = array.cols = 64;
  array.mvm_ns = 1;
  chip.arrays = {array};
  return chip;
}

/// 400 elements, 1600 bytes, from DRAM.
Command load(uint64_t address = 0) {
  return sample::command(Op::Copy, {dram(0, {400})}, {sram(address, {400})});
}

Command mvm(std::vector<int64_t> arrays, uint64_t x, uint64_t y) {
  return sample::command(Op::Mvm, {sram(x, {10, 64})}, {sram(y, {10, 64})},
                         {sample::ints("arrays", std::move(arrays))});
}

/// Two arrays on each chiplet.
Program linked(std::vector<std::pair<std::string, Command>> queues) {
  Program program = programOf(std::move(queues));
  for (uint32_t i = 0; i < 8; ++i) {
    ArrayTile tile;
    tile.engine = "pcm";
    tile.rows = tile.cols = 64;
    tile.physical = i;
    program.arrays.push_back(tile);
  }
  return program;
}

double linkEnergy(const ClockResult &r) {
  return r.energy_pj[unsigned(Component::Link)];
}

/// Whatever crosses enters one chiplet and belongs to one engine and node.
void expectRollUps(const ClockResult &r) {
  double links = 0, engines = 0, origins = 0;
  for (const LinkLoad &load : r.links)
    links += load.bytes;
  for (const EngineUse &use : r.engines)
    engines += use.linkBytes;
  for (const OriginUse &use : r.origins)
    origins += use.linkBytes;
  EXPECT_NEAR(links, r.linkBytes, 1e-9 * r.linkBytes);
  EXPECT_NEAR(engines, r.linkBytes, 1e-9 * r.linkBytes);
  EXPECT_NEAR(origins, r.linkBytes, 1e-9 * r.linkBytes);
}

TEST(ClockLinks, GridsAreAsSquareAsTheyCanBe) {
  auto gridOf = [](uint32_t count) {
    return chip::Chiplets{count, 0, 0, 0}.grid();
  };
  EXPECT_EQ(gridOf(1), std::pair(1u, 1u));
  EXPECT_EQ(gridOf(4), std::pair(2u, 2u));
  EXPECT_EQ(gridOf(7), std::pair(1u, 7u));
  EXPECT_EQ(gridOf(12), std::pair(3u, 4u));
  EXPECT_EQ(gridOf(36), std::pair(6u, 6u));
}

TEST(ClockLinks, ATransferCrossesForThreeOfFourBytes) {
  ClockResult r = clockedWithEvents(linked({{"dma0", load()}}), linkChip());
  EXPECT_DOUBLE_EQ(r.linkBytes, 1200);
  EXPECT_DOUBLE_EQ(linkEnergy(r), 1200 * 8 * 2);
  EXPECT_EQ(r.cycles, 300u); // over four links
  EXPECT_DOUBLE_EQ(r.linkStalls.ownCycles, 299);
  ASSERT_EQ(r.links.size(), 4u);
  EXPECT_DOUBLE_EQ(r.links[3].bytes, 300);
  EXPECT_DOUBLE_EQ(r.links[3].cycles, 300);
  expectRollUps(r);
}

TEST(ClockLinks, OneChipletHasNone) {
  chip::Chip chip = linkChip();
  chip.chiplets.count = 1;
  ClockResult r = clockedWithEvents(linked({{"dma0", load()}}), chip);
  EXPECT_EQ(r.cycles, 1u);
  EXPECT_EQ(r.linkBytes, 0);
  EXPECT_EQ(linkEnergy(r), 0);
  EXPECT_TRUE(r.links.empty());
}

TEST(ClockLinks, TransfersShareTheLinks) {
  chip::Chip chip = linkChip();
  ClockResult r =
      clockedWithEvents(linked({{"dma0", load()}, {"dma1", load(1600)}}), chip);
  EXPECT_EQ(r.cycles, 600u);
  EXPECT_DOUBLE_EQ(r.linkLimitedCycles, 600);
  // Each waits half of its time, and 299 cycles for its own bytes.
  EXPECT_DOUBLE_EQ(r.linkStalls.cycles, 2 * (300 + 299));
  EXPECT_DOUBLE_EQ(r.events[0].linkStallCycles, 300 + 299);
  EXPECT_DOUBLE_EQ(r.dramLimitedCycles, 0);
  EXPECT_DOUBLE_EQ(r.bankLimitedCycles, 0);
  expectRollUps(r);
  chip.chiplets.link_gb_s = 0; // no limit: energy, no time
  ClockResult fast =
      clockedWithEvents(linked({{"dma0", load()}, {"dma1", load(1600)}}), chip);
  EXPECT_EQ(fast.cycles, 1u);
  EXPECT_DOUBLE_EQ(linkEnergy(fast), 2 * 1200 * 8 * 2);
}

TEST(ClockLinks, LatencyDelaysWhatWaits) {
  chip::Chip chip = linkChip();
  chip.chiplets.link_latency_ns = 20;
  Program program =
      linked({{"dma0", load()},
              {"vec", sample::command(Op::Reduce, {sram(0, {400})},
                                      {sram(4096, {1})})}});
  auto &segment = std::get<Segment>(program.entries[0].body.nodes[0].node);
  segment.numSemaphores = 1;
  std::get<Command>(segment.queues[0].items[0].node).signals = {0};
  std::get<Command>(segment.queues[1].items[0].node).waits = {{0, 1, {}}};
  ClockResult r = clockedWithEvents(program, chip);
  EXPECT_EQ(r.events[0].end, 300u);
  EXPECT_EQ(r.events[1].start, 320u);
}

TEST(ClockLinks, AProductSendsItsInputsAlongTheRows) {
  // 40×20 times 20×30, f32, on a grid of 2×2: inputs go to both chiplets of a
  // row, sums run down one step.
  Command product =
      sample::command(Op::Matmul, {sram(0, {40, 20}), sram(4096, {20, 30})},
                      {sram(8192, {40, 30})});
  double in = 3200, weights = 2400, out = 4800;
  for (auto [flow, bytes] :
       {std::pair("ws", .75 * (2 * in + weights + out) + out),
        {"photonic", .75 * (2 * in + weights + out) + out},
        {"is", .75 * (in + 2 * weights + out) + out},
        {"os", .75 * (2 * in + 2 * weights + out)},
        {"simd", .75 * (2 * in + 2 * weights + out)}}) {
    chip::Chip chip = linkChip();
    chip.mac.dataflow = flow;
    chip.chiplets.link_gb_s = 0.01; // so that nothing else counts
    ClockResult r = clockedWithEvents(linked({{"mac", product}}), chip);
    EXPECT_DOUBLE_EQ(r.linkBytes, bytes) << flow;
    EXPECT_DOUBLE_EQ(linkEnergy(r), bytes * 8 * 2) << flow;
    EXPECT_EQ(r.cycles, uint64_t(bytes / 4 * 100 + 0.5)) << flow;
    expectRollUps(r);
  }
}

TEST(ClockLinks, ArraysAreOnTheirChiplets) {
  // 2560 bytes in, 2560 out. On one chiplet: 3/4 of the inputs enter it, 3/4 of
  // the outputs leave it for the others.
  ClockResult one =
      clockedWithEvents(linked({{"pcm", mvm({2, 3}, 0, 4096)}}), linkChip());
  EXPECT_DOUBLE_EQ(one.linkBytes, .75 * 2560 + .75 * 2560);
  EXPECT_DOUBLE_EQ(one.links[1].bytes, .75 * 2560 + .75 * 2560 / 4);
  EXPECT_DOUBLE_EQ(one.links[0].bytes, .75 * 2560 / 4);
  EXPECT_EQ(one.cycles, 2400u); // in: 1920 + 480
  expectRollUps(one);
  // On two chiplets the inputs go twice.
  ClockResult two =
      clockedWithEvents(linked({{"pcm", mvm({1, 2}, 0, 4096)}}), linkChip());
  EXPECT_DOUBLE_EQ(two.linkBytes, 2 * .75 * 2560 + .75 * 2560);
  EXPECT_EQ(two.cycles, 2400u);
  expectRollUps(two);
}

TEST(ClockLinks, OnlyWhoNeedsTheSameLinkWaits) {
  // The scratchpad is spread, so that some of all outputs enters every chiplet:
  // two products on arrays of different chiplets meet there only.
  auto both = [](int64_t first, int64_t second) {
    return clockedWithEvents(linked({{"pcm", mvm({first}, 0, 4096)},
                                     {"pcm1", mvm({second}, 8192, 16384)}}),
                             linkChip());
  };
  EXPECT_EQ(both(0, 1).cycles, 4800u); // one chiplet's link carries both
  // Each of the two has 1920 + 480 bytes enter, and 480 of the other's.
  EXPECT_EQ(both(0, 7).cycles, 2880u);
}

TEST(ClockLinks, TheControlCoreIsOnTheFirst) {
  Command gather = sample::command(
      Op::Gather, {sram(0, {100, 4}), sram(4096, {10})}, {sram(8192, {10, 4})});
  gather.ins[1].type = DType::I64;
  ClockResult r = clockedWithEvents(linked({{"ctl", gather}}), linkChip());
  // 160 bytes picked, 80 of indices in; 160 out.
  EXPECT_DOUBLE_EQ(r.linkBytes, .75 * 240 + .75 * 160);
  EXPECT_DOUBLE_EQ(r.links[0].bytes, .75 * 240 + .75 * 160 / 4);
  EXPECT_EQ(r.cycles, 210u);
  expectRollUps(r);
}

TEST(ClockLinks, WhatEveryChipletHasStaysThere) {
  Command reduce =
      sample::command(Op::Reduce, {sram(0, {400})}, {sram(4096, {1})});
  ClockResult r = clockedWithEvents(linked({{"vec", reduce}}), linkChip());
  EXPECT_EQ(r.linkBytes, 0);
  EXPECT_EQ(r.cycles, 1u);
}

} // namespace
