//===- DeviceRegressionTest.cpp - Training on arrays ----------------------===//
//
// What peers reach on the same task: test/validate/Regression.cpp.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Devices/TrainingArray.h"
#include "hybridc/Studies/Characterize.h"

#include <gtest/gtest.h>

#include <cstdio>

using namespace hybridc::exec;

namespace {

/// ‖W − W*‖/‖W*‖ after 25 epochs on ReRamSB without write noise.
double errorOf(TrainingAlgorithm algorithm) {
  auto device = makePulsedDevice("rram-sb", {{"write_noise", 0}});
  EXPECT_TRUE(device);
  RegressionStudy study;
  study.training.device = *device;
  study.training.algorithm = algorithm;
  study.lr = .1;
  study.epochs = 25;
  study.seeds = 1;
  auto table = characterizeRegression(study);
  EXPECT_TRUE(table) << table.error().message;
  return table->rows.back()[6].number;
}

// Each remedy is better than plain pulses on the same cells.
TEST(DeviceRegressionOrder, TransfersHelpAsymmetricCells) {
  double sgd = errorOf(TrainingAlgorithm::Sgd);
  double tikiTaka = errorOf(TrainingAlgorithm::TikiTaka);
  double agad = errorOf(TrainingAlgorithm::Agad);
  std::printf("sgd %.3f; at most half of it: tiki-taka %.3f, agad %.3f\n", sgd,
              tikiTaka, agad);
  EXPECT_LT(tikiTaka, sgd / 2);
  EXPECT_LT(agad, sgd / 2);
}

TEST(DeviceRegressionPair, OneSidedCellsLearnInPairs) {
  // Even steps upwards only, the same in all cells: pairs of unlike cells drift
  // apart as cells with unlike steps up and down do. Without the refresh all
  // cells would end at w_max.
  auto device = makePulsedDevice("gokmen-vlasov", {{"w_min", 0},
                                                   {"dw_min", 0.01},
                                                   {"w_min_dtod", 0},
                                                   {"w_max_dtod", 0},
                                                   {"dw_min_dtod", 0},
                                                   {"up_down_dtod", 0}});
  ASSERT_TRUE(device);
  RegressionStudy study;
  study.training.device = *device;
  // Refreshes write what they read: through a good converter, to see the rest.
  study.training.periphery.outNoise = 0;
  study.training.periphery.outRes = 0;
  study.seeds = 1;
  auto table = characterizeRegression(study);
  ASSERT_TRUE(table) << table.error().message;
  double error = table->rows.back()[6].number;
  std::printf("one-sided pairs: error %.3f, bound 0.2\n", error);
  EXPECT_LT(error, 0.2);
  study.training.refreshEvery = 0;
  auto stuck = characterizeRegression(study);
  ASSERT_TRUE(stuck);
  EXPECT_GT(stuck->rows.back()[6].number, 0.9);
  study.training.cells = 2;
  EXPECT_FALSE(characterizeRegression(study));
}

TEST(DeviceRegressionPair, RefreshKeepsTheDifference) {
  auto device = makePulsedDevice("pcm-onesided");
  ASSERT_TRUE(device);
  TrainingConfig config;
  config.device = device->withoutVariation();
  config.refreshUpper = .3;
  config.refreshLower = .1;
  config.periphery.outNoise = 0;
  config.periphery.outRes = 0;
  auto array = makeTrainingArray(config, 1, 1, {1, 1});
  ASSERT_TRUE(array);
  std::vector<float> x = {1}, up = {-1}, down = {1};
  // Both cells grow by turns; a refresh writes the difference without feedback,
  // as so many steps of the granularity, which is less than this law's steps
  // near 0: what it leaves is what one such write leaves.
  (*array)->setBatch(46);
  for (int i = 0; i < 30; ++i)
    (*array)->update(x, up, .02);
  for (int i = 0; i < 15; ++i)
    (*array)->update(x, down, .02);
  float before = (*array)->weights()[0];
  std::vector<float> none = {0};
  (*array)->update(x, none, .02);
  float after = (*array)->weights()[0];
  float grown = 0;
  auto made = PulsedArray::create(config.device, 1, 1, {1, 2});
  ASSERT_TRUE(made);
  PulsedArray alone = std::move(*made);
  std::vector<float> goal = {before};
  alone.reset(0, 1, 0);
  alone.update(x, goal, -1, {}, 1);
  grown = alone.weights()[0];
  std::printf("before %.4f, after the refresh %.4f, one such write %.4f\n",
              before, after, grown);
  EXPECT_NEAR(after, grown - .01f, .15f);
}

TEST(DeviceRegressionRefusals, NameWhatIsWrong) {
  EXPECT_FALSE(trainingAlgorithm("sorcery"));
  TrainingConfig config;
  EXPECT_FALSE(config.setField("momentum", 2));
  EXPECT_FALSE(config.setField("colour", 0));
  EXPECT_FALSE(config.setField("update_management", .5));
  EXPECT_TRUE(config.setField("threshold", 3));
  EXPECT_EQ(config.fields().at("threshold"), 3);
  RegressionStudy study;
  study.lr = 0;
  EXPECT_FALSE(characterizeRegression(study));
}

} // namespace
