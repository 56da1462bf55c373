//===- Table.cpp - The report in a terminal -------------------------------===//
#include "hybridc/Report/Report.h"

#include <fmt/format.h>

#include <algorithm>

namespace hybridc::report {
namespace {

/// Columns as wide as their widest cell; names to the left, numbers right.
class Table {
public:
  Table(std::vector<std::string> heads, size_t numLeft)
      : numLeft(numLeft), rows{std::move(heads)} {}

  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }
  void rule() { rules.push_back(rows.size()); }

  std::string text() const {
    std::vector<size_t> widths(rows.front().size());
    for (const auto &row : rows)
      for (size_t i = 0; i < row.size(); ++i)
        widths[i] = std::max(widths[i], width(row[i]));
    std::string line;
    for (size_t w : widths)
      line += std::string(w, '-') + "  ";
    line.resize(line.size() - 2);
    std::string out;
    for (size_t r = 0; r < rows.size(); ++r) {
      if (r == 1 || std::find(rules.begin(), rules.end(), r) != rules.end())
        out += line + "\n";
      std::string cells;
      for (size_t i = 0; i < rows[r].size(); ++i) {
        std::string pad(widths[i] - width(rows[r][i]), ' ');
        cells += i < numLeft ? rows[r][i] + pad : pad + rows[r][i];
        cells += "  ";
      }
      cells.erase(cells.find_last_not_of(' ') + 1);
      out += cells + "\n";
    }
    return out;
  }

private:
  size_t numLeft;
  std::vector<std::vector<std::string>> rows;
  std::vector<size_t> rules;

  /// Code points of UTF-8.
  static size_t width(const std::string &text) {
    return static_cast<size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  }
};

/// "/conv1/Conv +2" of "/conv1/Conv+/norm/BatchNormalization+/relu/Relu" where
/// the whole is too long; a single long name keeps its end.
std::string shortened(const std::string &name, size_t most) {
  if (name.size() <= most)
    return name;
  size_t first = name.find('+');
  std::string more;
  if (first != std::string::npos)
    more = fmt::format(" +{}", std::count(name.begin(), name.end(), '+'));
  std::string head = name.substr(0, first);
  if (head.size() + more.size() > most)
    head = "..." + head.substr(head.size() + more.size() + 3 - most);
  return head + more;
}

std::string percent(double fraction) {
  return fmt::format("{:.1f} %", fraction * 100);
}

std::string nodeTable(const Results &results) {
  const Totals &totals = results.totals;
  Table table({"node", "op", "engine", "precision", "cycles", "share", "energy",
               "MACs", "SRAM", "DRAM", "use"},
              4);
  double energy = 0;
  for (const NodeRow &row : results.nodes) {
    energy += row.energy_pj;
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
  Table table({"engine", "kind", "busy cycles", "busy", "use", "energy"}, 2);
  for (const EngineRow &row : results.engines)
    table.add({row.name, row.kind, groupedText(row.busyCycles),
               percent(row.busyFraction), percent(row.utilization),
               energyText(row.energy_pj)});
  return table.text();
}

} // namespace

std::string toTable(const Results &results) {
  const Totals &totals = results.totals;
  std::string out = fmt::format(
      "{} on {}, entry {}, precision {}\n\n", results.model, results.target,
      results.entry, results.precision.empty() ? "-" : results.precision);
  out += nodeTable(results) + "\n" + engineTable(results) + "\n";
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
  line("power", fmt::format("{}, hottest point {:.1f} C",
                            withUnit(totals.averagePower_w, "W"),
                            totals.peakTemperature_c));
  line("scratchpad",
       fmt::format("{} of {} used at most (lower bound {})",
                   bytesText(double(totals.peakSram_bytes)),
                   bytesText(double(totals.sramSize_bytes)),
                   bytesText(double(totals.sramLowerBound_bytes))));
  line("DRAM",
       fmt::format("{} read, {} written", bytesText(totals.dramRead_bytes),
                   bytesText(totals.dramWrite_bytes)));
  if (results.programming)
    line("programming",
         fmt::format("{}, {} to write the arrays, once",
                     timeText(results.programming->latency_ns),
                     energyText(results.programming->energy_pj)));
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
  return out;
}

} // namespace hybridc::report
