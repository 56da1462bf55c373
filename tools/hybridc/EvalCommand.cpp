//===- EvalCommand.cpp - hybridc eval -------------------------------------===//
//
// Accuracy of one model on one chip over a data set; of several models, chips,
// ages or precisions, a study (EvalStudy.h).
//
//===----------------------------------------------------------------------===//
#include "Commands.h"

#include "hybridc/Studies/AccuracyStudy.h"
#include "hybridc/Studies/EvalStudy.h"

#include "hybridc/Chip/Chip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct EvalArgs {
  CompileFlags compile;
  RunFlags run;
  ReportFlags report;
  DataOptions data;
  std::string model;
  unsigned seeds = 1;
  // Lists: one of each is a plain evaluation.
  std::vector<std::string> models, dataFiles, targets, precisions, ages, beside;
  uint64_t samples = 16;
  int64_t costBatch = 1;
  std::string values = "on";
};
} // namespace

static void print(const report::Accuracy &accuracy, int64_t batch,
                  double seconds) {
  fmt::print("accuracy {}", report::accuracyText(accuracy));
  fmt::print(", batch {}, {:.1f} s{}\n", batch, seconds,
             accuracy.what.empty() ? "" : ": " + accuracy.what);
  std::fflush(stdout);
}

/// What a report must not be written over.
static std::vector<std::string> inputFiles(const EvalArgs &args) {
  std::vector<std::string> files(args.models);
  files.insert(files.end(), args.dataFiles.begin(), args.dataFiles.end());
  files.push_back(args.compile.options.calibration);
  files.push_back(args.compile.options.target);
  return files;
}

static void noteFixed(EvalArgs &args) {
  for (const auto &[name, value] : args.compile.options.import.values)
    args.data.fixed.insert(name);
}

/// Options that say nothing about this kind of evaluation.
static Status checkEvalOptions(const EvalArgs &args, bool isTable) {
  const CLI::App &app = *args.compile.app;
  Status status =
      args.dataFiles.empty()
          ? refuseGiven(app, {"--labels", "--limit", "--batch"},
                        "about --data, which is not given: inputs are drawn")
          : refuseGiven(app, {"--samples"}, "the samples are those of --data");
  if (status && !isTable)
    status = refuseGiven(app, {"--cost-batch"},
                         "counts in tables, of several models, chips, "
                         "precisions or ages");
  return status;
}

static int runEval(EvalArgs &args) {
  for (const Status &status :
       {args.compile.finish(args.model), args.run.finish(args.compile),
        args.report.check(inputFiles(args))})
    if (!status)
      return fail(status.error());
  noteFixed(args);
  auto study =
      measureAccuracy({args.model, args.compile.options, args.run.options,
                       args.data, args.seeds, print});
  if (!study)
    return fail(study.error());
  if (!args.report.any() && !study->hasFaults)
    return 0;
  report::CollectOptions collect = args.report.collectOptions();
  collect.age_s = args.run.options.age_s;
  collect.cells = std::move(study->cells);
  auto results = study->loaded.collect(args.data.entry, collect);
  if (!results)
    return args.report.any() ? fail(results.error()) : 0;
  if (study->hasFaults)
    for (const auto &[head, text] : report::healthLines(*results))
      if (head == "faults")
        fmt::print("{}\n", text);
  results->accuracies = std::move(study->accuracies);
  if (Status status = args.report.write(*results); !status)
    return fail(status.error());
  return 0;
}

/// Several of anything, no data, or chips to compare with.
static bool isStudy(const EvalArgs &args) {
  return args.models.size() > 1 || args.targets.size() > 1 ||
         args.precisions.size() > 1 || args.ages.size() > 1 ||
         args.dataFiles.size() != 1 || !args.beside.empty() ||
         args.targets[0] == "all" || args.values == "off";
}

