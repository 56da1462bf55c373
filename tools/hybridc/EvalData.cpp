//===- EvalData.cpp - Data sets and passes over them ----------------------===//
#include "EvalData.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace hybridc;
using namespace hybridc::driver;

Result<DataSet> driver::readData(const DataOptions &args, bool needsLabels) {
  if (!args.data.ends_with(".npz"))
    return usage(fmt::format("--data {}: expected an .npz file", args.data));
  std::vector<NamedTensor> arrays;
  if (Status status = readTensors(args.data, "input", arrays); !status)
    return status.error();
  DataSet data;
  bool hasLabels = false;
  for (NamedTensor &array : arrays) {
    if (Status status = checkNumbers(array, "eval takes tensors"); !status)
      return status.error();
    if (array.name != args.labels) {
      data.inputs.push_back(std::move(array));
      continue;
    }
    hasLabels = true;
    if (array.tensor.shape.size() != 1 ||
        stream::nameOf(array.tensor.type)[0] == 'f')
      return invalidInput(fmt::format(
          "{}: labels '{}' are {}, expected one integer for each sample",
          args.data, args.labels,
          typeText(array.tensor.type, array.tensor.shape)));
    for (double label : asDoubles(array.tensor))
      data.labels.push_back(static_cast<int64_t>(label));
  }
  std::string names;
  for (const NamedTensor &array : data.inputs)
    names += (names.empty() ? "'" : ", '") + array.name + "'";
  if (!hasLabels && needsLabels)
    return invalidInput(fmt::format("{}: has no labels '{}', only {}; --labels "
                                    "names them",
                                    args.data, args.labels,
                                    names.empty() ? "nothing" : names));
  if (hasLabels)
    data.samples = static_cast<int64_t>(data.labels.size());
  else if (!data.inputs.empty() && !data.inputs[0].tensor.shape.empty())
    data.samples = data.inputs[0].tensor.shape[0];
  if (data.inputs.empty() || data.samples == 0)
    return invalidInput(args.data + ": has no samples");
  for (const NamedTensor &array : data.inputs)
    if (array.tensor.shape.empty() || array.tensor.shape[0] != data.samples)
      return invalidInput(fmt::format(
          "{}: array '{}' is {}, but there are {} labels", args.data,
          array.name, typeText(array.tensor.type, array.tensor.shape),
          data.samples));
  if (args.limit && int64_t(args.limit) < data.samples)
    data.samples = static_cast<int64_t>(args.limit);
  return data;
}

Result<Loaded> driver::loadAtBatch(const std::string &model,
                                   const CompileOptions &compile,
                                   const DataOptions &args,
                                   const DataSet &data) {
  CompileOptions options = compile;
  if (model.ends_with(".hyb") || model.ends_with(".mlir"))
    return loadProgram(model, options);
  for (const NamedTensor &array : data.inputs) {
    std::vector<int64_t> shape = array.tensor.shape;
    shape[0] = std::min(args.batch, data.samples);
    options.import.shapes.emplace(array.name, std::move(shape));
  }
  auto loaded = compileModel(model, options);
  if (loaded || loaded.error().code != ExitCode::Usage)
    return loaded;
  auto fixed = compileModel(model, compile);
  if (fixed || fixed.error().code != ExitCode::Unsupported)
    return fixed;
  // The batch is open, the shapes are what does not fit.
  return invalidInput(args.data + ": " + loaded.error().message);
}

