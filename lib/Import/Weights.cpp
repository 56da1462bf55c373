//===- Weights.cpp - ONNX tensors as attributes ---------------------------===//

#include "Weights.h"
#include "Failure.h"
#include "Fold.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/xxhash.h"

#include <cstring>

using namespace mlir;

namespace hybridc::import {

using Proto = onnx::TensorProto;

Type elementTypeOf(MLIRContext *context, int onnxType) {
  auto integer = [&](unsigned width, bool isUnsigned = false) -> Type {
    return IntegerType::get(context, width,
                            isUnsigned ? IntegerType::Unsigned
                                       : IntegerType::Signless);
  };
  switch (onnxType) {
  case Proto::FLOAT:
    return Float32Type::get(context);
  case Proto::FLOAT16:
    return Float16Type::get(context);
  case Proto::BFLOAT16:
    return BFloat16Type::get(context);
  case Proto::DOUBLE:
    return Float64Type::get(context);
  case Proto::BOOL:
    return integer(1);
  case Proto::INT8:
    return integer(8);
  case Proto::INT16:
    return integer(16);
  case Proto::INT32:
    return integer(32);
  case Proto::INT64:
    return integer(64);
  case Proto::UINT8:
    return integer(8, true);
  case Proto::UINT16:
    return integer(16, true);
  case Proto::UINT32:
    return integer(32, true);
  case Proto::UINT64:
    return integer(64, true);
  default:
    return {};
  }
}

std::string nameOfElementType(int onnxType) {
  if (Proto::DataType_IsValid(onnxType))
    return Proto::DataType_Name(static_cast<Proto::DataType>(onnxType));
  return fmt::format("number {}", onnxType);
}

RankedTensorType Weights::typeOf(const Proto &tensor, const std::string &name) {
  Type element = elementTypeOf(context, tensor.data_type());
  if (!element)
    failUnsupported("{}: tensor '{}': elements of type {} are not supported",
                    model->path, name, nameOfElementType(tensor.data_type()));
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  int64_t bits = 64;
  for (int64_t extent : shape) {
    if (extent < 0)
      failInvalid("{}: tensor '{}': an extent is {}", model->path, name,
                  extent);
    if (llvm::MulOverflow(bits, std::max<int64_t>(extent, 1), bits))
      failInvalid("{}: tensor '{}': its size overflows", model->path, name);
  }
  return RankedTensorType::get(shape, element);
}

/// The repeated field that holds `count` values, as bytes.
template <typename Field>
static ArrayRef<typename Field::value_type>
checkedField(const Model &model, const std::string &name, const Field &field,
             int64_t count) {
  if (field.size() != count)
    failInvalid("{}: tensor '{}': its shape asks for {} values, it has {}",
                model.path, name, count, field.size());
  return {field.data(), static_cast<size_t>(field.size())};
}

/// int32_data holds one narrow value in each element.
template <typename Narrow>
static std::shared_ptr<std::vector<Narrow>> narrow(ArrayRef<int32_t> values) {
  auto result = std::make_shared<std::vector<Narrow>>();
  result->reserve(values.size());
  for (int32_t value : values)
    result->push_back(static_cast<Narrow>(value));
  return result;
}

Weights::Bytes Weights::bytesOf(const Proto &tensor, RankedTensorType type,
                                const std::string &name) {
  size_t elementBytes = (type.getElementTypeBitWidth() + 7) / 8;
  int64_t count = type.getNumElements();
  size_t expected = elementBytes * static_cast<size_t>(count);
  if (tensor.data_location() == Proto::EXTERNAL) {
    ExternalData found = locateExternal(*model, tensor, expected);
    return {found.data, found.size, found.file};
  }
  if (tensor.has_raw_data()) {
    if (tensor.raw_data().size() != expected)
      failInvalid("{}: tensor '{}': its shape and type take {} bytes, it has "
                  "{}",
                  model->path, name, expected, tensor.raw_data().size());
    return {tensor.raw_data().data(), expected, model};
  }
  auto whole = [&](auto values) -> Bytes {
    return {reinterpret_cast<const char *>(values.data()), expected, model};
  };
  auto owned = [&](const auto &values) -> Bytes {
    return {reinterpret_cast<const char *>(values->data()), expected, values};
  };
  auto ints = [&] {
    return checkedField(*model, name, tensor.int32_data(), count);
  };
  switch (tensor.data_type()) {
  case Proto::FLOAT:
    return whole(checkedField(*model, name, tensor.float_data(), count));
  case Proto::DOUBLE:
    return whole(checkedField(*model, name, tensor.double_data(), count));
  case Proto::INT64:
    return whole(checkedField(*model, name, tensor.int64_data(), count));
  case Proto::UINT64:
    return whole(checkedField(*model, name, tensor.uint64_data(), count));
  case Proto::INT32:
    return whole(ints());
  case Proto::UINT32: {
    auto values = std::make_shared<std::vector<uint32_t>>();
    for (uint64_t value :
         checkedField(*model, name, tensor.uint64_data(), count))
      values->push_back(static_cast<uint32_t>(value));
    return owned(values);
  }
  case Proto::INT16:
  case Proto::UINT16:
  case Proto::FLOAT16:
  case Proto::BFLOAT16:
    return owned(narrow<uint16_t>(ints()));
  default: // bool and bytes
    return owned(narrow<uint8_t>(ints()));
  }
}

DenseResourceElementsHandle Weights::blobFor(const Bytes &bytes, size_t align,
                                             StringRef name) {
  uint64_t hash = llvm::xxh3_64bits(
      ArrayRef(reinterpret_cast<const uint8_t *>(bytes.data), bytes.size));
  auto &same = known[{hash ^ align, bytes.size}];
  for (auto &handle : same)
    if (std::memcmp(handle.getBlob()->getData().data(), bytes.data,
                    bytes.size) == 0)
      return handle;
  auto &manager = DenseResourceElementsHandle::getManagerInterface(context);
  auto *dialect = context->getLoadedDialect<BuiltinDialect>();
  ArrayRef<char> data(bytes.data, bytes.size);
  bool aligned = reinterpret_cast<uintptr_t>(bytes.data) % align == 0;
  AsmResourceBlob blob =
      aligned
          ? UnmanagedAsmResourceBlob::allocateWithAlign(
                data, align, [owner = bytes.owner](void *, size_t, size_t) {})
          : HeapAsmResourceBlob::allocateAndCopyWithAlign(
                data, align, /*dataIsMutable=*/false);
  auto handle = manager.getBlobManager().insert<DenseResourceElementsHandle>(
      dialect, name, std::move(blob));
  same.push_back(handle);
  return handle;
}

ElementsAttr Weights::convert(const Proto &tensor, StringRef hint) {
  std::string name = tensor.name().empty() ? hint.str() : tensor.name();
  RankedTensorType type = typeOf(tensor, name);
  Bytes bytes = bytesOf(tensor, type, name);
  bool isBool = type.getElementType().isInteger(1);
  if (isBool && llvm::any_of(ArrayRef(bytes.data, bytes.size),
                             [](char c) { return c & ~1; }))
    failInvalid("{}: tensor '{}': a bool is neither 0 nor 1", model->path,
                name);
  if (type.getNumElements() <= maxInlineElements) {
    if (isBool) {
      SmallVector<bool> values;
      for (size_t i = 0; i < bytes.size; ++i)
        values.push_back(bytes.data[i]);
      return DenseElementsAttr::get(type, values);
    }
    if (type.getNumElements() == 0)
      return DenseElementsAttr::get(type, ArrayRef<Attribute>());
    return DenseElementsAttr::getFromRawBuffer(type, {bytes.data, bytes.size});
  }
  size_t align = (type.getElementTypeBitWidth() + 7) / 8;
  return DenseResourceElementsAttr::get(type, blobFor(bytes, align, hint));
}

ElementsAttr Weights::convert(const onnx::SparseTensorProto &sparse) {
  const std::string &name = sparse.values().name();
  ElementsAttr values = convert(sparse.values(), name);
  ElementsAttr indices = convert(sparse.indices(), name);
  Proto dense;
  dense.set_data_type(sparse.values().data_type());
  *dense.mutable_dims() = sparse.dims();
  RankedTensorType type = typeOf(dense, name);
  auto elements = readConstant(values), places = readConstant(indices);
  if (type.getNumElements() > (1 << 20) || !elements || !places)
    failUnsupported("{}: sparse tensor '{}' is too large to be written out "
                    "densely",
                    model->path, name);
  auto indexType = cast<RankedTensorType>(indices.getType());
  size_t count = elements->size();
  bool linear = indexType.getRank() == 1;
  size_t rank = linear ? 1 : static_cast<size_t>(type.getRank());
  if (places->size() != count * rank)
    failInvalid("{}: sparse tensor '{}': values and indices do not match",
                model->path, name);
  std::vector<Scalar> result(type.getNumElements());
  for (size_t i = 0; i < count; ++i) {
    int64_t at = 0;
    for (size_t d = 0; d < rank; ++d) {
      int64_t extent = linear ? type.getNumElements() : type.getDimSize(d);
      int64_t index = (*places)[i * rank + d].i;
      if (index < 0 || index >= extent)
        failInvalid("{}: sparse tensor '{}': an index is out of range",
                    model->path, name);
      at = at * extent + index;
    }
    result[at] = (*elements)[i];
  }
  return makeConstant(type, result);
}

} // namespace hybridc::import
