//===- VerifyTest.cpp - Each rule refuses what it is there for ------------===//
//
// A test is named after the label of its rule in docs/CommandStream.md. Every
// case takes a correct program, breaks one thing and names the words of the
// error.
//
//===----------------------------------------------------------------------===//
#include "Refused.h"
#include "Sample.h"

#include "hybridc/Stream/Serialize.h"
#include "hybridc/Stream/Verify.h"

#include <gtest/gtest.h>

using namespace hybridc::stream;
using namespace hybridc::stream::sample;

namespace {

std::string errorOf(const Program &program) {
  auto status = verifyProgram(program);
  return status ? "fine" : status.error().message;
}

void refuses(Program program, std::string_view words, const Change &change) {
  expectRefused(std::move(program), words, change, errorOf);
}

void accepts(Program program, const std::function<void(Program &)> &change) {
  change(program);
  EXPECT_EQ(errorOf(program), "fine");
}

Command &firstOf(Program &program, std::string_view engine,
                 std::string_view entry = "infer") {
  return *commands(queue(program, engine, entry).items)[0];
}
/// The load of a row, inside its hardware loop.
Command &loadOf(Program &program) {
  return *commands(queue(program, "dma0").items)[1];
}
Loop &loopOf(Program &program) {
  return *std::get_if<Loop>(&program.entries[0].body.nodes[1].node);
}

} // namespace

TEST(Verify, SamplesAreFine) {
  EXPECT_EQ(errorOf(pipeline()), "fine");
  EXPECT_EQ(errorOf(analog()), "fine");
  EXPECT_EQ(errorOf(recalibrated()), "fine");
  EXPECT_EQ(errorOf(training()), "fine");
  EXPECT_EQ(errorOf(control()), "fine");
  EXPECT_EQ(errorOf(Program()), "fine");
}

TEST(Verify, TheErrorSaysWhere) {
  Program program = pipeline();
  loadOf(program).outs[0].address = 2048;
  EXPECT_EQ(errorOf(program),
            "command stream for 'sample.onnx': entry 'infer', node 0, queue "
            "dma0: item 1: item 0: copy: y: bytes 0x800 to 0x840 are not "
            "within SRAM of 2048 bytes");
}

TEST(Verify, S1_Names) {
  refuses(pipeline(), "has the name of another",
          [](Program &p) { p.entries.push_back(p.entries[0]); });
  refuses(pipeline(), "has no name",
          [](Program &p) { p.entries[0].name = ""; });
  refuses(pipeline(), "control character",
          [](Program &p) { p.segments[0].name = "x\n"; });
  refuses(pipeline(), "has the name of another",
          [](Program &p) { p.segments[0].name = "y"; });
  refuses(analog(), "has the name of another",
          [](Program &p) { p.arrays[0].name = p.arrays[1].name; });
}

TEST(Verify, S2_Sizes) {
  refuses(pipeline(), "DRAM of",
          [](Program &p) { p.dramBytes = kMaxDramBytes + 1; });
  refuses(pipeline(), "SRAM of",
          [](Program &p) { p.sramBytes = kMaxSramBytes + 1; });
  refuses(pipeline(), "to allocate", [](Program &p) {
    p.dramBytes = kMaxDramBytes;
    p.segments.push_back(
        {"huge", SegmentKind::Scratch, 4096, kMaxScratchBytes, -1});
  });
}

TEST(Verify, S3_DramSegments) {
  refuses(pipeline(), "no multiple of 64",
          [](Program &p) { p.segments[2].address = 1032; });
  refuses(pipeline(), "overlaps the one before",
          [](Program &p) { p.segments[0].bytes = 513; });
  refuses(pipeline(), "out of order",
          [](Program &p) { std::swap(p.segments[0], p.segments[1]); });
  refuses(pipeline(), "past DRAM", [](Program &p) { p.dramBytes = 1087; });
  refuses(pipeline(), "past DRAM",
          [](Program &p) { p.segments[2].bytes = UINT64_MAX - 512; });
}

