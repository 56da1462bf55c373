//===- HazardsTest.cpp - Conflicts without order are found ----------------===//
#include "Refused.h"
#include "Sample.h"

#include "hybridc/Stream/Hazards.h"
#include "hybridc/Stream/Verify.h"

#include <gtest/gtest.h>

using namespace hybridc::stream;
using namespace hybridc::stream::sample;

namespace {

std::string errorOf(const Program &program) {
  auto report = checkHazards(program);
  return report ? "fine" : report.error().message;
}

void finds(Program program, std::string_view words, const Change &change) {
  expectRefused(std::move(program), words, change, errorOf);
}

} // namespace

TEST(Hazards, SamplesAreFine) {
  EXPECT_EQ(errorOf(analog()), "fine");
  EXPECT_EQ(errorOf(control()), "fine");
  auto report = checkHazards(pipeline());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->segments, 1u);
  EXPECT_EQ(report->commands, 25u); // 1 constant, 8 rows of 3 commands
  EXPECT_EQ(report->peakSramBytes, 320u);
  EXPECT_GT(report->conflicts, 24u);
}

TEST(Hazards, H1_Deadlock) {
  finds(pipeline(),
        "deadlock: copy of dma0 (command 1, for 'add+relu') waits for 1 of "
        "semaphore 2, which stays at 0; copy of dma1",
        [](Program &p) {
          auto loads = commands(queue(p, "dma0").items);
          loads[1]->waits[0] = {2, 1, {}};
        });
  finds(analog(), "deadlock", [](Program &p) {
    // A queue that waits for what it will signal itself.
    Command &load = *commands(queue(p, "dma0").items)[0];
    load.waits = {{0, 1, {}}};
  });
}

TEST(Hazards, H2_EachKindOfRace) {
  // Read after write. Without order the checker may see either one first.
  finds(analog(), "reads SRAM bytes 0x40 to 0x50, which nothing has written",
        [](Program &p) { commands(queue(p, "dma1").items)[0]->waits.clear(); });
  finds(analog(), "reads SRAM bytes 0x40 to 0x50 while mvm of pcm (command 0",
        [](Program &p) {
          commands(queue(p, "dma1").items)[0]->waits.clear();
          std::swap(segment(p).queues[1], segment(p).queues[2]);
        });
  finds(analog(), "writes SRAM bytes 0x0 to 0x4 while mvm of pcm",
        [](Program &p) { // write after read
          segment(p).queues.push_back(
              {"dma2",
               {{waiting(
                   command(Op::Fill, {}, {sram(0, {1})}, {ints("bits", {0})}),
                   {{0, 1, {}}})}}});
        });
  finds(analog(), "writes SRAM bytes 0x3c to 0x40 while copy of dma0",
        [](Program &p) { // write after write
          segment(p).queues.push_back({"dma2",
                                       {{command(Op::Fill, {}, {sram(60, {1})},
                                                 {ints("bits", {0})})}}});
        });
  finds(analog(), "writes DRAM bytes 0x4c to 0x50 while fill of dma2",
        [](Program &p) {
          segment(p).queues.push_back({"dma2",
                                       {{command(Op::Fill, {}, {dram(76, {1})},
                                                 {ints("bits", {0})})}}});
        });
}

TEST(Hazards, H2_DisjointStridesAreNoConflict) {
  Program p = analog();
  // Even and odd elements of one range, from two queues.
  for (int i = 0; i < 2; ++i) {
    View odd = sram(128 + 4 * i, {8});
    odd.strides = {2};
    segment(p).queues.push_back(
        {"dma" + std::to_string(2 + i),
         {{command(Op::Fill, {}, {odd}, {ints("bits", {0})})}}});
  }
  EXPECT_EQ(errorOf(p), "fine");
}

TEST(Hazards, H2_TheLastReaderAndTheLastWriterCount) {
  auto fill = [](uint64_t at) {
    return command(Op::Fill, {}, {sram(at, {1})}, {ints("bits", {0})});
  };
  auto copy = [](uint64_t from, uint64_t to) {
    return command(Op::Copy, {sram(from, {1})}, {sram(to, {1})});
  };
  auto errorWith = [&](Queue first, Queue second) {
    Program p = analog();
    auto &nodes = p.entries[1].body.nodes;
    nodes.push_back({Segment{
        {{"dma0",
          {{command(Op::Fill, {}, {sram(128, {16})}, {ints("bits", {0})})}}}},
        0}});
    nodes.push_back({Segment{{std::move(first), std::move(second)}, 1}});
    return errorOf(p);
  };
  // The first of two reads has finished, the second may not have.
  EXPECT_NE(
      errorWith({"dma0", {{signalling(copy(128, 132), {0})}, {copy(128, 136)}}},
                {"dma1", {{waiting(fill(128), {{0, 1, {}}})}}})
          .find("while copy of dma0 (command 1"),
      std::string::npos);
  // The first of two neighbouring writes has finished, the second may not.
  EXPECT_NE(errorWith({"dma0", {{signalling(fill(128), {0})}, {fill(132)}}},
                      {"dma1", {{waiting(copy(132, 140), {{0, 1, {}}})}}})
                .find("while fill of dma0 (command 1"),
            std::string::npos);
  EXPECT_EQ(errorWith({"dma0", {{signalling(fill(128), {0})}, {fill(132)}}},
                      {"dma1", {{waiting(copy(128, 140), {{0, 1, {}}})}}}),
            "fine");
}