static int runStudyOf(EvalArgs &args, const std::string &commandLine) {
  StudyArgs study;
  for (const std::string &model : args.models)
    if (Status status = checkModelOptions(*args.compile.app, model); !status)
      return fail(status.error());
  if (Status status = args.compile.finish(args.models[0]); !status)
    return fail(status.error());
  noteFixed(args);
  args.run.texts.age = "0s";
  if (Status status = args.run.finish(args.compile); !status)
    return fail(status.error());
  study.models = args.models;
  study.data = args.dataFiles;
  study.precisions = args.precisions;
  study.ages = args.ages;
  for (const std::string &target : args.targets)
    for (const std::string &name : target == "all"
                                       ? chip::presetNames()
                                       : std::vector<std::string>{target})
      if (std::find(study.targets.begin(), study.targets.end(), name) ==
          study.targets.end())
        study.targets.push_back(name);
  study.beside = args.beside;
  if (study.beside.empty())
    study.beside = {"gpu-a100", "tpu-v4"};
  else if (study.beside.size() == 1 && study.beside[0] == "none")
    study.beside.clear();
  study.compile = args.compile.options;
  study.run = args.run.options;
  study.dataOptions = args.data;
  study.reports = args.report.reports;
  study.seeds = args.seeds;
  study.samples = args.samples;
  study.costBatch = args.costBatch;
  study.values = args.values == "on";
  study.compensate = args.run.texts.compensate;
  study.command = commandLine;
  study.warn = warn;
  auto done = runStudy(study);
  if (!done)
    return fail(done.error());
  fmt::print("{}", report::studyTable(*done));
  for (const std::string &path : study.reports)
    if (Status status = report::writeStudy(*done, path); !status)
      return fail(status.error());
  // What could not be done is a row; the first one's code is the command's.
  for (const report::StudyRow &row : done->rows)
    if (row.exitCode)
      return row.exitCode;
  return 0;
}

void driver::addEval(CLI::App &app, Action &action) {
  auto args = std::make_shared<EvalArgs>();
  CLI::App *sub = app.add_subcommand(
      "eval", "accuracy over a data set; cost and accuracy of models on chips");
  sub->add_option("MODEL", args->models,
                  "models to compile, or one .hyb; several of models, "
                  "--target, --precision or --age: a table of all of them")
      ->required();
  sub->add_option("--data", args->dataFiles,
                  ".npz file with an array for each input, and the labels; "
                  "of several models one for all, or one for each")
      ->allow_extra_args(false)
      ->group("Data");
  sub->add_option("--samples", args->samples,
                  "without --data: inputs to draw from N(0, 1), to compare "
                  "with the float model; 0: compute no values")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000))
      ->group("Data");
  sub->add_option("--labels", args->data.labels, "array that holds the labels")
      ->capture_default_str()
      ->group("Data");
  sub->add_option("--limit", args->data.limit,
                  "only the first N samples; 0 = all")
      ->capture_default_str()
      ->check(wholeNumber())
      ->group("Data");
  sub->add_option("--batch", args->data.batch,
                  "samples at once, where the model leaves it open")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000))
      ->group("Data");
  sub->add_option("--output", args->data.output,
                  "output that holds the scores; default: the first")
      ->group("Data");
  sub->add_option("--entry", args->data.entry, "what to run")
      ->capture_default_str()
      ->group("Run");
  sub->add_option("--seeds", args->seeds,
                  "passes, each with another noise seed: mean ± deviation")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000))
      ->group("Run");
  sub->add_option("--values", args->values, "off: cost alone, without accuracy")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}))
      ->group("Run");
  sub->add_option("--cost-batch", args->costBatch,
                  "in a table: inferences of one run, of which latency and "
                  "energy are told")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000))
      ->group("Run");
  args->run.add(*sub);
  args->report.add(*sub, /*withTrace=*/false);
  args->compile.add(*sub);
  // Lists, in place of the single values that other subcommands take.
  args->targets = {args->compile.options.target};
  args->precisions = {args->compile.options.precision};
  args->ages = {args->run.texts.age};
  for (const char *name : {"--target", "--precision", "--age"})
    sub->remove_option(sub->get_option(name));
  sub->add_option(
         "--target", args->targets,
         "chips: presets, YAML files, or all (every preset); several with "
         "commas, or the option again")
      ->capture_default_str()
      ->allow_extra_args(false)
      ->delimiter(',')
      ->group("Model and chip");
  sub->add_option("--beside", args->beside,
                  "chips to compare with in a table, or none; default: "
                  "gpu-a100,tpu-v4")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->group("Model and chip");
  sub->add_option("--precision", args->precisions,
                  "auto, exact, fp32, bf16, int8 or analog")
      ->capture_default_str()
      ->check(CLI::IsMember(precisionNames()))
      ->allow_extra_args(false)
      ->delimiter(',')
      ->group("Choices");
  sub->add_option("--age", args->ages, "times since programming: 20s,1h,1d,1y")
      ->capture_default_str()
      ->allow_extra_args(false)
      ->delimiter(',')
      ->group("Run");
  sub->callback([args, &action] {
    action.run = [args, line = action.commandLine] {
      bool isTable = isStudy(*args);
      if (Status status = checkEvalOptions(*args, isTable); !status)
        return fail(status.error());
      if (isTable)
        return runStudyOf(*args, line);
      args->model = args->models[0];
      args->data.data = args->dataFiles[0];
      args->compile.options.target = args->targets[0];
      args->compile.options.precision = args->precisions[0];
      args->run.texts.age = args->ages[0];
      return runEval(*args);
    };
  });
}
