//===- DevicePeripheryTest.cpp - Managements and circuits of an array -----===//
//
// Each formula of AnalogArray.h's ArrayPeriphery against itself in double.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Executor/devices/AnalogArray.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

using namespace hybridc::exec;

namespace {

constexpr size_t k = 40, n = 24, batch = 9;

ArrayConfig ideal() {
  ArrayConfig config;
  config.device = "ideal";
  config.rows = k;
  config.cols = n;
  config.periphery = {};
  config.periphery.inRes = config.periphery.outRes = 0;
  config.periphery.outBound = config.periphery.outNoise = 0;
  return config;
}

std::vector<float> normals(size_t count, uint64_t stream, float scale) {
  std::vector<float> v(count);
  gaussians({9, stream}, 0, v.data(), count);
  for (float &x : v)
    x *= scale;
  return v;
}

struct Products {
  std::vector<float> w = normals(k * n, 1, .3f), x = normals(batch * k, 2, 1),
                     got = std::vector<float>(batch * n);
  std::vector<double> want = std::vector<double>(batch * n);

  /// Runs the array; `want` becomes the plain product.
  explicit Products(const ArrayConfig &config, MvmOptions options = {}) {
    for (float &v : w)
      v = std::clamp(v, -1.0f, 1.0f);
    auto array = AnalogArray::create(config);
    EXPECT_TRUE(array) << array.error().message;
    const float one = 1;
    ProgramOptions program;
    program.scale = {&one, 1};
    EXPECT_TRUE(array->program(w.data(), n, k, n, program));
    array->compute(ArrayMode::Noisy);
    MvmScratch scratch;
    array->mvm(x.data(), k, got.data(), n, batch, options, scratch);
    for (size_t b = 0; b < batch; ++b)
      for (size_t j = 0; j < n; ++j)
        for (size_t i = 0; i < k; ++i)
          want[b * n + j] += double(x[b * k + i]) * w[i * n + j];
  }

