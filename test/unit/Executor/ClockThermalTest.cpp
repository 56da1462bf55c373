//===- ClockThermalTest.cpp - Temperatures against HotSpot
//-----------------===//

#include "hybridc/Executor/clock/Thermal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

using namespace hybridc;
using namespace hybridc::exec;

namespace {

std::string dataFile(const std::string &name) {
  return std::string(HYBRIDC_TEST_DATA_DIR) + "/hardware/" + name;
}

std::vector<FloorplanBlock> floorplan(const std::string &name) {
  std::ifstream file(dataFile(name));
  std::vector<FloorplanBlock> blocks;
  FloorplanBlock block;
  while (file >> block.name >> block.width >> block.height >> block.left >>
         block.bottom)
    blocks.push_back(block);
  return blocks;
}

std::vector<double> power(const std::string &name) {
  std::ifstream file(dataFile(name));
  std::string names;
  std::getline(file, names);
  std::vector<double> watts;
  double value;
  while (file >> value)
    watts.push_back(value);
  return watts;
}

std::vector<double> expected(const std::string &name) {
  std::ifstream file(dataFile(name));
  std::vector<double> kelvin;
  std::string node;
  double value;
  while (file >> node >> value)
    kelvin.push_back(value);
  return kelvin;
}

void compare(const std::string &blocks, const std::string &watts,
             const std::string &steady) {
  auto model = ThermalModel::create(floorplan(blocks), chip::Thermal());
  ASSERT_TRUE(bool(model)) << model.error().message;
  std::vector<double> ours = model->steady(power(watts));
  std::vector<double> theirs = expected(steady);
  ASSERT_EQ(ours.size(), theirs.size());
  double worst = 0;
  for (size_t i = 0; i < ours.size(); ++i)
    worst = std::max(worst, std::abs(ours[i] - theirs[i]));
  std::printf("%s: largest difference %.4f K (bound 0.1)\n", steady.c_str(),
              worst);
  EXPECT_LT(worst, 0.1);
}

TEST(Thermal, OneBlockAsHotSpot) {
  compare("one.flp", "one.ptrace", "o1_block.steady");
}

TEST(Thermal, FourBlocksAsHotSpot) {
  compare("four.flp", "four.ptrace", "o4_block.steady");
}

TEST(Thermal, EnergyIsConserved) {
  auto model = ThermalModel::create(floorplan("four.flp"), chip::Thermal());
  ASSERT_TRUE(bool(model));
  std::vector<double> kelvin = model->cold();
  double in = 0, out = 0;
  for (double seconds : {1e-6, 1e-3, 0.5, 10.0, 300.0}) {
    auto next = model->after(kelvin, {10, 2, 0, 1}, seconds);
    in += 13 * seconds;
    out += next.joulesToAir;
    kelvin = next.kelvin;
    EXPECT_NEAR(out + model->storedHeat(kelvin), in, 1e-6 * in) << seconds;
  }
}

TEST(Thermal, TransientsReachTheSteadyState) {
  auto model = ThermalModel::ofArea(100, chip::Thermal());
  ASSERT_TRUE(bool(model));
  std::vector<double> goal = model->steady({10});
  auto soon = model->after(model->cold(), {10}, 1e-2);
  EXPECT_GT(soon.kelvin[0], model->cold()[0]);
  EXPECT_LT(soon.kelvin[0], goal[0]);
  auto late = model->after(model->cold(), {10}, 1e5);
  for (size_t i = 0; i < goal.size(); ++i)
    EXPECT_NEAR(late.kelvin[i], goal[i], 1e-6);
  // Two steps are one.
  auto half = model->after(model->cold(), {10}, 0.3);
  auto whole = model->after(half.kelvin, {10}, 0.7);
  auto once = model->after(model->cold(), {10}, 1.0);
  EXPECT_NEAR(whole.kelvin[0], once.kelvin[0], 1e-9);
}

TEST(Thermal, ImpossibleFloorplans) {
  chip::Thermal package;
  EXPECT_FALSE(bool(ThermalModel::create({}, package)));
  EXPECT_FALSE(bool(ThermalModel::ofArea(0, package)));
  EXPECT_FALSE(bool(ThermalModel::ofArea(1e6, package)));
  EXPECT_FALSE(bool(ThermalModel::create(
      {{"a", .01, .01, 0, 0}, {"b", .01, .01, .005, 0}}, package)));
  EXPECT_FALSE(bool(ThermalModel::create({{"a", NAN, 1, 0, 0}}, package)));
}

} // namespace
