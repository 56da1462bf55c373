//===- Tally.cpp - Adding up what commands took ---------------------------===//

#include "Timeline.h"

namespace hybridc::exec::clock {

static std::string kindOf(const std::string &name, const chip::Chip &chip) {
  if (name.starts_with("dma"))
    return "dma";
  if (name == "mac" || name == "vec" || name == "ctl")
    return name;
  for (const chip::ArrayKind &array : chip.arrays)
    if (name == array.name)
      return "array";
  return "array"; // a replica of an array kind, numbered by the scheduler
}

uint32_t Tally::engineIndex(const std::string &name, const chip::Chip &chip) {
  for (uint32_t i = 0; i < result.engines.size(); ++i)
    if (result.engines[i].name == name)
      return i;
  EngineUse use;
  use.name = name;
  use.kind = kindOf(name, chip);
  result.engines.push_back(std::move(use));
  useful.push_back(0);
  return uint32_t(result.engines.size() - 1);
}

/// The sum of `engine` in a short list.
static double &sumOf(std::vector<std::pair<uint32_t, double>> &sums,
                     uint32_t engine) {
  for (auto &[index, sum] : sums)
    if (index == engine)
      return sum;
  return sums.emplace_back(engine, 0.0).second;
}

uint32_t Tally::workIndex(const chip::Work &work) {
  auto isOf = [&](const WorkUse &use) {
    return use.kind == work.kind && use.engine == work.engine &&
           use.format == work.format;
  };
  // Commands of a kind come in rows.
  if (lastWork < result.work.size() && isOf(result.work[lastWork]))
    return lastWork;
  for (uint32_t i = 0; i < result.work.size(); ++i)
    if (isOf(result.work[i]))
      return lastWork = i;
  WorkUse use;
  use.kind = work.kind;
  use.engine = work.engine;
  use.format = work.format;
  result.work.push_back(std::move(use));
  return lastWork = uint32_t(result.work.size() - 1);
}

static void addStalls(Stalls &sum, const Stalls &stalls) {
  sum.cycles += stalls.cycles;
  sum.ownCycles += stalls.ownCycles;
  sum.bytes += stalls.bytes;
}

/// The bytes that waited: what would have been moved in the cycles lost.
static Stalls stallsOf(const TimedCommand &command, double own, double waited,
                       double bytes) {
  Stalls stalls;
  stalls.ownCycles = own * command.executions;
  stalls.cycles = stalls.ownCycles + waited;
  stalls.bytes = bytes * stalls.cycles / double(command.cost.cycles);
  return stalls;
}

void Tally::addLoads(const chip::LinkUse &links, double times) {
  size_t bits = std::min<size_t>(64, result.links.size());
  for (size_t i = 0; i < result.links.size(); ++i) {
    bool isFocus = links.mask >> (i * bits / result.links.size()) & 1;
    LinkLoad &load = result.links[i];
    load.bytes += (links.even + (isFocus ? links.focused : 0)) * times;
    load.cycles +=
        (isFocus || links.mask == 0 ? links.busiest : links.even) * times;
  }
}

void Tally::add(const TimedCommand &command) {
  double times = command.executions;
  if (times <= 0)
    return;
  const chip::Cost &cost = command.cost;
  double utilized = cost.utilization * double(cost.cycles) * times;
  EngineUse &engine = result.engines[command.engine];
  WorkUse &work = result.work[command.work];
  OriginUse *use = nullptr;
  if (command.command->origin < origins.size())
    use = &origins[command.command->origin].use;
  double energy = 0;
  for (unsigned i = 0; i < chip::kNumComponents; ++i) {
    double part = cost.energy_pj[i] * times;
    energy += part;
    result.energy_pj[i] += part;
    engine.byComponent_pj[i] += part;
    work.byComponent_pj[i] += part;
    if (use)
      use->byComponent_pj[i] += part;
  }
  result.commands += uint64_t(times);
  result.macs += command.macs * times;
  result.dramReadBytes += command.dramReadBytes * times;
  result.dramWriteBytes += command.dramWriteBytes * times;
  result.sramTrafficBytes += command.sramBytes * times;
  Stalls banks = stallsOf(command, double(cost.bankCycles),
                          command.bankWaitCycles, command.sramBytes);
  addStalls(result.bankStalls, banks);
  addStalls(engine.bankStalls, banks);
  Stalls links = stallsOf(command, double(cost.linkCycles),
                          command.linkWaitCycles, cost.links.bytes);
  if (cost.links.bytes > 0) {
    result.linkBytes += cost.links.bytes * times;
    engine.linkBytes += cost.links.bytes * times;
    addStalls(result.linkStalls, links);
    addStalls(engine.linkStalls, links);
    addLoads(cost.links, times);
  }

  engine.commands += uint64_t(times);
  engine.busyCycles += command.busyCycles;
  engine.energy_pj += energy;
  useful[command.engine] += utilized;
  work.commands += times;
  work.macs += command.macs * times;
  work.vectors += command.vectors * times;
  work.cellsOfData_pj += command.cellsOfData_pj * times;
  work.cellsExpected_pj += command.cellsExpected_pj * times;
  work.busyCycles += command.busyCycles;

  if (!use)
    return;
  Origin &origin = origins[command.command->origin];
  if (use->commands == 0 || command.start < use->start)
    use->start = command.start;
  use->end = std::max(use->end, command.end);
  use->commands += uint64_t(times);
  use->allBusyCycles += command.busyCycles;
  use->shareCycles += command.shareCycles;
  use->energy_pj += energy;
  use->macs += command.macs * times;
  use->dramReadBytes += command.dramReadBytes * times;
  use->dramWriteBytes += command.dramWriteBytes * times;
  addStalls(use->bankStalls, banks);
  addStalls(use->linkStalls, links);
  use->linkBytes += cost.links.bytes * times;
  sumOf(origin.busy, command.engine) += command.busyCycles;
  sumOf(origin.useful, command.engine) += utilized;
}

} // namespace hybridc::exec::clock
