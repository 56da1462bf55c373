//===- ThermalFlags.cpp - Options about heat ------------------------------===//
#include "ThermalFlags.h"

#include "hybridc/Support/OutputFile.h"

#include <fmt/format.h>

using namespace hybridc;
using namespace hybridc::driver;

void ThermalFlags::add(CLI::App &sub) {
  app = &sub;
  sub.add_option("--thermal", thermal,
                 "temperatures over time: on, off, or auto: for reports")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "on", "off"}))
      ->group("Heat");
  sub.add_option("--policy", policy,
                 "how the limit is held: none; throttle: pauses; dvfs: "
                 "operating points and pauses")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "throttle", "dvfs"}))
      ->group("Heat");
  sub.add_option("--ambient", ambient, "air, in C; default: the chip's")
      ->check(within(-100, 400))
      ->group("Heat");
  sub.add_option("--limit", limit,
                 "highest junction temperature, in C; default: the chip's")
      ->check(within(-100, 400))
      ->group("Heat");
  sub.add_option("--duration", duration,
                 "time followed from a cold start, running over and over")
      ->capture_default_str()
      ->group("Heat");
  sub.add_option("--duty", options.duty,
                 "part of the time at work when nothing is managed")
      ->capture_default_str()
      ->check(within(1e-6, 1))
      ->group("Heat");
  sub.add_option("--thermal-csv", csv,
                 "file for the temperature of each block over time")
      ->group("Heat");
}

Status ThermalFlags::finish() {
  options.policy = policy == "throttle" ? exec::ThermalPolicy::Throttle
                   : policy == "dvfs"   ? exec::ThermalPolicy::Dvfs
                                        : exec::ThermalPolicy::None;
  if (wasGiven("--ambient"))
    options.ambient_c = ambient;
  if (wasGiven("--limit"))
    options.limit_c = limit;
  auto seconds = parseDuration(duration);
  if (!seconds)
    return seconds.error();
  if (!(*seconds > 0))
    return usage("--duration " + duration + ": expected more than 0 s");
  options.duration_s = *seconds;
  if (thermal == "off" &&
      (options.policy != exec::ThermalPolicy::None || !csv.empty()))
    return usage("--thermal off leaves nothing for --policy or --thermal-csv");
  return {};
}

Status ThermalFlags::study(const stream::Program &program, bool hasReports,
                           report::Results &results) const {
  bool isWanted = thermal == "on";
  for (const char *name : {"--policy", "--ambient", "--limit", "--duration",
                           "--duty", "--thermal-csv"})
    isWanted |= wasGiven(name);
  if (thermal == "off" || (!isWanted && !hasReports))
    return {};
  auto chip = chip::parseChip(program.chipYaml, "chip of the program");
  if (!chip)
    return chip.error();
  exec::ThermalOptions ofRun = options;
  ofRun.cells = results.cellEnergies;
  auto study = exec::studyHeat(program, *chip, results.entry, ofRun);
  if (!study)
    return isWanted ? Status(study.error()) : Status();
  results.thermal = std::move(*study);
  if (isWanted)
    fmt::print("{}", report::toThermalTable(*results.thermal));
  for (const std::string &warning : results.thermal->warnings)
    warn(warning);
  if (!csv.empty())
    return writeTextFile(csv, report::toThermalCsv(*results.thermal));
  return {};
}
