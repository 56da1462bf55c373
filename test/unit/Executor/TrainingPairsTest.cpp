//===- TrainingPairsTest.cpp - One-sided pairs, several cells, by commands ===//
#include "Sample.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Clock/Clock.h"
#include "hybridc/Clock/Describe.h"
#include "hybridc/Devices/OfChip.h"
#include "hybridc/Executor/ArrayHealth.h"
#include "hybridc/Executor/Executor.h"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

using namespace hybridc;
using namespace hybridc::exec;
using namespace hybridc::stream;

namespace {

constexpr size_t B = 4, K = 16, N = 4;
constexpr const char *kEven =
    "dw_min: 0.01, dw_min_dtod: 0, dw_min_std: 0, up_down_dtod: 0, "
    "w_max: 0.5, w_max_dtod: 0, w_min_dtod: 0, reset_std: 0, reset_dtod: 0";
/// Pairs of cells that step by 0.01 from 0 to 0.5, read without noise.
const std::string kPairs =
    "constant-step, mapping: differential, device_params: {" +
    std::string(kEven) +
    ", w_min: 0}, periphery: {in_res: 0, out_res: 0, out_noise: 0}";

Program on(const std::string &device) {
  Program p = sample::training();
  // What `device` says besides stands in the place of the sample's own.
  for (const char *own : {" mapping: offset,", ", endurance_writes: 1e9"}) {
    std::string key(std::strpbrk(own, "em"), std::strchr(own, ':') + 1);
    if (size_t at = p.chipYaml.find(own);
        device.find(key) != std::string::npos && at != std::string::npos)
      p.chipYaml.erase(at, std::strlen(own));
  }
  p.chipYaml.replace(p.chipYaml.find("ecram-li"), 8, device);
  return p;
}

std::vector<Item> &items(Program &p) {
  return sample::segment(p).queues[2].items;
}

/// With a refresh of both tiles before the read-out.
Program refreshing(const std::string &device, double upper, double lower) {
  Program p = on(device);
  for (int64_t array : {0, 1}) {
    Command refresh = *std::get_if<Command>(&items(p).back().node);
    refresh.op = Op::RefreshPairs;
    refresh.ins.clear();
    refresh.outs.clear();
    refresh.signals.clear();
    refresh.attrs = {
        sample::ints("array", {array}), sample::floats("lower", {lower}),
        sample::ints("pulses", {100}), sample::floats("upper", {upper})};
    items(p).insert(items(p).end() - 1, Item{refresh});
  }
  return p;
}

std::unique_ptr<Executor> make(const Program &p, bool noise = true) {
  ExecOptions how;
  how.noise = noise;
  auto made = Executor::create(p, how);
  EXPECT_TRUE(static_cast<bool>(made)) << made.error().message;
  return made ? std::move(*made) : nullptr;
}

std::string refusal(const Program &p) {
  auto made = Executor::create(p);
  return made ? "" : made.error().message;
}

struct Seen {
  std::vector<float> y, w, g;
  std::vector<UpdateCount> counts;
};

Seen run(Executor &executor, float scaleOfX = 1) {
  std::vector<float> x(B * K), t(B * N);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = scaleOfX * std::sin(float(i) * 1.3f);
  for (size_t i = 0; i < t.size(); ++i)
    t[i] = std::cos(float(i) * 0.7f) / 2;
  float lr = 0.05f;
  Seen seen;
  auto give = [&](const char *name, const void *data, size_t bytes) {
    Status s = executor.setInput(name, data, bytes);
    EXPECT_TRUE(static_cast<bool>(s)) << s.error().message;
  };
  give("x", x.data(), x.size() * 4);
  give("t", t.data(), t.size() * 4);
  give("lr", &lr, 4);
  Status s = executor.run();
  EXPECT_TRUE(static_cast<bool>(s)) << s.error().message;
  for (auto [name, to] :
       {std::pair{"y", &seen.y}, {"w", &seen.w}, {"g", &seen.g}}) {
    auto tensor = executor.output(name);
    if (!tensor)
      continue;
    to->resize(tensor->bytes.size() / 4);
    std::memcpy(to->data(), tensor->bytes.data(), tensor->bytes.size());
  }
  seen.counts = executor.updateCounts();
  return seen;
}

double furthest(const std::vector<float> &a, const std::vector<float> &b) {
  double most = a.size() == b.size() ? 0 : INFINITY;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    most = std::max(most, std::fabs(double(a[i]) - b[i]));
  return most;
}

TEST(TrainingPairs, LearnAsTheExactSumDoes) {
  auto exact = make(on(kPairs), /*noise=*/false);
  auto pulsed = make(on(kPairs));
  ASSERT_TRUE(exact && pulsed);
  Seen want = run(*exact), got = run(*pulsed);
  // The first products are of weights just written, of both signs.
  EXPECT_LT(furthest(got.y, want.y), 1e-5);
  // 16 updates of steps of 0.01 at random: some steps from the exact sum.
  double off = furthest(got.w, want.w);
  std::printf("W after 16 updates: at most %.3f from the exact sum (bound "
              "0.12)\n",
              off);
  EXPECT_LT(off, 0.12);
  EXPECT_GT(off, 1e-4);
  // Backwards through what was then held, which read_weights gave.
  ASSERT_EQ(got.counts.size(), 2u);
  EXPECT_EQ(got.counts[0].updates, 16u);
  EXPECT_EQ(got.counts[0].cells, 2u * 8 * 4);
  EXPECT_GT(got.counts[0].pulses, 0u);
}

TEST(TrainingPairs, RefreshKeepsWeightsAndEmptiesCells) {
  // Every pair with both cells above 0.02 of 0.5, that is above one step.
  auto executor = make(refreshing(kPairs, 0.03, 0.03));
  auto never = make(refreshing(kPairs, 1, 1));
  ASSERT_TRUE(executor && never);
  uint64_t pairs = 0;
  for (int i = 0; i < 4; ++i) {
    Seen fresh = run(*executor), plain = run(*never);
    uint64_t before = pairs;
    pairs = 0;
    for (const UpdateCount &count : fresh.counts)
      pairs += count.refreshedPairs;
    for (const UpdateCount &count : plain.counts)
      EXPECT_EQ(count.refreshedPairs, 0u);
    if (i == 0) {
      // Of a row the largest difference is certain; a smaller one, n of L
      // steps, comes to n on average, with a deviation of at most √L/2 steps.
      double off = furthest(fresh.w, plain.w);
      std::printf("refreshing changed W by at most %.4f (bound 0.08)\n", off);
      EXPECT_LT(off, 0.08);
      EXPECT_GT(pairs, 0u);
      // Reset, two cells a pair, and written again.
      EXPECT_GE(fresh.counts[0].pulses + fresh.counts[1].pulses,
                plain.counts[0].pulses + plain.counts[1].pulses + 2 * pairs);
    }
    EXPECT_GE(pairs, before);
  }
  // Without noise there are sums and nothing to refresh.
  auto exact = make(refreshing(kPairs, 0, 0), false),
       same = make(on(kPairs), false);
  ASSERT_TRUE(exact && same);
  EXPECT_EQ(run(*exact).w, run(*same).w);
}

TEST(TrainingPairs, WhatIsRefused) {
  auto has = [](const std::string &text, const char *part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(refusal(refreshing("ecram-li", 0.5, 0.5)), "has no one-sided pairs");
  has(refusal(on("pcm-onesided, mapping: offset")),
      "one-sided: its cells come in pairs, which 'ecram' has with mapping: "
      "differential");
  has(refusal(on("ecram-li, device_params: {fast_lr: 1}")),
      "'fast_lr' belongs to an algorithm");
  has(refusal(on("ecram-li, device_params: {cells: 17}")),
      "cells is a whole number, 1 to 16");
  has(refusal(on("pcm-onesided, mapping: differential, device_params: "
                 "{cells: 2}")),
      "several cells a weight need a device with w_min < 0");
  // Pairs of the preset itself run.
  auto executor = make(on("pcm-onesided, mapping: differential"));
  ASSERT_TRUE(executor);
  run(*executor);
  auto chip = chip::parseChip(on("ecram-li").chipYaml, "test");
  ASSERT_TRUE(static_cast<bool>(chip));
  chip->arrays[0].purpose = "inference";
  auto clock = runClock(refreshing(kPairs, 0, 0), *chip);
  ASSERT_FALSE(clock);
}

TEST(TrainingPairs, TimeEnergyAndWearByHand) {
  Program p = refreshing(kPairs, 0.75, 0.25);
  auto chip = chip::parseChip(p.chipYaml, "test");
  ASSERT_TRUE(static_cast<bool>(chip));
  const chip::ArrayKind &kind = *chip->findArray("ecram");
  Command refresh = *std::get_if<Command>(&items(p)[items(p).size() - 2].node);
  chip::Work work = describe(refresh, p);
  chip::Cost cost = chip::cost(*chip, work);
  auto pj = [&](chip::Component part) {
    return cost.energy_pj[unsigned(part)];
  };
  // 8 × 4 pairs: 16 read-outs, 8 row resets, 8 trains of 100 pulses.
  double phases = kind.drives();
  EXPECT_EQ(cost.cycles,
            chip->cyclesOf(16 * phases * kind.phase_ns()) +
                chip->cyclesOf(8 * kind.write_ns + 800 * kind.pulse_ns));
  EXPECT_DOUBLE_EQ(pj(chip::Component::Adc),
                   16 * phases * 4 * kind.adc_energy_pj);
  EXPECT_DOUBLE_EQ(pj(chip::Component::ArrayWrite),
                   64 * kind.write_energy_pj + 32 * 100 * kind.pulse_energy_pj);
  EXPECT_DOUBLE_EQ(pj(chip::Component::Dac),
                   16 * phases * 8 * kind.dac_energy_pj +
                       8 * 5 * kind.dac_energy_pj);
  auto health = inspectArrays(p);
  ASSERT_TRUE(static_cast<bool>(health));
  addUpdates(*health, p, *chip, "infer", 1000);
  EXPECT_EQ(health->tiles[0].refreshes, 1u);
  EXPECT_EQ(health->tiles[0].mostUpdatePulses, 16 * 31 + 101);
}

TEST(TrainingPairs, SeveralCellsHoldOneWeight) {
  std::string even =
      std::string("constant-step, device_params: {") + kEven + ", w_min: -0.5";
  std::string ends = "}, periphery: {in_res: 0, out_res: 0, out_noise: 0}";
  auto one = make(on(even + ends));
  ASSERT_TRUE(one);
  Seen single = run(*one);
  for (const char *more :
       {", cells: 3", ", cells: 2, gamma_0: 1, gamma_1: 1",
        // A reference that is never pulsed: the weight is in the first.
        ", cells: 2, update_policy: 1, gamma_0: 1, gamma_1: -1"}) {
    auto several = make(on(even + more + ends));
    ASSERT_TRUE(several) << more;
    Seen got = run(*several);
    EXPECT_LT(furthest(got.y, single.y), 1e-5) << more; // as programmed
    EXPECT_LT(furthest(got.w, single.w), 0.2) << more;
    EXPECT_GT(got.counts[0].cells, single.counts[0].cells);
  }
}

TEST(TrainingPairs, WornCellsStay) {
  // 30 pulses a cell: some fail within a few runs, and stay.
  auto executor = make(on("ecram-li, endurance_writes: 30, worn_cells: hold"));
  ASSERT_TRUE(executor);
  std::vector<UpdateCount> first;
  uint64_t before = 0;
  for (int i = 0; i < 6; ++i) {
    Seen seen = run(*executor, 3);
    uint64_t now = 0;
    for (const UpdateCount &count : seen.counts) {
      now += count.wornCells;
      EXPECT_EQ(count.cells, 32u);
      EXPECT_EQ(count.worn.size(), count.wornCells);
      for (const UpdateCount::Place &place : count.worn) {
        EXPECT_LT(place.row, 8u);
        EXPECT_LT(place.col, 4u);
        EXPECT_EQ(place.cell, 0u);
      }
    }
    EXPECT_GE(now, before);
    before = now;
  }
  EXPECT_GT(before, 0u);
  // All of them: what is held does not change any more.
  auto worn = make(on("ecram-li, endurance_writes: 1, worn_cells: high, "
                      "periphery: {out_noise: 0}"));
  ASSERT_TRUE(worn);
  run(*worn, 100);
  Seen seen = run(*worn, 100);
  uint64_t failed = 0;
  for (const UpdateCount &count : seen.counts)
    failed += count.wornCells;
  EXPECT_GT(failed, 32u);
  for (const UpdateCount &count : seen.counts)
    for (const UpdateCount::Place &place : count.worn) {
      float w = seen.w[(count.array * 8 + place.row) * N + place.col];
      EXPECT_GT(w, 0.2) << place.row << ' ' << place.col;
    }
}

TEST(TrainingPairs, ExtremesAreDefined) {
  Program p = on("ecram-li");
  auto executor = make(p);
  ASSERT_TRUE(executor);
  for (float scale : {0.0f, 1e-38f, 1e30f})
    for (float w : run(*executor, scale).w)
      EXPECT_TRUE(std::isfinite(w)) << scale;
}

} // namespace
