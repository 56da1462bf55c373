//===- Player.h - Plays one segment ---------------------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_STREAM_PLAYER_H
#define HYBRIDC_LIB_STREAM_PLAYER_H

#include "Runs.h"
#include "Tracker.h"

#include "hybridc/Stream/Hazards.h"

#include <map>
#include <string>

namespace hybridc::stream::hazards {

/// The memories, between the segments of one entry.
struct Memories {
  Tracker dram, sram;
  void barrier() {
    dram.barrier();
    sram.barrier();
  }
};

/// The counters of the loops around, outermost first.
using Counters = std::vector<uint64_t>;

/// Bytes by which the counters move a view.
int64_t offsetOf(const View &view, const Counters &counters);

/// A command and what can be said of it once for all iterations.
struct Prepared {
  struct Operand {
    const View *view;
    Runs runs;
    bool tracked; ///< not constant: somebody might write it
  };
  const Command *command;
  std::vector<Operand> reads, writes; ///< accumulating outputs are in both
  size_t numIns = 0;                  ///< of reads, those that are inputs
};

class Player {
public:
  Player(const Program &program, HazardReport &report)
      : program(program), report(report) {}

  /// Plays `segment` with the given counters of the blocks around. Empty, or
  /// the first hazard.
  Result<std::string> play(const Segment &segment, const Counters &counters,
                           Memories &memories);

  const Prepared &prepare(const Command &command);

private:
  /// A command of an unrolled queue.
  struct Played {
    const Prepared *prepared;
    size_t counters; ///< where its counters start in `pool`
  };

  bool unroll(const std::vector<Item> &items, Counters &counters,
              std::vector<Played> &into);
  bool mayStart(const Command &command, const Counters &counters) const;
  std::string run(uint32_t queue, Memories &memories);
  std::string touchMemory(const Prepared &prepared, Access by,
                          Memories &memories);
  std::string touchSelf(const Prepared &prepared, Access by);
  std::string describe(Access access) const;
  std::string deadlock() const;
  std::string race(const Finding &finding, Access by, bool writes,
                   std::string_view what) const;

  const Program &program;
  HazardReport &report;
  std::map<const Command *, Prepared> cache;

  // Of the segment being played.
  const Segment *segment = nullptr;
  size_t blockDepth = 0;
  uint64_t played = 0; ///< commands unrolled
  std::vector<std::vector<Played>> queues;
  std::vector<uint64_t> pool;
  std::vector<uint32_t> next; ///< of each queue
  std::vector<Clock> clocks;  ///< of each queue, after its last command
  Clock now;                  ///< of the command being played
  Counters counters;          ///< likewise
  /// The clocks at which each semaphore was signalled, in order.
  std::vector<std::vector<Clock>> signals;
};

} // namespace hybridc::stream::hazards

#endif // HYBRIDC_LIB_STREAM_PLAYER_H
