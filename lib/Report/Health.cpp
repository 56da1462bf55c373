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
  if (accuracy.notFinite)
    text += fmt::format(", {} of them with NaN or infinite scores",
                        accuracy.notFinite);
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

static std::string trainingText(const TrainingRow &row,
                                const Results &results) {
  std::string text = fmt::format(
      "{} outer products on {} in {} commands, {} ({} of the time), {}",
      groupedText(double(row.updates)), row.engine,
      groupedText(double(row.commands)), timeText(row.busy_ns),
      percentText(results.totals.latency_ns > 0
                      ? row.busy_ns / results.totals.latency_ns
                      : 0),
      energyText(row.energy_pj));
  if (row.refreshes > 0)
    text += fmt::format(" with {} refreshes of pairs",
                        groupedText(double(row.refreshes)));
  const char *separator = ": ";
  for (unsigned i = 0; i < chip::kNumComponents; ++i)
    if (row.byComponent_pj[i] > 0) {
      text += fmt::format("{}{} {}", separator,
                          chip::nameOf(static_cast<chip::Component>(i)),
                          energyText(row.byComponent_pj[i]));
      separator = ", ";
    }
  return text;
}

/// Pairs that were rewritten, by tile.
static std::string refreshText(const exec::ArrayHealth &health,
                               const std::string &engine) {
  std::string text;
  for (const exec::TileHealth &tile : health.tiles)
    if (tile.kind == engine && tile.isCounted && tile.refreshes > 0)
      text += fmt::format("{} {:.4g} pairs of {}",
                          text.empty() ? "; rewritten" : ",",
                          tile.refreshedPairs, tile.name);
  return text;
}

/// Cells that have failed, by tile, with where the first of each is.
static std::string wornText(const exec::ArrayHealth &health,
                            const std::string &engine) {
  std::string text;
  for (const exec::TileHealth &tile : health.tiles) {
    if (tile.kind != engine || tile.wornCells == 0 || tile.wornAt.empty())
      continue;
    const exec::UpdateCount::Place &first = tile.wornAt.front();
    text += fmt::format("{} {} of {} cells of {} (row {}, column {}{})",
                        text.empty() ? "; worn out" : ",",
                        groupedText(double(tile.wornCells)),
                        groupedText(double(tile.cells)), tile.name, first.row,
                        first.col, tile.wornCells > 1 ? " …" : "");
  }
  return text;
}

/// The tile of this kind whose cells fail first.
static std::string trainingWearText(const exec::ArrayHealth &health,
                                    const std::string &engine) {
  const exec::TileHealth *worst = nullptr;
  double pulses = 0;
  for (const exec::TileHealth &tile : health.tiles) {
    if (tile.kind != engine || tile.mostUpdatePulses + tile.updates == 0)
      continue;
    pulses += tile.updatePulses;
    if (!worst || tile.mostUpdatePulses > worst->mostUpdatePulses)
      worst = &tile;
  }
  if (!worst)
    return {};
  if (worst->mostUpdatePulses == 0)
    return "exact sums: cells got no pulses";
  std::string text =
      worst->isCounted
          ? fmt::format("{:.4g} pulses in a run, {:.4g} to one cell of {}",
                        pulses, worst->mostUpdatePulses, worst->name)
          : fmt::format("at most {:.4g} pulses in a run to one cell of {}",
                        worst->mostUpdatePulses, worst->name);
  if (worst->endurance <= 0)
    text += "; the cells' endurance is not known";
  else
    text += fmt::format(", which endures {:.3g}: {:.3g} runs, {} of them",
                        worst->endurance, worst->runsLeft,
                        spanText(worst->trainingLife_s));
  return text + wornText(health, engine) + refreshText(health, engine);
}

std::vector<std::pair<std::string, std::string>>
healthLines(const Results &results) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const RecurringRow &row : results.recurring) {
    std::string text = fmt::format(
        "{} in {}, {} after programming, {} and {} each",
        row.times == 1 ? "once" : fmt::format("{} times", row.times),
        spanText(results.horizon_s),
        row.times == 1 ? spanText(row.firstAt_s)
                       : fmt::format("from {} to {}", spanText(row.firstAt_s),
                                     spanText(row.lastAt_s)),
        timeText(row.latency_ns), energyText(row.energy_pj));
    if (row.times > 1)
      text += fmt::format(", {} and {} together",
                          timeText(double(row.times) * row.latency_ns),
                          energyText(double(row.times) * row.energy_pj));
    if (results.horizon_s > 0)
      text += fmt::format("; {} of the time",
                          percentText(double(row.times) * row.latency_ns *
                                      1e-9 / results.horizon_s));
    lines.emplace_back(row.entry == "program" ? "rewriting" : row.entry, text);
  }
  for (const TrainingRow &row : results.training) {
    lines.emplace_back("training", trainingText(row, results));
    if (results.arrays)
      if (std::string text = trainingWearText(*results.arrays, row.engine);
          !text.empty())
        lines.emplace_back("cell wear", text);
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
