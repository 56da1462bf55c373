//===- DeviceFaultsTest.cpp - Arrays with broken parts --------------------===//
//
// The oracle is a plain product with the weights that the cells then hold.
//
//===----------------------------------------------------------------------===//
#include "BareArray.h"

#include "hybridc/Chip/FaultMapping.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace hybridc;
using namespace hybridc::exec;
using test::bare;

namespace {

constexpr size_t kRows = 40, kCols = 23, kBatch = 6;

std::vector<float> normals(size_t n, uint64_t seed) {
  std::vector<float> v(n);
  gaussians({seed, 42}, 0, v.data(), n);
  return v;
}

class DeviceFaults : public testing::Test {
protected:
  std::vector<float> w = normals(kRows * kCols, 1),
                     x = normals(kBatch * kRows, 2);
  float scale = 4;

  std::vector<float> run(const ArrayConfig &config, ArrayMode mode) {
    auto array = AnalogArray::create(config);
    EXPECT_TRUE(array);
    ProgramOptions options;
    options.scale = {&scale, 1};
    EXPECT_TRUE(array->program(w.data(), kCols, kRows, kCols, options));
    array->compute(mode);
    MvmScratch scratch;
    std::vector<float> y(kBatch * kCols);
    array->mvm(x.data(), kRows, y.data(), kCols, kBatch, {}, scratch);
    return y;
  }

