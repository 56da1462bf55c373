//===- InspectCommand.cpp - hybridc inspect -------------------------------===//
#include "Commands.h"

#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Emit/Emit.h"
#include "hybridc/InitAll.h"
#include "hybridc/Stream/CommandSpec.h"
#include "hybridc/Stream/Hazards.h"
#include "hybridc/Support/OutputFile.h"

#include <fmt/format.h>

#include <map>
#include <set>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct InspectArgs {
  CompileFlags flags;
  std::string model;
  bool disassemble = false, hazards = false;
};

/// Commands as they stand in the stream, and as often as loops run them.
struct Counts {
  std::map<std::string, uint64_t> written, queues;
  double executed = 0;
  bool isBound = true; ///< false: If or Loop decides at run time

  void add(const std::vector<stream::Item> &items, const std::string &engine,
           double times) {
    for (const stream::Item &item : items) {
      if (auto *command = std::get_if<stream::Command>(&item.node)) {
        ++written[std::string(stream::specOf(command->op).name)];
        ++queues[engine];
        executed += times;
      } else {
        const auto &repeat = std::get<stream::Repeat>(item.node);
        add(repeat.body, engine, times * double(repeat.count));
      }
    }
  }

  void add(const stream::Block &block, double times) {
    for (const stream::Node &node : block.nodes) {
      if (auto *segment = std::get_if<stream::Segment>(&node.node)) {
        for (const stream::Queue &queue : segment->queues)
          add(queue.items, queue.engine, times);
      } else if (auto *branch = std::get_if<stream::If>(&node.node)) {
        isBound = false;
        add(branch->thenBlock, times);
        add(branch->elseBlock, times);
      } else {
        const auto &loop = std::get<stream::Loop>(node.node);
        isBound = false;
        add(loop.body, times * double(loop.maxTrips));
      }
    }
  }
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
    Counts counts;
    counts.add(entry.body, 1);
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
    mlir::DialectRegistry registry;
    registerAllDialects(registry);
    mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
    context.loadAllAvailableDialects();
    mlir::OwningOpRef<mlir::ModuleOp> module =
        importStream(&context, loaded->program());
    if (!module)
      return fail({ExitCode::Internal, args.model + ": cannot be printed"});
    if (weights.mode == TextWeights::Mode::Beside) {
      Resources resources;
      collectResources(*module, resources);
      if (Status status = writeWeights(resources, weights.file); !status)
        return fail(status.error());
    }
    fmt::print("{}\n", printModule(*module, weights, /*locations=*/false));
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

static std::string typeOf(mlir::Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  if (auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type)) {
    text.clear();
    llvm::raw_string_ostream os(text);
    os << tensor.getElementType() << ' ';
    llvm::interleave(tensor.getShape(), os, "x");
    if (tensor.getRank() == 0)
      os << "scalar";
  }
  return text;
}

static void printFunction(mlir::func::FuncOp function) {
  fmt::print("entry {}\n", function.getName().str());
  auto name = [](mlir::DictionaryAttr attrs, unsigned index) {
    auto attr = attrs ? attrs.getAs<mlir::StringAttr>("hyb.name") : nullptr;
    return attr ? attr.str() : std::to_string(index);
  };
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    fmt::print("  input     {}: {}\n", name(function.getArgAttrDict(i), i),
               typeOf(function.getArgumentTypes()[i]));
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    fmt::print("  output    {}: {}\n", name(function.getResultAttrDict(i), i),
               typeOf(function.getResultTypes()[i]));
  std::map<std::string, uint64_t> onnx, ops;
  std::set<std::string> nodes;
  function.walk([&](mlir::Operation *op) {
    if (op->getName().getDialectNamespace() == "hyb" &&
        !op->hasTrait<mlir::OpTrait::IsTerminator>())
      ++ops[op->getName().getStringRef().str()];
    for (auto &[node, type] : hyb::nodesOf(op->getLoc()))
      if (nodes.insert(node).second)
        ++onnx[type];
  });
  fmt::print("  nodes     {}\n  ops       {}\n", listText(onnx), listText(ops));
}

static int inspectModel(InspectArgs &args) {
  if (args.disassemble || args.hazards)
    return fail(usage(
        fmt::format("{}: --{} is for a compiled program (.hyb)", args.model,
                    args.disassemble ? "disassemble" : "hazards")));
  args.flags.options.to = Phase::Import;
  auto loaded = compileModel(args.model, args.flags.options);
  if (!loaded)
    return fail(loaded.error());
  mlir::ModuleOp module = loaded->compilation->module();
  fmt::print("model       {}\n", args.model);
  uint64_t weights = 0;
  module.walk([&](hyb::ConstantOp constant) {
    auto type = mlir::cast<mlir::ShapedType>(constant.getType());
    if (type.hasStaticShape() && type.getElementType().isIntOrFloat())
      weights += uint64_t(type.getNumElements()) *
                 ((type.getElementTypeBitWidth() + 7) / 8);
  });
  fmt::print("constants   {}\n", report::bytesText(double(weights)));
  for (auto function : module.getOps<mlir::func::FuncOp>())
    printFunction(function);
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
