//===- Results.cpp - Collecting what a program costs ----------------------===//
#include "Energy.h"

#include "hybridc/Devices/OfChip.h"
#include "hybridc/Report/Report.h"
#include "hybridc/Stream/CommandSpec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace hybridc::report {

double Accuracy::mean() const {
  double sum = 0;
  for (double value : percents)
    sum += value;
  return percents.empty() ? 0 : sum / double(percents.size());
}

double Accuracy::deviation() const {
  double squares = 0, middle = mean();
  for (double value : percents)
    squares += (value - middle) * (value - middle);
  return percents.size() < 2 ? 0
                             : std::sqrt(squares / double(percents.size() - 1));
}

static Totals totalsOf(const exec::ClockResult &clock,
                       const stream::Program &program, const chip::Chip &chip) {
  Totals totals;
  totals.latency_ns = clock.latency_ns;
  totals.cycles = clock.cycles;
  totals.energy_pj = clock.totalEnergy_pj;
  totals.leakage_pj =
      clock.energy_pj[static_cast<size_t>(chip::Component::Leakage)];
  totals.macs = clock.macs;
  totals.peakSram_bytes = clock.peakSramBytes;
  totals.sramLowerBound_bytes = program.sramLowerBoundBytes;
  totals.sramSize_bytes = chip.sram.bytes;
  totals.dramRead_bytes = clock.dramReadBytes;
  totals.dramWrite_bytes = clock.dramWriteBytes;
  totals.dramLimitedCycles = clock.dramLimitedCycles;
  totals.bankLimitedCycles = clock.bankLimitedCycles;
  totals.sramTraffic_bytes = clock.sramTrafficBytes;
  totals.bankStalls = clock.bankStalls;
  totals.link_bytes = clock.linkBytes;
  totals.linkLimitedCycles = clock.linkLimitedCycles;
  totals.linkStalls = clock.linkStalls;
  totals.peakTemperature_c = clock.peakTemperature_c;
  totals.averagePower_w = clock.averagePower_w;
  totals.commands = clock.commands;
  double shares = 0;
  for (const exec::OriginUse &use : clock.origins)
    shares += use.shareCycles;
  totals.idleCycles = std::max(0.0, double(clock.cycles) - shares);
  return totals;
}

static NodeRow rowOf(const exec::OriginUse &use, const stream::Program &program,
                     double clock_ghz) {
  NodeRow row;
  row.origin = use.origin;
  if (use.origin < program.origins.size()) {
    const stream::Origin &origin = program.origins[use.origin];
    row.name = origin.node;
    row.op = origin.op;
    row.group = origin.group;
    row.engine = origin.engine;
    row.precision = origin.precision;
    row.reason = origin.reason;
    row.estimatedLatency_ns = origin.estimatedLatency_ns;
    row.estimatedEnergy_pj = origin.estimatedEnergy_pj;
  }
  if (row.name.empty())
    row.name = row.group.empty() ? "(" + use.mainEngine + ")" : row.group;
  if (row.engine.empty())
    row.engine = use.mainEngine;
  row.mainEngine = use.mainEngine;
  row.cycles = use.shareCycles;
  row.latency_ns = use.shareCycles / clock_ghz;
  row.busyCycles = use.busyCycles;
  row.start = use.start;
  row.end = use.end;
  row.energy_pj = use.energy_pj;
  row.byComponent_pj = use.byComponent_pj;
  row.macs = use.macs;
  row.sram_bytes = use.sramBytes;
  row.dramRead_bytes = use.dramReadBytes;
  row.dramWrite_bytes = use.dramWriteBytes;
  row.utilization = use.utilization;
  row.commands = use.commands;
  row.bankStalls = use.bankStalls;
  row.linkStalls = use.linkStalls;
  row.link_bytes = use.linkBytes;
  return row;
}

static void addNotes(Results &results, const stream::Program &program,
                     const chip::Chip &chip, double age_s) {
  double watts = results.totals.averagePower_w;
  if (chip.power_limit_w > 0 && watts > chip.power_limit_w)
    results.notes.push_back(fmt::format(
        "average power {} is above the chip's limit of {}: it could not run so "
        "without a pause",
        withUnit(watts, "W"), withUnit(chip.power_limit_w, "W")));
  std::set<std::string> engines; // of the program's arrays
  for (const stream::ArrayTile &tile : program.arrays)
    engines.insert(tile.engine);
  for (const chip::ArrayKind &kind : chip.arrays) {
    if (!(age_s > 0) || kind.purpose != "training" || !engines.count(kind.name))
      continue;
    auto training = exec::trainingOf(kind);
    if (training && !(training->device.driftNu > 0))
      results.notes.push_back(
          fmt::format("arrays '{}' keep their weights at any age: device '{}' "
                      "has no law of drift (drift_nu)",
                      kind.name, kind.device));
  }
}

static void addCells(Results &results, const exec::ClockResult &clock,
                     const chip::Chip &chip) {
  for (const exec::WorkUse &use : clock.work) {
    const chip::ArrayKind *kind = chip.findArray(use.engine);
    double cells = use.byComponent_pj[size_t(chip::Component::ArrayCell)];
    if (use.kind != chip::WorkKind::Analog || !kind)
      continue;
    auto at = std::find_if(
        results.cells.begin(), results.cells.end(),
        [&](const CellsRow &row) { return row.engine == use.engine; });
    if (at == results.cells.end()) {
      CellsRow row;
      row.engine = use.engine;
      for (std::string_view name : kind->missingOfCells())
        row.missing.emplace_back(name);
      results.cells.push_back(std::move(row));
      at = std::prev(results.cells.end());
    }
    at->ofData |= use.cellsExpected_pj > 0;
    at->energy_pj += cells;
    at->expected_pj += cells - use.cellsOfData_pj + use.cellsExpected_pj;
  }
}

