//===- Prepare.cpp - What each command of an entry takes ----------------===//
#include "EntryClock.h"

#include "hybridc/Clock/Describe.h"

#include <fmt/format.h>

#include <algorithm>

namespace hybridc::exec {

using namespace clock;

/// Nesting of blocks or Repeats beyond this is refused, not recursed into.
static constexpr unsigned kMostNesting = 64;
/// Counters are allocated, so a segment cannot ask for any number of them.
static constexpr uint32_t kMostSemaphores = 1 << 24;

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

} // namespace hybridc::exec
