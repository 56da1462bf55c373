//===- RunCommand.cpp - hybridc run ---------------------------------------===//
#include "Commands.h"
#include "ThermalFlags.h"

#include "hybridc/Support/Process.h"
#include "hybridc/Support/Progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <omp.h>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct RunArgs {
  CompileFlags compile;
  RunFlags run;
  ReportFlags report;
  ThermalFlags thermal;
  std::string model, output, entry = "infer", values = "on";
  std::vector<std::string> inputs, before;
  unsigned repeat = 1;
};
} // namespace

/// "y: f32 1x10, from -3.1 to 4.2, mean 0.1".
static std::string describe(const NamedTensor &output) {
  std::string text = fmt::format(
      "{}: {}", output.name, typeText(output.tensor.type, output.tensor.shape));
  std::vector<double> values = asDoubles(output.tensor);
  if (values.empty())
    return text;
  if (values.size() <= 8)
    return fmt::format("{} = {:.6g}", text, fmt::join(values, " "));
  double least = INFINITY, most = -INFINITY, sum = 0;
  size_t numOdd = 0;
  for (double value : values) {
    if (!std::isfinite(value)) {
      ++numOdd;
      continue;
    }
    least = std::min(least, value);
    most = std::max(most, value);
    sum += value;
  }
  if (numOdd < values.size())
    text += fmt::format(", from {:.6g} to {:.6g}, mean {:.6g}", least, most,
                        sum / double(values.size() - numOdd));
  if (numOdd)
    text += fmt::format(", {} not finite", numOdd);
  return text;
}

static void printTotals(const report::Results &results) {
  const report::Totals &totals = results.totals;
  fmt::print("{} on {}: {} ({} cycles), {}, {}, {} DRAM traffic, {} of "
             "scratchpad\n",
             results.entry, results.target, report::timeText(totals.latency_ns),
             report::groupedText(double(totals.cycles)),
             report::energyText(totals.energy_pj),
             report::withUnit(totals.averagePower_w, "W"),
             report::bytesText(totals.dramRead_bytes + totals.dramWrite_bytes),
             report::bytesText(double(totals.peakSram_bytes)));
}

static bool takes(const stream::Entry &entry, const NamedTensor &input) {
  return std::any_of(entry.inputs.begin(), entry.inputs.end(),
                     [&](const stream::Binding &binding) {
                       return binding.name == input.name;
                     });
}

/// The inputs without those that only another one of the entries that run
/// takes: what belongs to none of them is left, to be named.
static std::vector<NamedTensor> inputsOf(const stream::Entry &entry,
                                         const std::vector<NamedTensor> &all,
                                         const stream::Program &program,
                                         std::vector<std::string> names) {
  std::vector<NamedTensor> own;
  for (const NamedTensor &input : all)
    if (takes(entry, input) ||
        std::none_of(names.begin(), names.end(), [&](const std::string &name) {
          const stream::Entry *other = program.findEntry(name);
          return other && takes(*other, input);
        }))
      own.push_back(input);
  return own;
}

/// All entries that run.
static std::vector<std::string> entriesOf(const RunArgs &args) {
  std::vector<std::string> names(args.before);
  names.push_back(args.entry);
  return names;
}

/// Runs the entries of --before, once each: what they leave in arrays and state
/// is what the entry proper finds.
static Status runBefore(const RunArgs &args, const stream::Program &program,
                        const std::vector<NamedTensor> &inputs,
                        exec::Executor &executor) {
  for (const std::string &name : args.before) {
    auto entry = findEntry(program, name);
    if (!entry)
      return entry.error();
    if (Status status =
            setInputs(executor, **entry,
                      inputsOf(**entry, inputs, program, entriesOf(args)));
        !status)
      return status;
    if (Status status = executor.run(name); !status)
      return status;
  }
  return {};
}

