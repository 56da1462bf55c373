//===- Inspect.cpp - What a program or a model holds ----------------------===//
#include "hybridc/Studies/Inspect.h"

#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Emit/Emit.h"
#include "hybridc/InitAll.h"
#include "hybridc/Stream/CommandSpec.h"
#include "hybridc/Studies/Programs.h"

#include <set>

using namespace hybridc;
using namespace hybridc::studies;

static void count(CommandCounts &counts, const std::vector<stream::Item> &items,
                  const std::string &engine, double times) {
  for (const stream::Item &item : items) {
    if (auto *command = std::get_if<stream::Command>(&item.node)) {
      ++counts.written[std::string(stream::specOf(command->op).name)];
      ++counts.queues[engine];
      counts.executed += times;
    } else {
      const auto &repeat = std::get<stream::Repeat>(item.node);
      count(counts, repeat.body, engine, times * double(repeat.count));
    }
  }
}

static void count(CommandCounts &counts, const stream::Block &block,
                  double times) {
  for (const stream::Node &node : block.nodes) {
    if (auto *segment = std::get_if<stream::Segment>(&node.node)) {
      for (const stream::Queue &queue : segment->queues)
        count(counts, queue.items, queue.engine, times);
    } else if (auto *branch = std::get_if<stream::If>(&node.node)) {
      counts.isBound = false;
      count(counts, branch->thenBlock, times);
      count(counts, branch->elseBlock, times);
    } else {
      const auto &loop = std::get<stream::Loop>(node.node);
      counts.isBound = false;
      count(counts, loop.body, times * double(loop.maxTrips));
    }
  }
}

CommandCounts studies::countCommands(const stream::Block &body) {
  CommandCounts counts;
  count(counts, body, 1);
  return counts;
}

Result<std::string> studies::disassembledText(const stream::Program &program,
                                              const TextWeights &weights) {
  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  mlir::OwningOpRef<mlir::ModuleOp> module = importStream(&context, program);
  if (!module)
    return Error{ExitCode::Internal, program.model + ": cannot be printed"};
  if (weights.mode == TextWeights::Mode::Beside) {
    Resources resources;
    collectResources(*module, resources);
    if (Status status = writeWeights(resources, weights.file); !status)
      return status.error();
  }
  return printModule(*module, weights, /*locations=*/false);
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

static ModelEntry entryOf(mlir::func::FuncOp function) {
  ModelEntry entry;
  entry.name = function.getName().str();
  auto name = [](mlir::DictionaryAttr attrs, unsigned index) {
    auto attr = attrs ? attrs.getAs<mlir::StringAttr>("hyb.name") : nullptr;
    return attr ? attr.str() : std::to_string(index);
  };
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    entry.inputs.emplace_back(name(function.getArgAttrDict(i), i),
                              typeOf(function.getArgumentTypes()[i]));
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    entry.outputs.emplace_back(name(function.getResultAttrDict(i), i),
                               typeOf(function.getResultTypes()[i]));
  std::set<std::string> nodes;
  function.walk([&](mlir::Operation *op) {
    if (op->getName().getDialectNamespace() == "hyb" &&
        !op->hasTrait<mlir::OpTrait::IsTerminator>())
      ++entry.ops[op->getName().getStringRef().str()];
    for (auto &[node, type] : hyb::nodesOf(op->getLoc()))
      if (nodes.insert(node).second)
        ++entry.nodes[type];
  });
  return entry;
}

Result<ModelSummary> studies::summarizeModel(const std::string &path,
                                             CompileOptions options) {
  options.to = Phase::Import;
  auto loaded = compileModel(path, options);
  if (!loaded)
    return loaded.error();
  mlir::ModuleOp module = loaded->compilation->module();
  ModelSummary summary;
  module.walk([&](hyb::ConstantOp constant) {
    auto type = mlir::cast<mlir::ShapedType>(constant.getType());
    if (type.hasStaticShape() && type.getElementType().isIntOrFloat())
      summary.constantBytes += uint64_t(type.getNumElements()) *
                               ((type.getElementTypeBitWidth() + 7) / 8);
  });
  for (auto function : module.getOps<mlir::func::FuncOp>())
    summary.entries.push_back(entryOf(function));
  return summary;
}
