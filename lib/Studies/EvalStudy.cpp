//===- EvalStudy.cpp - Several models, chips, ages, precisions ------------===//
//
// Each model is first computed in its own types: its classes and values are
// what the others are held against. Then each chip and precision is compiled
// for its cost, and, when values are wanted, run at each age with each seed.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Studies/EvalStudy.h"

#include "EvalSamples.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Faults.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Report/Study.h"
#include "hybridc/Support/OutputFile.h"
#include "hybridc/Support/Parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace hybridc;
using namespace hybridc::studies;

/// A large chip, so that whatever fits anywhere fits here; values in the
/// model's own types are the same on every chip.
static constexpr const char *referenceTarget = "hybrid-server";
static constexpr uint64_t sampleSeed = 1, calibrationSeed = 2;

namespace {
/// One model, with what its rows share.
struct Subject {
  std::string path, name;
  DataOptions options;
  DataSet data;
  bool hasData = false; ///< given or drawn
  CompileOptions compile;
  TemporaryFile calibration;
  double parameters = 0;
  std::optional<PassResult> reference;
};
} // namespace

/// Weights: elements of the model's constants that are no indices or shapes.
static double countParameters(mlir::ModuleOp module) {
  double count = 0;
  module.walk([&](hyb::ConstantOp op) {
    auto type = mlir::cast<mlir::RankedTensorType>(op.getType());
    mlir::Type element = type.getElementType();
    if (element.isFloat() ||
        (element.isInteger() && element.getIntOrFloatBitWidth() <= 8 &&
         element.getIntOrFloatBitWidth() > 1))
      count += double(type.getNumElements());
  });
  return count;
}

static Result<Loaded> load(const Subject &subject,
                           const CompileOptions &compile, int64_t batch) {
  if (!subject.hasData)
    return compileModel(subject.path, compile);
  DataOptions options = subject.options;
  options.batch = batch;
  return loadAtBatch(subject.path, compile, options, subject.data);
}

namespace {
/// An executor with a program's feeds, for passes with other seeds.
class Runner {
public:
  static Result<Runner> create(const Subject &subject, const Loaded &loaded,
                               const exec::ExecOptions &options) {
    Runner runner;
    auto entry = findEntry(loaded.program(), subject.options.entry);
    if (!entry)
      return entry.error();
    if ((*entry)->outputs.empty())
      return unsupported("the program has no output");
    runner.output = subject.options.output.empty() ? (*entry)->outputs[0].name
                                                   : subject.options.output;
    int64_t batch = 0;
    auto feeds = plan(subject.options, subject.data, **entry, batch);
    if (!feeds)
      return feeds.error();
    auto executor = exec::Executor::create(loaded.program(), options);
    if (!executor)
      return executor.error();
    runner.executor = std::move(*executor);
    runner.evaluation = std::make_unique<Evaluation>(
        subject.data, std::move(*feeds), batch, **entry, runner.output);
    return runner;
  }

  Result<PassResult> pass(const std::string &head) {
    Progress progress;
    auto result =
        evaluation->pass(*executor, progress, head, /*keepValues=*/true);
    progress.clear();
    return result;
  }

  std::unique_ptr<exec::Executor> executor;
  std::string output; ///< that holds the scores

private:
  std::unique_ptr<Evaluation> evaluation;
};
} // namespace

static Result<PassResult> passInOwnTypes(const StudyArgs &args,
                                         const Subject &subject,
                                         const Loaded &loaded) {
  exec::ExecOptions options = args.run;
  options.noise = false;
  auto runner = Runner::create(subject, loaded, options);
  if (!runner)
    return runner.error();
  return runner->pass(subject.name + " in its own types: ");
}

