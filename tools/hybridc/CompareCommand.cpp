//===- CompareCommand.cpp - hybridc compare -------------------------------===//
#include "Commands.h"
#include "hybridc/Studies/PerLayer.h"

#include "hybridc/Support/OutputFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct CompareArgs {
  CompileFlags compile;
  RunFlags run;
  Tolerance tolerance;
  std::string model, metric = "max", entry = "infer", expect, csv;
  std::vector<std::string> inputs;
  bool perLayer = false, asJson = false, isJudged = false;
};
} // namespace

/// The expected tensor of an output: by name, else by the file's number.
static const NamedTensor *findExpected(const std::vector<NamedTensor> &expected,
                                       const std::string &name,
                                       size_t position) {
  for (const NamedTensor &tensor : expected)
    if (tensor.name == name)
      return &tensor;
  for (const NamedTensor &tensor : expected)
    if (tensor.position == int(position) && tensor.name.empty())
      return &tensor;
  return nullptr;
}

/// Prints the figures of each output; the exit code.
static int compareOutputs(const CompareArgs &args,
                          const std::vector<NamedTensor> &outputs,
                          const std::vector<NamedTensor> &expected) {
  size_t numCompared = 0;
  bool isFine = true;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const NamedTensor &output = outputs[i];
    const NamedTensor *want = findExpected(expected, output.name, i);
    if (!want) {
      warn(fmt::format("{} says nothing about output '{}'", args.expect,
                       output.name));
      continue;
    }
    if (Status status = checkNumbers(
            *want,
            fmt::format("output '{}' is {}", output.name,
                        typeText(output.tensor.type, output.tensor.shape)));
        !status)
      return fail(status.error());
    ++numCompared;
    Comparison result =
        compareTensors(output.tensor, want->tensor, args.tolerance);
    isFine &= result.isWithin;
    fmt::print("{} {}: {}\n", result.isWithin ? "ok  " : "FAIL", output.name,
               result.text);
  }
  if (numCompared == 0)
    return fail(invalidInput(args.expect + ": none of its arrays is an output "
                                           "of the program"));
  return isFine ? 0 : static_cast<int>(ExitCode::Mismatch);
}

/// Rejects combinations of options that mean nothing.
static Status checkPerLayer(const CompareArgs &args) {
  if (!args.perLayer) {
    if (args.expect.empty())
      return usage("--expect is required, unless --per-layer is given");
    if (args.asJson || !args.csv.empty())
      return usage(std::string(args.asJson ? "--json" : "--csv") +
                   " is a form of --per-layer");
    return {};
  }
  if (args.model.ends_with(".hyb"))
    return usage(args.model +
                 ": --per-layer compiles the model a second time, exactly; "
                 "a compiled program holds no model: give the model, with the "
                 "options that the program was compiled with");
  if (args.compile.options.precision == "exact")
    return usage("--per-layer compares with the exact build; choose another "
                 "--precision");
  if (args.entry != "infer")
    return usage("--per-layer is of the entry 'infer'");
  return {};
}

static int runPerLayer(CompareArgs &args,
                       const std::vector<NamedTensor> &inputs,
                       const std::vector<NamedTensor> &expected) {
  auto table = compareLayers(args.model, args.compile.options, args.run.options,
                             inputs, args.tolerance);
  if (!table)
    return fail(table.error());
  std::string text = args.asJson
                         ? layersJson(*table, args.model, args.compile.options,
                                      args.run.options)
                     : args.csv == "-" ? layersCsv(*table)
                                       : layersTable(*table, args.isJudged);
  fwrite(text.data(), 1, text.size(), stdout);
  if (!args.csv.empty() && args.csv != "-")
    if (Status status = writeTextFile(args.csv, layersCsv(*table)); !status)
      return fail(status.error());
  if (!args.expect.empty())
    if (int code = compareOutputs(args, table->outputs, expected))
      return code;
  bool isFine =
      !args.isJudged ||
      std::all_of(table->rows.begin(), table->rows.end(),
                  [](const LayerRow &row) { return row.comparison.isWithin; });
  return isFine ? 0 : static_cast<int>(ExitCode::Mismatch);
}

