//===- Check.cpp - Checks a model before it is imported -------------------===//

#include "Failure.h"
#include "Prepare.h"
#include "Schemas.h"

#include "onnx/checker.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

#include <deque>
#include <unordered_map>

namespace hybridc::import {

// Opset 6 is read too: it differs in broadcasting alone, and old files have it.
constexpr int oldestOpset = 6, newestOpset = 28, newestIr = 14;
/// Nodes after all functions are inlined: a file of a few lines can ask for
/// 2^30 of them.
constexpr double maxNodes = 300000;
constexpr int maxCallDepth = 64;

void walkNodes(const NodeList &nodes,
               const std::function<void(const onnx::NodeProto &)> &visit) {
  for (const onnx::NodeProto &node : nodes) {
    visit(node);
    for (const auto &attribute : node.attribute()) {
      if (attribute.has_g())
        walkNodes(attribute.g().node(), visit);
      for (const auto &graph : attribute.graphs())
        walkNodes(graph.node(), visit);
    }
  }
}

std::string describe(const onnx::NodeProto &node) {
  if (!node.name().empty())
    return fmt::format("node '{}' ({})", node.name(), node.op_type());
  return fmt::format("a node {} with output '{}'", node.op_type(),
                     node.output_size() ? node.output(0) : "");
}

std::string oneLine(std::string_view text) {
  std::string line;
  for (char c : text) {
    if (c == '\n' || c == '\t' || c == '\r')
      c = ' ';
    if (c != ' ' || (!line.empty() && line.back() != ' '))
      line += c;
  }
  while (!line.empty() && line.back() == ' ')
    line.pop_back();
  return line;
}

namespace {
using MutableNodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;
/// Hides from ONNX's checker, while it lives, what that refuses and we read:
/// external data behind links, whose place openExternal has checked, and
/// outputs without a shape, which the IR allows, or without a type.
class Hidden {
public:
  Hidden(onnx::GraphProto &graph,
         const std::vector<onnx::TensorProto *> &externals) {
    for (onnx::TensorProto *tensor : externals) {
      onnx::TensorProto &kept =
          tensors.emplace_back(tensor, onnx::TensorProto()).second;
      kept.mutable_dims()->Swap(tensor->mutable_dims());
      kept.mutable_external_data()->Swap(tensor->mutable_external_data());
      tensor->set_data_location(onnx::TensorProto::DEFAULT);
      tensor->add_dims(0);
    }
    for (auto &output : *graph.mutable_output()) {
      bool isTyped =
          output.type().value_case() != onnx::TypeProto::VALUE_NOT_SET;
      if (!isTyped)
        typeless.push_back(&output);
      else if (output.type().has_tensor_type() &&
               !output.type().tensor_type().has_shape())
        shapeless.push_back(&output);
      else
        continue;
      auto &tensor = *output.mutable_type()->mutable_tensor_type();
      tensor.mutable_shape();
      if (!isTyped)
        tensor.set_elem_type(onnx::TensorProto::FLOAT);
    }
  }
  ~Hidden() {
    for (auto &[tensor, kept] : tensors) {
      tensor->mutable_dims()->Swap(kept.mutable_dims());
      tensor->mutable_external_data()->Swap(kept.mutable_external_data());
      tensor->set_data_location(onnx::TensorProto::EXTERNAL);
    }
    for (auto *output : shapeless)
      output->mutable_type()->mutable_tensor_type()->clear_shape();
    for (auto *output : typeless)
      output->clear_type();
  }
  Hidden(const Hidden &) = delete;
  Hidden &operator=(const Hidden &) = delete;

private:
  std::deque<std::pair<onnx::TensorProto *, onnx::TensorProto>> tensors;
  std::vector<onnx::ValueInfoProto *> shapeless, typeless;
};

class Checker {
public:
  Checker(Model &model) : model(model), proto(model.proto) {}

