//===- CharacterizeCommand.cpp - hybridc characterize ---------------------===//
#include "CharacterizeFlags.h"

#include "hybridc/Studies/Characterize.h"
#include "hybridc/Studies/DeviceSubject.h"
#include "hybridc/Studies/PeerNames.h"
#include "hybridc/Support/OutputFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct CharacterizeArgs {
  std::string subject, what, array, levels, csv,
      noise = "on", compensate, algorithm = "sgd", pair, inputs,
      weights = "gauss", io;
  std::vector<std::string> ages, set;
  std::string phases, rates, products, cells = "even";
  ThermalStudyArgs thermal;
  uint64_t samples = 0, seed = 0;
  unsigned epochs = 20, batch = 10, seeds = 0;
  ChipStudy chip;
  CLI::App *app = nullptr;
};
} // namespace

static bool contains(const std::vector<std::string> &names,
                     const std::string &name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// A list of levels, or how many even ones.
static Result<std::vector<double>> levelsOf(const std::string &text) {
  auto levels = parseNumbers(text);
  if (!levels)
    return levels.error();
  if (levels->size() == 1 && levels->front() > 1) {
    double count = levels->front();
    if (count != std::floor(count) || count > 65536)
      return usage("--levels " + text +
                   ": a number of levels is a whole one, 2 to 65536");
    levels->clear();
    for (int i = 0; i < static_cast<int>(count); ++i)
      levels->push_back(i / (count - 1));
  }
  for (double level : *levels)
    if (!(level >= 0 && level <= 1))
      return usage("--levels " + text + ": levels are 0 to 1");
  return levels;
}

static exec::Compensation compensationOf(const std::string &name) {
  return name == "global"   ? exec::Compensation::Global
         : name == "column" ? exec::Compensation::Column
                            : exec::Compensation::None;
}

/// Of a name that CLI11 has checked.
static exec::Distribution distributionOf(const std::string &name) {
  const auto &names = exec::distributionNames();
  return exec::Distribution(std::find(names.begin(), names.end(), name) -
                            names.begin());
}

static Result<exec::StatTable> studyCells(const CharacterizeArgs &args,
                                          const Subject &subject,
                                          const std::vector<double> &ages) {
  if (contains(exec::pulsedDeviceNames(), subject.device))
    return usage(fmt::format("'{}' is a training device: --what is pulse, "
                             "update or regression",
                             subject.device));
  exec::DeviceStudy device;
  device.device = subject.device;
  device.params = subject.params;
  if (!args.levels.empty()) {
    auto levels = levelsOf(args.levels);
    if (!levels)
      return levels.error();
    device.levels = std::move(*levels);
  }
  if (!ages.empty())
    device.ages = ages;
  if (!args.compensate.empty())
    device.compensation = compensationOf(args.compensate);
  if (args.samples)
    device.samples = args.samples;
  device.seed = args.seed;
  using Cells = exec::DeviceStudy::Cells;
  if (!args.pair.empty())
    device.cells = args.pair == "on" ? Cells::Pair : Cells::Single;
  device.weights = distributionOf(args.weights);
  for (const std::string &set : args.set) {
    if (set.starts_with("rows="))
      device.rows = subject.array.rows;
    if (set.starts_with("cols="))
      device.cols = subject.array.cols;
  }
  if (args.what == "drift")
    return exec::characterizeDrift(device);
  if (!ages.empty())
    return usage("--age: --what program looks right after programming; --what "
                 "drift looks later");
  return exec::characterizeProgram(device);
}

static Result<exec::StatTable>
studyCompensation(const CharacterizeArgs &args, const Subject &subject,
                  const std::vector<double> &ages) {
  exec::CompensationStudy study;
  study.name = args.subject;
  study.array = subject.array;
  if (!ages.empty())
    study.ages = ages;
  if (args.compensate == "none")
    return usage("--compensate none: --what compensation is about global or "
                 "column");
  study.perColumn = args.compensate == "column";
  study.weights = distributionOf(args.weights);
  if (args.seeds)
    study.seeds = args.seeds;
  study.seed = args.seed;
  return exec::characterizeCompensation(study);
}

static Result<exec::StatTable> studyProducts(const CharacterizeArgs &args,
                                             const Subject &subject,
                                             std::vector<double> ages) {
  exec::MvmStudy mvm;
  mvm.name = args.subject;
  mvm.array = subject.array;
  mvm.inputRange = subject.inputRange;
  mvm.deviceNoise = args.noise == "on";
  mvm.compensation = compensationOf(args.compensate);
  if (args.samples)
    mvm.batch = args.samples;
  if (args.seeds)
    mvm.seeds = args.seeds;
  mvm.seed = args.seed;
  if (!args.inputs.empty())
    mvm.inputs = {distributionOf(args.inputs)};
  mvm.weights = distributionOf(args.weights);
  exec::StatTable all;
  if (ages.empty())
    ages.push_back(0);
  for (double age : ages) {
    mvm.age = age;
    auto table = exec::characterizeMvm(mvm);
    if (!table)
      return table.error();
    all.columns = table->columns;
    for (auto &row : table->rows)
      all.rows.push_back(std::move(row));
  }
  return all;
}

static Result<exec::StatTable> studyTraining(const CharacterizeArgs &args,
                                             Subject subject) {
  if (contains(exec::inferenceDeviceNames(), subject.device))
    return usage(fmt::format("'{}' is a device for inference: --what is "
                             "program, drift or mvm; training devices are {}",
                             subject.device,
                             fmt::join(exec::pulsedDeviceNames(), ", ")));
  if (args.what == "pulse") {
    exec::PulseStudy pulse;
    pulse.device = subject.device;
    pulse.params = subject.params;
    if (!args.levels.empty()) {
      auto pulses = parseNumbers(args.levels);
      if (!pulses)
        return pulses.error();
      for (double count : *pulses) {
        if (!(count >= 1 && count <= 1e6) || count != std::floor(count))
          return usage("--levels " + args.levels +
                       ": for --what pulse these are numbers of pulses, 1 to "
                       "1000000");
        pulse.pulses.push_back(uint32_t(count));
      }
    }
    if (!args.phases.empty())
      pulse.phases = CLI::detail::split(args.phases, ',');
    if (args.samples)
      pulse.samples = args.samples;
    pulse.seed = args.seed;
    return exec::characterizePulses(pulse);
  }
  auto device = exec::makePulsedDevice(subject.device, subject.params);
  if (!device)
    return device.error();
  if (args.what == "update") {
    exec::UpdateStudy update;
    update.rule = subject.training.rule;
    if (subject.params.count("dw_min"))
      update.dwMin = device->dwMin;
    update.ownCells = args.cells == "own";
    update.cell = *device;
    if (!args.rates.empty()) {
      auto rates = parseNumbers(args.rates);
      if (!rates)
        return rates.error();
      update.rates = *rates;
    }
    if (!args.products.empty()) {
      update.values.clear();
      for (const std::string &text : CLI::detail::split(args.products, ',')) {
        auto pair = CLI::detail::split(text, ':');
        auto x = parseNumbers(pair.front()), d = parseNumbers(pair.back());
        if (pair.size() != 2 || !x || !d || x->size() != 1 || d->size() != 1)
          return usage("--products " + args.products +
                       ": expected X:D,X:D, two values of each product");
        update.values.emplace_back(x->front(), d->front());
      }
    }
    if (args.samples)
      update.samples = args.samples;
    update.seed = args.seed;
    return exec::characterizeUpdates(update);
  }
  exec::RegressionStudy regression;
  regression.training = subject.training;
  regression.training.device = *device;
  if (!args.rates.empty()) {
    auto rates = parseNumbers(args.rates);
    if (!rates)
      return rates.error();
    if (rates->size() == 1 && !(rates->front() >= 0))
      return usage("--lr " + args.rates + ": a rate is 0 or more");
    if (rates->size() != 1)
      return usage("--lr " + args.rates + ": a regression has one rate");
    regression.lr = rates->front();
  }
  regression.epochs = args.epochs;
  regression.batch = args.batch;
  if (args.seeds)
    regression.seeds = args.seeds;
  if (args.samples)
    regression.samples = args.samples;
  regression.seed = args.seed;
  return exec::characterizeRegression(regression);
}

static Result<exec::StatTable> study(const CharacterizeArgs &args,
                                     const Subject &subject) {
  std::vector<double> ages;
  for (const std::string &text : args.ages) {
    auto age = parseDuration(text);
    if (!age)
      return age.error();
    ages.push_back(*age);
  }
  if (args.what == "program" || args.what == "drift")
    return studyCells(args, subject, ages);
  if (args.what == "mvm" || args.what == "compensation") {
    if (contains(exec::pulsedDeviceNames(), subject.device))
      return usage(fmt::format("'{}' is a training device: --what is pulse, "
                               "update or regression",
                               subject.device));
    return args.what == "mvm" ? studyProducts(args, subject, ages)
                              : studyCompensation(args, subject, ages);
  }
  if (!ages.empty())
    return usage("--age counts for --what drift and mvm only");
  return studyTraining(args, subject);
}

/// The fields that --set takes.
static Result<exec::StatTable> listFields(const Subject &subject) {
  auto fields = fieldsOf(subject);
  if (!fields)
    return fields.error();
  exec::StatTable table;
  table.columns = {"field", "value"};
  for (const auto &[name, value] : *fields)
    table.rows.push_back({name, value});
  return table;
}

static std::string cellText(const exec::StatCell &cell) {
  switch (cell.kind) {
  case exec::StatCell::Kind::Nothing:
    return "";
  case exec::StatCell::Kind::Text:
    return cell.text;
  case exec::StatCell::Kind::Number:
    return fmt::format("{:.5g}", cell.number);
  }
  return "";
}

static void print(const exec::StatTable &table) {
  std::vector<size_t> widths;
  for (const std::string &column : table.columns)
    widths.push_back(column.size());
  for (const auto &row : table.rows)
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], cellText(row[i]).size());
  for (size_t i = 0; i < widths.size(); ++i)
    fmt::print("{}{:>{}}", i ? "  " : "", table.columns[i], widths[i]);
  fmt::print("\n");
  for (const auto &row : table.rows) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i)
      fmt::print("{}{:>{}}", i ? "  " : "", cellText(row[i]), widths[i]);
    fmt::print("\n");
  }
}

