//===- StudyData.cpp - A study as JSON, CSV and page --------------------===//
#include "Json.h"
#include "Page.h"

#include "hybridc/Report/Report.h"
#include "hybridc/Report/Study.h"

#include <fmt/format.h>

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

} // namespace hybridc::report