  void run() {
    for (const auto &function : proto.functions())
      functions[functionKey(function.domain(), function.name(),
                            function.overload())] = &function;
    checkOps(proto.graph().node(), opsetOf(proto.opset_import()));
    for (const auto &function : proto.functions())
      checkOps(function.node(), opsetOf(function.opset_import()));
    refuseUnknownOps(model);
    checkExternals(*model.proto.mutable_graph());
    for (auto &function : *model.proto.mutable_functions())
      checkExternals(*function.mutable_node());
    // Before ONNX's own checks, which recurse through functions unbounded.
    if (double count = countNodes(proto.graph().node(), 0); count > maxNodes)
      failUnsupported("{}: has {:.3g} nodes once its functions are inlined; "
                      "at most {:.0f} are supported",
                      model.path, count, maxNodes);
    checkStructure();
  }

  void checkVersions() {
    if (!proto.has_graph())
      failInvalid("{}: is not an ONNX model: it holds no graph", model.path);
    if (proto.ir_version() <= 0)
      failInvalid("{}: is not an ONNX model: it has no IR version", model.path);
    if (proto.ir_version() > newestIr)
      failUnsupported("{}: IR version {} is newer than the newest supported "
                      "one, {}; save the model with an older onnx",
                      model.path, proto.ir_version(), newestIr);
    if (proto.graph().node().empty() && proto.opset_import().empty())
      return;
    int opset = opsetOf(proto.opset_import());
    if (opset == 0 && proto.opset_import().empty())
      failInvalid("{}: imports no opset", model.path);
    checkOpset(opset, "the model");
    for (const auto &function : proto.functions())
      checkOpset(opsetOf(function.opset_import()),
                 fmt::format("function '{}'", function.name()));
  }

private:
  Model &model;
  const onnx::ModelProto &proto;
  std::unordered_map<std::string, const onnx::FunctionProto *> functions;
  std::unordered_map<const onnx::FunctionProto *, double> counts;
  std::vector<onnx::TensorProto *> externals;

  void checkOpset(int opset, const std::string &who) {
    if (opset == 0) // only other domains
      return;
    if (opset < 0)
      failInvalid("{}: {} imports opset {}", model.path, who, opset);
    if (opset < oldestOpset)
      failUnsupported("{}: {} uses opset {}, the oldest supported one is {}; "
                      "convert it with onnx.version_converter",
                      model.path, who, opset, oldestOpset);
    if (opset > newestOpset)
      failUnsupported("{}: {} uses opset {}, the newest supported one is {}; "
                      "export it for an older opset",
                      model.path, who, opset, newestOpset);
  }

  /// Ops of another opset, named before ONNX's checker stumbles over them.
  void checkOps(const NodeList &nodes, int opset) {
    walkNodes(nodes, [&](const onnx::NodeProto &node) {
      if (!standardDomain(node.domain()).empty() ||
          functions.count(
              functionKey(node.domain(), node.op_type(), node.overload())))
        return;
      if (node.op_type() == "Einsum")
        checkEquation(node);
      const auto *schema = findSchema(node.op_type(), opset);
      if (opset > 0 && schema && schema->Deprecated())
        failInvalid("{}: {}: the model imports opset {}, where the op is gone "
                    "since opset {}; onnx.version_converter replaces it",
                    model.path, describe(node), opset, schema->SinceVersion());
      if (opset > 0 && schema)
        return;
      if (const auto *newest =
              onnx::OpSchemaRegistry::Schema(node.op_type(), ""))
        failInvalid("{}: {}: the model imports opset {}, which has no such op; "
                    "it came with opset {}",
                    model.path, describe(node), opset, newest->SinceVersion());
    });
  }