TEST(Verify, S4_Blobs) {
  refuses(pipeline(), "has no blob",
          [](Program &p) { p.segments[2].blob = -1; });
  refuses(pipeline(), "blob 1 does not exist",
          [](Program &p) { p.segments[2].blob = 1; });
  refuses(pipeline(), "blob -2 does not exist",
          [](Program &p) { p.segments[2].blob = -2; });
  refuses(pipeline(), "is scratch, but has a blob",
          [](Program &p) { p.segments[2].kind = SegmentKind::Scratch; });
  refuses(pipeline(), "has 64 bytes, its blob 63",
          [](Program &p) { p.blobs[0].bytes = 63; });
  refuses(pipeline(), "unknown kind",
          [](Program &p) { p.segments[0].kind = SegmentKind(3); });
  refuses(pipeline(), "blob 0 has no data",
          [](Program &p) { p.blobs[0].data = nullptr; });
}

TEST(Verify, S5_Arrays) {
  refuses(analog(), "no array kind",
          [](Program &p) { p.arrays[0].engine = "mac"; });
  refuses(analog(), "no array kind",
          [](Program &p) { p.arrays[0].engine = "dma1"; });
  refuses(analog(), "rows", [](Program &p) { p.arrays[0].rows = 0; });
  refuses(analog(), "columns",
          [](Program &p) { p.arrays[0].cols = kMaxArrayRows + 1; });
  refuses(analog(), "slices", [](Program &p) { p.arrays[0].slices = 0; });
  refuses(analog(), "slices", [](Program &p) { p.arrays[0].slices = 2; });
  refuses(analog(), "bits in a cell",
          [](Program &p) { p.arrays[0].cellBits = 17; });
  refuses(analog(), "mapping", [](Program &p) { p.arrays[0].mapping = 2; });
  refuses(analog(), "cells", [](Program &p) {
    for (int i = 0; i < 2; ++i)
      p.arrays.push_back({"big" + std::to_string(i), "pcm", kMaxArrayRows,
                          kMaxArrayRows, 1, 0, 0, 0, 0});
  });
}

TEST(Verify, S6_Origins) {
  refuses(pipeline(), "origin 1", [](Program &p) { loadOf(p).origin = 1; });
  refuses(analog(), "origin 7", [](Program &p) { p.arrays[1].origin = 7; });
  refuses(control(), "origin 2", [](Program &p) { loopOf(p).origin = 2; });
  accepts(pipeline(), [](Program &p) { p.origins.clear(); });
  refuses(pipeline(), "not finite",
          [](Program &p) { p.origins[0].estimatedEnergy_pj = 1.0 / 0.0; });
}

TEST(Verify, S7_VectorPrograms) {
  refuses(pipeline(), "register r9",
          [](Program &p) { p.vecPrograms[0].instrs[2].b = 9; });
}

TEST(Verify, S8_Bindings) {
  refuses(pipeline(), "row-major",
          [](Program &p) { p.entries[0].inputs[0].view.shape[1] = 8; });
  refuses(pipeline(), "must lie in DRAM",
          [](Program &p) { p.entries[0].outputs[0].view = sram(0, {4}); });
  refuses(pipeline(), "constant", [](Program &p) {
    p.entries[0].inputs.push_back({"c", dram(1024, {16})});
  });
  refuses(pipeline(), "overlaps another input", [](Program &p) {
    p.entries[0].inputs.push_back({"x2", dram(256, {16})});
  });
  refuses(pipeline(), "overlaps another input", [](Program &p) {
    p.entries[0].inputs.insert(p.entries[0].inputs.begin(),
                               {"x2", dram(256, {16})});
  });
  refuses(pipeline(), "has the name of another", [](Program &p) {
    p.entries[0].inputs.push_back({"x", dram(512, {16})});
  });
  // Inputs may touch.
  accepts(pipeline(), [](Program &p) {
    p.entries[0].inputs.push_back({"x2", dram(512, {8, 16})});
  });
  // Passing an input or a constant through is fine.
  accepts(pipeline(), [](Program &p) {
    p.entries[0].outputs.push_back({"x", dram(0, {8, 16})});
    p.entries[0].outputs.push_back({"c", dram(1024, {16})});
  });
}

