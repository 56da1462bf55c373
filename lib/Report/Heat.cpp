//===- Heat.cpp - The views of what heat does -----------------------------===//

#include "Heat.h"

#include "hybridc/Report/Report.h"
#include "hybridc/Report/TextTable.h"

#include <fmt/format.h>

#include <algorithm>

namespace hybridc::report {

using nlohmann::ordered_json;

namespace {

constexpr double kZeroCelsius = 273.15;

ordered_json celsius(const std::vector<double> &kelvin) {
  ordered_json list = ordered_json::array();
  for (double k : kelvin)
    list.push_back(k - kZeroCelsius);
  return list;
}

ordered_json celsius(const std::vector<std::vector<double>> &kelvin) {
  ordered_json list = ordered_json::array();
  for (const auto &row : kelvin)
    list.push_back(celsius(row));
  return list;
}

template <typename T> ordered_json orNull(const std::optional<T> &value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json runJson(const exec::ThermalRun &run,
                     const std::vector<std::string> &blocks) {
  ordered_json points = ordered_json::array();
  for (const exec::EnginePoint &point : run.points)
    points.push_back({{"engine", point.engine},
                      {"frequency_ghz", point.frequency_ghz},
                      {"nominal_ghz", point.nominal_ghz},
                      {"voltage_v", point.voltage_v},
                      {"nominal_v", point.nominal_v}});
  const exec::HeatHistory &history = run.history;
  return {{"run_ns", run.run_s * 1e9},
          {"duty", run.duty},
          {"runs_per_second", run.runsPerSecond},
          {"energy_pj", run.energy_j * 1e12},
          {"points", std::move(points)},
          {"steady",
           {{"runaway", run.steady.runaway},
            {"mean_c", celsius(run.steady.mean_k)},
            {"peak_c", celsius(run.steady.peak_k)},
            {"leakage_w", run.steady.leakage_w}}},
          {"history",
           {{"peak_c", history.peak_k - kZeroCelsius},
            {"peak_block", blocks[history.peakBlock]},
            {"crossed_s", orNull(history.crossed_s)},
            {"runaway_s", orNull(history.runaway_s)},
            {"runs", history.runs},
            {"energy_j", history.energy_j},
            {"heat_in_j", history.heatIn_j},
            {"heat_out_j", history.heatOut_j},
            {"heat_stored_j", history.heatStored_j},
            {"imbalance", history.imbalance()},
            {"time_s", history.time_s},
            {"runs_per_second", history.runsPerSecond},
            {"watts", history.watts},
            {"celsius", celsius(history.kelvin)}}}};
}

std::string degrees(double kelvin) {
  return fmt::format("{:.1f} C", kelvin - kZeroCelsius);
}

double hottest(const exec::ThermalRun &run) {
  return *std::max_element(run.steady.peak_k.begin(), run.steady.peak_k.end());
}

std::string seconds(double s) { return timeText(s * 1e9); }

} // namespace

ordered_json heatJson(const exec::ThermalStudy &study) {
  return {{"policy", study.policy},
          {"ambient_c", study.ambient_k - kZeroCelsius},
          {"limit_c", study.limit_k - kZeroCelsius},
          {"duration_s", study.duration_s},
          {"throughput_kept", study.throughputKept},
          {"runs_kept", study.runsKept},
          {"blocks", study.blocks},
          {"engines", study.engines},
          {"unmanaged", runJson(study.unmanaged, study.blocks)},
          {"managed", study.managed ? runJson(*study.managed, study.blocks)
                                    : ordered_json(nullptr)},
          {"within_s", study.chosen().within_s},
          {"within_c", celsius(study.chosen().within_k)},
          {"warnings", study.warnings}};
}

std::string heatTable(const exec::ThermalStudy &study) {
  std::vector<std::string> heads{"block", "engine", "steady", "peak",
                                 "leakage"};
  if (study.managed)
    heads.insert(heads.end(), {"managed", "peak", "leakage"});
  TextTable table(heads, 2);
  for (size_t i = 0; i < study.blocks.size(); ++i) {
    std::vector<std::string> row{study.blocks[i], study.engines[i]};
    auto add = [&](const exec::ThermalRun &run) {
      row.push_back(degrees(run.steady.mean_k[i]));
      row.push_back(degrees(run.steady.peak_k[i]));
      row.push_back(withUnit(run.steady.leakage_w[i], "W"));
    };
    add(study.unmanaged);
    if (study.managed)
      add(*study.managed);
    table.add(std::move(row));
  }
  std::string out =
      fmt::format("heat: ambient {}, limit {}, {} from cold, policy {}\n\n{}\n",
                  degrees(study.ambient_k), degrees(study.limit_k),
                  seconds(study.duration_s), study.policy, table.text());
  auto line = [&](const char *name, const exec::ThermalRun &run) {
    const exec::HeatHistory &history = run.history;
    out += fmt::format(
        "{:<13}peak {} ({}), steady peak {}, {:.6g} runs/s, {} "
        "a run",
        name, degrees(history.peak_k), study.blocks[history.peakBlock],
        run.steady.runaway ? "none: it runs away" : degrees(hottest(run)),
        run.runsPerSecond, energyText(run.energy_j * 1e12));
    out += history.crossed_s ? fmt::format(", over the limit after {}\n",
                                           seconds(*history.crossed_s))
                             : ", never over the limit\n";
  };
  line("unmanaged", study.unmanaged);
  if (study.managed) {
    const exec::ThermalRun &run = *study.managed;
    line("managed", run);
    std::string points;
    for (const exec::EnginePoint &point : run.points)
      points +=
          fmt::format("{} {:.3g} of {:.3g} GHz at {:.3g} V, ", point.engine,
                      point.frequency_ghz, point.nominal_ghz, point.voltage_v);
    out += fmt::format("{:<13}{}at work {:.1f} % of the time\n", "points",
                       points, run.duty * 100);
    out += fmt::format("{:<13}{:.1f} % sustained, {:.1f} % over {}\n",
                       "throughput", study.throughputKept * 100,
                       study.runsKept * 100, seconds(study.duration_s));
  }
  for (const std::string &warning : study.warnings)
    out += fmt::format("{:<13}{}\n", "warning", warning);
  return out;
}

std::string toThermalTable(const exec::ThermalStudy &study) {
  return heatTable(study);
}

std::string toThermalCsv(const exec::ThermalStudy &study) {
  std::string out = "run,time_s,runs_per_second,watts";
  for (const std::string &block : study.blocks)
    out += "," + csvQuoted(block);
  out += "\n";
  auto add = [&](std::string_view name, const exec::HeatHistory &history) {
    for (size_t k = 0; k < history.time_s.size(); ++k) {
      out += fmt::format("{},{:.9g},{:.6g},{:.6g}", name, history.time_s[k],
                         history.runsPerSecond[k], history.watts[k]);
      for (double kelvin : history.kelvin[k])
        out += fmt::format(",{:.4f}", kelvin - kZeroCelsius);
      out += "\n";
    }
  };
  add("unmanaged", study.unmanaged.history);
  if (study.managed)
    add("managed", study.managed->history);
  return out;
}

} // namespace hybridc::report
