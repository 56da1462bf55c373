//===- CompileCommand.cpp - hybridc compile -------------------------------===//
#include "Commands.h"

#include "hybridc/Stream/Serialize.h"

#include <cstdio>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct CompileArgs {
  CompileFlags flags;
  std::string model, output;
};
} // namespace

static int runCompile(CompileArgs &args) {
  if (Status status = args.flags.finish(); !status)
    return fail(status.error());
  const CompileOptions &options = args.flags.options;
  Compilation compilation(options);
  if (Status status = compilation.run(args.model); !status)
    return fail(status.error());
  // Stopped at a phase: its text. Down to the end: the stream.
  if (args.flags.toGiven && options.to != Phase::Emit) {
    std::string text = compilation.text(/*locations=*/false);
    if (args.output.empty() || args.output == "-") {
      fwrite(text.data(), 1, text.size(), stdout);
      return 0;
    }
    FILE *file = fopen(args.output.c_str(), "w");
    if (!file || fwrite(text.data(), 1, text.size(), file) != text.size() ||
        fclose(file))
      return fail({ExitCode::Usage, "cannot write '" + args.output + "'"});
    return 0;
  }
  std::string output = args.output;
  if (output.empty()) {
    size_t slash = args.model.rfind('/'), dot = args.model.rfind('.');
    size_t from = slash == std::string::npos ? 0 : slash + 1;
    output = args.model.substr(from, dot > from ? dot - from : std::string::npos) +
             ".hyb";
  }
  if (Status status = stream::writeProgram(compilation.program(), output);
      !status)
    return fail(status.error());
  return 0;
}

void driver::addCompile(CLI::App &app, Action &action) {
  auto args = std::make_shared<CompileArgs>();
  CLI::App *sub = app.add_subcommand("compile", "compile a model into a command stream");
  sub->add_option("MODEL", args->model, ".onnx, .onnxtxt or .mlir")->required();
  sub->add_option("-o,--output", args->output,
                  "the command stream, or with --to the text; - is stdout");
  args->flags.add(*sub);
  sub->add_option("--to", args->flags.to,
                  "stop after a phase and print it: " + phaseNames())
      ->group("Phases");
  sub->add_option("--dump-phases", args->flags.options.dumpFolder,
                  "folder for the text after each phase")
      ->group("Phases");
  sub->callback([args, sub, &action] {
    args->flags.toGiven = sub->count("--to") > 0;
    action.run = [args] { return runCompile(*args); };
  });
}
