//===- Unroll.cpp - Queues into one list ----------------------------------===//
#include "Trace.h"

namespace hybridc::exec {

using stream::Command;
using stream::Item;
using stream::Repeat;

namespace {

/// Walks a queue's items, loops entered.
class Walker {
public:
  explicit Walker(const std::vector<Item> &items) {
    frames.push_back({&items, 0, 1, 0});
    settle();
  }
  bool done() const { return frames.empty(); }
  const Command &current() const {
    const Frame &frame = frames.back();
    return std::get<Command>((*frame.items)[frame.at].node);
  }
  void advance() {
    ++frames.back().at;
    settle();
  }
  /// Loop counters, outermost first.
  uint64_t counter(size_t level) const { return frames[level + 1].iteration; }
  size_t depth() const { return frames.size() - 1; }
  uint64_t stepsTaken() const { return steps; }

private:
  struct Frame {
    const std::vector<Item> *items;
    size_t at;
    uint64_t count, iteration;
  };

  void settle() {
    while (!frames.empty()) {
      ++steps;
      Frame &frame = frames.back();
      if (frame.at == frame.items->size()) {
        if (++frame.iteration < frame.count) {
          frame.at = 0;
          if (!frame.items->empty())
            continue;
        }
        frames.pop_back();
        if (!frames.empty())
          ++frames.back().at;
        continue;
      }
      const auto *repeat = std::get_if<Repeat>(&(*frame.items)[frame.at].node);
      if (!repeat)
        return;
      if (repeat->count == 0 || repeat->body.empty())
        ++frame.at;
      else
        frames.push_back({&repeat->body, 0, repeat->count, 0});
    }
  }

  std::vector<Frame> frames;
  uint64_t steps = 0;
};

void addSteps(std::vector<stream::View> &views, const Walker &walker) {
  for (stream::View &view : views) {
    for (size_t l = 0; l < view.steps.size() && l < walker.depth(); ++l)
      view.address += static_cast<uint64_t>(view.steps[l]) * walker.counter(l);
    view.steps.clear();
  }
}

} // namespace

std::optional<std::vector<Command>>
unrollSegment(const stream::Segment &segment, size_t limit) {
  std::vector<Walker> walkers;
  for (const stream::Queue &queue : segment.queues)
    walkers.emplace_back(queue.items);
  std::vector<uint64_t> semaphores(segment.numSemaphores, 0);
  std::vector<Command> trace;
  std::vector<size_t> stack;
  std::vector<bool> queued(walkers.size(), false);
  for (size_t q = walkers.size(); q-- > 0;)
    if (!walkers[q].done()) {
      stack.push_back(q);
      queued[q] = true;
    }
  auto ready = [&](size_t q) {
    for (const stream::Wait &wait : walkers[q].current().waits) {
      uint64_t value = wait.value;
      for (size_t l = 0; l < wait.steps.size() && l < walkers[q].depth(); ++l)
        value += static_cast<uint64_t>(wait.steps[l]) * walkers[q].counter(l);
      if (semaphores[wait.id] < value)
        return false;
    }
    return true;
  };
  // The interpreter's own order: whoever was just released goes first.
  while (!stack.empty()) {
    size_t q = stack.back();
    if (walkers[q].stepsTaken() > 4 * limit + 64)
      return std::nullopt; // many empty iterations
    if (walkers[q].done() || !ready(q)) {
      stack.pop_back();
      queued[q] = false;
      continue;
    }
    if (trace.size() == limit)
      return std::nullopt;
    const Command &command = walkers[q].current();
    trace.push_back(command);
    addSteps(trace.back().ins, walkers[q]);
    addSteps(trace.back().outs, walkers[q]);
    trace.back().waits.clear();
    trace.back().signals.clear();
    for (uint32_t id : command.signals)
      ++semaphores[id];
    bool signals = !command.signals.empty();
    walkers[q].advance();
    for (size_t w = 0; signals && w < walkers.size(); ++w)
      if (!queued[w] && !walkers[w].done() && ready(w)) {
        stack.push_back(w);
        queued[w] = true;
      }
  }
  for (const Walker &walker : walkers)
    if (!walker.done())
      return std::nullopt;
  return trace;
}

} // namespace hybridc::exec