/// Computes the values and prints them; the wall times of the repetitions.
static Result<report::RunInfo>
compute(const RunArgs &args, const stream::Program &program,
        const stream::Entry &entry, const std::vector<NamedTensor> &inputs,
        std::vector<uint8_t> &decisions, bool &hasDecisions,
        report::CollectOptions &collect) {
  auto executor = exec::Executor::create(program, args.run.options);
  if (!executor)
    return executor.error();
  if (Status status = runBefore(args, program, inputs, **executor); !status)
    return status.error();
  if (Status status = setInputs(
          **executor, entry, inputsOf(entry, inputs, program, entriesOf(args)));
      !status)
    return status.error();
  Progress progress;
  std::vector<double> seconds;
  for (unsigned i = 0; i < args.repeat; ++i) {
    progress.show(fmt::format("run {} of {}", i + 1, args.repeat));
    if (Status status = checkInputFiles(); !status)
      return status.error();
    auto start = std::chrono::steady_clock::now();
    if (Status status = (*executor)->run(entry.name); !status)
      return status.error();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count());
  }
  progress.clear();
  if (const std::vector<uint8_t> *taken = (*executor)->decisions()) {
    decisions = *taken;
    hasDecisions = true;
  }
  collect.updates = (*executor)->updateCounts();
  collect.cells = (*executor)->cellEnergies(entry.name);
  auto outputs = getOutputs(**executor, entry);
  if (!outputs)
    return outputs.error();
  if (!args.output.empty())
    if (Status status = writeTensors(args.output, "output", *outputs); !status)
      return status.error();
  for (const NamedTensor &output : *outputs)
    fmt::print("{}\n", describe(output));
  std::sort(seconds.begin(), seconds.end());
  report::RunInfo info;
  info.seconds = seconds[seconds.size() / 2];
  info.threads = args.run.options.threads
                     ? args.run.options.threads
                     : static_cast<unsigned>(omp_get_max_threads());
  info.repeats = args.repeat;
  info.seed = args.run.options.seed;
  info.noise = args.run.options.noise;
  info.age_s = args.run.options.age_s;
  if (args.repeat > 1)
    fmt::print("computed {} times on the host, {} at least, {} in the median\n",
               args.repeat, report::withUnit(seconds.front(), "s"),
               report::withUnit(info.seconds, "s"));
  return info;
}

static int runRun(RunArgs &args) {
  for (const Status &status :
       {args.compile.finish(args.model), args.run.finish(args.compile),
        args.thermal.finish()})
    if (!status)
      return fail(status.error());
  std::vector<std::string> given(args.inputs);
  given.insert(given.end(), {args.model, args.compile.options.calibration,
                             args.compile.options.target});
  if (Status status = args.report.check(given, {args.output}); !status)
    return fail(status.error());
  bool hasValues = args.values == "on";
  if (!hasValues && !args.output.empty())
    return fail(usage("--outputs needs values; leave out --values off"));
  if (!hasValues && !args.before.empty())
    return fail(usage("--before is about values; leave out --values off"));
  std::vector<NamedTensor> inputs;
  for (const std::string &text : args.inputs)
    if (Status status = readTensors(text, "input", inputs); !status)
      return fail(status.error());
  if (Status status = dropFixed(args.compile.options.import, inputs); !status)
    return fail(status.error());
  auto loaded = loadProgram(args.model, args.compile.options, inputs);
  if (!loaded)
    return fail(loaded.error());
  auto entry = findEntry(loaded->program(), args.entry);
  if (!entry)
    return fail(entry.error());
  report::RunInfo info;
  std::vector<uint8_t> decisions; // the clock goes the way that the values went
  bool hasDecisions = false;
  report::CollectOptions collect = args.report.collectOptions();
  if (hasValues) {
    auto computed = compute(args, loaded->program(), **entry, inputs, decisions,
                            hasDecisions, collect);
    if (!computed)
      return fail(computed.error());
    info = *computed;
  }
  collect.runs = args.repeat;
  collect.age_s = hasValues ? args.run.options.age_s : 0;
  collect.decisions = hasDecisions ? &decisions : nullptr;
  auto results = loaded->collect(args.entry, collect);
  if (!results) {
    // The values are right even where the clock has nothing to say.
    if (args.report.any() || !hasValues)
      return fail(results.error());
    warn("no cycles and energy: " + results.error().message);
    return 0;
  }
  if (hasValues)
    results->run = info;
  printTotals(*results);
  for (const std::string &note : results->notes)
    fmt::print("note: {}\n", note);
  if (Status status =
          args.thermal.study(loaded->program(), args.report.any(), *results);
      !status)
    return fail(status.error());
  if (Status status = args.report.write(*results); !status)
    return fail(status.error());
  return 0;
}

void driver::addRun(CLI::App &app, Action &action) {
  auto args = std::make_shared<RunArgs>();
  CLI::App *sub = app.add_subcommand("run", "run a command stream or a model");
  sub->add_option("PROGRAM", args->model, ".hyb, or a model to compile first")
      ->required();
  sub->add_option("--inputs", args->inputs,
                  "FILE.npz, NAME=FILE.npy or a folder with input_0.pb …; may "
                  "be repeated")
      ->group("Run");
  sub->add_option("--outputs", args->output,
                  "FILE.npz to write, or a folder for output_0.pb …")
      ->group("Run");
  sub->add_option("--entry", args->entry, "what to run")
      ->capture_default_str()
      ->group("Run");
  sub->add_option("--before", args->before,
                  "entry to run once first, on the same chip; may be repeated")
      ->group("Run");
  sub->add_option("--values", args->values,
                  "compute values: on, or off for cycles and energy alone")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}))
      ->group("Run");
  sub->add_option("--repeat", args->repeat, "times to run it")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000000))
      ->group("Run");
  args->run.add(*sub);
  args->report.add(*sub, /*withTrace=*/true);
  args->thermal.add(*sub);
  args->compile.add(*sub);
  sub->callback(
      [args, &action] { action.run = [args] { return runRun(*args); }; });
}
