//===- FaultMappingTest.cpp - Against exhaustive search -------------------===//
#include "hybridc/Chip/FaultMapping.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

using namespace hybridc::chip;

namespace {

double leastOfAll(const std::vector<double> &cost, size_t n, size_t m) {
  std::vector<size_t> order(m);
  std::iota(order.begin(), order.end(), 0);
  double best = INFINITY;
  do {
    double sum = 0;
    for (size_t i = 0; i < n; ++i)
      sum += cost[i * m + order[i]];
    best = std::min(best, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

TEST(FaultMapping, AssignmentIsOptimal) {
  std::mt19937 random(1);
  for (unsigned trial = 0; trial < 400; ++trial) {
    size_t n = 1 + random() % 5, m = n + random() % 3;
    std::vector<double> cost(n * m);
    // Small integers: many ties; and many zeros, as faults give them.
    for (double &c : cost)
      c = random() % 3 ? random() % 7 : 0;
    std::vector<uint32_t> found = assign(cost, n, m);
    double sum = 0;
    std::vector<bool> isUsed(m);
    for (size_t i = 0; i < n; ++i) {
      ASSERT_LT(found[i], m);
      EXPECT_FALSE(isUsed[found[i]]);
      isUsed[found[i]] = true;
      sum += cost[i * m + found[i]];
    }
    EXPECT_EQ(sum, leastOfAll(cost, n, m)) << "trial " << trial;
  }
}

/// Nearest weight that any digits of the working cells give.
double nearestWeight(double r, const WeightCode &code, const CellState &cells) {
  unsigned count = code.slices * (code.isPair ? 2 : 1);
  int64_t base = int64_t(1) << code.bits, top = base - 1;
  double full = std::pow(base, code.slices), best = INFINITY, value = 0;
  // Cells stuck between two digits: what they hold beside the nearest one.
  double between = 0;
  int64_t combinations = int64_t(std::pow(base, count));
  double step = code.isPair ? full - 1 : full / 2 - 1;
  double target = std::nearbyint(r * step) / step;
  for (int64_t i = 0; i < combinations; ++i) {
    int64_t rest = i, sum = 0;
    bool isPossible = true;
    for (unsigned c = 0; c < count; ++c, rest /= base) {
      unsigned s = c % code.slices;
      int64_t digit = rest % base;
      double stuck = c < code.slices ? cells.positive[s] : cells.negative[s];
      isPossible &=
          stuck < 0 || double(digit) == std::nearbyint(stuck * double(top));
      int64_t place = int64_t(std::pow(base, code.slices - 1 - s));
      if (i == 0 && stuck >= 0)
        between += (stuck * double(top) - std::nearbyint(stuck * double(top))) *
                   double(c < code.slices ? place : -place);
      sum += (c < code.slices ? digit : -digit) * place;
    }
    double made = double(sum) + between;
    double w = code.isPair ? made / step : (made - full / 2) / step;
    if (isPossible && std::fabs(w - target) < best) {
      best = std::fabs(w - target);
      value = w;
    }
  }
  return value;
}

TEST(FaultMapping, WeightsAreWrittenAsWellAsTheCellsAllow) {
  std::mt19937 random(2);
  unsigned numStuck = 0;
  auto anywhere = [&] { // either end as often as somewhere between
    return random() % 2 ? double(random() % 2) : double(random() % 101) / 100;
  };
  for (unsigned trial = 0; trial < 3000; ++trial) {
    WeightCode code;
    code.isPair = random() % 2;
    code.bits = 1 + random() % 2;
    code.slices = code.isPair ? 1 + random() % 3 : 2 + random() % 2;
    CellState cells;
    for (unsigned s = 0; s < code.slices; ++s) {
      if (random() % 3 == 0)
        cells.positive[s] = anywhere(), ++numStuck;
      if (code.isPair && random() % 3 == 0)
        cells.negative[s] = anywhere(), ++numStuck;
    }
    double r = double(random() % 2001) / 1000 - 1;
    double step = std::pow(2.0, code.bits * code.slices - !code.isPair) - 1;
    double target = std::nearbyint(r * step) / step;
    float plus[16], minus[16];
    double got = writeWeight(r, code, cells, plus, minus);
    double best = nearestWeight(r, code, cells);
    EXPECT_NEAR(std::fabs(got - target), std::fabs(best - target), 1e-12)
        << "r " << r << ", " << code.slices << " slices of " << code.bits
        << (code.isPair ? ", pair" : ", offset");
    for (unsigned s = 0; s < code.slices; ++s) {
      int top = (1 << code.bits) - 1;
      EXPECT_TRUE(plus[s] >= 0 && plus[s] <= float(top));
      if (cells.positive[s] >= 0) {
        EXPECT_EQ(plus[s], float(cells.positive[s] * double(top)));
      }
      if (code.isPair && cells.negative[s] >= 0) {
        EXPECT_EQ(minus[s], float(cells.negative[s] * double(top)));
      }
    }
  }
  EXPECT_GT(numStuck, 1000u);
}

TEST(FaultMapping, PartnerOfAContinuousPairMakesUpForOneSign) {
  WeightCode code;
  CellState stuckHigh;
  stuckHigh.positive[0] = 1;
  float plus, minus;
  EXPECT_NEAR(writeWeight(0.3, code, stuckHigh, &plus, &minus), 0.3, 1e-12);
  EXPECT_NEAR(minus, 0.7, 1e-6);
  EXPECT_EQ(writeWeight(-0.3, code, stuckHigh, &plus, &minus), 0.0);
  CellState stuckLow;
  stuckLow.negative[0] = 0;
  EXPECT_NEAR(writeWeight(0.3, code, stuckLow, &plus, &minus), 0.3, 1e-12);
  EXPECT_EQ(writeWeight(-0.3, code, stuckLow, &plus, &minus), 0.0);
}

struct Case {
  std::vector<float> weights;
  std::vector<double> scale;
  TileProblem problem;
};

Case randomCase(std::mt19937 &random, uint32_t rows, uint32_t cols,
                uint32_t spare, unsigned numStuck) {
  Case c;
  std::normal_distribution<float> normal;
  for (uint32_t i = 0; i < rows * cols; ++i)
    c.weights.push_back(normal(random));
  for (uint32_t n = 0; n < cols; ++n) {
    double most = 0;
    for (uint32_t k = 0; k < rows; ++k)
      most = std::max(most, std::fabs(double(c.weights[k * cols + n])));
    c.scale.push_back(most);
  }
  c.problem.rows = rows;
  c.problem.cols = cols;
  for (uint32_t k = 0; k < rows; ++k)
    c.problem.goodRows.push_back(k);
  for (uint32_t n = 0; n < cols + spare; ++n)
    c.problem.goodCols.push_back(n);
  for (unsigned i = 0; i < numStuck; ++i)
    c.problem.stuck.push_back(
        {0,
         {uint32_t(random() % rows), uint32_t(random() % (cols + spare)),
          random() % 2 == 0, random() % 2 == 0 ? 1.0 : 0.0}});
  c.problem.weights = c.weights;
  c.problem.scale = c.scale;
  return c;
}

/// Least error over all columns and signs; and over all rows, too.
double exhaustive(const TileProblem &p, bool withRows) {
  TileMapping m;
  m.rowMap = p.goodRows;
  double best = INFINITY;
  do {
    std::vector<uint32_t> columns = p.goodCols;
    do {
      m.colMap.assign(columns.begin(), columns.begin() + p.cols);
      for (uint32_t signs = 0; signs < (1u << p.cols); ++signs) {
        m.flipped.clear();
        for (uint32_t n = 0; n < p.cols; ++n)
          m.flipped.push_back(signs >> n & 1);
        best = std::min(best, mappingError(p, m, true));
      }
    } while (std::next_permutation(columns.begin(), columns.end()));
  } while (withRows && std::next_permutation(m.rowMap.begin(), m.rowMap.end()));
  return best;
}

TEST(FaultMapping, ColumnsAndSignsAreOptimalForOneRow) {
  // A tile of one row leaves rows nothing to choose.
  std::mt19937 random(3);
  for (unsigned trial = 0; trial < 40; ++trial) {
    Case c = randomCase(random, 1, 3 + random() % 2, random() % 2, 4);
    EXPECT_NEAR(mapTile(c.problem).error, exhaustive(c.problem, false), 1e-12);
  }
}

TEST(FaultMapping, AgainstExhaustiveSearchOverRowsColumnsAndSigns) {
  std::mt19937 random(4);
  unsigned numOptimal = 0, numCases = 60;
  double found = 0, best = 0, unmapped = 0;
  for (unsigned trial = 0; trial < numCases; ++trial) {
    Case c = randomCase(random, 4, 3, 1, 8);
    TileMapping m = mapTile(c.problem);
    EXPECT_NEAR(m.error, mappingError(c.problem, m, true), 1e-12);
    double least = exhaustive(c.problem, true);
    EXPECT_GE(m.error, least - 1e-9);
    numOptimal += m.error <= least + 1e-9;
    TileMapping plain{{0, 1, 2, 3}, {0, 1, 2}, {0, 0, 0}, 0};
    unmapped += mappingError(c.problem, plain, false);
    found += m.error;
    best += least;
  }
  printf("4 x 3 tiles, 8 of 32 cells stuck: optimum found in %u of %u cases; "
         "error unmapped %.4g, mapped %.4g, least %.4g (bound: within 5 %% of "
         "unmapped above the least)\n",
         numOptimal, numCases, unmapped, found, best);
  EXPECT_LE(found - best, 0.05 * unmapped);
  EXPECT_GE(numOptimal, numCases / 2);
}

TEST(FaultMapping, LargeTileLosesMostOfItsError) {
  std::mt19937 random(5);
  Case c = randomCase(random, 128, 128, 4, 300);
  TileMapping plain;
  for (uint32_t i = 0; i < 128; ++i) {
    plain.rowMap.push_back(i);
    plain.colMap.push_back(i);
  }
  plain.flipped.assign(128, 0);
  double before = mappingError(c.problem, plain, false);
  double aware = mappingError(c.problem, plain, true);
  double after = mapTile(c.problem).error;
  printf("128 x 128, 300 stuck cells: error %.4g as is, %.4g written around "
         "(bound half), %.4g mapped (bound 2 %%)\n",
         before, aware, after);
  EXPECT_LT(aware, before / 2);
  EXPECT_LT(after, before * 0.02);
}

TEST(FaultMapping, GoodLinesLeaveOutWhatIsBroken) {
  ArrayKind kind;
  kind.name = "a";
  kind.rows = 4;
  kind.cols = 6;
  kind.spare_columns = 2;
  kind.adc_share = 2;
  ArrayFaults first, second;
  first.deadRows = {1};
  first.brokenAdcs = {{3, 0.0}};
  second.deadColumns = {0};
  ArrayFaults both[] = {first, second};
  GoodLines good = goodLines(both, kind);
  EXPECT_EQ(good.rows, (std::vector<uint32_t>{0, 2, 3}));
  EXPECT_EQ(good.cols, (std::vector<uint32_t>{1, 2, 3, 4, 5}));
  second.dead = true;
  ArrayFaults dead[] = {first, second};
  EXPECT_TRUE(goodLines(dead, kind).rows.empty());
}

} // namespace
