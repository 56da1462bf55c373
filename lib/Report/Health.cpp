//===- Health.cpp - Faults, wear and recalibration in words ---------------===//
#include "hybridc/Report/Report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hybridc::report {

std::string spanText(double seconds) {
  if (!std::isfinite(seconds))
    return "for ever";
  constexpr std::pair<double, const char *> units[] = {
      {31536000, "years"}, {86400, "days"}, {3600, "hours"}, {60, "minutes"}};
  for (auto [length, name] : units)
    if (seconds >= 2 * length)
      return fmt::format("{:.3g} {}", seconds / length, name);
  return fmt::format("{:.3g} s", seconds);
}

std::string accuracyText(const Accuracy &accuracy) {
  std::string text = fmt::format("{:.2f}", accuracy.mean());
  if (accuracy.percents.size() > 1)
    text += fmt::format(" ± {:.2f}", accuracy.deviation());
  text += fmt::format(" % on {} samples", accuracy.samples);
  if (accuracy.percents.size() > 1)
    text += fmt::format(", {} noise seeds ({:.2f})", accuracy.percents.size(),
                        fmt::join(accuracy.percents, " "));
  return text;
}

static std::string percentText(double part) {
  return part == 0 ? "0 %" : fmt::format("{:.3g} %", 100 * part);
}

static std::string faultText(const exec::ArrayHealth &health) {
  uint64_t stuck = 0, rows = 0, cols = 0, movedRows = 0, movedCols = 0,
           spare = 0, negated = 0, mapped = 0;
  for (const exec::TileHealth &tile : health.tiles) {
    stuck += tile.stuckCells;
    rows += tile.deadRows;
    cols += tile.deadCols;
    movedRows += tile.movedRows;
    movedCols += tile.movedCols;
    spare += tile.spareLines;
    negated += tile.negatedCols;
    mapped += tile.isMapped;
  }
  std::string text = fmt::format(
      "{} stuck cells, {} dead rows and {} dead columns under {} tiles", stuck,
      rows, cols, health.tiles.size());
  if (mapped)
    text += fmt::format(
        "; {} of them mapped around these: {} rows and {} columns moved, {} "
        "onto "
        "spare lines, {} columns negated; error of the weights {} instead of "
        "{}",
        mapped, movedRows, movedCols, spare, negated,
        percentText(health.relativeError()),
        percentText(health.relativeUnmappedError()));
  else
    text += fmt::format("; not mapped around: error of the weights {}",
                        percentText(health.relativeUnmappedError()));
  return text;
}

static std::string wearText(const exec::ArrayHealth &health) {
  // The block of cells that fails first, by the part of its life that is used.
  const exec::TileHealth *worst = nullptr;
  auto used = [](const exec::TileHealth &tile) {
    return tile.endurance > 0 ? tile.pulses / tile.endurance : 0;
  };
  for (const exec::TileHealth &tile : health.tiles)
    if (!worst || used(tile) > used(*worst))
      worst = &tile;
  if (!worst || worst->endurance <= 0)
    return "the cells' endurance is not known";
  std::string text = fmt::format("{} {} written {} {}, {:.3g} of {:.3g} pulses",
                                 worst->kind, worst->name, worst->writes,
                                 worst->writes == 1 ? "time" : "times",
                                 worst->pulses, worst->endurance);
  if (worst->worn > 1e-12)
    text += fmt::format(", {} of its cells failed", percentText(worst->worn));
  return text + (std::isfinite(worst->lifetime_s)
                     ? "; at this rate it lasts " + spanText(worst->lifetime_s)
                     : std::string());
}

std::vector<std::pair<std::string, std::string>>
healthLines(const Results &results) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const RecurringRow &row : results.recurring) {
    std::string text = fmt::format(
        "{} times in {}, from {} to {} after programming, {} and {} each",
        row.times, spanText(results.horizon_s), spanText(row.firstAt_s),
        spanText(row.lastAt_s), timeText(row.latency_ns),
        energyText(row.energy_pj));
    if (results.horizon_s > 0)
      text += fmt::format("; {} of the time",
                          percentText(double(row.times) * row.latency_ns *
                                      1e-9 / results.horizon_s));
    lines.emplace_back(row.entry == "program" ? "rewriting" : row.entry, text);
  }
  if (results.arrays) {
    if (results.arrays->hasFaults)
      lines.emplace_back("faults", faultText(*results.arrays));
    lines.emplace_back("wear", wearText(*results.arrays));
  }
  for (const Accuracy &accuracy : results.accuracies)
    lines.emplace_back("accuracy",
                       accuracyText(accuracy) +
                           (accuracy.what.empty() ? "" : ": " + accuracy.what));
  return lines;
}

} // namespace hybridc::report
