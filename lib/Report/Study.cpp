//===- Study.cpp - Rows of a study and what follows from them -------------===//
#include "hybridc/Report/Study.h"

#include "hybridc/Report/Report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace hybridc::report {

Spread spreadOf(const std::vector<double> &values) {
  Spread spread;
  for (double value : values)
    spread.mean += value / double(values.size());
  if (values.size() < 2)
    return spread;
  double squares = 0;
  for (double value : values)
    squares += (value - spread.mean) * (value - spread.mean);
  spread.deviation = std::sqrt(squares / double(values.size() - 1));
  return spread;
}

double StudyRow::inferencesPerSecond() const {
  return latency_ns > 0 ? double(batch) / latency_ns * 1e9 : 0;
}
double StudyRow::tops() const { // operations a nanosecond are 1e-3 tera/s
  return latency_ns > 0 ? 2 * macs * double(batch) / latency_ns * 1e-3 : 0;
}
double StudyRow::topsPerWatt() const { // operations a picojoule
  return energy_pj > 0 ? 2 * macs / energy_pj : 0;
}
double StudyRow::utilization() const {
  return peakTops > 0 ? tops() / peakTops : 0;
}
double StudyRow::intensity() const {
  return dram_bytes > 0 ? 2 * macs / dram_bytes : INFINITY;
}
double StudyRow::rooflineTops() const {
  return std::min(peakTops, bandwidth_gb_s * 1e-3 * intensity());
}
const char *StudyRow::rooflineBound() const {
  return bandwidth_gb_s * 1e-3 * intensity() < peakTops ? "memory" : "compute";
}

std::optional<std::pair<double, double>>
Study::gain(const StudyRow &row, const std::string &other) const {
  for (const StudyRow &of : rows)
    if (of.target == other && of.isBeside && of.model == row.model &&
        of.error.empty() && row.error.empty() && row.energy_pj > 0 &&
        row.latency_ns > 0)
      return std::pair(of.energy_pj / row.energy_pj,
                       row.inferencesPerSecond() / of.inferencesPerSecond());
  return std::nullopt;
}

double peakTops(const chip::Chip &chip) {
  double peak = 0, best = 0;
  for (const auto &[format, rate] : chip.mac.rate)
    best = std::max(best, rate);
  if (chip.mac.dataflow == "event")
    best /= chip.mac.activity;
  peak += 2.0 * chip.mac.rows * chip.mac.cols * best * chip.clock_ghz * 1e-3;
  for (const chip::ArrayKind &array : chip.arrays)
    if (array.purpose == "inference") {
      uint64_t whole = array.count / array.slices; // with all slices
      peak += 2.0 * double(whole) * array.rows * array.cols / array.read_ns() *
              1e-3;
    }
  return peak;
}

void setCost(StudyRow &row, const Results &results, const chip::Chip &chip) {
  const Totals &totals = results.totals;
  double batch = double(row.batch);
  row.macs = totals.macs / batch;
  row.latency_ns = totals.latency_ns;
  row.energy_pj = totals.energy_pj / batch;
  row.dram_bytes = (totals.dramRead_bytes + totals.dramWrite_bytes) / batch;
  row.averagePower_w = totals.averagePower_w;
  row.powerLimit_w = chip.power_limit_w;
  row.peakTemperature_c = totals.peakTemperature_c;
  row.peakTops = peakTops(chip);
  row.bandwidth_gb_s = chip.dram.bandwidth_gb_s * chip.dram.efficiency;
  if (results.programming) {
    row.programming_ns = results.programming->latency_ns;
    row.programming_pj = results.programming->energy_pj;
  }
  row.horizon_s = results.horizon_s;
  row.upkeeps = row.upkeep_ns = row.upkeep_pj = 0;
  for (const RecurringRow &again : results.recurring) {
    row.upkeeps += double(again.times);
    row.upkeep_ns += double(again.times) * again.latency_ns;
    row.upkeep_pj += double(again.times) * again.energy_pj;
  }
  std::map<std::string, double> macs;
  for (const NodeRow &node : results.nodes)
    if (node.macs > 0)
      macs[node.engine + " " + node.precision] += node.macs;
  std::vector<std::pair<double, std::string>> order;
  for (const auto &[name, count] : macs)
    order.emplace_back(-count, name);
  std::sort(order.begin(), order.end());
  row.formats.clear();
  for (const auto &[count, name] : order)
    row.formats += fmt::format("{}{} {:.0f} %", row.formats.empty() ? "" : ", ",
                               name, -count / std::max(1.0, totals.macs) * 100);
}

} // namespace hybridc::report
