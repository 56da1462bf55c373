//===- Clock.cpp - Cycles and energy of a command stream ------------------===//
//
// Walks the blocks of an entry: prepares the segments once, clocks each, and
// decides branches and loops.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Clock/Clock.h"

#include "Alike.h"
#include "Banks.h"
#include "Timeline.h"
#include "WholeTiles.h"

#include "hybridc/Clock/Describe.h"
#include "hybridc/Thermal/Die.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace hybridc::exec {

using namespace clock;

namespace {

/// Nesting of blocks or Repeats beyond this is refused, not recursed into.
constexpr unsigned kMostNesting = 64;
/// Nested loops multiply; counts must still fit their integers.
constexpr double kMostWeight = 1e15;
/// Counters are allocated, so a segment cannot ask for any number of them.
constexpr uint32_t kMostSemaphores = 1 << 24;
/// Latest cycle; sums stay far from wrapping.
constexpr uint64_t kLast = uint64_t(1) << 62;

class EntryClock {
public:
  EntryClock(const stream::Program &program, const chip::Chip &chip,
             const ClockOptions &options)
      : program(program), chip(chip), options(options), banks(chip.sram),
        tiles(program, chip), tally(program.origins.size(), options.powerBins),
        occupancy(program.origins.size()) {}

  Result<ClockResult> run(const stream::Entry &entry);

private:
  const stream::Program &program;
  const chip::Chip &chip;
  const ClockOptions &options;
  Banks banks;
  WholeTiles tiles;
  Alike alike;
  Tally tally;
  Occupancy occupancy;
  std::map<const stream::Segment *, TimedSegment> segments;
  /// The decisions of an If or Loop, as commands of the control core.
  struct Decision {
    stream::Command command;
    TimedCommand timed;
  };
  std::map<const void *, Decision> deciders;
  /// Sums must not depend on where in memory something lies.
  std::vector<const TimedSegment *> inOrder;
  std::vector<const Decision *> decidersInOrder;
  size_t nextDecision = 0;
  uint64_t now = 0;
  std::set<std::string> assumptions;

