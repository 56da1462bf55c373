//===- Segment.cpp - Queues, commands and semaphores of a segment ---------===//
#include "Verifier.h"

#include "hybridc/Stream/Serialize.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace hybridc::stream::verify {

namespace {

class SegmentChecker {
public:
  SegmentChecker(const Program &program, const Segment &segment,
                 const Nest &blockNest)
      : program(program), segment(segment), nest(blockNest),
        blockDepth(blockNest.size()) {}

  std::string run(uint64_t &dynamic) {
    if (segment.numSemaphores > kMaxSemaphores)
      return fmt::format("{} semaphores are more than {}",
                         segment.numSemaphores, kMaxSemaphores);
    totals.assign(segment.numSemaphores, 0);
    signaller.assign(segment.numSemaphores, -1);
    std::set<std::string_view> engines;
    for (size_t i = 0; i < segment.queues.size(); ++i) {
      const Queue &queue = segment.queues[i];
      // (S9) A queue is of an engine instance, once in a segment.
      auto kind = engineKindOf(program, queue.engine);
      std::string error;
      if (!kind)
        error = "is no engine";
      else if (!engines.insert(queue.engine).second)
        error = "has two queues";
      else
        error = items(queue.items, queue.engine, *kind, int(i), 1, dynamic);
      if (!error.empty())
        return fmt::format("queue {}: {}", queue.engine, error);
    }
    // Only now is it known how often each semaphore counts.
    for (const Queue &queue : segment.queues)
      if (std::string error = waitsOf(queue.items); !error.empty())
        return fmt::format("queue {}: {}", queue.engine, error);
    return {};
  }

private:
  /// `times` is how often the list runs within the segment.
  std::string items(const std::vector<Item> &list, std::string_view engine,
                    EngineKind kind, int queue, uint64_t times,
                    uint64_t &dynamic) {
    for (size_t i = 0; i < list.size(); ++i) {
      std::string error;
      if (auto *repeat = std::get_if<Repeat>(&list[i].node)) {
        // (S10) Loops run at least once, hold something and are limited, as is
        // their depth.
        if (repeat->count == 0 || repeat->count > kMaxTrips)
          error = fmt::format("repeats {} times, must be within 1 to {}",
                              repeat->count, kMaxTrips);
        else if (repeat->body.empty())
          error = "repeats nothing";
        else if (nest.size() - blockDepth >= kMaxRepeatDepth)
          error =
              fmt::format("nests more than {} hardware loops", kMaxRepeatDepth);
        if (error.empty()) {
          nest.push_back(repeat->count);
          uint64_t inner = 0;
          error = items(repeat->body, engine, kind, queue,
                        saturatingMul(times, repeat->count), inner);
          nest.pop_back();
          dynamic = saturatingAdd(dynamic, saturatingMul(inner, repeat->count));
        }
      } else {
        const Command &c = *std::get_if<Command>(&list[i].node);
        error = command(c, engine, kind);
        if (error.empty())
          error = signals(c, queue, times);
        dynamic = saturatingAdd(dynamic, 1);
      }
      if (!error.empty())
        return fmt::format("item {}: {}", i, error);
    }
    return {};
  }

  std::string command(const Command &c, std::string_view engine,
                      EngineKind kind) {
    // (S16) The (C…) rules.
    if (std::string error = checkCommand(c); !error.empty())
      return error;
    const CommandSpec &spec = specOf(c.op);
    auto failure = [&](std::string_view why) {
      return fmt::format("{}: {}", spec.name, why);
    };
    // (S17) A command runs on its kind of engine.
    if (spec.engine != kind)
      return failure(
          fmt::format("runs on {}, not on {}", nameOf(spec.engine), engine));
    if (std::string error = checkOrigin(program, c.origin); !error.empty())
      return failure(error);
    for (bool isOut : {false, true}) {
      const std::vector<View> &views = isOut ? c.outs : c.ins;
      for (size_t i = 0; i < views.size(); ++i) {
        std::string error;
        // (S18) Only some commands reach DRAM.
        if (views[i].space == Space::Dram && !spec.dramOperands)
          error = "must lie in SRAM";
        else
          error = checkPlace(program, views[i], nest, isOut);
        if (!error.empty())
          return failure(
              fmt::format("{}: {}", operandName(spec, isOut, i), error));
      }
    }
    std::string error;
    if (spec.engine == EngineKind::Array)
      error = checkTilesOf(program, c, engine);
    else if (c.op == Op::Vec)
      error = checkVecOperands(program, c);
    return error.empty() ? error : failure(error);
  }

  /// (S19) Semaphores exist and are signalled from one queue, once a command.
  std::string signals(const Command &c, int queue, uint64_t times) {
    for (size_t i = 0; i < c.signals.size(); ++i) {
      uint32_t id = c.signals[i];
      if (id >= segment.numSemaphores)
        return fmt::format("signals semaphore {} of {}", id,
                           segment.numSemaphores);
      if (std::find(c.signals.begin(), c.signals.begin() + i, id) !=
          c.signals.begin() + i)
        return fmt::format("signals semaphore {} twice", id);
      if (signaller[id] != -1 && signaller[id] != queue)
        return fmt::format("semaphore {} is also signalled by {}", id,
                           segment.queues[signaller[id]].engine);
      signaller[id] = queue;
      totals[id] = saturatingAdd(totals[id], times);
    }
    return {};
  }

  std::string waitsOf(const std::vector<Item> &list) {
    for (size_t i = 0; i < list.size(); ++i) {
      std::string error;
      if (auto *repeat = std::get_if<Repeat>(&list[i].node)) {
        nest.push_back(repeat->count);
        error = waitsOf(repeat->body);
        nest.pop_back();
      } else {
        for (const Wait &w : std::get_if<Command>(&list[i].node)->waits)
          if (error = wait(w); !error.empty())
            break;
      }
      if (!error.empty())
        return fmt::format("item {}: {}", i, error);
    }
    return {};
  }

  /// (S23) A wait's semaphore exists and will count as far as is waited for,
  /// in every iteration; the value never falls below zero.
  std::string wait(const Wait &w) {
    if (w.id >= segment.numSemaphores)
      return fmt::format("waits for semaphore {} of {}", w.id,
                         segment.numSemaphores);
    if (w.steps.size() > nest.size() - blockDepth)
      return fmt::format("waits with steps for {} loops, is in {}",
                         w.steps.size(), nest.size() - blockDepth);
    __int128 low = w.value, high = w.value;
    for (size_t i = 0; i < w.steps.size(); ++i)
      (w.steps[i] < 0 ? low : high) +=
          __int128(nest[blockDepth + i] - 1) * w.steps[i];
    if (low < 0)
      return fmt::format("waits for less than zero of semaphore {}", w.id);
    if (high > __int128(totals[w.id]))
      return fmt::format("waits for more of semaphore {} than the {} times it "
                         "is signalled",
                         w.id, totals[w.id]);
    return {};
  }

  const Program &program;
  const Segment &segment;
  Nest nest;
  const size_t blockDepth;
  std::vector<uint64_t> totals;
  std::vector<int> signaller;
};

} // namespace

std::string checkSegment(const Program &program, const Segment &segment,
                         const Nest &nest, uint64_t &dynamic) {
  return SegmentChecker(program, segment, nest).run(dynamic);
}

} // namespace hybridc::stream::verify
