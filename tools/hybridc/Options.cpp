//===- Options.cpp - Options that several subcommands share ---------------===//
#include "Commands.h"

#include "hybridc/Support/OutputFile.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

using namespace hybridc;
using namespace hybridc::driver;

std::vector<std::string> driver::precisionNames() {
  return {"auto", "exact", "fp32", "bf16", "int8", "analog"};
}

CLI::Validator driver::within(double least, double most) {
  std::string range = std::isinf(least) ? "FLOAT"
                      : std::isinf(most)
                          ? fmt::format("FLOAT of at least {}", least)
                          : fmt::format("FLOAT in [{} - {}]", least, most);
  return CLI::Validator(
      [=](std::string &text) {
        double value = 0;
        bool isNumber = CLI::detail::lexical_cast(text, value);
        // NaN is not within anything, infinity is no number to compute with.
        if (isNumber && std::isfinite(value) && value >= least && value <= most)
          return std::string();
        return fmt::format("Value {} not in range: {}", text, range);
      },
      range);
}

CLI::Validator driver::wholeNumber() {
  return CLI::Validator(
      [](std::string &text) {
        uint64_t value = 0;
        const char *end = text.data() + text.size();
        auto [stop, failed] = std::from_chars(text.data(), end, value);
        return failed == std::errc() && stop == end
                   ? std::string()
                   : "Value " + text + " is no whole number of at least 0";
      },
      "");
}

/// Options that other versions have: refused with what there is, and in no
/// list.
static void addNotThereYet(CLI::App &app, const std::string &name,
                           const std::string &instead) {
  app.add_option_function<std::string>(name, [](const std::string &) {})
      ->check(CLI::Validator(
          [=](std::string &value) {
            return fmt::format("'{}' asks for what is not there: {}", value,
                               instead);
          },
          ""))
      ->group("");
}

Status driver::refuseGiven(const CLI::App &app,
                           const std::vector<std::string> &names,
                           const std::string &why) {
  std::string given;
  for (const std::string &name : names)
    if (const CLI::Option *option = app.get_option_no_throw(name);
        option && option->count())
      given += (given.empty() ? "" : ", ") + name;
  return given.empty() ? Status() : usage(given + ": " + why);
}

Status driver::checkModelOptions(const CLI::App &app, const std::string &path) {
  if (path.ends_with(".hyb")) {
    std::vector<std::string> names = {
        "--target",        "--dim",          "--shape",
        "--value",         "--precision",    "--objective",
        "--calibrate",     "--calibration",  "--place",
        "--set-precision", "--no-fuse",      "--no-buffer-reuse",
        "--no-homes",      "--dump-problem", "--fault-mapping",
        "--horizon",       "--recalibrate",  "--drift-bound",
        "--run-pass"};
    // Of the text that a program is printed as.
    const CLI::Option *text = app.get_option_no_throw("--disassemble");
    if (!text || !text->count())
      names.push_back("--weights");
    return refuseGiven(app, names,
                       "no effect on " + path +
                           ", which is compiled already; give it to `hybridc "
                           "compile`, or give the model here");
  }
  if (path.ends_with(".mlir"))
    return refuseGiven(app, {"--dim", "--shape", "--value"},
                       "no effect on " + path +
                           ": text has the shapes and values that it was "
                           "written with; give the model");
  if (app.get_name() == "compile" &&
      (app.count("--to") || app.count("--dump-phases")))
    return {};
  return refuseGiven(app, {"--weights"},
                     "no effect on " + path +
                         ": weights of text (.mlir), or of text to print with "
                         "compile --to or --dump-phases");
}

void CompileFlags::addInputs(CLI::App &sub) {
  app = &sub;
  sub.add_option("--dim", texts.dims,
                 "extent of a model's symbolic dimension, NAME=N")
      ->group("Model and chip");
  sub.add_option("--shape", texts.shapes,
                 "shape of a model's input, NAME=1x3x224x224")
      ->group("Model and chip");
  sub.add_option("--value", texts.values,
                 "makes an input a constant, INPUT=V or INPUT=FILE.npy: V for "
                 "all of its elements")
      ->group("Model and chip");
}

