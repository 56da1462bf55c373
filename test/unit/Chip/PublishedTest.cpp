//===- PublishedTest.cpp - Presets against measured chips ------------------===//

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

using namespace hybridc;
using namespace hybridc::chip;

namespace {

/// Milliseconds of processing of each AlexNet layer, as measured.
std::vector<double> measuredAlexNet() {
  std::ifstream file(std::string(HYBRIDC_TEST_DATA_DIR) +
                     "/hardware/eyeriss_alexnet.csv");
  std::string line;
  std::getline(file, line); // Layer, Power, Total, Processing, …
  std::vector<double> all;
  while (std::getline(file, line)) {
    std::stringstream cells(line);
    std::string cell;
    for (int i = 0; i < 4; ++i)
      std::getline(cells, cell, ',');
    all.push_back(std::stod(cell));
  }
  return all;
}

struct Conv {
  uint64_t channels, filters;
  uint32_t kernel, out, stride, groups;
};

TEST(Eyeriss, AlexNetFromShapesAlone) {
  auto chip = loadChip("eyeriss");
  ASSERT_TRUE(bool(chip)) << chip.error().message;
  std::vector<double> measured = measuredAlexNet();
  ASSERT_EQ(measured.size(), 6u);
  const Conv layers[] = {{3, 96, 11, 55, 4, 1},
                         {48, 128, 5, 27, 1, 2},
                         {256, 384, 3, 13, 1, 1},
                         {192, 192, 3, 13, 1, 2},
                         {192, 128, 3, 13, 1, 2}};
  double sum = 0;
  for (int i = 0; i < 5; ++i) {
    const Conv &layer = layers[i];
    Work work;
    work.kind = WorkKind::Matrix;
    work.engine = "mac";
    work.format = "i16";
    work.groups = layer.groups;
    work.batch = 4 * layer.groups;
    work.kernelH = work.kernelW = layer.kernel;
    work.outH = work.outW = layer.out;
    work.stride = layer.stride;
    work.m = uint64_t(layer.out) * layer.out;
    work.n = layer.filters;
    work.k = layer.channels * layer.kernel * layer.kernel;
    double ms = double(cost(*chip, work).cycles) / (chip->clock_ghz * 1e6);
    sum += ms;
    double error = ms / measured[i] - 1;
    std::printf("CONV%d: measured %.1f ms, modelled %.1f ms, %+.1f %% (bound "
                "10 %%)\n",
                i + 1, measured[i], ms, error * 100);
    EXPECT_LT(std::abs(error), 0.10) << "CONV" << i + 1;
  }
  std::printf("all: measured %.1f ms, modelled %.1f ms\n", measured[5], sum);
  EXPECT_NEAR(sum, measured[5], 0.10 * measured[5]);
}

/// Tera-operations per second of `layers` equal layers of square weights,
/// `vectors` inputs each, weights from memory.
double tops(const Chip &chip, double weights, unsigned layers, double batch,
            double macsPerByte) {
  // Each weight is a byte, so that MACs per weight byte is how often it is
  // used: the number of vectors that stream past it.
  uint64_t side = uint64_t(std::lround(std::sqrt(weights / layers)));
  Work work;
  work.kind = WorkKind::Matrix;
  work.engine = "mac";
  work.format = "i8";
  work.m = uint64_t(std::lround(std::max(batch, macsPerByte)));
  work.n = work.k = side;
  work.dramReadBytes = side * side;
  Cost one = cost(chip, work);
  double seconds = layers * double(one.cycles) / (chip.clock_ghz * 1e9);
  return 2.0 * layers * double(work.m) * double(side * side) / seconds / 1e12;
}

TEST(TpuV1, Cnn0AndMlp0) {
  auto chip = loadChip("tpu-v1");
  ASSERT_TRUE(bool(chip)) << chip.error().message;
  double cnn0 = tops(*chip, 8e6, 16, 8, 2888);
  double mlp0 = tops(*chip, 20e6, 5, 200, 200);
  std::printf("CNN0: measured 86.0, modelled %.1f TOPS, %+.1f %% (bound 15 "
              "%%)\nMLP0: measured 12.3, modelled %.1f TOPS, %+.1f %%\n",
              cnn0, (cnn0 / 86.0 - 1) * 100, mlp0, (mlp0 / 12.3 - 1) * 100);
  EXPECT_NEAR(cnn0, 86.0, 0.15 * 86.0);
  EXPECT_NEAR(mlp0, 12.3, 0.15 * 12.3);
}

} // namespace