  /// The largest difference to x · held.
  double distance(const std::vector<float> &y, const std::vector<float> &held) {
    double most = 0;
    for (size_t b = 0; b < kBatch; ++b)
      for (size_t n = 0; n < kCols; ++n) {
        double sum = 0;
        for (size_t k = 0; k < kRows; ++k)
          sum += double(x[b * kRows + k]) * held[k * kCols + n];
        most = std::max(most, std::fabs(sum - y[b * kCols + n]));
      }
    return most;
  }
};

TEST_F(DeviceFaults, StuckCellsHoldTheirOwnConductance) {
  ArrayConfig config = bare();
  std::vector<float> held = w;
  // Positive cell at the top: w = 1 − max(−w, 0) in units of the scale.
  config.defects.stuck.push_back({0, 3, 5, false, true});
  held[3 * kCols + 5] = scale - std::max(-w[3 * kCols + 5], 0.0f);
  config.defects.stuck.push_back({0, 7, 0, true, true});
  held[7 * kCols] = std::max(w[7 * kCols], 0.0f) - scale;
  config.defects.stuck.push_back({0, 39, 22, false, false});
  held[39 * kCols + 22] = std::min(w[39 * kCols + 22], 0.0f);
  EXPECT_LT(distance(run(config, ArrayMode::Quantised), held), 2e-5);
  EXPECT_LT(distance(run(config, ArrayMode::Noisy), held), 1e-3);
  // Ideal products know no faults.
  EXPECT_LT(distance(run(config, ArrayMode::Exact), w), 2e-5);
}

TEST_F(DeviceFaults, DeadLinesCarryNothing) {
  ArrayConfig config = bare();
  config.defects.deadRows = {0, 31};
  config.defects.deadCols = {22};
  std::vector<float> held = w;
  for (size_t k = 0; k < kRows; ++k)
    for (size_t n = 0; n < kCols; ++n)
      if (k == 0 || k == 31 || n == 22)
        held[k * kCols + n] = 0;
  EXPECT_LT(distance(run(config, ArrayMode::Quantised), held), 2e-5);
  EXPECT_LT(distance(run(config, ArrayMode::Noisy), held), 1e-3);
}

TEST_F(DeviceFaults, BrokenConverterReadsAConstant) {
  ArrayConfig config = bare();
  config.periphery.outBound = 10;
  config.periphery.noiseManagement = NoiseManagement::None;
  config.defects.brokenAdcs = {{0, 4, 0.25}};
  auto y = run(config, ArrayMode::Quantised);
  for (size_t b = 0; b < kBatch; ++b)
    EXPECT_NEAR(y[b * kCols + 4], 0.25 * 10 * scale, 1e-4);
}

TEST_F(DeviceFaults, NegatedColumnsGiveTheSameProduct) {
  for (WeightMapping mapping :
       {WeightMapping::Differential, WeightMapping::Offset}) {
    ArrayConfig config = bare();
    config.mapping = mapping;
    config.defects.flipped.assign(kCols, 0);
    for (size_t n = 0; n < kCols; n += 2)
      config.defects.flipped[n] = 1;
    EXPECT_LT(distance(run(config, ArrayMode::Quantised), w), 2e-5);
    EXPECT_LT(distance(run(config, ArrayMode::Noisy), w), 1e-3);
  }
}

TEST_F(DeviceFaults, KnownStuckCellsAreWrittenAround) {
  // Every fifth weight has one stuck cell, columns 1, 3, … are negated.
  for (auto [bits, isPair] :
       {std::pair(0u, true), {2u, true}, {0u, false}, {2u, false}}) {
    ArrayConfig config = bare();
    config.mapping =
        isPair ? WeightMapping::Differential : WeightMapping::Offset;
    config.cellBits = bits;
    config.slices = bits ? 4 : 1;
    chip::WeightCode code{isPair, config.slices, bits};
    config.defects.flipped.assign(kCols, 0);
    std::vector<float> held = w;
    for (uint32_t i = 0; i < kRows * kCols; ++i) {
      uint32_t k = i / kCols, n = i % kCols;
      bool isNegated = n % 2;
      config.defects.flipped[n] = isNegated;
      chip::CellState cells;
      if (i % 5 == 0) {
        bool negative = isPair && i % 2;
        double at = i % 3 == 0 ? 1 : i % 3 == 1 ? 0 : 0.37;
        uint32_t slice = i % config.slices;
        config.defects.stuck.push_back({slice, k, n, negative, at});
        (negative ? cells.negative : cells.positive)[slice] = at;
      }
      float plus[16], minus[16];
      double sign = isNegated ? -1 : 1;
      held[i] = float(
          sign * scale *
          chip::writeWeight(sign * w[i] / scale, code, cells, plus, minus));
    }
    config.defects.known = config.defects.stuck;
    EXPECT_LT(distance(run(config, ArrayMode::Quantised), held), 5e-5)
        << bits << isPair;
    EXPECT_LT(distance(run(config, ArrayMode::Noisy), held), 2e-3)
        << bits << isPair;
  }
}

TEST(DeviceRecalibration, AReadOutAndAGainUndoTheMeanDrift) {
  ArrayConfig config;
  config.device = "pcm";
  config.periphery.inRes = config.periphery.outRes = 0;
  config.periphery.outBound = config.periphery.outNoise = 0;
  size_t k = 256, n = 64;
  std::vector<float> w = normals(k * n, 3);
  auto array = AnalogArray::create(config);
  ASSERT_TRUE(array);
  ASSERT_TRUE(array->program(w.data(), n, k, n, {}));
  std::vector<float> held(k * n);
  // Least-squares slope of what is held over what was wanted.
  auto slope = [&] {
    std::vector<float> x(k * k), y(k * n);
    for (size_t i = 0; i < k; ++i)
      x[i * k + i] = 1;
    MvmScratch scratch;
    array->mvm(x.data(), k, y.data(), n, k, {}, scratch);
    double both = 0, own = 0;
    for (size_t i = 0; i < k * n; ++i) {
      both += double(y[i]) * w[i];
      own += double(w[i]) * w[i];
    }
    return both / own;
  };
  array->age(0, 0, Compensation::None);
  double fresh = slope();
  double day = 86400, year = 365 * day;
  array->readOut(day, 1, 16);
  array->updateGain(/*perColumn=*/true);
  array->age(day, 2, Compensation::Keep);
  double calibrated = slope();
  array->age(year, 3, Compensation::Keep);
  double stale = slope();
  array->age(year, 3, Compensation::None);
  double bare = slope();
  printf("slope: fresh %.4f, after a day and a read-out %.4f, a year later "
         "%.4f, without gains %.4f\n",
         fresh, calibrated, stale, bare);
  EXPECT_NEAR(calibrated / fresh, 1, 0.03);
  // What the gain of the first day leaves: (1 y / 1 d)^-0.05 is 0.745.
  EXPECT_NEAR(stale / calibrated, std::pow(365.0, -0.05), 0.03);
  EXPECT_LT(bare, 0.55 * fresh);
}

} // namespace
