//===- CharacterizeCommand.cpp - hybridc characterize ---------------------===//
#include "CharacterizeFlags.h"

#include "hybridc/Studies/DeviceSubject.h"
#include "hybridc/Studies/SubjectStudy.h"
#include "hybridc/Support/OutputFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct CharacterizeArgs {
  SubjectStudy study;
  ThermalStudyArgs thermal;
  ChipStudy chip;
  std::string csv;
  CLI::App *app = nullptr;
};
} // namespace

/// `table` where --csv says, or for people.
static int show(const CharacterizeArgs &args,
                const Result<exec::StatTable> &table) {
  if (!table)
    return fail(table.error());
  if (args.csv.empty()) {
    fmt::print("{}", table->text());
    return 0;
  }
  if (args.csv == "-") {
    fmt::print("{}", table->csv());
    return 0;
  }
  Status status = writeTextFile(args.csv, table->csv());
  return status ? 0 : fail(status.error());
}

/// What each --what reads, beside --what and --csv.
static const std::map<std::string, std::vector<std::string>> kReads = {
    {"program",
     {"--array", "--age", "--levels", "--samples", "--seed", "--pair",
      "--set"}},
    {"drift",
     {"--array", "--age", "--levels", "--samples", "--seed", "--pair",
      "--weight-dist", "--compensate", "--set"}},
    {"compensation",
     {"--array", "--age", "--compensate", "--weight-dist", "--io", "--seeds",
      "--seed", "--set"}},
    {"mvm",
     {"--array", "--age", "--inputs", "--weight-dist", "--io", "--samples",
      "--seeds", "--seed", "--noise", "--compensate", "--set"}},
    {"pulse",
     {"--array", "--age", "--levels", "--phases", "--samples", "--seed",
      "--set"}},
    {"update",
     {"--array", "--age", "--lr", "--products", "--cells", "--samples",
      "--seed", "--set"}},
    {"regression",
     {"--array", "--age", "--io", "--algorithm", "--lr", "--epochs", "--batch",
      "--samples", "--seeds", "--seed", "--set"}},
    {"fields", {"--array", "--io", "--algorithm", "--set"}},
    {"timing",
     {"--array", "--shape", "--topology", "--format", "--weights", "--images",
      "--groups", "--set"}},
    {"adc", {"--bits", "--technology", "--frequency", "--set"}},
    {"thermal",
     {"--power", "--ptrace", "--hotspot-config", "--interval", "--duration",
      "--start", "--leakage", "--ttrace", "--thermal-model", "--set"}}};

/// Refuses options that this --what does not read; those that say themselves
/// why they do not count are left to it.
static Status checkReads(const CharacterizeArgs &args) {
  const std::vector<std::string> &reads = kReads.at(args.study.what);
  std::vector<std::string> others;
  for (const CLI::Option *option : args.app->get_options()) {
    std::string name =
        "--" + (option->get_lnames().empty() ? std::string()
                                             : option->get_lnames().front());
    if (name != "--" && name != "--what" && name != "--csv" &&
        name != "--help" &&
        std::find(reads.begin(), reads.end(), name) == reads.end())
      others.push_back(name);
  }
  return refuseGiven(*args.app, others,
                     "no effect on --what " + args.study.what +
                         ", which reads " +
                         fmt::format("{}", fmt::join(reads, ", ")));
}

static int runCharacterize(CharacterizeArgs &args) {
  if (Status status = checkReads(args); !status)
    return fail(status.error());
  if (Status status = checkOutputs({args.csv}, {args.study.subject}); !status)
    return fail(status.error());
  if (args.study.what == "thermal") {
    args.thermal.subject = args.study.subject;
    args.thermal.set = args.study.set;
    args.thermal.csv = args.csv;
    auto said = runThermalStudy(args.thermal);
    if (!said)
      return fail(said.error());
    fmt::print("{}", *said);
    return 0;
  }
  if (args.study.what == "timing")
    return show(args, characterizeTiming(args.study.subject, args.study.set,
                                         args.study.array, args.chip));
  if (args.study.what == "adc")
    return show(args,
                characterizeAdc(args.study.subject, args.study.set, args.chip));
  return show(args, runSubjectStudy(args.study));
}

