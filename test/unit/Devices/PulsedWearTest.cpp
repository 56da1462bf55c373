//===- PulsedWearTest.cpp - Cells that pulses wear out --------------------===//
#include "hybridc/Chip/Faults.h"
#include "hybridc/Devices/PulsedArray.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <gtest/gtest.h>

using namespace hybridc;
using namespace hybridc::exec;

namespace {

/// Cells that step by 0.01 from −1 to 1, all alike.
PulsedDevice even() {
  auto device = makePulsedDevice("constant-step", {{"dw_min", 0.01},
                                                   {"dw_min_dtod", 0},
                                                   {"dw_min_std", 0},
                                                   {"up_down_dtod", 0},
                                                   {"w_max", 1},
                                                   {"w_min", -1},
                                                   {"w_max_dtod", 0},
                                                   {"w_min_dtod", 0},
                                                   {"reset_std", 0},
                                                   {"reset_dtod", 0}});
  EXPECT_TRUE(static_cast<bool>(device)) << device.error().message;
  return *device;
}

PulsedArray cells(size_t rows, size_t cols, const WearRule &rule) {
  auto array = PulsedArray::create(even(), rows, cols, {3, 4});
  EXPECT_TRUE(static_cast<bool>(array));
  array->setWear(rule);
  return std::move(*array);
}

TEST(PulsedWear, ACellFailsAtItsLastPulse) {
  for (WornCell worn : {WornCell::None, WornCell::Hold, WornCell::Low,
                        WornCell::High, WornCell::Ends}) {
    PulsedArray array = cells(1, 2, {10, 0, worn, true});
    // 4 pulses up and 3 down a time: the 10th is in the third and the fourth.
    std::vector<int32_t> counts{4, -3};
    for (uint64_t i = 1; i <= 2; ++i)
      array.pulse(counts, i);
    EXPECT_NEAR(array.weights()[0], 0.08, 1e-6);
    EXPECT_EQ(array.worn()[0] + array.worn()[1], 0);
    for (uint64_t i = 3; i <= 4; ++i)
      array.pulse(counts, i);
    EXPECT_EQ(array.pulses()[0], 16u); // what was sent, felt or not
    EXPECT_EQ(array.pulses()[1], 12u);
    bool fails = worn != WornCell::None;
    EXPECT_EQ(array.worn()[0] != 0, fails);
    EXPECT_EQ(array.worn()[1] != 0, fails);
    double up = array.weights()[0], down = array.weights()[1];
    switch (worn) {
    case WornCell::None:
      EXPECT_NEAR(up, 0.16, 1e-6);
      EXPECT_NEAR(down, -0.12, 1e-6);
      continue;
    case WornCell::Hold:
      EXPECT_NEAR(up, 0.10, 1e-6);
      EXPECT_NEAR(down, -0.10, 1e-6);
      break;
    case WornCell::Low:
      EXPECT_EQ(up, -1);
      EXPECT_EQ(down, -1);
      break;
    case WornCell::High:
      EXPECT_EQ(up, 1);
      EXPECT_EQ(down, 1);
      break;
    case WornCell::Ends:
      EXPECT_EQ(std::fabs(up), 1);
      EXPECT_EQ(std::fabs(down), 1);
      break;
    }
    // Nothing moves it any more.
    std::vector<float> other{0.5f, 0.5f}, x{1}, d{-1, 1};
    array.setWeights(other, 5);
    array.update(x, d, 0.5, {}, 6);
    array.reset(0, 2, 7);
    array.decay(8);
    EXPECT_EQ(array.weights()[0], float(up));
    EXPECT_EQ(array.weights()[1], float(down));
  }
}

TEST(PulsedWear, FailuresAreLogNormalAndAtBothEnds) {
  chip::ArrayKind kind;
  kind.endurance_writes = 100;
  kind.endurance_spread = 0.5;
  PulsedArray array = cells(100, 200, {100, 0.5, WornCell::Ends, true});
  std::vector<int32_t> counts(20000);
  for (size_t i = 0; i < counts.size(); ++i)
    counts[i] = 5;
  uint64_t update = 0;
  for (double pulses : {50.0, 100.0, 200.0}) {
    while (double(array.pulses()[0]) < pulses) {
      array.pulse(counts, ++update);
      for (int32_t &count : counts) // to and fro
        count = -count;
    }
    auto worn = array.worn();
    double part = double(std::count(worn.begin(), worn.end(), 1)) / 20000;
    double want = chip::wornPart(kind, pulses);
    double bound = 4 * std::sqrt(want * (1 - want) / 20000) + 0.01;
    std::printf("%.0f pulses: %.4f of the cells have failed, %.4f by "
                "chip::wornPart (bound %.4f)\n",
                pulses, part, want, bound);
    EXPECT_NEAR(part, want, bound);
  }
  size_t high = 0, low = 0;
  for (size_t i = 0; i < counts.size(); ++i)
    if (array.worn()[i])
      (array.weights()[i] > 0 ? high : low) += 1;
  EXPECT_NEAR(double(high) / double(high + low), 0.5, 0.02);
}

TEST(PulsedWear, ProgrammingAndResetsWearToo) {
  PulsedArray array = cells(1, 1, {10, 0, WornCell::Hold, true});
  std::vector<float> w{0.3f};
  array.addWrites(4);
  array.setWeights(w, 1);
  array.reset(0, 1, 2);
  EXPECT_EQ(array.pulses()[0], 1u); // those of programming are not among them
  std::vector<int32_t> five{5};
  array.pulse(five, 3);
  EXPECT_EQ(array.worn()[0], 1);
  EXPECT_NEAR(array.weights()[0], 0.05, 1e-6);
  // Worn out by programming alone: it does not take the weight.
  PulsedArray other = cells(1, 1, {10, 0, WornCell::Low, true});
  other.addWrites(10);
  other.setWeights(w, 1);
  EXPECT_EQ(other.weights()[0], -1);
}

TEST(PulsedWear, CountingChangesNothing) {
  auto made = makePulsedDevice("rram-sb", {});
  ASSERT_TRUE(static_cast<bool>(made));
  auto plain = PulsedArray::create(*made, 8, 8, {1, 2});
  auto counted = PulsedArray::create(*made, 8, 8, {1, 2});
  ASSERT_TRUE(plain && counted);
  counted->setWear({0, 0.5, WornCell::Ends, true});
  std::vector<float> x(8, 0.7f), d(8, -0.4f);
  for (uint64_t i = 1; i < 50; ++i) {
    plain->update(x, d, 0.05, {}, i);
    counted->update(x, d, 0.05, {}, i);
  }
  EXPECT_TRUE(std::equal(plain->weights().begin(), plain->weights().end(),
                         counted->weights().begin()));
  EXPECT_GT(counted->pulses()[9], 0u);
  EXPECT_TRUE(plain->pulses().empty());
}

} // namespace
