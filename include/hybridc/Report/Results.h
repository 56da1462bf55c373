//===- Results.h - What a program costs, as one model ----------*- C++ -*-===//
//
// Everything a report can show about one entry of a program, collected once.
// Table, JSON, CSV, page and trace (Report.h) are views of it and compute
// nothing of their own, so they cannot disagree.
//
// The rows are the program's origins (a group of ONNX nodes, named after
// them). A row's `cycles` is its share of the entry's time: each cycle is
// divided among the rows that were active in it, so the rows' cycles and
// Totals::idleCycles add up to Totals::cycles. Energies of the rows do not
// contain leakage, which belongs to time: with Totals::leakage_pj they add up
// to Totals::energy_pj.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_REPORT_RESULTS_H
#define HYBRIDC_REPORT_RESULTS_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Provenance.h"
#include "hybridc/Clock/Clock.h"
#include "hybridc/Clock/HeatStudy.h"
#include "hybridc/Executor/ArrayHealth.h"
#include "hybridc/Stream/Program.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hybridc::report {

struct Totals {
  double latency_ns = 0;
  uint64_t cycles = 0;
  double idleCycles = 0; ///< in which no command was active
  double energy_pj = 0, leakage_pj = 0;
  double macs = 0;
  uint64_t peakSram_bytes = 0, sramLowerBound_bytes = 0, sramSize_bytes = 0;
  double dramRead_bytes = 0, dramWrite_bytes = 0;
  double dramLimitedCycles = 0, bankLimitedCycles = 0;
  double sramTraffic_bytes = 0; ///< read and written
  exec::Stalls bankStalls;      ///< of all engines together
  double link_bytes = 0, linkLimitedCycles = 0;
  exec::Stalls linkStalls;
  double peakTemperature_c = 0;
  double averagePower_w = 0;
  uint64_t commands = 0;
};

/// One group of ONNX nodes.
struct NodeRow {
  uint32_t origin = 0; ///< index into Program::origins
  std::string name;    ///< ONNX node names, joined by '+'
  std::string op, group, engine, precision, reason;
  std::string mainEngine;      ///< the queue on which it was busy longest
  double cycles = 0;           ///< its share of the entry's cycles
  double latency_ns = 0;       ///< the same in time
  double busyCycles = 0;       ///< on the main engine
  uint64_t start = 0, end = 0; ///< cycles: first start, last end
  double energy_pj = 0;        ///< without leakage
  exec::Energies byComponent_pj{};
  double macs = 0;
  uint64_t sram_bytes = 0;
  double dramRead_bytes = 0, dramWrite_bytes = 0;
  double utilization = 0; ///< of the main engine while busy there
  /// The partitioner's estimate, of an otherwise idle chip.
  double estimatedLatency_ns = 0, estimatedEnergy_pj = 0;
  uint64_t commands = 0;
  exec::Stalls bankStalls, linkStalls;
  double link_bytes = 0;
};

struct EngineRow {
  std::string name, kind;
  uint64_t commands = 0;
  double busyCycles = 0, busyFraction = 0, utilization = 0, energy_pj = 0;
  exec::Stalls bankStalls, linkStalls;
  double link_bytes = 0;
};

/// Energy of one part of the chip, and what the figure rests on.
struct EnergyRow {
  std::string component; ///< chip::nameOf: "adc", "mac", "leakage", …
  std::string engine;    ///< whose: "mac", "pcm"; empty when of no engine
  std::string format;    ///< of MACs and vector operations; else empty
  double energy_pj = 0;
  std::vector<std::string> fields; ///< of the chip, that it is computed from
  chip::Trust trust = chip::Trust::Published; ///< of the weakest of them
};

/// Energy by component of an engine, a group, a node.
struct EnergySplit {
  std::string name;
  double energy_pj = 0;
  exec::Energies byComponent_pj{};
};

/// Every way of dividing Totals::energy_pj; each sums to it (leakage is a row
/// of its own in all of them).
struct EnergyRollups {
  std::vector<EnergyRow> rows;      ///< component × engine × format
  std::vector<EnergySplit> engines; ///< and "(leakage)"
  std::vector<EnergySplit> groups;  ///< and "(leakage)"
  /// A group's energy divided among its ONNX nodes: what is spent in products
  /// goes to its contractions, vector operations to its other nodes, the rest
  /// to all, in equal parts.
  std::vector<EnergySplit> nodes;
};

/// What a total rests on.
struct TotalTrust {
  std::string total;                          ///< name in `totals` of the JSON
  chip::Trust trust = chip::Trust::Published; ///< of the weakest field
  /// Fields that nothing verifies: unverified, unstated or left at a default.
  std::vector<std::string> unverified;
};

/// Row `to` reads bytes that row `from` wrote last. -1 is the entry's edge.
struct Edge {
  int32_t from = -1, to = -1; ///< indices into Results::nodes
  uint64_t bytes = 0;
  uint64_t sram_bytes = 0; ///< of these, found in the scratchpad

  bool operator==(const Edge &) const = default;
};