TEST(Hazards, H2_ABarrierOrdersEverything) {
  Program p = analog();
  Segment all = segment(p);
  std::swap(all.queues[1], all.queues[2]); // load, compute, store
  p.entries[1].body.nodes.clear();
  for (Queue &queue : all.queues) {
    for (Command *c : commands(queue.items)) {
      c->waits.clear();
      c->signals.clear();
    }
    p.entries[1].body.nodes.push_back({Segment{{queue}, 0}});
  }
  EXPECT_EQ(errorOf(p), "fine");
  std::swap(p.entries[1].body.nodes[1], p.entries[1].body.nodes[2]);
  EXPECT_NE(errorOf(p).find("which nothing has written"), std::string::npos);
}

TEST(Hazards, H2_NothingIsCarriedOverABarrier) {
  auto fill = [](uint64_t at) {
    return command(Op::Fill, {}, {sram(at, {1})}, {ints("bits", {0})});
  };
  auto copy = [](uint64_t from, uint64_t to) {
    return command(Op::Copy, {sram(from, {1})}, {sram(to, {1})});
  };
  auto errorWith = [](const Segment &first, const Segment &second) {
    Program p = analog();
    p.entries[1].body.nodes.push_back({first});
    p.entries[1].body.nodes.push_back({second});
    return errorOf(p);
  };
  // Reads, a barrier, then a write by another queue.
  EXPECT_EQ(
      errorWith({{{"dma0", {{fill(256)}}}, {"dma1", {{copy(0, 128)}}}}, 0},
                {{{"dma0", {{fill(0)}}}, {"dma1", {{fill(256)}}}}, 0}),
      "fine");
  // The same command number writes next to what it wrote before the barrier.
  EXPECT_NE(
      errorWith({{{"dma0", {{fill(128)}}}}, 0},
                {{{"dma0", {{fill(132)}}}, {"dma1", {{copy(132, 140)}}}}, 0})
          .find("no semaphore orders them"),
      std::string::npos);
}

TEST(Hazards, H3_ArraysOfAKindShareOneQueue) {
  Program p = analog();
  Queue write = queue(p, "pcm", "program");
  segment(p).queues.push_back(write);
  EXPECT_NE(errorOf(p).find("queue pcm: has two queues"), std::string::npos);
  segment(p).queues.back().engine = "ecram";
  p.arrays.push_back({"e", "ecram", 8, 4, 1, 0, 0, 0, 0});
  EXPECT_NE(errorOf(p).find("array 0 is of engine pcm, not ecram"),
            std::string::npos);
}

TEST(Hazards, H4_NothingUndefinedIsRead) {
  finds(pipeline(), "reads SRAM bytes 0x140 to 0x180", [](Program &p) {
    commands(queue(p, "vec").items)[0]->ins[1].address = 320;
  });
  finds(pipeline(), "reads DRAM bytes 0x200 to 0x240", [](Program &p) {
    commands(queue(p, "dma0").items)[1]->ins[0].address = 512;
  });
  finds(pipeline(), "output 'z': reads DRAM bytes", [](Program &p) {
    p.segments.push_back({"z", SegmentKind::Scratch, 2048, 64, -1});
    p.entries[0].outputs.push_back({"z", dram(2048, {16})});
  });
  finds(control(), "reads DRAM bytes 0x840 to 0x841", [](Program &p) {
    p.segments.push_back({"z", SegmentKind::Scratch, 2112, 64, -1});
    std::get_if<If>(&p.entries[0].body.nodes[0].node)->condition.address = 2112;
  });
  // State starts as zeros.
  Program p = pipeline();
  p.segments.push_back({"z", SegmentKind::State, 2048, 64, -1});
  p.entries[0].outputs.push_back({"z", dram(2048, {16})});
  EXPECT_EQ(errorOf(p), "fine");
}