static Status prepare(const StudyArgs &args, size_t number, Subject &subject) {
  subject.path = args.models[number];
  auto nameOf = [](const std::string &path) {
    return std::filesystem::path(path).filename().string();
  };
  subject.name = nameOf(subject.path);
  if (std::count_if(args.models.begin(), args.models.end(),
                    [&](const std::string &other) {
                      return nameOf(other) == subject.name;
                    }) > 1)
    subject.name = subject.path; // the folder tells them apart
  subject.compile = args.compile;
  subject.options = args.dataOptions;
  if (subject.path.ends_with(".hyb"))
    return usage(subject.name + " is compiled for one chip already; several "
                                "chips, ages or precisions take the model");
  if (!args.data.empty()) {
    subject.options.data = args.data[args.data.size() > 1 ? number : 0];
    auto data = readData(subject.options, /*needsLabels=*/false);
    if (!data)
      return data.error();
    subject.data = std::move(*data);
    subject.hasData = true;
  }
  CompileOptions exact = subject.compile;
  exact.target = referenceTarget;
  exact.precision = "exact";
  exact.calibration.clear();
  exact.faults = "none";
  exact.to = Phase::Import;
  auto imported = load(subject, exact, args.costBatch);
  if (!imported)
    return imported.error();
  subject.parameters = countParameters(imported->compilation->module());
  exact.to = Phase::Emit;
  auto loaded = load(subject, exact, subject.options.batch);
  if (!loaded)
    return loaded.error();
  auto entry = findEntry(loaded->program(), subject.options.entry);
  if (!entry)
    return entry.error();
  DataSet drawn;
  if (!subject.hasData) {
    auto ranges = drawData(**entry, 8, calibrationSeed);
    if (ranges)
      drawn = std::move(*ranges);
    else
      args.warn(subject.name + ": " + ranges.error().message);
    if (ranges && args.values && args.samples) {
      int64_t batch = (*entry)->inputs[0].view.shape[0];
      int64_t runs = (int64_t(args.samples) + batch - 1) / batch;
      auto data = drawData(**entry, uint64_t(runs * batch), sampleSeed);
      if (!data)
        return data.error();
      subject.data = std::move(*data);
      subject.hasData = true;
      subject.options.batch = batch;
    }
  }
  if (subject.compile.calibration.empty()) {
    const DataSet &from = drawn.inputs.empty() ? subject.data : drawn;
    if (!from.inputs.empty())
      if (Status status = writeCalibration(from, subject.calibration); !status)
        return status;
    subject.compile.calibration = subject.calibration.path;
  }
  if (!args.values || !subject.hasData)
    return {};
  auto result = passInOwnTypes(args, subject, *loaded);
  if (result) {
    subject.reference = std::move(*result);
    return {};
  }
  if (!args.data.empty())
    return result.error();
  // What was drawn need not be what the model takes: cost is known all the
  // same.
  args.warn(fmt::format("{}: no values: {}; --data gives inputs", subject.name,
                        result.error().message));
  return {};
}

/// ‖got − want‖ / ‖want‖.
static double relativeError(const std::vector<double> &got,
                            const std::vector<double> &want) {
  double off = 0, all = 0;
  for (size_t i = 0; i < want.size() && i < got.size(); ++i) {
    off += (got[i] - want[i]) * (got[i] - want[i]);
    all += want[i] * want[i];
  }
  return got.size() == want.size() && all > 0 ? std::sqrt(off / all) : NAN;
}

static double percentEqual(const std::vector<int64_t> &a,
                           const std::vector<int64_t> &b) {
  return a.empty() ? 0 : 100.0 * double(countEqual(a, b)) / double(a.size());
}

/// How right the values of `runner` are at the row's age.
static Result<report::Scores> scoresOf(const StudyArgs &args,
                                       const Subject &subject,
                                       const Loaded &loaded, Runner &runner,
                                       const report::StudyRow &row,
                                       const std::string &what = "") {
  std::vector<double> top1, agreement, errors;
  report::Scores scores;
  const std::string &output = runner.output;
  // Without arrays there is no noise.
  unsigned seeds = loaded.program().arrays.empty() || !args.run.noise
                       ? 1
                       : std::max(1u, args.seeds);
  for (unsigned i = 0; i < seeds; ++i) {
    runner.executor->reseed(args.run.seed + i, row.age_s);
    auto result =
        runner.pass(fmt::format("{} on {}{}, seed {} of {}: ", row.model,
                                row.target, what, i + 1, seeds));
    if (!result)
      return result.error();
    if (!result->classes.empty()) {
      agreement.push_back(
          percentEqual(result->classes, subject.reference->classes));
      if (!subject.data.labels.empty()) {
        auto labels = labelsAs(*result, subject.options, subject.data, output);
        if (!labels)
          return labels.error();
        top1.push_back(percentEqual(result->classes, *labels));
      }
      scores.notFinite = std::max(scores.notFinite, result->numNotFinite);
    }
    double error = relativeError(result->values, subject.reference->values);
    if (std::isfinite(error))
      errors.push_back(error);
  }
  // Of inputs that were drawn, cost is known all the same.
  if (!args.data.empty() && scores.notFinite && scores.notFinite == row.samples)
    return invalidInput(fmt::format("output '{}' is NaN or infinite for all {} "
                                    "samples",
                                    output, row.samples));
  if (!top1.empty())
    scores.top1_percent = report::spreadOf(top1);
  if (!agreement.empty())
    scores.agreement_percent = report::spreadOf(agreement);
  if (!errors.empty())
    scores.relativeError = report::spreadOf(errors);
  return scores;
}

