//===- Prepare.cpp - Checks a model before it is imported -----------------===//

#include "Failure.h"
#include "Model.h"
#include "Table.h"

#include "onnx/checker.h"
#include "onnx/defs/schema.h"
#include "onnx/shape_inference/implementation.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <unordered_map>

namespace hybridc::import {

// Opset 6 is read too: it differs in broadcasting alone, and old files have it.
constexpr int oldestOpset = 6, newestOpset = 28, newestIr = 14;
/// Nodes after all functions are inlined: a file of a few lines can ask for
/// 2^30 of them.
constexpr double maxNodes = 300000;
constexpr int maxCallDepth = 64;

namespace {
using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

/// Calls `visit` on each node, nodes of subgraphs included.
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

std::string functionKey(const std::string &domain, const std::string &name,
                        const std::string &overload) {
  return (domain == "ai.onnx" ? "" : domain) + ":" + name + ":" + overload;
}

/// One line of what ONNX says on several.
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

class Checker {
public:
  Checker(Model &model) : model(model), proto(model.proto) {}

  void run() {
    checkVersions();
    for (const auto &function : proto.functions())
      functions[functionKey(function.domain(), function.name(),
                            function.overload())] = &function;
    checkOps(proto.graph().node(), opsetOf(proto.opset_import()));
    for (const auto &function : proto.functions())
      checkOps(function.node(), opsetOf(function.opset_import()));
    checkExternals(proto.graph());
    for (const auto &function : proto.functions())
      checkExternals(function.node());
    // Before ONNX's own checks, which recurse through functions unbounded.
    if (double count = countNodes(proto.graph().node(), 0); count > maxNodes)
      failUnsupported("{}: has {:.3g} nodes once its functions are inlined; "
                      "at most {:.0f} are supported",
                      model.path, count, maxNodes);
    checkStructure();
  }

private:
  Model &model;
  const onnx::ModelProto &proto;
  std::unordered_map<std::string, const onnx::FunctionProto *> functions;
  std::unordered_map<const onnx::FunctionProto *, double> counts;

