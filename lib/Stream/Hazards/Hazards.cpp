//===- Hazards.cpp - Walks entries, branches and loops --------------------===//
#include "hybridc/Stream/Hazards.h"

#include "Player.h"

#include "hybridc/Stream/Verify.h"

#include <algorithm>

#include <fmt/format.h>

namespace hybridc::stream {

using namespace hazards;

namespace {

/// Loops of blocks with up to this many trips are played completely.
constexpr uint64_t kCompleteTrips = 16;

class Walker {
public:
  explicit Walker(const Program &program)
      : program(program), player(program, report) {}

  Result<HazardReport> run() {
    if (std::string error = checkArraysWritten(); !error.empty())
      return invalidInput(std::move(error));
    for (const Entry &entry : program.entries) {
      Memories memories;
      for (const DramSegment &segment : program.segments)
        if (segment.kind != SegmentKind::Scratch)
          memories.dram.define(segment.address,
                               segment.address + segment.bytes);
      for (const Binding &input : entry.inputs)
        define(input.view, memories);
      Status status = block(entry.body, memories);
      if (!status)
        return Error{
            status.error().code,
            fmt::format("entry '{}', {}", entry.name, status.error().message)};
      // (H4) also for what the entry hands out.
      for (const Binding &output : entry.outputs)
        if (Status read = check(output.view, memories); !read)
          return Error{read.error().code,
                       fmt::format("entry '{}', output '{}': {}", entry.name,
                                   output.name, read.error().message)};
    }
    return report;
  }

private:
  static void define(const View &view, Memories &memories) {
    Runs(view).forEach(0, [&](uint64_t first, uint64_t last) {
      memories.dram.define(first, last);
      return true;
    });
  }

  /// Reads a view outside of any queue, after a barrier.
  Status check(const View &view, Memories &memories) {
    bool isSram = view.space == Space::Sram;
    Finding finding;
    memories.barrier();
    Runs(view).forEach(
        offsetOf(view, counters), [&](uint64_t first, uint64_t last) {
          finding = (isSram ? memories.sram : memories.dram)
                        .read(first, last, {}, {0}, report.conflicts);
          return !finding;
        });
    if (!finding)
      return {};
    return invalidInput(fmt::format("reads {} bytes {:#x} to {:#x}, which "
                                    "nothing has written",
                                    isSram ? "SRAM" : "DRAM", finding.first,
                                    finding.last));
  }

  Status block(const Block &b, Memories &memories) {
    for (size_t i = 0; i < b.nodes.size(); ++i)
      if (Status status = node(b.nodes[i], memories); !status)
        return Error{status.error().code,
                     fmt::format("node {}, {}", i, status.error().message)};
    return {};
  }

  Status node(const Node &n, Memories &memories) {
    if (auto *segment = std::get_if<Segment>(&n.node)) {
      Result<std::string> hazard = player.play(*segment, counters, memories);
      if (!hazard)
        return hazard.error();
      if (!hazard->empty())
        return invalidInput(std::move(*hazard));
      if (report.commands > kMaxPlayed)
        return unsupported(fmt::format(
            "more than {} commands are too many to check", kMaxPlayed));
      return {};
    }
    if (auto *branch = std::get_if<If>(&n.node)) {
      if (Status status = check(branch->condition, memories); !status)
        return status;
      Memories otherwise = memories;
      if (Status status = block(branch->thenBlock, memories); !status)
        return status;
      if (Status status = block(branch->elseBlock, otherwise); !status)
        return status;
      memories.dram.unite(otherwise.dram);
      memories.sram.unite(otherwise.sram);
      return {};
    }
    return loop(*std::get_if<Loop>(&n.node), memories);
  }

  Status loop(const Loop &l, Memories &memories) {
    for (const std::vector<View> *views : {&l.tripCount, &l.condition})
      for (const View &view : *views)
        if (Status status = check(view, memories); !status)
          return status;
    bool complete = l.maxTrips <= kCompleteTrips;
    uint64_t first = complete ? l.maxTrips : 3;
    counters.push_back(0);
    Status status;
    for (uint64_t i = 0; status && i < first; ++i) {
      counters.back() = i;
      status = block(l.body, memories);
    }
    if (status && !complete) {
      trips.push_back(l.maxTrips);
      sweep(l.body, memories);
      trips.pop_back();
      counters.back() = l.maxTrips - 1;
      status = block(l.body, memories);
    }
    counters.pop_back();
    return status;
  }