void driver::addCharacterize(CLI::App &app, Action &action) {
  auto args = std::make_shared<CharacterizeArgs>();
  CLI::App *sub = args->app = app.add_subcommand(
      "characterize", "what a device or array model does, as statistics");
  sub->add_option(
         "SUBJECT", args->study.subject,
         "a device, a target (its arrays, its floorplan), or for thermal "
         "a HotSpot floorplan (.flp)")
      ->required();
  sub->add_option(
         "--what", args->study.what,
         "program, drift, compensation, mvm, pulse, update, regression, "
         "thermal, or fields: what --set can change; of a target: timing or "
         "adc")
      ->required()
      ->check(CLI::IsMember({"program", "drift", "compensation", "mvm", "pulse",
                             "update", "regression", "thermal", "fields",
                             "timing", "adc"}));
  sub->add_option("--array", args->study.array,
                  "which arrays of a target; default: the first that fit");
  sub->add_option(
      "--age", args->study.ages,
      "time since programming, 20s, 1h, 1d, 1y; drift, compensation "
      "and mvm take several (default 0s 1h 1d; mvm: 0s)");
  sub->add_option("--pair", args->study.pair,
                  "program, drift: differential pairs of cells or single ones: "
                  "on or off (default: pairs for the drift of devices that "
                  "drift)")
      ->check(CLI::IsMember({"on", "off"}));
  sub->add_option("--inputs", args->study.inputs,
                  fmt::format("mvm: {} (default gauss and uniform)",
                              fmt::join(exec::distributionNames(), ", ")))
      ->check(CLI::IsMember(exec::distributionNames()));
  sub->add_option("--weight-dist", args->study.weights,
                  "mvm, drift, compensation: weights of the array: gauss "
                  "(N(0, 1/3) clipped to 1), uniform or sparse")
      ->capture_default_str()
      ->check(CLI::IsMember({"gauss", "uniform", "sparse"}));
  sub->add_option("--io", args->study.io,
                  "mvm, compensation, regression: the array's periphery by "
                  "name, instead of its own; standard is that of a device by "
                  "itself")
      ->check(CLI::IsMember(standardPeripheryNames()));
  sub->add_option("--levels", args->study.levels,
                  "conductances as parts of the largest, 0,0.25,0.5,0.75,1, or "
                  "how many even ones, 16; pulse: numbers of pulses");
  sub->add_option("--samples", args->study.samples,
                  "cells per level; mvm: input vectors per seed; 0 = 1000000 "
                  "for program and drift, 1000 for mvm, 10000 for pulse, 20000 "
                  "for update, 1000 per epoch for regression")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t(0), uint64_t(100000000)));
  sub->add_option("--seed", args->study.seed, "seed of all noise")
      ->capture_default_str()
      ->check(wholeNumber());
  sub->add_option("--noise", args->study.noise,
                  "mvm: cells with device physics, or ideal ones: on or off")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}));
  sub->add_option("--compensate", args->study.compensate,
                  "correction of drift: none, global or column (default none "
                  "for mvm, global for drift and compensation)")
      ->check(CLI::IsMember({"none", "global", "column"}));
  sub->add_option("--set", args->study.set,
                  "another value of a field of the device or, for mvm, "
                  "compensation and regression, of the array (drift: its rows "
                  "and cols), for thermal of the package, for "
                  "timing and adc of the target "
                  "(mac.rows), FIELD=VALUE");
  sub->add_option("--seeds", args->study.seeds,
                  "mvm, compensation, regression: how many seeds, from --seed "
                  "on; 0 = 5, 3 for regression")
      ->capture_default_str()
      ->check(CLI::Range(0, 10000));
  sub->add_option("--algorithm", args->study.algorithm,
                  fmt::format("regression: {}",
                              fmt::join(exec::trainingAlgorithmNames(), ", ")))
      ->capture_default_str()
      ->check(CLI::IsMember(exec::trainingAlgorithmNames()));
  sub->add_option("--lr", args->study.rates,
                  "learning rate of a regression (default 0.01); update: "
                  "several (default 0.001,0.01,0.05)");
  sub->add_option(
      "--products", args->study.products,
      "update: values of x and d, X:D,X:D; the largest of others is "
      "1 (default 1:1,0.5:1,0.5:0.5,0.1:0.3,1:0.05)");
  sub->add_option(
         "--cells", args->study.cells,
         "update: even steps without noise, or the device's own cells: "
         "even or own")
      ->capture_default_str()
      ->check(CLI::IsMember({"even", "own"}));
  sub->add_option("--phases", args->study.phases,
                  "pulse: up, down, alternate and rest (decay without pulses), "
                  "each for the numbers that --levels says (default up,down)");
  sub->add_option("--epochs", args->study.epochs, "regression: epochs")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  sub->add_option("--batch", args->study.batch,
                  "regression: samples per mini-batch")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  sub->add_option("--csv", args->csv, "file to write; - is stdout");
  addChipStudy(*sub, args->chip);
  addThermalStudy(*sub, args->thermal);
  sub->callback([args, &action] {
    action.run = [args] { return runCharacterize(*args); };
  });
}
