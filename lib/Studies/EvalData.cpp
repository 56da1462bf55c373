//===- EvalData.cpp - Data sets and passes over them ----------------------===//
#include "hybridc/Studies/EvalData.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace hybridc;
using namespace hybridc::studies;

Result<DataSet> studies::readData(const DataOptions &args, bool needsLabels) {
  if (!args.data.ends_with(".npz"))
    return usage(fmt::format("--data {}: expected an .npz file", args.data));
  std::vector<NamedTensor> arrays;
  if (Status status = readTensors(args.data, "input", arrays); !status)
    return status.error();
  DataSet data;
  bool hasLabels = false;
  for (NamedTensor &array : arrays) {
    if (args.fixed.contains(array.name) && array.name != args.labels)
      continue; // the model no longer has that input
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
  if (hasLabels)
    data.labels.resize(size_t(data.samples));
  return data;
}

Result<Loaded> studies::loadAtBatch(const std::string &model,
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

Result<std::vector<Feed>> studies::plan(const DataOptions &args,
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

namespace {
/// The scores of a batch, by sample.
struct BatchScores {
  std::vector<double> values;
  size_t perSample = 1;
  bool areClasses = false; ///< one integer for each sample
};
} // namespace

static Result<BatchScores> scoresOf(const exec::Tensor &tensor,
                                    const std::string &name, int64_t batch) {
  BatchScores scores;
  scores.values = asDoubles(tensor);
  if (tensor.shape.empty() || tensor.shape[0] != batch ||
      scores.values.empty() || scores.values.size() % size_t(batch))
    return unsupported(fmt::format(
        "output '{}' is {}: no class can be read from it for each of {} "
        "samples; --output names another one",
        name, typeText(tensor.type, tensor.shape), batch));
  scores.perSample = scores.values.size() / size_t(batch);
  bool isFloat = tensor.type == stream::DType::BF16 ||
                 stream::nameOf(tensor.type)[0] == 'f';
  scores.areClasses = scores.perSample == 1 && !isFloat;
  return scores;
}

/// Appends the classes of the first `used` samples: the output itself when it
/// is one integer, else the largest of several scores. Of a single one, the
/// score itself goes to `single`: what it means is seen from all of them.
static void addClasses(const BatchScores &scores, int64_t used,
                       PassResult &result, std::vector<double> &single) {
  for (size_t i = 0; i < size_t(used); ++i) {
    const double *first = scores.values.data() + i * scores.perSample;
    const double *last = first + scores.perSample;
    int64_t chosen = kNoClass;
    if (!std::all_of(first, last, [](double v) { return std::isfinite(v); }))
      ++result.numNotFinite;
    else if (scores.areClasses)
      chosen = static_cast<int64_t>(*first);
    else
      chosen = std::max_element(first, last) - first;
    result.classes.push_back(chosen);
    if (scores.perSample == 1 && !scores.areClasses)
      single.push_back(*first);
  }
  result.numClasses = scores.areClasses ? 0 : scores.perSample;
}

/// One score decides between two classes: a probability, when all of them lie
/// between 0 and 1, by one half, any other by its sign.
static void decideSingle(const std::vector<double> &single,
                         PassResult &result) {
  bool isProbability =
      std::all_of(single.begin(), single.end(), [](double score) {
        return !std::isfinite(score) || (score >= 0 && score <= 1);
      });
  for (size_t i = 0; i < single.size(); ++i)
    if (std::isfinite(single[i]))
      result.classes[i] = single[i] > (isProbability ? 0.5 : 0.0);
}

int64_t studies::countEqual(const std::vector<int64_t> &a,
                            const std::vector<int64_t> &b) {
  int64_t count = 0;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i)
    count += a[i] == b[i] && a[i] != kNoClass;
  return count;
}

Result<std::vector<int64_t>> studies::labelsAs(const PassResult &result,
                                               const DataOptions &options,
                                               const DataSet &data,
                                               const std::string &output) {
  if (result.numClasses == 0)
    return data.labels; // any integer is a class
  std::vector<int64_t> labels = data.labels;
  bool isSingle = result.numClasses == 1;
  int64_t least = isSingle && std::count(labels.begin(), labels.end(), -1) &&
                          !std::count(labels.begin(), labels.end(), 0)
                      ? -1
                      : 0;
  int64_t most = isSingle ? 1 : int64_t(result.numClasses) - 1;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < least || labels[i] > most || (least < 0 && labels[i] == 0))
      return invalidInput(fmt::format(
          "{}: label '{}'[{}] is {}, which is no class of output '{}': {}",
          options.data, options.labels, i, labels[i], output,
          isSingle ? "one score has labels 0 and 1, or -1 and 1"
                   : fmt::format("its {} scores have classes 0 to {}",
                                 result.numClasses, most)));
    labels[i] = std::max<int64_t>(labels[i], 0);
  }
  return labels;
}

Result<PassResult> Evaluation::pass(exec::Executor &executor,
                                    Progress &progress, const std::string &head,
                                    bool keepValues) {
  PassResult result;
  std::vector<double> single;
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
    auto scores = scoresOf(*tensor, output, batch);
    if (scores)
      addClasses(*scores, used, result, single);
    else if (!keepValues)
      return scores.error();
    if (!keepValues)
      continue;
    // Of a batch that is filled up, the elements of its own samples.
    std::vector<double> values = asDoubles(*tensor);
    if (scores)
      values.resize(values.size() / size_t(batch) * size_t(used));
    result.values.insert(result.values.end(), values.begin(), values.end());
  }
  decideSingle(single, result);
  return result;
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
