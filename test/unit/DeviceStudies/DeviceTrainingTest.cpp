//===- DeviceTrainingTest.cpp - Pulsed cells and updates ------------------===//
//
// Comparisons with peers are in test/validate/Training.cpp.
//
//===----------------------------------------------------------------------===//

#include "../../../lib/Devices/Vectorize.h"
#include "hybridc/Studies/Characterize.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace hybridc::exec;

namespace {

TEST(DeviceTraining, TrainsFollowTheirFormula) {
  // k = .05 / .001 = 50 pulses, cut to 31; the column takes the surplus.
  PulseTrains t = planTrains({}, 0.05, 1, 1, 0.001);
  EXPECT_EQ(t.length, 31u);
  EXPECT_NEAR(t.rowScale, 1, 1e-6);
  EXPECT_NEAR(t.colScale, 50.0 / 31, 1e-6);
  EXPECT_EQ(planTrains({}, 0.0101, 1, 1, 0.001).length, 11u);
  EXPECT_EQ(planTrains({}, 0, 1, 1, 0.001).length, 0u);
  EXPECT_EQ(planTrains({}, 0.1, 0, 1, 0.001).length, 0u);
  UpdateRule fixed{10, false, false};
  PulseTrains f = planTrains(fixed, 0.01, 0.3, 2, 0.001);
  EXPECT_EQ(f.length, 10u);
  EXPECT_NEAR(f.rowScale, 1, 1e-6);
  EXPECT_NEAR(f.colScale, 1, 1e-6);
}

/// A cell of each law without variation, pulsed up once at w.
float stepAt(PulsedDevice device, float w, int32_t count = 1) {
  auto array = PulsedArray::create(device.withoutVariation(), 1, 1, {1, 1});
  EXPECT_TRUE(array);
  array->setWeights(std::vector<float>{w}, 0);
  array->pulse(std::vector<int32_t>{count}, 1);
  return array->weights()[0] - w;
}

/// Beyond what single precision holds, the largest x and d still get all
/// pulses: rowScale · x_max · colScale · d_max = lr · x_max · d_max / (dw ·
/// 31), cut to 1, shared evenly.
TEST(PulseTrains, LargeOperandsShareTheScale) {
  for (double x : {1e10, 1e18, 1e20, 1e30, 3e38})
    for (double d : {1e-3, 1.0, 1e20, 1e38}) {
      PulseTrains t = planTrains({}, 0.1, x, d, 0.001);
      EXPECT_EQ(t.length, 31u) << x << " " << d;
      double row = t.rowScale * x, col = t.colScale * d;
      EXPECT_NEAR(row, 1, 1e-5) << x << " " << d;
      EXPECT_NEAR(col / (0.1 * x * d / (0.001 * 31)), 1, 1e-5) << x << " " << d;
    }
}

TEST(DeviceTraining, LawsFollowTheirFormulas) {
  auto es = makePulsedDevice("rram-es");
  ASSERT_TRUE(es);
  for (double w : {-0.5, 0.0, 0.7}) {
    double z = 2 * w * -.5 / 2 - .5;
    double up = std::max(1 + 1.18445 * std::exp(5 * z), 0.0) * .00135;
    double down =
        std::max(1 + .081404 * std::exp(-5 * z), 0.0) * (1 - .259359) * .00135;
    EXPECT_NEAR(stepAt(*es, float(w)), up, 2e-7);
    EXPECT_NEAR(stepAt(*es, float(w), -1), -down, 2e-7);
  }
  PulsedDevice power;
  power.law = StepLaw::Power;
  power.dwMin = .01, power.wMax = 1, power.wMin = -1;
  power.gammaUp = power.gammaDown = 2;
  EXPECT_NEAR(stepAt(power, .5f), .01 * .25 * .25, 1e-7);
  EXPECT_NEAR(stepAt(power, .5f, -1), -.01 * .75 * .75, 1e-7);
  EXPECT_EQ(stepAt(power, 1.0f), 0.0f);
  PulsedDevice pieces = power;
  pieces.law = StepLaw::Piecewise;
  pieces.nodesUp = {2, 1, 0};
  pieces.nodesDown = {1};
  EXPECT_NEAR(stepAt(pieces, -.5f), .01 * 1.5, 1e-7);
  EXPECT_NEAR(stepAt(pieces, .75f), .01 * .25, 1e-7);
  EXPECT_EQ(stepAt(pieces, 1.0f), 0.0f);
  EXPECT_NEAR(stepAt(pieces, .75f, -1), -.01, 1e-7);
}

TEST(DeviceTraining, SymmetryPointIsSubtracted) {
  auto device = makePulsedDevice("rram-om", {{"up_down_dtod", 0.2},
                                             {"reference_std", 0},
                                             {"dw_min_std", 0},
                                             {"write_noise", 0},
                                             {"dw_min", 0.005},
                                             {"w_min_dtod", 0.1},
                                             {"w_max_dtod", 0.1}});
  ASSERT_TRUE(device);
  auto array = PulsedArray::create(*device, 20, 20, {3, 3});
  ASSERT_TRUE(array);
  // Alternating pulses drive every cell to its symmetry point, which is 0 in
  // the weight that the reference was subtracted from.
  std::vector<int32_t> up(400, 1), down(400, -1);
  for (uint64_t i = 0; i < 3000; ++i) {
    array->pulse(up, 2 * i);
    array->pulse(down, 2 * i + 1);
  }
  double worst = 0, mean = 0;
  for (float w : array->weights()) {
    worst = std::max(worst, std::fabs(double(w)));
    mean += w / 400;
  }
  // A cycle ends on a downward pulse, half a step below the point.
  EXPECT_LT(worst, 0.05);
  EXPECT_LT(std::fabs(mean), 0.01);
}

TEST(DeviceTraining, DecayAndReset) {
  auto device =
      makePulsedDevice("capacitor", {{"lifetime", 10}, {"lifetime_dtod", 0}});
  ASSERT_TRUE(device);
  auto array = PulsedArray::create(device->withoutVariation(), 2, 3, {1, 1});
  ASSERT_TRUE(array);
  array->setWeights(std::vector<float>(6, .5f), 0);
  array->decay(1);
  for (float w : array->weights())
    EXPECT_FLOAT_EQ(w, .45f);
  array->reset(1, 1, 2);
  EXPECT_EQ(array->weights()[1], 0.0f);
  EXPECT_EQ(array->weights()[4], 0.0f);
  EXPECT_FLOAT_EQ(array->weights()[2], .45f);
}

TEST(DeviceTraining, DriftFollowsItsPower) {
  auto device =
      makePulsedDevice("constant-step", {{"drift_nu", 0.1}, {"drift_t0", 2}});
  ASSERT_TRUE(device);
  auto array = PulsedArray::create(device->withoutVariation(), 1, 2, {1, 1});
  ASSERT_TRUE(array);
  array->setWeights(std::vector<float>{.5f, -.2f}, 0);
  array->drift(20, 1); // 10 t0 after the first look
  EXPECT_NEAR(array->weights()[0], .5 * std::pow(10, -.1), 1e-6);
  // One cell is pulsed and starts anew; the other one goes on.
  array->pulse(std::vector<int32_t>{1, 0}, 2);
  float pulsed = array->weights()[0];
  array->drift(20, 3);
  EXPECT_EQ(array->weights()[0], pulsed);
  EXPECT_NEAR(array->weights()[1], -.2 * std::pow(20, -.1), 1e-6);
  array->drift(60, 4);
  EXPECT_NEAR(array->weights()[0], pulsed * std::pow(30, -.1), 1e-6);
}

TEST(DeviceTraining, SomeCellsAreStuckAndTheBiasIsPerfect) {
  auto device = makePulsedDevice(
      "constant-step",
      {{"corrupt_devices_prob", .3}, {"perfect_bias", 1}, {"dw_min_std", 0}});
  ASSERT_TRUE(device);
  size_t rows = 101, cols = 100;
  auto array = PulsedArray::create(*device, rows, cols, {1, 1});
  ASSERT_TRUE(array);
  std::vector<float> before(array->weights().begin(), array->weights().end());
  array->pulse(std::vector<int32_t>(rows * cols, 1), 0);
  size_t stuck = 0;
  for (size_t i = 0; i < rows * cols; ++i) {
    stuck += array->weights()[i] == before[i];
    if (i >= (rows - 1) * cols) {
      EXPECT_FLOAT_EQ(array->weights()[i], .001f);
    }
  }
  std::printf("stuck %.3f of the cells, 0.3 expected, bound 0.02\n",
              double(stuck) / 1e4);
  EXPECT_NEAR(double(stuck) / 1e4, .3, .02);
}

TEST(DeviceTraining, BlocksOfRowsAreOnlyForSpeed) {
  // One row at a time or all together: the same noise for the same cell.
  auto device = makePulsedDevice("rram-sb");
  ASSERT_TRUE(device);
  auto whole = PulsedArray::create(*device, 40, 30, {2, 2});
  auto byRows = PulsedArray::create(*device, 40, 30, {2, 2});
  ASSERT_TRUE(whole && byRows);
  std::vector<int32_t> counts(1200);
  for (size_t i = 0; i < counts.size(); ++i)
    counts[i] = int32_t(i % 7) - 3;
  whole->pulse(counts, 5);
  for (size_t k = 0; k < 40; ++k) {
    std::vector<int32_t> row(1200, 0);
    std::copy_n(counts.begin() + long(k * 30), 30, row.begin() + long(k * 30));
    byRows->pulse(row, 5);
  }
  for (size_t i = 0; i < counts.size(); ++i)
    ASSERT_EQ(whole->weights()[i], byRows->weights()[i]) << i;
}

TEST(DeviceTraining, MachinesGiveTheSameBits) {
  using hybridc::exec::detail::VectorLevel;
  VectorLevel best = detail::vectorLevel();
  for (const std::string &name : pulsedDeviceNames()) {
    auto device = makePulsedDevice(name);
    ASSERT_TRUE(device);
    std::vector<std::vector<float>> results;
    for (VectorLevel level : {VectorLevel::Base, VectorLevel::V3, best}) {
      detail::setVectorLevel(level);
      auto array = PulsedArray::create(*device, 5, 70, {7, 7});
      ASSERT_TRUE(array);
      std::vector<float> x = {1, -.5f, .25f, 0, 1}, d(70, .3f);
      for (uint64_t i = 0; i < 10; ++i)
        array->update(x, d, 0.02, {}, i);
      auto w = array->weights();
      results.emplace_back(w.begin(), w.end());
    }
    detail::setVectorLevel(best);
    EXPECT_EQ(results[0], results[1]) << name;
    EXPECT_EQ(results[0], results[2]) << name;
  }
}

TEST(DeviceTraining, LearnsALinearMap) {
  auto device = makePulsedDevice("idealized");
  ASSERT_TRUE(device);
  auto array = PulsedArray::create(*device, 8, 4, {5, 5});
  ASSERT_TRUE(array);
  std::vector<float> goal(32), x(8), d(4), u(8);
  uniforms({5, 6}, 0, goal.data(), 32);
  for (float &g : goal)
    g = .8f * g - .4f;
  for (uint64_t step = 0; step < 4000; ++step) {
    uniforms({5, 7}, step * 8, u.data(), 8);
    for (size_t k = 0; k < 8; ++k)
      x[k] = 2 * u[k] - 1;
    for (size_t n = 0; n < 4; ++n) {
      d[n] = 0;
      for (size_t k = 0; k < 8; ++k)
        d[n] += x[k] * (array->weights()[k * 4 + n] - goal[k * 4 + n]);
    }
    array->update(x, d, 0.05, {}, step);
  }
  double error = 0, norm = 0;
  for (size_t i = 0; i < 32; ++i) {
    error += std::pow(array->weights()[i] - goal[i], 2);
    norm += goal[i] * goal[i];
  }
  EXPECT_LT(std::sqrt(error / norm), 0.02);
}

TEST(DeviceTraining, Refusals) {
  EXPECT_FALSE(makePulsedDevice("abacus"));
  auto field = makePulsedDevice("rram-sb", {{"dwmin", 1}});
  ASSERT_FALSE(field);
  EXPECT_NE(field.error().message.find("dw_min,"), std::string::npos);
  EXPECT_FALSE(makePulsedDevice("rram-sb", {{"dw_min", 0}}));
  EXPECT_FALSE(makePulsedDevice("rram-sb", {{"enforce_consistency", .5}}));
  auto device = makePulsedDevice("rram-sb");
  ASSERT_TRUE(device);
  EXPECT_FALSE(PulsedArray::create(*device, 0, 3, {}));
  EXPECT_FALSE(PulsedArray::create(*device, 1 << 20, 1 << 20, {}));
  PulseStudy study;
  study.pulses = {5, 2};
  EXPECT_FALSE(characterizePulses(study));
  UpdateStudy update;
  update.dwMin = 0;
  EXPECT_FALSE(characterizeUpdates(update));
}

} // namespace
