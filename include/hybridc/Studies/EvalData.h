//===- EvalData.h - Data sets and passes over them ------------*- C++ -*-===//
//
// Samples go through a program in batches of its own size; the last batch is
// filled up by repeating the last sample, whose further results do not count.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STUDIES_EVALDATA_H
#define HYBRIDC_STUDIES_EVALDATA_H

#include "hybridc/Studies/Programs.h"
#include "hybridc/Support/Progress.h"

#include <cstdint>
#include <set>

namespace hybridc::studies {

/// Which data, and how a model is to take it.
struct DataOptions {
  std::string data, labels = "y", output, entry = "infer";
  uint64_t limit = 0;
  int64_t batch = 100;
  std::set<std::string> fixed; ///< inputs that --value made constants
};

/// The data set: one array for each input, and the labels.
struct DataSet {
  std::vector<NamedTensor> inputs;
  std::vector<int64_t> labels;
  int64_t samples = 0;
};

/// Reads `options.data`; without `needsLabels`, labels may be absent.
Result<DataSet> readData(const DataOptions &options, bool needsLabels = true);

/// Compiles at the wanted batch, or, where the model fixes its batch, at that.
Result<Loaded> loadAtBatch(const std::string &model,
                           const CompileOptions &compile,
                           const DataOptions &options, const DataSet &data);

/// Feeds one input batch by batch.
struct Feed {
  const stream::Binding *binding = nullptr;
  const NamedTensor *array = nullptr;
  size_t sampleBytes = 0;
};

/// What feeds each input of `entry`; sets the `batch` that it takes.
Result<std::vector<Feed>> plan(const DataOptions &options, const DataSet &data,
                               const stream::Entry &entry, int64_t &batch);

/// What a pass over the data gives.
struct PassResult {
  /// Of each sample; kNoClass where a score is NaN or infinite.
  std::vector<int64_t> classes;
  std::vector<double> values; ///< all elements of the output, when kept
  uint64_t numNotFinite = 0;  ///< samples without a class
  /// How many classes there are: 0 when the output is the class itself, 1 when
  /// one score decides between two.
  size_t numClasses = 0;
};
constexpr int64_t kNoClass = INT64_MIN;

/// Samples of which both have the same class.
int64_t countEqual(const std::vector<int64_t> &a,
                   const std::vector<int64_t> &b);

/// The labels as classes of `result`: those of one score may be 0 and 1 or -1
/// and 1. Refuses a label that is no class.
Result<std::vector<int64_t>> labelsAs(const PassResult &result,
                                      const DataOptions &options,
                                      const DataSet &data,
                                      const std::string &output);

class Evaluation {
public:
  Evaluation(const DataSet &data, std::vector<Feed> feeds, int64_t batch,
             const stream::Entry &entry, std::string output)
      : data(data), feeds(std::move(feeds)), batch(batch), entry(entry),
        output(std::move(output)) {}

  /// One pass over the data. With `keepValues`, an output from which no class
  /// can be read is no error: `classes` stays empty.
  Result<PassResult> pass(exec::Executor &executor, Progress &progress,
                          const std::string &head, bool keepValues = false);

private:
  const DataSet &data;
  std::vector<Feed> feeds;
  int64_t batch;
  const stream::Entry &entry;
  std::string output;
  std::vector<std::byte> padded;

  Status set(exec::Executor &executor, const Feed &feed, int64_t first);
};

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_EVALDATA_H
