//===- StudyViews.cpp - A study as table, JSON, CSV, page, Markdown -------===//
#include "Json.h"
#include "Page.h"

#include "hybridc/Support/OutputFile.h"

#include "hybridc/Report/Report.h"
#include "hybridc/Report/Study.h"
#include "hybridc/Report/TextTable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hybridc::report {

using nlohmann::ordered_json;

static ordered_json number(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

/// Every figure of a row, by its name in JSON and CSV; null where there is
/// none.
static ordered_json figuresOf(const StudyRow &row) {
  ordered_json out;
  bool hasUpkeep = row.horizon_s > 0;
  bool good = row.error.empty();
  auto put = [&](const char *name, double value) {
    out[name] = good ? number(value) : ordered_json(nullptr);
  };
  put("batch", double(row.batch));
  put("parameters", row.parameters);
  put("macs", row.macs);
  put("flops", 2 * row.macs);
  put("latency_ns", row.latency_ns);
  put("inferences_per_second", row.inferencesPerSecond());
  put("energy_per_inference_j", row.energy_pj * 1e-12);
  put("tops", row.tops());
  put("tops_per_watt", row.topsPerWatt());
  put("utilization", row.utilization());
  put("average_power_w", row.averagePower_w);
  put("power_limit_w", row.powerLimit_w > 0 ? row.powerLimit_w : NAN);
  put("peak_temperature_c", row.peakTemperature_c);
  put("dram_bytes", row.dram_bytes);
  put("intensity_ops_per_byte", row.intensity());
  put("peak_tops", row.peakTops);
  put("bandwidth_gb_s", row.bandwidth_gb_s);
  put("roofline_tops", row.rooflineTops());
  put("programming_ns", row.programming_ns);
  put("programming_j", row.programming_pj * 1e-12);
  put("horizon_s", hasUpkeep ? row.horizon_s : NAN);
  put("upkeeps", hasUpkeep ? row.upkeeps : NAN);
  put("upkeep_ns", hasUpkeep ? row.upkeep_ns : NAN);
  put("upkeep_j", hasUpkeep ? row.upkeep_pj * 1e-12 : NAN);
  put("samples", row.samples ? double(row.samples) : NAN);
  put("not_finite", row.samples ? double(row.notFinite) : NAN);
  auto scores = [&](const std::string &head, const Scores &of) {
    auto spread = [&](const char *name, const char *deviation,
                      const std::optional<Spread> &value) {
      put((head + name).c_str(), value ? value->mean : NAN);
      put((head + deviation).c_str(), value ? value->deviation : NAN);
    };
    spread("top1_percent", "top1_deviation", of.top1_percent);
    spread("agreement_percent", "agreement_deviation", of.agreement_percent);
    spread("relative_error", "relative_error_deviation", of.relativeError);
  };
  scores("", row);
  const FaultStudy none, &faults = row.faults ? *row.faults : none;
  scores("clean_", faults.clean);
  scores("unmapped_", faults.unmapped);
  scores("mapped_", row.faults && faults.isMapped ? Scores(row) : Scores());
  put("faults_relative_error", row.faults ? faults.relativeError : NAN);
  put("faults_relative_unmapped_error",
      row.faults ? faults.relativeUnmappedError : NAN);
  return out;
}

static ordered_json jsonOf(const Study &study) {
  ordered_json rows = ordered_json::array();
  for (const StudyRow &row : study.rows) {
    ordered_json entry = {
        {"model", row.model},         {"target", row.target},
        {"precision", row.precision}, {"age_s", row.age_s},
        {"beside", row.isBeside},     {"formats", row.formats},
    };
    entry["error"] =
        row.error.empty() ? ordered_json(nullptr) : ordered_json(row.error);
    entry["exit_code"] = row.exitCode;
    entry.update(figuresOf(row));
    entry["roofline_bound"] = row.error.empty()
                                  ? ordered_json(row.rooflineBound())
                                  : ordered_json(nullptr);
    ordered_json less = ordered_json::object();
    ordered_json faster = ordered_json::object();
    for (const std::string &other : study.beside)
      if (auto gain = study.gain(row, other)) {
        less[other] = number(gain->first);
        faster[other] = number(gain->second);
      }
    entry["times_less_energy"] = std::move(less);
    entry["times_faster"] = std::move(faster);
    rows.push_back(std::move(entry));
  }
  return {
      {"schema_version", kSchemaVersion}, {"kind", "study"},
      {"command", study.command},         {"data", study.data},
      {"calibration", study.calibration}, {"seeds", study.seeds},
      {"compensate", study.compensate},   {"beside", study.beside},
      {"rows", std::move(rows)},
  };
}

std::string studyJson(const Study &study) {
  return dumpJson(jsonOf(study), 2) + "\n";
}

std::string studyCsv(const Study &study) {
  std::string out = "model,target,precision,age_s,beside";
  ordered_json heads = figuresOf(StudyRow());
  for (const auto &[name, value] : heads.items())
    out += "," + name;
  out += ",formats,exit_code,error\n";
  for (const StudyRow &row : study.rows) {
    out += fmt::format("{},{},{},{},{}", csvQuoted(row.model),
                       csvQuoted(row.target), row.precision, row.age_s,
                       row.isBeside ? 1 : 0);
    ordered_json figures = figuresOf(row);
    for (const auto &[name, value] : figures.items())
      out += "," + (value.is_null() ? "" : fmt::format("{}", double(value)));
    out += fmt::format(",{},{},{}\n", csvQuoted(row.formats), row.exitCode,
                       csvQuoted(row.error));
  }
  return out;
}

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

std::string studyHtml(const Study &study) {
  std::string safe;
  for (char c : dumpJson(jsonOf(study), -1)) {
    if (c == '<') // nothing in a name may end the script element
      safe += "\\u003c";
    else
      safe += c;
  }
  std::string page(studyPageTemplate());
  constexpr std::string_view mark = "@DATA@";
  if (size_t at = page.find(mark); at != std::string::npos)
    page.replace(at, mark.size(), safe);
  return page;
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
