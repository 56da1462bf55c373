//===- HazardsOracleTest.cpp - checkHazards against brute force -----------===//
//
// Random small programs, judged by checkHazards and by a second, naive
// implementation: sets of bytes, a graph with an edge for each queue order and
// each wait, its transitive closure, and every pair of commands.
//
//===----------------------------------------------------------------------===//
#include "Sample.h"

#include "hybridc/Stream/Hazards.h"
#include "hybridc/Stream/Verify.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

using namespace hybridc::stream;
using namespace hybridc::stream::sample;

namespace {

constexpr int64_t kBytes = 24;

View anyView(const std::vector<int64_t> &shape, bool inLoop) {
  View view;
  view.space = Space::Sram;
  view.type = DType::U8;
  view.address = *rc::gen::inRange<uint64_t>(0, kBytes);
  view.shape = shape;
  for (size_t i = 0; i < shape.size(); ++i)
    view.strides.push_back(*rc::gen::inRange<int64_t>(-2, 5));
  if (inLoop && *rc::gen::arbitrary<bool>())
    view.steps = {*rc::gen::inRange<int64_t>(-3, 6)};
  return view;
}

struct Shape {
  unsigned numQueues, numSemaphores;
};

Command anyCommand(unsigned queue, bool inLoop, const Shape &sizes) {
  std::vector<int64_t> shape;
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i)
    shape.push_back(*rc::gen::inRange<int64_t>(1, 4));
  Command c =
      *rc::gen::arbitrary<bool>()
          ? command(Op::Fill, {}, {anyView(shape, inLoop)}, {ints("bits", {0})})
          : command(Op::Copy, {anyView(shape, inLoop)},
                    {anyView(shape, inLoop)});
  // Semaphore s belongs to queue s mod numQueues.
  for (uint32_t s = 0; s < sizes.numSemaphores; ++s) {
    if (s % sizes.numQueues == queue && *rc::gen::inRange(0, 3) != 0)
      c.signals.push_back(s);
    if (s % sizes.numQueues != queue && *rc::gen::inRange(0, 2) == 0)
      c.waits.push_back(
          {s, *rc::gen::inRange<uint64_t>(0, 4),
           inLoop && *rc::gen::arbitrary<bool>()
               ? std::vector<int64_t>{*rc::gen::inRange<int64_t>(0, 2)}
               : std::vector<int64_t>()});
  }
  return c;
}

/// Waits for no more than is signalled, so that few programs are discarded.
void limitWaits(Segment &segment) {
  std::map<uint32_t, uint64_t> totals;
  auto each = [&](auto visit) {
    for (Queue &queue : segment.queues)
      for (Item &item : queue.items) {
        auto *repeat = std::get_if<Repeat>(&item.node);
        for (Command *c : commands(repeat ? repeat->body : queue.items))
          if (repeat || c == std::get_if<Command>(&item.node))
            visit(*c, repeat ? repeat->count : 1);
      }
  };
  each([&](Command &c, uint64_t count) {
    for (uint32_t id : c.signals)
      totals[id] += count;
  });
  each([&](Command &c, uint64_t count) {
    for (Wait &wait : c.waits) {
      wait.value = std::min(wait.value, totals[wait.id]);
      if (!wait.steps.empty() &&
          wait.value + (count - 1) * static_cast<uint64_t>(wait.steps[0]) >
              totals[wait.id])
        wait.steps.clear();
    }
  });
}

Program anyProgram() {
  Program program;
  program.sramBytes = kBytes;
  Entry entry;
  entry.name = "infer";
  View all = sram(0, {kBytes}, DType::U8);
  entry.body.nodes.push_back({Segment{
      {{"dma0", {{command(Op::Fill, {}, {all}, {ints("bits", {0})})}}}}, 0}});
  Shape sizes{*rc::gen::inRange(2u, 4u), *rc::gen::inRange(0u, 5u)};
  Segment segment;
  segment.numSemaphores = sizes.numSemaphores;
  for (unsigned q = 0; q < sizes.numQueues; ++q) {
    Queue queue{"dma" + std::to_string(q), {}};
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
      if (*rc::gen::inRange(0, 3) == 0) {
        Repeat repeat{*rc::gen::inRange<uint64_t>(1, 4), {}};
        for (int j = *rc::gen::inRange(1, 3); j > 0; --j)
          repeat.body.push_back({anyCommand(q, true, sizes)});
        queue.items.push_back({repeat});
      } else {
        queue.items.push_back({anyCommand(q, false, sizes)});
      }
    }
    segment.queues.push_back(queue);
  }
  limitWaits(segment);
  entry.body.nodes.push_back({segment});
  program.entries = {entry};
  return program;
}

