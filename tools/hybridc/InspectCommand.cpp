//===- InspectCommand.cpp - hybridc inspect -------------------------------===//
#include "Commands.h"

#include "hybridc/Stream/Hazards.h"
#include "hybridc/Studies/Inspect.h"
#include "hybridc/Support/OutputFile.h"

#include <fmt/format.h>

#include <map>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct InspectArgs {
  CompileFlags flags;
  std::string model;
  bool disassemble = false, hazards = false;
};
} // namespace

static std::string listText(const std::map<std::string, uint64_t> &counts) {
  std::string text;
  for (const auto &[name, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  return text.empty() ? "nothing" : text;
}

static void printProgram(const stream::Program &program) {
  fmt::print("model       {}\ntarget      {}\nprecision   {}\n", program.model,
             program.target,
             program.precision.empty() ? "-" : program.precision);
  uint64_t weights = 0;
  for (const stream::Blob &blob : program.blobs)
    weights += blob.bytes;
  fmt::print("memory      {} of DRAM ({} of constants), {} of scratchpad\n",
             report::bytesText(double(program.dramBytes)),
             report::bytesText(double(weights)),
             report::bytesText(double(program.sramBytes)));
  std::map<std::string, uint64_t> arrays;
  for (const stream::ArrayTile &tile : program.arrays)
    ++arrays[tile.engine];
  if (!arrays.empty())
    fmt::print("arrays      {}\n", listText(arrays));
  fmt::print("programs    {} vector programs, {} groups of nodes\n",
             program.vecPrograms.size(), program.origins.size());
  for (const stream::Entry &entry : program.entries) {
    fmt::print("entry {}\n", entry.name);
    for (const stream::Binding &input : entry.inputs)
      fmt::print("  input     {}: {}\n", input.name,
                 typeText(input.view.type, input.view.shape));
    for (const stream::Binding &output : entry.outputs)
      fmt::print("  output    {}: {}\n", output.name,
                 typeText(output.view.type, output.view.shape));
    CommandCounts counts = countCommands(entry.body);
    fmt::print("  commands  {}; executed {}{}\n", listText(counts.written),
               counts.isBound ? "" : "at most ",
               report::groupedText(counts.executed));
    fmt::print("  queues    {}\n", listText(counts.queues));
  }
}

static int inspectProgram(const InspectArgs &args) {
  TextWeights weights = TextWeights::parse(args.flags.options.weights);
  if (Status status = checkOutputs({weights.file}, {args.model}); !status)
    return fail(status.error());
  // One looks at programs that would not run, too.
  CompileOptions options = args.flags.options;
  options.hazards = HazardChecks::Never;
  auto loaded = loadProgram(args.model, options);
  if (!loaded)
    return fail(loaded.error());
  if (args.disassemble) {
    auto text = disassembledText(loaded->program(), weights);
    if (!text)
      return fail(text.error());
    fmt::print("{}\n", *text);
    return 0;
  }
  printProgram(loaded->program());
  const stream::Program &program = loaded->program();
  if (!program.faults.empty() || !program.recalibrations.empty()) {
    auto health = exec::inspectArrays(program);
    if (!health)
      return fail(health.error());
    report::Results results;
    results.arrays = std::move(*health);
    for (const auto &[head, text] : report::healthLines(results))
      fmt::print("{:<12}{}\n", head, text);
  }
  if (!args.hazards)
    return 0;
  auto proof = stream::checkHazards(loaded->program());
  if (!proof)
    return fail(proof.error());
  fmt::print("hazards     none: {} conflicts between queues among {} commands, "
             "all ordered by semaphores; {} of {} waits order nothing new\n",
             proof->conflicts, proof->commands, proof->redundantWaits,
             proof->waits);
  return 0;
}

static int inspectModel(InspectArgs &args) {
  if (args.disassemble || args.hazards)
    return fail(usage(
        fmt::format("{}: --{} is for a compiled program (.hyb)", args.model,
                    args.disassemble ? "disassemble" : "hazards")));
  auto summary = summarizeModel(args.model, args.flags.options);
  if (!summary)
    return fail(summary.error());
  fmt::print("model       {}\nconstants   {}\n", args.model,
             report::bytesText(double(summary->constantBytes)));
  for (const ModelEntry &entry : summary->entries) {
    fmt::print("entry {}\n", entry.name);
    for (const auto &[name, type] : entry.inputs)
      fmt::print("  input     {}: {}\n", name, type);
    for (const auto &[name, type] : entry.outputs)
      fmt::print("  output    {}: {}\n", name, type);
    fmt::print("  nodes     {}\n  ops       {}\n", listText(entry.nodes),
               listText(entry.ops));
  }
  return 0;
}

void driver::addInspect(CLI::App &app, Action &action) {
  auto args = std::make_shared<InspectArgs>();
  CLI::App *sub =
      app.add_subcommand("inspect", "what a program or a model holds");
  sub->add_option("PROGRAM", args->model, ".hyb, or a model")->required();
  sub->add_flag("--disassemble", args->disassemble,
                "print every command of a program, as `cmd`");
  sub->add_flag("--hazards", args->hazards,
                "prove that semaphores order every conflict of a program");
  args->flags.addInputs(*sub);
  args->flags.addWeights(*sub);
  sub->callback([args, &action] {
    action.computes = false;
    action.run = [args] {
      if (Status status = args->flags.finish(args->model); !status)
        return fail(status.error());
      return args->model.ends_with(".hyb") ? inspectProgram(*args)
                                           : inspectModel(*args);
    };
  });
}