Result<std::vector<Feed>> driver::plan(const DataOptions &args,
                                       const DataSet &data,
                                       const stream::Entry &entry,
                                       int64_t &batch) {
  std::vector<Feed> feeds;
  batch = 0;
  for (const stream::Binding &binding : entry.inputs) {
    Feed feed;
    feed.binding = &binding;
    for (const NamedTensor &array : data.inputs)
      if (array.name == binding.name)
        feed.array = &array;
    const auto &shape = binding.view.shape;
    std::string wants = typeText(binding.view.type, shape);
    if (!feed.array)
      return invalidInput(fmt::format("{}: has no array for input '{}' ({})",
                                      args.data, binding.name, wants));
    const auto &have = feed.array->tensor.shape;
    if (shape.empty() || shape.size() != have.size() ||
        !std::equal(shape.begin() + 1, shape.end(), have.begin() + 1) ||
        binding.view.type != feed.array->tensor.type)
      return invalidInput(fmt::format(
          "{}: array '{}' is {}, input '{}' takes batches of {}", args.data,
          binding.name, typeText(feed.array->tensor.type, have), binding.name,
          wants));
    if (batch && batch != shape[0])
      return unsupported(fmt::format(
          "input '{}' takes {} samples at once, another one {}; give all "
          "inputs the same batch with --shape",
          binding.name, shape[0], batch));
    batch = shape[0];
    feed.sampleBytes = feed.array->tensor.bytes.size() / size_t(have[0]);
    feeds.push_back(feed);
  }
  if (feeds.empty() || batch < 1)
    return unsupported("the program has no input with a batch dimension");
  return feeds;
}

/// The class of each sample of a batch: the largest of its scores, or the
/// output itself when it is one integer.
static Result<std::vector<int64_t>>
classesOf(const exec::Tensor &tensor, const std::string &name, int64_t batch) {
  std::vector<double> values = asDoubles(tensor);
  if (tensor.shape.empty() || tensor.shape[0] != batch ||
      values.size() % size_t(batch))
    return unsupported(fmt::format(
        "output '{}' is {}: no class can be read from it for each of {} "
        "samples; --output names another one",
        name, typeText(tensor.type, tensor.shape), batch));
  size_t classes = values.size() / size_t(batch);
  std::vector<int64_t> out;
  for (size_t i = 0; i < size_t(batch); ++i) {
    const double *first = values.data() + i * classes;
    if (classes == 1)
      out.push_back(static_cast<int64_t>(std::llround(*first)));
    else
      out.push_back(std::max_element(first, first + classes) - first);
  }
  return out;
}

Result<PassResult> Evaluation::pass(exec::Executor &executor,
                                    Progress &progress, const std::string &head,
                                    bool keepValues) {
  PassResult result;
  for (int64_t first = 0; first < data.samples; first += batch) {
    progress.show(fmt::format("{}{} of {} samples", head, first, data.samples));
    for (const Feed &feed : feeds)
      if (Status status = set(executor, feed, first); !status)
        return status.error();
    if (Status status = executor.run(entry.name); !status)
      return status.error();
    auto tensor = executor.output(output, entry.name);
    if (!tensor)
      return tensor.error();
    int64_t used = std::min(batch, data.samples - first);
    auto classes = classesOf(*tensor, output, batch);
    if (classes)
      result.classes.insert(result.classes.end(), classes->begin(),
                            classes->begin() + used);
    else if (!keepValues)
      return classes.error();
    if (!keepValues)
      continue;
    // Of a batch that is filled up, the elements of its own samples.
    std::vector<double> values = asDoubles(*tensor);
    if (classes)
      values.resize(values.size() / size_t(batch) * size_t(used));
    result.values.insert(result.values.end(), values.begin(), values.end());
  }
  return result;
}

Result<int64_t> Evaluation::correct(exec::Executor &executor,
                                    Progress &progress,
                                    const std::string &head) {
  auto result = pass(executor, progress, head);
  if (!result)
    return result.error();
  int64_t count = 0;
  for (size_t i = 0; i < result->classes.size(); ++i)
    count += result->classes[i] == data.labels[i];
  return count;
}

Status Evaluation::set(exec::Executor &executor, const Feed &feed,
                       int64_t first) {
  const std::byte *bytes =
      feed.array->tensor.bytes.data() + size_t(first) * feed.sampleBytes;
  size_t wanted = size_t(batch) * feed.sampleBytes;
  if (first + batch > data.samples) {
    padded.resize(wanted);
    for (int64_t i = 0; i < batch; ++i)
      std::memcpy(padded.data() + size_t(i) * feed.sampleBytes,
                  bytes + size_t(std::min(i, data.samples - first - 1)) *
                              feed.sampleBytes,
                  feed.sampleBytes);
    bytes = padded.data();
  }
  return executor.setInput(feed.binding->name, bytes, wanted, entry.name);
}
