//===- StandardFunction.cpp - Ops that ONNX itself takes apart ------------===//

#include "Importer.h"

#include "onnx/defs/schema.h"

using namespace mlir;

namespace hybridc::import {

static int onnxTypeOf(Type element) {
  using Proto = onnx::TensorProto;
  if (element.isF32())
    return Proto::FLOAT;
  if (element.isF64())
    return Proto::DOUBLE;
  if (element.isF16())
    return Proto::FLOAT16;
  if (element.isBF16())
    return Proto::BFLOAT16;
  if (element.isInteger(1))
    return Proto::BOOL;
  bool isUnsigned = element.isUnsignedInteger();
  switch (element.getIntOrFloatBitWidth()) {
  case 8:
    return isUnsigned ? Proto::UINT8 : Proto::INT8;
  case 16:
    return isUnsigned ? Proto::UINT16 : Proto::INT16;
  case 32:
    return isUnsigned ? Proto::UINT32 : Proto::INT32;
  default:
    return isUnsigned ? Proto::UINT64 : Proto::INT64;
  }
}

bool Importer::importStandardFunction(Node &node) {
  if (!node.proto.domain().empty() && node.proto.domain() != "ai.onnx")
    return false;
  const onnx::OpSchema *schema = onnx::OpSchemaRegistry::Instance()->GetSchema(
      node.proto.op_type(), node.opset, "");
  if (!schema ||
      (!schema->HasFunction() && !schema->HasContextDependentFunction()))
    return false;
  // The body refers to the attributes with their defaults filled in.
  onnx::NodeProto &call = model->calls.emplace_back(node.proto);
  call.clear_attribute();
  for (const auto &[name, attribute] : schema->attributes()) {
    if (const auto *given = node.find(name)) {
      *call.add_attribute() = *given;
      call.mutable_attribute(call.attribute_size() - 1)->set_name(name);
    } else if (attribute.default_value.has_name()) {
      *call.add_attribute() = attribute.default_value;
    }
  }
  std::vector<onnx::TypeProto> types;
  for (int i = 0; i < node.numInputs(); ++i) {
    onnx::TypeProto &type = types.emplace_back();
    if (!node.has(i))
      continue;
    RankedTensorType known = Node::typeOf(node.in(i));
    type.mutable_tensor_type()->set_elem_type(
        onnxTypeOf(known.getElementType()));
    auto *shape = type.mutable_tensor_type()->mutable_shape();
    for (int64_t extent : known.getShape())
      shape->add_dim()->set_dim_value(extent);
  }
  onnx::FunctionProto &body = model->bodies.emplace_back();
  if (const auto *fixed = schema->GetFunction(node.opset)) {
    body = *fixed;
  } else {
    onnx::FunctionBodyBuildContextImpl context(call, types);
    if (!schema->BuildContextDependentFunction(context, body, node.opset))
      return false;
  }
  Node inner(*this, node.scope, node.frame, call, node.name, node.loc);
  importFunction(inner, body, /*standard=*/true);
  return true;
}

} // namespace hybridc::import
