//===- CharacterizeMvm.cpp - Errors of whole products ---------------------===//

#include "Statistics.h"
#include "hybridc/Studies/Characterize.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

const std::vector<std::string> &distributionNames() {
  static const std::vector<std::string> names = {"gauss", "uniform", "relu",
                                                 "sparse"};
  return names;
}

static std::vector<float> uniformWithinOne(Key key, size_t n) {
  std::vector<float> x(n);
  uniforms(key, 0, x.data(), n);
  for (float &v : x)
    v = 2 * v - 1;
  return x;
}

/// Leaves one in ten.
static void thin(std::vector<float> &x, Key key) {
  std::vector<float> draw(x.size());
  uniforms(subKey(key, 1), 0, draw.data(), draw.size());
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = draw[i] < 0.1f ? x[i] : 0.0f;
}

std::vector<float> detail::populationWeights(size_t n, uint64_t seed,
                                             Distribution kind) {
  Key key = subKey({seed, 0}, 0x77656967687473);
  if (kind == Distribution::Uniform)
    return uniformWithinOne(key, n);
  std::vector<float> w(n);
  gaussians(key, 0, w.data(), n);
  for (float &v : w)
    v = std::clamp(v / 3, -1.0f, 1.0f);
  if (kind == Distribution::Sparse)
    thin(w, key);
  return w;
}

double detail::relativeError(std::span<const float> got,
                             std::span<const float> want,
                             std::span<const float> factors, size_t cols) {
  double error = 0, norm = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    double factor = factors.empty()       ? 1.0
                    : factors.size() == 1 ? factors[0]
                                          : factors[i % cols];
    double d = factor * got[i] - want[i];
    error += d * d;
    norm += double(want[i]) * want[i];
  }
  return std::sqrt(error / norm);
}

/// Inputs of one seed.
static std::vector<float> makeInputs(size_t n, uint64_t seed,
                                     Distribution kind) {
  bool uniform = kind == Distribution::Uniform;
  Key key = subKey({seed, 0}, uniform ? 0x756e69 : 0x676175);
  if (uniform)
    return uniformWithinOne(key, n);
  std::vector<float> x(n);
  gaussians(key, 0, x.data(), n);
  if (kind == Distribution::Relu)
    for (float &v : x)
      v = std::max(v, 0.0f);
  if (kind == Distribution::Sparse)
    thin(x, key);
  return x;
}

static Result<double> errorOfSeed(AnalogArray &array, const MvmStudy &study,
                                  uint64_t seed, Distribution inputs) {
  size_t k = study.array.rows, n = study.array.cols, batch = study.batch;
  std::vector<float> w = populationWeights(k * n, seed, study.weights);
  std::vector<float> x = makeInputs(batch * k, seed, inputs);
  const float one = 1;
  ProgramOptions program;
  program.seed = seed;
  program.scale = {&one, 1};
  if (Status s = array.program(w.data(), n, k, n, program); !s)
    return s.error();
  std::vector<float> got(batch * n);
  MvmScratch scratch;
  MvmOptions options;
  options.inputRange = float(study.inputRange);
  array.age(study.age, 0, study.compensation);
  array.mvm(x.data(), k, got.data(), n, batch, options, scratch);
  // The product to compare with is in double: single precision alone errs by
  // 3e-7 here.
  double error = 0, norm = 0;
  std::vector<double> exact(n);
  for (size_t b = 0; b < batch; ++b) {
    std::fill(exact.begin(), exact.end(), 0.0);
    for (size_t i = 0; i < k; ++i)
      for (size_t j = 0; j < n; ++j)
        exact[j] += double(x[b * k + i]) * w[i * n + j];
    for (size_t j = 0; j < n; ++j) {
      double d = got[b * n + j] - exact[j];
      error += d * d;
      norm += exact[j] * exact[j];
    }
  }
  return std::sqrt(error / norm);
}

Result<StatTable> characterizeMvm(const MvmStudy &study) {
  if (study.batch == 0 || study.batch > 1000000 || study.seeds == 0 ||
      study.seeds > 100000)
    return invalidInput("an MVM study takes 1 .. 1e6 input vectors and 1 .. "
                        "1e5 seeds");
  if (!(study.inputRange >= 0 && study.inputRange <= 1e30))
    return invalidInput("an MVM study's input range is 0 .. 1e30");
  MvmStudy used = study;
  if (!study.deviceNoise) {
    used.array.device = "ideal";
    used.array.deviceParams.clear();
    used.age = 0;
    used.compensation = Compensation::None;
  }
  if (study.weights == Distribution::Relu)
    return invalidInput("weights have both signs: gauss, uniform or sparse");
  auto array = AnalogArray::create(used.array);
  if (!array)
    return array.error();
  StatTable table;
  table.columns = {"io", "x_dist", "weights", "rel_l2_mean",
                   "rel_l2_std_over_seeds"};
  for (Distribution inputs : study.inputs) {
    Moments m;
    for (unsigned i = 0; i < study.seeds; ++i) {
      auto error = errorOfSeed(*array, used, study.seed + i, inputs);
      if (!error)
        return error.error();
      m.add(*error);
    }
    std::string weights = "ideal";
    if (used.array.device != "ideal")
      weights = study.array.device + "@" + shortest(study.age) + "s";
    table.rows.push_back({study.name, distributionNames()[size_t(inputs)],
                          weights, m.mean(), m.deviation()});
  }
  return table;
}

Result<StatTable> characterizeCompensation(const CompensationStudy &study) {
  if (study.seeds == 0 || study.seeds > 100000)
    return invalidInput("a study of compensation takes 1 .. 1e5 seeds");
  if (study.weights == Distribution::Relu)
    return invalidInput("weights have both signs: gauss, uniform or sparse");
  auto array = AnalogArray::create(study.array);
  if (!array)
    return array.error();
  size_t k = study.array.rows, n = study.array.cols;
  StatTable table;
  table.columns = {"name",      "t_s",         "rows",
                   "cols",      "weights",     "alpha_mean",
                   "alpha_std", "rel_l2_mean", "rel_l2_gdc_mean"};
  std::vector<float> now(k * n);
  for (double age : study.ages) {
    if (!(age >= 0 && age <= 1e12))
      return invalidInput("age " + shortest(age) +
                          " s is negative or beyond 1e12 s");
    Moments alpha, plain, corrected;
    for (uint64_t seed = study.seed; seed < study.seed + study.seeds; ++seed) {
      std::vector<float> w = populationWeights(k * n, seed, study.weights);
      const float one = 1;
      ProgramOptions program;
      program.seed = seed;
      program.scale = {&one, 1};
      if (Status s = array->program(w.data(), n, k, n, program); !s)
        return s.error();
      array->age(age, 0,
                 study.perColumn ? Compensation::Column : Compensation::Global);
      double sum = 0;
      auto factors = array->compensationFactors();
      for (float f : factors)
        sum += double(f) / double(factors.size());
      alpha.add(sum);
      array->readWeights(now.data());
      plain.add(relativeError(now, w, {}, n));
      corrected.add(relativeError(now, w, factors, n));
    }
    table.rows.push_back({study.name, age, double(k), double(n),
                          distributionNames()[size_t(study.weights)],
                          alpha.mean(), alpha.deviation(), plain.mean(),
                          corrected.mean()});
  }
  return table;
}

} // namespace hybridc::exec
