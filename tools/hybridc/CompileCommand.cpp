//===- CompileCommand.cpp - hybridc compile -------------------------------===//
#include "Commands.h"
#include "hybridc/Pipelines/Explain.h"

#include "hybridc/Support/OutputFile.h"

#include "hybridc/Stream/Serialize.h"

#include <fmt/format.h>

#include <cstdio>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct CompileArgs {
  CompileFlags flags;
  ConfigFlags config;
  ReportFlags report;
  std::string model, output;
  bool explain = false;
  CLI::App *sub = nullptr;
};
} // namespace

/// The model's file name with ".hyb", in the current folder.
static std::string defaultOutput(const std::string &model) {
  size_t slash = model.rfind('/'), dot = model.rfind('.');
  size_t from = slash == std::string::npos ? 0 : slash + 1;
  bool hasEnding = dot != std::string::npos && dot > from;
  return model.substr(from, hasEnding ? dot - from : std::string::npos) +
         ".hyb";
}

/// To a file, or to stdout ("-").
static Status writeStream(const stream::Program &program,
                          const std::string &output) {
  if (output != "-")
    return stream::writeProgram(program, output);
  auto bytes = stream::writeProgramBytes(program);
  if (!bytes)
    return bytes.error();
  if (fwrite(bytes->data(), 1, bytes->size(), stdout) != bytes->size())
    return usage("cannot write to standard output");
  return {};
}

static int runCompile(CompileArgs &args) {
  if (Status status = args.config.apply(*args.sub); !status)
    return fail(status.error());
  if (args.config.dump) {
    fmt::print("{}", dumpConfig(*args.sub));
    return 0;
  }
  args.flags.toGiven = args.sub->count("--to") > 0;
  if (Status status = args.flags.finish(args.model); !status)
    return fail(status.error());
  CompileOptions &options = args.flags.options;
  bool isPartial = args.flags.toGiven; // `--to emit`: the text of commands
  std::string output = args.output.empty() && !isPartial
                           ? defaultOutput(args.model)
                           : args.output;
  // Weights are read beside text, and written beside what a model becomes.
  bool writesWeights = !args.model.ends_with(".mlir") &&
                       options.weights != "inline" &&
                       (isPartial || !options.dumpFolder.empty());
  if (Status status =
          args.report.check({args.model, options.calibration, options.target},
                            {output, options.dumpProblem,
                             writesWeights ? options.weights : std::string()});
      !status)
    return fail(status.error());
  if (isPartial && args.report.any())
    return fail(usage("--report needs the whole way; leave out --to"));
  std::vector<GroupChoice> choices;
  // After partition groups are still there, and every alternative with them.
  Phase look = std::min(options.to, Phase::Partition);
  auto loaded = compileModel(args.model, options,
                             [&](Phase phase, Compilation &compilation) {
                               if (args.explain && phase == look)
                                 choices = choicesOf(compilation.module());
                             });
  if (!loaded)
    return fail(loaded.error());
  if (args.explain)
    fmt::print("{}", choicesTable(choices));
  // Stopped at a phase: its text. Down to the end: the stream.
  if (isPartial) {
    auto text = loaded->compilation->textToKeep(output);
    if (!text)
      return fail(text.error());
    if (output.empty() || output == "-") {
      fwrite(text->data(), 1, text->size(), stdout);
      return 0;
    }
    Status status = writeTextFile(output, *text);
    return status ? 0 : fail(status.error());
  }
  if (Status status = writeStream(loaded->program(), output); !status)
    return fail(status.error());
  if (!args.report.any())
    return 0;
  auto results = loaded->collect("infer", args.report.collectOptions());
  if (!results)
    return fail(results.error());
  Status status = args.report.write(*results);
  return status ? 0 : fail(status.error());
}

void driver::addCompile(CLI::App &app, Action &action) {
  auto args = std::make_shared<CompileArgs>();
  CLI::App *sub =
      app.add_subcommand("compile", "compile a model into a command stream");
  sub->add_option("MODEL", args->model, ".onnx, .onnxtxt or .mlir")->required();
  sub->add_option("-o,--output", args->output,
                  "the command stream, or with --to the text; - is stdout")
      ->group("Output");
  args->flags.add(*sub);
  sub->add_option("--to", args->flags.to,
                  "stop after a phase and print it: " + phaseNames())
      ->group("Phases");
  sub->add_option("--dump-phases", args->flags.options.dumpFolder,
                  "folder for the text after each phase")
      ->group("Phases");
  sub->add_flag("--explain", args->explain,
                "print engine, precision and reason of each node")
      ->group("Reports");
  args->report.add(*sub, /*withTrace=*/false);
  args->config.add(*sub);
  args->sub = sub;
  sub->callback(
      [args, &action] { action.run = [args] { return runCompile(*args); }; });
}
