//===- CalibrationData.cpp - Sample inputs, batch by batch ----------------===//
#include "CalibrationData.h"

#include "hybridc/Support/Npz.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FileSystem.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace hybridc;

Result<std::vector<std::string>>
hybridc::calibrationFiles(const std::string &path) {
  std::vector<std::string> files;
  if (!llvm::sys::fs::is_directory(path)) {
    files.push_back(path);
    return files;
  }
  std::error_code failed;
  for (llvm::sys::fs::directory_iterator at(path, failed), end;
       at != end && !failed; at.increment(failed))
    if (llvm::StringRef(at->path()).ends_with(".npz"))
      files.push_back(at->path());
  if (failed || files.empty())
    return invalidInput("--calibrate " + path + ": holds no .npz file");
  std::sort(files.begin(), files.end());
  return files;
}

/// "[3, 0, 7]": where element `index` of an array is.
static std::string positionText(uint64_t index,
                                const std::vector<int64_t> &shape) {
  std::vector<uint64_t> at(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    at[d] = index % uint64_t(shape[d]);
    index /= uint64_t(shape[d]);
  }
  std::string text = "[";
  for (size_t d = 0; d < at.size(); ++d)
    text += (d ? ", " : "") + std::to_string(at[d]);
  return text + "]";
}

template <typename T>
static int64_t firstOdd(const std::vector<std::byte> &bytes) {
  for (size_t i = 0; i * sizeof(T) < bytes.size(); ++i) {
    T value;
    std::memcpy(&value, &bytes[i * sizeof(T)], sizeof(T));
    if (!std::isfinite(value))
      return int64_t(i);
  }
  return -1;
}

/// The first element that is NaN or infinite, or -1.
static int64_t firstNotFinite(const exec::Tensor &array) {
  if (array.type == stream::DType::F32)
    return firstOdd<float>(array.bytes);
  if (array.type == stream::DType::F64)
    return firstOdd<double>(array.bytes);
  if (array.type != stream::DType::F16)
    return -1;
  for (size_t i = 0; i * 2 < array.bytes.size(); ++i) {
    uint16_t bits;
    std::memcpy(&bits, &array.bytes[i * 2], 2);
    if ((bits & 0x7c00) == 0x7c00)
      return int64_t(i);
  }
  return -1;
}

static std::string typeText(stream::DType type,
                            const std::vector<int64_t> &shape) {
  std::string text(stream::nameOf(type));
  for (size_t d = 0; d < shape.size(); ++d)
    text += (d ? "x" : " ") + std::to_string(shape[d]);
  return text;
}

static Result<exec::Tensor> tensorOf(const NpyArray &array,
                                     const std::string &path) {
  for (int t = 0; t <= int(stream::DType::Bool); ++t) {
    auto type = stream::DType(t);
    char kind = type == stream::DType::Bool ? 'b' : stream::nameOf(type)[0];
    // NumPy has no bf16, whose name begins like that of bool.
    if (type != stream::DType::BF16 && kind == array.kind &&
        stream::sizeOf(type) == array.itemBytes)
      return exec::Tensor{type, array.shape, array.bytes};
  }
  return invalidInput("--calibrate " + path + ": array '" + array.name +
                      "' has elements of kind " + array.kind +
                      std::to_string(array.itemBytes));
}

Status CalibrationData::add(const std::string &path,
                            const stream::Binding &binding,
                            const exec::Tensor &given) {
  auto fail = [&](const std::string &why) {
    return invalidInput("--calibrate " + path + ": array '" + binding.name +
                        "' " + why);
  };
  if (int64_t odd = firstNotFinite(given); odd >= 0)
    return fail("is not finite at " + positionText(uint64_t(odd), given.shape) +
                "; ranges come from finite inputs");
  const std::vector<int64_t> &shape = binding.view.shape;
  bool isBf16 = binding.view.type == stream::DType::BF16 &&
                given.type == stream::DType::F32;
  bool fits = (isBf16 || given.type == binding.view.type) &&
              given.shape.size() == shape.size();
  for (size_t d = 1; fits && d < shape.size(); ++d)
    fits = given.shape[d] == shape[d];
  bool isWhole = fits && given.shape == shape;
  if (!fits || (!isWhole && (shape.empty() || shape[0] == 0)))
    return fail("is " + typeText(given.type, given.shape) + ", input '" +
                binding.name + "' takes " +
                (shape.empty() ? "" : "any number of ") +
                typeText(binding.view.type, shape));
  if (!isWhole && given.shape[0] == 0)
    return fail("is empty");
  Input input;
  input.name = binding.name;
  input.batchBytes =
      stream::numElements(binding.view) * stream::sizeOf(binding.view.type);
  input.samples = shape.empty() ? 1 : uint64_t(given.shape[0]);
  input.isCut = !shape.empty() && input.batchBytes != 0;
  input.sampleBytes =
      input.isCut ? input.batchBytes / size_t(shape[0]) : input.batchBytes;
  input.bytes = isBf16 ? exec::convertFloat(given, stream::DType::BF16).bytes
                       : given.bytes;
  inputs.push_back(std::move(input));
  return {};
}

