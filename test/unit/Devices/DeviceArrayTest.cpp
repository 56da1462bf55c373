//===- DeviceArrayTest.cpp - The analog product ---------------------------===//

#include "../../../lib/Devices/Vectorize.h"
#include "BareArray.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>
#include <vector>

using namespace hybridc::exec;
using test::bare;

namespace {

AnalogArray make(const ArrayConfig &config) {
  auto array = AnalogArray::create(config);
  EXPECT_TRUE(array) << (array ? "" : array.error().message);
  return array ? std::move(*array) : std::move(*AnalogArray::create({}));
}

std::vector<float> normals(size_t n, uint64_t seed, float scale = 1) {
  std::vector<float> v(n);
  gaussians({seed, 42}, 0, v.data(), n);
  for (float &x : v)
    x *= scale;
  return v;
}

/// Whole numbers in ±limit.
std::vector<float> wholes(size_t n, uint64_t seed, int limit) {
  std::vector<float> v(n);
  uniforms({seed, 43}, 0, v.data(), n);
  for (float &x : v)
    x = std::nearbyint((2 * x - 1) * float(limit));
  return v;
}

std::vector<float> product(const AnalogArray &array,
                           const std::vector<float> &x, size_t batch,
                           MvmOptions options = {}) {
  MvmScratch scratch;
  std::vector<float> y(batch * array.usedCols());
  array.mvm(x.data(), array.usedRows(), y.data(), array.usedCols(), batch,
            options, scratch);
  return y;
}

std::vector<double> plainProduct(const std::vector<float> &x,
                                 const std::vector<float> &w, size_t batch,
                                 size_t k, size_t n) {
  std::vector<double> y(batch * n);
  for (size_t b = 0; b < batch; ++b)
    for (size_t i = 0; i < k; ++i)
      for (size_t j = 0; j < n; ++j)
        y[b * n + j] += double(x[b * k + i]) * w[i * n + j];
  return y;
}

TEST(DeviceArray, ExactIsExactInIntegers) {
  constexpr size_t k = 200, n = 70, batch = 67;
  auto w = wholes(k * n, 1, 127), x = wholes(batch * k, 2, 127);
  AnalogArray array = make({});
  ASSERT_TRUE(array.program(w.data(), n, k, n, {}));
  array.compute(ArrayMode::Exact);
  auto y = product(array, x, batch);
  auto want = plainProduct(x, w, batch, k, n);
  for (size_t i = 0; i < y.size(); ++i)
    ASSERT_EQ(double(y[i]), want[i]) << i;
}

struct IntegerCase {
  const char *name;
  WeightMapping mapping;
  uint32_t slices, cellBits;
  unsigned inputBits;
  int weightLimit;
};

class DeviceArrayIntegers : public testing::TestWithParam<IntegerCase> {};

// However weights are cut into cells and inputs into phases, integers that the
// formats can hold give the integer product, bit for bit.
TEST_P(DeviceArrayIntegers, AreExact) {
  const IntegerCase &c = GetParam();
  constexpr size_t k = 130, n = 45, batch = 20;
  ArrayConfig config = bare();
  config.mapping = c.mapping;
  config.slices = c.slices;
  config.cellBits = c.cellBits;
  config.periphery.inRes = 1.0 / 254;
  config.periphery.inputBitsPerPhase = c.inputBits;
  auto w = wholes(k * n, 3, c.weightLimit), x = wholes(batch * k, 4, 127);
  AnalogArray array = make(config);
  float limit = float(c.weightLimit);
  ProgramOptions program;
  program.scale = {&limit, 1};
  ASSERT_TRUE(array.program(w.data(), n, k, n, program));
  MvmOptions options;
  options.inputRange = 127;
  auto want = plainProduct(x, w, batch, k, n);
  for (ArrayMode mode : {ArrayMode::Quantised, ArrayMode::Noisy}) {
    array.compute(mode); // the noise of ideal cells is none
    auto y = product(array, x, batch, options);
    for (size_t i = 0; i < y.size(); ++i) {
      ASSERT_EQ(double(y[i]), want[i]) << c.name << " at " << i;
    }
  }
}

// The same without steps, whatever the largest input and weight are: arrays
// and converters that do nothing compute the product itself.
TEST(DeviceArray, IsExactWithIdealEverything) {
  constexpr size_t k = 130, n = 45, batch = 20;
  auto w = wholes(k * n, 3, 7), x = wholes(batch * k, 4, 11);
  auto want = plainProduct(x, w, batch, k, n);
  for (auto mapping : {WeightMapping::Differential, WeightMapping::Offset})
    for (double bound : {0.0, 1.0}) { // of abs_max: nothing is clipped
      ArrayConfig config = bare();
      config.mapping = mapping;
      config.periphery.inRes = 0;
      config.periphery.inBound = bound;
      AnalogArray array = make(config);
      ASSERT_TRUE(array.program(w.data(), n, k, n, {}));
      array.age(1e6, 0, Compensation::Global);
      auto y = product(array, x, batch, {});
      for (size_t i = 0; i < y.size(); ++i)
        ASSERT_EQ(double(y[i]), want[i]) << i;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, DeviceArrayIntegers,
    testing::Values(
        IntegerCase{"pair8", WeightMapping::Differential, 1, 8, 0, 255},
        IntegerCase{"pair4x2", WeightMapping::Differential, 4, 2, 0, 255},
        IntegerCase{"pair2x4serial", WeightMapping::Differential, 2, 4, 1, 255},
        IntegerCase{"pair1x7digits", WeightMapping::Differential, 7, 1, 3, 127},
        IntegerCase{"offset8", WeightMapping::Offset, 1, 8, 0, 127},
        IntegerCase{"offset4x2serial", WeightMapping::Offset, 4, 2, 1, 127},
        IntegerCase{"offset2x4", WeightMapping::Offset, 2, 4, 2, 127}),
    [](const auto &info) { return std::string(info.param.name); });

/// Steps 1 to 6 of the managed product, in double, one output at a time.
std::vector<double> managedReference(const ArrayPeriphery &p,
                                     const std::vector<float> &w, float scale,
                                     const std::vector<float> &x, size_t batch,
                                     size_t k, size_t n, double range) {
  double din = 2 * p.inBound * p.inRes, dout = 2 * p.outBound * p.outRes;
  std::vector<double> y(batch * n);
  for (size_t b = 0; b < batch; ++b) {
    double alpha = range;
    if (range == 0)
      for (size_t i = 0; i < k; ++i)
        alpha = std::max(alpha, double(std::fabs(x[b * k + i])));
    for (double rho = 1;; rho *= 2) {
      std::vector<double> in(k);
      for (size_t i = 0; i < k; ++i)
        // Ordered so that x = α stays exactly half-way between two steps when
        // ρ doubles.
        in[i] = std::clamp(
            din * std::nearbyint(x[b * k + i] / alpha * (1 / din) / rho),
            -p.inBound, p.inBound);
      bool saturated = false;
      for (size_t j = 0; j < n; ++j) {
        double sum = 0;
        for (size_t i = 0; i < k; ++i)
          sum += in[i] * (w[i * n + j] / scale);
        double q = dout * std::nearbyint(sum / dout);
        saturated |= std::fabs(q) > p.outBound * (1 + 1e-9);
        y[b * n + j] =
            alpha * rho * scale * std::clamp(q, -p.outBound, p.outBound);
      }
      bool mayRetry = 2 * rho <= 1000 && 2 * rho <= 0.25 / din;
      if (!(p.boundManagement == BoundManagement::Iterative && saturated &&
            mayRetry))
        break;
    }
  }
  return y;
}

TEST(DeviceArray, QuantisedIsTheManagedProduct) {
  constexpr size_t k = 150, n = 61, batch = 90;
  for (bool bounded : {false, true})
    for (float range : {0.0f, 2.5f}) {
      SCOPED_TRACE(testing::Message() << bounded << " " << range);
      ArrayConfig config;
      config.periphery.boundManagement =
          bounded ? BoundManagement::Iterative : BoundManagement::None;
      config.periphery.outBound = 3;   // so that outputs do saturate
      config.periphery.outNoise = 0.5; // must not matter in this mode
      auto w = normals(k * n, 5, .3f), x = normals(batch * k, 6);
      float scale = 1;
      ProgramOptions program;
      program.scale = {&scale, 1};
      for (float &v : w)
        v = std::clamp(v, -1.0f, 1.0f);
      AnalogArray array = make(config);
      ASSERT_TRUE(array.program(w.data(), n, k, n, program));
      MvmOptions options;
      options.inputRange = range;
      auto y = product(array, x, batch, options);
      auto want =
          managedReference(config.periphery, w, scale, x, batch, k, n, range);
      size_t different = 0;
      for (size_t i = 0; i < y.size(); ++i)
        different += std::fabs(y[i] - want[i]) >
                     1e-5 * std::max(1.0, std::fabs(want[i]));
      // Single precision may round a sum that lies half-way to the other side.
      EXPECT_LE(different, y.size() / 2000);
    }
}

TEST(DeviceArray, BoundManagementAvoidsSaturation) {
  constexpr size_t k = 256, n = 32;
  ArrayConfig config = bare();
  config.periphery.inRes = config.periphery.outRes = 1.0 / 254;
  config.periphery.outBound = 10;
  std::vector<float> w(k * n, 1.0f), x(k, 1.0f);
  for (bool bounded : {false, true}) {
    config.periphery.boundManagement =
        bounded ? BoundManagement::Iterative : BoundManagement::None;
    AnalogArray array = make(config);
    ASSERT_TRUE(array.program(w.data(), n, k, n, {}));
    auto y = product(array, x, 1);
    // 256 needs ρ = 32, where a DAC step is a quarter of the inputs: as far as
    // it goes. 1/32 is 3.97 steps of the DAC, the sum 8.03 of at most 10.
    for (float v : y)
      EXPECT_NEAR(v, bounded ? 257.00787 : 10, 1e-3);
  }
}

TEST(DeviceArray, RowsDoNotDependOnTheirCompany) {
  constexpr size_t k = 256, n = 96, batch = 150;
  ArrayConfig config;
  config.periphery.boundManagement = BoundManagement::Iterative;
  config.periphery.outBound = 4;
  config.periphery.inNoise = 0.01;
  config.periphery.wNoise = 0.0175;
  config.periphery.weightNoise = WeightNoise::PcmRead;
  config.periphery.irDrop = 1;
  auto w = normals(k * n, 7, .2f), x = normals(batch * k, 8);
  AnalogArray array = make(config);
  ASSERT_TRUE(array.program(w.data(), n, k, n, {}));
  array.age(3600, 1, Compensation::Column);
  auto whole = product(array, x, batch);
  MvmScratch scratch;
  for (size_t step : {1, 13, 64}) {
    std::vector<float> y(batch * n);
    for (size_t b = 0; b < batch; b += step) {
      MvmOptions options;
      options.firstRow = b;
      array.mvm(x.data() + b * k, k, y.data() + b * n, n,
                std::min(step, batch - b), options, scratch);
    }
    EXPECT_EQ(whole, y) << "step " << step;
  }
  std::vector<float> y(batch * n);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      MvmScratch own;
      for (size_t b = t; b < batch; b += 4) {
        MvmOptions options;
        options.firstRow = b;
        array.mvm(x.data() + b * k, k, y.data() + b * n, n, 1, options, own);
      }
    });
  for (auto &thread : threads)
    thread.join();
  EXPECT_EQ(whole, y);
}

