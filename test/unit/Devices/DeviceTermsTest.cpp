//===- DeviceTermsTest.cpp - Every term of device and array formulas ------===//
//
// Comparisons with peers are in test/validate; here stand the cases in which a
// single term decides, with the value that the formula gives by hand.
//
//===----------------------------------------------------------------------===//

#include "BareArray.h"
#include "Samples.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Devices/InferenceDevice.h"
#include "hybridc/Devices/OfChip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <vector>

using namespace hybridc;
using namespace hybridc::exec;
using namespace hybridc::exec::test;

namespace {

constexpr size_t cells = 100000;

/// Cells of `target` µS at an age.
Sample aged(const char *name, const DeviceParams &params, double target,
            double seconds) {
  auto device = makeInferenceDevice(name, params);
  EXPECT_TRUE(device) << name;
  std::vector<float> goal(cells, float(target)), fresh(cells), g(cells);
  (*device)->program(goal.data(), fresh.data(), cells, {1, 1}, 0);
  (*device)->age(goal.data(), fresh.data(), g.data(), cells, seconds, {1, 2},
                 {1, 3}, 0);
  return statistics(g);
}

/// Of a standard deviation of `cells` samples: four standard errors.
void expectDeviation(const char *what, double found, double want,
                     double samples = cells) {
  double bound = 4 / std::sqrt(2 * samples);
  std::printf("%s: deviation %.6g, by formula %.6g, bound %.2g %%\n", what,
              found, want, 100 * bound);
  EXPECT_NEAR(found, want, bound * want) << what;
}

TEST(DeviceTerms, ConstantsAreThePublishedOnes) {
  // As the publications' fits are documented (docs/Devices.md).
  struct Case {
    const char *device;
    DeviceParams given, fields;
  } cases[] = {
      {"pcm",
       {},
       {{"g_max", 25},
        {"prog_c0", .26348},
        {"prog_c1", 1.9650},
        {"prog_c2", -1.1731},
        {"nu_mean_slope", -.0155},
        {"nu_mean_offset", .0244},
        {"nu_mean_min", .049},
        {"nu_mean_max", .1},
        {"nu_std_slope", -.0125},
        {"nu_std_offset", -.0059},
        {"nu_std_min", .008},
        {"nu_std_max", .045},
        {"t0", 20},
        {"t_read", 250e-9},
        {"read_q", .0088},
        {"read_power", .65},
        {"read_q_max", .2}}},
      {"pcm-hermes", {}, {{"g_max", 20.7f}, {"t0", 300}, {"t_read", 512e-9}}},
      {"pcm-hermes-1",
       {},
       {{"g_max", 10.35f}, {"t0", 200}, {"t_read", 512e-9}}},
      {"rram-wan2022",
       {},
       {{"g_max", 40}, {"time_0", 1}, {"time_1", 86400}, {"time_2", 172800}}},
      {"rram-cmo-hfox",
       {},
       {{"prog_c0", .00081107},
        {"prog_c1", .00106879},
        {"decay_mean", -.08900206},
        {"decay_std", .04201137},
        {"decay_std_1s", .41183342},
        {"read_k", .0277316483},
        {"t_read", 1e-6}}},
      {"rram-cmo-hfox",
       {{"acceptance", 2}},
       {{"prog_c0", .0112185391}, {"prog_c1", .01129027418}}},
  };
  for (const Case &c : cases) {
    auto device = makeInferenceDevice(c.device, c.given);
    ASSERT_TRUE(device) << c.device;
    for (const auto &[field, value] : c.fields) {
      ASSERT_EQ((*device)->fields().count(field), 1u) << field;
      EXPECT_DOUBLE_EQ((*device)->fields().at(field), value)
          << c.device << " " << field;
    }
  }
}

TEST(DeviceTerms, PcmReadNoiseGrowsFromTheTimeOfAReading) {
  // No programming error, no drift; √ln((t + t_r) / 2t_r) at t = 2, t_r = 1.
  DeviceParams params{{"prog_scale", 0},
                      {"drift_scale", 0},
                      {"t0", 1},
                      {"t_read", 1},
                      {"read_q", .02}};
  expectDeviation("pcm", aged("pcm", params, 25, 1).deviation,
                  25 * .02 * std::sqrt(std::log(1.5)));
  // A cell that holds next to nothing: Q is cut at q / 1e-3, if not before.
  params["read_q_max"] = 10;
  params["read_q"] = .0088;
  params["read_scale"] = .01;
  expectDeviation("pcm near 0", aged("pcm", params, 25e-6, 1).deviation,
                  25e-6 * 8.8 * .01 * std::sqrt(std::log(1.5)));
}

TEST(DeviceTerms, HermesDriftScales) {
  std::vector<float> goal(64, 10), once(64), twice(64);
  (*makeInferenceDevice("pcm-hermes"))
      ->driftExponents(goal.data(), once.data(), 64, {1, 2}, 0);
  (*makeInferenceDevice("pcm-hermes", {{"drift_scale", 2}}))
      ->driftExponents(goal.data(), twice.data(), 64, {1, 2}, 0);
  for (size_t i = 0; i < 64; ++i)
    EXPECT_FLOAT_EQ(twice[i], 2 * once[i]);
}

TEST(DeviceTerms, WanBetweenOneAndTwoDays) {
  const double one[5] = {.701, 22.086, -50.773, 47.095, -16.458};
  const double two[5] = {.782, 20.274, -43.507, 37.062, -11.934};
  double r = .5, sigma = 0;
  for (int i = 4; i >= 0; --i) // half-way in ln t
    sigma = sigma * r + (one[i] + two[i]) / 2;
  double age = std::sqrt(86400.0 * 172800);
  expectDeviation("wan", aged("rram-wan2022", {}, 20, age).deviation, sigma);
  // The fit was made for the largest conductance of 20 µS.
  expectDeviation(
      "wan, scaled",
      aged("rram-wan2022", {{"prog_g_max", 20}, {"noise_scale", .1}}, 20, age)
          .deviation,
      .1 * 2 * sigma);
  expectDeviation(
      "wan, read",
      aged("rram-wan2022", {{"noise_scale", 0}, {"read_noise", .05}}, 20, age)
          .deviation,
      .05 * 40);
}

TEST(DeviceTerms, CmoHfoxReadNoise) {
  // K · log10 g · √ln((t + t_r) / 2t_r), t_r = 1 s and t = 3 s.
  expectDeviation("cmo-hfox",
                  aged("rram-cmo-hfox",
                       {{"prog_scale", 0}, {"drift_scale", 0}, {"t_read", 1}},
                       50, 3)
                      .deviation,
                  .0277316 * std::log10(50.0) * std::sqrt(std::log(2.0)));
}

TEST(DeviceTerms, FlashLosesVoltageDifferently) {
  DeviceParams params{{"prog_mv", 0},
                      {"read_mv", 0},
                      {"loss_per_decade_mv", 4},
                      {"loss_std", .3}};
  auto device = makeInferenceDevice("flash", params);
  ASSERT_TRUE(device);
  std::vector<float> goal(cells, 5), g(cells);
  (*device)->age(goal.data(), goal.data(), g.data(), cells, 999, {1, 2}, {1, 3},
                 0);
  for (float &v : g)
    v = std::log(v / 5);
  // Three decades of 4 mV at 38.8 mV; the spread is that of the loss.
  double shift = 3 * 4 / 38.8;
  Sample s = statistics(g);
  EXPECT_NEAR(s.mean, -shift, 4 * .3 * shift / std::sqrt(double(cells)));
  expectDeviation("flash", s.deviation, .3 * shift);
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

constexpr size_t reads = 20000;

/// The same vector read many times by a column of weights.
Sample readMany(const ArrayConfig &config, const std::vector<float> &w,
                const std::vector<float> &x) {
  AnalogArray array = arrayOf(config, w, w.size(), 1);
  std::vector<float> xs, y(reads);
  for (size_t i = 0; i < reads; ++i)
    xs.insert(xs.end(), x.begin(), x.end());
  MvmScratch scratch;
  array.mvm(xs.data(), x.size(), y.data(), 1, reads, {}, scratch);
  return statistics(y);
}

TEST(ArrayTerms, CellsWithAFloorHoldTheirStates) {
  ArrayConfig config = test::bare();
  config.device = "mram"; // 40 and 100 µS
  config.deviceParams = {{"spread", 0}, {"read_noise", 0}};
  std::vector<float> w{1, 0, -1, 0, 1, -1}, held(6);
  AnalogArray array = arrayOf(config, w, 3, 2);
  array.readProgrammedWeights(held.data());
  for (size_t i = 0; i < w.size(); ++i)
    EXPECT_NEAR(held[i], w[i], 1e-6);
}

TEST(ArrayTerms, CompensationStopsWhereNothingIsLeft) {
  ArrayConfig config = test::bare();
  config.device = "pcm";
  config.deviceParams = {
      {"prog_scale", 0}, {"read_scale", 0}, {"drift_scale", 1000}};
  AnalogArray array = arrayOf(config, std::vector<float>(64, .5f), 8, 8);
  array.age(1e9, 0, Compensation::Global);
  // mean|Y| was .5 and is now less than 1e-4, which bounds the factor.
  ASSERT_EQ(array.compensationFactors().size(), 1u);
  EXPECT_NEAR(array.compensationFactors()[0], .5 / 1e-4, 1e-3 * 5000);
}

TEST(ArrayTerms, InputsAreHalvedNoFurtherThanTheirSteps) {
  ArrayConfig config = test::bare();
  config.periphery.inRes = 1.0 / 14; // 7 steps of 1/7
  config.periphery.outBound = .1;
  config.periphery.boundManagement = BoundManagement::Iterative;
  config.periphery.boundMaxStep = .25; // halved while ρ ≤ 1.75
  EXPECT_NEAR(readMany(config, {1}, {1}).mean, 2 * .1, 1e-6);
  config.periphery.boundMaxStep = .6; // ρ ≤ 4.2: up to 8
  EXPECT_NEAR(readMany(config, {1}, {1}).mean, 8 * .1, 1e-6);
}

TEST(ArrayTerms, InputNoiseIsAPartOfTheRange) {
  ArrayConfig config = test::bare();
  config.periphery.inRes = 1.0 / 254;
  config.periphery.inNoise = .1;
  // α = 2; both rows have noise of their own.
  expectDeviation("input noise", readMany(config, {1, 1}, {2, 1}).deviation,
                  2 * .1 * std::sqrt(2.0), reads);
}

TEST(ArrayTerms, WeightNoiseAddsToOutputNoise) {
  std::vector<float> w{.5f, -.25f}, x{2, -2}; // x' = ±1
  double alpha = 2, out = .03, own = .05;
  ArrayConfig config = test::bare();
  config.periphery.inRes = 1.0 / 254;
  config.periphery.outRes = 1.0 / 65534;
  config.periphery.outBound = 4;
  config.periphery.outNoise = out;
  config.periphery.wNoise = own;
  config.periphery.weightNoise = WeightNoise::Additive;
  expectDeviation("additive", readMany(config, w, x).deviation,
                  alpha * std::sqrt(out * out + own * own * 2), reads);
  config.periphery.weightNoise = WeightNoise::PcmRead;
  expectDeviation("pcm_read", readMany(config, w, x).deviation,
                  alpha * std::sqrt(out * out + own * own * .75), reads);
}

TEST(ArrayTerms, DigitsHaveTheNoiseOfTheirPlace) {
  // 7 bits in digits of 4: of the lower place 1, of the upper one 16. A digit
  // of 15 is the whole range, in which the noise is `out`.
  ArrayConfig config = test::bare();
  config.periphery.inRes = 1.0 / 254;
  config.periphery.inputBitsPerPhase = 4;
  config.periphery.outNoise = .02;
  expectDeviation("digits", readMany(config, {0}, {1}).deviation,
                  .02 * 15 / 127 * std::sqrt(1.0 + 16 * 16), reads);
}

TEST(ArrayTerms, ABrokenConverterCountsWithItsSlicesPlace) {
  ArrayConfig config = test::bare();
  config.cellBits = config.slices = 2;
  config.periphery.outBound = 10;
  // The upper digit's 3 stands for 12 of 15, and it reads five of these.
  config.defects.brokenAdcs = {{0, 0, .5}};
  EXPECT_NEAR(readMany(config, {0}, {1}).mean, 5 * 12.0 / 15, 1e-5);
  config.defects.brokenAdcs = {{1, 0, .5}};
  EXPECT_NEAR(readMany(config, {0}, {1}).mean, 5 * 3.0 / 15, 1e-5);
}

TEST(ArrayTerms, EveryFieldOfATargetReachesTheArray) {
  chip::ArrayKind kind;
  kind.input_bits = 8;
  kind.input_bits_per_phase = 2;
  chip::Periphery &p = kind.periphery;
  p.in_res = .001, p.in_bound = 1.1, p.in_noise = .002;
  p.out_res = .003, p.out_bound = 4, p.out_noise = .005;
  p.w_noise = .006, p.ir_drop = .7, p.ir_drop_g_ratio = 8e5;
  p.input_scale = 1.9, p.input_scale_limit = 2.1;
  p.bound_max_factor = 22, p.bound_max_step = .23;
  p.worst_case_weight = .24, p.out_nonlinearity = .025;
  p.out_nonlinearity_std = .26, p.slope_calibration = .27, p.r_series = .028;
  p.v_offset = .029, p.v_offset_w_min = -3.1;
  p.in_asymmetry = .032, p.out_asymmetry = .033, p.out_noise_std = .34;
  p.out_scale = 3.5, p.read_asymmetry = .036;
  ArrayPeriphery to = peripheryOf(kind);
  EXPECT_EQ(to.inRes, .001);
  EXPECT_EQ(to.inBound, 1.1);
  EXPECT_EQ(to.inNoise, .002);
  EXPECT_EQ(to.outRes, .003);
  EXPECT_EQ(to.outBound, 4);
  EXPECT_EQ(to.outNoise, .005);
  EXPECT_EQ(to.wNoise, .006);
  EXPECT_EQ(to.irDrop, .7);
  EXPECT_EQ(to.irDropGRatio, 8e5);
  EXPECT_EQ(to.inputScale, 1.9);
  EXPECT_EQ(to.inputScaleLimit, 2.1);
  EXPECT_EQ(to.boundMaxFactor, 22);
  EXPECT_EQ(to.boundMaxStep, .23);
  EXPECT_EQ(to.worstCaseWeight, .24);
  EXPECT_EQ(to.outNonlinearity, .025);
  EXPECT_EQ(to.outNonlinearityStd, .26);
  EXPECT_EQ(to.slopeCalibration, .27);
  EXPECT_EQ(to.rSeries, .028);
  EXPECT_EQ(to.vOffset, .029);
  EXPECT_EQ(to.vOffsetWMin, -3.1);
  EXPECT_EQ(to.inAsymmetry, .032);
  EXPECT_EQ(to.outAsymmetry, .033);
  EXPECT_EQ(to.outNoiseStd, .34);
  EXPECT_EQ(to.outScale, 3.5);
  EXPECT_EQ(to.readAsymmetry, .036);
  EXPECT_EQ(to.inputBitsPerPhase, 2u);
  // Digit by digit there are steps in any case; in one go there need not be.
  p.in_res = 0;
  EXPECT_EQ(peripheryOf(kind).inRes, 1.0 / 254);
  kind.input_bits_per_phase = 8;
  EXPECT_EQ(peripheryOf(kind).inputBitsPerPhase, 0u);
  EXPECT_EQ(peripheryOf(kind).inRes, 0);
  // Bits of the ADC are its steps where none are given; phases change nothing.
  kind.phases = 4, kind.output_bits = 8;
  EXPECT_EQ(peripheryOf(kind).outRes, .003);
  p.out_res = 0;
  EXPECT_EQ(peripheryOf(kind).outRes, 1.0 / 254);
}

} // namespace
