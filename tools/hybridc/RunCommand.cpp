//===- RunCommand.cpp - hybridc run ---------------------------------------===//
#include "Commands.h"
#include "ThermalFlags.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

/// Writes and prints what was computed; what reports say of it.
static Result<report::RunInfo> tell(const RunArgs &args,
                                    const RunOutcome &outcome) {
  if (!args.output.empty())
    if (Status status = writeTensors(args.output, "output", outcome.outputs);
        !status)
      return status.error();
  for (const NamedTensor &output : outcome.outputs)
    fmt::print("{}\n", describe(output));
  std::vector<double> seconds(outcome.seconds);
  std::sort(seconds.begin(), seconds.end());
  const exec::ExecOptions &options = args.run.options;
  report::RunInfo info;
  info.seconds = seconds[seconds.size() / 2];
  info.threads = outcome.threads;
  info.repeats = args.repeat;
  info.seed = options.seed;
  info.noise = options.noise;
  info.age_s = options.age_s;
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
  if (Status status = args.report.check(
          given, {args.output, args.compile.options.dumpProblem});
      !status)
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
  RunOutcome outcome; // the clock goes the way that the values went
  report::CollectOptions collect = args.report.collectOptions();
  if (hasValues) {
    auto computed =
        runProgram(loaded->program(), {.entry = args.entry,
                                       .before = args.before,
                                       .inputs = std::move(inputs),
                                       .repeat = args.repeat,
                                       .options = args.run.options});
    if (!computed)
      return fail(computed.error());
    outcome = std::move(*computed);
    auto told = tell(args, outcome);
    if (!told)
      return fail(told.error());
    info = *told;
    collect.age_s = args.run.options.age_s;
  }
  collect.runs = args.repeat;
  collect.updates = std::move(outcome.updates);
  collect.cells = std::move(outcome.cells);
  collect.decisions = outcome.decisions ? &*outcome.decisions : nullptr;
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