/// Sets the rows' own scores, or what `into` picks of each. Where nothing
/// ages, they are those of the first row.
static Status
score(const StudyArgs &args, const Subject &subject, const Loaded &loaded,
      const std::optional<std::string> &faults,
      std::vector<report::StudyRow> &rows,
      const std::function<report::Scores &(report::StudyRow &)> &into,
      const std::string &what = "") {
  exec::ExecOptions options = args.run;
  options.age_s = rows[0].age_s;
  options.faults = faults;
  auto runner = Runner::create(subject, loaded, options);
  if (!runner)
    return runner.error();
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i && loaded.program().arrays.empty()) {
      into(rows[i]) = into(rows[0]);
      continue;
    }
    auto scores = scoresOf(args, subject, loaded, *runner, rows[i], what);
    if (!scores)
      return scores.error();
    into(rows[i]) = *scores;
  }
  return {};
}

/// Compiled for the values, with the engines and formats that `auto` chose for
/// `results`: at another batch it might choose others, and the values would be
/// those of another program than the one whose cost is told.
static Result<Loaded> loadForValues(const Subject &subject,
                                    const CompileOptions &compile,
                                    const report::Results &results) {
  if (compile.precision != "auto")
    return load(subject, compile, subject.options.batch);
  CompileOptions placed = compile;
  for (const report::NodeRow &node : results.nodes)
    if (node.macs > 0) {
      std::string first = node.name.substr(0, node.name.find('+'));
      placed.place.emplace(first, node.engine);
      placed.setPrecision.emplace(first, node.precision);
    }
  auto loaded = load(subject, placed, subject.options.batch);
  if (loaded)
    return loaded;
  // A node that has no such name there: engines are chosen anew.
  return load(subject, compile, subject.options.batch);
}

/// What the chip's faults cost: the weights without any, with them but placed
/// as if there were none. The rows' own scores are there already.
static Status scoreFaults(const StudyArgs &args, const Subject &subject,
                          const CompileOptions &compile,
                          const report::Results &results,
                          std::vector<report::StudyRow> &rows) {
  report::FaultStudy study;
  study.isMapped = compile.mapAroundFaults;
  if (results.arrays) {
    study.relativeError = results.arrays->relativeError();
    study.relativeUnmappedError = results.arrays->relativeUnmappedError();
  }
  for (report::StudyRow &row : rows)
    row.faults = study;
  CompileOptions plain = compile;
  plain.faults = "none";
  auto unmapped = loadForValues(subject, plain, results);
  if (!unmapped)
    return unmapped.error();
  if (Status status = score(
          args, subject, *unmapped, "none", rows,
          [](report::StudyRow &row) -> auto & { return row.faults->clean; },
          ", no faults");
      !status)
    return status;
  return score(
      args, subject, *unmapped, compile.faults, rows,
      [](report::StudyRow &row) -> auto & { return row.faults->unmapped; },
      ", not mapped around");
}

/// The file of ranges when its inputs were drawn; else empty.
static std::string drawnCalibration(const StudyArgs &args,
                                    const Subject &subject) {
  return args.data.empty() ? subject.calibration.path : std::string();
}