TEST(Verify, S9_Queues) {
  refuses(pipeline(), "is no engine",
          [](Program &p) { queue(p, "dma0").engine = "dma64"; });
  refuses(pipeline(), "is no engine",
          [](Program &p) { queue(p, "dma0").engine = "dma00"; });
  refuses(pipeline(), "is no engine",
          [](Program &p) { queue(p, "dma0").engine = "pcm"; });
  refuses(pipeline(), "has two queues",
          [](Program &p) { queue(p, "dma1").engine = "dma0"; });
}

TEST(Verify, S10_Loops) {
  auto repeat = [](Program &p) {
    return std::get_if<Repeat>(&queue(p, "dma0").items[1].node);
  };
  refuses(pipeline(), "repeats 0 times",
          [&](Program &p) { repeat(p)->count = 0; });
  refuses(pipeline(), "repeats 1844",
          [&](Program &p) { repeat(p)->count = UINT64_MAX; });
  refuses(pipeline(), "repeats nothing",
          [&](Program &p) { repeat(p)->body.clear(); });
  refuses(pipeline(), "hardware loops", [&](Program &p) {
    for (unsigned i = 0; i <= kMaxRepeatDepth; ++i)
      queue(p, "vec").items = {{Repeat{1, queue(p, "vec").items}}};
  });
  refuses(control(), "runs 0 times",
          [](Program &p) { loopOf(p).maxTrips = 0; });
  refuses(control(), "runs 1844",
          [](Program &p) { loopOf(p).maxTrips = UINT64_MAX; });
  refuses(control(), "more than 16 blocks", [](Program &p) {
    Block block;
    for (unsigned i = 0; i <= kMaxBlockDepth; ++i) {
      If branch;
      branch.condition = dram(2048, {}, DType::Bool);
      branch.elseBlock = block;
      block = {{{branch}}};
    }
    p.entries[0].body = block;
  });
}

TEST(Verify, S11_Steps) {
  refuses(pipeline(), "steps for 2 loops, is in 1",
          [](Program &p) { loadOf(p).ins[0].steps = {64, 64}; });
  refuses(control(), "steps for 1 loops, is in 0", [](Program &p) {
    // Trip count and condition are read outside of the loop's body.
    loopOf(p).tripCount[0].steps = {0};
  });
}

TEST(Verify, S12_Bounds) {
  // x is bytes 0 to 512; 3 * 152 + 64 reaches into the next segment.
  refuses(pipeline(), "not within one DRAM segment",
          [](Program &p) { loadOf(p).ins[0].steps = {152}; });
  refuses(pipeline(), "not within one DRAM segment",
          [](Program &p) { loadOf(p).ins[0].steps = {-4}; });
  refuses(pipeline(), "not within one DRAM segment",
          [](Program &p) { loadOf(p).ins[0].steps = {-kMaxDistance}; });
  refuses(pipeline(), "not within one DRAM segment",
          [](Program &p) { loadOf(p).ins[0].address = UINT64_MAX - 3; });
  refuses(pipeline(), "not within one DRAM segment",
          [](Program &p) { loadOf(p).ins[0].strides[0] = -kMaxDistance; });
  refuses(pipeline(), "not within one DRAM segment",
          [](Program &p) { loadOf(p).ins[0].strides[0] = kMaxDistance; });
  refuses(pipeline(), "not within SRAM",
          [](Program &p) { loadOf(p).outs[0].strides[0] = -1; });
  refuses(control(), "not within one DRAM segment",
          [](Program &p) { loopOf(p).maxTrips = 9; });
  // DRAM that no segment covers.
  refuses(pipeline(), "not within one DRAM segment",
          [](Program &p) { loadOf(p).ins[0].address = 2048; });
  accepts(pipeline(), [](Program &p) {
    p.entries[0].inputs.push_back({"nothing", dram(1 << 20, {4, 0})});
  });
  accepts(pipeline(), [](Program &p) {
    // Backwards through the same bytes.
    loadOf(p).ins[0].address = 60;
    loadOf(p).ins[0].strides[0] = -1;
  });
}

