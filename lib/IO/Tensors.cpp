//===- Tensors.cpp - Tensors in files -------------------------------------===//
#include "hybridc/IO/Tensors.h"

#include "hybridc/Support/OutputFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

using namespace hybridc;
using namespace hybridc::io;
using stream::DType;
namespace fs = std::filesystem;

std::string io::typeText(DType type, const std::vector<int64_t> &shape) {
  std::string text(stream::nameOf(type));
  text += ' ';
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? "x" : "") + std::to_string(shape[i]);
  return shape.empty() ? text + "scalar" : text;
}

Status io::checkNumbers(const NamedTensor &tensor, const std::string &wanted) {
  if (tensor.notNumbers.empty())
    return {};
  return invalidInput(fmt::format("{}: holds {}, but {}", tensor.source,
                                  tensor.notNumbers, wanted));
}

Result<NamedTensor> io::fromNpy(NpyArray array, const std::string &source) {
  static constexpr struct {
    char kind;
    unsigned bytes;
    DType type;
  } types[] = {
      {'f', 2, DType::F16}, {'f', 4, DType::F32}, {'f', 8, DType::F64},
      {'i', 1, DType::I8},  {'i', 2, DType::I16}, {'i', 4, DType::I32},
      {'i', 8, DType::I64}, {'u', 1, DType::U8},  {'u', 2, DType::U16},
      {'u', 4, DType::U32}, {'u', 8, DType::U64}, {'b', 1, DType::Bool}};
  for (const auto &type : types)
    if (type.kind == array.kind && type.bytes == array.itemBytes) {
      NamedTensor out;
      out.name = std::move(array.name);
      out.tensor = {type.type, std::move(array.shape), std::move(array.bytes)};
      out.source = source;
      return out;
    }
  return unsupported(fmt::format("{}: array '{}' has elements of kind {}{}",
                                 source, array.name, array.kind,
                                 array.itemBytes));
}

NpyArray io::toNpy(const NamedTensor &named) {
  NpyArray array;
  array.name = named.name;
  array.shape = named.tensor.shape;
  exec::Tensor converted;
  const exec::Tensor *tensor = &named.tensor;
  if (tensor->type == DType::BF16) {
    converted = convertFloat(*tensor, DType::F32);
    tensor = &converted;
  }
  array.kind =
      tensor->type == DType::Bool ? 'b' : stream::nameOf(tensor->type)[0];
  array.itemBytes = stream::sizeOf(tensor->type);
  array.bytes = tensor->bytes;
  return array;
}

static Result<std::vector<std::byte>> readBytes(const std::string &path) {
  std::error_code failed;
  if (!fs::is_regular_file(path, failed))
    return invalidInput(path + ": is not a regular file");
  uintmax_t size = fs::file_size(path, failed);
  std::ifstream file(path, std::ios::binary);
  if (failed || !file)
    return invalidInput(path + ": cannot be read");
  std::vector<std::byte> bytes(size);
  file.read(reinterpret_cast<char *>(bytes.data()),
            static_cast<std::streamsize>(size));
  if (static_cast<uintmax_t>(file.gcount()) != size)
    return invalidInput(path + ": cannot be read to its end");
  return bytes;
}

static Status readFolder(const std::string &folder, std::string_view prefix,
                         std::vector<NamedTensor> &tensors) {
  int count = 0;
  for (;; ++count) {
    std::string path =
        (fs::path(folder) / fmt::format("{}_{}.pb", prefix, count)).string();
    std::error_code failed;
    if (!fs::exists(path, failed))
      break;
    auto bytes = readBytes(path);
    if (!bytes)
      return bytes.error();
    auto tensor = parseTensorProto(*bytes, path);
    if (!tensor)
      return tensor.error();
    tensor->position = count;
    tensors.push_back(std::move(*tensor));
  }
  if (count == 0)
    return invalidInput(
        fmt::format("{}: the folder has no {}_0.pb", folder, prefix));
  return {};
}

