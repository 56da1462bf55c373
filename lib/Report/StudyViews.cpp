//===- StudyViews.cpp - A study as table and Markdown ---------------------===//
#include "hybridc/Support/OutputFile.h"

#include "hybridc/Report/Report.h"
#include "hybridc/Report/Study.h"
#include "hybridc/Report/TextTable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hybridc::report {

static std::string spreadText(const Spread &value, int digits,
                              const char *unit) {
  if (value.deviation > 0)
    return fmt::format("{:.{}f} ± {:.{}f}{}", value.mean, digits,
                       value.deviation, digits, unit);
  return fmt::format("{:.{}f}{}", value.mean, digits, unit);
}

/// Top-1 with labels, else the agreement with float, else the error.
static std::string accuracyText(const Scores &row) {
  std::string odd = row.notFinite
                        ? fmt::format(" ({} not finite)", row.notFinite)
                        : std::string();
  if (row.top1_percent)
    return spreadText(*row.top1_percent, 2, " %") + odd;
  if (row.agreement_percent)
    return spreadText(*row.agreement_percent, 1, " % agree") + odd;
  if (row.relativeError)
    return spreadText(*row.relativeError, 4, " error");
  return "-";
}

static bool hasFaults(const Study &study) {
  return std::any_of(study.rows.begin(), study.rows.end(),
                     [](const StudyRow &row) { return bool(row.faults); });
}
static bool hasUpkeep(const Study &study) {
  return std::any_of(study.rows.begin(), study.rows.end(),
                     [](const StudyRow &row) { return row.horizon_s > 0; });
}

/// The cells that table and Markdown share; heads for the first row.
static std::vector<std::string> headsOf(const Study &study) {
  std::vector<std::string> heads = {
      "model",  "target", "precision", "age", "latency", "J/inf.", "TOPS",
      "TOPS/W", "use",    "power",     "°C",  "op/B",    "bound"};
  if (hasUpkeep(study))
    heads.push_back("upkeep");
  if (hasFaults(study))
    heads.insert(heads.end(), {"no faults", "not mapped", "mapped around"});
  else
    heads.push_back("accuracy");
  for (const std::string &other : study.beside)
    heads.push_back("energy vs " + other);
  return heads;
}

static std::vector<std::string> cellsOf(const Study &study,
                                        const StudyRow &row) {
  std::vector<std::string> cells = {row.model, row.target, row.precision,
                                    row.age_s ? spanText(row.age_s) : "0 s"};
  if (!row.error.empty())
    return cells;
  cells.push_back(timeText(row.latency_ns));
  cells.push_back(energyText(row.energy_pj));
  cells.push_back(fmt::format("{:.3g}", row.tops()));
  cells.push_back(fmt::format("{:.3g}", row.topsPerWatt()));
  cells.push_back(fmt::format("{:.2g} %", 100 * row.utilization()));
  cells.push_back(withUnit(row.averagePower_w, "W"));
  cells.push_back(fmt::format("{:.1f}", row.peakTemperature_c));
  cells.push_back(std::isfinite(row.intensity())
                      ? fmt::format("{:.3g}", row.intensity())
                      : "-");
  cells.push_back(row.rooflineBound());
  if (hasUpkeep(study))
    cells.push_back(row.upkeeps > 0 ? fmt::format("{:g}x {}", row.upkeeps,
                                                  energyText(row.upkeep_pj))
                                    : "-");
  if (row.faults) {
    cells.push_back(accuracyText(row.faults->clean));
    cells.push_back(accuracyText(row.faults->unmapped));
    cells.push_back(row.faults->isMapped ? accuracyText(row) : "-");
  } else {
    cells.push_back(accuracyText(row));
    if (hasFaults(study))
      cells.insert(cells.end(), {"-", "-"}); // this chip has none
  }
  for (const std::string &other : study.beside) {
    auto gain = study.gain(row, other);
    cells.push_back(gain ? fmt::format("{:.3g}x", gain->first) : "-");
  }
  return cells;
}

/// "net.onnx: 11.7 M parameters, 3.63 G FLOPs an inference" of each model.
static std::string modelLines(const Study &study) {
  std::string out, last;
  for (const StudyRow &row : study.rows)
    if (row.error.empty() && row.model != last) {
      last = row.model;
      out +=
          fmt::format("{}: {}parameters, {}FLOPs an inference\n", row.model,
                      withUnit(row.parameters, ""), withUnit(2 * row.macs, ""));
    }
  return out;
}

std::string studyTable(const Study &study) {
  TextTable table(headsOf(study), 4);
  size_t columns = headsOf(study).size();
  std::string failures;
  for (size_t i = 0; i < study.rows.size(); ++i) {
    const StudyRow &row = study.rows[i];
    if (i && study.rows[i - 1].model != row.model)
      table.rule();
    std::vector<std::string> cells = cellsOf(study, row);
    if (!row.error.empty()) {
      cells.push_back("failed");
      failures += fmt::format("{} on {} ({}): {}\n", row.model, row.target,
                              row.precision, row.error);
    }
    cells.resize(columns);
    table.add(std::move(cells));
  }
  return table.text() + modelLines(study) + failures;
}

std::string studyMarkdown(const Study &study) {
  std::string out;
  auto line = [&](std::vector<std::string> cells) {
    for (std::string &cell : cells)
      for (size_t at = 0; (at = cell.find('|', at)) != std::string::npos;
           at += 2)
        cell.insert(at, "\\");
    out += fmt::format("| {} |\n", fmt::join(cells, " | "));
  };
  std::vector<std::string> heads = headsOf(study);
  line(heads);
  line(std::vector<std::string>(heads.size(), "---"));
  std::string failures;
  for (const StudyRow &row : study.rows) {
    std::vector<std::string> cells = cellsOf(study, row);
    if (!row.error.empty()) {
      cells.push_back("failed");
      failures += fmt::format("- {} on {} ({}): {}\n", row.model, row.target,
                              row.precision, row.error);
    }
    cells.resize(heads.size());
    line(cells);
  }
  return out + (failures.empty() ? "" : "\n" + failures);
}

static std::string_view endingOf(const std::string &path) {
  for (std::string_view ending : {".txt", ".json", ".csv", ".html", ".md"})
    if (path.ends_with(ending))
      return ending;
  return {};
}

Status checkStudyPath(const std::string &path) {
  if (endingOf(path).empty())
    return Error{ExitCode::Usage,
                 fmt::format("report {}: the ending is none of .txt, .json, "
                             ".csv, .html, .md",
                             path)};
  return {};
}

Status writeStudy(const Study &study, const std::string &path) {
  std::string_view ending = endingOf(path);
  return writeTextFile(path, ending == ".txt"    ? studyTable(study)
                             : ending == ".json" ? studyJson(study)
                             : ending == ".csv"  ? studyCsv(study)
                             : ending == ".html" ? studyHtml(study)
                                                 : studyMarkdown(study));
}

} // namespace hybridc::report
