//===- DevicePeripheryTest.cpp - Managements and circuits of an array -----===//
//
// Each formula of AnalogArray.h's ArrayPeriphery against itself in double.
//
//===----------------------------------------------------------------------===//

#include "BareArray.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

using namespace hybridc::exec;
using namespace hybridc::exec::test;

namespace {

constexpr size_t k = 40, n = 24, batch = 9;

ArrayConfig ideal() {
  ArrayConfig config = bare();
  config.rows = k;
  config.cols = n;
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
    AnalogArray array = arrayOf(config, w, k, n);
    MvmScratch scratch;
    array.mvm(x.data(), k, got.data(), n, batch, options, scratch);
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
  config.periphery.outAsymmetry = .1;
  Products p(config);
  double gain = std::pow(1 + (.6 / 12 + .02) * .25 * 12, 2), worst = 0;
  for (size_t b = 0; b < batch; ++b) {
    double u = 0;
    for (size_t i = 0; i < k; ++i)
      u += p.x[b * k + i] / p.alpha(b);
    for (size_t j = 0; j < n; ++j) {
      double y = p.want[b * n + j] / p.alpha(b) + u;
      y = y / (1 + .02 * std::fabs(y)) - u / (1 + .02 * std::fabs(u));
      y = gain * y / (1 + .6 / 12 * std::fabs(y)) * p.alpha(b);
      y *= y < 0 ? .9 : 1;
      worst = std::max(worst, std::fabs(y - p.got[b * n + j]));
    }
  }
  std::printf("bent columns: off by %.2g, bound 3e-5\n", worst);
  EXPECT_LT(worst, 3e-5);
}

TEST(DevicePeriphery, OffsetsBelongToColumns) {
  ArrayConfig config = ideal();
  config.periphery.vOffset = .1;
  Products p(config);
  // The same voltage explains every vector of a column.
  auto voltage = [&](size_t b, size_t j) {
    double u = 0;
    for (size_t i = 0; i < k; ++i)
      u += p.x[b * k + i];
    return (p.want[b * n + j] - p.got[b * n + j]) / (p.want[b * n + j] + 2 * u);
  };
  double squares = 0;
  size_t without = 0;
  for (size_t j = 0; j < n; ++j) {
    for (size_t b = 1; b < batch; ++b)
      EXPECT_NEAR(voltage(b, j), voltage(0, j), 1e-4);
    squares += voltage(0, j) * voltage(0, j);
    without += std::fabs(voltage(0, j)) < 1e-5;
  }
  double spread = std::sqrt(squares / double(n - without));
  std::printf("offset voltages: spread %.3f of 0.1, %zu of 24 columns have "
              "none\n",
              spread, without);
  EXPECT_GT(spread, .05);
  EXPECT_LT(spread, .15);
  EXPECT_GT(without, 5u);
  EXPECT_LT(without, 19u);
}

TEST(DevicePeriphery, PolaritiesAddUp) {
  // In two passes, with ideal circuits, nothing changes; asymmetries do.
  for (auto kind : {InputPolarity::Separate, InputPolarity::SeparateDigital}) {
    ArrayConfig config = ideal();
    config.periphery.inputPolarity = kind;
    Products plain(config);
    config.periphery.inAsymmetry = .2;
    Products weak(config);
    double worst = 0;
    for (size_t b = 0; b < batch; ++b)
      for (size_t j = 0; j < n; ++j) {
        double y = 0;
        for (size_t i = 0; i < k; ++i) {
          double x = weak.x[b * k + i];
          y += (x < 0 ? .8 : 1) * x * weak.w[i * n + j];
        }
        worst = std::max(worst, std::fabs(y - weak.got[b * n + j]));
      }
    std::printf("two passes: off by %.2g, with weak negative inputs %.2g, "
                "bound 1e-5\n",
                plain.worst(), worst);
    EXPECT_LT(plain.worst(), 1e-5);
    EXPECT_LT(worst, 1e-5);
    // A cell's own weight for negative inputs: another draw than none.
    config.periphery.inAsymmetry = 0;
    config.periphery.readAsymmetry = .1;
    Products own(config), again(config);
    EXPECT_GT(own.worst(), .05);
    EXPECT_EQ(own.got, again.got);
  }
}

TEST(DevicePeriphery, StochasticRoundingIsUnbiased) {
  // The mean over many products is the product; nearest rounding keeps its
  // error for ever.
  double off[2];
  for (int stochastic = 0; stochastic < 2; ++stochastic) {
    ArrayConfig config = ideal();
    config.periphery.inRes = config.periphery.outRes = 1.0 / 14;
    config.periphery.outBound = 12;
    config.periphery.inStochastic = config.periphery.outStochastic =
        stochastic != 0;
    std::vector<double> mean(batch * n);
    constexpr int many = 400;
    std::vector<double> want;
    for (uint64_t command = 0; command < many; ++command) {
      MvmOptions options;
      options.command = command;
      Products p(config, options);
      for (size_t i = 0; i < mean.size(); ++i)
        mean[i] += p.got[i] / many;
      want = p.want;
    }
    double squares = 0;
    for (size_t i = 0; i < mean.size(); ++i)
      squares += std::pow(mean[i] - want[i], 2) / double(mean.size());
    off[stochastic] = std::sqrt(squares);
  }
  std::printf("mean of 400 products: nearest %.3f off, stochastic %.3f\n",
              off[0], off[1]);
  EXPECT_LT(off[1], .15 * off[0]);
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
