//===- Walk.cpp - Segments, branches and loops in time ------------------===//
#include "EntryClock.h"

#include "hybridc/Clock/Describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace hybridc::exec {

using namespace clock;

/// Nested loops multiply; counts must still fit their integers.
static constexpr double kMostWeight = 1e15;
/// Latest cycle; sums stay far from wrapping.
static constexpr uint64_t kLast = uint64_t(1) << 62;

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

} // namespace hybridc::exec
