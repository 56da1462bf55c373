//===- ThermalGridTest.cpp - A die cell by cell, against physics ----------===//
#include "hybridc/Thermal/HotSpotFiles.h"
#include "hybridc/Thermal/Thermal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

using namespace hybridc;
using namespace hybridc::exec;

namespace {

chip::Thermal gridOf(uint32_t cells, const char *map = "avg") {
  chip::Thermal package;
  package.model = "grid";
  package.grid_rows = package.grid_cols = cells;
  package.grid_map = map;
  return package;
}

std::vector<FloorplanBlock> quarters() {
  return {{"q0", .005, .005, 0, 0},
          {"q1", .005, .005, .005, 0},
          {"q2", .005, .005, 0, .005},
          {"q3", .005, .005, .005, .005}};
}

ThermalModel modelOf(const chip::Thermal &package,
                     std::vector<FloorplanBlock> blocks = quarters()) {
  auto model = ThermalModel::create(std::move(blocks), package);
  EXPECT_TRUE(bool(model)) << model.error().message;
  return std::move(*model);
}

TEST(ThermalGrid, OneCellABlockIsTheBlockModel) {
  chip::Thermal block;
  std::vector<double> cells = modelOf(gridOf(2)).steady({10, 2, 0, 1}),
                      blocks = modelOf(block).steady({10, 2, 0, 1});
  ASSERT_GT(cells.size(), blocks.size()); // its cells follow
  for (size_t i = 0; i < blocks.size(); ++i)
    EXPECT_NEAR(cells[i], blocks[i], 1e-6) << i;
}

/// Without a rim to spread into, even power heats every cell alike, by the
/// resistances of the layers one after the other.
TEST(ThermalGrid, EvenPowerFlowsStraightUp) {
  chip::Thermal package = gridOf(16);
  package.spreader_side_mm = 10 * (1 + 1e-9);
  package.sink_side_mm = 10 * (1 + 2e-9);
  std::vector<double> kelvin = modelOf(package).steady({5, 5, 5, 5});
  double area = 1e-4,
         layers = .15e-3 / 130 + .02e-3 / 4 + 1e-3 / 400 + 6.9e-3 / 400;
  double expected = package.ambient_k + 20 * (layers / area + package.r_convec);
  for (size_t b = 0; b < 4; ++b)
    EXPECT_NEAR(kelvin[b], expected, 1e-3);
}

TEST(ThermalGrid, RefinementConverges) {
  std::vector<double> at;
  for (uint32_t cells : {4, 8, 16, 32})
    at.push_back(modelOf(gridOf(cells)).steady({10, 0, 0, 0})[0]);
  for (size_t i = 2; i < at.size(); ++i)
    EXPECT_LT(std::abs(at[i] - at[i - 1]),
              .7 * std::abs(at[i - 1] - at[i - 2]));
}

TEST(ThermalGrid, SymmetricPlansHaveSymmetricTemperatures) {
  std::vector<double> kelvin = modelOf(gridOf(9)).steady({3, 1, 1, 3});
  EXPECT_NEAR(kelvin[0], kelvin[3], 1e-7);
  EXPECT_NEAR(kelvin[1], kelvin[2], 1e-7);
  EXPECT_GT(kelvin[0], kelvin[1] + .1);
}

TEST(ThermalGrid, HeatIsKept) {
  ThermalModel model = modelOf(gridOf(8));
  std::vector<double> kelvin = model.cold();
  double in = 0, out = 0;
  for (double seconds : {1e-6, 1e-3, .5, 10., 300., 1e5}) {
    auto next = model.after(kelvin, {10, 2, 0, 1}, seconds);
    in += 13 * seconds;
    out += next.joulesToAir;
    kelvin = next.kelvin;
    EXPECT_NEAR(out + model.storedHeat(kelvin), in, 1e-7 * in);
  }
  // In the end: the steady state, where what comes in goes out.
  std::vector<double> steady = model.steady({10, 2, 0, 1});
  for (size_t i = 0; i < 28; ++i)
    EXPECT_NEAR(kelvin[i], steady[i], .02) << i;
}

TEST(ThermalGrid, StepsAreAsGoodAsSaid) {
  // One cell a block: the block model, whose times are exact.
  chip::Thermal block;
  ThermalModel cells = modelOf(gridOf(2)), exact = modelOf(block);
  for (double seconds : {1e-5, 1e-3, .1, 10., 500.}) {
    auto ours = cells.after(cells.cold(), {10, 2, 0, 1}, seconds);
    auto true_k = exact.after(exact.cold(), {10, 2, 0, 1}, seconds);
    for (size_t i = 0; i < 4; ++i)
      EXPECT_NEAR(ours.kelvin[i], true_k.kelvin[i], .03) << seconds;
  }
}

TEST(ThermalGrid, PowerSpreadsByAreaWhereBlocksCutCells) {
  // Blocks of 1 and 2 thirds on five cells: the third cell belongs to both.
  std::vector<FloorplanBlock> blocks = {{"a", .01 / 3, .01, 0, 0},
                                        {"b", .02 / 3, .01, .01 / 3, 0}};
  std::vector<double> kelvin = modelOf(gridOf(5), blocks).steady({5, 10});
  // All cells have 15 W / 25: as one block of 15 W would heat them.
  std::vector<double> even =
      modelOf(gridOf(5), {{"die", .01, .01, 0, 0}}).steady({15});
  EXPECT_NEAR(kelvin[kelvin.size() - 112], even[even.size() - 112], 1e-7);
}

TEST(ThermalGrid, Maps) {
  double least = modelOf(gridOf(16, "min")).steady({10, 0, 0, 0})[0];
  double mean = modelOf(gridOf(16, "avg")).steady({10, 0, 0, 0})[0];
  double centre = modelOf(gridOf(16, "center")).steady({10, 0, 0, 0})[0];
  double most = modelOf(gridOf(16, "max")).steady({10, 0, 0, 0})[0];
  EXPECT_LT(least, mean - .01);
  EXPECT_LT(mean, most - .01);
  EXPECT_GT(centre, mean);
}

TEST(ThermalGrid, HotSpotFilesThatAskForIt) {
  auto path = std::filesystem::temp_directory_path() / "hybridc-grid.config";
  auto read = [&](const char *text, chip::Thermal &package) {
    std::ofstream(path) << text;
    return readConfig(path.string(), package);
  };
  chip::Thermal package;
  EXPECT_TRUE(bool(read("-model_type grid\n-grid_rows 8\n-grid_cols 16\n"
                        "-grid_map_mode max\n-grid_layer_file (null)\n"
                        "-model_secondary 0\n",
                        package)));
  EXPECT_EQ(package.model, "grid");
  EXPECT_EQ(package.grid_rows, 8u);
  EXPECT_EQ(package.grid_cols, 16u);
  EXPECT_EQ(package.grid_map, "max");
  EXPECT_FALSE(bool(read("-model_type volume\n", package)));
  EXPECT_FALSE(bool(read("-grid_map_mode mean\n", package)));
  EXPECT_FALSE(bool(read("-grid_layer_file a.lcf\n", package)));
  EXPECT_FALSE(bool(read("-model_secondary 1\n", package)));
  EXPECT_FALSE(bool(read("-grid_rows 0\n", package)));
  std::filesystem::remove(path);
}

} // namespace
