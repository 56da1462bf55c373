//===- Bind.cpp - Extents and values of a model's inputs ------------------===//

#include "FixValue.h"
#include "Prepare.h"

#include <fmt/ranges.h>

#include <set>

namespace hybridc::import {
namespace {

/// Binds the symbolic dimensions of the inputs and forgets all others: names
/// of dimensions further down are an exporter's guess.
class Binder {
public:
  Binder(Model &model, const ImportOptions &options,
         std::vector<std::string> &remarks)
      : model(model), graph(*model.proto.mutable_graph()), options(options),
        remarks(remarks) {}

  void run() {
    for (const auto &[name, value] : options.values)
      if (!graphHas(name))
        failUsage("--value {}: the model has no such input; it has {}", name,
                  join(allNames()));
      else
        dropInitializer(name);
    for (const auto &tensor : graph.initializer())
      constants.insert(tensor.name());
    for (const auto &tensor : graph.sparse_initializer())
      constants.insert(tensor.values().name());
    extents = options.dims;
    for (const auto &[name, value] : options.dims)
      if (value < 0)
        failUsage("--dim {}={}: an extent cannot be negative", name, value);
    collectShapes();
    forEachInput([&](auto &input) { openNegative(input); });
    forEachInput([&](auto &input) { bindShape(input); });
    forEachInput([&](auto &input) { collectSymbols(input); });
    for (const auto &[name, value] : options.dims)
      if (!symbols.count(name))
        failUsage("--dim {}={}: no input of the model has a dimension of that "
                  "name; it has {}",
                  name, value, join(symbols));
    takeLeading();
    forEachInput([&](auto &input) { bindDims(input); });
    if (!open.empty())
      failOpen();
    fixValues();
  }

private:
  Model &model;
  onnx::GraphProto &graph;
  const ImportOptions &options;
  std::vector<std::string> &remarks;
  std::map<std::string, int64_t> extents;
  std::map<std::string, std::vector<int64_t>> shapes; ///< given for inputs
  std::set<std::string> constants, symbols;
  /// What stays open: names, and inputs with extents that have none.
  std::vector<std::string> open, openSymbols, openShapes;

  static std::string join(const std::set<std::string> &names) {
    std::string text;
    for (const auto &name : names)
      text += (text.empty() ? "'" : ", '") + name + "'";
    return text.empty() ? "none" : text;
  }

  std::set<std::string> allNames() const {
    std::set<std::string> names;
    for (const auto &input : graph.input())
      names.insert(input.name());
    return names;
  }
  bool graphHas(const std::string &name) const {
    return allNames().count(name) > 0;
  }

  /// The default of an input that gets another value.
  void dropInitializer(const std::string &name) {
    auto &tensors = *graph.mutable_initializer();
    for (int i = tensors.size() - 1; i >= 0; --i)
      if (tensors[i].name() == name)
        tensors.DeleteSubrange(i, 1);
  }

  void forEachInput(llvm::function_ref<void(onnx::ValueInfoProto &)> visit) {
    for (auto &input : *graph.mutable_input())
      // Others than tensors are refused by the importer, with the type's name.
      if (!constants.count(input.name()) && input.type().has_tensor_type())
        visit(input);
  }

  void collectShapes() {
    std::set<std::string> inputs;
    std::vector<std::string> ordered;
    for (const auto &input : graph.input())
      if (!constants.count(input.name())) {
        inputs.insert(input.name());
        ordered.push_back(input.name());
      }
    shapes = options.shapes;
    for (const auto &[name, shape] : options.shapes)
      if (!inputs.count(name))
        failUsage("--shape {}: the model has no such input; it has {}", name,
                  join(inputs));
    for (const auto &[number, given] : options.numberedShapes)
      if (inputs.count(given.first))
        shapes.emplace(given);
      else if (number < ordered.size())
        shapes.emplace(ordered[number], given.second);
    for (const auto &[name, value] : options.values)
      if (value.array)
        shapes.emplace(name, value.array->shape);
  }

  /// Older exporters write -1 where an extent is open.
  static void openNegative(onnx::ValueInfoProto &input) {
    auto &type = *input.mutable_type()->mutable_tensor_type();
    if (type.has_shape())
      for (auto &dim : *type.mutable_shape()->mutable_dim())
        if (dim.has_dim_value() && dim.dim_value() < 0)
          dim.clear_value();
  }