/// `table` where --csv says, or for people.
static int show(const CharacterizeArgs &args,
                const Result<exec::StatTable> &table) {
  if (!table)
    return fail(table.error());
  if (args.csv.empty()) {
    print(*table);
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
  const std::vector<std::string> &reads = kReads.at(args.what);
  std::vector<std::string> others;
  for (const CLI::Option *option : args.app->get_options()) {
    std::string name =
        "--" + (option->get_lnames().empty() ? std::string()
                                             : option->get_lnames().front());
    if (name != "--" && name != "--what" && name != "--csv" &&
        name != "--help" && !contains(reads, name))
      others.push_back(name);
  }
  return refuseGiven(*args.app, others,
                     "no effect on --what " + args.what + ", which reads " +
                         fmt::format("{}", fmt::join(reads, ", ")));
}

static int runCharacterize(CharacterizeArgs &args) {
  if (Status status = checkReads(args); !status)
    return fail(status.error());
  if (Status status = checkOutputs({args.csv}, {args.subject}); !status)
    return fail(status.error());
  if (args.what == "thermal") {
    args.thermal.subject = args.subject;
    args.thermal.set = args.set;
    args.thermal.csv = args.csv;
    auto said = runThermalStudy(args.thermal);
    if (!said)
      return fail(said.error());
    fmt::print("{}", *said);
    return 0;
  }
  if (args.what == "timing")
    return show(args, characterizeTiming(args.subject, args.set, args.array,
                                         args.chip));
  if (args.what == "adc")
    return show(args, characterizeAdc(args.subject, args.set, args.chip));
  auto subject = findSubject(args.subject, args.array, args.what);
  if (!subject)
    return fail(subject.error());
  if (!args.io.empty())
    subject->array.periphery = subject->training.periphery =
        standardPeriphery(args.io);
  if (auto algorithm = exec::trainingAlgorithm(args.algorithm))
    subject->training.algorithm = *algorithm;
  if (Status status = setFields(args.set, args.what, *subject); !status)
    return fail(status.error());
  auto table =
      args.what == "fields" ? listFields(*subject) : study(args, *subject);
  // A device under the name that was typed, so that tables join.
  if (table && args.subject != subject->device &&
      ownDeviceName(args.subject) == subject->device)
    for (const char *column : {"device", "model"})
      if (int at = table->column(column); at >= 0)
        for (auto &row : table->rows)
          if (row[at].text.starts_with(subject->device))
            row[at].text.replace(0, subject->device.size(), args.subject);
  return show(args, table);
}

void driver::addCharacterize(CLI::App &app, Action &action) {
  auto args = std::make_shared<CharacterizeArgs>();
  CLI::App *sub = args->app = app.add_subcommand(
      "characterize", "what a device or array model does, as statistics");
  sub->add_option(
         "SUBJECT", args->subject,
         "a device, a target (its arrays, its floorplan), or for thermal "
         "a HotSpot floorplan (.flp)")
      ->required();
  sub->add_option(
         "--what", args->what,
         "program, drift, compensation, mvm, pulse, update, regression, "
         "thermal, or fields: what --set can change; of a target: timing or "
         "adc")
      ->required()
      ->check(CLI::IsMember({"program", "drift", "compensation", "mvm", "pulse",
                             "update", "regression", "thermal", "fields",
                             "timing", "adc"}));
  sub->add_option("--array", args->array,
                  "which arrays of a target; default: the first that fit");
  sub->add_option(
      "--age", args->ages,
      "time since programming, 20s, 1h, 1d, 1y; drift, compensation "
      "and mvm take several (default 0s 1h 1d; mvm: 0s)");
  sub->add_option("--pair", args->pair,
                  "program, drift: differential pairs of cells or single ones: "
                  "on or off (default: pairs for the drift of devices that "
                  "drift)")
      ->check(CLI::IsMember({"on", "off"}));
  sub->add_option("--inputs", args->inputs,
                  fmt::format("mvm: {} (default gauss and uniform)",
                              fmt::join(exec::distributionNames(), ", ")))
      ->check(CLI::IsMember(exec::distributionNames()));
  sub->add_option("--weight-dist", args->weights,
                  "mvm, drift, compensation: weights of the array: gauss "
                  "(N(0, 1/3) clipped to 1), uniform or sparse")
      ->capture_default_str()
      ->check(CLI::IsMember({"gauss", "uniform", "sparse"}));
  sub->add_option("--io", args->io,
                  "mvm, compensation, regression: the array's periphery by "
                  "name, instead of its own; standard is that of a device by "
                  "itself")
      ->check(CLI::IsMember(standardPeripheryNames()));
  sub->add_option("--levels", args->levels,
                  "conductances as parts of the largest, 0,0.25,0.5,0.75,1, or "
                  "how many even ones, 16; pulse: numbers of pulses");
  sub->add_option("--samples", args->samples,
                  "cells per level; mvm: input vectors per seed; 0 = 1000000 "
                  "for program and drift, 1000 for mvm, 10000 for pulse, 20000 "
                  "for update, 1000 per epoch for regression")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t(0), uint64_t(100000000)));
  sub->add_option("--seed", args->seed, "seed of all noise")
      ->capture_default_str()
      ->check(wholeNumber());
  sub->add_option("--noise", args->noise,
                  "mvm: cells with device physics, or ideal ones: on or off")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}));
  sub->add_option("--compensate", args->compensate,
                  "correction of drift: none, global or column (default none "
                  "for mvm, global for drift and compensation)")
      ->check(CLI::IsMember({"none", "global", "column"}));
  sub->add_option("--set", args->set,
                  "another value of a field of the device or, for mvm, "
                  "compensation and regression, of the array (drift: its rows "
                  "and cols), for thermal of the package, for "
                  "timing and adc of the target "
                  "(mac.rows), FIELD=VALUE");
  sub->add_option("--seeds", args->seeds,
                  "mvm, compensation, regression: how many seeds, from --seed "
                  "on; 0 = 5, 3 for regression")
      ->capture_default_str()
      ->check(CLI::Range(0, 10000));
  sub->add_option("--algorithm", args->algorithm,
                  fmt::format("regression: {}",
                              fmt::join(exec::trainingAlgorithmNames(), ", ")))
      ->capture_default_str()
      ->check(CLI::IsMember(exec::trainingAlgorithmNames()));
  sub->add_option("--lr", args->rates,
                  "learning rate of a regression (default 0.01); update: "
                  "several (default 0.001,0.01,0.05)");
  sub->add_option(
      "--products", args->products,
      "update: values of x and d, X:D,X:D; the largest of others is "
      "1 (default 1:1,0.5:1,0.5:0.5,0.1:0.3,1:0.05)");
  sub->add_option(
         "--cells", args->cells,
         "update: even steps without noise, or the device's own cells: "
         "even or own")
      ->capture_default_str()
      ->check(CLI::IsMember({"even", "own"}));
  sub->add_option("--phases", args->phases,
                  "pulse: up, down, alternate and rest (decay without pulses), "
                  "each for the numbers that --levels says (default up,down)");
  sub->add_option("--epochs", args->epochs, "regression: epochs")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  sub->add_option("--batch", args->batch, "regression: samples per mini-batch")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  sub->add_option("--csv", args->csv, "file to write; - is stdout");
  addChipStudy(*sub, args->chip);
  addThermalStudy(*sub, args->thermal);
  sub->callback([args, &action] {
    action.run = [args] { return runCharacterize(*args); };
  });
}
