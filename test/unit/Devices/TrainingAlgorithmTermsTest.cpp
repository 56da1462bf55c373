//===- TrainingAlgorithmTermsTest.cpp - Transfers, step by step -----------===//
//
// One weight, cells that do exactly what they are told, read without error:
// what remains is the algorithm's own arithmetic, which is done again here.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Devices/TrainingArray.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace hybridc;
using namespace hybridc::exec;

namespace {

constexpr double granularity = .1;

TrainingConfig exactConfig(TrainingAlgorithm algorithm,
                           const std::map<std::string, double> &fields) {
  TrainingConfig config;
  config.algorithm = algorithm;
  config.device = makePulsedDevice("idealized")->withoutVariation();
  config.device.dwMin = granularity;
  config.device.wMax = 100, config.device.wMin = -100;
  config.rule.type = config.transferRule.type = PulseType::None;
  config.periphery = {};
  config.periphery.inRes = config.periphery.outRes = 0;
  config.periphery.outBound = config.periphery.outNoise = 0;
  std::map<std::string, double> all{{"transfer_every", 1},
                                    {"units_in_mbatch", 0},
                                    {"transfer_lr", 1},
                                    {"scale_transfer_lr", 0},
                                    {"fast_lr", 0},
                                    {"gamma", 0},
                                    {"reads_per_transfer", 1},
                                    {"threshold", 1},
                                    {"step", 1},
                                    {"momentum", 0},
                                    {"forget_buffer", 0},
                                    {"no_buffer", 0},
                                    {"auto_scale", 0},
                                    {"auto_granularity", 0},
                                    {"chop_probability", 0},
                                    {"out_chop_probability", 0},
                                    {"with_reset_prob", 0},
                                    {"random_selection", 0},
                                    {"transfer_columns", 1},
                                    {"correct_gradient_magnitudes", 0},
                                    {"max_pulses", 31},
                                    {"transfer_max_pulses", 31}};
  for (const auto &[name, value] : fields)
    all[name] = value;
  for (const auto &[name, value] : all)
    EXPECT_TRUE(config.setField(name, value)) << name;
  return config;
}

std::unique_ptr<TrainingArray> arrayOf(const TrainingConfig &config) {
  auto made = makeTrainingArray(config, 1, 1, {5, 5});
  EXPECT_TRUE(made) << made.error().message;
  return std::move(*made);
}

void update(TrainingArray &array, float x, float d, double lr) {
  array.update(std::vector<float>{x}, std::vector<float>{d}, lr);
}

TEST(TrainingAlgorithmTerms, ABufferKeepsAPartOfWhatItTransferred) {
  auto array =
      arrayOf(exactConfig(TrainingAlgorithm::Buffered, {{"momentum", .25}}));
  double a = 0, h = 0, c = 0;
  for (int i = 0; i < 12; ++i) {
    update(*array, 1, -1, .0437);
    a += .0437;
    h += a;
    double whole = std::trunc(h / granularity);
    h -= (1 - .25) * whole * granularity;
    c += whole * granularity;
    EXPECT_NEAR(array->weights()[0], c, 1e-5) << i;
  }
  EXPECT_GT(c, 1);
}

TEST(TrainingAlgorithmTerms, ChopsOfAAreUndoneInTheWeight) {
  for (bool undo : {false, true}) {
    // Nothing is transferred; signs flip after every second read.
    auto array = arrayOf(
        exactConfig(TrainingAlgorithm::ChoppedTTv2, {{"gamma", 1},
                                                     {"threshold", 1e6},
                                                     {"chop_probability", .5},
                                                     {"chop_random", 0},
                                                     {"undo_chops", undo}}));
    double a = 0, sign = 1;
    for (int i = 0; i < 9; ++i) {
      update(*array, .5f, -1, .1);
      a += sign * .05;
      if (i % 2)
        sign = -sign;
      EXPECT_NEAR(array->weights()[0], undo ? sign * a : a, 1e-6) << i;
    }
  }
}

TEST(TrainingAlgorithmTerms, TheFastRateFollowsTheGradients) {
  auto array =
      arrayOf(exactConfig(TrainingAlgorithm::TTv2, {{"gamma", 1},
                                                    {"threshold", 1e6},
                                                    {"fast_lr", .1},
                                                    {"auto_scale", 1},
                                                    {"auto_momentum", .9}}));
  array->setBatch(2);
  // A's rate makes fast_lr·max_pulses steps of the largest gradient lately.
  double full = .1 * 31 * granularity, a = 0, mostX = 1;
  update(*array, 1, -1, 123);
  a += full;
  EXPECT_NEAR(array->weights()[0], a, 1e-5);
  for (int i = 0; i < 4; ++i) {
    update(*array, .5f, -1, 123);
    mostX += (1 - .9) / 2 * (.5 - mostX);
    a += full / mostX * .5;
    EXPECT_NEAR(array->weights()[0], a, 1e-5);
  }
}

} // namespace
