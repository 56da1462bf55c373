//===- Interpreter.h - A prepared entry and how it runs -------*- C++ -*-===//
//
// Each queue of a segment becomes a flat list of instructions (command, loop
// begin, loop end). The interpreter always runs one command at a time: it
// follows a queue until that waits, and when a command's signal releases
// another queue, it goes on there at once, where the data just written is
// still in the cache. Any order that the semaphores allow gives the same
// values; this one is also always the same.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_EXECUTOR_INTERPRETER_H
#define HYBRIDC_LIB_EXECUTOR_INTERPRETER_H

#include "hybridc/Executor/Executor.h"
#include "hybridc/Kernels/Kernels.h"
#include "hybridc/Stream/Program.h"

#include <map>
#include <memory>
#include <variant>
#include <vector>

namespace hybridc::exec {

/// An operand: where it lies, and how far each loop moves it (bytes).
struct Operand {
  std::byte *base = nullptr;
  std::vector<int64_t> steps; ///< without trailing zeros

  std::byte *at(const uint64_t *counters) const {
    int64_t offset = 0;
    for (size_t l = 0; l < steps.size(); ++l)
      offset += steps[l] * static_cast<int64_t>(counters[l]);
    return base + offset;
  }
};

struct PreparedCommand {
  std::shared_ptr<Kernel> kernel;
  std::vector<Operand> ins, outs;
  std::vector<stream::Wait> waits;
  std::vector<uint32_t> signals;
  uint32_t origin = 0;
  stream::Op op = stream::Op::Copy;
  double work = 1;
};

struct Instruction {
  enum Kind : uint8_t { Run, Begin, End } kind = Run;
  uint32_t target = 0; ///< Run: command; Begin: its End; End: its Begin
  uint64_t count = 0;  ///< Begin: iterations
};

struct PreparedQueue {
  std::vector<PreparedCommand> commands;
  std::vector<Instruction> code;
};

struct PreparedBlock;
struct PreparedSegment {
  std::vector<PreparedQueue> queues;
  uint32_t numSemaphores = 0;
};
/// A segment whose order was decided beforehand (Trace.h).
struct PreparedTrace {
  std::vector<PreparedCommand> commands;
};
struct PreparedIf {
  Operand condition;
  std::unique_ptr<PreparedBlock> thenBlock, elseBlock;
};
struct PreparedLoop {
  uint64_t maxTrips = 0;
  bool hasTripCount = false, hasCondition = false;
  Operand tripCount, condition;
  std::unique_ptr<PreparedBlock> body;
};
struct PreparedBlock {
  std::vector<
      std::variant<PreparedSegment, PreparedTrace, PreparedIf, PreparedLoop>>
      nodes;
};

/// Loops that may enclose a command: blocks, then the queue's own.
constexpr size_t kMaxLoops = 64;

class Interpreter {
public:
  struct Limits {
    uint64_t commands;
    double work;
  };
  Interpreter(const std::vector<stream::Origin> &origins, std::byte *scratch,
              Limits limits, bool profile)
      : origins(origins), scratch(scratch), limits(limits), profiling(profile) {
  }

  /// Errors name the origin of the command that failed.
  Status run(const PreparedBlock &block);

  uint64_t numExecuted() const { return executedInAll; }
  /// Of the last run, as ClockOptions::decisions wants them; nothing when
  /// there were too many to keep.
  const std::vector<uint8_t> *decisions() const {
    return taken.size() < kMostDecisions ? &taken : nullptr;
  }
  std::vector<OriginTime> profile() const;

private:
  /// Where a queue stands.
  struct Cursor {
    const PreparedQueue *queue = nullptr;
    size_t pc = 0, depth = 0;
    uint64_t counters[kMaxLoops] = {}; ///< block loops first
    int64_t blockedOn = -1;            ///< semaphore, -1: none
    uint64_t blockedValue = 0;
    bool queued = false, done = false;
  };

  Status runBlock(const PreparedBlock &block);
  Status runSegment(const PreparedSegment &segment);
  Status runLoop(const PreparedLoop &loop);
  /// Moves to the next command, through loop ends and beginnings.
  Status settle(Cursor &cursor);
  bool ready(Cursor &cursor);
  Status execute(const PreparedCommand &command, const uint64_t *counters);
  Status spend(uint64_t commands, double work);
  Error inOrigin(const Error &error, const PreparedCommand &command) const;

  static constexpr size_t kMostDecisions = 1 << 26;
  std::vector<uint8_t> taken;
  void decided(bool way) {
    if (taken.size() < kMostDecisions)
      taken.push_back(way);
  }

  const std::vector<stream::Origin> &origins;
  std::byte *scratch;
  Limits limits;
  bool profiling;
  uint64_t executed = 0, executedInAll = 0;
  double worked = 0;
  uint64_t blockCounters[kMaxLoops] = {};
  size_t blockDepth = 0;
  std::vector<uint64_t> semaphores;
  std::vector<Cursor> cursors;
  std::vector<size_t> stack;
  std::map<std::pair<uint32_t, stream::Op>, OriginTime> times;
};

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_EXECUTOR_INTERPRETER_H