void CompileFlags::add(CLI::App &app) {
  app.add_option("--target", options.target,
                 "chip: a preset's name or a YAML file")
      ->capture_default_str()
      ->group("Model and chip");
  addInputs(app);
  app.add_option("--precision", options.precision,
                 "auto, exact, fp32, bf16, int8 or analog")
      ->capture_default_str()
      ->check(CLI::IsMember(precisionNames()))
      ->group("Choices");
  app.add_option("--objective", options.objective,
                 "latency, throughput, energy or edp")
      ->capture_default_str()
      ->check(CLI::IsMember({"latency", "throughput", "energy", "edp"}))
      ->group("Choices");
  addNotThereYet(app, "--accuracy-budget",
                 "accuracy is not budgeted yet; --precision, --set-precision "
                 "and --place choose what loses any, compare --per-layer and "
                 "eval measure it");
  app.add_option("--calibrate", options.calibration,
                 "inputs to find value ranges with: an .npz file or a folder")
      ->group("Choices");
  app.add_option("--calibration", options.calibrationMethod,
                 "what makes a range of them: minmax: all that is seen; "
                 "percentile: without a few samples far outside of the others; "
                 "mse, entropy: what 8 bits render best")
      ->capture_default_str()
      ->check(CLI::IsMember({"minmax", "percentile", "mse", "entropy"}))
      ->group("Choices");
  app.add_option("--place", texts.place,
                 "engine of a node, NODE=ENGINE; * and ? match any names")
      ->group("Choices");
  app.add_option("--set-precision", texts.setPrecision,
                 "format of a node, NODE=FORMAT; * and ? match any names")
      ->group("Choices");
  app.add_option(
         "--faults", options.faults,
         "what is broken on the chip: a fault map (.yaml, .json), rates "
         "such as stuck=1e-3,dead_column=1e-4,seed=3, or none; default: "
         "the chip's own rates, or what a .hyb was compiled for")
      ->group("Faults and ageing");
  app.add_option("--fault-mapping", faultMapping,
                 "remap: place weights where faults hurt least; none: as if "
                 "nothing were broken")
      ->capture_default_str()
      ->check(CLI::IsMember({"remap", "none"}))
      ->group("Faults and ageing");
  app.add_option("--horizon", texts.horizon,
                 "how long the program is to be used: 30d, 1y")
      ->group("Faults and ageing");
  app.add_option("--recalibrate", texts.recalibrate,
                 "against drift of the arrays: none, auto (the cheapest that "
                 "holds --drift-bound until --horizon), or set intervals, "
                 "gain=1d,program=90d")
      ->capture_default_str()
      ->group("Faults and ageing");
  app.add_option("--drift-bound", texts.driftBound_pct,
                 "error of the arrays' products that drift may add, in percent")
      ->capture_default_str()
      ->check(within(0.01, 200))
      ->group("Faults and ageing");
  app.add_flag("--no-fuse", noFuse, "every op is a group of its own")
      ->group("Choices");
  app.add_flag("--no-homes", noHomes,
               "every result goes to DRAM, none stays in the scratchpad")
      ->group("Choices");
  app.add_option("--dump-problem", options.dumpProblem,
                 "JSON file for what the planner saw and what it answered")
      ->group("Choices");
  app.add_flag("--no-buffer-reuse", noReuse,
               "each buffer has bytes of its own, to compare results with")
      ->group("Choices");
  app.add_option("--load-pass-plugin", options.plugins,
                 "shared library with passes (for --run-pass), ops or rules")
      ->group("Passes");
  app.add_option("--run-pass", texts.extraPasses,
                 "pass pipeline to run at the end of a phase, PHASE=PIPELINE")
      ->group("Passes");
  addWeights(app);
  hazards = app.add_flag("--check-hazards", checkHazards,
                         "prove from the program that semaphores order every "
                         "conflict and that no live buffers overlap; what was "
                         "written by hand and .hyb files always are, unless "
                         "this is false")
                ->envname("HYBRIDC_CHECK_HAZARDS")
                ->group("Passes");
}