/// What one command took; only when the clock kept events.
struct Event {
  uint64_t start = 0, end = 0;
  uint32_t engine = 0; ///< index into Results::engines
  int32_t node = -1;   ///< index into Results::nodes, or -1
  std::string_view op; ///< name of the command
  double bankStallCycles = 0, linkStallCycles = 0;
};

struct CompileInfo {
  double seconds = 0;
  uint64_t peakRss_bytes = 0;
  std::vector<std::pair<std::string, double>> phases; ///< name, seconds
};

struct RunInfo {
  double seconds = 0; ///< wall time of one run, the median when repeated
  unsigned threads = 0, repeats = 1;
  uint64_t seed = 0;
  bool noise = true;
  double age_s = 0;
};

/// What the cells of one kind of arrays took in products, and whose figure it
/// is.
struct CellsRow {
  std::string engine;
  bool ofData = false; ///< computed from a run's inputs and conductances
  /// Fields of the kind without which it cannot be; expected then.
  std::vector<std::string> missing;
  double energy_pj = 0;
  double expected_pj = 0; ///< of the description, whatever the data
};

/// An entry that runs again at given times, for the arrays' sake.
struct RecurringRow {
  std::string entry;
  uint64_t times = 0;
  double firstAt_s = 0, lastAt_s = 0;
  double latency_ns = 0, energy_pj = 0; ///< once
};

/// Updates of the arrays of one kind, in one run.
struct TrainingRow {
  std::string engine;
  uint64_t commands = 0, updates = 0; ///< outer products
  uint64_t refreshes = 0; ///< commands that refresh pairs, not among `commands`
  double busy_ns = 0;     ///< of the arrays' queue
  double energy_pj = 0;   ///< without leakage
  exec::Energies byComponent_pj{};
};

/// Samples that are classified rightly, over several noise seeds.
struct Accuracy {
  std::string what; ///< "no faults", "faults, not mapped around", …
  uint64_t samples = 0;
  std::vector<double> percents; ///< of each seed
  /// Samples with scores that are NaN or infinite, which are never right: of
  /// the seed that has most.
  uint64_t notFinite = 0;

  double mean() const;
  double deviation() const; ///< of the sample; 0 for one seed
};

struct Results {
  std::string model, target, entry, precision;
  double clock_ghz = 1;
  chip::Sram scratchpad;   ///< of the chip
  chip::Chiplets chiplets; ///< likewise
  Totals totals;
  std::vector<NodeRow> nodes; ///< by last end, then origin
  std::vector<EngineRow> engines;
  std::vector<std::pair<std::string, double>> energyByComponent_pj;
  EnergyRollups energy;
  std::vector<TotalTrust> trust;
  /// Part of the energy that rests on fields nothing verifies, 0 to 1.
  double unverifiedEnergyShare = 0;
  std::vector<exec::LinkLoad> links; ///< of each chiplet, if there are several
  std::vector<Edge> edges;
  std::vector<exec::OccupancyPoint> occupancy;
  std::vector<Event> events; ///< by start
  bool eventsTruncated = false;
  std::vector<std::string> assumptions;
  /// What a reader should know of the figures: limits that are exceeded, cells
  /// that do not age.
  std::vector<std::string> notes;
  /// Writing the weights into the arrays, when the program has such an entry.
  std::optional<Totals> programming;
  /// Of a program that has arrays: what is broken there, and wear.
  std::optional<exec::ArrayHealth> arrays;
  double horizon_s = 0; ///< 0: not stated
  std::vector<RecurringRow> recurring;
  std::vector<TrainingRow> training;          ///< by array kind
  std::vector<CellsRow> cells;                ///< by array kind
  std::vector<exec::CellEnergy> cellEnergies; ///< CollectOptions::cells
  std::vector<Accuracy> accuracies;           ///< when they were evaluated
  std::optional<exec::ThermalStudy> thermal;  ///< when heat was studied
  std::optional<CompileInfo> compile; ///< when it was compiled in this run
  std::optional<RunInfo> run;         ///< when values were computed
};

struct CollectOptions {
  bool events = false; ///< for the page and the trace
  uint64_t maxEvents = 200000;
  /// Follow the scratchpad; without it its peak and the rows' use are zero.
  bool occupancy = true;
  bool edges = true;
  /// Age that values were computed at, for notes.
  double age_s = 0;
  /// Which way a run went (Executor::decisions); nullptr: assumptions.
  const std::vector<uint8_t> *decisions = nullptr;
  /// Executor::updateCounts() over `runs` runs of the entry.
  std::vector<exec::UpdateCount> updates = {};
  unsigned runs = 1;
  /// Executor::cellEnergies() of the entry; empty: what the chip expects.
  std::vector<exec::CellEnergy> cells = {};
};

/// Clocks `entry` (and "program", if there is one) on the chip that the
/// program itself describes. Errors: those of parseChip() and runClock().
Result<Results> collect(const stream::Program &program,
                        std::string_view entry = "infer",
                        const CollectOptions &options = {});

/// Which rows feed which, from the bytes that they write and read, in the
/// order of the rows. `rows` maps each origin to its row, or -1.
std::vector<Edge> findEdges(const stream::Entry &entry,
                            const std::vector<int32_t> &rows, size_t numRows);

} // namespace hybridc::report

#endif // HYBRIDC_REPORT_RESULTS_H
