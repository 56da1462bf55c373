//===- EvalSamples.cpp - Samples drawn, and files of them ---------------===//
#include "EvalSamples.h"

#include "hybridc/Devices/Rng.h"
#include "hybridc/Support/Npz.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unistd.h>

using namespace hybridc;
using namespace hybridc::studies;

Result<DataSet> studies::drawData(const stream::Entry &entry, uint64_t samples,
                                  uint64_t seed) {
  DataSet data;
  int64_t least = 0;
  bool differ = false;
  for (const stream::Binding &binding : entry.inputs) {
    const auto &shape = binding.view.shape;
    if (shape.empty() || shape[0] < 1)
      return unsupported(fmt::format(
          "input '{}' has no dimension of samples; give --data", binding.name));
    differ |= least != 0 && shape[0] != least;
    least = least ? std::min(least, shape[0]) : shape[0];
  }
  int64_t batches = least ? (int64_t(samples) + least - 1) / least : 0;
  for (const stream::Binding &binding : entry.inputs) {
    NamedTensor array;
    array.name = binding.name;
    exec::Tensor &tensor = array.tensor;
    tensor.type = binding.view.type;
    tensor.shape = binding.view.shape;
    tensor.shape[0] = differ ? batches * tensor.shape[0] : int64_t(samples);
    size_t count = size_t(tensor.shape[0]);
    for (size_t i = 1; i < tensor.shape.size(); ++i)
      count *= size_t(tensor.shape[i]);
    exec::Key key{seed, data.inputs.size()};
    std::vector<float> numbers(count);
    std::string_view type = stream::nameOf(tensor.type);
    if (type == "f32") {
      exec::gaussians(key, 0, numbers.data(), count);
      tensor.bytes.resize(count * 4);
      std::memcpy(tensor.bytes.data(), numbers.data(), count * 4);
    } else if (type[0] == 'i' || type[0] == 'u') {
      exec::uniforms(key, 0, numbers.data(), count);
      size_t width = stream::sizeOf(tensor.type);
      tensor.bytes.assign(count * width, std::byte(0));
      for (size_t i = 0; i < count; ++i) // little endian
        tensor.bytes[i * width] = std::byte(uint8_t(numbers[i] * 10));
    } else {
      return unsupported(fmt::format("input '{}' is {}: no samples are drawn "
                                     "of that type; give --data",
                                     binding.name, type));
    }
    data.inputs.push_back(std::move(array));
  }
  if (data.inputs.empty())
    return unsupported("the model has no input");
  data.samples = int64_t(samples);
  return data;
}

Status studies::writeCalibration(const DataSet &data, TemporaryFile &file) {
  std::vector<NpyArray> arrays;
  for (const NamedTensor &array : data.inputs) {
    NpyArray out = toNpy(array);
    out.name = array.name;
    // The same part of each.
    int64_t have = out.shape[0];
    int64_t used = have * std::min<int64_t>(data.samples, 100) / data.samples;
    out.bytes.resize(out.bytes.size() / size_t(have) * size_t(used));
    out.shape[0] = used;
    arrays.push_back(std::move(out));
  }
  std::error_code failed;
  auto folder = std::filesystem::temp_directory_path(failed);
  static unsigned number = 0;
  std::string path = (folder / fmt::format("hybridc-calibration-{}-{}.npz",
                                           ::getpid(), number++))
                         .string();
  if (Status status = writeNpz(path, arrays); !status)
    return status;
  file.path = path;
  return {};
}
