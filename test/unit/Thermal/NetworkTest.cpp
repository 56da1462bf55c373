//===- NetworkTest.cpp - Temperatures in time -----------------------------===//
//
// HotSpot's steady states are in test/validate/HotSpot.cpp.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Thermal/Thermal.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace hybridc;
using namespace hybridc::exec;

namespace {

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
  EXPECT_FALSE(bool(ThermalModel::create(
      {{"a", .01, .01, 0, 0}, {"b", .009, .01, .011, 0}}, package)));
  EXPECT_FALSE(bool(ThermalModel::create({{"a", NAN, 1, 0, 0}}, package)));
}

// Floorplans are rounded to the micrometre: what is one apart does not touch,
// what is less apart does.
TEST(Thermal, SliversBetweenBlocks) {
  auto coolerAcross = [](double gap) {
    auto model = ThermalModel::create(
        {{"a", .005, .01, 0, 0}, {"b", .005 - gap, .01, .005 + gap, 0}},
        chip::Thermal());
    EXPECT_TRUE(bool(model));
    std::vector<double> kelvin = model->steady({10, 0});
    return kelvin[0] - kelvin[1];
  };
  double touching = coolerAcross(0), apart = coolerAcross(4e-6);
  EXPECT_GT(apart, touching + 0.1);
  EXPECT_NEAR(coolerAcross(0.5e-6), touching, 1e-3);
  EXPECT_NEAR(coolerAcross(1e-6), apart, 1e-3);
}

} // namespace
