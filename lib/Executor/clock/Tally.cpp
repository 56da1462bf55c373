//===- Tally.cpp - Adding up what commands took
//----------------------------===//

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

void Tally::add(const TimedCommand &command, uint64_t start, uint64_t end) {
  const chip::Cost &cost = command.cost;
  double busy = double(end - start) * weight;
  double utilized = cost.utilization * double(cost.cycles) * weight;
  double energy = 0;
  for (unsigned i = 0; i < chip::kNumComponents; ++i) {
    result.energy_pj[i] += cost.energy_pj[i] * weight;
    energy += cost.energy_pj[i] * weight;
  }
  result.commands += uint64_t(weight);
  result.macs += command.macs * weight;
  result.dramReadBytes += command.dramReadBytes * weight;
  result.dramWriteBytes += command.dramWriteBytes * weight;

  EngineUse &engine = result.engines[command.engine];
  engine.commands += uint64_t(weight);
  engine.busyCycles += busy;
  engine.energy_pj += energy;
  useful[command.engine] += utilized;

  uint32_t index = command.command->origin;
  if (index >= origins.size())
    return;
  Origin &origin = origins[index];
  OriginUse &use = origin.use;
  if (use.commands == 0 || start < use.start)
    use.start = start;
  use.end = std::max(use.end, end);
  use.commands += uint64_t(weight);
  use.allBusyCycles += busy;
  use.energy_pj += energy;
  use.macs += command.macs * weight;
  use.dramReadBytes += command.dramReadBytes * weight;
  use.dramWriteBytes += command.dramWriteBytes * weight;
  sumOf(origin.busy, command.engine) += busy;
  sumOf(origin.useful, command.engine) += utilized;
}

} // namespace hybridc::exec::clock