  /// Defines what the iterations that are not played write.
  void sweep(const Block &b, Memories &memories) {
    for (const Node &n : b.nodes) {
      if (auto *branch = std::get_if<If>(&n.node)) {
        sweep(branch->thenBlock, memories);
        sweep(branch->elseBlock, memories);
      } else if (auto *inner = std::get_if<Loop>(&n.node)) {
        trips.push_back(inner->maxTrips);
        sweep(inner->body, memories);
        trips.pop_back();
      } else {
        for (const Queue &queue : std::get_if<Segment>(&n.node)->queues)
          sweep(queue.items, memories);
      }
    }
  }

  void sweep(const std::vector<Item> &items, Memories &memories) {
    for (const Item &item : items) {
      if (auto *repeat = std::get_if<Repeat>(&item.node)) {
        trips.push_back(repeat->count);
        sweep(repeat->body, memories);
        trips.pop_back();
        continue;
      }
      for (const View &view : std::get_if<Command>(&item.node)->outs)
        sweep(view, memories);
    }
  }

  void sweep(const View &view, Memories &memories) {
    Runs runs(view);
    if (runs.empty())
      return;
    // The loops outside of the one swept stand still at their counters.
    size_t outside = counters.size() - 1;
    int64_t low = 0, high = 0;
    for (size_t i = 0; i < view.steps.size(); ++i) {
      int64_t step = view.steps[i];
      if (i < outside) {
        low += step * static_cast<int64_t>(counters[i]);
        high += step * static_cast<int64_t>(counters[i]);
      } else {
        (step < 0 ? low : high) +=
            step * static_cast<int64_t>(trips[i - outside] - 1);
      }
    }
    Tracker &memory = view.space == Space::Sram ? memories.sram : memories.dram;
    memory.define(runs.first(low), runs.last(high));
  }

  // (H6)
  std::string checkArraysWritten() {
    std::vector<bool> written(program.arrays.size());
    std::vector<const Command *> users;
    for (const Entry &entry : program.entries)
      eachCommand(entry.body, [&](const Command &command) {
        if (command.op == Op::ProgramArray)
          written[command.intOr("array", 0)] = true;
        else if (command.find("arrays") || command.op == Op::ReadArray ||
                 command.op == Op::RefreshPairs)
          users.push_back(&command);
      });
    for (const Command *user : users)
      for (int64_t array :
           user->ints(user->find("arrays") ? "arrays" : "array"))
        if (!written[array])
          return fmt::format("array {} '{}' is used, but nothing writes it",
                             array, program.arrays[array].name);
    return {};
  }

  template <typename F>
  static void eachCommand(const Block &b, const F &visit) {
    for (const Node &n : b.nodes) {
      if (auto *branch = std::get_if<If>(&n.node)) {
        eachCommand(branch->thenBlock, visit);
        eachCommand(branch->elseBlock, visit);
      } else if (auto *inner = std::get_if<Loop>(&n.node)) {
        eachCommand(inner->body, visit);
      } else {
        for (const Queue &queue : std::get_if<Segment>(&n.node)->queues)
          eachCommand(queue.items, visit);
      }
    }
  }
  template <typename F>
  static void eachCommand(const std::vector<Item> &items, const F &visit) {
    for (const Item &item : items) {
      if (auto *repeat = std::get_if<Repeat>(&item.node))
        eachCommand(repeat->body, visit);
      else
        visit(*std::get_if<Command>(&item.node));
    }
  }

  const Program &program;
  HazardReport report;
  Player player;
  Counters counters;           ///< of the blocks around
  std::vector<uint64_t> trips; ///< of the loops swept
};

} // namespace

Result<HazardReport> checkHazards(const Program &program) {
  if (Status status = verifyProgram(program); !status)
    return status.error();
  Result<HazardReport> report = Walker(program).run();
  if (report)
    return report;
  return Error{report.error().code,
               fmt::format("command stream for '{}': {}", program.model,
                           report.error().message)};
}

} // namespace hybridc::stream
