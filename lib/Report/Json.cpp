//===- Json.cpp - The report that scripts read ----------------------------===//
#include "Json.h"

#include "Heat.h"

#include "hybridc/Report/Report.h"

#include <cmath>

namespace hybridc::report {

using nlohmann::ordered_json;

static ordered_json totalsJson(const Totals &totals, double clock_ghz) {
  return {
      {"latency_ns", totals.latency_ns},
      {"cycles", totals.cycles},
      {"idle_cycles", totals.idleCycles},
      {"energy_pj", totals.energy_pj},
      {"leakage_pj", totals.leakage_pj},
      {"macs", totals.macs},
      {"peak_sram_bytes", totals.peakSram_bytes},
      {"sram_lower_bound_bytes", totals.sramLowerBound_bytes},
      {"sram_size_bytes", totals.sramSize_bytes},
      {"dram_read_bytes", totals.dramRead_bytes},
      {"dram_write_bytes", totals.dramWrite_bytes},
      {"dram_limited_cycles", totals.dramLimitedCycles},
      {"sram_traffic_bytes", totals.sramTraffic_bytes},
      {"bank_limited_cycles", totals.bankLimitedCycles},
      {"bank_stall_cycles", totals.bankStalls.cycles},
      {"bank_stall_own_cycles", totals.bankStalls.ownCycles},
      {"bank_stall_ns", totals.bankStalls.cycles / clock_ghz},
      {"bank_stall_bytes", totals.bankStalls.bytes},
      {"link_bytes", totals.link_bytes},
      {"link_limited_cycles", totals.linkLimitedCycles},
      {"link_stall_cycles", totals.linkStalls.cycles},
      {"link_stall_own_cycles", totals.linkStalls.ownCycles},
      {"link_stall_ns", totals.linkStalls.cycles / clock_ghz},
      {"link_stall_bytes", totals.linkStalls.bytes},
      {"peak_temperature_c", totals.peakTemperature_c},
      {"average_power_w", totals.averagePower_w},
      {"commands", totals.commands},
  };
}

static ordered_json nodeJson(const NodeRow &row) {
  return {
      {"name", row.name},
      {"op", row.op},
      {"group", row.group},
      {"engine", row.engine},
      {"precision", row.precision},
      {"cycles", row.cycles},
      {"latency_ns", row.latency_ns},
      {"energy_pj", row.energy_pj},
      {"macs", row.macs},
      {"sram_bytes", row.sram_bytes},
      {"dram_bytes", row.dramRead_bytes + row.dramWrite_bytes},
      {"utilization", row.utilization},
      {"reason", row.reason},
      {"busy_cycles", row.busyCycles},
      {"busy_engine", row.mainEngine},
      {"start_cycle", row.start},
      {"end_cycle", row.end},
      {"dram_read_bytes", row.dramRead_bytes},
      {"dram_write_bytes", row.dramWrite_bytes},
      {"estimated_latency_ns", row.estimatedLatency_ns},
      {"estimated_energy_pj", row.estimatedEnergy_pj},
      {"commands", row.commands},
      {"bank_stall_cycles", row.bankStalls.cycles},
      {"bank_stall_bytes", row.bankStalls.bytes},
      {"link_bytes", row.link_bytes},
      {"link_stall_cycles", row.linkStalls.cycles},
  };
}

static ordered_json splitsJson(const std::vector<EnergySplit> &splits) {
  ordered_json list = ordered_json::array();
  for (const EnergySplit &split : splits) {
    ordered_json parts = ordered_json::object();
    for (unsigned i = 0; i < chip::kNumComponents; ++i)
      if (split.byComponent_pj[i] != 0)
        parts[std::string(chip::nameOf(static_cast<chip::Component>(i)))] =
            split.byComponent_pj[i];
    list.push_back({{"name", split.name},
                    {"energy_pj", split.energy_pj},
                    {"by_component_pj", std::move(parts)}});
  }
  return list;
}

static ordered_json energyJson(const EnergyRollups &energy) {
  ordered_json rows = ordered_json::array();
  for (const EnergyRow &row : energy.rows)
    rows.push_back({{"component", row.component},
                    {"engine", row.engine},
                    {"format", row.format},
                    {"energy_pj", row.energy_pj},
                    {"provenance", chip::nameOf(row.trust)},
                    {"fields", row.fields}});
  return {{"by_component", std::move(rows)},
          {"by_engine", splitsJson(energy.engines)},
          {"by_group", splitsJson(energy.groups)},
          {"by_node", splitsJson(energy.nodes)}};
}

static ordered_json provenanceJson(const Results &results) {
  ordered_json totals = ordered_json::array();
  for (const TotalTrust &total : results.trust)
    totals.push_back({{"total", total.total},
                      {"provenance", chip::nameOf(total.trust)},
                      {"unverified_fields", total.unverified}});
  return {{"unverified_energy_share", results.unverifiedEnergyShare},
          {"totals", std::move(totals)}};
}

static ordered_json compileJson(const std::optional<CompileInfo> &compile) {
  ordered_json phases = ordered_json::array();
  if (!compile)
    return {{"seconds", nullptr},
            {"peak_rss_bytes", nullptr},
            {"phases", std::move(phases)}};
  for (const auto &[name, seconds] : compile->phases)
    phases.push_back({{"name", name}, {"seconds", seconds}});
  return {{"seconds", compile->seconds},
          {"peak_rss_bytes", compile->peakRss_bytes},
          {"phases", std::move(phases)}};
}

static ordered_json runJson(const std::optional<RunInfo> &run) {
  if (!run)
    return {{"seconds", nullptr},
            {"threads", nullptr},
            {"seed", nullptr},
            {"noise", nullptr}};
  return {{"seconds", run->seconds}, {"threads", run->threads},
          {"seed", run->seed},       {"noise", run->noise},
          {"age_s", run->age_s},     {"repeats", run->repeats}};
}

/// JSON has no infinity: null.
static ordered_json finite(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

/// Row, column and which of a weight's cells.
static ordered_json
placesOf(const std::vector<exec::UpdateCount::Place> &places) {
  ordered_json out = ordered_json::array();
  for (const exec::UpdateCount::Place &place : places)
    out.push_back({place.row, place.col, place.cell});
  return out;
}

static ordered_json arraysJson(const exec::ArrayHealth &health) {
  ordered_json tiles = ordered_json::array();
  for (const exec::TileHealth &tile : health.tiles)
    tiles.push_back(
        {{"name", tile.name},
         {"kind", tile.kind},
         {"physical", tile.physical},
         {"rows", tile.rows},
         {"cols", tile.cols},
         {"slices", tile.slices},
         {"mapped", tile.isMapped},
         {"stuck_cells", tile.stuckCells},
         {"dead_rows", tile.deadRows},
         {"dead_cols", tile.deadCols},
         {"moved_rows", tile.movedRows},
         {"moved_cols", tile.movedCols},
         {"spare_lines", tile.spareLines},
         {"negated_cols", tile.negatedCols},
         {"weights_squared", tile.weights2},
         {"error_squared", tile.error2},
         {"unmapped_error_squared", tile.unmappedError2},
         {"writes", tile.writes},
         {"pulses", tile.pulses},
         {"endurance_pulses", tile.endurance},
         {"worn_part", tile.worn},
         {"lifetime_s", finite(tile.lifetime_s)},
         {"updates", tile.updates},
         {"update_pulses", tile.isCounted ? ordered_json(tile.updatePulses)
                                          : ordered_json(nullptr)},
         {"most_update_pulses", tile.mostUpdatePulses},
         {"refreshes", tile.refreshes},
         {"refreshed_pairs", tile.isCounted ? ordered_json(tile.refreshedPairs)
                                            : ordered_json(nullptr)},
         {"worn_cells", tile.isCounted ? ordered_json(tile.wornCells)
                                       : ordered_json(nullptr)},
         {"worn_at", placesOf(tile.wornAt)},
         {"runs_left", finite(tile.runsLeft)},
         {"training_life_s", finite(tile.trainingLife_s)}});
  return {{"faults", health.hasFaults},
          {"relative_error", health.relativeError()},
          {"relative_unmapped_error", health.relativeUnmappedError()},
          {"tiles", std::move(tiles)}};
}

ordered_json jsonOf(const Results &results) {
  ordered_json nodes = ordered_json::array();
  for (const NodeRow &row : results.nodes)
    nodes.push_back(nodeJson(row));
  ordered_json engines = ordered_json::array();
  for (const EngineRow &row : results.engines)
    engines.push_back(
        {{"name", row.name},
         {"kind", row.kind},
         {"busy_cycles", row.busyCycles},
         {"utilization", row.utilization},
         {"energy_pj", row.energy_pj},
         {"busy_fraction", row.busyFraction},
         {"commands", row.commands},
         {"bank_stall_cycles", row.bankStalls.cycles},
         {"bank_stall_own_cycles", row.bankStalls.ownCycles},
         {"bank_stall_ns", row.bankStalls.cycles / results.clock_ghz},
         {"bank_stall_bytes", row.bankStalls.bytes},
         {"link_bytes", row.link_bytes},
         {"link_stall_cycles", row.linkStalls.cycles},
         {"link_stall_own_cycles", row.linkStalls.ownCycles},
         {"link_stall_ns", row.linkStalls.cycles / results.clock_ghz}});
  ordered_json components = ordered_json::object();
  for (const auto &[name, energy] : results.energyByComponent_pj)
    components[name] = energy;
  ordered_json edges = ordered_json::array();
  for (const Edge &edge : results.edges)
    edges.push_back({{"from", edge.from},
                     {"to", edge.to},
                     {"bytes", edge.bytes},
                     {"sram_bytes", edge.sram_bytes}});
  ordered_json links = ordered_json::array();
  double cycles = double(results.totals.cycles);
  for (size_t i = 0; i < results.links.size(); ++i)
    links.push_back(
        {{"chiplet", i},
         {"bytes", results.links[i].bytes},
         {"busy_cycles", results.links[i].cycles},
         {"busy_fraction", cycles > 0 ? results.links[i].cycles / cycles : 0}});
  ordered_json json = {
      {"schema_version", kSchemaVersion},
      {"model", results.model},
      {"target", results.target},
      {"entry", results.entry},
      {"precision", results.precision},
      {"clock_ghz", results.clock_ghz},
      {"scratchpad",
       {{"bytes", results.scratchpad.bytes},
        {"banks", results.scratchpad.banks},
        {"ports", results.scratchpad.ports},
        {"interleave_bytes", results.scratchpad.interleave()},
        {"bytes_per_cycle", results.scratchpad.bytes_per_cycle}}},
      {"totals", totalsJson(results.totals, results.clock_ghz)},
      {"nodes", std::move(nodes)},
      {"engines", std::move(engines)},
      {"links", std::move(links)},
      {"energy_by_component_pj", std::move(components)},
      {"energy", energyJson(results.energy)},
      {"provenance", provenanceJson(results)},
      {"edges", std::move(edges)},
      {"compile", compileJson(results.compile)},
      {"run", runJson(results.run)},
      {"assumptions", results.assumptions},
      {"notes", results.notes},
  };
  for (const CellsRow &row : results.cells)
    json["array_cells"].push_back({{"engine", row.engine},
                                   {"basis", row.ofData ? "data" : "expected"},
                                   {"missing_fields", row.missing},
                                   {"energy_pj", row.energy_pj},
                                   {"expected_pj", row.expected_pj}});
  if (results.thermal)
    json["thermal"] = heatJson(*results.thermal);
  if (results.programming)
    json["programming"] = totalsJson(*results.programming, results.clock_ghz);
  if (results.arrays)
    json["arrays"] = arraysJson(*results.arrays);
  if (results.horizon_s > 0)
    json["horizon_s"] = results.horizon_s;
  for (const RecurringRow &row : results.recurring)
    json["recurring"].push_back({{"entry", row.entry},
                                 {"times", row.times},
                                 {"first_at_s", row.firstAt_s},
                                 {"last_at_s", row.lastAt_s},
                                 {"latency_ns", row.latency_ns},
                                 {"energy_pj", row.energy_pj}});
  for (const TrainingRow &row : results.training) {
    ordered_json parts = ordered_json::object();
    for (unsigned i = 0; i < chip::kNumComponents; ++i)
      if (row.byComponent_pj[i] > 0)
        parts[std::string(chip::nameOf(static_cast<chip::Component>(i)))] =
            row.byComponent_pj[i];
    json["training"].push_back({{"engine", row.engine},
                                {"commands", row.commands},
                                {"updates", row.updates},
                                {"refreshes", row.refreshes},
                                {"busy_ns", row.busy_ns},
                                {"energy_pj", row.energy_pj},
                                {"energy_by_component_pj", std::move(parts)}});
  }
  for (const Accuracy &accuracy : results.accuracies)
    json["accuracy"].push_back({{"what", accuracy.what},
                                {"samples", accuracy.samples},
                                {"mean_percent", accuracy.mean()},
                                {"deviation_percent", accuracy.deviation()},
                                {"percents", accuracy.percents},
                                {"not_finite", accuracy.notFinite}});
  return json;
}

std::string dumpJson(const ordered_json &json, int indent) {
  // A node's name may be any bytes.
  return json.dump(indent, ' ', false, ordered_json::error_handler_t::replace);
}

std::string toJson(const Results &results) {
  return dumpJson(jsonOf(results), 2) + "\n";
}

} // namespace hybridc::report