  template <typename Imports> static int opsetOf(const Imports &imports) {
    int opset = 0;
    for (const auto &import : imports)
      if (import.domain().empty() || import.domain() == "ai.onnx")
        opset = static_cast<int>(std::clamp<int64_t>(
            import.version(), -1, std::numeric_limits<int>::max()));
    return opset;
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

  /// Ops that nobody knows, named before ONNX's checker stumbles over them.
  void checkOps(const NodeList &nodes, int opset) {
    walkNodes(nodes, [&](const onnx::NodeProto &node) {
      std::string domain =
          node.domain() == "ai.onnx" ? std::string() : node.domain();
      if (functions.count(functionKey(domain, node.op_type(), node.overload())))
        return;
      if (!domain.empty()) {
        if (!findImporter(domain, node.op_type()))
          failUnsupported("{}: {}: op of domain '{}' is unknown; a model-local "
                          "function for it would help",
                          model.path, describe(node), domain);
        return;
      }
      if (node.op_type() == "Einsum")
        checkEquation(node);
      auto *registry = onnx::OpSchemaRegistry::Instance();
      if (opset > 0 && registry->GetSchema(node.op_type(), opset, ""))
        return;
      if (const auto *newest =
              onnx::OpSchemaRegistry::Schema(node.op_type(), ""))
        failInvalid("{}: {}: the model imports opset {}, which has no such op; "
                    "it came with opset {}",
                    model.path, describe(node), opset, newest->SinceVersion());
      std::string near = nearestOp(node.op_type());
      failUnsupported("{}: {}: unknown op{}", model.path, describe(node),
                      near.empty() ? "" : "; did you mean " + near + "?");
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

  static std::string nearestOp(llvm::StringRef name) {
    std::string best;
    unsigned distance = 3;
    for (const SupportedOp &op : supportedOps()) {
      unsigned d = name.edit_distance(
          llvm::StringRef(op.name.data(), op.name.size()), true, distance);
      if (d < distance) {
        distance = d;
        best = op.name;
      }
    }
    return best;
  }

  void checkExternal(const onnx::TensorProto &tensor) {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL)
      return;
    for (const auto &entry : tensor.external_data())
      if (entry.key() == "location") {
        openExternal(model, entry.value(), tensor.name());
        return;
      }
    failInvalid("{}: tensor '{}': its external data has no location",
                model.path, tensor.name());
  }

  void checkExternals(const NodeList &nodes) {
    for (const auto &node : nodes)
      for (const auto &attribute : node.attribute()) {
        if (attribute.has_t())
          checkExternal(attribute.t());
        for (const auto &tensor : attribute.tensors())
          checkExternal(tensor);
        if (attribute.has_sparse_tensor()) {
          checkExternal(attribute.sparse_tensor().values());
          checkExternal(attribute.sparse_tensor().indices());
        }
        if (attribute.has_g())
          checkExternals(attribute.g());
        for (const auto &graph : attribute.graphs())
          checkExternals(graph);
      }
  }
  void checkExternals(const onnx::GraphProto &graph) {
    for (const auto &tensor : graph.initializer())
      checkExternal(tensor);
    for (const auto &tensor : graph.sparse_initializer()) {
      checkExternal(tensor.values());
      checkExternal(tensor.indices());
    }
    checkExternals(graph.node());
  }

  void checkStructure() {
    // As onnx::checker::check_model does, with the folder for external data.
    try {
      onnx::checker::CheckerContext context;
      context.set_ir_version(static_cast<int>(proto.ir_version()));
      context.set_model_dir(model.directory + "/");
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

/// Binds the symbolic dimensions of the inputs and forgets all others: names
/// of dimensions further down are an exporter's guess.
class Binder {
public:
  Binder(Model &model, const ImportOptions &options)
      : model(model), options(options) {}

  void run() {
    auto &graph = *model.proto.mutable_graph();
    std::set<std::string> constants;
    for (const auto &tensor : graph.initializer())
      constants.insert(tensor.name());
    for (const auto &tensor : graph.sparse_initializer())
      constants.insert(tensor.values().name());
    extents = options.dims;
    for (const auto &[name, value] : options.dims)
      if (value < 1)
        failUsage("--dim {}={}: a dimension must be at least 1", name, value);
    std::set<std::string> inputs;
    std::vector<std::string> ordered;
    for (const auto &input : graph.input())
      if (!constants.count(input.name())) {
        inputs.insert(input.name());
        ordered.push_back(input.name());
      }
    shapes = options.shapes;
    for (const auto &[number, given] : options.numberedShapes)
      if (inputs.count(given.first))
        shapes.emplace(given);
      else if (number < ordered.size())
        shapes.emplace(ordered[number], given.second);
    for (auto &input : *graph.mutable_input())
      if (!constants.count(input.name()))
        bindShape(input);
    for (const auto &[name, shape] : options.shapes)
      if (!inputs.count(name))
        failUsage("--shape {}: the model has no such input; it has {}", name,
                  join(inputs));
    for (auto &input : *graph.mutable_input())
      if (!constants.count(input.name()))
        collectSymbols(input);
    for (const auto &[name, value] : options.dims)
      if (!symbols.count(name))
        failUsage("--dim {}={}: no input of the model has a dimension of that "
                  "name{}",
                  name, value,
                  symbols.empty() ? "" : "; it has " + join(symbols));
    for (auto &input : *graph.mutable_input())
      if (!constants.count(input.name()))
        bindDims(input);
    for (auto &output : *graph.mutable_output())
      forgetNames(*output.mutable_type());
    for (auto &value : *graph.mutable_value_info())
      forgetNames(*value.mutable_type());
  }

private:
  Model &model;
  const ImportOptions &options;
  std::map<std::string, int64_t> extents;
  std::map<std::string, std::vector<int64_t>> shapes; ///< given for inputs
  std::set<std::string> symbols;

  static std::string join(const std::set<std::string> &names) {
    std::string text;
    for (const auto &name : names)
      text += (text.empty() ? "'" : ", '") + name + "'";
    return text.empty() ? "none" : text;
  }

  /// Applies --shape.
  void bindShape(onnx::ValueInfoProto &input) {
    auto given = shapes.find(input.name());
    if (given == shapes.end())
      return;
    if (!input.type().has_tensor_type())
      return; // refused by the importer, with the type's name
    auto &type = *input.mutable_type()->mutable_tensor_type();
    const auto &extent = given->second;
    if (!type.has_shape())
      for (size_t i = 0; i < extent.size(); ++i)
        type.mutable_shape()->add_dim();
    if (static_cast<size_t>(type.shape().dim_size()) != extent.size())
      failUsage("--shape {}: {} dimensions given, the input has {}",
                input.name(), extent.size(), type.shape().dim_size());
    for (size_t i = 0; i < extent.size(); ++i) {
      auto &dim = *type.mutable_shape()->mutable_dim(static_cast<int>(i));
      if (extent[i] < 1)
        failUsage("--shape {}: dimension {} is {}, it must be at least 1",
                  input.name(), i, extent[i]);
      if (dim.has_dim_value() && dim.dim_value() != extent[i])
        failUsage("--shape {}: dimension {} is fixed to {} by the model, not "
                  "{}",
                  input.name(), i, dim.dim_value(), extent[i]);
      if (dim.has_dim_param() && !dim.dim_param().empty()) {
        symbols.insert(dim.dim_param());
        auto [known, fresh] = extents.emplace(dim.dim_param(), extent[i]);
        if (!fresh && known->second != extent[i])
          failUsage("--shape {}: dimension '{}' is {} here and {} elsewhere",
                    input.name(), dim.dim_param(), extent[i], known->second);
      }
      dim.set_dim_value(extent[i]);
    }
  }

  void collectSymbols(const onnx::ValueInfoProto &input) {
    for (const auto &dim : input.type().tensor_type().shape().dim())
      if (dim.has_dim_param() && !dim.dim_param().empty())
        symbols.insert(dim.dim_param());
  }

  void bindDims(onnx::ValueInfoProto &input) {
    if (!input.type().has_tensor_type())
      return; // refused by the importer, with the type's name
    auto &type = *input.mutable_type()->mutable_tensor_type();
    if (!type.has_shape())
      failUnsupported("{}: input '{}' has no shape; --shape {}=1x2x3 gives it "
                      "one",
                      model.path, input.name(), input.name());
    int index = 0;
    for (auto &dim : *type.mutable_shape()->mutable_dim()) {
      if (dim.has_dim_param() && !dim.dim_param().empty()) {
        const std::string name = dim.dim_param();
        auto known = extents.find(name);
        if (known == extents.end())
          failUnsupported("{}: input '{}': dimension {} ('{}') is not known "
                          "at compile time; --dim {}=1 binds it",
                          model.path, input.name(), index, name, name);
        dim.set_dim_value(known->second);
      } else if (!dim.has_dim_value()) {
        failUnsupported("{}: input '{}': dimension {} is not known at compile "
                        "time and has no name; --shape {}=… gives the whole "
                        "shape",
                        model.path, input.name(), index, input.name());
      } else if (dim.dim_value() < 0) {
        failInvalid("{}: input '{}': dimension {} is {}", model.path,
                    input.name(), index, dim.dim_value());
      }
      ++index;
    }
  }

  static void forgetNames(onnx::TypeProto &type) {
    if (!type.has_tensor_type() || !type.tensor_type().has_shape())
      return;
    for (auto &dim :
         *type.mutable_tensor_type()->mutable_shape()->mutable_dim())
      if (dim.has_dim_param())
        dim.clear_value();
  }
};
} // namespace

void prepareModel(Model &model, const ImportOptions &options) {
  Checker(model).run();
  Binder(model, options).run();
  try {
    // Values are propagated by the importer, which folds what it builds
    // (Fold.h): ONNX's own data propagation copies tensors of any size.
    onnx::ShapeInferenceOptions inference(/*check_type=*/true,
                                          /*strict_mode=*/1,
                                          /*data_prop=*/false);
    onnx::shape_inference::InferShapes(
        model.proto, onnx::OpSchemaRegistry::Instance(), inference);
  } catch (const std::exception &error) {
    std::string reason = oneLine(error.what());
    // ONNX cannot infer its own body of this op: constants by reference.
    if (reason.find("(op_type:MeanVarianceNormalization)") == std::string::npos)
      failInvalid("{}: {}", model.path, reason);
  }
}

} // namespace hybridc::import
