//===- FixValue.cpp - An input that becomes a constant --------------------===//

#include "FixValue.h"
#include "Weights.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringRef.h"

#include <charconv>
#include <cstring>

namespace hybridc::import {
namespace {

using Proto = onnx::TensorProto;

/// How an element of a type is written in a .npy file and in a tensor.
struct Element {
  int type;
  char kind; ///< as NpyArray has it
  unsigned bytes;
  const llvm::fltSemantics *(*semantics)();
};

template <const llvm::fltSemantics &(*make)()>
const llvm::fltSemantics *semantics() {
  return &make();
}

const Element *elementOf(int type) {
  static const Element elements[] = {
      {Proto::FLOAT, 'f', 4, semantics<llvm::APFloat::IEEEsingle>},
      {Proto::DOUBLE, 'f', 8, semantics<llvm::APFloat::IEEEdouble>},
      {Proto::FLOAT16, 'f', 2, semantics<llvm::APFloat::IEEEhalf>},
      {Proto::BFLOAT16, 'f', 2, semantics<llvm::APFloat::BFloat>},
      {Proto::BOOL, 'b', 1, nullptr},
      {Proto::INT8, 'i', 1, nullptr},
      {Proto::INT16, 'i', 2, nullptr},
      {Proto::INT32, 'i', 4, nullptr},
      {Proto::INT64, 'i', 8, nullptr},
      {Proto::UINT8, 'u', 1, nullptr},
      {Proto::UINT16, 'u', 2, nullptr},
      {Proto::UINT32, 'u', 4, nullptr},
      {Proto::UINT64, 'u', 8, nullptr}};
  for (const Element &element : elements)
    if (element.type == type)
      return &element;
  return nullptr;
}

template <typename T> bool parseWhole(const std::string &text, T &value) {
  auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size();
}

/// The little-endian bits of `text` as an element; nothing when it is none.
std::optional<uint64_t> parseElement(const Element &element,
                                     const std::string &text) {
  unsigned bits = element.bytes * 8;
  if (element.kind == 'b') {
    if (text == "true" || text == "1")
      return 1;
    if (text == "false" || text == "0")
      return 0;
    return std::nullopt;
  }
  if (element.kind == 'f') {
    double value = 0;
    if (!parseWhole(text, value))
      return std::nullopt;
    llvm::APFloat number(value);
    bool inexact = false;
    number.convert(*element.semantics(), llvm::APFloat::rmNearestTiesToEven,
                   &inexact);
    return number.bitcastToAPInt().getZExtValue();
  }
  if (element.kind == 'u') {
    uint64_t value = 0;
    if (!parseWhole(text, value) || (bits < 64 && value >> bits))
      return std::nullopt;
    return value;
  }
  int64_t value = 0;
  if (!parseWhole(text, value))
    return std::nullopt;
  int64_t most = bits == 64 ? INT64_MAX : (int64_t(1) << (bits - 1)) - 1;
  if (value > most || value < -most - 1)
    return std::nullopt;
  return static_cast<uint64_t>(value);
}

/// The bytes of a file's array as elements of the input's type.
std::string bytesOf(const std::string &name, const Element &element,
                    const NpyArray &array) {
  std::string data(reinterpret_cast<const char *>(array.bytes.data()),
                   array.bytes.size());
  if (array.kind == element.kind && array.itemBytes == element.bytes &&
      element.type != Proto::BFLOAT16)
    return data;
  // NumPy has no bfloat16: single precision stands for it, as for --inputs.
  if (element.type != Proto::BFLOAT16 || array.kind != 'f' ||
      array.itemBytes != 4)
    failUsage("--value {}: the file holds elements of kind {}{}, the input "
              "takes {}",
              name, array.kind, array.itemBytes,
              nameOfElementType(element.type));
  std::string narrow;
  for (size_t at = 0; at + 4 <= data.size(); at += 4) {
    float wide;
    std::memcpy(&wide, data.data() + at, 4);
    llvm::APFloat number(wide);
    bool inexact = false;
    number.convert(llvm::APFloat::BFloat(), llvm::APFloat::rmNearestTiesToEven,
                   &inexact);
    uint64_t bits = number.bitcastToAPInt().getZExtValue();
    narrow.append({static_cast<char>(bits), static_cast<char>(bits >> 8)});
  }
  return narrow;
}
} // namespace

onnx::TensorProto fixedValue(const Model &model,
                             const onnx::ValueInfoProto &input,
                             const FixedValue &value) {
  const std::string &name = input.name();
  const auto &type = input.type().tensor_type();
  const Element *element = elementOf(type.elem_type());
  if (!element)
    failUnsupported("{}: input '{}' has elements of type {}, which are not "
                    "supported",
                    model.path, name, nameOfElementType(type.elem_type()));
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(type.elem_type());
  double count = 1;
  for (const auto &dim : type.shape().dim()) {
    tensor.add_dims(dim.dim_value());
    count *= static_cast<double>(dim.dim_value());
  }
  if (count * element->bytes > static_cast<double>(1 << 30))
    failUsage("--value {}: the input takes more than 1 GiB", name);
  if (value.array) {
    tensor.set_raw_data(bytesOf(name, *element, *value.array));
    return tensor;
  }
  auto bits = parseElement(*element, value.text);
  if (!bits)
    failUsage("--value {}={}: expected a number of type {}, or FILE.npy", name,
              value.text, nameOfElementType(type.elem_type()));
  std::string data;
  data.reserve(static_cast<size_t>(count) * element->bytes);
  for (double i = 0; i < count; ++i)
    for (unsigned byte = 0; byte < element->bytes; ++byte)
      data += static_cast<char>(*bits >> (8 * byte));
  tensor.set_raw_data(std::move(data));
  return tensor;
}

} // namespace hybridc::import
