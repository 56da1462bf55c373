//===- ClockTest.cpp - The clock on cases worked out by hand --------------===//

#include "Clocked.h"

#include "hybridc/Clock/Clock.h"
#include "hybridc/Clock/Describe.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>

using namespace hybridc;
using namespace hybridc::exec;
using namespace hybridc::stream;

namespace {

/// 1 GHz; DRAM 8 bytes a cycle, no latency; each DMA channel 8 bytes a cycle.
chip::Chip handChip() {
  chip::Chip chip;
  chip.name = "hand";
  chip.clock_ghz = 1;
  chip.leakage_w = 2;
  chip.dram = {1 << 24, 8, 0, 1, 1};
  chip.sram = {1 << 16, 1, 1024, 1, 1};
  chip.dma = {4, 8, 0, 0};
  chip.mac.rows = chip.mac.cols = 4;
  chip.mac.rate = {{"f32", 1}};
  chip.mac.energy_pj = {{"f32", 1}};
  chip.vec.lanes = 1;
  chip.vec.energy_pj = {{"f32", 1}};
  chip.ctl = {1, 1, 1e9};
  return chip;
}

View bytesAt(Space space, uint64_t address, int64_t bytes) {
  View view;
  view.space = space;
  view.type = DType::U8;
  view.address = address;
  view.shape = {bytes};
  view.strides = {1};
  return view;
}

/// A load that keeps its channel busy for `cycles`.
Command load(uint64_t cycles, uint64_t sramAddress = 0) {
  Command command;
  command.op = Op::Copy;
  command.ins = {bytesAt(Space::Dram, 0, int64_t(cycles) * 8)};
  command.outs = {bytesAt(Space::Sram, sramAddress, int64_t(cycles) * 8)};
  return command;
}

/// A reduction over `cycles` elements: as many cycles on one lane.
Command work(uint64_t cycles, uint64_t in = 0, uint64_t out = 60000) {
  Command command;
  command.op = Op::Reduce;
  command.ins = {bytesAt(Space::Sram, in, int64_t(cycles))};
  command.outs = {bytesAt(Space::Sram, out, 1)};
  command.ins[0].type = command.outs[0].type = DType::F32;
  return command;
}

Command after(Command command, uint32_t id, uint64_t value) {
  command.waits.push_back({id, value, {}});
  return command;
}
Command signalling(Command command, uint32_t id) {
  command.signals.push_back(id);
  return command;
}
Command from(Command command, uint32_t origin) {
  command.origin = origin;
  return command;
}

Queue queue(std::string engine, std::vector<Command> commands) {
  Queue queue;
  queue.engine = std::move(engine);
  for (Command &command : commands)
    queue.items.push_back({std::move(command)});
  return queue;
}

Program programOf(std::vector<Node> nodes) {
  Program program;
  program.dramBytes = 1 << 24;
  program.sramBytes = 1 << 16;
  program.origins.resize(4);
  for (size_t i = 0; i < program.origins.size(); ++i)
    program.origins[i].node = "n" + std::to_string(i);
  Entry entry;
  entry.name = "infer";
  entry.body.nodes = std::move(nodes);
  program.entries.push_back(std::move(entry));
  return program;
}
Program programOf(std::vector<Queue> queues, uint32_t semaphores = 8) {
  Segment segment;
  segment.queues = std::move(queues);
  segment.numSemaphores = semaphores;
  return programOf(std::vector<Node>{{segment}});
}

TEST(Clock, OneQueueAddsUp) {
  ClockResult r =
      clocked(programOf({queue("dma0", {load(100), load(50)})}), handChip());
  EXPECT_EQ(r.cycles, 150u);
  EXPECT_EQ(r.commands, 2u);
  EXPECT_DOUBLE_EQ(r.latency_ns, 150);
  EXPECT_DOUBLE_EQ(r.dramReadBytes, 1200);
  EXPECT_DOUBLE_EQ(r.dramWriteBytes, 0);
  ASSERT_EQ(r.engines.size(), 1u);
  EXPECT_EQ(r.engines[0].kind, "dma");
  EXPECT_DOUBLE_EQ(r.engines[0].busyFraction, 1);
  // 8 pJ a byte of DRAM and 1 of SRAM; 2 W for 150 ns.
  EXPECT_DOUBLE_EQ(r.energy_pj[unsigned(chip::Component::Dram)], 9600);
  EXPECT_DOUBLE_EQ(r.energy_pj[unsigned(chip::Component::Sram)], 1200);
  EXPECT_DOUBLE_EQ(r.energy_pj[unsigned(chip::Component::Leakage)], 300000);
  EXPECT_DOUBLE_EQ(r.totalEnergy_pj, 310800);
  EXPECT_NEAR(r.averagePower_w, 310800e-12 / 150e-9, 1e-9);
}

TEST(Clock, TwoQueuesOverlap) {
  ClockResult r = clocked(programOf({queue("dma0", {load(100)}),
                                     queue("vec", {work(70), work(10)})}),
                          handChip());
  EXPECT_EQ(r.cycles, 100u);
  EXPECT_DOUBLE_EQ(r.engines[1].busyCycles, 80);
}

TEST(Clock, SemaphoresOrder) {
  // vec waits for the second load; the third load waits for vec's first.
  ClockOptions options;
  options.events = true;
  ClockResult r = clocked(
      programOf({queue("dma0", {signalling(load(30), 0),
                                signalling(load(20), 0), after(load(5), 1, 1)}),
                 queue("vec", {after(signalling(work(40), 1), 0, 2)})}),
      handChip(), options);
  EXPECT_EQ(r.cycles, 95u);
  ASSERT_EQ(r.events.size(), 4u);
  EXPECT_EQ(r.events[2].start, 50u);
  EXPECT_EQ(r.events[2].end, 90u);
  EXPECT_EQ(r.events[2].op, Op::Reduce);
  EXPECT_EQ(r.events[3].start, 90u);
}

TEST(Clock, LatencyDelaysSignalsNotTheChannel) {
  chip::Chip chip = handChip();
  chip.dram.latency_ns = 25;
  ClockResult r =
      clocked(programOf({queue("dma0", {signalling(load(30), 0), load(20)}),
                         queue("vec", {after(work(10), 0, 1)})}),
              chip);
  // Channel: 0–30, 30–50, data at 55 and 75. vec: 55–65.
  EXPECT_EQ(r.cycles, 75u);
  EXPECT_DOUBLE_EQ(r.engines[0].busyCycles, 50);
}

TEST(Clock, ChannelsShareTheDram) {
  // Both ask for all of the bandwidth: half each until the first is done.
  ClockOptions options;
  options.events = true;
  ClockResult r = clocked(
      programOf({queue("dma0", {load(40)}), queue("dma1", {load(100)})}),
      handChip(), options);
  EXPECT_EQ(r.cycles, 140u);
  EXPECT_EQ(r.events[0].end, 80u);
  EXPECT_EQ(r.events[1].end, 140u);
  EXPECT_DOUBLE_EQ(r.dramLimitedCycles, 80);
}

TEST(Clock, SmallDemandsAreMetInFull) {
  // dma0 is slow (2 bytes a cycle), dma1 takes what is left of 8: with
  // channels of 6 both run at full speed; with 8, dma1 at 6 of 8.
  chip::Chip chip = handChip();
  chip.dma.bytes_per_cycle = 1e9;
  chip.dma.cycles_per_run = 1;
  Command slow = load(25); // 200 bytes in 100 runs of 2: 100 cycles
  slow.ins[0].shape = {100, 2};
  slow.ins[0].strides = {4, 1};
  slow.outs[0].shape = {100, 2};
  slow.outs[0].strides = {4, 1};
  ClockOptions options;
  options.events = true;
  ClockResult r =
      clocked(programOf({queue("dma0", {slow}), queue("dma1", {load(60)})}),
              chip, options);
  // 60 cycles' worth at 6/8 of the speed: 80.
  EXPECT_EQ(r.events[1].end, 80u);
  EXPECT_EQ(r.cycles, 100u);
}

TEST(Clock, RepeatRunsItsBodyAndStepsItsWaits) {
  // Double buffering: load i waits until vec has done i − 1.
  Command fill = signalling(load(10), 0);
  fill.waits.push_back({1, 0, {1}}); // iteration i: counter 1 ≥ i − 1
  Command use = signalling(work(30), 1);
  use.waits.push_back({0, 1, {1}});
  Queue dma{"dma0", {{Repeat{5, {{fill}}}}}};
  Queue vec{"vec", {{Repeat{5, {{use}}}}}};
  ClockOptions options;
  options.events = true;
  ClockResult r = clocked(programOf({dma, vec}), handChip(), options);
  // Load i starts when vec has finished i uses: strictly one after the other.
  EXPECT_EQ(r.cycles, 200u);
  EXPECT_EQ(r.commands, 10u);
  ASSERT_EQ(r.events.size(), 10u);
  EXPECT_EQ(r.events[2].start, 40u);
  // One buffer more: loads hide behind the work but for the first.
  std::get<Command>(std::get<Repeat>(dma.items[0].node).body[0].node)
      .waits[0] = {1, uint64_t(-1), {1}};
  auto wrapped = runClock(programOf({dma, vec}), handChip());
  EXPECT_FALSE(bool(wrapped)); // 2^64 − 1 is never reached
}

TEST(Clock, NestedRepeats) {
  Repeat inner{3, {{work(2)}}};
  Repeat outer{4,
               {{work(1)},
                {inner},
                {Repeat{0, {{work(99)}}}},
                {Repeat{1000000000000, {}}}}};
  ClockResult r = clocked(programOf({Queue{"vec", {{outer}}}}), handChip());
  EXPECT_EQ(r.cycles, 4u * (1 + 3 * 2));
  EXPECT_EQ(r.commands, 16u);
}

TEST(Clock, NodesAreBarriers) {
  Segment first, second;
  first.queues = {queue("dma0", {load(10)}), queue("vec", {work(50)})};
  second.queues = {queue("dma0", {load(20)})};
  EXPECT_EQ(clocked(programOf(std::vector<Node>{{first}, {second}}), handChip())
                .cycles,
            70u);
}

TEST(Clock, DeadlockIsAnError) {
  auto r = runClock(
      programOf({queue("dma0", {after(signalling(load(10), 0), 1, 1)}),
                 queue("vec", {after(signalling(work(10), 1), 0, 1)})}),
      handChip());
  ASSERT_FALSE(bool(r));
  EXPECT_EQ(r.error().code, ExitCode::InvalidInput);
  EXPECT_EQ(r.error().message,
            "entry 'infer': deadlock in cycle 0: queue 'dma0' waits for "
            "semaphore 1 to reach 1, it stands at 0 and nothing is left that "
            "would signal it");
  auto unknown =
      runClock(programOf({queue("vec", {after(work(1), 99, 1)})}), handChip());
  ASSERT_FALSE(bool(unknown));
  EXPECT_NE(unknown.error().message.find("semaphore 99"), std::string::npos);
}

TEST(Clock, TooManyCommandsAreRefused) {
  Repeat repeat{1ull << 60, {{work(1)}}};
  ClockOptions options;
  options.maxCommands = 1000;
  auto r = runClock(programOf({Queue{"vec", {{repeat}}}}), handChip(), "infer",
                    options);
  ASSERT_FALSE(bool(r));
  EXPECT_EQ(r.error().code, ExitCode::Unsupported);
  EXPECT_FALSE(bool(runClock(programOf({queue("vec", {})}), handChip(), "no")));
}

Node ifNode(uint64_t thenCycles, uint64_t elseCycles) {
  If branch;
  branch.condition.type = DType::Bool;
  branch.condition.space = Space::Sram;
  Segment segment;
  segment.queues = {queue("vec", {work(thenCycles)})};
  branch.thenBlock.nodes = {{segment}};
  segment.queues = {queue("vec", {work(elseCycles)})};
  branch.elseBlock.nodes = {{segment}};
  branch.origin = 2;
  return {branch};
}

TEST(Clock, BranchesFollowTheDecisions) {
  Program program = programOf(std::vector<Node>{ifNode(10, 100)});
  ClockResult assumed = clocked(program, handChip());
  EXPECT_EQ(assumed.cycles, 1u + 10); // one cycle of ctl to decide
  ASSERT_EQ(assumed.assumptions.size(), 1u);
  EXPECT_EQ(assumed.assumptions[0], "n2: the then-branch is taken");
  std::vector<uint8_t> decisions{0};
  ClockOptions options;
  options.decisions = &decisions;
  EXPECT_EQ(clocked(program, handChip(), options).cycles, 101u);
  decisions.clear();
  EXPECT_FALSE(bool(runClock(program, handChip(), "infer", options)));
}

TEST(Clock, LoopsFollowDecisionsOrAssumptions) {
  Loop loop;
  loop.maxTrips = 10;
  Segment segment;
  segment.queues = {queue("vec", {work(5)})};
  loop.body.nodes = {{segment}};
  Program program = programOf(std::vector<Node>{{loop}});
  ClockResult most = clocked(program, handChip());
  EXPECT_EQ(most.cycles, 10u * (1 + 5));
  EXPECT_EQ(most.commands, 20u);
  EXPECT_DOUBLE_EQ(most.engines[0].busyCycles, 50);
  EXPECT_TRUE(most.assumptions.empty());

  std::vector<uint8_t> decisions{1, 1, 0};
  ClockOptions options;
  options.decisions = &decisions;
  EXPECT_EQ(clocked(program, handChip(), options).cycles, 2u * 5 + 3);

  // A constant trip count is read; an unknown large one is assumed to be 1.
  std::get<Loop>(program.entries[0].body.nodes[0].node).maxTrips = 1u << 30;
  EXPECT_EQ(clocked(program, handChip()).cycles, 6u);
  int64_t count = 7;
  program.blobs.push_back(
      {reinterpret_cast<const std::byte *>(&count), sizeof count, nullptr});
  program.segments.push_back({"k", SegmentKind::Constant, 64, 8, 0});
  View view;
  view.type = DType::I64;
  view.address = 64;
  std::get<Loop>(program.entries[0].body.nodes[0].node).tripCount = {view};
  ClockResult counted = clocked(program, handChip());
  EXPECT_EQ(counted.commands, 14u);
  ASSERT_EQ(counted.assumptions.size(), 1u);
  EXPECT_EQ(counted.assumptions[0], "n0: the loop runs 7 times");
}

TEST(Clock, OriginsAddUp) {
  ClockResult r = clocked(
      programOf(
          {queue("dma0", {from(signalling(load(40), 0), 1)}),
           queue("vec", {from(work(20), 0), from(after(work(60), 0, 1), 1)})}),
      handChip());
  EXPECT_EQ(r.cycles, 100u);
  ASSERT_EQ(r.origins.size(), 2u);
  const OriginUse *one = r.findOrigin(1);
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(one->mainEngine, "vec");
  EXPECT_DOUBLE_EQ(one->busyCycles, 60);
  EXPECT_DOUBLE_EQ(one->allBusyCycles, 100);
  EXPECT_EQ(one->start, 0u);
  EXPECT_EQ(one->end, 100u);
  EXPECT_DOUBLE_EQ(one->dramReadBytes, 320);
  EXPECT_EQ(one->sramBytes, 320u + 4);
  // The first 20 cycles are shared, the rest is origin 1's.
  EXPECT_DOUBLE_EQ(r.findOrigin(0)->shareCycles, 10);
  EXPECT_DOUBLE_EQ(one->shareCycles, 90);
  double energy = r.energy_pj[unsigned(chip::Component::Leakage)];
  for (const OriginUse &use : r.origins)
    energy += use.energy_pj;
  EXPECT_DOUBLE_EQ(energy, r.totalEnergy_pj);
  EXPECT_EQ(r.findOrigin(3), nullptr);
}

TEST(Clock, OccupancyIsFromFirstWriteToLastRead) {
  // 80 bytes written 0–10, read 10–50 (20 f32 from 0: bytes 0–80), while
  // another 160 bytes arrive 10–30 and are read 50–90.
  ClockResult r =
      clocked(programOf({queue("dma0", {signalling(load(10, 0), 0),
                                        signalling(load(20, 1000), 0)}),
                         queue("vec", {after(work(20, 0), 0, 1),
                                       after(work(40, 1000, 60004), 0, 2)})}),
              handChip());
  EXPECT_EQ(r.cycles, 70u);
  EXPECT_EQ(r.peakSramBytes, 80u + 160 + 4);
  ASSERT_FALSE(r.occupancy.empty());
  EXPECT_EQ(r.occupancy.front().cycle, 0u);
  EXPECT_EQ(r.occupancy.front().bytes, 80u);
  EXPECT_EQ(r.occupancy.back().cycle, 70u);
  EXPECT_EQ(r.occupancy.back().bytes, 0u);
}

TEST(Clock, SteppingBuffersAreFollowed) {
  // Four rows of 80 bytes, written one by one, read at the end.
  Command row = signalling(load(10), 0);
  row.outs[0].steps = {80};
  Queue dma{"dma0", {{Repeat{4, {{row}}}}}};
  ClockResult r = clocked(
      programOf({dma, queue("vec", {after(work(80), 0, 4)})}), handChip());
  EXPECT_EQ(r.peakSramBytes, 320u + 4);
  EXPECT_EQ(r.occupancy.front().bytes, 80u);
}

TEST(Clock, TwentyThousandCommandsInAMoment) {
  std::vector<Command> loads, macs, vecs;
  for (uint64_t i = 0; i < 7000; ++i) {
    loads.push_back(signalling(load(100, i % 2 * 4096), 0));
    if (i > 1)
      loads.back().waits.push_back({1, i - 1, {}});
    Command matmul;
    matmul.op = Op::Matmul;
    auto matrix = [](uint64_t address, int64_t rows, int64_t cols) {
      View view;
      view.space = Space::Sram;
      view.address = address;
      view.shape = {rows, cols};
      view.strides = {cols, 1};
      return view;
    };
    matmul.ins = {matrix(i % 2 * 4096, 16, 8), matrix(8192, 8, 4)};
    matmul.outs = {matrix(16384 + i % 2 * 4096, 16, 4)};
    macs.push_back(signalling(signalling(after(matmul, 0, i + 1), 1), 2));
    vecs.push_back(after(work(30, 16384 + i % 2 * 4096), 2, i + 1));
  }
  Program program =
      programOf({queue("dma0", loads), queue("mac", macs), queue("vec", vecs)});
  auto begin = std::chrono::steady_clock::now();
  ClockResult r = clocked(program, handChip());
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(r.commands, 21000u);
  // matmul: 2 folds of 8 + 4 + 16 − 2 = 26, less one = 51; loads lead.
  EXPECT_EQ(r.cycles, 7000u * 100 + 51 + 30);
  RecordProperty("milliseconds", int(took.count() * 1e3));
  std::printf("21000 commands in %.1f ms\n", took.count() * 1e3);
  EXPECT_LT(took.count(), 0.5 * HYBRIDC_PATIENCE); // 0.05 on an idle machine
}

} // namespace