  Status prepare(const stream::Block &block, std::vector<uint64_t> &trips,
                 unsigned depth);
  /// What the command asks of the memories in each of its cycles.
  void setDemands(TimedCommand &timed, const BankUse &use) const;
  /// What data made of the energy of a product's cells, where that is known.
  void setCells(TimedCommand &timed, const chip::Work &work) const;
  Status prepareItems(const std::vector<stream::Item> &items,
                      TimedSegment &segment, TimedQueue &queue,
                      const std::vector<uint64_t> &blockTrips,
                      std::vector<uint64_t> &trips);
  Status checkTraining(const stream::Command &command,
                       const chip::Work &work) const;
  Status walk(const stream::Block &block);
  Status walkIf(const stream::If &node);
  Status walkLoop(const stream::Loop &node);
  /// The next of the given decisions; nullopt when they have run out.
  std::optional<bool> decision();
  /// Charges the control core for reading `views` and branching.
  void decide(const void *node, const std::vector<const stream::View *> &views,
              uint32_t origin);
  /// How often a loop is assumed to run; `exact` tells a constant count.
  uint64_t assumedTrips(const stream::Loop &node) const;
  std::optional<int64_t> constantOf(const stream::View &view) const;
  std::string nameOf(uint32_t origin) const;
  double slowdownOf(uint32_t engine) const;
  void setPeakTemperature(ClockResult &result) const;
  ClockResult finish();
};

std::string EntryClock::nameOf(uint32_t origin) const {
  return origin < program.origins.size() ? program.origins[origin].node
                                         : fmt::format("origin {}", origin);
}

double EntryClock::slowdownOf(uint32_t engine) const {
  const EngineUse &use = tally.result.engines[engine];
  auto it = options.slowdown.find(use.kind == "dma" ? use.kind : use.name);
  return it == options.slowdown.end() ? 1 : it->second;
}

/// Commands and loops in `items`, nested ones included.
static size_t sizeOfItems(const std::vector<stream::Item> &items,
                          unsigned depth = 0) {
  size_t size = items.size();
  for (const stream::Item &item : items)
    if (const auto *repeat = std::get_if<stream::Repeat>(&item.node);
        repeat && depth < kMostNesting)
      size += 1 + sizeOfItems(repeat->body, depth + 1);
  return size;
}

void EntryClock::setDemands(TimedCommand &timed, const BankUse &use) const {
  double cycles = double(timed.cost.cycles);
  timed.dram.even = std::min(1.0, double(timed.cost.dramBytes) / cycles /
                                      chip.dramBytesPerCycle());
  if (double link = chip.linkBytesPerCycle(); link > 0) {
    const chip::LinkUse &links = timed.cost.links;
    timed.links.even = std::min(1.0, links.even / cycles / link);
    timed.links.focused = std::min(
        1 - timed.links.even, (links.busiest - links.even) / cycles / link);
    timed.links.mask = links.mask;
  }
  double sram = timed.sramBytes / cycles / chip.sram.bytes_per_cycle;
  timed.banks.even = std::min(1.0, use.even * sram);
  timed.banks.focused = std::min(1 - timed.banks.even, use.focused * sram);
  timed.banks.mask = use.mask;
}

void EntryClock::setCells(TimedCommand &timed, const chip::Work &work) const {
  const stream::Command &command = *timed.command;
  if (command.op != stream::Op::Mvm || command.intOr("ideal", 0) != 0)
    return;
  double &cells = timed.cost.energy_pj[unsigned(chip::Component::ArrayCell)];
  for (const CellEnergy &known : options.cells)
    if (known.origin == command.origin && known.engine == work.engine &&
        known.expected_pj > 0) {
      timed.cellsExpected_pj = cells;
      timed.cellsOfData_pj = cells *= known.energy_pj / known.expected_pj;
      return;
    }
}

/// What only arrays for training can do has no time on others.
Status EntryClock::checkTraining(const stream::Command &command,
                                 const chip::Work &work) const {
  bool isUpdate = work.kind == chip::WorkKind::PulsedUpdate ||
                  work.kind == chip::WorkKind::RefreshPairs;
  bool isBackwards = work.kind == chip::WorkKind::Analog &&
                     command.intOr("transposed", 0) != 0 &&
                     command.intOr("ideal", 0) == 0;
  if (!isUpdate && !isBackwards)
    return {};
  const chip::ArrayKind *kind = chip.findArray(work.engine);
  if (!kind || kind->purpose == "training")
    return {};
  return unsupported(fmt::format(
      "{}: arrays '{}' are for inference{}", nameOf(command.origin), kind->name,
      isUpdate ? " and cannot be updated" : ", driven from their rows alone"));
}

Status EntryClock::prepareItems(const std::vector<stream::Item> &items,
                                TimedSegment &segment, TimedQueue &queue,
                                const std::vector<uint64_t> &blockTrips,
                                std::vector<uint64_t> &trips) {
  for (const stream::Item &item : items) {
    if (const auto *repeat = std::get_if<stream::Repeat>(&item.node)) {
      if (trips.size() >= kMostNesting)
        return invalidInput(
            fmt::format("hardware loops nested deeper than {}", kMostNesting));
      if (repeat->count == 0)
        continue;
      size_t begin = queue.steps.size();
      queue.steps.push_back({Step::Kind::LoopBegin, 0, 0, repeat->count});
      trips.push_back(repeat->count);
      if (Status status =
              prepareItems(repeat->body, segment, queue, blockTrips, trips);
          !status)
        return status;
      trips.pop_back();
      if (queue.steps.size() == begin + 1)
        queue.steps.pop_back(); // nothing inside: it would only spin
      else
        queue.steps.push_back({Step::Kind::LoopEnd, 0, uint32_t(begin + 1), 0});
      continue;
    }
    const auto &command = std::get<stream::Command>(item.node);
    Alike::Known &known = alike.of(command, queue.engine);
    chip::Work &work = known.work;
    if (!known.command) {
      work = describe(command, program);
      if (Status status = checkTraining(command, work); !status)
        return status;
      work.slowdown = slowdownOf(queue.engine);
      known.engine = queue.engine;
      known.index = tally.workIndex(work);
      known.isCosted = false;
      known.command = &command;
    }
    BankUse use = banks.useOf(command, blockTrips, trips);
    if (!known.isCosted || work.bankSkew != use.skew) {
      work.bankSkew = use.skew;
      known.cost = cost(chip, work);
      known.isCosted = true;
    }
    TimedCommand timed;
    timed.command = &command;
    timed.cost = known.cost;
    setCells(timed, work);
    timed.macs = double(work.macs);
    timed.vectors = double(work.vectors);
    timed.dramReadBytes = double(work.dramReadBytes);
    if (uint64_t padding = tiles.paddingOf(command)) {
      chip::Work padded = work;
      padded.dramReadBytes += padding;
      timed.cost = cost(chip, padded);
      timed.dramReadBytes = double(padded.dramReadBytes);
    } else if (work.weightsFromDram) {
      timed.dramReadBytes += double(chip::tilePaddingBytes(chip, work));
    }
    timed.dramWriteBytes = double(work.dramWriteBytes);
    timed.sramBytes = timed.cost.sram.bytes();
    setDemands(timed, use);
    timed.firstWait = uint32_t(segment.waits.size());
    timed.numWaits = uint32_t(command.waits.size());
    for (const stream::Wait &wait : command.waits)
      segment.waits.push_back(
          {wait.value, wait.steps.empty() ? nullptr : &wait.steps, wait.id});
    timed.firstSignal = uint32_t(segment.signals.size());
    timed.numSignals = uint32_t(command.signals.size());
    segment.signals.insert(segment.signals.end(), command.signals.begin(),
                           command.signals.end());
    timed.engine = queue.engine;
    timed.work = known.index;
    if (options.occupancy) {
      timed.firstAccess = occupancy.declare(command, blockTrips, trips);
      timed.numAccesses = occupancy.numAccesses() - timed.firstAccess;
    }
    queue.steps.push_back(
        {Step::Kind::Command, uint32_t(segment.commands.size()), 0, 0});
    segment.commands.push_back(timed);
  }
  return {};
}

Status EntryClock::prepare(const stream::Block &block,
                           std::vector<uint64_t> &trips, unsigned depth) {
  if (depth > kMostNesting)
    return invalidInput(
        fmt::format("blocks nested deeper than {}", kMostNesting));
  for (const stream::Node &node : block.nodes) {
    if (const auto *segment = std::get_if<stream::Segment>(&node.node)) {
      if (segment->numSemaphores > kMostSemaphores)
        return invalidInput(fmt::format("{} semaphores in a segment; at most "
                                        "{} are clocked",
                                        segment->numSemaphores,
                                        kMostSemaphores));
      tiles.look(*segment);
      TimedSegment &timed = segments[segment];
      timed.segment = segment;
      inOrder.push_back(&timed);
      size_t size = 0;
      for (const stream::Queue &queue : segment->queues)
        size += sizeOfItems(queue.items);
      timed.commands.reserve(size);
      timed.waits.reserve(2 * size);
      timed.signals.reserve(size);
      if (options.occupancy)
        occupancy.expect(size);
      for (const stream::Queue &queue : segment->queues) {
        TimedQueue lane;
        lane.steps.reserve(sizeOfItems(queue.items));
        lane.engine = tally.engineIndex(queue.engine, chip);
        std::vector<uint64_t> repeats;
        if (Status status =
                prepareItems(queue.items, timed, lane, trips, repeats);
            !status)
          return status;
        timed.queues.push_back(std::move(lane));
      }
      continue;
    }
    if (const auto *branch = std::get_if<stream::If>(&node.node)) {
      for (const stream::Block *inner :
           {&branch->thenBlock, &branch->elseBlock})
        if (Status status = prepare(*inner, trips, depth + 1); !status)
          return status;
      continue;
    }
    const auto &loop = std::get<stream::Loop>(node.node);
    trips.push_back(loop.maxTrips);
    if (Status status = prepare(loop.body, trips, depth + 1); !status)
      return status;
    trips.pop_back();
  }
  return {};
}

std::optional<bool> EntryClock::decision() {
  if (nextDecision >= options.decisions->size())
    return std::nullopt;
  return (*options.decisions)[nextDecision++] != 0;
}

void EntryClock::decide(const void *node,
                        const std::vector<const stream::View *> &views,
                        uint32_t origin) {
  auto [it, isNew] = deciders.try_emplace(node);
  TimedCommand &timed = it->second.timed;
  if (isNew) {
    decidersInOrder.push_back(&it->second);
    it->second.command.op = stream::Op::Kernel;
    it->second.command.origin = origin;
    chip::Work work;
    work.kind = chip::WorkKind::Control;
    work.engine = "ctl";
    work.elements = 1;
    for (const stream::View *view : views)
      (view->space == stream::Space::Dram ? work.dramReadBytes
                                          : work.sramReadBytes) +=
          stream::sizeOf(view->type);
    timed.command = &it->second.command;
    timed.cost = cost(chip, work);
    timed.dramReadBytes = double(work.dramReadBytes);
    timed.engine = tally.engineIndex("ctl", chip);
    timed.work = tally.workIndex(work);
  }
  // The core waits for the value: nothing else runs meanwhile.
  uint64_t end = now + timed.cost.cycles + timed.cost.latencyCycles;
  if (timed.dramReadBytes > 0)
    end += chip.cyclesOf(chip.dram.latency_ns);
  tally.note(timed, now, end);
  timed.shareCycles += double(end - now) * tally.weight;
  now = std::min(kLast, end);
  ++tally.executed;
}

Status EntryClock::walkIf(const stream::If &node) {
  decide(&node, {&node.condition}, node.origin);
  bool taken = true;
  if (options.decisions) {
    auto given = decision();
    if (!given)
      return invalidInput(
          fmt::format("the decisions given to the clock run out at '{}'",
                      nameOf(node.origin)));
    taken = *given;
  } else {
    assumptions.insert(
        fmt::format("{}: the then-branch is taken", nameOf(node.origin)));
  }
  return walk(taken ? node.thenBlock : node.elseBlock);
}

std::optional<int64_t> EntryClock::constantOf(const stream::View &view) const {
  if (view.space != stream::Space::Dram || view.type != stream::DType::I64)
    return std::nullopt;
  for (const stream::DramSegment &segment : program.segments) {
    if (segment.kind != stream::SegmentKind::Constant ||
        view.address < segment.address ||
        view.address - segment.address > segment.bytes || segment.blob < 0 ||
        size_t(segment.blob) >= program.blobs.size())
      continue;
    const stream::Blob &blob = program.blobs[size_t(segment.blob)];
    uint64_t offset = view.address - segment.address;
    if (!blob.data || blob.bytes < sizeof(int64_t) ||
        offset > blob.bytes - sizeof(int64_t))
      continue;
    int64_t value;
    std::memcpy(&value, blob.data + offset, sizeof value);
    return value;
  }
  return std::nullopt;
}

uint64_t EntryClock::assumedTrips(const stream::Loop &node) const {
  if (!node.tripCount.empty())
    if (auto count = constantOf(node.tripCount[0]);
        count && node.condition.empty())
      return std::min<uint64_t>(node.maxTrips,
                                uint64_t(std::max<int64_t>(0, *count)));
  return node.maxTrips <= options.mostAssumedTrips ? node.maxTrips : 1;
}

Status EntryClock::walkLoop(const stream::Loop &node) {
  std::vector<const stream::View *> views;
  for (const stream::View &view : node.tripCount)
    views.push_back(&view);
  for (const stream::View &view : node.condition)
    views.push_back(&view);
  if (options.decisions) {
    for (uint64_t trip = 0; trip < node.maxTrips; ++trip) {
      decide(&node, views, node.origin);
      auto given = decision();
      if (!given)
        return invalidInput(
            fmt::format("the decisions given to the clock run out at '{}'",
                        nameOf(node.origin)));
      if (!*given)
        break;
      if (tally.executed > options.maxCommands)
        return unsupported(
            fmt::format("more than {} commands", options.maxCommands));
      if (Status status = walk(node.body); !status)
        return status;
    }
    return {};
  }
  uint64_t trips = assumedTrips(node);
  if (!views.empty() || trips != node.maxTrips)
    assumptions.insert(
        fmt::format("{}: the loop runs {} times", nameOf(node.origin), trips));
  if (trips == 0)
    return {};
  // Every iteration takes as long as the first: there is a barrier between
  // them, and no time depends on a block loop's counter.
  double outer = tally.weight;
  tally.weight = std::min(outer * double(trips), kMostWeight);
  uint64_t begin = now;
  std::vector<double> energyBefore = tally.power.totals();
  decide(&node, views, node.origin);
  Status status = walk(node.body);
  tally.weight = outer;
  uint64_t once = now - begin;
  __int128 end = __int128(begin) + __int128(once) * trips;
  now = end > __int128(kLast) ? kLast : uint64_t(end);
  if (tally.power.isOn() && trips > 1)
    tally.power.repeat(energyBefore, double(trips - 1), begin + once, now);
  return status;
}

Status EntryClock::walk(const stream::Block &block) {
  for (const stream::Node &node : block.nodes) {
    if (const auto *segment = std::get_if<stream::Segment>(&node.node)) {
      auto end = runSegment(segments[segment], now, options, tally, occupancy);
      if (!end)
        return end.error();
      now = std::min(kLast, *end);
      continue;
    }
    Status status;
    if (const auto *branch = std::get_if<stream::If>(&node.node))
      status = walkIf(*branch);
    else
      status = walkLoop(std::get<stream::Loop>(node.node));
    if (!status)
      return status;
  }
  return {};
}

/// The hottest block, were the entry to run over and over.
void EntryClock::setPeakTemperature(ClockResult &result) const {
  result.peakTemperature_c = chip.thermal.ambient_k - 273.15;
  auto die = Die::create(chip);
  if (!die || !(result.latency_ns > 0))
    return;
  using chip::Component;
  // Memories and links by themselves, as all engines share them.
  std::vector<std::string> places{"sram", "link"};
  std::vector<double> watts(2);
  for (const EngineUse &use : result.engines) {
    double own = use.energy_pj;
    for (auto [i, part] :
         {std::pair(0, Component::Sram), std::pair(1, Component::Link)}) {
      double pj = use.byComponent_pj[unsigned(part)];
      watts[size_t(i)] += pj / result.latency_ns / 1000;
      own -= pj;
    }
    own -= use.byComponent_pj[unsigned(Component::Dram)];
    places.push_back(use.name);
    watts.push_back(std::max(0.0, own) / result.latency_ns / 1000);
  }
  places.push_back("dram");
  watts.push_back(result.energy_pj[unsigned(Component::Dram)] /
                  result.latency_ns / 1000);
  Die::Steady steady = die->steady(die->heatOf(places, watts),
                                   std::vector<double>(die->numBlocks(), 1));
  result.peakTemperature_c =
      *std::max_element(steady.kelvin.begin(), steady.kelvin.end()) - 273.15;
  if (steady.runaway)
    result.assumptions.push_back(
        "temperature: it runs away, leakage outgrows the cooling; the figure "
        "given is only where the calculation stopped");
}

ClockResult EntryClock::finish() {
  if (chip.chiplets.count > 1)
    tally.result.links.resize(chip.chiplets.count);
  for (const TimedSegment *segment : inOrder)
    for (const TimedCommand &command : segment->commands)
      tally.add(command);
  for (const Decision *decider : decidersInOrder)
    tally.add(decider->timed);
  for (LinkLoad &load : tally.result.links)
    load.cycles = chip.linkBytesPerCycle() > 0
                      ? load.cycles / chip.linkBytesPerCycle()
                      : 0;
  ClockResult result = std::move(tally.result);
  result.cycles = now;
  result.latency_ns = double(now) / chip.clock_ghz;
  // W × ns = nJ.
  result.energy_pj[unsigned(chip::Component::Leakage)] +=
      chip.leakage_w * result.latency_ns * 1000;
  for (double part : result.energy_pj)
    result.totalEnergy_pj += part;
  if (result.latency_ns > 0)
    result.averagePower_w = result.totalEnergy_pj / result.latency_ns / 1000;
  for (size_t i = 0; i < result.engines.size(); ++i)
    if (now > 0) {
      result.engines[i].busyFraction =
          result.engines[i].busyCycles / double(now);
      result.engines[i].utilization = tally.useful[i] / double(now);
    }
  for (size_t i = 0; i < tally.origins.size(); ++i) {
    Tally::Origin &origin = tally.origins[i];
    if (origin.use.commands == 0)
      continue;
    origin.use.origin = uint32_t(i);
    for (size_t j = 0; j < origin.busy.size(); ++j) {
      auto [engine, busy] = origin.busy[j];
      if (!origin.use.mainEngine.empty() && busy <= origin.use.busyCycles)
        continue;
      origin.use.mainEngine = result.engines[engine].name;
      origin.use.busyCycles = busy;
      origin.use.utilization = busy > 0 ? origin.useful[j].second / busy : 0;
    }
    origin.use.sramBytes = occupancy.bytesOf(uint32_t(i));
    result.origins.push_back(std::move(origin.use));
  }
  if (options.occupancy)
    occupancy.finish(result);
  if (tally.power.isOn())
    result.power = tally.power.finish(result.engines);
  std::stable_sort(result.events.begin(), result.events.end(),
                   [](const ClockEvent &a, const ClockEvent &b) {
                     return std::tie(a.start, a.engine) <
                            std::tie(b.start, b.engine);
                   });
  result.assumptions.assign(assumptions.begin(), assumptions.end());
  setPeakTemperature(result);
  return result;
}

Result<ClockResult> EntryClock::run(const stream::Entry &entry) {
  std::vector<uint64_t> trips;
  if (Status status = prepare(entry.body, trips, 0); !status)
    return status.error();
  if (options.occupancy)
    occupancy.seal();
  if (Status status = walk(entry.body); !status)
    return status.error();
  return finish();
}

} // namespace

const OriginUse *ClockResult::findOrigin(uint32_t origin) const {
  for (const OriginUse &use : origins)
    if (use.origin == origin)
      return &use;
  return nullptr;
}

Result<ClockResult> runClock(const stream::Program &program,
                             const chip::Chip &chip, std::string_view entry,
                             const ClockOptions &options) {
  for (const stream::Entry &candidate : program.entries) {
    if (candidate.name != entry)
      continue;
    auto result = EntryClock(program, chip, options).run(candidate);
    if (!result)
      return Error{result.error().code, fmt::format("entry '{}': {}", entry,
                                                    result.error().message)};
    return result;
  }
  return invalidInput(fmt::format("the program has no entry '{}'", entry));
}

} // namespace hybridc::exec
