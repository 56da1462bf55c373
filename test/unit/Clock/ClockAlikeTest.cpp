//===- ClockAlikeTest.cpp - Commands that look alike and are not ----------===//
//
// The clock finds out once what alike commands cost. Two commands one after
// the other on one engine take as long and as much energy as each alone,
// whatever it is in which they differ.
//
//===----------------------------------------------------------------------===//
#include "Clocked.h"
#include "Sample.h"

#include <functional>

using namespace hybridc;
using namespace hybridc::exec;
using namespace hybridc::stream;

namespace {

/// A run costs a cycle, a byte of DRAM energy; f32 takes longer than i8.
chip::Chip testChip() {
  chip::Chip chip;
  chip.name = "alike";
  chip.clock_ghz = 1;
  chip.dram = {1 << 24, 1e3, 0, 1, 1};
  chip.sram = {1 << 16, 4, 32, 1, 1};
  chip.sram.interleave_bytes = 16;
  chip.dma = {4, 8, 3, 1};
  chip.mac.rows = chip.mac.cols = 4;
  chip.mac.rate = {{"f32", 1}, {"i8", 4}};
  chip.mac.energy_pj = {{"f32", 2}, {"i8", 1}};
  chip.vec.lanes = 64;
  chip.vec.energy_pj = {{"f32", 1}};
  chip.ctl = {1, 1, 1};
  return chip;
}

struct Sum {
  uint64_t cycles;
  double energy_pj;
};

Sum clockedAfterEachOther(const std::string &engine,
                          std::vector<Command> commands) {
  Program program = programOf({{engine, commands[0]}});
  auto &segment = std::get<Segment>(program.entries[0].body.nodes[0].node);
  for (size_t i = 1; i < commands.size(); ++i)
    segment.queues[0].items.push_back({commands[i]});
  ClockResult result = clocked(program, testChip());
  EXPECT_EQ(result.commands, commands.size());
  return {result.cycles, result.totalEnergy_pj};
}

void expectOwnCosts(const std::string &engine, const Command &first,
                    const std::function<void(Command &)> &change,
                    bool differs = true) {
  Command second = first;
  change(second);
  Sum a = clockedAfterEachOther(engine, {first});
  Sum b = clockedAfterEachOther(engine, {second});
  EXPECT_EQ(a.cycles != b.cycles || a.energy_pj != b.energy_pj, differs)
      << "else the test shows nothing";
  Sum both = clockedAfterEachOther(engine, {first, second, first});
  EXPECT_EQ(both.cycles, 2 * a.cycles + b.cycles);
  EXPECT_DOUBLE_EQ(both.energy_pj, 2 * a.energy_pj + b.energy_pj);
}

Command load() {
  return sample::command(Op::Copy, {sample::dram(0, {8, 16})},
                         {sample::sram(0, {8, 16})});
}

Command matmul() {
  return sample::command(
      Op::Matmul, {sample::sram(0, {8, 16}), sample::sram(1024, {16, 4})},
      {sample::sram(2048, {8, 4})});
}

TEST(ClockAlike, TransfersThatDiffer) {
  expectOwnCosts("dma0", load(), [](Command &c) { // an eighth of it
    c.ins[0].shape = c.outs[0].shape = {1, 16};
  });
  expectOwnCosts("dma0", load(),
                 [](Command &c) { c.ins[0].strides = {64, 4}; });
  expectOwnCosts("dma0", load(),
                 [](Command &c) { c.outs[0].strides = {1, 8}; });
  expectOwnCosts("dma0", load(), [](Command &c) {
    c.ins[0].type = c.outs[0].type = DType::U8;
  });
  expectOwnCosts("dma0", load(),
                 [](Command &c) { c.outs[0].space = Space::Dram; });
  expectOwnCosts("dma0", load(),
                 [](Command &c) { c.ins[0].space = Space::Sram; });
  expectOwnCosts("dma0", load(), [](Command &c) {
    c.op = Op::Fill;
    c.ins.clear();
    c.attrs = {sample::ints("bits", {0})};
  });
}

TEST(ClockAlike, ProductsThatDiffer) {
  expectOwnCosts("mac", matmul(), [](Command &c) {
    c.attrs = {sample::ints("accumulate", {1})};
  });
  expectOwnCosts("mac", matmul(), [](Command &c) {
    c.ins[0].shape = {8, 8};
    c.ins[1].shape = {8, 4};
  });
  expectOwnCosts("mac", matmul(),
                 [](Command &c) { c.ins[0].type = c.ins[1].type = DType::I8; });
  expectOwnCosts("mac", matmul(),
                 [](Command &c) { c.ins[1].space = Space::Dram; });
}

TEST(ClockAlike, AttributesThatDiffer) {
  Command conv = sample::command(
      Op::Conv,
      {sample::sram(0, {1, 4, 4, 4}), sample::sram(512, {4, 4, 1, 1})},
      {sample::sram(1024, {1, 4, 4, 4})},
      {sample::ints("groups", {1}), sample::ints("strides", {1, 1})});
  expectOwnCosts("mac", conv, [](Command &c) { c.attrs[0].ints = {2}; });
}

/// Alike but for the banks that their rows lie in: two of four, or three.
TEST(ClockAlike, AddressesDecideOverBanks) {
  Command reduce = sample::command(Op::Reduce, {sample::sram(0, {64, 6})},
                                   {sample::dram(0, {1})});
  reduce.ins[0].strides = {16, 1};
  expectOwnCosts("vec", reduce, [](Command &c) { c.ins[0].address = 12; });
  expectOwnCosts(
      "vec", reduce, [](Command &c) { c.ins[0].address = 4096; },
      /*differs=*/false);
}

} // namespace