  double alpha(size_t b) const {
    double most = 0;
    for (size_t i = 0; i < k; ++i)
      most = std::max(most, std::fabs(double(x[b * k + i])));
    return most;
  }
  double worst() const {
    double most = 0;
    for (size_t i = 0; i < want.size(); ++i)
      most = std::max(most, std::fabs(got[i] - want[i]));
    return most;
  }
};

TEST(DevicePeriphery, ScalesAreWhatTheyAreSaidToBe) {
  // Inputs are clipped at the scale, and that shows which one was used.
  for (auto kind :
       {NoiseManagement::None, NoiseManagement::AbsMax,
        NoiseManagement::AverageAbsMax, NoiseManagement::Constant}) {
    ArrayConfig config = ideal();
    config.periphery.noiseManagement = kind;
    config.periphery.inputScale = 1.5;
    Products p(config);
    double average = 0;
    for (size_t b = 0; b < batch; ++b)
      average += p.alpha(b) / batch;
    double worst = 0;
    for (size_t b = 0; b < batch; ++b) {
      double scale = kind == NoiseManagement::None       ? 1
                     : kind == NoiseManagement::AbsMax   ? p.alpha(b)
                     : kind == NoiseManagement::Constant ? 1.5
                                                         : average;
      for (size_t j = 0; j < n; ++j) {
        double y = 0;
        for (size_t i = 0; i < k; ++i)
          y += std::clamp(double(p.x[b * k + i]), -scale, scale) *
               p.w[i * n + j];
        worst = std::max(worst, std::fabs(y - p.got[b * n + j]));
      }
    }
    std::printf("noise management %d: off by %.2g, bound 1e-5\n", int(kind),
                worst);
    EXPECT_LT(worst, 1e-5);
  }
}

TEST(DevicePeriphery, WorstCaseNeedsOneRepetition) {
  ArrayConfig config = ideal();
  config.periphery.outBound = 1.5;
  Products saturated(config);
  config.periphery.boundManagement = BoundManagement::WorstCase;
  config.periphery.worstCaseWeight = 1;
  Products managed(config);
  std::printf("saturated: off by %.3g; worst case: off by %.3g, bound 1e-5\n",
              saturated.worst(), managed.worst());
  EXPECT_GT(saturated.worst(), .1);
  EXPECT_LT(managed.worst(), 1e-5);
}

TEST(DevicePeriphery, ColumnsBend) {
  ArrayConfig config = ideal();
  config.periphery.outBound = 12;
  config.periphery.outNonlinearity = .6;
  config.periphery.slopeCalibration = .25;
  config.periphery.rSeries = .02;
  Products p(config);
  double worst = 0;
  for (size_t b = 0; b < batch; ++b)
    for (size_t j = 0; j < n; ++j) {
      double load = 0;
      for (size_t i = 0; i < k; ++i)
        load += std::fabs(double(p.w[i * n + j]));
      double y = p.want[b * n + j] / p.alpha(b) / (1 + .02 * load);
      y = y / (1 + .6 / 12 * std::fabs(y)) * (1 + .25 * .6) * p.alpha(b);
      worst = std::max(worst, std::fabs(y - p.got[b * n + j]));
    }
  std::printf("bent columns: off by %.2g, bound 2e-5\n", worst);
  EXPECT_LT(worst, 2e-5);
}

TEST(DevicePeriphery, OffsetsBelongToColumns) {
  ArrayConfig config = ideal();
  config.periphery.vOffset = .1;
  Products p(config);
  // The same voltage explains every vector of a column.
  double squares = 0;
  for (size_t j = 0; j < n; ++j) {
    double sum = 0;
    for (size_t i = 0; i < k; ++i)
      sum += p.w[i * n + j];
    auto voltage = [&](size_t b) {
      return (p.want[b * n + j] - p.got[b * n + j]) / p.alpha(b) / sum;
    };
    for (size_t b = 1; b < batch; ++b)
      EXPECT_NEAR(voltage(b), voltage(0), 1e-5 / std::fabs(sum));
    squares += voltage(0) * voltage(0) / n;
  }
  double spread = std::sqrt(squares);
  std::printf("offset voltages: spread %.3f of 0.1 (24 columns)\n", spread);
  EXPECT_GT(spread, .06);
  EXPECT_LT(spread, .14);
}

TEST(DevicePeriphery, WeightNoiseGoesThroughTheCircuit) {
  // A slight bend changes how noise is drawn, but not its statistics.
  for (auto kind : {WeightNoise::Additive, WeightNoise::PcmRead}) {
    double spreads[2];
    for (int bent = 0; bent < 2; ++bent) {
      ArrayConfig config = ideal();
      config.periphery.weightNoise = kind;
      config.periphery.wNoise = .05;
      config.periphery.rSeries = bent ? 1e-9 : 0;
      double squares = 0;
      for (uint64_t command = 0; command < 40; ++command) {
        MvmOptions options;
        options.command = command;
        Products p(config, options);
        for (size_t i = 0; i < p.got.size(); ++i)
          squares += std::pow(p.got[i] - p.want[i], 2);
      }
      spreads[bent] = std::sqrt(squares / (40 * batch * n));
    }
    std::printf("weight noise %.4f, through the circuit %.4f, bound 4 %%\n",
                spreads[0], spreads[1]);
    EXPECT_NEAR(spreads[1], spreads[0], .04 * spreads[0]);
  }
}

TEST(DevicePeriphery, RefusesWhatHasNoMeaning) {
  ArrayConfig config = ideal();
  config.periphery.rSeries = -1;
  auto negative = AnalogArray::create(config);
  ASSERT_FALSE(negative);
  EXPECT_NE(negative.error().message.find("r_series"), std::string::npos);
  config = ideal();
  config.periphery.noiseManagement = NoiseManagement::Constant;
  config.periphery.inputScale = 0;
  EXPECT_FALSE(AnalogArray::create(config));
}

} // namespace