TEST(Verify, S13_Alignment) {
  refuses(pipeline(), "is not aligned",
          [](Program &p) { loadOf(p).ins[0].address = 2; });
  refuses(pipeline(), "step 130",
          [](Program &p) { loadOf(p).ins[0].steps = {130}; });
  refuses(pipeline(), "is not aligned",
          [](Program &p) { p.entries[0].outputs[0].view.address = 513; });
}

TEST(Verify, S14_ConstantsAreNotWritten) {
  refuses(pipeline(), "writes to constant DRAM segment 'c'", [](Program &p) {
    std::swap(firstOf(p, "dma0").ins, firstOf(p, "dma0").outs);
  });
}

TEST(Verify, S15_OutputsDoNotOverlapThemselves) {
  refuses(pipeline(), "elements overlap",
          [](Program &p) { loadOf(p).outs[0].strides[0] = 0; });
  refuses(pipeline(), "elements overlap", [](Program &p) {
    for (View *v : {&loadOf(p).ins[0], &loadOf(p).outs[0]}) {
      v->shape = {4, 4};
      v->strides = {3, 1};
    }
  });
  accepts(pipeline(), [](Program &p) {
    for (View *v : {&loadOf(p).ins[0], &loadOf(p).outs[0]}) {
      v->shape = {1, 4, 4};
      v->strides = {0, 1, 4};
    }
  });
}

TEST(Verify, S16_Commands) {
  refuses(pipeline(), "copy: shape of x",
          [](Program &p) { loadOf(p).ins[0].shape = {8}; });
  refuses(pipeline(), "unknown command",
          [](Program &p) { loadOf(p).op = Op(kNumOps); });
}

TEST(Verify, S17_Engines) {
  refuses(pipeline(), "vec: runs on vec, not on mac",
          [](Program &p) { queue(p, "vec").engine = "mac"; });
  refuses(analog(), "runs on array, not on dma2",
          [](Program &p) { queue(p, "pcm").engine = "dma2"; });
}

TEST(Verify, S18_OnlySomeCommandsReachDram) {
  refuses(pipeline(), "must lie in SRAM",
          [](Program &p) { firstOf(p, "vec").ins[0].space = Space::Dram; });
}

TEST(Verify, S19_Signals) {
  refuses(pipeline(), "signals semaphore 6 of 6",
          [](Program &p) { loadOf(p).signals = {6}; });
  refuses(pipeline(), "twice", [](Program &p) { loadOf(p).signals = {0, 0}; });
  refuses(pipeline(), "is also signalled by dma0",
          [](Program &p) { firstOf(p, "vec").signals = {0}; });
  refuses(pipeline(), "semaphores are more",
          [](Program &p) { segment(p).numSemaphores = kMaxSemaphores + 1; });
}

TEST(Verify, S20_ProgrammedArrays) {
  refuses(analog(), "array 2 does not exist",
          [](Program &p) { firstOf(p, "pcm", "program").attrs[0].ints = {2}; });
  refuses(analog(), "w: 8x4 must be the array's 9x4",
          [](Program &p) { p.arrays[0].rows = 9; });
  refuses(analog(), "of engine ecram",
          [](Program &p) { p.arrays[1].engine = "ecram"; });
}

