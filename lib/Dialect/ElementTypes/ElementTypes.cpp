//===- ElementTypes.cpp - MLIR's element types and the stream's -----------===//
#include "hybridc/Dialect/ElementTypes.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using hybridc::stream::DType;
namespace stream = hybridc::stream;

std::optional<DType> hybridc::tryDTypeOf(Type type) {
  if (auto shaped = dyn_cast<ShapedType>(type))
    type = shaped.getElementType();
  if (type.isF32())
    return DType::F32;
  if (type.isF64())
    return DType::F64;
  if (type.isF16())
    return DType::F16;
  if (type.isBF16())
    return DType::BF16;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return std::nullopt;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return DType::Bool;
  case 8:
    return isUnsigned ? DType::U8 : DType::I8;
  case 16:
    return isUnsigned ? DType::U16 : DType::I16;
  case 32:
    return isUnsigned ? DType::U32 : DType::I32;
  case 64:
    return isUnsigned ? DType::U64 : DType::I64;
  default:
    return std::nullopt;
  }
}

Type hybridc::elementTypeOf(MLIRContext *context, DType type) {
  auto unsignedType = [&](unsigned width) {
    return IntegerType::get(context, width, IntegerType::Unsigned);
  };
  switch (type) {
  case DType::F32:
    return Float32Type::get(context);
  case DType::F64:
    return Float64Type::get(context);
  case DType::F16:
    return Float16Type::get(context);
  case DType::BF16:
    return BFloat16Type::get(context);
  case DType::I8:
  case DType::I16:
  case DType::I32:
  case DType::I64:
    return IntegerType::get(context, 8 * stream::sizeOf(type));
  case DType::U8:
  case DType::U16:
  case DType::U32:
  case DType::U64:
    return unsignedType(8 * stream::sizeOf(type));
  case DType::Bool:
    return IntegerType::get(context, 1);
  }
  return {};
}