TEST(DeviceArray, MachinesWithFmaGiveTheSameBits) {
  using detail::VectorLevel;
  VectorLevel best = detail::vectorLevel();
  if (best < VectorLevel::V4)
    GTEST_SKIP() << "only one level with FMA here";
  constexpr size_t k = 256, n = 80, batch = 21;
  auto w = normals(k * n, 9, .3f), x = normals(batch * k, 10);
  std::vector<std::vector<float>> results;
  for (VectorLevel level : {VectorLevel::V4, VectorLevel::V3}) {
    detail::setVectorLevel(level);
    AnalogArray array = make({});
    ASSERT_TRUE(array.program(w.data(), n, k, n, {}));
    array.age(86400, 0, Compensation::Global);
    results.push_back(product(array, x, batch));
  }
  detail::setVectorLevel(best);
  EXPECT_EQ(results[0], results[1]);
}

TEST(DeviceArray, SeedsArraysEpochsAndCommandsDiffer) {
  constexpr size_t k = 64, n = 64;
  auto w = normals(k * n, 11, .3f), x = normals(k, 12);
  AnalogArray array = make({});
  auto result = [&](uint64_t seed, uint64_t id, uint64_t epoch,
                    uint64_t command) {
    ProgramOptions program;
    program.seed = seed;
    program.arrayId = id;
    EXPECT_TRUE(array.program(w.data(), n, k, n, program));
    array.age(60, epoch, Compensation::None);
    MvmOptions options;
    options.command = command;
    return product(array, x, 1, options);
  };
  auto base = result(1, 1, 1, 1);
  EXPECT_EQ(base, result(1, 1, 1, 1));
  EXPECT_NE(base, result(2, 1, 1, 1));
  EXPECT_NE(base, result(1, 2, 1, 1));
  EXPECT_NE(base, result(1, 1, 2, 1));
  EXPECT_NE(base, result(1, 1, 1, 2));
}