TEST(Verify, S20_ArraysReadOutAndScaled) {
  auto add = [](Program &p, Op op, std::vector<Attr> attrs) {
    std::get_if<Segment>(&p.entries[0].body.nodes[0].node)
        ->queues[0]
        .items.push_back({command(op, {}, {}, std::move(attrs))});
  };
  accepts(analog(), [&](Program &p) {
    add(p, Op::ReadArray, {ints("array", {1}), ints("reads", {4})});
    add(p, Op::SetGain, {ints("array", {1}), text("kind", "column")});
  });
  refuses(analog(), "array 9 does not exist",
          [&](Program &p) { add(p, Op::ReadArray, {ints("array", {9})}); });
  refuses(analog(), "array 9 does not exist", [&](Program &p) {
    add(p, Op::SetGain, {ints("array", {9}), text("kind", "global")});
  });
  refuses(analog(), "array 9 does not exist",
          [&](Program &p) { add(p, Op::RefreshPairs, {ints("array", {9})}); });
  refuses(analog(), "array 0 'w_k0_n0' has 1 slices of 4 bits", // (S28)
          [&](Program &p) {
            p.arrays[0].cellBits = 4;
            add(p, Op::RefreshPairs, {ints("array", {0})});
          });
}

void set(Command &c, Attr attr) {
  for (Attr &known : c.attrs)
    if (known.name == attr.name)
      known = attr;
}

/// Of the arrays' queue: 0 the product, 1 a loop of updates, 2 the update with
/// an operand for lr, 3 the product backwards, 4 the read-out.
Item &arraysItem(Program &p, size_t i) { return segment(p).queues[2].items[i]; }
Command &arraysCommand(Program &p, size_t i) {
  return *std::get_if<Command>(&arraysItem(p, i).node);
}

TEST(Verify, S21_GroupsOfTrainingCommands) {
  for (size_t i : {0, 2, 3, 4}) {
    refuses(training(), "array 7 does not exist", [=](Program &p) {
      set(arraysCommand(p, i), ints("arrays", {0, 7}));
    });
    refuses(training(), "do not cover the weights exactly once",
            [=](Program &p) {
              set(arraysCommand(p, i), ints("k_offsets", {0, 7}));
            });
    refuses(training(), "of engine other",
            [](Program &p) { p.arrays[1].engine = "other"; });
  }
  refuses(training(), "reaches past the weights",
          [](Program &p) { arraysCommand(p, 2).ins[0] = sram(0, {4, 15}); });
  refuses(training(), "reaches past the weights",
          [](Program &p) { arraysCommand(p, 2).ins[1] = sram(320, {4, 3}); });
  refuses(training(), "reaches past the weights",
          [](Program &p) { arraysCommand(p, 3).outs[0] = sram(512, {4, 15}); });
  refuses(training(), "reaches past the weights",
          [](Program &p) { arraysCommand(p, 4).outs[0] = sram(768, {16, 3}); });
  // (S17) No other queue may write an array: one orders all commands on it.
  refuses(training(), "pulsed_update: runs on array, not on vec",
          [](Program &p) {
            segment(p).queues[3].items.push_back(arraysItem(p, 2));
          });
  refuses(training(), "x: must lie in SRAM", // (S18)
          [](Program &p) { arraysCommand(p, 2).ins[0] = dram(0, {4, 16}); });
}

TEST(Verify, S28_CellsThatCanBePulsed) {
  refuses(training(), "array 1 'w_k8' has 2 slices of 4 bits", [](Program &p) {
    p.arrays[1].slices = 2;
    p.arrays[1].cellBits = 4;
  });
  refuses(training(), "array 0 'w_k0' has 1 slices of 4 bits",
          [](Program &p) { p.arrays[0].cellBits = 4; });
  refuses(training(), "negated columns, which cannot be pulsed",
          [](Program &p) {
            p.arrays[0].rowMap = {0, 1, 2, 3, 4, 5, 6, 7};
            p.arrays[0].colMap = {0, 1, 2, 3};
            p.arrays[0].flipped = {0, 1, 0, 0};
          });
}

