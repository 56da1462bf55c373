//===- Importer.cpp - Walks an ONNX graph and builds hyb ------------------===//

#include "Importer.h"
#include "Prepare.h"
#include "Schemas.h"
#include "Table.h"

#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace hybridc::import {

Importer::Importer(MLIRContext *context, const std::shared_ptr<Model> &model,
                   std::vector<std::string> &remarks)
    : context(context), model(model), b(context), remarks(remarks),
      weights(context, model) {}

RankedTensorType Importer::importType(const onnx::TypeProto &type,
                                      const std::string &what) {
  if (!type.has_tensor_type()) {
    const char *kind = type.has_sequence_type()        ? "a sequence"
                       : type.has_optional_type()      ? "an optional"
                       : type.has_map_type()           ? "a map"
                       : type.has_sparse_tensor_type() ? "a sparse tensor"
                                                       : "of no type";
    failUnsupported("{}: {} is {}, and programs hold tensors alone; a model "
                    "that takes and gives its tensors one by one would help",
                    model->path, what, kind);
  }
  Type element = elementTypeOf(context, type.tensor_type().elem_type());
  if (!element)
    failUnsupported("{}: {} has elements of type {}, which are not supported",
                    model->path, what,
                    nameOfElementType(type.tensor_type().elem_type()));
  SmallVector<int64_t> shape;
  int64_t bits = 64;
  for (const auto &dim : type.tensor_type().shape().dim()) {
    if (!dim.has_dim_value())
      failUnsupported("{}: {} has a dimension that is not known at compile "
                      "time",
                      model->path, what);
    shape.push_back(dim.dim_value());
    if (dim.dim_value() < 0 ||
        llvm::MulOverflow(bits, std::max<int64_t>(dim.dim_value(), 1), bits) ||
        bits > (int64_t(1) << 60))
      failInvalid("{}: {}: its size overflows", model->path, what);
  }
  int64_t elements = bits / 64;
  if (elements > maxTensorBytes / 8)
    failTooLarge("{}: {} has {:.3g} elements, more than any chip holds; "
                 "smaller extents (--dim, --shape) would help",
                 model->path, what, static_cast<double>(elements));
  return RankedTensorType::get(shape, element);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Value Importer::constant(ElementsAttr value, Location loc) {
  Value &known = constants[value];
  if (known)
    return known;
  OpBuilder::InsertionGuard guard(b);
  if (lastConstant)
    b.setInsertionPointAfter(lastConstant);
  else
    b.setInsertionPointToStart(entry);
  lastConstant = hyb::ConstantOp::create(b, loc, value);
  known = lastConstant->getResult(0);
  return known;
}

Value Importer::emptyAsConstant(Value value, Location loc) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || type.getNumElements() != 0)
    return value;
  return constant(DenseElementsAttr::get(type, ArrayRef<Attribute>()), loc);
}

std::optional<Item> Importer::lookup(Scope &scope, const std::string &name) {
  for (Scope *at = &scope; at; at = at->parent) {
    if (auto value = at->values.find(name); value != at->values.end())
      return value->second;
    if (auto found = at->sequences.find(name); found != at->sequences.end())
      return found->second;
    auto loc = [&] { return hyb::nodeLoc(context, name, "Constant"); };
    if (auto tensor = at->tensors.find(name); tensor != at->tensors.end())
      return at->values[name] =
                 constant(weights.convert(*tensor->second, name), loc());
    if (auto tensor = at->sparse.find(name); tensor != at->sparse.end())
      return at->values[name] =
                 constant(weights.convert(*tensor->second), loc());
  }
  return {};
}

void Importer::bind(Scope &scope, const std::string &name, Item item,
                    std::optional<Location> loc) {
  auto settled = [&](Value value) {
    return emptyAsConstant(value, loc.value_or(value.getLoc()));
  };
  if (!item.sequence) {
    scope.values[name] = settled(item.value);
    return;
  }
  for (Value &value : *item.sequence)
    value = settled(value);
  scope.sequences[name] = std::move(*item.sequence);
}

void Importer::bindInitializers(const onnx::GraphProto &graph, Scope &scope) {
  for (const auto &tensor : graph.initializer())
    scope.tensors[tensor.name()] = &tensor;
  for (const auto &tensor : graph.sparse_initializer())
    scope.sparse[tensor.values().name()] = &tensor;
}