Result<Results> collect(const stream::Program &program, std::string_view entry,
                        const CollectOptions &options) {
  auto chip = chip::parseChip(program.chipYaml, "chip of the program");
  if (!chip)
    return chip.error();
  exec::ClockOptions clockOptions;
  clockOptions.events = options.events;
  clockOptions.maxEvents = options.maxEvents;
  clockOptions.occupancy = options.occupancy;
  clockOptions.decisions = options.decisions;
  clockOptions.cells = options.cells;
  auto clocked = exec::runClock(program, *chip, entry, clockOptions);
  if (!clocked)
    return clocked.error();
  exec::ClockResult &clock = *clocked;

  Results results;
  results.model = program.model;
  results.target = program.target;
  results.entry = entry;
  results.precision = program.precision;
  results.clock_ghz = chip->clock_ghz;
  results.scratchpad = chip->sram;
  results.chiplets = chip->chiplets;
  results.links = std::move(clock.links);
  results.totals = totalsOf(clock, program, *chip);
  for (const exec::OriginUse &use : clock.origins)
    results.nodes.push_back(rowOf(use, program, chip->clock_ghz));
  // Who reads a value ends after who wrote it. Starts would not do: weights
  // of a later row may be fetched long before it runs.
  std::stable_sort(
      results.nodes.begin(), results.nodes.end(),
      [](const NodeRow &a, const NodeRow &b) { return a.end < b.end; });
  std::vector<int32_t> rows(program.origins.size(), -1);
  for (size_t i = 0; i < results.nodes.size(); ++i)
    if (results.nodes[i].origin < rows.size())
      rows[results.nodes[i].origin] = static_cast<int32_t>(i);
  for (const exec::EngineUse &use : clock.engines)
    results.engines.push_back({use.name, use.kind, use.commands, use.busyCycles,
                               use.busyFraction, use.utilization, use.energy_pj,
                               use.bankStalls, use.linkStalls, use.linkBytes});
  for (unsigned i = 0; i < chip::kNumComponents; ++i)
    if (clock.energy_pj[i] > 0)
      results.energyByComponent_pj.emplace_back(
          chip::nameOf(static_cast<chip::Component>(i)), clock.energy_pj[i]);
  rollUpEnergy(clock, *chip, results);
  results.occupancy = std::move(clock.occupancy);
  for (const exec::ClockEvent &event : clock.events)
    results.events.push_back(
        {event.start, event.end, event.engine,
         event.origin < rows.size() ? rows[event.origin] : -1,
         stream::specOf(event.op).name, event.bankStallCycles,
         event.linkStallCycles});
  results.eventsTruncated = clock.eventsTruncated;
  results.assumptions = std::move(clock.assumptions);
  addNotes(results, program, *chip, options.age_s);
  addCells(results, clock, *chip);
  results.cellEnergies = options.cells;
  if (options.edges)
    if (const stream::Entry *found = program.findEntry(entry))
      results.edges = findEdges(*found, rows, results.nodes.size());

  clockOptions.cells.clear(); // of this entry's run alone
  if (entry != "program" && program.findEntry("program")) {
    clockOptions.events = clockOptions.occupancy = false;
    clockOptions.decisions = nullptr; // those are of the other entry
    auto programming = exec::runClock(program, *chip, "program", clockOptions);
    if (!programming)
      return programming.error();
    results.programming = totalsOf(*programming, program, *chip);
  }
  if (!program.arrays.empty()) {
    auto health = exec::inspectArrays(program);
    if (!health)
      return health.error();
    results.arrays = std::move(*health);
    exec::addUpdates(*results.arrays, program, *chip, entry, clock.latency_ns,
                     options.updates, options.runs);
  }
  for (const exec::WorkUse &use : clock.work) {
    bool refreshes = use.kind == chip::WorkKind::RefreshPairs;
    if (use.kind != chip::WorkKind::PulsedUpdate && !refreshes)
      continue;
    auto at = std::find_if(
        results.training.begin(), results.training.end(),
        [&](const TrainingRow &row) { return row.engine == use.engine; });
    TrainingRow &row =
        at == results.training.end() ? results.training.emplace_back() : *at;
    row.engine = use.engine;
    (refreshes ? row.refreshes : row.commands) += uint64_t(use.commands);
    row.updates += refreshes ? 0 : uint64_t(use.vectors);
    row.busy_ns += use.busyCycles / chip->clock_ghz;
    for (unsigned i = 0; i < chip::kNumComponents; ++i) {
      row.byComponent_pj[i] += use.byComponent_pj[i];
      row.energy_pj += use.byComponent_pj[i];
    }
  }
  results.horizon_s = program.horizon_s;
  for (const stream::Recalibration &r : program.recalibrations) {
    clockOptions.events = clockOptions.occupancy = false;
    clockOptions.decisions = nullptr; // those are of the other entry
    auto once = exec::runClock(program, *chip, r.entry, clockOptions);
    if (!once)
      return once.error();
    if (!r.at_s.empty())
      results.recurring.push_back({r.entry, r.at_s.size(), r.at_s.front(),
                                   r.at_s.back(), once->latency_ns,
                                   once->totalEnergy_pj});
  }
  return results;
}

} // namespace hybridc::report