  /// ONNX's inference does not end on equations that are not well formed.
  void checkEquation(const onnx::NodeProto &node) {
    for (const auto &attribute : node.attribute()) {
      if (attribute.name() != "equation")
        continue;
      llvm::StringRef rest = attribute.s();
      while (!rest.empty())
        if (!rest.consume_front("...") && !rest.consume_front("->")) {
          char c = rest.front();
          if (!llvm::isAlpha(c) && c != ',' && c != ' ')
            failInvalid("{}: {}: the equation '{}' is malformed at '{}'",
                        model.path, describe(node), attribute.s(), rest.str());
          rest = rest.drop_front();
        }
    }
  }

  void checkExternal(onnx::TensorProto &tensor) {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL)
      return;
    externals.push_back(&tensor);
    for (const auto &entry : tensor.external_data())
      if (entry.key() == "location") {
        openExternal(model, entry.value(), tensor.name());
        return;
      }
    failInvalid("{}: tensor '{}': its external data has no location",
                model.path, tensor.name());
  }

  void checkExternals(MutableNodes &nodes) {
    for (auto &node : nodes)
      for (auto &attribute : *node.mutable_attribute()) {
        if (attribute.has_t())
          checkExternal(*attribute.mutable_t());
        for (auto &tensor : *attribute.mutable_tensors())
          checkExternal(tensor);
        if (attribute.has_sparse_tensor())
          checkExternal(*attribute.mutable_sparse_tensor());
        if (attribute.has_g())
          checkExternals(*attribute.mutable_g());
        for (auto &graph : *attribute.mutable_graphs())
          checkExternals(graph);
      }
  }
  void checkExternal(onnx::SparseTensorProto &tensor) {
    checkExternal(*tensor.mutable_values());
    checkExternal(*tensor.mutable_indices());
  }
  void checkExternals(onnx::GraphProto &graph) {
    for (auto &tensor : *graph.mutable_initializer())
      checkExternal(tensor);
    for (auto &tensor : *graph.mutable_sparse_initializer())
      checkExternal(tensor);
    checkExternals(*graph.mutable_node());
  }

  void checkStructure() {
    Hidden hidden(*model.proto.mutable_graph(), externals);
    // As onnx::checker::check_model does.
    try {
      Schemas schemas;
      onnx::checker::CheckerContext context;
      context.set_schema_registry(&schemas);
      context.set_ir_version(static_cast<int>(proto.ir_version()));
      std::unordered_map<std::string, int> imports;
      for (const auto &import : proto.opset_import())
        imports[import.domain()] = static_cast<int>(import.version());
      context.set_opset_imports(imports);
      onnx::checker::check_function_call_cycles(proto);
      onnx::checker::LexicalScopeContext scope;
      onnx::checker::check_graph(proto.graph(), context, scope);
      if (proto.ir_version() >= 8)
        onnx::checker::check_model_local_functions(proto, context, scope);
    } catch (const std::exception &error) {
      failInvalid("{}: {}", model.path, oneLine(error.what()));
    }
  }

  /// Nodes after inlining; refuses recursion.
  double countNodes(const NodeList &nodes, int depth) {
    if (depth > maxCallDepth)
      failUnsupported("{}: functions call each other more than {} deep",
                      model.path, maxCallDepth);
    double count = 0;
    walkNodes(nodes, [&](const onnx::NodeProto &node) {
      count += 1;
      auto callee = functions.find(
          functionKey(node.domain(), node.op_type(), node.overload()));
      if (callee == functions.end())
        return;
      const onnx::FunctionProto *function = callee->second;
      auto [known, fresh] = counts.emplace(function, -1);
      if (!fresh && known->second < 0)
        failInvalid("{}: function '{}' calls itself, directly or through "
                    "others; ONNX has no recursion",
                    model.path, function->name());
      if (fresh) {
        double inner = countNodes(function->node(), depth + 1);
        counts[function] = inner;
      }
      count += counts[function];
    });
    return count;
  }
};
} // namespace

void checkVersions(Model &model) { Checker(model).checkVersions(); }
void checkModel(Model &model) { Checker(model).run(); }

} // namespace hybridc::import
