//===- CharacterizeCommand.cpp - hybridc characterize ---------------------===//
#include "Commands.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Executor/devices/Characterize.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct CharacterizeArgs {
  std::string subject, what, array, levels, csv, noise = "on",
                                                 compensate = "none";
  std::vector<std::string> ages, set;
  uint64_t samples = 0, seed = 0;
};

/// A device by name, or the array kind of a chip.
struct Subject {
  std::string device;
  exec::DeviceParams params;
  exec::ArrayConfig array; ///< for mvm
};
} // namespace

static bool contains(const std::vector<std::string> &names,
                     const std::string &name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

static std::string joined(const std::vector<std::string> &names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The executor reads an array kind in the same way.
static exec::ArrayConfig configOf(const chip::ArrayKind &kind) {
  exec::ArrayConfig config;
  config.device = kind.device;
  config.deviceParams = kind.device_params;
  config.rows = kind.rows;
  config.cols = kind.cols;
  config.mapping = kind.mapping == "offset" ? exec::WeightMapping::Offset
                                            : exec::WeightMapping::Differential;
  config.slices = kind.slices;
  config.cellBits = kind.cell_bits;
  exec::ArrayPeriphery &to = config.periphery;
  const chip::Periphery &from = kind.periphery;
  to.inRes = from.in_res;
  to.inBound = from.in_bound;
  to.inNoise = from.in_noise;
  to.outRes = from.out_res;
  to.outBound = from.out_bound;
  to.outNoise = from.out_noise;
  to.weightNoise = from.w_noise_type == "additive" ? exec::WeightNoise::Additive
                   : from.w_noise_type == "pcm_read"
                       ? exec::WeightNoise::PcmRead
                       : exec::WeightNoise::None;
  to.wNoise = from.w_noise;
  to.irDrop = from.ir_drop;
  to.noiseManagement = from.noise_management;
  to.boundManagement = from.bound_management;
  if (kind.input_bits_per_phase < kind.input_bits)
    to.inputBitsPerPhase = kind.input_bits_per_phase;
  return config;
}

static Result<Subject> findSubject(const CharacterizeArgs &args) {
  Subject subject;
  bool isTraining = args.what == "pulse" || args.what == "update";
  if (contains(exec::inferenceDeviceNames(), args.subject) ||
      contains(exec::pulsedDeviceNames(), args.subject)) {
    subject.device = subject.array.device = args.subject;
    return subject;
  }
  auto chip = chip::loadChip(args.subject);
  if (!chip) {
    if (args.subject.ends_with(".yaml") || args.subject.ends_with(".yml"))
      return chip.error();
    return usage(fmt::format(
        "'{}' is neither a device for inference ({}), nor one for training "
        "({}), nor a target ({})",
        args.subject, joined(exec::inferenceDeviceNames()),
        joined(exec::pulsedDeviceNames()), joined(chip::presetNames())));
  }
  std::vector<std::string> names;
  for (const chip::ArrayKind &kind : chip->arrays) {
    names.push_back(kind.name);
    bool isWanted = args.array.empty()
                        ? (kind.purpose == "training") == isTraining
                        : kind.name == args.array;
    if (!isWanted || !subject.device.empty())
      continue;
    subject.array = configOf(kind);
    subject.device = kind.device;
    subject.params = kind.device_params;
  }
  if (subject.device.empty())
    return usage(fmt::format(
        "target '{}' has no {}; its arrays are {}", args.subject,
        args.array.empty() ? fmt::format("arrays for {}",
                                         isTraining ? "training" : "inference")
                           : fmt::format("array '{}'", args.array),
        names.empty() ? "none" : joined(names)));
  return subject;
}

static Result<double> numberOf(const std::string &text,
                               const std::string &value) {
  double number = 0;
  auto [end, failed] =
      std::from_chars(value.data(), value.data() + value.size(), number);
  if (failed != std::errc() || end != value.data() + value.size())
    return usage("--set " + text + ": expected FIELD=NUMBER");
  return number;
}

/// Fields of the periphery and the size count for mvm; all others are the
/// device's, which knows its own.
static Status applyFields(const CharacterizeArgs &args, Subject &subject) {
  exec::ArrayPeriphery &periphery = subject.array.periphery;
  std::map<std::string, double *> fields = {
      {"in_res", &periphery.inRes},       {"in_bound", &periphery.inBound},
      {"in_noise", &periphery.inNoise},   {"out_res", &periphery.outRes},
      {"out_bound", &periphery.outBound}, {"out_noise", &periphery.outNoise},
      {"w_noise", &periphery.wNoise},     {"ir_drop", &periphery.irDrop}};
  for (const std::string &text : args.set) {
    size_t at = text.find('=');
    if (at == std::string::npos || at == 0)
      return usage("--set " + text + ": expected FIELD=NUMBER");
    std::string name = text.substr(0, at);
    auto value = numberOf(text, text.substr(at + 1));
    if (!value)
      return value.error();
    bool isSize = name == "rows" || name == "cols";
    if (args.what != "mvm" && (isSize || fields.count(name)))
      return usage(fmt::format("--set {}: the array's fields count for --what "
                               "mvm only",
                               text));
    if (isSize) {
      if (!(*value >= 1 && *value <= 65536))
        return usage("--set " + text + ": expected 1 to 65536");
      (name == "rows" ? subject.array.rows : subject.array.cols) =
          static_cast<uint32_t>(*value);
    } else if (auto field = fields.find(name); field != fields.end()) {
      *field->second = *value;
    } else {
      subject.params[name] = *value;
    }
  }
  subject.array.deviceParams = subject.params;
  return {};
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
  if (args.what == "program" || args.what == "drift") {
    exec::DeviceStudy device;
    device.device = subject.device;
    device.params = subject.params;
    if (!args.levels.empty()) {
      auto levels = parseNumbers(args.levels);
      if (!levels)
        return levels.error();
      for (double level : *levels)
        if (!(level >= 0 && level <= 1))
          return usage("--levels " + args.levels + ": levels are 0 to 1");
      device.levels = std::move(*levels);
    }
    if (!ages.empty())
      device.ages = std::move(ages);
    if (args.samples)
      device.samples = args.samples;
    device.seed = args.seed;
    return args.what == "program" ? exec::characterizeProgram(device)
                                  : exec::characterizeDrift(device);
  }
  if (ages.size() > 1)
    return usage("--age: one age only for --what " + args.what);
  if (args.what == "mvm") {
    exec::MvmStudy mvm;
    mvm.name = args.subject;
    mvm.array = subject.array;
    mvm.deviceNoise = args.noise == "on";
    mvm.age = ages.empty() ? 0 : ages[0];
    mvm.compensation = args.compensate == "global" ? exec::Compensation::Global
                       : args.compensate == "column"
                           ? exec::Compensation::Column
                           : exec::Compensation::None;
    if (args.samples)
      mvm.batch = args.samples;
    mvm.seed = args.seed;
    return exec::characterizeMvm(mvm);
  }
  if (args.what == "pulse") {
    exec::PulseStudy pulse;
    pulse.device = subject.device;
    pulse.params = subject.params;
    if (args.samples)
      pulse.samples = args.samples;
    pulse.seed = args.seed;
    return exec::characterizePulses(pulse);
  }
  exec::UpdateStudy update;
  if (auto step = subject.params.find("dw_min"); step != subject.params.end())
    update.dwMin = step->second;
  if (args.samples)
    update.samples = args.samples;
  update.seed = args.seed;
  return exec::characterizeUpdates(update);
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

static int runCharacterize(const CharacterizeArgs &args) {
  if (args.what == "regression")
    return fail(unsupported(
        "--what regression: training on arrays is not built yet; --what pulse "
        "and --what update show what a training cell does"));
  auto subject = findSubject(args);
  if (!subject)
    return fail(subject.error());
  if (Status status = applyFields(args, *subject); !status)
    return fail(status.error());
  auto table = study(args, *subject);
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
  Status status = report::writeTextFile(args.csv, table->csv());
  return status ? 0 : fail(status.error());
}

void driver::addCharacterize(CLI::App &app, Action &action) {
  auto args = std::make_shared<CharacterizeArgs>();
  CLI::App *sub = app.add_subcommand(
      "characterize", "what a device or array model does, as statistics");
  sub->add_option("SUBJECT", args->subject,
                  "a device, or a target (its arrays)")
      ->required();
  sub->add_option("--what", args->what,
                  "program, drift, mvm, pulse, update or regression")
      ->required()
      ->check(CLI::IsMember(
          {"program", "drift", "mvm", "pulse", "update", "regression"}));
  sub->add_option("--array", args->array,
                  "which arrays of a target; default: the first that fit");
  sub->add_option("--age", args->ages,
                  "time since programming, 20s, 1h, 1d, 1y; drift takes "
                  "several (default 0s 1h 1d)");
  sub->add_option("--levels", args->levels,
                  "conductances as parts of the largest, 0,0.25,0.5,0.75,1");
  sub->add_option("--samples", args->samples,
                  "cells per level; mvm: input vectors per seed; 0 = 1000000 "
                  "for program and drift, 1000 for mvm, 10000 for pulse, 20000 "
                  "for update")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t(0), uint64_t(100000000)));
  sub->add_option("--seed", args->seed, "seed of all noise")
      ->capture_default_str();
  sub->add_option("--noise", args->noise,
                  "mvm: cells with device physics, or ideal ones: on or off")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}));
  sub->add_option("--compensate", args->compensate,
                  "mvm: correction of drift: none, global or column")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "global", "column"}));
  sub->add_option("--set", args->set,
                  "another value of a field of the device, or for mvm of the "
                  "array, FIELD=VALUE");
  sub->add_option("--csv", args->csv, "file to write; - is stdout");
  sub->callback([args, &action] {
    action.run = [args] { return runCharacterize(*args); };
  });
}
