//===- CharacterizeRegression.cpp - A linear map learned on arrays --------===//

#include "Statistics.h"
#include "hybridc/Devices/TrainingArray.h"
#include "hybridc/Studies/Characterize.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

namespace {

std::vector<float> evenly(Key key, size_t n, double bound) {
  std::vector<float> v(n);
  uniforms(key, 0, v.data(), n);
  for (float &value : v)
    value = float(bound * (2 * double(value) - 1));
  return v;
}

/// One seed's task and its weights in training.
struct Regression {
  const RegressionStudy &study;
  size_t k, n;
  Key samples;
  std::vector<float> goal, xs, targets;
  std::unique_ptr<TrainingArray> array;
  WeightReader reader;

  static Result<Regression> create(const RegressionStudy &study,
                                   uint64_t seed) {
    size_t k = study.inputs, n = study.outputs;
    Key key = subKey({seed, 0}, 0x72656772);
    auto array = makeTrainingArray(study.training, k, n, subKey(key, 1));
    if (!array)
      return array.error();
    const PulsedDevice &device = study.training.device;
    double range = 16 * std::max(device.wMax, -device.wMin) *
                   (device.perfectBias ? 100 : 1);
    auto reader = WeightReader::create(study.training.periphery, k, n, range,
                                       subKey(key, 2));
    if (!reader)
      return reader.error();
    return Regression{study,
                      k,
                      n,
                      subKey(key, 4),
                      evenly(subKey(key, 3), k * n, 0.4),
                      {},
                      {},
                      std::move(*array),
                      std::move(*reader)};
  }

  /// New samples and what they should give.
  void draw(uint64_t epoch) {
    xs = evenly(subKey(samples, epoch), study.samples * k, 1);
    targets.resize(study.samples * n);
    for (size_t s = 0; s < study.samples; ++s)
      for (size_t j = 0; j < n; ++j) {
        double sum = 0;
        for (size_t i = 0; i < k; ++i)
          sum += double(xs[s * k + i]) * goal[i * n + j];
        targets[s * n + j] = float(sum);
      }
  }

  /// Mean squared error as training saw it.
  double epoch(uint64_t number) {
    draw(number);
    std::vector<float> y(study.batch * n);
    double squares = 0;
    for (size_t first = 0; first < study.samples; first += study.batch) {
      size_t count = std::min<size_t>(study.batch, study.samples - first);
      reader.set(array->weights());
      reader.mvm(xs.data() + first * k, y.data(), count);
      for (size_t i = 0; i < count * n; ++i) {
        y[i] -= targets[first * n + i];
        squares += double(y[i]) * y[i];
      }
      array->setBatch(unsigned(count));
      for (size_t b = 0; b < count; ++b)
        array->update({xs.data() + (first + b) * k, k}, {y.data() + b * n, n},
                      study.lr);
      array->endBatch(study.lr);
    }
    return squares / double(study.samples * n);
  }

  /// Of the weights alone: mean squared error over the samples, and relative.
  std::pair<double, double> errors() const {
    auto w = array->weights();
    double off = 0, norm = 0, squares = 0;
    for (size_t i = 0; i < k * n; ++i) {
      off += (double(w[i]) - goal[i]) * (double(w[i]) - goal[i]);
      norm += double(goal[i]) * goal[i];
    }
    for (size_t s = 0; s < study.samples; ++s)
      for (size_t j = 0; j < n; ++j) {
        double sum = 0;
        for (size_t i = 0; i < k; ++i)
          sum += double(xs[s * k + i]) * w[i * n + j];
        double d = sum - targets[s * n + j];
        squares += d * d;
      }
    return {squares / double(study.samples * n), std::sqrt(off / norm)};
  }
};

} // namespace

static Result<StatTable> trainSeed(const RegressionStudy &study,
                                   const std::string &name, uint64_t seed) {
  auto task = Regression::create(study, seed);
  if (!task)
    return task.error();
  StatTable table;
  for (unsigned epoch = 1; epoch <= study.epochs; ++epoch) {
    double seen = task->epoch(epoch);
    auto [mse, relative] = task->errors();
    table.rows.push_back(
        {name, study.lr, double(seed), double(epoch), seen, mse, relative});
  }
  return table;
}

Result<StatTable> characterizeRegression(const RegressionStudy &study) {
  if (!(study.lr > 0) || !(study.lr <= 1e3) || study.epochs < 1 ||
      study.epochs > 100000 || study.batch < 1 || study.batch > 100000 ||
      study.samples < 1 || study.samples > 10000000 || study.seeds < 1 ||
      study.seeds > 1000 || study.inputs < 1 || study.inputs > 4096 ||
      study.outputs < 1 || study.outputs > 4096)
    return invalidInput("a regression takes lr > 0, 1 .. 1e5 epochs and batch, "
                        "1 .. 1e7 samples, 1 .. 1000 seeds and 1 .. 4096 "
                        "inputs and outputs");
  StatTable table;
  table.columns = {"preset",   "lr",        "seed",
                   "epoch",    "train_mse", "eval_mse_fpweights",
                   "rel_w_err"};
  std::string name = study.name;
  if (name.empty()) {
    name = study.training.device.name;
    if (study.training.algorithm != TrainingAlgorithm::Sgd)
      name = trainingAlgorithmNames()[size_t(study.training.algorithm)] + " " +
             name;
  }
  // Seeds have nothing in common: they train side by side.
  std::vector<Result<StatTable>> results(study.seeds, StatTable());
#pragma omp parallel for schedule(dynamic)
  for (unsigned s = 0; s < study.seeds; ++s)
    results[s] = trainSeed(study, name, study.seed + s);
  for (auto &result : results) {
    if (!result)
      return result.error();
    for (auto &row : result->rows)
      table.rows.push_back(std::move(row));
  }
  return table;
}

} // namespace hybridc::exec
