//===- Table.cpp - The report in a terminal -------------------------------===//
#include "Heat.h"

#include "hybridc/Report/Report.h"
#include "hybridc/Report/TextTable.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hybridc::report {
namespace {

std::string percent(double fraction) {
  return fmt::format("{:.1f} %", fraction * 100);
}

std::string nodeTable(const Results &results) {
  const Totals &totals = results.totals;
  TextTable table({"node", "op", "engine", "precision", "cycles", "share",
                   "energy", "MACs", "SRAM", "DRAM", "use"},
                  4);
  for (const NodeRow &row : results.nodes) {
    table.add({shortened(row.name, 44), shortened(row.op, 24), row.engine,
               row.precision, groupedText(row.cycles),
               percent(totals.cycles ? row.cycles / double(totals.cycles) : 0),
               energyText(row.energy_pj), groupedText(row.macs),
               bytesText(double(row.sram_bytes)),
               bytesText(row.dramRead_bytes + row.dramWrite_bytes),
               percent(row.utilization)});
  }
  table.rule();
  if (totals.idleCycles > 0.5)
    table.add({"(idle)", "", "", "", groupedText(totals.idleCycles),
               percent(totals.idleCycles / double(totals.cycles)), "", "", "",
               "", ""});
  if (totals.leakage_pj > 0)
    table.add({"(leakage)", "", "", "", "", "", energyText(totals.leakage_pj),
               "", "", "", ""});
  table.add({"total", "", "", "", groupedText(double(totals.cycles)), "",
             energyText(totals.energy_pj), groupedText(totals.macs),
             bytesText(double(totals.peakSram_bytes)),
             bytesText(totals.dramRead_bytes + totals.dramWrite_bytes), ""});
  return table.text();
}

std::string engineTable(const Results &results) {
  bool hasLinks = !results.links.empty();
  std::vector<std::string> heads{
      "engine", "kind",   "busy cycles",   "busy",
      "use",    "energy", "lost at banks", "bytes that waited"};
  if (hasLinks)
    heads.insert(heads.end(), {"lost at links", "between chiplets"});
  TextTable table(heads, 2);
  for (const EngineRow &row : results.engines) {
    std::vector<std::string> cells{row.name,
                                   row.kind,
                                   groupedText(row.busyCycles),
                                   percent(row.busyFraction),
                                   percent(row.utilization),
                                   energyText(row.energy_pj),
                                   groupedText(row.bankStalls.cycles),
                                   bytesText(row.bankStalls.bytes)};
    if (hasLinks) {
      cells.push_back(groupedText(row.linkStalls.cycles));
      cells.push_back(bytesText(row.link_bytes));
    }
    table.add(cells);
  }
  return table.text();
}

std::string linksText(const Results &results) {
  const Totals &totals = results.totals;
  double busiest = 0;
  for (const exec::LinkLoad &load : results.links)
    busiest = std::max(busiest, load.cycles);
  double energy = 0;
  for (const auto &[name, part] : results.energyByComponent_pj)
    if (name == chip::nameOf(chip::Component::Link))
      energy = part;
  return fmt::format(
      "{} chiplets, {:.6g} GB/s each way: {} crossed with {}, the busiest link "
      "is busy for {} ({}); engines lost {} cycles ({}), {} of them to their "
      "own bytes",
      results.chiplets.count, results.chiplets.link_gb_s,
      bytesText(totals.link_bytes), energyText(energy),
      timeText(busiest / results.clock_ghz),
      percent(totals.cycles ? busiest / double(totals.cycles) : 0),
      groupedText(totals.linkStalls.cycles),
      timeText(totals.linkStalls.cycles / results.clock_ghz),
      groupedText(totals.linkStalls.ownCycles));
}

std::string energyTable(const Results &results) {
  TextTable table(
      {"energy of", "engine", "format", "rests on", "energy", "share"}, 4);
  for (const EnergyRow &row : results.energy.rows)
    table.add({row.component, row.engine, row.format,
               std::string(chip::nameOf(row.trust)), energyText(row.energy_pj),
               percent(row.energy_pj / results.totals.energy_pj)});
  return table.text();
}

/// "latency_ns derived; energy_pj unverified (dma, ctl.energy_pj_per_op)".
std::string trustText(const TotalTrust &total) {
  constexpr size_t kMostFields = 6;
  std::string text =
      fmt::format("{} {}", total.total, chip::nameOf(total.trust));
  for (size_t i = 0; i < total.unverified.size() && i < kMostFields; ++i)
    text += (i ? ", " : ": ") + total.unverified[i];
  if (total.unverified.size() > kMostFields)
    text += fmt::format(" and {} more", total.unverified.size() - kMostFields);
  return text;
}

} // namespace

