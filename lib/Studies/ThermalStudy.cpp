//===- ThermalStudy.cpp - characterize --what thermal ---------------------===//
//
// A floorplan in its package under given powers: the steady state of every
// node of the network, and the blocks over time.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Studies/ThermalStudy.h"

#include "hybridc/Report/Report.h"
#include "hybridc/Report/TextTable.h"
#include "hybridc/Support/OutputFile.h"
#include "hybridc/Support/Parse.h"
#include "hybridc/Thermal/Die.h"
#include "hybridc/Thermal/HotSpotFiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

using namespace hybridc;
using namespace hybridc::studies;

static constexpr double kZeroCelsius = 273.15;

static Result<double> numberOf(const std::string &option,
                               const std::string &text, std::string &name) {
  size_t at = text.rfind('=');
  double value = 0;
  const char *last = text.data() + text.size();
  if (at != std::string::npos && at > 0) {
    auto [end, failed] = std::from_chars(text.data() + at + 1, last, value);
    if (failed == std::errc() && end == last && std::isfinite(value)) {
      name = text.substr(0, at);
      return value;
    }
  }
  return usage(fmt::format("{} {}: expected NAME=NUMBER", option, text));
}

/// The subject as a chip of which package and floorplan count.
static Result<chip::Chip> findChip(const ThermalStudyArgs &args) {
  if (!args.subject.ends_with(".flp"))
    return chip::loadChip(args.subject);
  auto blocks = exec::readFloorplan(args.subject);
  if (!blocks)
    return blocks.error();
  chip::Chip chip;
  chip.name = args.subject;
  double left = HUGE_VAL, bottom = HUGE_VAL;
  for (const exec::FloorplanBlock &b : *blocks) {
    left = std::min(left, b.left);
    bottom = std::min(bottom, b.bottom);
  }
  for (const exec::FloorplanBlock &b : *blocks) {
    chip.floorplan.blocks.push_back({b.name, "none", (b.left - left) * 1e3,
                                     (b.bottom - bottom) * 1e3, b.width * 1e3,
                                     b.height * 1e3});
    chip.floorplan.width_mm =
        std::max(chip.floorplan.width_mm, (b.left - left + b.width) * 1e3);
    chip.floorplan.height_mm = std::max(chip.floorplan.height_mm,
                                        (b.bottom - bottom + b.height) * 1e3);
  }
  return chip;
}

static Status blockOf(const exec::Die &die, const std::string &where,
                      const std::string &name, size_t &index) {
  auto at = std::find(die.names.begin(), die.names.end(), name);
  if (at == die.names.end())
    return invalidInput(fmt::format("{}: the floorplan has no block '{}'; it "
                                    "has {}",
                                    where, name, fmt::join(die.names, ", ")));
  index = size_t(at - die.names.begin());
  return {};
}

/// Powers of each interval by block of the die.
static Result<std::vector<std::vector<double>>>
powersOf(const ThermalStudyArgs &args, const exec::Die &die) {
  std::vector<std::vector<double>> powers;
  size_t index = 0;
  if (!args.powerTrace.empty()) {
    auto trace = exec::readPowerTrace(args.powerTrace);
    if (!trace)
      return trace.error();
    powers.assign(trace->watts.size(), std::vector<double>(die.numBlocks()));
    for (size_t k = 0; k < trace->names.size(); ++k) {
      if (Status status =
              blockOf(die, args.powerTrace + ":1", trace->names[k], index);
          !status)
        return status.error();
      for (size_t i = 0; i < powers.size(); ++i)
        powers[i][index] += trace->watts[i][k];
    }
  }
  if (powers.empty())
    powers.emplace_back(die.numBlocks());
  for (const std::string &text : args.power) {
    std::string name;
    auto watts = numberOf("--power", text, name);
    if (!watts)
      return watts.error();
    if (*watts < 0)
      return usage("--power " + text + ": a block gives off 0 W or more");
    if (Status status = blockOf(die, "--power", name, index); !status)
      return status.error();
    for (auto &interval : powers)
      interval[index] += *watts;
  }
  return powers;
}