/// The rows of one chip and precision, one for each age.
static Status evaluate(const StudyArgs &args, const Subject &subject,
                       std::vector<report::StudyRow> &rows) {
  CompileOptions compile = subject.compile;
  compile.target = rows[0].target;
  compile.precision = rows[0].precision;
  std::optional<std::string> faults = args.run.faults;
  if (rows[0].isBeside) { // the faults asked about are not those of this chip
    compile.faults.clear();
    faults.reset();
  }
  auto loaded = load(subject, compile, args.costBatch);
  if (!loaded && !drawnCalibration(args, subject).empty()) {
    // Again, what was drawn need not be what the model takes.
    compile.calibration.clear();
    std::string why = loaded.error().message;
    loaded = load(subject, compile, args.costBatch);
    if (loaded)
      args.warn(
          fmt::format("{} on {}: not calibrated: {}; --calibrate gives inputs",
                      subject.name, rows[0].target, why));
  }
  if (!loaded)
    return loaded.error();
  auto entry = findEntry(loaded->program(), subject.options.entry);
  if (!entry)
    return entry.error();
  report::CollectOptions collect;
  collect.occupancy = collect.edges = false;
  auto results = loaded->collect(subject.options.entry, collect);
  if (!results)
    return results.error();
  auto chip =
      chip::parseChip(loaded->program().chipYaml, "chip of the program");
  if (!chip)
    return chip.error();
  for (report::StudyRow &row : rows) {
    row.parameters = subject.parameters;
    const auto &inputs = (*entry)->inputs;
    row.batch = inputs.empty() || inputs[0].view.shape.empty()
                    ? 1
                    : std::max<uint64_t>(1, inputs[0].view.shape[0]);
    report::setCost(row, *results, *chip);
  }
  if (!subject.reference)
    return {};
  std::optional<Loaded> other;
  if (subject.options.batch != args.costBatch && !args.data.empty()) {
    auto atBatch = loadForValues(subject, compile, *results);
    if (!atBatch)
      return atBatch.error();
    other = std::move(*atBatch);
  }
  const Loaded &program = other ? *other : *loaded;
  for (report::StudyRow &row : rows)
    row.samples = uint64_t(subject.data.samples);
  if (Status status =
          score(args, subject, program, faults, rows,
                [](report::StudyRow &row) -> report::Scores & { return row; });
      !status)
    return status;
  auto broken = chip::loadFaults(compile.faults, *chip);
  if (!broken)
    return broken.error();
  if (broken->empty() || program.program().arrays.empty())
    return {};
  return scoreFaults(args, subject, compile, *results, rows);
}

Result<report::Study> studies::runStudy(const StudyArgs &args) {
  if (args.data.size() > 1 && args.data.size() != args.models.size())
    return usage(fmt::format("--data is given {} times for {} models: "
                             "give it once, or once for each",
                             args.data.size(), args.models.size()));
  for (const std::string &path : args.reports)
    if (Status status = report::checkStudyPath(path); !status)
      return usage("--" + status.error().message);
  std::vector<std::string> given(args.models);
  given.insert(given.end(), args.data.begin(), args.data.end());
  if (Status status = checkOutputs(args.reports, given); !status)
    return status.error();
  std::vector<double> ages;
  for (const std::string &age : args.ages) {
    auto seconds = parseDuration(age);
    if (!seconds)
      return seconds.error();
    ages.push_back(*seconds);
  }
  report::Study study;
  study.beside = args.beside;
  study.seeds = args.seeds;
  study.compensate = args.compensate;
  study.command = args.command;
  if (!args.data.empty())
    study.data = fmt::format("{}", fmt::join(args.data, ", "));
  else if (args.values && args.samples)
    study.data = fmt::format("{} samples drawn from N(0, 1)", args.samples);
  study.calibration =
      !args.compile.calibration.empty() ? args.compile.calibration
      : !args.data.empty() ? "the first 100 samples of the data itself"
                           : "8 samples drawn from N(0, 1)";
  for (size_t m = 0; m < args.models.size(); ++m) {
    Subject subject;
    Status isReady = prepare(args, m, subject);
    // (target, precision, is beside)
    std::vector<std::tuple<std::string, std::string, bool>> all;
    for (const std::string &target : args.targets)
      if (std::find(args.beside.begin(), args.beside.end(), target) ==
          args.beside.end())
        for (const std::string &precision : args.precisions)
          all.emplace_back(target, precision, false);
    for (const std::string &target : args.beside)
      all.emplace_back(target, "auto", true);
    for (const auto &[target, precision, isBeside] : all) {
      std::vector<report::StudyRow> rows;
      for (double age : ages) {
        report::StudyRow row;
        row.model = subject.name;
        row.target = target;
        row.precision = precision;
        row.age_s = age;
        row.isBeside = isBeside;
        rows.push_back(std::move(row));
        if (isBeside)
          break; // digital: no age
      }
      Status status = isReady ? evaluate(args, subject, rows) : isReady;
      for (report::StudyRow &row : rows) {
        if (!status) {
          row.error = status.error().message;
          row.exitCode = int(status.error().code);
        }
        study.rows.push_back(std::move(row));
      }
    }
  }
  return study;
}
