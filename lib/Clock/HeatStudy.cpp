//===- HeatStudy.cpp - What heat does to a program on a chip --------------===//

#include "hybridc/Clock/HeatStudy.h"

#include "hybridc/Clock/Clock.h"

#include <fmt/format.h>

#include <numeric>

namespace hybridc::exec {

/// Bins of one run; peaks within a run are averaged over one of these.
static constexpr unsigned kBins = 256;

std::string_view nameOf(ThermalPolicy policy) {
  switch (policy) {
  case ThermalPolicy::Throttle:
    return "throttle";
  case ThermalPolicy::Dvfs:
    return "dvfs";
  case ThermalPolicy::None:
    break;
  }
  return "none";
}

/// Everything about a way to run but its history.
static ThermalRun runOf(const Operation &operation, const Pace &pace,
                        Sustained state, HeatHistory history) {
  ThermalRun run;
  run.run_s = pace.run_s;
  run.duty = state.duty;
  run.runsPerSecond = pace.run_s > 0 ? state.duty / pace.run_s : 0;
  double leaking =
      std::accumulate(state.leakage_w.begin(), state.leakage_w.end(), 0.0);
  run.energy_j =
      pace.energy_j + (run.runsPerSecond > 0 ? leaking / run.runsPerSecond : 0);
  const DvfsTable &table = operation.table();
  for (size_t e = 0; e < table.engines.size(); ++e) {
    const chip::DvfsPoint &from = table.points[e][0];
    const chip::DvfsPoint &to = table.points[e][pace.levels[e]];
    run.points.push_back({table.engines[e], from.frequency_ghz,
                          to.frequency_ghz, from.voltage_v, to.voltage_v});
  }
  operation.within(pace, state, run.within_s, run.within_k);
  run.steady = std::move(state);
  run.history = std::move(history);
  return run;
}

Result<ThermalStudy> studyHeat(const stream::Program &program,
                               const chip::Chip &described,
                               std::string_view entry,
                               const ThermalOptions &options) {
  chip::Chip chip = described;
  if (options.ambient_c)
    chip.thermal.ambient_k = *options.ambient_c + 273.15;
  if (options.limit_c)
    chip.thermal.limit_c = *options.limit_c;
  auto die = Die::create(chip);
  if (!die)
    return die.error();
  if (options.policy == ThermalPolicy::Dvfs && chip.dvfs.empty())
    return unsupported(fmt::format(
        "'{}' has no operating points to choose from: its description has no "
        "'dvfs' table; add one, or use the policy 'throttle'",
        chip.name));
  Operation operation(*die, chip,
                      [&](const std::map<std::string, double> &slowdown)
                          -> Result<EnergyTrace> {
                        ClockOptions clock;
                        clock.occupancy = false;
                        clock.powerBins = kBins;
                        clock.slowdown = slowdown;
                        clock.cells = options.cells;
                        auto clocked = runClock(program, chip, entry, clock);
                        if (!clocked)
                          return clocked.error();
                        return EnergyTrace::of(std::move(clocked->power),
                                               clocked->cycles);
                      });
  ThermalStudy study;
  study.policy = nameOf(options.policy);
  study.ambient_k = chip.thermal.ambient_k;
  study.limit_k = chip.thermal.limit_c + 273.15;
  study.duration_s = options.duration_s;
  study.blocks = die->names;
  study.engines = die->engines;
  auto nominal = operation.pace(operation.nominal());
  if (!nominal)
    return nominal.error();
  if ((*nominal)->trace.cycles == 0)
    return unsupported(fmt::format(
        "entry '{}' takes no time: it has no power to be heated by", entry));
  SimulateOptions simulation;
  simulation.duration_s = options.duration_s;

  Sustained free = operation.sustain(**nominal, options.duty);
  if (free.runaway)
    study.warnings.push_back(
        "without management the temperature runs away: leakage outgrows the "
        "cooling");
  HeatHistory history =
      simulate(*die, **nominal, free, study.limit_k, simulation);
  study.unmanaged =
      runOf(operation, **nominal, std::move(free), std::move(history));
  if (options.policy != ThermalPolicy::None) {
    auto choice = operation.hold(options.policy, study.limit_k);
    if (!choice)
      return choice.error();
    // Throttling may not touch voltages, so it has but one pace.
    std::vector<const Pace *> paces{choice->pace};
    if (options.policy == ThermalPolicy::Dvfs)
      paces = operation.known();
    history =
        simulateManaged(*die, operation, paces, study.limit_k, simulation);
    study.managed = runOf(operation, *choice->pace, std::move(choice->state),
                          std::move(history));
    if (study.unmanaged.runsPerSecond > 0)
      study.throughputKept =
          study.managed->runsPerSecond / study.unmanaged.runsPerSecond;
    // Of the runs of the whole duration, also where a runaway cut it short.
    if (study.unmanaged.runsPerSecond > 0)
      study.runsKept = study.managed->history.runs /
                       (study.unmanaged.runsPerSecond * options.duration_s);
  }
  study.numClocked = operation.numClocked();
  return study;
}

} // namespace hybridc::exec
