//===- Timeline.h - The commands of an entry, ready to be clocked ---------===//
//
// Costs are computed once per command of the stream, however often it runs.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CLOCK_TIMELINE_H
#define HYBRIDC_LIB_CLOCK_TIMELINE_H

#include "Occupancy.h"
#include "PowerBins.h"
#include "Share.h"

#include "hybridc/Clock/Clock.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace hybridc::exec::clock {

/// A command with what the clock needs of it, and what its executions took.
struct TimedCommand {
  const stream::Command *command = nullptr;
  chip::Cost cost;
  /// Of cost: the cells' energy where data made it, and what was expected.
  double cellsOfData_pj = 0, cellsExpected_pj = 0;
  double macs = 0, vectors = 0, dramReadBytes = 0, dramWriteBytes = 0,
         sramBytes = 0;
  Demand dram, links,
      banks; ///< of their bandwidths, while it runs at full speed
  uint32_t engine = 0;
  uint32_t work = 0;                         ///< into ClockResult::work
  uint32_t firstAccess = 0, numAccesses = 0; ///< Occupancy's
  // Of TimedSegment, so that the event loop need not visit `command`.
  uint32_t firstWait = 0, numWaits = 0;
  uint32_t firstSignal = 0, numSignals = 0;
  // Sums over its executions; everything else is derived from them at the end.
  double executions = 0, busyCycles = 0, shareCycles = 0;
  /// Lost to others at banks of the scratchpad, at links between chiplets.
  double bankWaitCycles = 0, linkWaitCycles = 0;
  uint64_t start = std::numeric_limits<uint64_t>::max(), end = 0;
};

/// A queue flattened: hardware loops are jumps.
struct Step {
  enum class Kind : uint8_t { Command, LoopBegin, LoopEnd } kind;
  uint32_t index = 0;  ///< Command: into TimedSegment::commands
  uint32_t target = 0; ///< LoopEnd: the step after its LoopBegin
  uint64_t count = 0;  ///< LoopBegin
};

struct TimedQueue {
  uint32_t engine = 0;
  std::vector<Step> steps;
};

/// stream::Wait, but for what only loops have.
struct TimedWait {
  uint64_t value = 0;
  const std::vector<int64_t> *steps = nullptr; ///< null: none
  uint32_t id = 0;
};

struct TimedSegment {
  const stream::Segment *segment = nullptr;
  std::vector<TimedQueue> queues;
  std::vector<TimedCommand> commands;
  std::vector<TimedWait> waits;
  std::vector<uint32_t> signals;
};

/// Accumulates the figures of a run; indexed as ClockResult's vectors are.
struct Tally {
  Tally(size_t numOrigins, unsigned powerBins)
      : origins(numOrigins), power(powerBins) {}

  struct Origin {
    OriginUse use;
    std::vector<std::pair<uint32_t, double>> busy; ///< engine → cycles
    std::vector<std::pair<uint32_t, double>> useful;
  };

  ClockResult result;
  std::vector<Origin> origins;
  std::vector<double> useful; ///< engine → utilization · busy cycles
  double weight = 1;          ///< how often what is clocked now happens
  uint64_t executed = 0;
  PowerBins power;
  uint32_t lastWork = 0; ///< what workIndex() answered last

  uint32_t engineIndex(const std::string &name, const chip::Chip &chip);
  uint32_t workIndex(const chip::Work &work);
  /// Notes an execution; cheap, as this is done for each of them.
  void note(TimedCommand &command, uint64_t start, uint64_t end) {
    command.executions += weight;
    command.busyCycles += double(end - start) * weight;
    command.start = std::min(command.start, start);
    command.end = std::max(command.end, end);
    if (power.isOn())
      power.add(command.engine, command.cost.energy_pj, start, end);
  }
  /// Adds up what all executions of a command took; once for each command.
  void add(const TimedCommand &command);
  /// Bytes of `times` commands on each link; LinkLoad::cycles are bytes, too,
  /// until the end.
  void addLoads(const chip::LinkUse &links, double times);
};

/// Clocks one segment that starts at `now`; returns when everything drained.
Result<uint64_t> runSegment(TimedSegment &segment, uint64_t now,
                            const ClockOptions &options, Tally &tally,
                            Occupancy &occupancy);

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_CLOCK_TIMELINE_H
