//===- HomesTest.cpp - What stays in the scratchpad -----------------------===//
#include "hybridc/Planner/Homes.h"

#include <gtest/gtest.h>

#include <random>

using namespace hybridc::plan;

namespace {

/// Values that live for a while, as a network's do.
HomeProblem randomProblem(std::mt19937_64 &random, unsigned values,
                          unsigned steps) {
  auto upTo = [&](uint64_t n) { return random() % (n + 1); };
  HomeProblem problem;
  problem.capacity = 200 + upTo(800);
  for (unsigned s = 0; s < steps; ++s)
    problem.reserved.push_back(upTo(problem.capacity / 3));
  for (unsigned i = 0; i < values; ++i) {
    HomeCandidate value;
    value.name = "v" + std::to_string(i);
    value.bytes = 1 + upTo(400);
    value.first = unsigned(upTo(steps - 1));
    value.last = unsigned(std::min<uint64_t>(steps - 1, value.first + upTo(3)));
    value.gain = double(value.bytes * (1 + upTo(3)));
    problem.values.push_back(value);
  }
  return problem;
}

} // namespace

TEST(Homes, EqualEnumeration) {
  std::mt19937_64 random(7);
  unsigned better = 0;
  for (int i = 0; i < 500; ++i) {
    HomeProblem problem = randomProblem(random, 1 + unsigned(random() % 12), 8);
    HomePlan plan = planHomes(problem), best = planHomesByEnumeration(problem);
    EXPECT_TRUE(isFeasible(problem, plan));
    EXPECT_DOUBLE_EQ(plan.gain, best.gain) << "problem " << i;
    EXPECT_GE(plan.bound, plan.gain);
    better += plan.gain > planHomesGreedily(problem).gain;
  }
  // Otherwise these problems would not tell a solver from a rule of thumb.
  EXPECT_GT(better, 20u);
}

TEST(Homes, LargeProblemsStateTheirBound) {
  std::mt19937_64 random(8);
  for (int i = 0; i < 5; ++i) {
    HomeProblem problem = randomProblem(random, 200, 150);
    HomePlan plan = planHomes(problem);
    EXPECT_TRUE(isFeasible(problem, plan));
    EXPECT_GE(plan.gain, planHomesGreedily(problem).gain);
    EXPECT_GE(plan.bound, plan.gain);
    EXPECT_LE(plan.bound, 1.01 * plan.gain); // chosen beforehand: a percent
  }
}

TEST(Homes, TheSameEveryTime) {
  std::mt19937_64 random(9);
  HomeProblem problem = randomProblem(random, 80, 60);
  EXPECT_EQ(planHomes(problem).stays, planHomes(problem).stays);
}

TEST(Homes, WhatDoesNotFitStaysOut) {
  HomeProblem problem{100, {0, 60, 0}, {}};
  problem.values.push_back({"large", 101, 0, 0, 1000});
  problem.values.push_back({"beside the reserve", 50, 0, 2, 1000});
  problem.values.push_back({"worthless", 10, 0, 0, 0});
  problem.values.push_back({"fits", 40, 0, 2, 1});
  HomePlan plan = planHomes(problem);
  EXPECT_EQ(plan.stays, (std::vector<bool>{false, false, false, true}));
  EXPECT_DOUBLE_EQ(plan.gain, 1);
  EXPECT_TRUE(plan.isProven);
}

TEST(Homes, NothingToPlan) {
  EXPECT_TRUE(planHomes({}).isProven);
  EXPECT_TRUE(planHomes({0, {0, 5}, {}}).stays.empty());
}

TEST(Homes, Json) {
  HomeProblem problem{64, {0, 0}, {{"a\"b", 64, 0, 1, 128}}};
  std::string text = toJson(problem, planHomes(problem));
  EXPECT_NE(text.find("\"name\": \"a\\\"b\""), std::string::npos);
  EXPECT_NE(text.find("\"stays\": true"), std::string::npos);
  EXPECT_NE(text.find("\"bound_bytes\": 128"), std::string::npos);
}