TEST(Hazards, H4_AccumulatingReadsItsOutput) {
  finds(analog(), "mvm of pcm", [](Program &p) {
    auto &attrs = commands(queue(p, "pcm").items)[0]->attrs;
    attrs.insert(attrs.begin(), ints("accumulate", {1}));
  });
}

TEST(Hazards, H4_WhatEitherBranchOrALongLoopWritesIsDefined) {
  Program p = control();
  auto &nodes = p.entries[0].body.nodes;
  If &branch = *std::get_if<If>(&nodes[0].node);
  branch.thenBlock.nodes.clear(); // y is written by the else block alone
  nodes.pop_back();
  EXPECT_EQ(errorOf(p), "fine");
  branch.elseBlock.nodes.clear();
  EXPECT_NE(errorOf(p).find("output 'y'"), std::string::npos);

  Program q = control();
  q.entries[0].body.nodes.erase(q.entries[0].body.nodes.begin());
  EXPECT_EQ(errorOf(q), "fine"); // 8 trips, each played
  Loop &loop = *std::get_if<Loop>(&q.entries[0].body.nodes[0].node);
  // 128 trips of 4 bytes: 4 are played, all count as written.
  loop.maxTrips = 128;
  Command &copy = *commands(
      std::get_if<Segment>(&loop.body.nodes[0].node)->queues[0].items)[0];
  for (View *view : {&copy.ins[0], &copy.outs[0]}) {
    view->shape = {1};
    view->steps = {4};
  }
  EXPECT_EQ(errorOf(q), "fine");
  // An iteration reads what the one before wrote, the first what came before.
  copy.ins[0] = copy.outs[0];
  copy.ins[0].address -= 4;
  EXPECT_EQ(errorOf(q).find("within one DRAM segment") == std::string::npos,
            false);
}

TEST(Hazards, H4_WhatEitherBranchWritesOfTheScratchpadIsDefined) {
  auto fill = [](View to) {
    return command(Op::Fill, {}, {std::move(to)}, {ints("bits", {0})});
  };
  // Each branch writes a part of its own; both parts are read behind it.
  Program program = control();
  auto &nodes = program.entries[0].body.nodes;
  auto &branch = std::get<If>(nodes[0].node);
  auto add = [&](Block &block, uint64_t address) {
    auto &items = std::get<Segment>(block.nodes[0].node).queues[0].items;
    items.push_back({fill(sram(address, {16}))});
  };
  add(branch.thenBlock, 0);
  add(branch.elseBlock, 64);
  Queue reader{"dma0",
               {{command(Op::Copy, {sram(0, {32})}, {dram(512, {32})})}}};
  nodes.insert(nodes.begin() + 1, Node{Segment{{reader}, 0}});
  EXPECT_EQ(errorOf(program), "fine");
  // What neither of them writes is not.
  std::get<Command>(std::get<Segment>(nodes[1].node).queues[0].items[0].node)
      .ins[0] = sram(64, {32});
  EXPECT_NE(errorOf(program).find("reads SRAM bytes 0x80 to 0xc0"),
            std::string::npos)
      << errorOf(program);
}

TEST(Hazards, H4_LongLoopsWithLoopsInsideDefineAllTheirRows) {
  // 20 turns of a block, each of 2 rows of 16 bytes written by a Repeat.
  auto body = [](std::vector<Item> items, uint64_t trips) {
    Loop loop;
    loop.maxTrips = trips;
    loop.body.nodes = {{Segment{{Queue{"dma0", std::move(items)}}, 0}}};
    return Node{loop};
  };
  Command fill = command(Op::Fill, {}, {sram(0, {4}, DType::F32, {32, 16})},
                         {ints("bits", {0})});
  Command read = command(Op::Copy, {sram(0, {160})}, {dram(0, {160})});
  Program program = control();
  program.dramBytes = program.sramBytes = 1 << 16;
  program.segments = {{"y", SegmentKind::State, 0, 4096, -1}};
  program.entries[0].inputs.clear();
  program.entries[0].outputs.clear();
  program.entries[0].body.nodes = {body({{Repeat{2, {{fill}}}}}, 20),
                                   {Segment{{Queue{"dma0", {{read}}}}, 0}}};
  EXPECT_EQ(errorOf(program), "fine");
  // What only a turn in the middle reads undefined is found: rows 0 and 19 are
  // written, those between are not.
  Command first = command(Op::Fill, {}, {sram(0, {4})}, {ints("bits", {0})});
  Command last = first, each = read;
  last.outs[0].address = 19 * 32;
  each.ins = {sram(0, {4}, DType::F32, {32})};
  each.outs = {dram(0, {4}, DType::F32, {0})};
  program.entries[0].body.nodes = {
      {Segment{{Queue{"dma0", {{first}, {last}}}}, 0}}, body({{each}}, 20)};
  EXPECT_NE(errorOf(program).find("reads SRAM bytes 0x20 to 0x30"),
            std::string::npos)
      << errorOf(program);
}