TEST(DeviceArray, CompensationUndoesTheMeanDrift) {
  constexpr size_t k = 256, n = 64;
  ArrayConfig config;
  config.compensationReads = 16;
  auto w = normals(k * n, 13, .3f), x = normals(32 * k, 14);
  AnalogArray array = make(config);
  ASSERT_TRUE(array.program(w.data(), n, k, n, {}));
  auto want = plainProduct(x, w, 32, k, n);
  auto gain = [&](Compensation kind) {
    array.age(86400, 0, kind);
    auto y = product(array, x, 32);
    double yw = 0, ww = 0;
    for (size_t i = 0; i < y.size(); ++i) {
      yw += y[i] * want[i];
      ww += want[i] * want[i];
    }
    return yw / ww;
  };
  EXPECT_LT(gain(Compensation::None), 0.75);
  EXPECT_NEAR(gain(Compensation::Global), 1, 0.03);
  EXPECT_EQ(array.compensationFactors().size(), 1u);
  EXPECT_NEAR(gain(Compensation::Column), 1, 0.03);
  EXPECT_EQ(array.compensationFactors().size(), n);
}

TEST(DeviceArray, ScalesPerColumnAndAccumulation) {
  constexpr size_t k = 40, n = 3;
  auto w = normals(k * n, 15), x = normals(2 * k, 16);
  for (size_t i = 0; i < k; ++i) {
    w[i * n + 1] *= 100;
    w[i * n + 2] = 0;
  }
  ArrayConfig config = bare();
  config.slices = 1;
  config.cellBits = 12;
  std::vector<float> scale = {4, 400, 0};
  AnalogArray array = make(config);
  ProgramOptions program;
  program.scale = scale;
  ASSERT_TRUE(array.program(w.data(), n, k, n, program));
  auto want = plainProduct(x, w, 2, k, n);
  std::vector<float> y(2 * n, 1000);
  MvmScratch scratch;
  MvmOptions options;
  options.accumulate = true;
  array.mvm(x.data(), k, y.data(), n, 2, options, scratch);
  for (size_t b = 0; b < 2; ++b) {
    EXPECT_NEAR(y[b * n] - 1000, want[b * n], .02);
    EXPECT_NEAR(y[b * n + 1] - 1000, want[b * n + 1], 2);
    EXPECT_EQ(y[b * n + 2], 1000);
  }
}

