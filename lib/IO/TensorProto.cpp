//===- TensorProto.cpp - ONNX's tensors in protobuf's wire format ---------===//
#include "hybridc/IO/Tensors.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <optional>

using namespace hybridc;
using namespace hybridc::io;
using stream::DType;

namespace {

/// TensorProto.DataType of onnx.proto.
struct OnnxType {
  int number;
  DType type;
};
constexpr OnnxType kTypes[] = {
    {1, DType::F32},  {2, DType::U8},   {3, DType::I8},   {4, DType::U16},
    {5, DType::I16},  {6, DType::I32},  {7, DType::I64},  {9, DType::Bool},
    {10, DType::F16}, {11, DType::F64}, {12, DType::U32}, {13, DType::U64},
    {16, DType::BF16}};

/// Reads fields; any bytes give either fields or `failed`.
class WireReader {
public:
  explicit WireReader(std::span<const std::byte> bytes) : rest(bytes) {}

  bool failed = false;
  unsigned field = 0, wire = 0;
  uint64_t value = 0;              ///< of wire types 0, 1 and 5
  std::span<const std::byte> data; ///< of wire type 2

  bool next() {
    if (failed || rest.empty())
      return false;
    uint64_t tag = varint();
    field = static_cast<unsigned>(tag >> 3);
    wire = tag & 7;
    if (wire == 0)
      value = varint();
    else if (wire == 1)
      value = fixed(8);
    else if (wire == 5)
      value = fixed(4);
    else if (wire == 2) {
      uint64_t size = varint();
      if (size > rest.size())
        failed = true;
      else {
        data = rest.first(size);
        rest = rest.subspan(size);
      }
    } else
      failed = true;
    failed |= field == 0;
    return !failed;
  }

  uint64_t varint() {
    uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest.empty())
        break;
      uint64_t byte = std::to_integer<uint64_t>(rest[0]);
      rest = rest.subspan(1);
      out |= (byte & 0x7f) << shift;
      if (byte < 0x80)
        return out;
    }
    failed = true;
    return 0;
  }
  bool atEnd() const { return rest.empty(); }

private:
  std::span<const std::byte> rest;

  uint64_t fixed(size_t size) {
    if (rest.size() < size) {
      failed = true;
      return 0;
    }
    uint64_t out = 0;
    std::memcpy(&out, rest.data(), size);
    rest = rest.subspan(size);
    return out;
  }
};

/// Values of a repeated field, packed or not, as raw 64-bit patterns.
bool appendValues(const WireReader &reader, unsigned packedSize,
                  std::vector<uint64_t> &values) {
  if (reader.wire != 2) {
    values.push_back(reader.value);
    return true;
  }
  if (packedSize == 0) {
    WireReader inner(reader.data);
    while (!inner.atEnd() && !inner.failed)
      values.push_back(inner.varint());
    return !inner.failed;
  }
  if (reader.data.size() % packedSize)
    return false;
  for (size_t at = 0; at < reader.data.size(); at += packedSize) {
    uint64_t value = 0;
    std::memcpy(&value, reader.data.data() + at, packedSize);
    values.push_back(value);
  }
  return true;
}

