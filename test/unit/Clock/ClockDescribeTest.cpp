//===- ClockDescribeTest.cpp - Commands as work ---------------------------===//

#include "hybridc/Clock/Describe.h"
#include "hybridc/Stream/VecIsa.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace hybridc;
using namespace hybridc::exec;
using namespace hybridc::stream;

namespace {

View view(Space space, DType type, std::vector<int64_t> shape) {
  View v;
  v.space = space;
  v.type = type;
  v.strides = rowMajorStrides(shape);
  v.shape = std::move(shape);
  return v;
}

void set(Command &command, std::string name, std::vector<int64_t> ints) {
  Attr attr;
  attr.name = std::move(name);
  attr.ints = std::move(ints);
  command.attrs.push_back(std::move(attr));
  std::sort(command.attrs.begin(), command.attrs.end(),
            [](const Attr &a, const Attr &b) { return a.name < b.name; });
}

TEST(Describe, CopyCountsRuns) {
  Command copy;
  copy.ins = {view(Space::Dram, DType::F32, {8, 16, 32})};
  copy.outs = {view(Space::Sram, DType::F32, {8, 16, 32})};
  chip::Work work = describe(copy, {});
  EXPECT_EQ(work.kind, chip::WorkKind::Transfer);
  EXPECT_EQ(work.dramReadBytes, 8u * 16 * 32 * 4);
  EXPECT_EQ(work.sramWriteBytes, 8u * 16 * 32 * 4);
  EXPECT_EQ(work.runs, 1u);
  EXPECT_EQ(work.dramRuns, 1u);
  // Rows of a wider image: one run for each of 8 × 16 rows.
  copy.ins[0].strides = {16 * 40, 40, 1};
  work = describe(copy, {});
  EXPECT_EQ(work.runs, 128u);
  EXPECT_EQ(work.dramRuns, 128u);
  // A transposing copy of what is dense in DRAM: element by element, but the
  // DRAM side is one run.
  copy.ins[0].strides = {1, 8, 128};
  work = describe(copy, {});
  EXPECT_EQ(work.runs, 8u * 16 * 32);
  EXPECT_EQ(work.dramRuns, 1u);
  // A broadcast reads its elements once.
  copy.ins[0].strides = {0, 32, 1};
  work = describe(copy, {});
  EXPECT_EQ(work.dramReadBytes, 16u * 32 * 4);
  EXPECT_EQ(work.sramWriteBytes, 8u * 16 * 32 * 4);
}

TEST(Describe, Matmul) {
  Command command;
  command.op = Op::Matmul;
  command.ins = {view(Space::Sram, DType::I8, {2, 3, 16, 64}),
                 view(Space::Sram, DType::I8, {2, 3, 64, 32})};
  command.outs = {view(Space::Sram, DType::I32, {2, 3, 16, 32})};
  chip::Work work = describe(command, {});
  EXPECT_EQ(work.kind, chip::WorkKind::Matrix);
  EXPECT_EQ(work.format, "i8");
  EXPECT_EQ(work.batch, 6u);
  EXPECT_EQ(work.m, 16u);
  EXPECT_EQ(work.k, 64u);
  EXPECT_EQ(work.n, 32u);
  EXPECT_EQ(work.macs, 6u * 16 * 64 * 32);
  EXPECT_EQ(work.sramWriteBytes, 6u * 16 * 32 * 4);
  EXPECT_EQ(work.sramReadBytes, 6u * (16 * 64 + 64 * 32));
  set(command, "accumulate", {1});
  EXPECT_EQ(describe(command, {}).sramReadBytes,
            6u * (16 * 64 + 64 * 32 + 16 * 32 * 4));
}

/// The same convolution in each layout must be the same work.
void expectConv(const chip::Work &work) {
  EXPECT_EQ(work.m, 14u * 12);
  EXPECT_EQ(work.n, 32u);
  EXPECT_EQ(work.k, 16u * 3 * 5);
  EXPECT_EQ(work.batch, 2u);
  EXPECT_EQ(work.kernelH, 3u);
  EXPECT_EQ(work.kernelW, 5u);
  EXPECT_EQ(work.outH, 14u);
  EXPECT_EQ(work.outW, 12u);
  EXPECT_EQ(work.macs, 2ull * 14 * 12 * 32 * 16 * 15);
}

TEST(Describe, ConvInEachLayout) {
  Command conv;
  conv.op = Op::Conv;
  auto f32 = [](std::vector<int64_t> shape) {
    return view(Space::Sram, DType::F32, std::move(shape));
  };
  conv.ins = {f32({2, 16, 16, 16}), f32({32, 16, 3, 5})};
  conv.outs = {f32({2, 32, 14, 12})};
  expectConv(describe(conv, {}));
  set(conv, "y_block", {8});
  conv.ins[1] = f32({4, 3, 5, 16, 8});
  conv.outs[0] = f32({2, 4, 14, 12, 8});
  expectConv(describe(conv, {}));
  set(conv, "x_block", {8});
  conv.ins = {f32({2, 2, 16, 16, 8}), f32({4, 2, 3, 5, 8, 8})};
  expectConv(describe(conv, {}));
  // Depthwise: 32 groups of one channel and one filter.
  set(conv, "groups", {32});
  conv.ins = {f32({2, 4, 16, 16, 8}), f32({4, 3, 5, 8})};
  chip::Work work = describe(conv, {});
  EXPECT_EQ(work.batch, 64u);
  EXPECT_EQ(work.groups, 32u);
  EXPECT_EQ(work.n, 1u);
  EXPECT_EQ(work.k, 15u);
  EXPECT_EQ(work.kernelH, 3u);
  EXPECT_EQ(work.kernelW, 5u);
}

TEST(Describe, TransposedConv) {
  Command conv;
  conv.op = Op::Conv;
  set(conv, "transposed", {1});
  conv.ins = {view(Space::Sram, DType::F32, {1, 8, 10, 10}),
              view(Space::Sram, DType::F32, {8, 4, 2, 2})};
  conv.outs = {view(Space::Sram, DType::F32, {1, 4, 20, 20})};
  chip::Work work = describe(conv, {});
  EXPECT_EQ(work.macs, 100ull * 8 * 4 * 4);
}

TEST(Describe, Mvm) {
  Program program;
  program.arrays.resize(3);
  for (ArrayTile &tile : program.arrays) {
    tile.engine = "pcm";
    tile.rows = 200;
    tile.cols = 100;
  }
  program.arrays[2].cols = 28;
  Command mvm;
  mvm.op = Op::Mvm;
  mvm.ins = {view(Space::Sram, DType::F32, {4, 5, 200})};
  mvm.outs = {view(Space::Sram, DType::F32, {4, 5, 128})};
  set(mvm, "arrays", {1, 2, 7});
  chip::Work work = describe(mvm, program);
  EXPECT_EQ(work.kind, chip::WorkKind::Analog);
  EXPECT_EQ(work.engine, "pcm");
  EXPECT_EQ(work.vectors, 20u);
  ASSERT_EQ(work.arrays.size(), 2u); // there is no array 7
  EXPECT_EQ(work.arrays[1][1], 28u);
  EXPECT_EQ(work.macs, 20u * 200 * 128);
  set(mvm, "kernel", {3, 3});
  mvm.ins = {view(Space::Sram, DType::F32, {2, 8, 12, 12})};
  mvm.outs = {view(Space::Sram, DType::F32, {2, 128, 10, 10})};
  work = describe(mvm, program);
  EXPECT_EQ(work.vectors, 200u);
  EXPECT_EQ(work.sramReadBytes, 10u * 3 * 12 * 2 * 8 * 4);
}

TEST(Describe, ProgramArray) {
  Program program;
  program.arrays.resize(1);
  program.arrays[0].engine = "pcm";
  program.arrays[0].rows = 7;
  program.arrays[0].cols = 9;
  program.arrays[0].slices = 2;
  Command command;
  command.op = Op::ProgramArray;
  command.ins = {view(Space::Dram, DType::F32, {7, 9})};
  set(command, "array", {0});
  chip::Work work = describe(command, program);
  EXPECT_EQ(work.kind, chip::WorkKind::ProgramArray);
  EXPECT_EQ(work.slices, 2u);
  ASSERT_EQ(work.arrays.size(), 1u);
  EXPECT_EQ(work.arrays[0][0], 7u);
  EXPECT_EQ(work.dramReadBytes, 252u);
}

TEST(Describe, VecCountsWhatComputes) {
  Program program;
  VecProgram vec;
  auto instr = [](VecOp op, DType type) {
    VecInstr i;
    i.op = static_cast<uint8_t>(op);
    i.type = type;
    return i;
  };
  vec.instrs = {
      instr(VecOp::Load, DType::I32),  instr(VecOp::Cvt, DType::I32),
      instr(VecOp::Const, DType::F32), instr(VecOp::Mul, DType::F32),
      instr(VecOp::Exp, DType::F32),   instr(VecOp::Store, DType::F32)};
  program.vecPrograms.push_back(vec);
  Command command;
  command.op = Op::Vec;
  command.ins = {view(Space::Sram, DType::I32, {6, 7})};
  command.outs = {view(Space::Sram, DType::F32, {6, 7})};
  set(command, "program", {0});
  chip::Work work = describe(command, program);
  EXPECT_EQ(work.elements, 42u);
  EXPECT_DOUBLE_EQ(work.opsPerElement, 3);
  EXPECT_DOUBLE_EQ(work.specialPerElement, 1);
  EXPECT_EQ(sizeOf(DType::F32), 4u);
  EXPECT_TRUE(work.format == "i32" || work.format == "f32") << work.format;
}

TEST(Describe, PoolAndReduceAndGather) {
  Command pool;
  pool.op = Op::Pool;
  pool.ins = {view(Space::Sram, DType::F32, {1, 4, 8, 8})};
  pool.outs = {view(Space::Sram, DType::F32, {1, 4, 4, 4})};
  set(pool, "window", {1, 1, 3, 3});
  EXPECT_EQ(describe(pool, {}).elements, 64u * 9);
  Command gather;
  gather.op = Op::Gather;
  gather.ins = {view(Space::Dram, DType::F32, {1000, 64}),
                view(Space::Sram, DType::I64, {5})};
  gather.outs = {view(Space::Sram, DType::F32, {5, 64})};
  chip::Work work = describe(gather, {});
  EXPECT_EQ(work.kind, chip::WorkKind::Control);
  EXPECT_EQ(work.dramReadBytes, 5u * 64 * 4);
}

TEST(Describe, HostileCommandsSaturate) {
  for (unsigned op = 0; op < kNumOps; ++op) {
    Command command;
    command.op = static_cast<Op>(op);
    describe(command, {});
    View huge = view(Space::Dram, DType::F64,
                     {INT64_MAX, INT64_MAX, INT64_MAX, -1, INT64_MIN});
    huge.strides = {INT64_MIN, INT64_MAX, 1, -1, 0};
    command.ins = command.outs = {huge, huge};
    set(command, "arrays", {INT64_MAX, -1});
    set(command, "array", {INT64_MIN});
    set(command, "program", {INT64_MAX});
    set(command, "window", {INT64_MAX, INT64_MAX, -5});
    set(command, "groups", {INT64_MIN});
    set(command, "kernel", {INT64_MAX});
    describe(command, {});
    command.ins[0].shape = command.outs[0].shape = {INT64_MAX, INT64_MAX, 3, 4};
    chip::Work work = describe(command, {});
    EXPECT_LE(work.dramReadBytes, 1ull << 63) << op;
  }
}

} // namespace
