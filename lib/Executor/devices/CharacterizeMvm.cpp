//===- CharacterizeMvm.cpp - Errors of whole products ---------------------===//

#include "Statistics.h"
#include "hybridc/Executor/devices/Characterize.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

std::vector<float> detail::populationWeights(size_t n, uint64_t seed) {
  std::vector<float> w(n);
  gaussians(subKey({seed, 0}, 0x77656967687473), 0, w.data(), n);
  for (float &v : w)
    v = std::clamp(v / 3, -1.0f, 1.0f);
  return w;
}

/// Inputs of one seed; `uniform` in ±1, otherwise normal.
static std::vector<float> makeInputs(size_t n, uint64_t seed, bool uniform) {
  std::vector<float> x(n);
  Key key = subKey({seed, 0}, uniform ? 0x756e69 : 0x676175);
  if (!uniform) {
    gaussians(key, 0, x.data(), n);
    return x;
  }
  uniforms(key, 0, x.data(), n);
  for (float &v : x)
    v = 2 * v - 1;
  return x;
}

static Result<double> errorOfSeed(AnalogArray &array, const MvmStudy &study,
                                  uint64_t seed, bool uniform) {
  size_t k = study.array.rows, n = study.array.cols, batch = study.batch;
  std::vector<float> w = populationWeights(k * n, seed);
  std::vector<float> x = makeInputs(batch * k, seed, uniform);
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
  auto array = AnalogArray::create(used.array);
  if (!array)
    return array.error();
  StatTable table;
  table.columns = {"io", "x_dist", "weights", "rel_l2_mean",
                   "rel_l2_std_over_seeds"};
  for (bool uniform : {false, true}) {
    Moments m;
    for (unsigned i = 0; i < study.seeds; ++i) {
      auto error = errorOfSeed(*array, used, study.seed + i, uniform);
      if (!error)
        return error.error();
      m.add(*error);
    }
    std::string weights = "ideal";
    if (study.deviceNoise)
      weights = study.array.device + "@" + shortest(study.age) + "s";
    table.rows.push_back({study.name,
                          std::string(uniform ? "uniform" : "gauss"), weights,
                          m.mean(), m.deviation()});
  }
  return table;
}

} // namespace hybridc::exec