TEST(Verify, S26_MapsAroundFaults) {
  auto mapped = [](auto change) {
    return [=](Program &p) {
      ArrayTile &tile = p.arrays[0];
      tile.rowMap = {7, 6, 5, 4, 3, 2, 1, 8};
      tile.colMap = {0, 2, 3, 5};
      tile.flipped = {0, 1, 0, 0};
      change(tile);
    };
  };
  accepts(analog(), mapped([](ArrayTile &) {}));
  accepts(analog(), mapped([](ArrayTile &t) { t.flipped.clear(); }));
  refuses(analog(), "7 places for 8 rows",
          mapped([](ArrayTile &t) { t.rowMap.pop_back(); }));
  refuses(analog(), "0 places for 4 columns",
          mapped([](ArrayTile &t) { t.colMap.clear(); }));
  refuses(analog(), "two rows at 6",
          mapped([](ArrayTile &t) { t.rowMap[0] = 6; }));
  refuses(analog(), "a column at 4294967295",
          mapped([](ArrayTile &t) { t.colMap[0] = UINT32_MAX; }));
  refuses(analog(), "3 signs for 4 columns",
          mapped([](ArrayTile &t) { t.flipped.pop_back(); }));
  refuses(analog(), "a sign of 2",
          mapped([](ArrayTile &t) { t.flipped[0] = 2; }));
}

TEST(Verify, S27_Recalibrations) {
  auto with = [](double horizon_s, std::vector<Recalibration> list) {
    return [=](Program &p) {
      p.horizon_s = horizon_s;
      p.recalibrations = list;
    };
  };
  accepts(analog(), with(86400, {{"program", {60, 3600.5}}}));
  refuses(analog(), "the horizon must be finite", with(-1, {}));
  refuses(analog(), "the horizon must be finite", with(1.0 / 0.0, {}));
  refuses(analog(), "no entry without inputs", with(0, {{"infer", {1}}}));
  refuses(analog(), "no entry without inputs", with(0, {{"absent", {1}}}));
  refuses(analog(), "listed twice",
          with(0, {{"program", {1}}, {"program", {2}}}));
  refuses(analog(), "must ascend", with(0, {{"program", {0}}}));
  refuses(analog(), "must ascend", with(0, {{"program", {2, 2}}}));
  refuses(analog(), "must ascend", with(0, {{"program", {0.0 / 0.0}}}));
  refuses(analog(), "too many", [](Program &p) {
    p.recalibrations = {
        {"program", std::vector<double>(kMaxRecalibrations + 1)}};
  });
}

TEST(Verify, S21_TilesCoverTheWeights) {
  auto attr = [](Program &p, size_t index) -> std::vector<int64_t> & {
    return firstOf(p, "pcm").attrs[index].ints;
  };
  refuses(analog(), "array 9 does not exist",
          [&](Program &p) { attr(p, 0) = {0, 9}; });
  refuses(analog(), "exactly once", [&](Program &p) { attr(p, 1) = {0, 7}; });
  refuses(analog(), "past the weights",
          [&](Program &p) { attr(p, 1) = {0, 9}; });
  refuses(analog(), "past the weights",
          [&](Program &p) { attr(p, 2) = {0, 1}; });
  refuses(analog(), "array twice", [&](Program &p) { attr(p, 0) = {1, 1}; });
  refuses(analog(), "exactly once",
          [&](Program &p) { attr(p, 0) = attr(p, 1) = attr(p, 2) = {0}; });
}

