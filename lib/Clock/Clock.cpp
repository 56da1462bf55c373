//===- Clock.cpp - Cycles and energy of a command stream ----------------===//
#include "EntryClock.h"

#include "hybridc/Thermal/Die.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace hybridc::exec {

using namespace clock;

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
