//===- EvalCommand.cpp - hybridc eval -------------------------------------===//
//
// Accuracy over a data set. Samples go through the program in batches of its
// own size; the last batch is filled up by repeating the last sample, whose
// further results do not count.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"

#include "hybridc/Chip/Faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>

using namespace hybridc;
using namespace hybridc::driver;

namespace {
struct EvalArgs {
  CompileFlags compile;
  RunFlags run;
  ReportFlags report;
  std::string model, data, labels = "y", output, entry = "infer";
  uint64_t limit = 0;
  unsigned seeds = 1;
  int64_t batch = 100;
};

/// The data set: one array for each input, and the labels.
struct DataSet {
  std::vector<NamedTensor> inputs;
  std::vector<int64_t> labels;
  int64_t samples = 0;
};
} // namespace

static Result<DataSet> readData(const EvalArgs &args) {
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
  if (!hasLabels)
    return invalidInput(fmt::format("{}: has no labels '{}', only {}; --labels "
                                    "names them",
                                    args.data, args.labels,
                                    names.empty() ? "nothing" : names));
  data.samples = static_cast<int64_t>(data.labels.size());
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

/// Compiles at the wanted batch, or, where the model fixes its batch, at that.
static Result<Loaded> loadAtBatch(const EvalArgs &args, const DataSet &data) {
  CompileOptions options = args.compile.options;
  if (args.model.ends_with(".hyb") || args.model.ends_with(".mlir"))
    return loadProgram(args.model, options);
  for (const NamedTensor &array : data.inputs) {
    std::vector<int64_t> shape = array.tensor.shape;
    shape[0] = std::min(args.batch, data.samples);
    options.import.shapes.emplace(array.name, std::move(shape));
  }
  auto loaded = compileModel(args.model, options);
  if (loaded || loaded.error().code != ExitCode::Usage)
    return loaded;
  auto fixed = compileModel(args.model, args.compile.options);
  if (fixed || fixed.error().code != ExitCode::Unsupported)
    return fixed;
  // The batch is open, the shapes are what does not fit.
  return invalidInput(args.data + ": " + loaded.error().message);
}

namespace {
/// Feeds one input batch by batch.
struct Feed {
  const stream::Binding *binding = nullptr;
  const NamedTensor *array = nullptr;
  size_t sampleBytes = 0;
};
} // namespace

static Result<std::vector<Feed>> plan(const EvalArgs &args, const DataSet &data,
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

namespace {
class Evaluation {
public:
  Evaluation(const DataSet &data, std::vector<Feed> feeds, int64_t batch,
             const stream::Entry &entry, std::string output)
      : data(data), feeds(std::move(feeds)), batch(batch), entry(entry),
        output(std::move(output)) {}

  /// Correct samples of one pass over the data.
  Result<int64_t> pass(exec::Executor &executor, Progress &progress,
                       const std::string &head) {
    int64_t correct = 0;
    for (int64_t first = 0; first < data.samples; first += batch) {
      progress.show(
          fmt::format("{}{} of {} samples", head, first, data.samples));
      for (const Feed &feed : feeds)
        if (Status status = set(executor, feed, first); !status)
          return status.error();
      if (Status status = executor.run(entry.name); !status)
        return status.error();
      auto tensor = executor.output(output, entry.name);
      if (!tensor)
        return tensor.error();
      auto classes = classesOf(*tensor, output, batch);
      if (!classes)
        return classes.error();
      for (int64_t i = 0; i < batch && first + i < data.samples; ++i)
        correct += (*classes)[size_t(i)] == data.labels[size_t(first + i)];
    }
    return correct;
  }

private:
  const DataSet &data;
  std::vector<Feed> feeds;
  int64_t batch;
  const stream::Entry &entry;
  std::string output;
  std::vector<std::byte> padded;

  Status set(exec::Executor &executor, const Feed &feed, int64_t first) {
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
};
} // namespace

namespace {
/// A program with the faults that act on it.
struct Variant {
  std::string what; ///< empty: the only one
  const Loaded *loaded = nullptr;
  std::optional<std::string> faults;
};

/// All passes over the data, for any program of the same model.
class Passes {
public:
  Passes(const EvalArgs &args, const DataSet &data) : args(args), data(data) {}

  Result<report::Accuracy> run(const Variant &variant) {
    auto entry = findEntry(variant.loaded->program(), args.entry);
    if (!entry)
      return entry.error();
    if ((*entry)->outputs.empty())
      return unsupported("the program has no output");
    std::string output =
        args.output.empty() ? (*entry)->outputs[0].name : args.output;
    auto feeds = plan(args, data, **entry, batch);
    if (!feeds)
      return feeds.error();
    exec::ExecOptions options = args.run.options;
    options.faults = variant.faults;
    auto executor = exec::Executor::create(variant.loaded->program(), options);
    if (!executor)
      return executor.error();
    Evaluation evaluation(data, std::move(*feeds), batch, **entry, output);
    Progress progress;
    report::Accuracy accuracy{variant.what, uint64_t(data.samples), {}};
    for (unsigned i = 0; i < args.seeds; ++i) {
      if (i)
        (*executor)->reseed(options.seed + i, options.age_s);
      auto correct = evaluation.pass(
          **executor, progress,
          (variant.what.empty() ? "" : variant.what + ": ") +
              (args.seeds > 1
                   ? fmt::format("seed {} of {}: ", i + 1, args.seeds)
                   : std::string()));
      if (!correct)
        return correct.error();
      accuracy.percents.push_back(100.0 * double(*correct) /
                                  double(data.samples));
    }
    progress.clear();
    return accuracy;
  }

  int64_t batch = 0;

private:
  const EvalArgs &args;
  const DataSet &data;
};
} // namespace

static void print(const report::Accuracy &accuracy, int64_t batch,
                  double seconds) {
  fmt::print("accuracy {}", report::accuracyText(accuracy));
  fmt::print(", batch {}, {:.1f} s{}\n", batch, seconds,
             accuracy.what.empty() ? "" : ": " + accuracy.what);
  std::fflush(stdout);
}

/// The chip that `args` asks for, or that a program carries, has faults.
static Result<bool> hasFaults(const EvalArgs &args, bool isCompiled,
                              const Loaded &loaded) {
  const CompileOptions &options = args.compile.options;
  if (isCompiled && options.faults.empty())
    return !loaded.program().faults.empty();
  auto chip = chip::parseChip(loaded.program().chipYaml, "chip of the program");
  if (!chip)
    return chip.error();
  auto faults = chip::loadFaults(options.faults, *chip);
  if (!faults)
    return faults.error();
  return !faults->empty() && !loaded.program().arrays.empty();
}

static int runEval(EvalArgs &args) {
  for (Status status : {args.compile.finish(), args.run.finish(args.compile),
                        args.report.check()})
    if (!status)
      return fail(status.error());
  auto data = readData(args);
  if (!data)
    return fail(data.error());
  auto loaded = loadAtBatch(args, *data);
  if (!loaded)
    return fail(loaded.error());
  bool isCompiled =
      args.model.ends_with(".hyb") || args.model.ends_with(".mlir");
  auto broken = hasFaults(args, isCompiled, *loaded);
  if (!broken)
    return fail(broken.error());
  // With faults: the same without any, then with them; of a model that is
  // compiled here, as mapped for a chip without faults and as mapped around.
  std::vector<Variant> variants;
  std::optional<Loaded> unmapped;
  std::optional<std::string> faults = args.run.options.faults;
  if (!*broken) {
    variants.push_back({"", &*loaded, faults});
  } else if (isCompiled) {
    variants.push_back({"no faults", &*loaded, "none"});
    variants.push_back({"with faults", &*loaded, faults});
  } else {
    EvalArgs plain = args;
    plain.compile.options.faults = "none";
    auto compiled = loadAtBatch(plain, *data);
    if (!compiled)
      return fail(compiled.error());
    unmapped = std::move(*compiled);
    variants.push_back({"no faults", &*unmapped, "none"});
    variants.push_back({"with faults, not mapped around", &*unmapped,
                        args.compile.options.faults});
    if (args.compile.options.mapAroundFaults)
      variants.push_back({"with faults, mapped around", &*loaded, faults});
  }
  Passes passes(args, *data);
  std::vector<report::Accuracy> accuracies;
  for (const Variant &variant : variants) {
    auto start = std::chrono::steady_clock::now();
    auto accuracy = passes.run(variant);
    if (!accuracy)
      return fail(accuracy.error());
    print(
        *accuracy, passes.batch,
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count());
    accuracies.push_back(std::move(*accuracy));
  }
  if (!args.report.any() && !*broken)
    return 0;
  auto results = loaded->collect(args.entry, args.report.collectOptions());
  if (!results)
    return args.report.any() ? fail(results.error()) : 0;
  if (*broken)
    for (const auto &[head, text] : report::healthLines(*results))
      if (head == "faults")
        fmt::print("{}\n", text);
  results->accuracies = std::move(accuracies);
  if (Status status = args.report.write(*results); !status)
    return fail(status.error());
  return 0;
}

void driver::addEval(CLI::App &app, Action &action) {
  auto args = std::make_shared<EvalArgs>();
  CLI::App *sub = app.add_subcommand("eval", "accuracy over a data set");
  sub->add_option("PROGRAM", args->model, ".hyb, or a model to compile first")
      ->required();
  sub->add_option("--data", args->data,
                  ".npz file with an array for each input, and the labels")
      ->required()
      ->group("Data");
  sub->add_option("--labels", args->labels, "array that holds the labels")
      ->capture_default_str()
      ->group("Data");
  sub->add_option("--limit", args->limit, "only the first N samples; 0 = all")
      ->capture_default_str()
      ->group("Data");
  sub->add_option("--batch", args->batch,
                  "samples at once, where the model leaves it open")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000))
      ->group("Data");
  sub->add_option("--output", args->output,
                  "output that holds the scores; default: the first")
      ->group("Data");
  sub->add_option("--entry", args->entry, "what to run")
      ->capture_default_str()
      ->group("Run");
  sub->add_option("--seeds", args->seeds,
                  "passes, each with another noise seed: mean ± deviation")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000))
      ->group("Run");
  args->run.add(*sub);
  args->report.add(*sub, /*withTrace=*/false);
  args->compile.add(*sub);
  sub->callback(
      [args, &action] { action.run = [args] { return runEval(*args); }; });
}