/// What is said of a 2x2 convolution, channels in blocks of 4, by one array.
static std::string convolved(uint32_t rows, uint32_t cols, View x, View y) {
  Program p = analog();
  p.entries.erase(p.entries.begin());
  p.arrays = {{"w", "pcm", rows, cols, 1, 0, 0, 0, 0}};
  segment(p) = {};
  segment(p).queues = {
      {"pcm",
       {{command(Op::Mvm, {std::move(x)}, {std::move(y)},
                 {ints("arrays", {0}), ints("dilations", {1, 1}),
                  ints("k_offsets", {0}), ints("kernel", {2, 2}),
                  ints("n_offsets", {0}), ints("pads", {0, 0, 0, 0}),
                  ints("strides", {1, 1}), ints("x_block", {4}),
                  ints("y_block", {4})})}}}};
  return errorOf(p);
}

TEST(Verify, S21_ConvolutionsMayLeaveOutPaddedChannels) {
  // 3 channels padded to 4, 2x2 kernel: W is 16 x 8, its last 4 rows unused.
  auto conv = [](uint32_t rows, uint32_t cols) {
    return convolved(rows, cols, sram(0, {1, 1, 3, 3, 4}),
                     sram(512, {1, 2, 2, 2, 4}));
  };
  EXPECT_EQ(conv(16, 8), "fine");
  EXPECT_EQ(conv(12, 8), "fine");
  EXPECT_EQ(conv(12, 5), "fine");
  EXPECT_NE(conv(17, 8).find("past the weights"), std::string::npos);
  EXPECT_NE(conv(12, 4).find("exactly once"), std::string::npos);
}

TEST(Verify, S21_HolesAndOverlapsOfAnyKind) {
  // W is 16 x 4; parts of it by row, column and extents.
  struct Part {
    int64_t k, n;
    uint32_t rows, cols;
  };
  auto tiles = [](const std::vector<Part> &parts, const char *last = "pcm") {
    Program p = analog();
    p.entries.erase(p.entries.begin());
    p.arrays.clear();
    Attr arrays = ints("arrays", {}), k = ints("k_offsets", {}),
         n = ints("n_offsets", {});
    for (size_t i = 0; i < parts.size(); ++i) {
      const Part &part = parts[i];
      const char *engine = i + 1 == parts.size() ? last : "pcm";
      p.arrays.push_back({"w" + std::to_string(i), engine, part.rows, part.cols,
                          1, 0, 0, 0, 0});
      arrays.ints.push_back(int64_t(i));
      k.ints.push_back(part.k);
      n.ints.push_back(part.n);
    }
    segment(p) = {};
    segment(p).queues = {{"pcm",
                          {{command(Op::Mvm, {sram(0, {1, 16})},
                                    {sram(512, {1, 4})}, {arrays, k, n})}}}};
    return errorOf(p);
  };
  auto refused = [](const std::string &error, const char *words) {
    EXPECT_NE(error.find(words), std::string::npos) << error;
  };
  EXPECT_EQ(tiles({{0, 0, 8, 4}, {8, 0, 8, 2}, {8, 2, 8, 2}}), "fine");
  // As many cells as W, but two tiles overlap and one column is missing.
  refused(tiles({{0, 0, 8, 4}, {8, 0, 8, 2}, {8, 1, 8, 2}}), "exactly once");
  // No overlap, but two corners are missing.
  refused(tiles({{0, 0, 8, 2}, {8, 2, 8, 2}}), "exactly once");
  refused(tiles({{0, 0, 8, 4}, {8, 0, 8, 4}}, "rram"),
          "is of engine rram, not pcm");
}

TEST(Verify, S21_AWholeBlockOfChannelsIsNoPadding) {
  // 8 channels in blocks of 4, a 2x2 kernel: 32 rows, of which up to 15 may be
  // padding.
  auto conv = [](uint32_t rows) {
    return convolved(rows, 4, sram(0, {1, 2, 3, 3, 4}),
                     sram(1024, {1, 1, 2, 2, 4}));
  };
  EXPECT_EQ(conv(32), "fine");
  EXPECT_EQ(conv(17), "fine");
  EXPECT_NE(conv(16).find("exactly once"), std::string::npos) << conv(16);
}

