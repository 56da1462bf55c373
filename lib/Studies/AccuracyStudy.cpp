//===- AccuracyStudy.cpp - One model on one chip over a data set ----------===//
#include "hybridc/Studies/AccuracyStudy.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

using namespace hybridc;
using namespace hybridc::studies;

namespace {
/// A program with the faults that act on it.
struct Variant {
  std::string what; ///< empty: the only one
  const Loaded *loaded = nullptr;
  std::optional<std::string> faults;
};

/// All passes over the data, for any program of the same model.
class Passes {
public:
  Passes(const AccuracyArgs &args, const DataSet &data)
      : args(args), data(data) {}

  Result<report::Accuracy> run(const Variant &variant) {
    auto entry = findEntry(variant.loaded->program(), args.data.entry);
    if (!entry)
      return entry.error();
    if ((*entry)->outputs.empty())
      return unsupported("the program has no output");
    std::string output =
        args.data.output.empty() ? (*entry)->outputs[0].name : args.data.output;
    auto feeds = plan(args.data, data, **entry, batch);
    if (!feeds)
      return feeds.error();
    exec::ExecOptions options = args.run;
    options.faults = variant.faults;
    auto executor = exec::Executor::create(variant.loaded->program(), options);
    if (!executor)
      return executor.error();
    Evaluation evaluation(data, std::move(*feeds), batch, **entry, output);
    Progress progress;
    report::Accuracy accuracy{variant.what, uint64_t(data.samples), {}, 0};
    for (unsigned i = 0; i < args.seeds; ++i) {
      if (i)
        (*executor)->reseed(options.seed + i, options.age_s);
      auto result = evaluation.pass(
          **executor, progress,
          (variant.what.empty() ? "" : variant.what + ": ") +
              (args.seeds > 1
                   ? fmt::format("seed {} of {}: ", i + 1, args.seeds)
                   : std::string()));
      if (!result)
        return result.error();
      auto labels = labelsAs(*result, args.data, data, output);
      if (!labels)
        return labels.error();
      accuracy.percents.push_back(100.0 *
                                  double(countEqual(result->classes, *labels)) /
                                  double(data.samples));
      accuracy.notFinite = std::max(accuracy.notFinite, result->numNotFinite);
    }
    progress.clear();
    cells = (*executor)->cellEnergies(args.data.entry);
    if (accuracy.notFinite == accuracy.samples)
      return invalidInput(
          fmt::format("{}: output '{}' is NaN or infinite for all {} samples{}",
                      args.data.data, output, data.samples,
                      variant.what.empty() ? "" : " (" + variant.what + ")"));
    return accuracy;
  }

  int64_t batch = 0;
  std::vector<exec::CellEnergy> cells; ///< of the last variant

private:
  const AccuracyArgs &args;
  const DataSet &data;
};
} // namespace

/// The chip that `args` asks for, or that a program carries, has faults.
static Result<bool> hasFaults(const AccuracyArgs &args, bool isCompiled,
                              const Loaded &loaded) {
  const CompileOptions &options = args.compile;
  if (isCompiled && options.faults.empty())
    return !loaded.program().faults.empty();
  auto chip = chip::parseChip(loaded.program().chipYaml, "chip of the program");
  if (!chip)
    return chip.error();
  auto faults = chip::loadFaults(options.faults, *chip);
  if (!faults)
    return faults.error();
  return !faults->empty() && !loaded.program().arrays.empty();
}

Result<AccuracyStudy> studies::measureAccuracy(const AccuracyArgs &args) {
  auto data = readData(args.data);
  if (!data)
    return data.error();
  auto loaded = loadAtBatch(args.model, args.compile, args.data, *data);
  if (!loaded)
    return loaded.error();
  AccuracyStudy study;
  study.loaded = std::move(*loaded);
  bool isCompiled =
      args.model.ends_with(".hyb") || args.model.ends_with(".mlir");
  auto broken = hasFaults(args, isCompiled, study.loaded);
  if (!broken)
    return broken.error();
  study.hasFaults = *broken;
  std::vector<Variant> variants;
  std::optional<Loaded> unmapped;
  const std::optional<std::string> &faults = args.run.faults;
  if (!study.hasFaults) {
    variants.push_back({"", &study.loaded, faults});
  } else if (isCompiled) {
    variants.push_back({"no faults", &study.loaded, "none"});
    variants.push_back({"with faults", &study.loaded, faults});
  } else {
    CompileOptions plain = args.compile;
    plain.faults = "none";
    auto compiled = loadAtBatch(args.model, plain, args.data, *data);
    if (!compiled)
      return compiled.error();
    unmapped = std::move(*compiled);
    variants.push_back({"no faults", &*unmapped, "none"});
    variants.push_back(
        {"with faults, not mapped around", &*unmapped, args.compile.faults});
    if (args.compile.mapAroundFaults)
      variants.push_back({"with faults, mapped around", &study.loaded, faults});
  }
  Passes passes(args, *data);
  for (const Variant &variant : variants) {
    auto start = std::chrono::steady_clock::now();
    auto accuracy = passes.run(variant);
    if (!accuracy)
      return accuracy.error();
    std::chrono::duration<double> took =
        std::chrono::steady_clock::now() - start;
    args.onVariant(*accuracy, passes.batch, took.count());
    study.accuracies.push_back(std::move(*accuracy));
  }
  if (variants.back().loaded == &study.loaded)
    study.cells = std::move(passes.cells);
  return study;
}
