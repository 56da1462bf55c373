//===- PlacementTest.cpp - Against enumeration of every choice ------------===//
#include "hybridc/Dialect/Hyb/Transforms/Placement.h"

#include <gtest/gtest.h>

#include <random>

using namespace hybridc::hyb;

namespace {

using Groups = std::vector<std::vector<ArrayOption>>;

/// The largest gain, by trying everything.
double enumerate(const Groups &groups, std::vector<uint64_t> left, size_t g) {
  if (g == groups.size())
    return 0;
  double best = enumerate(groups, left, g + 1);
  for (const ArrayOption &option : groups[g]) {
    if (option.gain <= 0 || option.need > left[option.kind])
      continue;
    left[option.kind] -= option.need;
    best = std::max(best, option.gain + enumerate(groups, left, g + 1));
    left[option.kind] += option.need;
  }
  return best;
}

/// The gain of a choice; fails the test when it does not fit.
double gainOf(const Groups &groups, const std::vector<int> &choice,
              std::vector<uint64_t> left) {
  double gain = 0;
  for (size_t g = 0; g < groups.size(); ++g) {
    if (choice[g] < 0)
      continue;
    const ArrayOption &option = groups[g].at(choice[g]);
    EXPECT_LE(option.need, left[option.kind]);
    left[option.kind] -= option.need;
    gain += option.gain;
  }
  return gain;
}

TEST(Placement, EqualsEnumeration) {
  std::mt19937 random(7);
  auto number = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  for (int round = 0; round < 500; ++round) {
    std::vector<uint64_t> capacity;
    for (int kind = number(1, 2); kind > 0; --kind)
      capacity.push_back(number(0, 12));
    Groups groups(number(0, 7));
    for (auto &group : groups)
      for (unsigned kind = 0; kind < capacity.size(); ++kind)
        if (number(0, 3))
          group.push_back(
              {kind, uint64_t(number(0, 9)), double(number(-3, 20))});
    std::vector<int> choice = chooseArrays(groups, capacity);
    ASSERT_EQ(choice.size(), groups.size());
    EXPECT_EQ(gainOf(groups, choice, capacity), enumerate(groups, capacity, 0))
        << "round " << round;
  }
}

TEST(Placement, TakesNothingWithoutGain) {
  EXPECT_EQ(chooseArrays({{{0, 1, 0.0}}, {{0, 1, -1.0}}}, {4}),
            (std::vector<int>{-1, -1}));
}

TEST(Placement, TwoSmallBeatOneLarge) {
  // By gain per array the first would win and leave no room.
  EXPECT_EQ(chooseArrays({{{0, 3, 9.0}}, {{0, 2, 5.0}}, {{0, 2, 5.0}}}, {4}),
            (std::vector<int>{-1, 0, 0}));
}

TEST(Placement, HugeProblemsStillFit) {
  Groups groups;
  for (int g = 0; g < 1000; ++g)
    groups.push_back({{0, uint64_t(1 + g % 50), double(g % 37 + 1)}});
  std::vector<uint64_t> capacity{100000, 100000};
  std::vector<int> choice = chooseArrays(groups, capacity);
  EXPECT_GT(gainOf(groups, choice, capacity), 0);
}

TEST(Placement, NoGroups) { EXPECT_TRUE(chooseArrays({}, {3}).empty()); }

} // namespace
