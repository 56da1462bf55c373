//===- Segment.cpp - Queues, semaphores and shared memories ---------------===//
//
// Event-driven: time jumps from one end of a command to the next. All times
// are whole cycles; only the progress of a command that is slowed down by
// others is a fraction.
//
//===----------------------------------------------------------------------===//

#include "Timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <tuple>

namespace hybridc::exec::clock {

namespace {

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
/// Cycles beyond this are of no chip; additions must not wrap.
constexpr uint64_t kLast = uint64_t(1) << 62;

uint64_t plus(uint64_t a, uint64_t b) { return std::min(kLast, a + b); }

class SegmentRun {
public:
  SegmentRun(TimedSegment &timed, uint64_t now, const ClockOptions &options,
             Tally &tally, Occupancy &occupancy)
      : timed(timed), now(now), end(now), options(options), tally(tally),
        occupancy(occupancy), counters(timed.segment->numSemaphores, 0),
        blocked(timed.segment->numSemaphores), lanes(timed.queues.size()) {}

  Result<uint64_t> run();

private:
  /// A queue at work.
  struct Lane {
    uint32_t step = 0;
    std::vector<uint64_t> iv; ///< counters of the Repeats, outermost first
    std::vector<uint64_t> remaining; ///< iterations left of each
    TimedCommand *active = nullptr;
    uint64_t start = 0, finish = kNever;
    // Progress of a command that shares memories, in cycles of its own
    double left = 0, speed = 1;
    /// Demand::most() of `active`: what tells that there is enough for all.
    double dramMost = 0, linkMost = 0, bankMost = 0;
    double dramSpeed = 1; ///< `speed`, were there only the DRAM to share
    double linkSpeed = 1; ///< and the links
    double linkWait = 0, bankWait = 0; ///< cycles lost to others there
    uint64_t since = 0;

    bool usesMemories() const { return dramMost + linkMost + bankMost > 0; }
  };
  struct Arrival {
    uint64_t cycle;
    uint64_t order; ///< of issue: makes equal cycles deterministic
    const TimedCommand *command;
    bool operator>(const Arrival &other) const {
      return std::tie(cycle, order) > std::tie(other.cycle, other.order);
    }
  };

  TimedSegment &timed;
  uint64_t now, end;
  const ClockOptions &options;
  Tally &tally;
  Occupancy &occupancy;
  std::vector<uint64_t> counters;
  std::vector<std::vector<uint32_t>> blocked; ///< semaphore → waiting lanes
  std::vector<Lane> lanes;
  std::vector<uint32_t> running; ///< lanes with a command, ascending
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals;
  uint64_t orderOfIssue = 0;
  bool demandChanged = false; ///< who runs, of those that use memories
  bool isSlowed = false;      ///< some command runs below its full speed
  Share share;
  std::vector<Sharer> sharers;
  std::string failure;

