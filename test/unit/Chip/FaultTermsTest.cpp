//===- FaultTermsTest.cpp - Faults and their mapping by hand --------------===//
//
// Cases of one or two cells in which the right answer can be said without
// computing it the way the library does.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Chip/FaultMapping.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace hybridc::chip;

namespace {

TEST(WriteWeight, APartnerStuckOnTheNegativeSide) {
  WeightCode code;
  CellState cells;
  cells.negative[0] = 1;
  float plus, minus;
  // 0.3 would need 1.3; −0.3 is 0.7 − 1.
  EXPECT_EQ(writeWeight(0.3, code, cells, &plus, &minus), 0.0);
  EXPECT_NEAR(writeWeight(-0.3, code, cells, &plus, &minus), -0.3, 1e-12);
  EXPECT_NEAR(plus, 0.7, 1e-6);
  EXPECT_EQ(minus, 1.0f);
}

/// An array kind of 2000 arrays of 16 × 16 pairs.
ArrayKind kindOf(const char *name) {
  ArrayKind kind;
  kind.name = name;
  kind.mapping = "differential";
  kind.count = 2000;
  kind.rows = kind.cols = 16;
  return kind;
}

TEST(Faults, WholeArraysDie) {
  Chip chip;
  chip.arrays = {kindOf("pcm")};
  Faults faults;
  faults.rates.dead_array = 0.1;
  faults.rates.seed = 5;
  double sigma = std::sqrt(2000 * 0.1 * 0.9);
  uint64_t dead = countFaults(faults, chip).deadArrays;
  printf("dead arrays: %lu found, 200 expected, bound 4 sigma = %.0f\n",
         (unsigned long)dead, 4 * sigma);
  EXPECT_NEAR(double(dead), 200, 4 * sigma);
}

TEST(Faults, BothCellsOfAPairAreAsLikelyStuck) {
  ArrayKind kind = kindOf("pcm");
  Faults faults;
  faults.rates.stuck_min = 0.25;
  faults.rates.seed = 5;
  double found[2] = {0, 0}; // of 100 · 256 cells each
  for (uint32_t i = 0; i < 100; ++i)
    for (const StuckCell &cell : faultsOf(faults, kind, i).stuck)
      ++found[cell.negative];
  double n = 100 * 256, sigma = std::sqrt(n * 0.25 * 0.75);
  for (double number : found)
    EXPECT_NEAR(number, n / 4, 4 * sigma);
}

TEST(Faults, ABrokenConverterReadsAnythingWithinItsBound) {
  ArrayKind kind = kindOf("pcm");
  Faults faults;
  faults.rates.broken_adc = 1;
  faults.rates.seed = 5;
  double sum = 0, squares = 0, n = 0;
  for (uint32_t i = 0; i < 200; ++i)
    for (const BrokenAdc &adc : faultsOf(faults, kind, i).brokenAdcs) {
      EXPECT_LE(std::fabs(adc.reads), 1);
      sum += adc.reads;
      squares += adc.reads * adc.reads;
      ++n;
    }
  ASSERT_EQ(n, 200 * 16); // one for each column
  // Uniform in −1 … 1: variance 1/3; and that of its square 4/45.
  EXPECT_NEAR(sum / n, 0, 4 * std::sqrt(1 / 3.0 / n));
  EXPECT_NEAR(squares / n, 1 / 3.0, 4 * std::sqrt(4 / 45.0 / n));
}

TEST(Faults, KindsHaveFaultsOfTheirOwn) {
  Faults faults;
  faults.rates.stuck_min = 0.1;
  faults.rates.seed = 5;
  EXPECT_NE(faultsOf(faults, kindOf("pcm"), 3).stuck,
            faultsOf(faults, kindOf("rram"), 3).stuck);
}

/// A tile of these weights, all of scale 1, on as many lines as it needs.
TileProblem problemOf(uint32_t rows, uint32_t cols,
                      const std::vector<float> &weights,
                      const std::vector<double> &scale) {
  TileProblem p;
  p.rows = rows;
  p.cols = cols;
  p.weights = weights;
  p.scale = scale;
  for (uint32_t k = 0; k < rows; ++k)
    p.goodRows.push_back(k);
  for (uint32_t n = 0; n < cols; ++n)
    p.goodCols.push_back(n);
  return p;
}

TEST(FaultMapping, AColumnIsNegatedWhereThatHelps) {
  std::vector<float> weights{1.5f};
  std::vector<double> scale{2};
  TileProblem p = problemOf(1, 1, weights, scale);
  p.stuck = {{0, {0, 0, /*negative=*/false, /*at=*/0}}};
  // The positive cell holds nothing, so 1.5 is lost; −1.5 is the other's.
  TileMapping plain{{0}, {0}, {0}, 0}, negated{{0}, {0}, {1}, 0};
  EXPECT_NEAR(mappingError(p, plain, true), 1.5 * 1.5, 1e-12);
  EXPECT_NEAR(mappingError(p, negated, true), 0, 1e-12);
  TileMapping found = mapTile(p);
  EXPECT_EQ(found.flipped, (std::vector<uint8_t>{1}));
  EXPECT_EQ(found.error, 0);
}

TEST(FaultMapping, ARowOfZerosTakesTheBadPlace) {
  std::vector<float> weights{1, 0};
  std::vector<double> scale{1};
  TileProblem p = problemOf(2, 1, weights, scale);
  // Neither sign helps: both cells of row 0 hold nothing.
  p.stuck = {{0, {0, 0, false, false}}, {0, {0, 0, true, false}}};
  TileMapping found = mapTile(p);
  EXPECT_EQ(found.rowMap, (std::vector<uint32_t>{1, 0}));
  EXPECT_EQ(found.error, 0);
}

TEST(FaultMapping, RoundingIsNoFaultsDoing) {
  // 0.4 is a third in steps of two bits; without its cell it is 0.
  std::vector<float> weights{0.4f};
  std::vector<double> scale{1};
  TileProblem p = problemOf(1, 1, weights, scale);
  p.code = {true, 1, 2};
  p.stuck = {{0, {0, 0, false, false}}};
  TileMapping plain{{0}, {0}, {0}, 0};
  EXPECT_NEAR(mappingError(p, plain, true), 1 / 9.0, 1e-9);
  // Unaware: stuck at its largest, the weight is 1.
  p.stuck = {{0, {0, 0, false, true}}};
  EXPECT_NEAR(mappingError(p, plain, false), 4 / 9.0, 1e-9);
}

TEST(FaultMapping, ExtentsThatThreeQuartersOfTheArraysHave) {
  ArrayKind kind = kindOf("pcm");
  kind.count = 8;
  kind.slices = 2; // four pairs of arrays
  Faults faults;
  // Of the first pair nothing works; of the others 13, 14 and 16 rows, since
  // a row counts that works in both slices.
  for (uint32_t array : {0, 2, 3, 4, 5}) {
    ArrayFaults one;
    one.kind = "pcm";
    one.array = array;
    one.dead = array == 0;
    if (array == 2)
      one.deadRows = {0, 1};
    if (array == 3)
      one.deadRows = {1, 2};
    if (array == 4)
      one.deadRows = {5, 6};
    if (array == 5)
      one.deadColumns = {7};
    faults.arrays.push_back(one);
  }
  WorkingArrays working = workingArrays(faults, kind);
  EXPECT_EQ(working.usable, 6u);
  EXPECT_EQ(working.rows, 13u);
  EXPECT_EQ(working.cols, 15u);
  EXPECT_EQ(working.typical, 6u);
  // With four more pairs that work, a quarter of all may be worse.
  kind.count = 16;
  working = workingArrays(faults, kind);
  EXPECT_EQ(working.usable, 14u);
  EXPECT_EQ(working.rows, 14u);
  EXPECT_EQ(working.cols, 16u);
  EXPECT_EQ(working.typical, 10u);
}

} // namespace