void CompileFlags::addWeights(CLI::App &app) {
  app.add_option("--weights", options.weights,
                 "weights of text (.mlir): the .npz archive to read them from "
                 "or, printing text, to write them to; inline: in the text. "
                 "Default: what the text names; printing, left out")
      ->group("Passes");
}

Status CompileFlags::finish(const std::string &path) {
  if (Status status = checkModelOptions(*app, path); !status)
    return status;
  if (options.calibration.empty())
    if (Status status = refuseGiven(*app, {"--calibration"},
                                    "without --calibrate there are no inputs "
                                    "to take ranges from");
        !status)
      return status;
  if (const CLI::Option *bound = app->get_option_no_throw("--drift-bound"))
    texts.boundsDrift = bound->count() > 0;
  if (Status status = readCompileTexts(texts, options); !status)
    return status;
  if (hazards && hazards->count() > 0)
    options.hazards = checkHazards ? HazardChecks::Always : HazardChecks::Never;
  options.mapAroundFaults = faultMapping == "remap";
  options.fuse = !noFuse;
  options.reuseBuffers = !noReuse;
  options.planHomes = !noHomes;
  auto phase = parsePhase(to);
  if (!phase)
    return usage("--to " + to + ": there is no such phase; phases are " +
                 phaseNames());
  options.to = *phase;
  if (options.dumpProblem.empty())
    return {};
  if (*phase < Phase::Layout)
    return usage("--dump-problem: nothing is planned before layout, and --to " +
                 to + " stops before");
  return checkOutputs({options.dumpProblem},
                      {path, options.target, options.calibration,
                       options.faults, options.weights});
}

void RunFlags::add(CLI::App &app) {
  app.add_option("--noise", texts.noise,
                 "device physics of the arrays: on or off")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}))
      ->group("Run");
  app.add_option("--seed", options.seed, "seed of all noise")
      ->capture_default_str()
      ->check(wholeNumber())
      ->group("Run");
  app.add_option("--age", texts.age, "time since programming: 20s, 1h, 1d, 1y")
      ->capture_default_str()
      ->group("Run");
  app.add_option("--compensate", texts.compensate,
                 "correction of drift: none, global or column")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "global", "column"}))
      ->group("Run");
  app.add_option("--schedule", texts.schedule,
                 "what the program plans for its arrays until --age: on or off")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}))
      ->group("Run");
  app.add_option("--threads", options.threads, "host threads; 0 = all")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024))
      ->group("Run");
}

Status RunFlags::finish(const CompileFlags &compile) {
  if (!compile.options.faults.empty())
    options.faults = compile.options.faults;
  return readRunTexts(texts, options);
}

void ReportFlags::add(CLI::App &app, bool withTrace) {
  app.add_option("--report", reports,
                 "file to write: the ending says the form, .txt, .json, .csv "
                 "or .html; may be repeated")
      ->group("Reports");
  if (withTrace)
    app.add_option("--trace", trace,
                   "file for the timeline, which Perfetto opens (JSON)")
        ->group("Reports");
}

Status ReportFlags::check(const std::vector<std::string> &inputs,
                          std::vector<std::string> outputs) const {
  for (const std::string &path : reports)
    if (Status status = report::checkReportPath(path); !status)
      return usage("--" + status.error().message);
  outputs.insert(outputs.end(), reports.begin(), reports.end());
  outputs.push_back(trace);
  std::vector<std::string> files;
  for (const std::string &input : inputs) {
    size_t at = input.find('='); // NAME=FILE
    files.push_back(input);
    if (at != std::string::npos)
      files.push_back(input.substr(at + 1));
  }
  return checkOutputs(outputs, files);
}

report::CollectOptions ReportFlags::collectOptions() const {
  bool isDrawn = !trace.empty();
  for (const std::string &path : reports)
    isDrawn |= path.ends_with(".html");
  report::CollectOptions options;
  options.events = isDrawn;
  options.edges = any();
  if (!trace.empty())
    options.maxEvents = 1000000;
  return options;
}

Status ReportFlags::write(const report::Results &results) const {
  for (const std::string &path : reports)
    if (Status status = report::writeReport(results, path); !status)
      return status;
  if (!trace.empty())
    return writeTextFile(trace, report::toTrace(results));
  return {};
}