  /// Moves past loops to the next command; false at the end of the queue.
  bool findCommand(Lane &lane, const TimedQueue &queue);
  /// The first wait that does not hold, or nullptr.
  const TimedWait *firstUnmet(const Lane &lane, const TimedCommand &command);
  static uint64_t valueOf(const TimedWait &wait, const Lane &lane);
  void tryStart(uint32_t index);
  void finish(uint32_t index);
  void signal(const TimedCommand &command, std::vector<uint32_t> &woken);
  void shareMemories();
  void attribute(uint64_t until);
  Error deadlock();
};

bool SegmentRun::findCommand(Lane &lane, const TimedQueue &queue) {
  while (lane.step < queue.steps.size()) {
    const Step &step = queue.steps[lane.step];
    switch (step.kind) {
    case Step::Kind::Command:
      return true;
    case Step::Kind::LoopBegin:
      lane.iv.push_back(0);
      lane.remaining.push_back(step.count);
      ++lane.step;
      break;
    case Step::Kind::LoopEnd:
      if (--lane.remaining.back() > 0) {
        ++lane.iv.back();
        lane.step = step.target;
      } else {
        lane.iv.pop_back();
        lane.remaining.pop_back();
        ++lane.step;
      }
      break;
    }
  }
  return false;
}

uint64_t SegmentRun::valueOf(const TimedWait &wait, const Lane &lane) {
  if (!wait.steps)
    return wait.value;
  __int128 value = wait.value;
  for (size_t i = 0; i < wait.steps->size() && i < lane.iv.size(); ++i)
    value += __int128(lane.iv[i]) * (*wait.steps)[i];
  return value <= 0 ? 0 : uint64_t(std::min<__int128>(value, kNever));
}

const TimedWait *SegmentRun::firstUnmet(const Lane &lane,
                                        const TimedCommand &command) {
  for (uint32_t i = 0; i < command.numWaits; ++i) {
    const TimedWait &wait = timed.waits[command.firstWait + i];
    if (wait.id >= counters.size() || counters[wait.id] < valueOf(wait, lane))
      return &wait;
  }
  return nullptr;
}

void SegmentRun::tryStart(uint32_t index) {
  Lane &lane = lanes[index];
  const TimedQueue &queue = timed.queues[index];
  if (!findCommand(lane, queue))
    return;
  TimedCommand &command = timed.commands[queue.steps[lane.step].index];
  if (const TimedWait *wait = firstUnmet(lane, command)) {
    if (wait->id < blocked.size())
      blocked[wait->id].push_back(index);
    return;
  }
  if (++tally.executed > options.maxCommands) {
    failure = fmt::format("more than {} commands; nothing this long is clocked",
                          options.maxCommands);
    return;
  }
  lane.active = &command;
  lane.start = lane.since = now;
  lane.speed = lane.dramSpeed = lane.linkSpeed = 1;
  lane.linkWait = lane.bankWait = 0;
  lane.left = double(command.cost.cycles);
  lane.finish = plus(now, command.cost.cycles);
  lane.dramMost = command.dram.most();
  lane.linkMost = command.links.most();
  lane.bankMost = command.banks.most();
  demandChanged |= lane.usesMemories();
  running.insert(std::lower_bound(running.begin(), running.end(), index),
                 index);
  if (options.occupancy && command.numAccesses > 0)
    occupancy.started(command.firstAccess, command.numAccesses, lane.iv, now);
}

void SegmentRun::signal(const TimedCommand &command,
                        std::vector<uint32_t> &woken) {
  for (uint32_t i = 0; i < command.numSignals; ++i) {
    uint32_t id = timed.signals[command.firstSignal + i];
    if (id >= counters.size())
      continue;
    ++counters[id];
    woken.insert(woken.end(), blocked[id].begin(), blocked[id].end());
    blocked[id].clear();
  }
}

void SegmentRun::finish(uint32_t index) {
  Lane &lane = lanes[index];
  TimedCommand &command = *lane.active;
  tally.note(command, lane.start, now);
  if (options.events) {
    ClockResult &result = tally.result;
    if (result.events.size() < options.maxEvents)
      result.events.push_back(
          {lane.start, now, command.engine, command.command->origin,
           command.command->op, command.cost.totalEnergy_pj(),
           lane.bankWait + double(command.cost.bankCycles),
           lane.linkWait + double(command.cost.linkCycles)});
    else
      result.eventsTruncated = true;
  }
  if (options.occupancy && command.numAccesses > 0)
    occupancy.ended(command.firstAccess, command.numAccesses, lane.iv, now);
  uint64_t arrival = plus(now, command.cost.latencyCycles);
  end = std::max(end, arrival);
  arrivals.push({arrival, orderOfIssue++, &command});
  demandChanged |= lane.usesMemories();
  command.bankWaitCycles += lane.bankWait * tally.weight;
  command.linkWaitCycles += lane.linkWait * tally.weight;
  lane.active = nullptr;
  lane.finish = kNever;
  ++lane.step;
}

/// First the DRAM port is divided, among what that leaves the links, then the
/// banks.
void SegmentRun::shareMemories() {
  demandChanged = false;
  double dram = 0, links = 0, banks = 0;
  for (uint32_t index : running) {
    const Lane &lane = lanes[index];
    dram += lane.dramMost;
    links += lane.linkMost;
    banks += lane.bankMost;
  }
  bool enough = std::max({dram, links, banks}) <= 1 + 1e-9;
  if (enough && !isSlowed)
    return;
  isSlowed = false;
  auto setSpeed = [&](Lane &lane, double speed) {
    isSlowed |= speed < 1;
    if (speed == lane.speed)
      return;
    lane.left -= double(now - lane.since) * lane.speed;
    lane.since = now;
    lane.speed = speed;
    double cycles = std::max(0.0, lane.left) / speed;
    // A part in 1e6 of a cycle is rounding, not a further cycle.
    lane.finish = plus(now, uint64_t(std::min(std::ceil(cycles - 1e-6), 4e18)));
  };
  sharers.clear();
  for (uint32_t index : running)
    sharers.push_back({lanes[index].active->dram, 1, index});
  if (dram > 1)
    share.divide(sharers);
  for (Sharer &sharer : sharers) {
    lanes[sharer.who].dramSpeed = sharer.speed;
    sharer.demand = lanes[sharer.who].active->links;
  }
  if (links > 1)
    share.divide(sharers);
  for (Sharer &sharer : sharers) {
    lanes[sharer.who].linkSpeed = sharer.speed;
    sharer.demand = lanes[sharer.who].active->banks;
  }
  if (banks > 1)
    share.divide(sharers);
  for (const Sharer &sharer : sharers)
    setSpeed(lanes[sharer.who], sharer.speed);
}

/// Divides the time until `until` among the origins at work.
void SegmentRun::attribute(uint64_t until) {
  if (until == now || running.empty())
    return;
  double share = double(until - now) * tally.weight / double(running.size());
  for (uint32_t index : running)
    lanes[index].active->shareCycles += share;
  if (!isSlowed)
    return;
  bool byDram = false, byLinks = false, byBanks = false;
  double dt = double(until - now);
  for (uint32_t index : running) {
    Lane &lane = lanes[index];
    byDram |= lane.dramSpeed < 1;
    if (lane.linkSpeed < lane.dramSpeed) {
      byLinks = true;
      lane.linkWait += dt * (lane.dramSpeed - lane.linkSpeed);
    }
    if (lane.speed < lane.linkSpeed) {
      byBanks = true;
      lane.bankWait += dt * (lane.linkSpeed - lane.speed);
    }
  }
  double cycles = dt * tally.weight;
  if (byLinks)
    tally.result.linkLimitedCycles += cycles;
  if (byDram)
    tally.result.dramLimitedCycles += cycles;
  if (byBanks)
    tally.result.bankLimitedCycles += cycles;
}

Error SegmentRun::deadlock() {
  for (uint32_t i = 0; i < lanes.size(); ++i) {
    const TimedQueue &queue = timed.queues[i];
    if (lanes[i].step >= queue.steps.size())
      continue;
    const TimedCommand &command =
        timed.commands[queue.steps[lanes[i].step].index];
    const TimedWait *wait = firstUnmet(lanes[i], command);
    if (!wait)
      continue;
    if (wait->id >= counters.size())
      return invalidInput(fmt::format(
          "queue '{}' waits for semaphore {}, but its segment has {}",
          timed.segment->queues[i].engine, wait->id, counters.size()));
    return invalidInput(fmt::format(
        "deadlock in cycle {}: queue '{}' waits for semaphore {} to reach {}, "
        "it stands at {} and nothing is left that would signal it",
        now, timed.segment->queues[i].engine, wait->id,
        valueOf(*wait, lanes[i]), counters[wait->id]));
  }
  return {ExitCode::Internal, "the clock stopped with work left"};
}

Result<uint64_t> SegmentRun::run() {
  std::vector<uint32_t> ready;
  for (uint32_t i = 0; i < lanes.size(); ++i)
    ready.push_back(i);
  while (true) {
    std::sort(ready.begin(), ready.end());
    for (uint32_t index : ready)
      tryStart(index);
    ready.clear();
    if (!failure.empty())
      return unsupported(failure);
    if (demandChanged)
      shareMemories();
    uint64_t next = arrivals.empty() ? kNever : arrivals.top().cycle;
    for (uint32_t index : running)
      next = std::min(next, lanes[index].finish);
    if (next == kNever)
      break;
    attribute(next);
    now = next;
    size_t kept = 0;
    for (uint32_t index : running) {
      if (lanes[index].finish > now) {
        running[kept++] = index;
        continue;
      }
      finish(index);
      ready.push_back(index);
    }
    running.resize(kept);
    while (!arrivals.empty() && arrivals.top().cycle <= now) {
      const TimedCommand *command = arrivals.top().command;
      arrivals.pop();
      signal(*command, ready);
    }
  }
  for (uint32_t i = 0; i < lanes.size(); ++i)
    if (lanes[i].step < timed.queues[i].steps.size())
      return deadlock();
  return end;
}

} // namespace

Result<uint64_t> runSegment(TimedSegment &segment, uint64_t now,
                            const ClockOptions &options, Tally &tally,
                            Occupancy &occupancy) {
  return SegmentRun(segment, now, options, tally, occupancy).run();
}

} // namespace hybridc::exec::clock