Status io::readTensors(const std::string &text, std::string_view prefix,
                       std::vector<NamedTensor> &tensors) {
  std::error_code failed;
  if (fs::is_directory(text, failed))
    return readFolder(text, prefix, tensors);
  if (text.ends_with(".npy")) {
    size_t at = text.find('=');
    if (at == std::string::npos || at == 0)
      return Error{ExitCode::Usage,
                   fmt::format("'{}': a .npy file has no name inside; write "
                               "NAME={}",
                               text, text)};
    auto array = readNpy(text.substr(at + 1));
    if (!array)
      return array.error();
    array->name = text.substr(0, at);
    auto tensor = fromNpy(std::move(*array), text.substr(at + 1));
    if (!tensor)
      return tensor.error();
    tensors.push_back(std::move(*tensor));
    return {};
  }
  if (!text.ends_with(".npz"))
    return fs::exists(text, failed)
               ? Error{ExitCode::Usage,
                       fmt::format("'{}' is neither an .npz file, nor "
                                   "NAME=FILE.npy, nor a folder",
                                   text)}
               : invalidInput(fmt::format(
                     "'{}': there is no such .npz file, NAME=FILE.npy or "
                     "folder",
                     text));
  auto arrays = readNpz(text);
  if (!arrays)
    return arrays.error();
  if (arrays->empty())
    return invalidInput(text + ": holds no array");
  for (NpyArray &array : *arrays) {
    auto tensor = fromNpy(std::move(array), text);
    if (!tensor)
      return tensor.error();
    tensors.push_back(std::move(*tensor));
  }
  return {};
}

Status io::writeTensors(const std::string &path, std::string_view prefix,
                        const std::vector<NamedTensor> &tensors) {
  if (path.ends_with(".npz")) {
    std::vector<NpyArray> arrays;
    for (const NamedTensor &tensor : tensors)
      arrays.push_back(toNpy(tensor));
    return writeNpz(path, arrays);
  }
  std::error_code failed;
  bool existed = fs::exists(path, failed);
  fs::create_directories(path, failed);
  if (failed)
    return Error{ExitCode::Usage, fmt::format("cannot create folder '{}': {}",
                                              path, failed.message())};
  std::vector<fs::path> written;
  for (size_t i = 0; i < tensors.size(); ++i) {
    fs::path file = fs::path(path) / fmt::format("{}_{}.pb", prefix, i);
    Status status = writeTextFile(file.string(), printTensorProto(tensors[i]));
    if (!status) {
      for (const fs::path &done : written)
        fs::remove(done, failed);
      if (!existed)
        fs::remove(path, failed);
      return status;
    }
    written.push_back(std::move(file));
  }
  return {};
}

template <typename T> static T load(const std::byte *at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

static float halfToFloat(uint16_t bits) {
  unsigned exponent = bits >> 10 & 31, mantissa = bits & 1023;
  float sign = bits & 0x8000 ? -1.f : 1.f;
  if (exponent == 31)
    return mantissa ? std::nanf("") : sign * INFINITY;
  return sign * (exponent
                     ? std::ldexp(float(mantissa | 1024), int(exponent) - 25)
                     : std::ldexp(float(mantissa), -24));
}

std::vector<double> io::asDoubles(const exec::Tensor &tensor) {
  size_t size = stream::sizeOf(tensor.type);
  std::vector<double> out(tensor.bytes.size() / size);
  for (size_t i = 0; i < out.size(); ++i) {
    const std::byte *at = tensor.bytes.data() + i * size;
    double &value = out[i];
    switch (tensor.type) {
    case DType::F32:
      value = load<float>(at);
      break;
    case DType::F64:
      value = load<double>(at);
      break;
    case DType::F16:
      value = halfToFloat(load<uint16_t>(at));
      break;
    case DType::BF16:
      value = std::bit_cast<float>(uint32_t(load<uint16_t>(at)) << 16);
      break;
    case DType::I8:
      value = load<int8_t>(at);
      break;
    case DType::I16:
      value = load<int16_t>(at);
      break;
    case DType::I32:
      value = load<int32_t>(at);
      break;
    case DType::I64:
      value = double(load<int64_t>(at));
      break;
    case DType::U8:
      value = load<uint8_t>(at);
      break;
    case DType::U16:
      value = load<uint16_t>(at);
      break;
    case DType::U32:
      value = load<uint32_t>(at);
      break;
    case DType::U64:
      value = double(load<uint64_t>(at));
      break;
    case DType::Bool:
      value = load<uint8_t>(at) != 0;
      break;
    }
  }
  return out;
}
