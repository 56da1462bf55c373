//===- PublishedTest.cpp - Presets against measured chips
//------------------===//

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

/// Tera-operations per second that the matrix engine does at most.
double peakTops(const Chip &chip, const char *format) {
  return 2.0 * chip.mac.rows * chip.mac.cols * chip.mac.rate.at(format) *
         chip.mac.efficiency * chip.clock_ghz / 1e3;
}

TEST(Presets, PeakRatesAreThePublishedOnes) {
  const struct {
    const char *preset, *format;
    double tops;
  } rows[] = {{"tpu-v1", "i8", 92},      {"diannao", "i16", 0.452},
              {"neuflow", "i16", 0.160}, {"trainium", "bf16", 190},
              {"trainium", "i8", 380},   {"tpu-v4", "bf16", 275},
              {"tpu-v4", "i8", 275},     {"neural-engine-a11", "i8", 0.6},
              {"photonic", "i8", 8.192}, {"simba", "i8", 127.8},
              {"truenorth", "i8", 0.116}};
  for (const auto &row : rows) {
    auto chip = loadChip(row.preset);
    ASSERT_TRUE(bool(chip)) << chip.error().message;
    EXPECT_NEAR(peakTops(*chip, row.format), row.tops, 0.01 * row.tops)
        << row.preset << ' ' << row.format;
  }
  // Published peaks of GPUs are those of their tensor cores, all of them busy.
  for (auto [preset, tops] :
       {std::pair("gpu-v100", 125.0), std::pair("gpu-a100", 312.0)}) {
    auto chip = loadChip(preset);
    ASSERT_TRUE(bool(chip)) << chip.error().message;
    EXPECT_NEAR(peakTops(*chip, "f16") / chip->mac.efficiency, tops,
                0.01 * tops);
  }
}

/// One vector into every array of the first kind, 16-bit weights in slices.
struct AllArrays {
  double tops, watts, unitNj, unitNs;
};
AllArrays allArrays(const Chip &chip) {
  const ArrayKind &array = chip.arrays[0];
  Work work;
  work.kind = WorkKind::Analog;
  work.engine = array.name;
  work.format = "f32";
  work.vectors = 1000;
  work.slices = array.slices;
  uint32_t units = array.count / array.slices;
  work.arrays.assign(units, {array.rows, array.cols});
  Cost c = cost(chip, work);
  double seconds = double(c.cycles) / (chip.clock_ghz * 1e9);
  double ops = 2.0 * 1000 * units * array.rows * array.cols;
  return {ops / seconds / 1e12, c.totalEnergy_pj() * 1e-12 / seconds,
          c.totalEnergy_pj() / 1e3 / 1000 / units, seconds * 1e9 / 1000};
}

TEST(Presets, ArraysDoWhatIsPublished) {
  auto isaac = loadChip("isaac"), puma = loadChip("puma"),
       mythic = loadChip("mythic-m1076");
  ASSERT_TRUE(isaac && puma && mythic);
  EXPECT_NEAR(allArrays(*isaac).tops, 41.3, 0.02 * 41.3);
  EXPECT_LT(allArrays(*isaac).watts, 65.8);
  AllArrays unit = allArrays(*puma);
  EXPECT_NEAR(unit.tops, 52.31, 0.02 * 52.31);
  EXPECT_NEAR(unit.unitNs, 2304, 0.02 * 2304);
  EXPECT_NEAR(unit.unitNj, 43.97, 0.02 * 43.97);
  EXPECT_NEAR(allArrays(*mythic).tops, 25, 0.02 * 25);
  EXPECT_LT(allArrays(*mythic).watts, 4);
}

TEST(Presets, HybridEdgeStaysWithinItsPower) {
  auto chip = loadChip("hybrid-edge");
  ASSERT_TRUE(bool(chip));
  const ArrayKind &pcm = chip->arrays[0];
  ASSERT_EQ(pcm.name, "pcm");
  // Everything at full rate: arrays, int8 array, f32 lanes, DRAM, leakage.
  double watts =
      allArrays(*chip).watts + chip->leakage_w +
      chip->mac.rows * chip->mac.cols * chip->mac.energy_pj.at("i8") *
          chip->clock_ghz * 1e-3 +
      chip->vec.lanes * chip->vec.energy_pj.at("f32") * chip->clock_ghz * 1e-3 +
      chip->dram.bandwidth_gb_s * 8 * chip->dram.energy_pj_per_bit * 1e-3;
  EXPECT_LT(watts, chip->power_limit_w);
  EXPECT_GT(watts, 0.5 * chip->power_limit_w); // balanced, not idle
}

} // namespace
