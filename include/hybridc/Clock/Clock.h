//===- Clock.h - Cycles and energy of a command stream --------*- C++ -*-===//
//
// Replays an entry's commands through queues, semaphores and the shared DRAM
// port, without computing any value. Each command costs what chip::cost() says
// of its work (describe()); the clock adds what only the whole can tell:
// waiting and contention.
//
// Rules
//  - Queues run in order, one command at a time, all queues of a segment at
//    once. A command starts in the cycle in which its queue is free and its
//    waits hold; its signals count when it has finished (a transfer from or to
//    DRAM: its latency after the channel is free for the next).
//  - Commands that touch DRAM share its bandwidth max-min fairly: whoever asks
//    for less than an equal share gets what it asks for, the rest is divided
//    equally. A command that gets a part of what it asks for runs at that
//    part of its speed. What the DRAM leaves them of their speeds shares the
//    links between chiplets likewise, and what those leave the banks of the
//    scratchpad.
//  - Between the nodes of a block everything drains.
//  - If and Loop take the way of `decisions` when given. Otherwise values are
//    not known, and then: an If takes its then-branch; a Loop runs as often as
//    its trip count says if that is a constant, else `maxTrips` times, or once
//    when maxTrips is above ClockOptions::mostAssumedTrips. What was assumed
//    is listed in ClockResult::assumptions. Each decision is an operation of
//    the control core.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CLOCK_CLOCK_H
#define HYBRIDC_CLOCK_CLOCK_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"
#include "hybridc/Stream/Program.h"
#include "hybridc/Support/Result.h"
#include "hybridc/Thermal/EnergyTrace.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc::exec {

/// What the cells of an origin's products took on arrays of one kind, from the
/// inputs and conductances of a run, and what chip::cost() expected of them.
struct CellEnergy {
  uint32_t origin = 0;
  std::string engine;
  double energy_pj = 0, expected_pj = 0;

  bool operator==(const CellEnergy &) const = default;
};

struct ClockOptions {
  /// Keep one event per command executed, up to `maxEvents` of them.
  bool events = false;
  uint64_t maxEvents = 1000000;
  /// Follow the bytes of the scratchpad.
  bool occupancy = true;
  /// Keep energy over time, in at most this many bins (at least 2); 0: not.
  unsigned powerBins = 0;
  /// Engine (`dma` for all channels) → nominal clock / present clock.
  std::map<std::string, double> slowdown;
  /// The decisions of a run, in the order in which they were taken: for each
  /// If that was reached 1 (then) or 0 (else); for each Loop 1 before each
  /// iteration and 0 when it stops before maxTrips.
  const std::vector<uint8_t> *decisions = nullptr;
  /// Of a run (Executor::cellEnergies): the cells of these products take in
  /// this relation to what is expected of them. Of any number of runs: it is a
  /// ratio.
  std::vector<CellEnergy> cells = {};
  /// A Loop of unknown count and more trips than this is assumed to run once.
  uint64_t mostAssumedTrips = 100000;
  /// Refuse programs that execute more commands than this.
  uint64_t maxCommands = uint64_t(1) << 32;
};

/// Picojoules by chip::Component.
using Energies = std::array<double, chip::kNumComponents>;

/// One command executed. Times in cycles; `end` is when the engine was free.
struct ClockEvent {
  uint64_t start = 0, end = 0;
  uint32_t engine = 0; ///< index into ClockResult::engines
  uint32_t origin = 0; ///< index into Program::origins
  stream::Op op = stream::Op::Copy;
  double energy_pj = 0; ///< all components; spent evenly over the event
  /// Of its time: waiting for banks, for links.
  double bankStallCycles = 0, linkStallCycles = 0;
};

/// What commands lost where they share, in cycles of their engines: those of
/// engines that wait at the same time add up.
struct Stalls {
  double cycles = 0;    ///< all
  double ownCycles = 0; ///< of these, for accesses of the command itself
  double bytes = 0;     ///< traffic there that had to wait
};

/// One chiplet's link over a run.
struct LinkLoad {
  double bytes = 0;  ///< that entered the chiplet
  double cycles = 0; ///< that it takes the link at least
};