/// How many batches there are. An array of exactly one batch goes with each
/// batch of the others: a state, a table.
Status CalibrationData::agree(const std::string &path) {
  const Input *longest = nullptr;
  auto perBatch = [](const Input &input) {
    return input.isCut ? input.batchBytes / input.sampleBytes : 1;
  };
  for (const Input &input : inputs)
    if (input.isCut && (!longest || input.samples * perBatch(*longest) >
                                        longest->samples * perBatch(input)))
      longest = &input;
  if (!longest)
    return {};
  bool isSameSize = true;
  for (Input &input : inputs) {
    if (!input.isCut)
      continue;
    if (input.samples * perBatch(*longest) ==
        longest->samples * perBatch(input)) {
      isSameSize &= perBatch(input) == perBatch(*longest);
      continue;
    }
    if (input.samples != perBatch(input))
      return invalidInput(
          "--calibrate " + path + ": array '" + input.name + "' has " +
          std::to_string(input.samples) + " samples in batches of " +
          std::to_string(perBatch(input)) + ", array '" + longest->name + "' " +
          std::to_string(longest->samples) + " in batches of " +
          std::to_string(perBatch(*longest)));
    input.isCut = false;
  }
  uint64_t size = perBatch(*longest);
  batches = (longest->samples + size - 1) / size;
  batchSize = isSameSize ? size : 1;
  samples = isSameSize ? longest->samples : batches;
  return {};
}

Result<CalibrationData> CalibrationData::read(const std::string &path,
                                              const stream::Entry &entry) {
  auto arrays = readNpz(path);
  if (!arrays)
    return arrays.error();
  CalibrationData data;
  for (const stream::Binding &binding : entry.inputs) {
    auto array =
        std::find_if(arrays->begin(), arrays->end(),
                     [&](const NpyArray &a) { return a.name == binding.name; });
    if (array == arrays->end())
      return invalidInput("--calibrate " + path + ": has no array for input '" +
                          binding.name + "'");
    auto tensor = tensorOf(*array, path);
    if (!tensor)
      return tensor.error();
    if (Status status = data.add(path, binding, *tensor); !status)
      return status.error();
  }
  if (Status status = data.agree(path); !status)
    return status.error();
  return data;
}

Batch CalibrationData::batch(uint64_t number) const {
  Batch batch;
  batch.size = batchSize;
  batch.first = number * batchSize;
  batch.used = std::min(batchSize, samples - batch.first);
  return batch;
}

Status CalibrationData::set(exec::Executor &executor, const std::string &entry,
                            uint64_t number) const {
  std::vector<std::byte> filled;
  for (const Input &input : inputs) {
    const std::byte *bytes = input.bytes.data();
    size_t offset = input.isCut ? input.batchBytes * number : 0;
    if (offset + input.batchBytes <= input.bytes.size()) {
      bytes += offset;
    } else {
      filled.assign(bytes + offset, bytes + input.bytes.size());
      const std::byte *last = bytes + input.bytes.size() - input.sampleBytes;
      while (filled.size() < input.batchBytes)
        filled.insert(filled.end(), last, last + input.sampleBytes);
      bytes = filled.data();
    }
    if (Status status =
            executor.setInput(input.name, bytes, input.batchBytes, entry);
        !status)
      return status;
  }
  return {};
}
