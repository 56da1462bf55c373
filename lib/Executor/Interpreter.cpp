#include "Interpreter.h"

#include "hybridc/Stream/CommandSpec.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fmt/format.h>

namespace hybridc::exec {

constexpr size_t kMaxOperandsOnStack = stream::kMaxOperands;

Error Interpreter::inOrigin(const Error &error,
                            const PreparedCommand &command) const {
  std::string name(stream::specOf(command.op).name);
  if (command.origin < origins.size()) {
    const stream::Origin &origin = origins[command.origin];
    name = fmt::format("node '{}' ({}), {}", origin.node, origin.op, name);
  }
  return {error.code, name + ": " + error.message};
}

Status Interpreter::spend(uint64_t commands, double work) {
  executed += commands;
  executedInAll += commands;
  worked += work;
  if (executed > limits.commands)
    return invalidInput(fmt::format(
        "the program runs more than {} commands, the limit of one run",
        limits.commands));
  if (worked > limits.work)
    return invalidInput(fmt::format(
        "the program takes more than {:.3g} steps, the limit of one run",
        limits.work));
  return {};
}

Status Interpreter::run(const PreparedBlock &block) {
  executed = 0;
  worked = 0;
  blockDepth = 0;
  taken.clear();
  return runBlock(block);
}

Status Interpreter::runBlock(const PreparedBlock &block) {
  for (const auto &node : block.nodes) {
    Status status;
    if (const auto *segment = std::get_if<PreparedSegment>(&node)) {
      status = runSegment(*segment);
    } else if (const auto *trace = std::get_if<PreparedTrace>(&node)) {
      for (const PreparedCommand &command : trace->commands)
        if (status = execute(command, blockCounters); !status)
          break;
    } else if (const auto *branch = std::get_if<PreparedIf>(&node)) {
      bool way = *branch->condition.at(blockCounters) != std::byte(0);
      decided(way);
      status = runBlock(way ? *branch->thenBlock : *branch->elseBlock);
    } else {
      status = runLoop(std::get<PreparedLoop>(node));
    }
    if (!status)
      return status;
  }
  return {};
}

Status Interpreter::runLoop(const PreparedLoop &loop) {
  uint64_t trips = loop.maxTrips;
  if (loop.hasTripCount) {
    int64_t wanted;
    std::memcpy(&wanted, loop.tripCount.at(blockCounters), sizeof wanted);
    trips =
        std::min(trips, static_cast<uint64_t>(std::max<int64_t>(wanted, 0)));
  }
  size_t level = blockDepth++;
  uint64_t done = 0;
  for (; done < trips; ++done) {
    blockCounters[level] = done;
    // The condition's own view does not move with this loop.
    if (loop.hasCondition && *loop.condition.at(blockCounters) == std::byte(0))
      break;
    decided(true);
    if (Status s = spend(1, 1); !s)
      return s;
    if (Status s = runBlock(*loop.body); !s)
      return s;
  }
  if (done < loop.maxTrips)
    decided(false);
  blockCounters[level] = 0;
  --blockDepth;
  return {};
}

/// Afterwards the queue is done or stands at a command.
Status Interpreter::settle(Cursor &cursor) {
  const std::vector<Instruction> &code = cursor.queue->code;
  while (cursor.pc < code.size()) {
    const Instruction &instruction = code[cursor.pc];
    switch (instruction.kind) {
    case Instruction::Run:
      return {};
    case Instruction::Begin:
      if (instruction.count == 0) {
        cursor.pc = instruction.target + 1;
        break;
      }
      cursor.counters[cursor.depth++] = 0;
      ++cursor.pc;
      break;
    case Instruction::End: {
      const Instruction &begin = code[instruction.target];
      uint64_t &counter = cursor.counters[cursor.depth - 1];
      if (Status s = spend(1, 1); !s)
        return s;
      if (++counter < begin.count) {
        cursor.pc = instruction.target + 1;
        break;
      }
      counter = 0;
      --cursor.depth;
      ++cursor.pc;
      break;
    }
    }
  }
  cursor.done = true;
  return {};
}

/// Whether the command at the cursor may start; if not, notes what it lacks.
bool Interpreter::ready(Cursor &cursor) {
  const PreparedCommand &command =
      cursor.queue->commands[cursor.queue->code[cursor.pc].target];
  for (const stream::Wait &wait : command.waits) {
    uint64_t value = wait.value;
    for (size_t l = 0; l < wait.steps.size(); ++l)
      value += static_cast<uint64_t>(wait.steps[l]) *
               cursor.counters[blockDepth + l];
    if (semaphores[wait.id] >= value)
      continue;
    cursor.blockedOn = wait.id;
    cursor.blockedValue = value;
    return false;
  }
  cursor.blockedOn = -1;
  return true;
}

Status Interpreter::runSegment(const PreparedSegment &segment) {
  semaphores.assign(segment.numSemaphores, 0);
  cursors.assign(segment.queues.size(), Cursor());
  stack.clear();
  for (size_t q = segment.queues.size(); q-- > 0;) {
    Cursor &cursor = cursors[q];
    cursor.queue = &segment.queues[q];
    cursor.depth = blockDepth;
    std::copy_n(blockCounters, blockDepth, cursor.counters);
    if (Status s = settle(cursor); !s)
      return s;
    cursor.queued = !cursor.done;
    if (!cursor.done)
      stack.push_back(q);
  }
  while (!stack.empty()) {
    size_t q = stack.back();
    Cursor &cursor = cursors[q];
    if (!ready(cursor)) { // whoever signals brings it back
      stack.pop_back();
      cursor.queued = false;
      continue;
    }
    const PreparedCommand &command =
        cursor.queue->commands[cursor.queue->code[cursor.pc].target];
    if (Status s = execute(command, cursor.counters); !s)
      return s;
    ++cursor.pc;
    if (Status s = settle(cursor); !s)
      return s;
    if (cursor.done) {
      stack.pop_back();
      cursor.queued = false;
    }
    for (uint32_t id : command.signals) {
      uint64_t count = ++semaphores[id];
      for (size_t w = 0; w < cursors.size(); ++w) {
        Cursor &waiting = cursors[w];
        if (!waiting.queued && !waiting.done && waiting.blockedOn == id &&
            count >= waiting.blockedValue) {
          waiting.queued = true;
          stack.push_back(w); // next: its data is in the cache
        }
      }
    }
  }
  for (const Cursor &cursor : cursors)
    if (!cursor.done) {
      const PreparedCommand &command =
          cursor.queue->commands[cursor.queue->code[cursor.pc].target];
      return inOrigin(
          invalidInput(fmt::format(
              "deadlock: waits for semaphore {} to reach {}, it stays at {}",
              cursor.blockedOn, cursor.blockedValue,
              semaphores[cursor.blockedOn])),
          command);
    }
  return {};
}

Status Interpreter::execute(const PreparedCommand &command,
                            const uint64_t *counters) {
  if (Status s = spend(1, command.work); !s)
    return inOrigin(s.error(), command);
  const std::byte *ins[kMaxOperandsOnStack];
  std::byte *outs[kMaxOperandsOnStack];
  for (size_t i = 0; i < command.ins.size(); ++i)
    ins[i] = command.ins[i].at(counters);
  for (size_t i = 0; i < command.outs.size(); ++i)
    outs[i] = command.outs[i].at(counters);
  if (!profiling) {
    Status status = command.kernel->run(ins, outs, scratch);
    return status ? status : Status(inOrigin(status.error(), command));
  }
  auto start = std::chrono::steady_clock::now();
  Status status = command.kernel->run(ins, outs, scratch);
  OriginTime &time = times[{command.origin, command.op}];
  time.origin = command.origin;
  time.op = command.op;
  ++time.commands;
  time.seconds +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return status ? status : Status(inOrigin(status.error(), command));
}

std::vector<OriginTime> Interpreter::profile() const {
  std::vector<OriginTime> all;
  for (const auto &[key, time] : times)
    all.push_back(time);
  return all;
}

} // namespace hybridc::exec
