//===- Prepare.cpp - From a model as read to one that can be imported -----===//

#include "Prepare.h"
#include "Failure.h"
#include "Schemas.h"

#include "onnx/shape_inference/implementation.h"

#include <set>

namespace hybridc::import {
namespace {

/// Extents that the model states for its inner values, and for its outputs,
/// are what an exporter guessed or a tool forgot to update: the importer
/// computes them. Element types stay, and are checked.
void forgetShape(onnx::ValueInfoProto &value) {
  if (value.type().has_tensor_type())
    value.mutable_type()->mutable_tensor_type()->clear_shape();
}

void forgetShapes(google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes);

void forgetShapes(onnx::GraphProto &graph) {
  for (auto &value : *graph.mutable_value_info())
    forgetShape(value);
  for (auto &output : *graph.mutable_output())
    forgetShape(output);
  forgetShapes(*graph.mutable_node());
}

void forgetShapes(google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
  auto forgetInner = [](onnx::GraphProto &graph) {
    for (auto &input : *graph.mutable_input())
      forgetShape(input);
    forgetShapes(graph);
  };
  for (auto &node : nodes)
    for (auto &attribute : *node.mutable_attribute()) {
      if (attribute.has_g())
        forgetInner(*attribute.mutable_g());
      for (auto &graph : *attribute.mutable_graphs())
        forgetInner(graph);
    }
}

/// Inputs that are initialisers too have the initialiser's extents.
void forgetShapesOfConstants(onnx::GraphProto &graph) {
  std::set<std::string> constants;
  for (const auto &tensor : graph.initializer())
    constants.insert(tensor.name());
  for (auto &input : *graph.mutable_input())
    if (constants.count(input.name()))
      forgetShape(input);
}
} // namespace

void prepareModel(Model &model, const ImportOptions &options,
                  std::vector<std::string> &remarks) {
  checkVersions(model);
  bindInputs(model, options, remarks);
  checkModel(model);
  for (const auto &output : model.proto.graph().output())
    model.declared.push_back(output.type());
  onnx::GraphProto &graph = *model.proto.mutable_graph();
  forgetShapes(graph);
  forgetShapesOfConstants(graph);
  for (auto &function : *model.proto.mutable_functions())
    forgetShapes(*function.mutable_node());
  try {
    // Values are propagated by the importer, which folds what it builds
    // (Fold.h): ONNX's own data propagation copies tensors of any size.
    onnx::ShapeInferenceOptions inference(/*check_type=*/true,
                                          /*strict_mode=*/1,
                                          /*data_prop=*/false);
    Schemas schemas;
    onnx::shape_inference::InferShapes(model.proto, &schemas, inference);
  } catch (const std::exception &error) {
    failInvalid("{}: {}", model.path, oneLine(error.what()));
  }
}

} // namespace hybridc::import