  /// Applies --shape.
  void bindShape(onnx::ValueInfoProto &input) {
    auto given = shapes.find(input.name());
    if (given == shapes.end())
      return;
    auto &type = *input.mutable_type()->mutable_tensor_type();
    const auto &extent = given->second;
    if (!type.has_shape()) {
      type.mutable_shape();
      for (size_t i = 0; i < extent.size(); ++i)
        type.mutable_shape()->add_dim();
    }
    if (static_cast<size_t>(type.shape().dim_size()) != extent.size())
      failUsage("--shape {}: {} dimensions given, the input has {}",
                input.name(), extent.size(), type.shape().dim_size());
    for (size_t i = 0; i < extent.size(); ++i) {
      auto &dim = *type.mutable_shape()->mutable_dim(static_cast<int>(i));
      if (extent[i] < 0)
        failUsage("--shape {}: dimension {} is {}, an extent cannot be "
                  "negative",
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

  /// A batch that nobody states is one sample.
  void takeLeading() {
    std::vector<std::string> taken;
    forEachInput([&](onnx::ValueInfoProto &input) {
      auto &type = *input.mutable_type()->mutable_tensor_type();
      if (type.shape().dim().empty())
        return;
      auto &dim = *type.mutable_shape()->mutable_dim(0);
      if (dim.has_dim_value())
        return;
      if (dim.dim_param().empty()) {
        dim.set_dim_value(1);
        taken.push_back(fmt::format("dimension 0 of input '{}' (--shape "
                                    "changes it)",
                                    input.name()));
      } else if (extents.emplace(dim.dim_param(), 1).second) {
        taken.push_back(fmt::format("dimension '{0}' (--dim {0}=EXTENT "
                                    "changes it)",
                                    dim.dim_param()));
      }
    });
    if (!taken.empty())
      remarks.push_back(
          fmt::format("remark: taken as 1: {}", fmt::join(taken, ", ")));
  }

  void bindDims(onnx::ValueInfoProto &input) {
    auto &type = *input.mutable_type()->mutable_tensor_type();
    if (!type.has_shape()) {
      auto value = options.values.find(input.name());
      if (value != options.values.end()) {
        type.mutable_shape(); // a scalar, as it was given
        return;
      }
      open.push_back(fmt::format("input '{0}' has no shape; --shape "
                                 "{0}=1x2x3 gives it one",
                                 input.name()));
      return;
    }
    bool hasUnnamed = false;
    std::vector<std::string> parts;
    for (auto [index, dim] :
         llvm::enumerate(*type.mutable_shape()->mutable_dim())) {
      const std::string name = dim.dim_param();
      auto known = extents.find(name);
      if (!name.empty() && known != extents.end())
        dim.set_dim_value(known->second);
      if (dim.has_dim_value()) {
        parts.push_back(std::to_string(dim.dim_value()));
        continue;
      }
      parts.push_back("N");
      open.push_back(fmt::format("input '{}': dimension {}{} is not known at "
                                 "compile time{}",
                                 input.name(), index,
                                 name.empty() ? "" : " ('" + name + "')",
                                 name.empty() ? " and has no name" : ""));
      hasUnnamed |= name.empty();
      if (!name.empty() && std::find(openSymbols.begin(), openSymbols.end(),
                                     name) == openSymbols.end())
        openSymbols.push_back(name);
    }
    if (hasUnnamed)
      openShapes.push_back(
          fmt::format("--shape {}={}", input.name(), fmt::join(parts, "x")));
  }

  /// All that is open, and what to type.
  [[noreturn]] void failOpen() const {
    std::vector<std::string> options;
    for (const std::string &name : openSymbols)
      options.push_back(openShapes.empty() ? "--dim " + name + "=1"
                                           : "--dim " + name + "=N");
    options.insert(options.end(), openShapes.begin(), openShapes.end());
    std::string help;
    if (!options.empty())
      help = fmt::format(
          "; {} {}{}", fmt::join(options, " "),
          options.size() > 1 || !openShapes.empty() ? "bind them" : "binds it",
          openShapes.empty() ? "" : ", with a number in place of each N");
    failUnsupported("{}: {}{}", model.path, fmt::join(open, "; "), help);
  }

  void fixValues() {
    auto &inputs = *graph.mutable_input();
    for (int i = inputs.size() - 1; i >= 0; --i) {
      auto value = options.values.find(inputs[i].name());
      if (value == options.values.end())
        continue;
      *graph.add_initializer() = fixedValue(model, inputs[i], value->second);
      if (model.proto.ir_version() >= 4)
        inputs.DeleteSubrange(i, 1);
    }
  }
};
} // namespace

void bindInputs(Model &model, const ImportOptions &options,
                std::vector<std::string> &remarks) {
  Binder(model, options, remarks).run();
}

} // namespace hybridc::import