static int runCompare(CompareArgs &args) {
  for (const Status &status :
       {args.compile.finish(args.model), args.run.finish(args.compile),
        checkPerLayer(args)})
    if (!status)
      return fail(status.error());
  std::vector<std::string> given(args.inputs);
  given.insert(given.end(), {args.model, args.expect});
  if (Status status = checkOutputs({args.csv}, given); !status)
    return fail(status.error());
  args.tolerance.metric = *parseMetric(args.metric);
  std::vector<NamedTensor> expected, inputs;
  if (!args.expect.empty())
    if (Status status = readTensors(args.expect, "output", expected); !status)
      return fail(status.error());
  for (const std::string &text : args.inputs)
    if (Status status = readTensors(text, "input", inputs); !status)
      return fail(status.error());
  if (Status status = dropFixed(args.compile.options.import, inputs); !status)
    return fail(status.error());
  if (args.perLayer)
    return runPerLayer(args, inputs, expected);
  auto loaded = loadProgram(args.model, args.compile.options, inputs);
  if (!loaded)
    return fail(loaded.error());
  auto entry = findEntry(loaded->program(), args.entry);
  if (!entry)
    return fail(entry.error());
  // Without --inputs, one file may hold both.
  if (args.inputs.empty())
    for (const NamedTensor &tensor : expected)
      for (const stream::Binding &binding : (*entry)->inputs)
        if (tensor.name == binding.name)
          inputs.push_back(tensor);
  auto executor = exec::Executor::create(loaded->program(), args.run.options);
  if (!executor)
    return fail(executor.error());
  if (Status status = setInputs(**executor, **entry, inputs); !status)
    return fail(status.error());
  if (Status status = (*executor)->run((*entry)->name); !status)
    return fail(status.error());
  auto outputs = getOutputs(**executor, **entry);
  if (!outputs)
    return fail(outputs.error());
  return compareOutputs(args, *outputs, expected);
}

void driver::addCompare(CLI::App &app, Action &action) {
  auto args = std::make_shared<CompareArgs>();
  CLI::App *sub = app.add_subcommand(
      "compare", "run, and compare the outputs with expected ones");
  sub->add_option("PROGRAM", args->model, ".hyb, or a model to compile first")
      ->required();
  sub->add_option("--expect", args->expect,
                  "FILE.npz or a folder with output_0.pb …; needed unless "
                  "--per-layer")
      ->group("Comparison");
  sub->add_option("--inputs", args->inputs,
                  "as for run; without it, inputs are sought in --expect")
      ->group("Comparison");
  sub->add_option("--rtol", args->tolerance.rtol,
                  "relative tolerance; of l2: of the relative error")
      ->capture_default_str()
      ->check(within(0, kAnyLarger))
      ->group("Comparison");
  sub->add_option("--atol", args->tolerance.atol, "absolute tolerance")
      ->capture_default_str()
      ->check(within(0, kAnyLarger))
      ->group("Comparison");
  CLI::Option *metric =
      sub->add_option("--metric", args->metric, "max, l2, cosine, snr or top1")
          ->capture_default_str()
          ->check(CLI::IsMember({"max", "l2", "cosine", "snr", "top1"}))
          ->group("Comparison");
  sub->add_option("--threshold", args->tolerance.threshold,
                  "least cosine (default 0.999), snr in dB (40) or share of "
                  "equal top1 (1)")
      ->check(within(-kAnyLarger, kAnyLarger))
      ->group("Comparison");
  sub->add_flag("--per-layer", args->perLayer,
                "how far the result of each group of nodes is from that of the "
                "exact build; with --metric, exits with 1 when one is outside")
      ->group("Comparison");
  sub->add_flag("--json", args->asJson, "print --per-layer as JSON")
      ->group("Comparison");
  sub->add_option("--csv", args->csv,
                  "file for --per-layer as CSV; - is stdout")
      ->group("Comparison");
  sub->add_option("--entry", args->entry, "what to run")
      ->capture_default_str()
      ->group("Run");
  args->run.add(*sub);
  args->compile.add(*sub);
  sub->callback([args, metric, &action] {
    args->isJudged = metric->count() > 0;
    action.run = [args] { return runCompare(*args); };
  });
}