Items Importer::importItems(const onnx::GraphProto &graph, Scope *parent,
                            Frame &frame, Items inputs) {
  Scope scope;
  scope.parent = parent;
  bindInitializers(graph, scope);
  for (auto [i, item] : llvm::enumerate(inputs))
    if (static_cast<int>(i) < graph.input_size())
      bind(scope, graph.input(static_cast<int>(i)).name(), std::move(item));
  int index = 0;
  for (const auto &node : graph.node())
    importNode(node, index++, scope, frame);
  Items outputs;
  for (const auto &output : graph.output()) {
    if (auto item = lookup(scope, output.name()))
      outputs.push_back(std::move(*item));
    else
      failInvalid("{}: graph '{}': nothing computes its output '{}'",
                  model->path, graph.name(), output.name());
  }
  return outputs;
}

SmallVector<Value> Importer::importGraph(const onnx::GraphProto &graph,
                                         Scope *parent, Frame &frame,
                                         ValueRange inputs) {
  SmallVector<Value> outputs;
  for (auto [i, item] : llvm::enumerate(importItems(
           graph, parent, frame, Items(inputs.begin(), inputs.end())))) {
    if (item.sequence)
      failUnsupported("{}: graph '{}': its output '{}' is a sequence, and "
                      "programs hold tensors alone; its tensors one by one, or "
                      "ConcatFromSequence, would help",
                      model->path, graph.name(),
                      graph.output(static_cast<int>(i)).name());
    outputs.push_back(item.value);
  }
  return outputs;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

[[noreturn]] static void refuseOp(const Model &model, const Node &node) {
  refuseUnsupportedOps(model);
  node.unsupported("the op is not supported in this form");
}

void Importer::importNode(const onnx::NodeProto &proto, int index, Scope &scope,
                          Frame &frame) {
  std::string name =
      frame.prefix + (proto.name().empty()
                          ? fmt::format("{}_{}", proto.op_type(), index)
                          : proto.name());
  Location loc =
      frame.fixed ? *frame.fixed : hyb::nodeLoc(context, name, proto.op_type());
  if (frame.fixed)
    name = frame.fixedName;
  Node node(*this, scope, frame, proto, name, loc);
  if (depth > 400)
    node.unsupported("functions and subgraphs are nested too deeply");
  ++depth;
  std::string domain = standardDomain(proto.domain());
  auto function =
      functions.find(domain + ":" + proto.op_type() + ":" + proto.overload());
  if (function != functions.end())
    importFunction(node, *function->second, /*standard=*/false);
  else if (const OpRow *row = findImporter(domain, proto.op_type()))
    row->import(node);
  else if (!importStandardFunction(node))
    refuseOp(*model, node);
  --depth;
}

void Importer::importFunction(Node &node, const onnx::FunctionProto &function,
                              bool standard) {
  Frame frame;
  frame.caller = &node.frame;
  for (const auto &import : function.opset_import())
    if (standardDomain(import.domain()).empty())
      frame.opset = static_cast<int>(import.version());
  if (frame.opset == 0)
    frame.opset = node.opset;
  if (standard || node.frame.fixed) {
    frame.fixed = node.loc;
    frame.fixedName = node.name;
  } else {
    frame.prefix = node.name + "/";
  }
  for (const auto &attribute : function.attribute_proto())
    frame.attributes[attribute.name()] = &attribute;
  for (const auto &attribute : node.proto.attribute())
    if (const auto *bound = node.find(attribute.name()))
      frame.attributes[attribute.name()] = bound;
  Scope scope;
  for (int i = 0; i < function.input_size(); ++i)
    if (node.has(i))
      bind(scope, function.input(i), node.inItem(i));
  int index = 0;
  for (const auto &inner : function.node())
    importNode(inner, index++, scope, frame);
  for (int i = 0; i < function.output_size(); ++i) {
    if (!node.wants(i))
      continue;
    auto item = lookup(scope, function.output(i));
    if (!item)
      node.invalid(fmt::format("function '{}' does not compute its output "
                               "'{}'",
                               function.name(), function.output(i)));
    node.outItem(i, std::move(*item));
  }
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

static std::string extentsText(ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t extent : shape)
    text +=
        (text.empty() ? "" : "x") + (extent < 0 ? "?" : std::to_string(extent));
  return text.empty() ? "a scalar" : text;
}

static bool hasDisputedOps(const onnx::ModelProto &model) {
  bool found = false;
  auto visit = [&](const onnx::NodeProto &node) {
    found |= hasDisputedExtents(node.op_type());
  };
  walkNodes(model.graph().node(), visit);
  for (const auto &function : model.functions())
    walkNodes(function.node(), visit);
  return found;
}

/// What a model states of its outputs must hold, but for two things that tools
/// leave behind and onnxruntime runs: a batch of one that is another one by
/// now, and extents of pools and interpolations, which they round differently.
void Importer::checkOutputs(ValueRange results) {
  const auto &outputs = model->proto.graph().output();
  for (auto [i, value] : llvm::enumerate(results)) {
    const onnx::TypeProto &declared = model->declared[i];
    if (!declared.has_tensor_type())
      continue;
    const std::string &name = outputs[static_cast<int>(i)].name();
    const auto &tensor = declared.tensor_type();
    auto type = cast<RankedTensorType>(value.getType());
    Type element = elementTypeOf(context, tensor.elem_type());
    if (tensor.elem_type() && element != type.getElementType()) {
      std::string own;
      llvm::raw_string_ostream(own) << type.getElementType();
      failInvalid("{}: output '{}' is declared with elements of type {}, but "
                  "the model computes {}",
                  model->path, name, nameOfElementType(tensor.elem_type()),
                  own);
    }
    if (!tensor.has_shape())
      continue;
    SmallVector<int64_t> shape;
    for (const auto &dim : tensor.shape().dim())
      shape.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
    bool hasRank = shape.size() == static_cast<size_t>(type.getRank());
    SmallVector<size_t> wrong;
    for (size_t d = 0; hasRank && d < shape.size(); ++d)
      if (shape[d] >= 0 && shape[d] != type.getDimSize(d))
        wrong.push_back(d);
    if (hasRank && wrong.empty())
      continue;
    std::string text =
        fmt::format("output '{}' is declared as {}, the model computes {}",
                    name, extentsText(shape), extentsText(type.getShape()));
    bool isStaleBatch =
        hasRank && wrong.size() == 1 && wrong[0] == 0 && shape[0] == 1;
    if (!isStaleBatch && !(hasRank && hasDisputedOps(model->proto)))
      failInvalid("{}: {}", model->path, text);
    remarks.push_back("warning: " + text);
  }
}

OwningOpRef<ModuleOp> Importer::run() {
  const onnx::GraphProto &graph = model->proto.graph();
  Frame frame;
  for (const auto &import : model->proto.opset_import())
    if (standardDomain(import.domain()).empty())
      frame.opset = static_cast<int>(import.version());
  for (const auto &function : model->proto.functions())
    functions[standardDomain(function.domain()) + ":" + function.name() + ":" +
              function.overload()] = &function;

  llvm::StringRef file = llvm::StringRef(model->path).rsplit('/').second;
  if (file.empty())
    file = model->path;
  Location loc = FileLineColLoc::get(context, file, 0, 0);
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  (*module)->setAttr(hyb::kModelAttr, b.getStringAttr(file));

  llvm::StringSet<> constantNames;
  for (const auto &tensor : graph.initializer())
    constantNames.insert(tensor.name());
  for (const auto &tensor : graph.sparse_initializer())
    constantNames.insert(tensor.values().name());
  SmallVector<Type> types;
  std::vector<const onnx::ValueInfoProto *> arguments;
  for (const auto &input : graph.input()) {
    if (constantNames.contains(input.name()))
      continue;
    types.push_back(importType(input.type(), "input '" + input.name() + "'"));
    arguments.push_back(&input);
  }

  b.setInsertionPointToEnd(module->getBody());
  auto function =
      func::FuncOp::create(b, loc, "infer", b.getFunctionType(types, {}));
  entry = function.addEntryBlock();
  b.setInsertionPointToEnd(entry);
  Scope inputs;
  for (auto [i, input] : llvm::enumerate(arguments)) {
    inputs.values[input->name()] = emptyAsConstant(entry->getArgument(i), loc);
    function.setArgAttr(i, hyb::kNameAttr, b.getStringAttr(input->name()));
    entry->getArgument(i).setLoc(NameLoc::get(b.getStringAttr(input->name())));
  }
  SmallVector<Value> results = importGraph(graph, &inputs, frame, {});
  checkOutputs(results);
  func::ReturnOp::create(b, loc, results);
  function.setType(b.getFunctionType(types, ValueRange(results).getTypes()));
  for (auto [i, output] : llvm::enumerate(graph.output()))
    function.setResultAttr(i, hyb::kNameAttr, b.getStringAttr(output.name()));
  eraseDeadOps(*entry);
  return module;
}

void eraseDeadOps(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        if (!isa<hyb::MapOp>(op))
          eraseDeadOps(inner);
    if (isOpTriviallyDead(&op))
      op.erase();
  }
}

} // namespace hybridc::import
