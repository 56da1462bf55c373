//===- ExplainCommand.cpp - hybridc explain -------------------------------===//
#include "Commands.h"
#include "hybridc/Pipelines/Explain.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct ExplainArgs {
  CompileFlags flags;
  std::string model;
  bool asJson = false;
};
} // namespace

static int runExplain(ExplainArgs &args) {
  if (args.model.ends_with(".hyb"))
    return fail(usage(args.model + ": a compiled program keeps what was "
                                   "chosen, not what else there was; explain "
                                   "takes the model, `run --report` shows the "
                                   "reasons"));
  if (Status status = args.flags.finish(args.model); !status)
    return fail(status.error());
  CompileOptions &options = args.flags.options;
  // Homes are planned behind what is explained.
  options.to = options.dumpProblem.empty() ? Phase::Partition : Phase::Layout;
  std::optional<std::vector<GroupChoice>> choices;
  auto loaded = compileModel(args.model, options,
                             [&](Phase phase, Compilation &compilation) {
                               if (phase == Phase::Partition)
                                 choices = choicesOf(compilation.module());
                             });
  if (!loaded)
    return fail(loaded.error());
  if (!choices) // a text that is past partition
    choices = choicesOf(loaded->compilation->module());
  std::string text =
      args.asJson
          ? choicesJson(*choices, args.model, options.target, options.objective)
          : choicesTable(*choices);
  fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

void driver::addExplain(CLI::App &app, Action &action) {
  auto args = std::make_shared<ExplainArgs>();
  CLI::App *sub = app.add_subcommand(
      "explain",
      "per node: engine, precision, why, and the cost of each alternative");
  sub->add_option("MODEL", args->model, ".onnx, .onnxtxt or .mlir")->required();
  sub->add_flag("--json", args->asJson, "print JSON instead of text");
  args->flags.add(*sub);
  sub->callback(
      [args, &action] { action.run = [args] { return runExplain(*args); }; });
}