TEST(Verify, S22_VectorOperands) {
  refuses(pipeline(), "vector program 1 does not exist",
          [](Program &p) { firstOf(p, "vec").attrs[0].ints = {1}; });
  refuses(pipeline(), "has 1 inputs",
          [](Program &p) { firstOf(p, "vec").ins.pop_back(); });
  refuses(pipeline(), "takes f32",
          [](Program &p) { firstOf(p, "vec").ins[1].type = DType::I32; });
  refuses(pipeline(), "dimension 1 of 1", [](Program &p) {
    p.vecPrograms[0].registers.push_back(DType::I64);
    // VecOp::Index along a dimension that 16 elements do not have.
    p.vecPrograms[0].instrs.push_back({3, DType::I64, 5, 0, 0, 0, 1});
  });
}

TEST(Verify, S23_Waits) {
  refuses(pipeline(), "waits for semaphore 6 of 6",
          [](Program &p) { loadOf(p).waits[0].id = 6; });
  refuses(pipeline(), "less than zero",
          [](Program &p) { loadOf(p).waits[0].steps = {-1}; });
  refuses(pipeline(), "more of semaphore 2 than the 8 times",
          [](Program &p) { loadOf(p).waits[0].steps = {3}; });
  refuses(pipeline(), "more of semaphore 2",
          [](Program &p) { loadOf(p).waits[0].value = UINT64_MAX; });
  refuses(pipeline(), "waits with steps for 2 loops",
          [](Program &p) { loadOf(p).waits[0].steps = {1, 1}; });
  refuses(control(), "waits with steps for 1 loops, is in 0", [](Program &p) {
    // Semaphores start at zero in each iteration of a block's loop.
    auto &s = *std::get_if<Segment>(&loopOf(p).body.nodes[0].node);
    s.numSemaphores = 1;
    commands(s.queues[0].items)[0]->waits = {{0, 0, {0}}};
  });
}

TEST(Verify, S24_Conditions) {
  auto branch = [](Program &p) -> If & {
    return *std::get_if<If>(&p.entries[0].body.nodes[0].node);
  };
  refuses(control(), "condition: must be one bool",
          [&](Program &p) { branch(p).condition.type = DType::U8; });
  refuses(control(), "condition: must be one bool", [&](Program &p) {
    branch(p).condition = dram(2048, {1}, DType::Bool);
  });
  refuses(control(), "condition: bytes",
          [&](Program &p) { branch(p).condition.address = 2064; });
  refuses(control(), "trip count: must be one i64",
          [](Program &p) { loopOf(p).tripCount[0].type = DType::U64; });
  refuses(control(), "more than one trip count", [](Program &p) {
    loopOf(p).tripCount.push_back(loopOf(p).tripCount[0]);
  });
}

TEST(Verify, S25_TimeIsLimited) {
  refuses(pipeline(), "runs more than 1000000000 commands", [](Program &p) {
    // 2^31 times 2^31 iterations: the product must not wrap.
    Command fill = command(Op::Fill, {}, {sram(0, {1})}, {ints("bits", {0})});
    Repeat inner{uint64_t(1) << 32, {{fill}}};
    Repeat outer{uint64_t(1) << 32, {{inner}}};
    queue(p, "dma0").items.push_back({outer});
  });
  refuses(control(), "runs more than", [](Program &p) {
    loopOf(p).maxTrips = kMaxTrips;
    loopOf(p).body.nodes.clear();
    loopOf(p).tripCount.clear();
  });
  // A loop that ends by its data has no static limit.
  accepts(control(), [](Program &p) {
    loopOf(p).maxTrips = kMaxLoopTrips;
    loopOf(p).body.nodes.clear();
  });
  refuses(control(), "not within one DRAM segment",
          [](Program &p) { loopOf(p).maxTrips = kMaxLoopTrips; });
}