std::string cellsText(const CellsRow &row) {
  if (row.ofData)
    return fmt::format("{}: {} of this run's inputs and conductances, {} "
                       "expected",
                       row.engine, energyText(row.energy_pj),
                       energyText(row.expected_pj));
  return fmt::format("{}: {}, as expected whatever the data{}{}", row.engine,
                     energyText(row.energy_pj),
                     row.missing.empty() ? "" : "; not described: ",
                     fmt::join(row.missing, ", "));
}

std::string toTable(const Results &results) {
  const Totals &totals = results.totals;
  std::string out = fmt::format(
      "{} on {}, entry {}, precision {}\n\n", results.model, results.target,
      results.entry, results.precision.empty() ? "-" : results.precision);
  out += nodeTable(results) + "\n" + engineTable(results) + "\n";
  if (!results.energy.rows.empty())
    out += energyTable(results) + "\n";
  auto line = [&](std::string_view head, const std::string &text) {
    out += fmt::format("{:<13}{}\n", head, text);
  };
  line("latency",
       fmt::format("{} ({} cycles at {:.3g} GHz), {} limited by DRAM",
                   timeText(totals.latency_ns),
                   groupedText(double(totals.cycles)), results.clock_ghz,
                   percent(totals.cycles ? totals.dramLimitedCycles /
                                               double(totals.cycles)
                                         : 0)));
  std::string components;
  for (const auto &[name, energy] : results.energyByComponent_pj)
    components += fmt::format("{}{} {}", components.empty() ? "" : ", ", name,
                              percent(energy / totals.energy_pj));
  line("energy", fmt::format("{}{}", energyText(totals.energy_pj),
                             components.empty() ? "" : ": " + components));
  for (const CellsRow &row : results.cells)
    line("cells", cellsText(row));
  line("power", fmt::format("{}, hottest point {:.1f} C",
                            withUnit(totals.averagePower_w, "W"),
                            totals.peakTemperature_c));
  line("scratchpad",
       fmt::format("{} of {} used at most (lower bound {})",
                   bytesText(double(totals.peakSram_bytes)),
                   bytesText(double(totals.sramSize_bytes)),
                   bytesText(double(totals.sramLowerBound_bytes))));
  const exec::Stalls &stalls = totals.bankStalls;
  line(
      "banks",
      fmt::format(
          "{} x {} ports, {} apart: engines lost {} cycles ({}), {} of them to "
          "their own accesses; {} of {} waited",
          results.scratchpad.banks, results.scratchpad.ports,
          bytesText(double(results.scratchpad.interleave())),
          groupedText(stalls.cycles),
          timeText(stalls.cycles / results.clock_ghz),
          groupedText(stalls.ownCycles), bytesText(stalls.bytes),
          bytesText(totals.sramTraffic_bytes)));
  if (!results.links.empty())
    line("links", linksText(results));
  line("DRAM",
       fmt::format("{} read, {} written", bytesText(totals.dramRead_bytes),
                   bytesText(totals.dramWrite_bytes)));
  if (results.programming)
    line("programming",
         fmt::format("{}, {} to write the arrays, once",
                     timeText(results.programming->latency_ns),
                     energyText(results.programming->energy_pj)));
  for (const auto &[head, text] : healthLines(results))
    line(head, text);
  if (!results.trust.empty())
    line("unverified", fmt::format("{} of the energy rests on figures that "
                                   "nothing verifies",
                                   percent(results.unverifiedEnergyShare)));
  for (const TotalTrust &total : results.trust)
    line("rests on", trustText(total));
  if (results.compile)
    line("compiled",
         fmt::format("in {:.2f} s, {} of memory", results.compile->seconds,
                     bytesText(double(results.compile->peakRss_bytes))));
  if (results.run)
    line("run",
         fmt::format("in {:.3f} s on {} threads, noise {}, seed {}",
                     results.run->seconds, results.run->threads,
                     results.run->noise ? "on" : "off", results.run->seed));
  for (const std::string &assumption : results.assumptions)
    line("assumed", assumption);
  for (const std::string &note : results.notes)
    line("note", note);
  if (results.thermal)
    out += "\n" + heatTable(*results.thermal);
  return out;
}

} // namespace hybridc::report
