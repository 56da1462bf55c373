//===- Schemas.cpp - ONNX's schemas, as models are checked ----------------===//

#include "Schemas.h"

#include "llvm/ADT/ScopeExit.h"

#include <map>

namespace hybridc::import {
namespace {

/// A node as inference sees it, with inputs whose extents and values are not
/// known.
class TypesOnly final : public onnx::InferenceContext {
public:
  explicit TypesOnly(onnx::InferenceContext &whole) : whole(whole) {}

  const onnx::AttributeProto *
  getAttribute(const std::string &name) const override {
    return whole.getAttribute(name);
  }
  size_t getNumInputs() const override { return whole.getNumInputs(); }
  bool hasInput(size_t i) const override { return whole.hasInput(i); }
  const onnx::TypeProto *getInputType(size_t i) const override {
    const onnx::TypeProto *type = whole.getInputType(i);
    if (!type || !type->has_tensor_type() || !type->tensor_type().has_shape())
      return type;
    auto known = types.find(i);
    if (known == types.end()) {
      known = types.emplace(i, *type).first;
      known->second.mutable_tensor_type()->clear_shape();
    }
    return &known->second;
  }
  const onnx::TensorProto *getInputData(size_t) const override {
    return nullptr;
  }
  const onnx::SparseTensorProto *getInputSparseData(size_t) const override {
    return nullptr;
  }
  const onnx::TensorShapeProto *getSymbolicInput(size_t) const override {
    return nullptr;
  }
  size_t getNumOutputs() const override { return whole.getNumOutputs(); }
  onnx::TypeProto *getOutputType(size_t i) override {
    return whole.getOutputType(i);
  }
  bool hasOutput(size_t i) override { return whole.hasOutput(i); }
  onnx::GraphInferencer *
  getGraphAttributeInferencer(const std::string &name) override {
    return whole.getGraphAttributeInferencer(name);
  }
  std::string getDisplayName() const override { return whole.getDisplayName(); }

private:
  onnx::InferenceContext &whole;
  mutable std::map<size_t, onnx::TypeProto> types;
};

} // namespace

bool hasDisputedExtents(const std::string &op) {
  return op == "MaxPool" || op == "AveragePool" || op == "LpPool" ||
         op == "Resize" || op == "Upsample";
}

const onnx::OpSchema *findSchema(const std::string &name, int opset,
                                 const std::string &domain) {
  auto *registry = onnx::OpSchemaRegistry::Instance();
  // Deprecated in opset 18 for its definition's sake and defined anew in 21,
  // with the same signature; onnxruntime runs both.
  if (name == "GroupNormalization" && opset >= 18 && opset < 21)
    opset = 21;
  return registry->GetSchema(name, opset, domain);
}

const onnx::OpSchema *Schemas::GetSchema(const std::string &name, int opset,
                                         const std::string &domain) const {
  const onnx::OpSchema *schema = findSchema(name, opset, domain);
  if (!schema)
    return nullptr;
  auto [known, fresh] = adapted.try_emplace(schema);
  if (fresh)
    known->second = adapt(*schema);
  return known->second.get();
}

/// What ONNX infers from an op's function body is left out: the constraints of
/// its schema give the types, and the bodies do not hold for all of these.
std::unique_ptr<onnx::OpSchema>
Schemas::adapt(const onnx::OpSchema &schema) const {
  auto copy = std::make_unique<onnx::OpSchema>(schema);
  if (!schema.has_type_and_shape_inference_function()) {
    copy->TypeAndShapeInferenceFunction([](onnx::InferenceContext &) {});
    return copy;
  }
  copy->TypeAndShapeInferenceFunction(
      [this, infer = schema.GetTypeAndShapeInferenceFunction(),
       isBranch = schema.Name() == "If",
       isDisputed =
           hasDisputedExtents(schema.Name())](onnx::InferenceContext &context) {
        llvm::scope_exit outside(
            [this, before = branches] { branches = before; });
        branches += isBranch;
        if (branches == 0 && !isDisputed)
          return infer(context);
        TypesOnly types(context);
        infer(types);
      });
  return copy;
}

} // namespace hybridc::import