TEST(DeviceArray, StrangeInputsAreHarmless) {
  constexpr size_t k = 32, n = 32;
  auto w = normals(k * n, 17);
  ArrayConfig config;
  config.periphery.boundManagement = BoundManagement::Iterative;
  AnalogArray array = make(config);
  ASSERT_TRUE(array.program(w.data(), n, k, n, {}));
  array.age(1, 0, Compensation::Global);
  for (float strange : {0.0f, 1e-45f, 1e38f, -1e-38f}) {
    std::vector<float> x(k, strange);
    for (float v : product(array, x, 1))
      EXPECT_TRUE(std::isfinite(v) || strange > 1e30f) << strange;
  }
  for (float strange :
       {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    std::vector<float> x(2 * k, 1.0f);
    x[3] = strange;
    auto y = product(array, x, 2);
    for (size_t j = 0; j < n; ++j)
      EXPECT_TRUE(std::isfinite(y[n + j])); // the other row is untouched
  }
  std::vector<float> zeros(k * n, 0.0f), x(k, 1.0f);
  ASSERT_TRUE(array.program(zeros.data(), n, k, n, {}));
  array.age(1, 0, Compensation::Column);
  for (float v : product(array, x, 1))
    EXPECT_EQ(v, 0.0f);
}

TEST(DeviceArray, Refusals) {
  auto refused = [](auto change) {
    ArrayConfig config;
    change(config);
    auto array = AnalogArray::create(config);
    return array ? std::string() : array.error().message;
  };
  EXPECT_NE(refused([](auto &c) { c.device = "x"; }), "");
  EXPECT_NE(refused([](auto &c) { c.rows = 0; }), "");
  EXPECT_NE(refused([](auto &c) { c.slices = 2; }), "");
  EXPECT_NE(refused([](auto &c) { c.slices = 4, c.cellBits = 8; }), "");
  EXPECT_NE(refused([](auto &c) {
              c.mapping = WeightMapping::Offset, c.cellBits = 1;
            }),
            "");
  EXPECT_NE(refused([](auto &c) {
              c.periphery.outNoise = std::nan("");
            }).find("out_noise"),
            std::string::npos);
  EXPECT_NE(
      refused([](auto &c) { c.periphery.outBound = 0; }).find("out_bound"),
      std::string::npos);
  EXPECT_NE(refused([](auto &c) {
              c.periphery.inRes = 0, c.periphery.inputBitsPerPhase = 1;
            }),
            "");
  EXPECT_NE(refused([](auto &c) { c.periphery.outRes = 1e-9; }), "");

  AnalogArray array = make({});
  std::vector<float> w(300, 1.0f);
  auto tooLarge = array.program(w.data(), 1, 300, 1, {});
  ASSERT_FALSE(tooLarge);
  EXPECT_EQ(tooLarge.error().code, hybridc::ExitCode::DoesNotFit);
  w[7] = std::nanf("");
  EXPECT_FALSE(array.program(w.data(), 1, 20, 1, {}));
  EXPECT_TRUE(array.program(w.data(), 1, 5, 1, {}));
  std::vector<float> scales(2, 1.0f);
  ProgramOptions options;
  options.scale = scales;
  EXPECT_FALSE(array.program(w.data(), 1, 5, 1, options));
  scales[0] = -1;
  options.scale = {scales.data(), 1};
  EXPECT_FALSE(array.program(w.data(), 1, 5, 1, options));
}

} // namespace
