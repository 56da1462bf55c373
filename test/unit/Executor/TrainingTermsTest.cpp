//===- TrainingTermsTest.cpp - Every term of cells that train -------------===//
//
// Comparisons with peers are in test/validate; here stand the cases in which a
// single term decides, with the value that the formula gives by hand.
//
//===----------------------------------------------------------------------===//

#include "../../../lib/Executor/TrainingTile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace hybridc;
using namespace hybridc::exec;

namespace {

struct Sample {
  double mean = 0, deviation = 0;
};
template <typename T> Sample statistics(const T &values) {
  double sum = 0, squares = 0;
  for (double x : values) {
    sum += x;
    squares += x * x;
  }
  double n = double(values.size()), mean = sum / n;
  return {mean, std::sqrt(squares / n - mean * mean)};
}

constexpr size_t side = 200;

/// Four standard errors of the deviation of side² samples.
void expectDeviation(const char *what, double found, double want) {
  double bound = 4 / std::sqrt(2.0 * side * side);
  std::printf("%s: deviation %.6g, by formula %.6g, bound %.2g %%\n", what,
              found, want, 100 * bound);
  EXPECT_NEAR(found, want, bound * want) << what;
}

PulsedDevice quiet(const char *name, const DeviceParams &params = {}) {
  auto device = makePulsedDevice(name, params);
  EXPECT_TRUE(device) << name;
  return device->withoutVariation();
}

PulsedArray arrayOf(const PulsedDevice &device, float w, size_t rows = side,
                    size_t cols = side) {
  auto array = PulsedArray::create(device, rows, cols, {7, 7});
  EXPECT_TRUE(array);
  array->setWeights(std::vector<float>(rows * cols, w), 0);
  return std::move(*array);
}

/// What one pulse up moves each cell by, from w.
std::vector<double> stepsAt(const PulsedDevice &device, float w) {
  PulsedArray array = arrayOf(device, w);
  array.pulse(std::vector<int32_t>(side * side, 1), 1);
  std::vector<double> steps;
  for (float now : array.weights())
    steps.push_back(double(now) - w);
  return steps;
}

TEST(TrainingTerms, SlopesOfSoftBoundsDiffer) {
  PulsedDevice device = quiet("soft-bounds", {{"dw_min", .05}, {"w_max", 1}});
  device.slopeUpDtod = .2;
  // Δ(1 − w/b), b = w_max / |1 + .2·N|.
  std::vector<double> steps = stepsAt(device, .1f);
  for (double &step : steps)
    step = (1 - step / .05) / .1;
  Sample s = statistics(steps);
  EXPECT_NEAR(s.mean, 1, 4 * .2 / side);
  expectDeviation("slope", s.deviation, .2);
}

TEST(TrainingTerms, NoiseOfALinearStepIsAPartOfItOrOfTheCellsOwn) {
  PulsedDevice device = quiet("linear-step", {{"dw_min", .01}});
  device.wMax = 1, device.wMin = -1;
  device.gammaUp = 1;
  device.dwMinStd = .3;
  // At w = ½ a step is half of Δ.
  device.multiplicativeNoise = true;
  Sample s = statistics(stepsAt(device, .5f));
  EXPECT_NEAR(s.mean, .005, 1e-4);
  expectDeviation("multiplicative", s.deviation, .3 * .005);
  device.multiplicativeNoise = false;
  s = statistics(stepsAt(device, .5f));
  EXPECT_NEAR(s.mean, .005, 1e-4);
  expectDeviation("additive", s.deviation, .3 * .01);
}

TEST(TrainingTerms, AnExponentialStepNeverTurnsRound) {
  // 1 − A·e^{γz} < 0 at the top of the range.
  PulsedDevice device = quiet("exp-step", {{"a_up", 1}, {"dw_min", .01}});
  for (double step : stepsAt(device, .5f))
    ASSERT_EQ(step, 0);
}

TEST(TrainingTerms, ResetsReturnToTheSymmetryPoint) {
  PulsedDevice device =
      quiet("soft-bounds-ref",
            {{"w_max", 1}, {"w_min", -1}, {"up_down", .3}, {"reset", 0}});
  device.subtractSymmetryPoint = true;
  PulsedArray array = arrayOf(device, .2f, 2, 3);
  array.reset(0, 3, 1);
  // (Δ↑ − Δ↓) / (Δ↑/b_max − Δ↓/b_min), Δ↓ = .7·Δ↑; aihwkit 1.1 says the same.
  for (float w : array.weights())
    EXPECT_NEAR(w, .3 / 1.7, 1e-6);
  device.subtractSymmetryPoint = false;
  device.resetStd = .02;
  array = arrayOf(device, .2f);
  array.reset(0, side, 1);
  Sample s = statistics(array.weights());
  EXPECT_NEAR(s.mean, 0, 4 * .02 / side);
  expectDeviation("reset", s.deviation, .02);
}

TEST(TrainingTerms, DriftReadsWithNoise) {
  PulsedDevice device = quiet("linear-step", {{"drift_nu", 1e-9}});
  device.driftReadStd = .01;
  PulsedArray array = arrayOf(device, 0);
  array.drift(1, 1);
  expectDeviation("drift", statistics(array.weights()).deviation, .01);
}

TEST(TrainingTerms, ProbabilitiesAreRoundedToTheirResolution) {
  PulsedDevice device = quiet("idealized", {{"dw_min", .001}});
  PulsedArray array = arrayOf(device, 0, 1, 1);
  // Ten pulses, both scales 1.
  UpdateRule rule{10, false, false};
  rule.type = PulseType::Deterministic;
  std::vector<float> x{.3f}, d{1};
  std::vector<int32_t> counts(1);
  array.draw(x, d, .01, rule, 1, counts);
  EXPECT_EQ(counts[0], -3);
  rule.rowResolution = .5; // .3 is nearer to .5 than to 0
  array.draw(x, d, .01, rule, 1, counts);
  EXPECT_EQ(counts[0], -5);
  x[0] = .2f;
  array.draw(x, d, .01, rule, 1, counts);
  EXPECT_EQ(counts[0], 0);
}

TEST(TrainingTerms, ExponentialGranularity) {
  PulsedDevice device = quiet("exp-step", {{"dw_min", .01},
                                           {"up_down", .2},
                                           {"a_down", .5},
                                           {"gamma_down", 3},
                                           {"b", .1}});
  // What a pulse down does at w = 0.
  double down = .01 * (1 - .2) * (1 - .5 * std::exp(-3 * .1));
  EXPECT_NEAR(device.granularity(), down, 1e-12);
  EXPECT_NEAR(arrayOf(device, 0, 1, 1).device().granularity(), down, 1e-12);
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

constexpr size_t rows = 64, cols = 48;

/// Cells without variation behind converters without steps and noise.
chip::ArrayKind kindOf(const char *device, const DeviceParams &params) {
  chip::ArrayKind kind;
  kind.name = "a";
  kind.purpose = "training";
  kind.device = device;
  kind.mapping = "differential";
  kind.rows = rows;
  kind.cols = cols;
  for (const char *none : {"dw_min_dtod", "dw_min_std", "up_down_dtod",
                           "w_max_dtod", "w_min_dtod", "lifetime_dtod"})
    kind.device_params[none] = 0;
  for (const auto &[name, value] : params)
    kind.device_params[name] = value;
  kind.update_pulses = 31;
  kind.periphery.in_res = kind.periphery.out_res = 0;
  kind.periphery.out_noise = kind.periphery.out_bound = 0;
  return kind;
}

TrainingTile tileOf(const chip::ArrayKind &kind, float w, float scale = 1) {
  auto tile = TrainingTile::create(kind, rows, cols, false, false);
  EXPECT_TRUE(tile) << tile.error().message;
  EXPECT_TRUE(tile->program(std::vector<float>(rows * cols, w).data(), cols,
                            scale, {3, 3}, true));
  return std::move(*tile);
}

TEST(TrainingTileTerms, UpdatesAreInTheWeightsOwnUnits) {
  TrainingTile tile = tileOf(kindOf("idealized", {{"dw_min", 1e-4}}), .1f, 2);
  std::vector<float> x(rows, 1), d(cols, 1);
  // W −= lr·x·d, whatever a cell's unit stands for: 25 pulses of 2e-4.
  tile.update(x.data(), rows, d.data(), cols, 1, .005f);
  EXPECT_NEAR(statistics(tile.weights()).mean, .1 - .005, .005 * .02);
}

TEST(TrainingTileTerms, AMiniBatchDecays) {
  TrainingTile tile = tileOf(kindOf("capacitor", {{"lifetime", 10}}), .5f);
  std::vector<float> x(rows, 0), d(cols, 0);
  tile.update(x.data(), rows, d.data(), cols, 1, .05f);
  for (float w : tile.weights())
    ASSERT_NEAR(w, .45, 1e-6);
}

TEST(TrainingTileTerms, CellsAgeByTheLawOfTheirDevice) {
  TrainingTile tile = tileOf(kindOf("idealized", {{"dw_min", 1e-4},
                                                  {"drift_nu", .1},
                                                  {"drift_nu_dtod", 0},
                                                  {"drift_nu_std", 0}}),
                             .5f);
  tile.age(1000);
  double aged = .5 * std::pow(1000, -.1);
  EXPECT_NEAR(statistics(tile.weights()).mean, aged, 1e-4);
  // An update starts the law anew for the cells that it moves.
  std::vector<float> x(rows, 1), d(cols, 1);
  EXPECT_FALSE(tile.isTrained());
  tile.update(x.data(), rows, d.data(), cols, 1, .02f);
  EXPECT_TRUE(tile.isTrained());
  double before = statistics(tile.weights()).mean;
  EXPECT_LT(before, aged - .002);
  tile.age(1000);
  EXPECT_FALSE(tile.isTrained());
  EXPECT_NEAR(statistics(tile.weights()).mean, before * std::pow(1000, -.1),
              5e-3);
  TrainingTile still = tileOf(kindOf("idealized", {}), .5f);
  double held = statistics(still.weights()).mean;
  still.age(1e9); // a device without a law
  EXPECT_EQ(statistics(still.weights()).mean, held);
}

TEST(TrainingTileTerms, TrainsAreManagedAsTheKindSays) {
  chip::ArrayKind kind = kindOf("idealized", {{"dw_min", .01}});
  std::vector<float> x(rows, 1), d(cols, 1);
  auto most = [&](bool length) {
    kind.update_management = kind.update_bl_management = length;
    TrainingTile tile = tileOf(kind, 0);
    // Half a pulse on average: of a train of one, or of 31.
    tile.update(x.data(), rows, d.data(), cols, 1, .005f);
    return *std::max_element(tile.pulses().begin(), tile.pulses().end());
  };
  EXPECT_EQ(most(true), 1u);
  EXPECT_GT(most(false), 1u);
  // d alone fills every slot where the scale is not shared: all columns of a
  // row get the row's own pulses. Shared, neither does.
  std::fill(x.begin(), x.end(), .1f);
  kind.update_bl_management = false;
  for (bool shared : {false, true}) {
    kind.update_management = shared;
    TrainingTile tile = tileOf(kind, 0);
    tile.update(x.data(), rows, d.data(), cols, 1, .31f);
    bool same = true;
    for (size_t i = 0; i < rows * cols; ++i)
      same &= tile.pulses()[i] == tile.pulses()[i / cols * cols];
    EXPECT_EQ(same, !shared);
  }
}

TEST(TrainingTileTerms, DefectsShowInBothDirections) {
  chip::ArrayKind kind = kindOf("idealized", {{"w_max", .6}, {"w_min", -.5}});
  TrainingTile tile = tileOf(kind, .25f, 2);
  ArrayDefects defects;
  defects.stuck = {{0, 1, 2, false, true}, {0, 3, 2, true, true}};
  defects.brokenAdcs = {{0, 5, .5}};
  tile.setDefects(defects);
  MvmScratch scratch;
  std::vector<float> x(rows), y(cols), back(rows), d(cols);
  x[1] = 1;
  auto forward = tile.reader(false);
  ASSERT_TRUE(forward);
  (*forward)->mvm(x.data(), rows, y.data(), cols, 1, {}, scratch);
  EXPECT_NEAR(y[2], .6 * 2, 1e-5); // at its largest
  EXPECT_NEAR(y[3], .25, 1e-5);
  EXPECT_NE(y[5], y[3]); // its converter says something else
  d[2] = 1;
  auto backward = tile.reader(true);
  ASSERT_TRUE(backward);
  (*backward)->mvm(d.data(), cols, back.data(), rows, 1, {}, scratch);
  EXPECT_NEAR(back[1], .6 * 2, 1e-5);
  EXPECT_NEAR(back[3], -.6 * 2, 1e-5); // the other cell of the pair
  EXPECT_NEAR(back[0], .25, 1e-5);
}

TEST(TrainingTileTerms, ErrorsGoBackwardsOnce) {
  chip::ArrayKind kind = kindOf("idealized", {});
  kind.periphery.bound_management = true;
  kind.periphery.out_bound = 10;
  TrainingTile tile = tileOf(kind, .25f);
  MvmScratch scratch;
  std::vector<float> x(rows, 1), y(cols), d(cols, 1), back(rows);
  auto forward = tile.reader(false);
  (*forward)->mvm(x.data(), rows, y.data(), cols, 1, {}, scratch);
  EXPECT_NEAR(y[0], .25 * rows, 1e-4); // 16, read with smaller inputs
  auto backward = tile.reader(true);
  (*backward)->mvm(d.data(), cols, back.data(), rows, 1, {}, scratch);
  EXPECT_NEAR(back[0], 10, 1e-4); // 12, cut at the bound
}

} // namespace