struct EngineUse {
  std::string name; ///< of its queue: "dma0", "mac", "pcm", …
  std::string kind; ///< dma | array | mac | vec | ctl
  uint64_t commands = 0;
  double busyCycles = 0;
  double busyFraction = 0; ///< of the entry's cycles
  double utilization = 0;  ///< useful work / peak, over the entry's cycles
  double energy_pj = 0;
  Energies byComponent_pj{};
  Stalls bankStalls, linkStalls;
  double linkBytes = 0; ///< between chiplets
};

/// What all commands of one kind of work took: the finest that the energies of
/// a run come in, and what tells which fields of the chip they rest on
/// (chip::energyFields).
struct WorkUse {
  chip::WorkKind kind = chip::WorkKind::Transfer;
  std::string engine; ///< chip::Work's: "mac", "vec", an array kind, …
  std::string format; ///< of its operands: "i8", "bf16", …
  double commands = 0, macs = 0, busyCycles = 0;
  double vectors = 0; ///< of products and updates on arrays
  Energies byComponent_pj{};
  /// Of the energy of cells: what data made of it, and what was expected there.
  double cellsOfData_pj = 0, cellsExpected_pj = 0;
};

/// What the commands of one origin took.
struct OriginUse {
  uint32_t origin = 0;
  uint64_t commands = 0;
  std::string mainEngine;   ///< the queue on which it was busy longest
  double busyCycles = 0;    ///< on that engine
  double allBusyCycles = 0; ///< on all engines together
  /// The entry's time divided among the origins that were active in each
  /// cycle: over all origins this sums to the entry's cycles less idle ones.
  double shareCycles = 0;
  uint64_t start = 0, end = 0; ///< first start, last end
  double utilization = 0;      ///< of the main engine while busy there
  double energy_pj = 0;        ///< leakage not included
  Energies byComponent_pj{};
  double macs = 0;
  double dramReadBytes = 0, dramWriteBytes = 0;
  uint64_t sramBytes = 0; ///< distinct bytes of the scratchpad that it touches
  Stalls bankStalls, linkStalls;
  double linkBytes = 0;
};

/// From `cycle` on, `bytes` of the scratchpad hold something that is still
/// going to be read (or is being written).
struct OccupancyPoint {
  uint64_t cycle = 0, bytes = 0;
};

struct ClockResult {
  uint64_t cycles = 0;
  double latency_ns = 0;
  uint64_t commands = 0;
  Energies energy_pj{}; ///< by component
  double totalEnergy_pj = 0;
  double averagePower_w = 0;
  double macs = 0;
  double dramReadBytes = 0, dramWriteBytes = 0;
  /// Cycles in which the DRAM port was the bottleneck of some command.
  double dramLimitedCycles = 0;
  /// Cycles in which some command waited for another at a bank.
  double bankLimitedCycles = 0;
  Stalls bankStalls;           ///< of all engines
  double sramTrafficBytes = 0; ///< read and written
  /// Cycles in which some command waited for another at a link.
  double linkLimitedCycles = 0;
  Stalls linkStalls;           ///< of all engines
  double linkBytes = 0;        ///< that crossed between chiplets
  std::vector<LinkLoad> links; ///< of each chiplet; empty for a single one
  uint64_t peakSramBytes = 0;
  std::vector<OccupancyPoint> occupancy; ///< by cycle; empty unless asked for
  std::vector<EngineUse> engines;        ///< by first appearance
  std::vector<OriginUse> origins;        ///< by origin, those that ran
  std::vector<WorkUse> work;             ///< by first appearance
  PowerTrace power;                      ///< empty unless asked for
  std::vector<ClockEvent> events;        ///< by start
  bool eventsTruncated = false;
  std::vector<std::string> assumptions;
  /// Hottest block of the die when the entry runs over and over, in °C, with
  /// the leakage that belongs to it (Thermal/Die.h).
  double peakTemperature_c = 0;

  const OriginUse *findOrigin(uint32_t origin) const;
};

/// Clocks one entry of `program` on `chip`.
/// Errors: InvalidInput (no such entry, a deadlock, decisions that run out,
/// indices out of range), Unsupported (more than maxCommands).
Result<ClockResult> runClock(const stream::Program &program,
                             const chip::Chip &chip,
                             std::string_view entry = "infer",
                             const ClockOptions &options = {});

} // namespace hybridc::exec

#endif // HYBRIDC_CLOCK_CLOCK_H
