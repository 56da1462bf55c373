//===- Player.cpp - Unrolls queues, plays them against each other ---------===//
#include "Player.h"

#include "hybridc/Stream/Verify.h"

#include <algorithm>

#include <fmt/format.h>

namespace hybridc::stream::hazards {

int64_t offsetOf(const View &view, const Counters &counters) {
  // Within memory (S12), so the sum fits even where a product would not.
  uint64_t offset = 0;
  for (size_t i = 0; i < view.steps.size(); ++i)
    offset += counters[i] * static_cast<uint64_t>(view.steps[i]);
  return static_cast<int64_t>(offset);
}

const Prepared &Player::prepare(const Command &command) {
  auto [at, isNew] = cache.try_emplace(&command);
  Prepared &prepared = at->second;
  if (!isNew)
    return prepared;
  auto operand = [&](const View &view) -> Prepared::Operand {
    Runs runs(view);
    bool tracked = !runs.empty();
    if (view.space == Space::Dram) {
      // One segment holds every iteration: the address as written is in it or
      // next to it, the address of iteration zero certainly is.
      auto *home = findSegment(program, runs.first(0), runs.last(0));
      tracked &= !home || home->kind != SegmentKind::Constant;
    }
    return {&view, std::move(runs), tracked};
  };
  prepared.command = &command;
  for (const View &view : command.ins)
    prepared.reads.push_back(operand(view));
  prepared.numIns = prepared.reads.size();
  bool accumulates = command.intOr("accumulate", 0) != 0;
  for (const View &view : command.outs) {
    prepared.writes.push_back(operand(view));
    if (accumulates)
      prepared.reads.push_back(prepared.writes.back());
  }
  return prepared;
}

// Ends: no loop is empty (S10), so every turn counts a command.
bool Player::unroll(const std::vector<Item> &items, Counters &at,
                    std::vector<Played> &into) {
  for (const Item &item : items) {
    if (auto *repeat = std::get_if<Repeat>(&item.node)) {
      at.push_back(0);
      for (; at.back() < repeat->count; ++at.back())
        if (!unroll(repeat->body, at, into))
          return false;
      at.pop_back();
      continue;
    }
    if (++played > kMaxPlayedInSegment)
      return false;
    into.push_back({&prepare(*std::get_if<Command>(&item.node)), pool.size()});
    pool.push_back(at.size());
    pool.insert(pool.end(), at.begin(), at.end());
  }
  return true;
}

namespace {

/// What a wait waits for in this iteration.
uint64_t valueOf(const Wait &wait, const Counters &counters,
                 size_t blockDepth) {
  uint64_t value = wait.value;
  for (size_t i = 0; i < wait.steps.size(); ++i)
    value += counters[blockDepth + i] * static_cast<uint64_t>(wait.steps[i]);
  return value;
}

} // namespace

bool Player::mayStart(const Command &command, const Counters &at) const {
  for (const Wait &wait : command.waits)
    if (signals[wait.id].size() < valueOf(wait, at, blockDepth))
      return false;
  return true;
}

Result<std::string> Player::play(const Segment &toPlay,
                                 const Counters &blockCounters,
                                 Memories &memories) {
  segment = &toPlay;
  blockDepth = blockCounters.size();
  size_t count = toPlay.queues.size();
  played = 0;
  pool.clear();
  queues.assign(count, {});
  for (size_t i = 0; i < count; ++i) {
    Counters at = blockCounters;
    if (!unroll(toPlay.queues[i].items, at, queues[i]))
      return unsupported(fmt::format("more than {} commands in one segment are "
                                     "too many to check",
                                     kMaxPlayedInSegment));
  }
  next.assign(count, 0);
  clocks.assign(count, Clock(count, 0));
  signals.assign(toPlay.numSemaphores, {});
  memories.barrier();
  ++report.segments;
  report.commands += played;

  // Each turn lets every queue run as far as it can. Whatever the order, the
  // same commands get to run: signals are never taken back.
  for (bool progress = true; progress;) {
    progress = false;
    for (uint32_t i = 0; i < count; ++i)
      while (next[i] < queues[i].size()) {
        const Played &head = queues[i][next[i]];
        auto first = pool.begin() + static_cast<ptrdiff_t>(head.counters) + 1;
        counters.assign(first,
                        first + static_cast<ptrdiff_t>(pool[head.counters]));
        if (!mayStart(*head.prepared->command, counters))
          break;
        if (std::string error = run(i, memories); !error.empty())
          return error;
        progress = true;
      }
  }
  for (uint32_t i = 0; i < count; ++i)
    if (next[i] < queues[i].size())
      return deadlock();
  return std::string();
}

std::string Player::run(uint32_t queue, Memories &memories) {
  const Prepared &prepared = *queues[queue][next[queue]].prepared;
  const Command &command = *prepared.command;
  Access by{queue, next[queue]};
  now = clocks[queue];
  for (const Wait &wait : command.waits) {
    uint64_t value = valueOf(wait, counters, blockDepth);
    if (value == 0)
      continue;
    ++report.waits;
    bool isNew = false;
    const Clock &then = signals[wait.id][value - 1];
    for (size_t i = 0; i < now.size(); ++i)
      if (then[i] > now[i]) {
        now[i] = then[i];
        isNew = true;
      }
    report.redundantWaits += !isNew;
  }
  std::string error = touchSelf(prepared, by);
  if (error.empty())
    error = touchMemory(prepared, by, memories);
  if (!error.empty())
    return error;
  now[queue] = ++next[queue];
  for (uint32_t id : command.signals)
    signals[id].push_back(now);
  clocks[queue] = now;
  return {};
}

std::string Player::touchMemory(const Prepared &prepared, Access by,
                                Memories &memories) {
  for (bool writes : {false, true})
    for (const Prepared::Operand &operand :
         writes ? prepared.writes : prepared.reads) {
      bool isSram = operand.view->space == Space::Sram;
      int64_t offset = offsetOf(*operand.view, counters);
      if (isSram)
        report.peakSramBytes =
            std::max(report.peakSramBytes, operand.runs.last(offset));
      if (!operand.tracked)
        continue;
      Tracker &memory = isSram ? memories.sram : memories.dram;
      Finding finding;
      operand.runs.forEach(offset, [&](uint64_t first, uint64_t last) {
        ++report.runs;
        finding = writes ? memory.write(first, last, by, now, report.conflicts)
                         : memory.read(first, last, by, now, report.conflicts);
        return !finding;
      });
      if (finding)
        return race(finding, by, writes, isSram ? "SRAM" : "DRAM");
    }
  return {};
}

// (H5) An output overlaps nothing else, except where a vec writes each element
// over the one it was computed from.
std::string Player::touchSelf(const Prepared &prepared, Access by) {
  const Command &command = *prepared.command;
  const CommandSpec &spec = specOf(command.op);
  for (size_t i = 0; i < prepared.writes.size(); ++i) {
    const Prepared::Operand &out = prepared.writes[i];
    int64_t offset = offsetOf(*out.view, counters);
    auto hits = [&](const Prepared::Operand &other) {
      return other.view->space == out.view->space &&
             overlap(out.runs, offset, other.runs,
                     offsetOf(*other.view, counters));
    };
    for (size_t j = 0; j < prepared.numIns; ++j) {
      const Prepared::Operand &in = prepared.reads[j];
      bool inPlace =
          command.op == Op::Vec &&
          in.view->address + uint64_t(offsetOf(*in.view, counters)) ==
              out.view->address + uint64_t(offset) &&
          in.view->strides == out.view->strides &&
          sizeOf(in.view->type) == sizeOf(out.view->type);
      if (!inPlace && hits(in))
        return fmt::format("{}: {} overlaps {}", describe(by),
                           operandName(spec, true, i),
                           operandName(spec, false, j));
    }
    for (size_t j = 0; j < i; ++j)
      if (hits(prepared.writes[j]))
        return fmt::format("{}: {} overlaps {}", describe(by),
                           operandName(spec, true, i),
                           operandName(spec, true, j));
  }
  return {};
}

std::string Player::describe(Access access) const {
  const Played &command = queues[access.queue][access.index];
  const Command &c = *command.prepared->command;
  std::string text =
      fmt::format("{} of {} (command {}", specOf(c.op).name,
                  segment->queues[access.queue].engine, access.index);
  if (c.origin < program.origins.size() &&
      !program.origins[c.origin].node.empty())
    text += fmt::format(", for '{}'", program.origins[c.origin].node);
  return text + ")";
}

std::string Player::race(const Finding &finding, Access by, bool writes,
                         std::string_view what) const {
  std::string bytes =
      fmt::format("{} bytes {:#x} to {:#x}", what, finding.first, finding.last);
  if (finding.kind == Finding::Unwritten)
    return fmt::format("{} reads {}, which nothing has written", describe(by),
                       bytes);
  return fmt::format("{} {} {} while {} {} them: no semaphore orders them",
                     describe(by), writes ? "writes" : "reads", bytes,
                     describe(finding.other),
                     finding.otherWrites ? "writes" : "reads");
}

std::string Player::deadlock() const {
  std::string text = "deadlock:";
  const char *separator = " ";
  for (uint32_t i = 0; i < queues.size(); ++i) {
    if (next[i] >= queues[i].size())
      continue;
    const Played &head = queues[i][next[i]];
    auto first = pool.begin() + static_cast<ptrdiff_t>(head.counters) + 1;
    Counters at(first, first + static_cast<ptrdiff_t>(pool[head.counters]));
    for (const Wait &wait : head.prepared->command->waits) {
      uint64_t value = valueOf(wait, at, blockDepth);
      if (signals[wait.id].size() >= value)
        continue;
      text += fmt::format("{}{} waits for {} of semaphore {}, which stays at "
                          "{}",
                          separator, describe({i, next[i]}), value, wait.id,
                          signals[wait.id].size());
      separator = "; ";
    }
  }
  return text;
}

} // namespace hybridc::stream::hazards
