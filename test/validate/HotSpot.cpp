//===- HotSpot.cpp - Temperatures -----------------------------------------===//
#include "Validate.h"
#include "hybridc/Thermal/Thermal.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>

using namespace hybridc;
using namespace hybridc::validate;

static std::ifstream dataFile(const std::string &name) {
  return std::ifstream(HYBRIDC_TEST_DATA_DIR "/hardware/" + name);
}

static std::vector<exec::FloorplanBlock> floorplan(const std::string &name) {
  std::ifstream file = dataFile(name);
  std::vector<exec::FloorplanBlock> blocks;
  exec::FloorplanBlock block;
  while (file >> block.name >> block.width >> block.height >> block.left >>
         block.bottom)
    blocks.push_back(block);
  return blocks;
}

static std::vector<double> power(const std::string &name) {
  std::ifstream file = dataFile(name);
  std::string names;
  std::getline(file, names);
  std::vector<double> watts;
  double value;
  while (file >> value)
    watts.push_back(value);
  return watts;
}

static void compare(Rows &rows, const std::string &name,
                    const std::string &steady, const std::string &quantity,
                    const chip::Thermal &package = {}) {
  auto model = exec::ThermalModel::create(floorplan(name + ".flp"), package);
  if (!model)
    return rows.failed("HotSpot", quantity, model.error().message);
  std::vector<double> ours = model->steady(power(name + ".ptrace"));
  std::ifstream file = dataFile(steady);
  Points points(true);
  std::string node;
  double kelvin;
  size_t i = 0;
  for (; file >> node >> kelvin; ++i)
    points.add(kelvin, i < ours.size() ? ours[i] : NAN, 0.1, node);
  if (i != 4 * model->numBlocks() + 12)
    return rows.failed("HotSpot", quantity, "another number of nodes");
  rows.worst("HotSpot", quantity, "K", points);
}

void validate::checkHotSpot(Rows &rows) {
  compare(rows, "one", "o1_block.steady", "one block");
  compare(rows, "four", "o4_block.steady", "four blocks");
  chip::Thermal cells;
  cells.model = "grid";
  cells.grid_map = "center";
  compare(rows, "four", "o4_grid.steady",
          "four blocks in a grid of 64 x 64, at their centres", cells);
  rows.evidence = Evidence::Arithmetic;
  auto model =
      exec::ThermalModel::create(floorplan("four.flp"), chip::Thermal());
  if (!model)
    return rows.failed("first law", "four blocks", model.error().message);
  std::vector<double> kelvin = model->cold();
  double in = 0, out = 0;
  Points points;
  for (double seconds : {1e-6, 1e-3, 0.5, 10.0, 300.0}) {
    auto next = model->after(kelvin, {10, 2, 0, 1}, seconds);
    in += 13 * seconds;
    out += next.joulesToAir;
    kelvin = next.kelvin;
    points.add(in, out + model->storedHeat(kelvin), 1e-6 * in,
               fmt::format("{} s", seconds));
  }
  rows.worst("first law", "heat stored and given off of four blocks", "J",
             points);
}