namespace {
struct History {
  std::vector<double> time_s;
  std::vector<std::vector<double>> kelvin; ///< of the blocks
};
} // namespace

/// Ends of the steps: those of the trace's intervals if it has any, or ever
/// longer ones.
static std::vector<double> timesOf(size_t intervals, double interval_s,
                                   double duration_s) {
  std::vector<double> times;
  if (intervals > 0) {
    for (size_t i = 1; i <= intervals; ++i)
      times.push_back(double(i) * interval_s);
    return times;
  }
  constexpr int kPerDecade = 10, kDecades = 7;
  for (int i = -kPerDecade * kDecades; i <= 0; ++i)
    times.push_back(duration_s * std::pow(10.0, double(i) / kPerDecade));
  return times;
}

static History follow(const exec::Die &die,
                      const std::vector<std::vector<double>> &powers,
                      const std::vector<double> &times,
                      std::vector<double> kelvin, bool leaks) {
  History history;
  std::vector<double> scale(die.numBlocks(), 1);
  double now = 0;
  for (size_t i = 0; i < times.size(); ++i) {
    const std::vector<double> &power = powers[std::min(i, powers.size() - 1)];
    std::vector<double> mean = kelvin, next;
    for (int pass = 0; pass < (leaks ? 3 : 1); ++pass) {
      std::vector<double> watts = power;
      if (leaks) {
        std::vector<double> leakage = die.leakageAt(mean, scale);
        for (size_t b = 0; b < watts.size(); ++b)
          watts[b] += leakage[b];
      }
      next = die.model().after(kelvin, watts, times[i] - now).kelvin;
      for (size_t b = 0; b < die.numBlocks(); ++b)
        mean[b] = (kelvin[b] + next[b]) / 2;
    }
    kelvin = std::move(next);
    now = times[i];
    history.time_s.push_back(now);
    history.kelvin.emplace_back(kelvin.begin(),
                                kelvin.begin() + long(die.numBlocks()));
  }
  return history;
}

/// What --start or the .config says, for each node of the network.
static Result<std::vector<double>>
startOf(const ThermalStudyArgs &args, const exec::HotSpotConfig &config,
        double ambient_k, const std::vector<std::string> &nodes,
        const std::vector<double> &steady) {
  if (args.start == "steady")
    return steady;
  if (args.start.empty() && config.startFile.empty())
    return std::vector<double>(nodes.size(),
                               config.start_k > 0 ? config.start_k : ambient_k);
  double celsius = 0;
  const char *last = args.start.data() + args.start.size();
  auto [end, failed] = std::from_chars(args.start.data(), last, celsius);
  if (failed == std::errc() && end == last && celsius > -kZeroCelsius &&
      celsius < 10000)
    return std::vector<double>(nodes.size(), celsius + kZeroCelsius);
  return exec::readTemperatures(
      args.start.empty() ? config.startFile : args.start, nodes);
}

/// To a file, or for "-" to what the study says.
static Status writeTo(const std::string &path, const std::string &text,
                      std::string &said) {
  if (path == "-") {
    said += text;
    return {};
  }
  return writeTextFile(path, text);
}