void putVarint(std::string &out, uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

/// SequenceProto and OptionalProto of onnx-data.proto have one shape: name = 1,
/// elem_type = 2, and the values under the number of their kind. Which of both
/// a file is only the model's input can tell.
std::optional<NamedTensor> parseContainer(std::span<const std::byte> bytes,
                                          const std::string &source) {
  static constexpr std::string_view kinds[] = {"tensor", "sparse tensor",
                                               "sequence", "map", "optional"};
  NamedTensor result;
  result.source = source;
  WireReader reader(bytes);
  uint64_t elementKind = 0;
  size_t counts[std::size(kinds)] = {};
  while (reader.next()) {
    if (reader.field == 1 && reader.wire == 2)
      result.name.assign(reinterpret_cast<const char *>(reader.data.data()),
                         reader.data.size());
    else if (reader.field == 2 && reader.wire == 0)
      elementKind = reader.value;
    else if (reader.field >= 3 && reader.field <= 7 && reader.wire == 2)
      ++counts[reader.field - 3];
    else
      return std::nullopt;
  }
  if (reader.failed || elementKind > std::size(kinds))
    return std::nullopt;
  std::string held;
  for (size_t i = 0; i < std::size(kinds); ++i)
    if (counts[i])
      held += fmt::format("{}{} {}{}", held.empty() ? "" : " and ", counts[i],
                          kinds[i], counts[i] > 1 ? "s" : "");
  // A tensor that lost its data has an element type alone as well, but also
  // extents or a name, which are other fields.
  if (held.empty() && elementKind == 0)
    return std::nullopt;
  result.notNumbers =
      "a sequence or optional with " + (held.empty() ? "nothing in it" : held);
  return result;
}

Result<NamedTensor> parseTensor(std::span<const std::byte> bytes,
                                const std::string &source) {
  auto bad = [&](std::string why) {
    return invalidInput(fmt::format("{}: {}", source, why));
  };
  NamedTensor result;
  result.source = source;
  std::vector<uint64_t> dims, values;
  uint64_t number = 0;
  std::span<const std::byte> raw;
  bool hasRaw = false, isExternal = false, isWhole = true;
  WireReader reader(bytes);
  while (isWhole && reader.next()) {
    switch (reader.field) {
    case 1:
      isWhole = appendValues(reader, 0, dims);
      break;
    case 2:
      number = reader.value;
      break;
    case 4: // float_data
      isWhole = appendValues(reader, 4, values);
      break;
    case 5:  // int32_data
    case 7:  // int64_data
    case 11: // uint64_data
      isWhole = appendValues(reader, 0, values);
      break;
    case 10: // double_data
      isWhole = appendValues(reader, 8, values);
      break;
    case 8:
      if (reader.wire == 2)
        result.name.assign(reinterpret_cast<const char *>(reader.data.data()),
                           reader.data.size());
      break;
    case 9:
      hasRaw = reader.wire == 2;
      raw = reader.data;
      break;
    case 14:
      isExternal = reader.value == 1;
      break;
    default: // fields that say nothing of the values
      break;
    }
  }
  if (!isWhole || reader.failed)
    return bad("is not an ONNX tensor: truncated or damaged");
  if (isExternal)
    return unsupported(source + ": keeps its data in another file; save the "
                                "tensor with its data inside");
  const OnnxType *found = nullptr;
  for (const OnnxType &type : kTypes)
    if (static_cast<uint64_t>(type.number) == number)
      found = &type;
  if (number == 0)
    return bad("is not an ONNX tensor: it has no element type");
  if (!found) {
    result.notNumbers = number == 8
                            ? std::string("strings")
                            : fmt::format("elements of ONNX type {}", number);
    return result;
  }
  exec::Tensor &tensor = result.tensor;
  tensor.type = found->type;
  uint64_t count = 1;
  for (uint64_t dim : dims) {
    if (dim > uint64_t(1) << 40 || (dim && count > (uint64_t(1) << 40) / dim))
      return bad("its shape is negative or far too large");
    count *= dim;
    tensor.shape.push_back(static_cast<int64_t>(dim));
  }
  size_t size = stream::sizeOf(tensor.type);
  if (hasRaw) {
    if (raw.size() != count * size)
      return bad(fmt::format("its shape takes {} bytes, it has {}",
                             count * size, raw.size()));
    tensor.bytes.assign(raw.begin(), raw.end());
    return result;
  }
  if (values.size() != count)
    return bad(fmt::format("its shape has {} elements, it has {}", count,
                           values.size()));
  // Little endian: the low bytes of a pattern are the element.
  tensor.bytes.resize(count * size);
  for (size_t i = 0; i < values.size(); ++i)
    std::memcpy(tensor.bytes.data() + i * size, &values[i], size);
  return result;
}

} // namespace

Result<NamedTensor> io::parseTensorProto(std::span<const std::byte> bytes,
                                         const std::string &source) {
  auto tensor = parseTensor(bytes, source);
  if (!tensor)
    if (auto container = parseContainer(bytes, source))
      return std::move(*container);
  return tensor;
}

std::string io::printTensorProto(const NamedTensor &named) {
  std::string out;
  for (int64_t dim : named.tensor.shape) {
    putVarint(out, 1 << 3);
    putVarint(out, static_cast<uint64_t>(dim));
  }
  for (const OnnxType &type : kTypes)
    if (type.type == named.tensor.type) {
      putVarint(out, 2 << 3);
      putVarint(out, static_cast<uint64_t>(type.number));
    }
  putVarint(out, 8 << 3 | 2);
  putVarint(out, named.name.size());
  out += named.name;
  putVarint(out, 9 << 3 | 2);
  putVarint(out, named.tensor.bytes.size());
  out.append(reinterpret_cast<const char *>(named.tensor.bytes.data()),
             named.tensor.bytes.size());
  return out;
}
