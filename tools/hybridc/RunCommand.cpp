//===- RunCommand.cpp - hybridc run ---------------------------------------===//
#include "Commands.h"

#include "hybridc/Support/Npz.h"

#include <cstdio>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct RunArgs {
  CompileFlags compile;
  RunFlags run;
  std::string model, output, entry = "infer";
  std::vector<std::string> inputs;
  unsigned repeat = 1;
};
} // namespace

static int runRun(RunArgs &args) {
  if (Status status = args.compile.finish(); !status)
    return fail(status.error());
  if (Status status = args.run.finish(); !status)
    return fail(status.error());
  auto loaded = loadProgram(args.model, args.compile.options);
  if (!loaded)
    return fail(loaded.error());
  const stream::Program &program =
      loaded->compilation ? loaded->compilation->program() : loaded->own;
  auto executor = exec::Executor::create(program, args.run.options);
  if (!executor)
    return fail(executor.error());
  for (const std::string &path : args.inputs) {
    auto arrays = readNpz(path);
    if (!arrays)
      return fail(arrays.error());
    for (const NpyArray &array : *arrays)
      if (Status status = (*executor)->setInput(
              array.name, array.bytes.data(), array.bytes.size(), args.entry);
          !status)
        return fail(status.error());
  }
  for (unsigned i = 0; i < args.repeat; ++i)
    if (Status status = (*executor)->run(args.entry); !status)
      return fail(status.error());
  std::vector<NpyArray> results;
  for (const stream::Binding &binding : *(*executor)->outputs(args.entry)) {
    auto tensor = (*executor)->output(binding.name, args.entry);
    if (!tensor)
      return fail(tensor.error());
    NpyArray array;
    array.name = binding.name;
    std::string_view type = stream::nameOf(tensor->type);
    array.kind = type == "bool" ? 'b' : type[0];
    array.itemBytes = stream::sizeOf(tensor->type);
    array.shape = tensor->shape;
    array.bytes = std::move(tensor->bytes);
    results.push_back(std::move(array));
  }
  if (!args.output.empty())
    if (Status status = writeNpz(args.output, results); !status)
      return fail(status.error());
  return 0;
}

void driver::addRun(CLI::App &app, Action &action) {
  auto args = std::make_shared<RunArgs>();
  CLI::App *sub = app.add_subcommand("run", "run a command stream or a model");
  sub->add_option("PROGRAM", args->model, ".hyb, or a model to compile first")
      ->required();
  sub->add_option("--inputs", args->inputs, ".npz file");
  sub->add_option("--outputs", args->output, ".npz file to write");
  sub->add_option("--entry", args->entry, "what to run")->capture_default_str();
  sub->add_option("--repeat", args->repeat, "times to run it")
      ->capture_default_str();
  args->run.add(*sub);
  args->compile.add(*sub);
  sub->callback([args, &action] {
    action.run = [args] { return runRun(*args); };
  });
}