Result<std::string> studies::runThermalStudy(const ThermalStudyArgs &args) {
  std::string said;
  auto chip = findChip(args);
  if (!chip)
    return chip.error();
  exec::HotSpotConfig config;
  if (!args.config.empty()) {
    auto read = exec::readConfig(args.config, chip->thermal);
    if (!read)
      return read.error();
    config = *read;
  }
  for (const std::string &text : args.set) {
    std::string name;
    auto value = numberOf("--set", text, name);
    if (!value)
      return value.error();
    if (Status status = chip::setPackageField(chip->thermal, name, *value);
        !status)
      return usage("--set " + text + ": " + status.error().message);
  }
  if (!args.model.empty())
    chip->thermal.model = args.model;
  auto duration =
      parseDuration(args.duration.empty() ? "1000s" : args.duration);
  if (!duration)
    return duration.error();
  if (!(*duration > 0))
    return usage("--duration " + args.duration + ": more than 0 s");
  auto die = exec::Die::create(*chip);
  if (!die)
    return die.error();
  auto powers = powersOf(args, *die);
  if (!powers)
    return powers.error();
  double interval = args.interval_s > 0     ? args.interval_s
                    : config.interval_s > 0 ? config.interval_s
                                            : 3.333e-6;
  bool leaks = args.leakage == "on";

  std::vector<double> mean(die->numBlocks());
  for (const auto &interval_w : *powers)
    for (size_t i = 0; i < mean.size(); ++i)
      mean[i] += interval_w[i] / double(powers->size());
  std::vector<double> total = mean;
  if (leaks) {
    auto steady = die->steady(mean, std::vector<double>(mean.size(), 1));
    if (steady.runaway)
      return unsupported(
          "no steady state: leakage outgrows the cooling (thermal runaway); "
          "less power, a better package or --leakage off would help");
    for (size_t i = 0; i < total.size(); ++i)
      total[i] += steady.leakage_w[i];
  }
  std::vector<double> kelvin = die->model().steady(total);
  std::vector<std::string> nodes = exec::nodeNames(die->names);
  // One line of powers may also be meant to last.
  bool lasts = args.powerTrace.empty() ||
               (powers->size() == 1 && !args.duration.empty());
  size_t intervals = lasts ? 0 : powers->size();
  auto start = startOf(args, config, chip->thermal.ambient_k, nodes, kelvin);
  if (!start)
    return start.error();
  History history =
      follow(*die, *powers, timesOf(intervals, interval, *duration),
             std::move(*start), leaks);

  if (!args.csv.empty()) {
    std::string csv = "node,steady_k\n";
    for (size_t i = 0; i < nodes.size(); ++i)
      csv += fmt::format("{},{:.4f}\n", report::csvQuoted(nodes[i]), kelvin[i]);
    if (Status status = writeTo(args.csv, csv, said); !status)
      return status.error();
  }
  if (!args.temperatureTrace.empty()) {
    std::string text = fmt::format("{}\n", fmt::join(die->names, "\t"));
    for (const auto &row : history.kelvin) {
      for (size_t i = 0; i < row.size(); ++i)
        text += fmt::format("{}{:.4f}", i ? "\t" : "", row[i] - kZeroCelsius);
      text += '\n';
    }
    if (Status status = writeTo(args.temperatureTrace, text, said); !status)
      return status.error();
  }
  if (args.csv == "-" || args.temperatureTrace == "-")
    return said;

  report::TextTable table({"node", "power", "steady K", "steady C"}, 1);
  for (size_t i = 0; i < nodes.size(); ++i)
    table.add({nodes[i],
               i < total.size() ? fmt::format("{:.4g} W", total[i]) : "",
               fmt::format("{:.4f}", kelvin[i]),
               fmt::format("{:.4f}", kelvin[i] - kZeroCelsius)});
  said += table.text() + "\n";
  std::vector<std::string> heads{"after"};
  heads.insert(heads.end(), die->names.begin(), die->names.end());
  report::TextTable rows(heads, 0);
  size_t step = std::max<size_t>(1, history.time_s.size() / 16);
  for (size_t i = (history.time_s.size() - 1) % step; i < history.time_s.size();
       i += step) {
    std::vector<std::string> row{report::timeText(history.time_s[i] * 1e9)};
    for (double k : history.kelvin[i])
      row.push_back(fmt::format("{:.3f} C", k - kZeroCelsius));
    rows.add(std::move(row));
  }
  said += rows.text();
  return said;
}