TEST(Hazards, H5_OperandsOverlap) {
  finds(pipeline(), "y overlaps x", [](Program &p) {
    Command &load = *commands(queue(p, "dma0").items)[0];
    load.ins[0] = sram(260, {16});
    load.outs[0] = sram(256, {16});
  });
  finds(pipeline(), "out 0 overlaps in 0", [](Program &p) {
    Command &vec = *commands(queue(p, "vec").items)[0];
    vec.outs[0].address = vec.ins[0].address + 4;
  });
  // In place means the same elements: other strides are not in place.
  finds(pipeline(), "out 0 overlaps in 0", [](Program &p) {
    Command &vec = *commands(queue(p, "vec").items)[0];
    for (View *view : {&vec.ins[0], &vec.ins[1], &vec.outs[0]})
      *view = sram(view->address, {4, 4});
    vec.outs[0].address = vec.ins[0].address;
    vec.outs[0].strides = {1, 4};
  });
  // Nor are elements of another size.
  finds(pipeline(), "out 0 overlaps in 0", [](Program &p) {
    p.vecPrograms.push_back({"narrow",
                             1,
                             1,
                             {DType::F32, DType::F16},
                             {{0, DType::F32, 0, 0, 0, 0, 0},
                              {4, DType::F32, 1, 0, 0, 0, 0},
                              {1, DType::F16, 0, 1, 0, 0, 0}}});
    Command &vec = *commands(queue(p, "vec").items)[0];
    vec.attrs[0].ints = {1};
    vec.ins.pop_back();
    vec.outs[0] = sram(vec.ins[0].address, {16}, DType::F16);
  });
  // Exactly in place is fine for a vec.
  Program p = pipeline();
  for (Command *vec : commands(queue(p, "vec").items))
    vec->outs[0].address = vec->ins[0].address;
  for (Command *store : commands(queue(p, "dma1").items))
    store->ins[0].address -= 128;
  for (Command *load : commands(queue(p, "dma0").items))
    for (Wait &wait : load->waits)
      wait = {4, wait.value, wait.steps}; // free when stored
  EXPECT_EQ(errorOf(p), "fine");
  for (Command *load : commands(queue(p, "dma0").items))
    load->waits.clear();
  EXPECT_NE(errorOf(p).find("no semaphore orders them"), std::string::npos);
}

TEST(Hazards, H6_ArraysAreWrittenSomewhere) {
  finds(analog(), "array 1 'w_k8_n0' is used, but nothing writes it",
        [](Program &p) { queue(p, "pcm", "program").items.pop_back(); });
  EXPECT_TRUE(checkHazards(recalibrated()));
  EXPECT_TRUE(checkHazards(training()));
  // Nothing multiplies with array 1, but it is read out.
  finds(recalibrated(), "array 1 'w_k8_n0' is used, but nothing writes it",
        [](Program &p) {
          queue(p, "pcm", "program").items.pop_back();
          p.entries[1].body.nodes.clear();
        });
}

TEST(Hazards, WhatIsTooLongIsRefusedNotSkipped) {
  Program p = pipeline();
  queue(p, "dma0").items.insert(
      queue(p, "dma0").items.begin(),
      {Repeat{
          kMaxPlayedInSegment,
          {{command(Op::Fill, {}, {sram(512, {1})}, {ints("bits", {0})})}}}});
  auto report = checkHazards(p);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, hybridc::ExitCode::Unsupported);
}

/// Mutation test: without any one wait the program is refused, or the wait
/// was redundant, which the report of the whole program must have said.
TEST(Hazards, EveryWaitIsNeededOrCountedAsRedundant) {
  for (const Program &whole : {pipeline(), analog()}) {
    auto report = checkHazards(whole);
    ASSERT_TRUE(report) << report.error().message;
    unsigned needed = 0, survived = 0;
    for (size_t queue = 0; queue < 3; ++queue) {
      Program copy = whole;
      size_t count = commands(segment(copy).queues[queue].items).size();
      for (size_t i = 0; i < count; ++i)
        for (size_t w = 0;; ++w) {
          Program mutant = whole;
          auto list = commands(segment(mutant).queues[queue].items);
          if (w >= list[i]->waits.size())
            break;
          list[i]->waits.erase(list[i]->waits.begin() +
                               static_cast<ptrdiff_t>(w));
          if (checkHazards(mutant))
            ++survived;
          else
            ++needed;
        }
    }
    EXPECT_GT(needed, 0u);
    if (survived > 0) {
      EXPECT_GT(report->redundantWaits, 0u);
    }
  }
}