using Bytes = std::set<int64_t>;

Bytes bytesOf(const View &view, int64_t iv) {
  int64_t base = static_cast<int64_t>(view.address);
  if (!view.steps.empty())
    base += iv * view.steps[0];
  Bytes bytes{base};
  for (size_t d = 0; d < view.shape.size(); ++d) {
    Bytes wider;
    for (int64_t b : bytes)
      for (int64_t i = 0; i < view.shape[d]; ++i)
        wider.insert(b + i * view.strides[d]);
    bytes = wider;
  }
  return bytes;
}

bool meet(const Bytes &a, const Bytes &b) {
  return std::any_of(a.begin(), a.end(),
                     [&](int64_t x) { return b.count(x) != 0; });
}

struct Node {
  unsigned queue;
  Bytes reads, writes;
  std::vector<std::pair<uint32_t, uint64_t>> waits;
};

/// "deadlock", "overlap", "race" or "fine".
std::string judge(const Segment &segment) {
  std::vector<Node> nodes;
  std::map<uint32_t, std::vector<size_t>> signals; // who signals, in order
  bool selfOverlap = false;
  for (unsigned q = 0; q < segment.queues.size(); ++q) {
    auto add = [&](const Command &c, int64_t iv) {
      Node node{q, {}, bytesOf(c.outs[0], iv), {}};
      if (!c.ins.empty())
        node.reads = bytesOf(c.ins[0], iv);
      selfOverlap |= meet(node.reads, node.writes);
      for (const Wait &w : c.waits)
        node.waits.push_back(
            {w.id, w.value + (w.steps.empty()
                                  ? 0
                                  : static_cast<uint64_t>(iv * w.steps[0]))});
      for (uint32_t s : c.signals)
        signals[s].push_back(nodes.size());
      nodes.push_back(node);
    };
    for (const Item &item : segment.queues[q].items) {
      if (auto *c = std::get_if<Command>(&item.node)) {
        add(*c, 0);
        continue;
      }
      auto *repeat = std::get_if<Repeat>(&item.node);
      for (uint64_t i = 0; i < repeat->count; ++i)
        for (const Item &inner : repeat->body)
          add(*std::get_if<Command>(&inner.node), static_cast<int64_t>(i));
    }
  }
  size_t n = nodes.size();
  std::vector<std::vector<bool>> before(n, std::vector<bool>(n));
  for (size_t i = 0; i < n; ++i) {
    if (i > 0 && nodes[i - 1].queue == nodes[i].queue)
      before[i - 1][i] = true;
    for (auto [id, value] : nodes[i].waits)
      if (value > 0)
        before[signals[id][value - 1]][i] = true;
  }
  for (size_t k = 0; k < n; ++k)
    for (size_t i = 0; i < n; ++i)
      for (size_t j = 0; before[i][k] && j < n; ++j)
        if (before[k][j])
          before[i][j] = true;
  bool cycle = false, race = false;
  for (size_t i = 0; i < n; ++i) {
    cycle |= before[i][i];
    for (size_t j = 0; j < n; ++j)
      if (nodes[i].queue != nodes[j].queue && !before[i][j] && !before[j][i])
        race |= meet(nodes[i].writes, nodes[j].writes) ||
                meet(nodes[i].writes, nodes[j].reads);
  }
  return cycle ? "deadlock" : selfOverlap ? "overlap" : race ? "race" : "fine";
}

std::string verdict(const Program &program) {
  auto report = checkHazards(program);
  if (report)
    return "fine";
  for (const char *word : {"deadlock", "overlaps", "no semaphore orders them"})
    if (report.error().message.find(word) != std::string::npos)
      return word == std::string("overlaps")                   ? "overlap"
             : word == std::string("no semaphore orders them") ? "race"
                                                               : word;
  return report.error().message;
}

} // namespace

TEST(Hazards, AgreesWithBruteForce) {
  std::map<std::string, unsigned> seen;
  // Several programs in each case: every rc::check draws from the same seed.
  EXPECT_TRUE(rc::check([&] {
    for (int i = 0; i < 30; ++i) {
      Program program = anyProgram();
      if (!verifyProgram(program))
        continue;
      std::string expected =
          judge(*std::get_if<Segment>(&program.entries[0].body.nodes[1].node));
      std::string actual = verdict(program);
      ++seen[expected];
      // With several defects either may be found first.
      if (expected == "fine" || actual == "fine") {
        RC_ASSERT(actual == expected);
      }
    }
  }));
  for (const char *each : {"deadlock", "overlap", "race", "fine"})
    EXPECT_GT(seen[each], 0u) << each << " was never tried";
}
