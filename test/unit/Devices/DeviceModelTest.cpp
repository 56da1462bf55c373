//===- DeviceModelTest.cpp - What each device model promises --------------===//

#include "Samples.h"

#include "hybridc/Devices/InferenceDevice.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <vector>

using namespace hybridc::exec;
using namespace hybridc::exec::test;

namespace {

std::unique_ptr<InferenceDevice> make(const char *name,
                                      const DeviceParams &params = {}) {
  auto device = makeInferenceDevice(name, params);
  EXPECT_TRUE(device) << name;
  return device ? std::move(*device) : nullptr;
}

constexpr size_t cells = 200000;

/// Cells programmed to `target` µS, right after (age < 0) or at an age.
Sample draw(const InferenceDevice &device, double target, double age) {
  std::vector<float> goal(cells, float(target)), fresh(cells), g(cells);
  device.program(goal.data(), fresh.data(), cells, {1, 1}, 0);
  if (age < 0)
    return statistics(fresh);
  device.age(goal.data(), fresh.data(), g.data(), cells, age, {1, 2}, {1, 3},
             0);
  return statistics(g);
}

TEST(DeviceModel, EveryNameMakesADevice) {
  for (const std::string &name : inferenceDeviceNames()) {
    auto device = make(name.c_str());
    ASSERT_NE(device, nullptr);
    EXPECT_EQ(device->name(), name);
    EXPECT_FALSE(device->provenance().empty());
    EXPECT_GT(device->gMax(), device->gMin());
    EXPECT_EQ(device->fields().count("g_max"), 1u);
  }
  EXPECT_TRUE(make("mram")->provenance().starts_with("unverified"));
  EXPECT_TRUE(make("feram")->provenance().starts_with("unverified"));
  EXPECT_TRUE(make("flash")->provenance().starts_with("unverified"));
}

TEST(DeviceModel, ChunksDoNotMatter) {
  for (const std::string &name : inferenceDeviceNames()) {
    SCOPED_TRACE(name);
    auto device = make(name.c_str());
    constexpr size_t n = 1500;
    std::vector<float> goal(n), whole(n), old(n), part(n), oldPart(n);
    for (size_t i = 0; i < n; ++i)
      goal[i] = float(device->gMin() +
                      (device->gMax() - device->gMin()) * double(i) / n);
    device->program(goal.data(), whole.data(), n, {4, 5}, 77);
    device->age(goal.data(), whole.data(), old.data(), n, 1e5, {4, 6}, {4, 7},
                77);
    for (size_t at = 0; at < n; at += 37) {
      size_t count = std::min<size_t>(37, n - at);
      device->program(goal.data() + at, part.data() + at, count, {4, 5},
                      77 + at);
      device->age(goal.data() + at, part.data() + at, oldPart.data() + at,
                  count, 1e5, {4, 6}, {4, 7}, 77 + at);
    }
    EXPECT_EQ(whole, part);
    EXPECT_EQ(old, oldPart);
  }
}

TEST(DeviceModel, IdealKeepsItsTarget) {
  Sample s = draw(*make("ideal"), 12.5, 1e9);
  EXPECT_EQ(s.mean, 12.5);
  EXPECT_EQ(s.deviation, 0);
}

TEST(DeviceModel, HermesFollowsItsFits) {
  // σ_prog: the cubic; µ_ν at r = 1 and 1/2 by hand from the formula.
  struct Case {
    const char *name;
    double gMax, c[4], t0;
  } cases[] = {
      {"pcm-hermes",
       20.7,
       {.16603222, 4.71806468, -8.48101252, 4.68961419},
       300},
      {"pcm-hermes-1",
       10.35,
       {.15781817, 2.32443916, -2.16310839, .68841818},
       200},
  };
  for (const Case &c : cases) {
    SCOPED_TRACE(c.name);
    auto device = make(c.name);
    EXPECT_FLOAT_EQ(float(device->gMax()), float(c.gMax));
    for (double r : {0.5, 1.0}) {
      double sigma = c.c[0] + r * (c.c[1] + r * (c.c[2] + r * c.c[3]));
      Sample s = draw(*device, r * c.gMax, -1);
      EXPECT_NEAR(s.mean, r * c.gMax, 5 * sigma / std::sqrt(double(cells)));
      EXPECT_NEAR(s.deviation, sigma, 0.01 * sigma);
      std::vector<float> goal(cells, float(r * c.gMax)), nu(cells);
      device->driftExponents(goal.data(), nu.data(), cells, {1, 2}, 0);
      double mean = -.0436 * r * r - .0126 * r + .0736;
      EXPECT_NEAR(statistics(nu).mean, mean, 0.01 * mean);
    }
    // Without spreads g(t) = g·((t + t0)/t0)^-ν exactly.
    auto quiet = make(c.name, {{"prog_scale", 0}, {"read_scale", 0}});
    std::vector<float> goal(64, float(c.gMax)), fresh(64), g(64), nu(64);
    quiet->program(goal.data(), fresh.data(), 64, {1, 1}, 0);
    quiet->age(goal.data(), fresh.data(), g.data(), 64, 86400, {1, 2}, {1, 3},
               0);
    quiet->driftExponents(goal.data(), nu.data(), 64, {1, 2}, 0);
    for (size_t i = 0; i < 64; ++i)
      EXPECT_NEAR(g[i], c.gMax * std::pow((86400 + c.t0) / c.t0, -nu[i]),
                  1e-5 * c.gMax);
  }
}

TEST(DeviceModel, WanIsRedrawnWithTheSpreadOfItsAge) {
  auto device = make("rram-wan2022");
  auto sigma = [](const double (&c)[5], double r) {
    return c[0] + r * (c[1] + r * (c[2] + r * (c[3] + r * c[4])));
  };
  const double day[5] = {.701, 22.086, -50.773, 47.095, -16.458};
  const double twoDays[5] = {.782, 20.274, -43.507, 37.062, -11.934};
  EXPECT_NEAR(draw(*device, 20, 86400).deviation, sigma(day, .5), .02);
  EXPECT_NEAR(draw(*device, 20, 172800).deviation, sigma(twoDays, .5), .02);
  EXPECT_NEAR(draw(*device, 20, 1e9).deviation, sigma(twoDays, .5), .02);
  double between = draw(*device, 20, 3600).deviation;
  double early = draw(*device, 20, 1).deviation;
  EXPECT_GT(between, early);
  EXPECT_LT(between, sigma(day, .5));
}

TEST(DeviceModel, CmoHfoxRelaxes) {
  auto device = make("rram-cmo-hfox");
  double t = 3600, g = 50;
  double lnT = std::log(t);
  double mean = g - .08900206 * lnT;
  double relax = .04201137 * lnT + .41183342;
  double read =
      .0277316483 * std::log10(mean) * std::sqrt(std::log((t + 1e-6) / 2e-6));
  double prog = .00081107 + .00106879 * g;
  Sample s = draw(*device, g, t);
  EXPECT_NEAR(s.mean, mean, .01);
  EXPECT_NEAR(s.deviation, std::sqrt(prog * prog + relax * relax + read * read),
              .005);
  // The wider acceptance has the larger spread; others were not measured.
  EXPECT_NEAR(
      draw(*make("rram-cmo-hfox", {{"acceptance", 2}}), g, -1).deviation,
      .0112185 + .0112903 * g, .01);
  EXPECT_FALSE(makeInferenceDevice("rram-cmo-hfox", {{"acceptance", 1}}));
}

TEST(DeviceModel, FewStatesAreRoundedTo) {
  auto device = make("feram", {{"levels", 5},
                               {"spread", 0},
                               {"g_min", 0},
                               {"g_max", 20},
                               {"read_noise", 0},
                               {"loss_per_decade", 0.01}});
  EXPECT_EQ(device->levels(), 5u);
  EXPECT_EQ(draw(*device, 11.9, -1).mean, 10);
  EXPECT_EQ(draw(*device, 12.6, -1).mean, 15);
  EXPECT_NEAR(draw(*device, 15, 1000).mean, 15 * 0.97, 1e-4);
}

TEST(DeviceModel, FewStatesSpreadLoseAndAreReadWithNoise) {
  // The unverified defaults: spreads are parts of the range, losses of g.
  for (const char *name : {"mram", "feram"}) {
    auto device = make(name);
    const auto &f = device->fields();
    double range = f.at("g_max") - f.at("g_min"), g = f.at("g_max");
    double spread = f.at("spread") * range, read = f.at("read_noise") * range;
    double keep = 1 - f.at("loss_per_decade") * std::log10(3.15e7);
    Sample fresh = draw(*device, g, -1), old = draw(*device, g, 3.15e7);
    double both = std::hypot(spread * keep, read);
    std::printf("%s: spread %.4f of %.4f, after a year %.4f of %.4f, mean %.4f "
                "of %.4f\n",
                name, fresh.deviation, spread, old.deviation, both, old.mean,
                g * keep);
    EXPECT_NEAR(fresh.mean, g, .01 * spread);
    EXPECT_NEAR(fresh.deviation, spread, .01 * spread);
    EXPECT_NEAR(old.mean, g * keep, .01 * spread);
    EXPECT_NEAR(old.deviation, both, .01 * both);
  }
}

TEST(DeviceModel, CustomDriftIsInterpolated) {
  auto device = make("pcm-custom", {{"nu_g_0", 5},
                                    {"nu_mean_0", .1},
                                    {"nu_std_0", 0},
                                    {"nu_g_1", 15},
                                    {"nu_mean_1", .04},
                                    {"nu_std_1", 0},
                                    {"prog_scale", 0},
                                    {"read_scale", 0}});
  // Held outside of the nodes; t0 = 20 s.
  const double points[][2] = {
      {2, .1}, {5, .1}, {10, .07}, {15, .04}, {20, .04}};
  for (const auto &[g, nu] : points)
    EXPECT_NEAR(draw(*device, g, 1980).mean, g * std::pow(100, -nu), 1e-4 * g);
  EXPECT_FALSE(makeInferenceDevice("pcm-custom", {{"nu_g_0", 5}}));
  EXPECT_FALSE(makeInferenceDevice("pcm-custom", {{"nu_g_0", 5},
                                                  {"nu_mean_0", .1},
                                                  {"nu_std_0", 0},
                                                  {"nu_g_1", 5},
                                                  {"nu_mean_1", .1},
                                                  {"nu_std_1", 0}}));
}

TEST(DeviceModel, FlashErrsInVoltages) {
  auto device = make("flash", {{"prog_mv", 4}, {"read_mv", 2}});
  double v = 4 / 38.8, r = 2 / 38.8;
  EXPECT_NEAR(draw(*device, 5, -1).mean, 5 * std::exp(v * v / 2), .01);
  EXPECT_NEAR(draw(*device, 5, -1).deviation, 5 * v, .01);
  EXPECT_EQ(draw(*device, 0, 1e8).mean, 0);
  // Ten years: 8.5 decades of 0.2 mV, each cell's loss ± 30 %.
  double shift = .2 * std::log10(1 + 3.15e8) / 38.8;
  double spread = std::sqrt(v * v + r * r + .09 * shift * shift);
  Sample old = draw(*device, 5, 3.15e8);
  EXPECT_NEAR(old.mean, 5 * std::exp(-shift + spread * spread / 2), .01);
  EXPECT_NEAR(old.deviation / old.mean, spread, .01 * spread + .001);
}

TEST(DeviceModel, PcmFieldsCanBeChanged) {
  auto quiet = make("pcm", {{"prog_scale", 0},
                            {"drift_scale", 0},
                            {"read_scale", 0},
                            {"g_max", 10}});
  EXPECT_EQ(quiet->gMax(), 10);
  EXPECT_EQ(quiet->fields().at("prog_scale"), 0);
  Sample s = draw(*quiet, 5, 1e6);
  EXPECT_EQ(s.mean, 5);
  EXPECT_EQ(s.deviation, 0);
  // σ_prog scales with the range it was fitted on.
  double full = .26348 + 1.9650 - 1.1731;
  EXPECT_NEAR(draw(*make("pcm", {{"g_max", 50}}), 50, -1).deviation, 2 * full,
              .03);
}

TEST(DeviceModel, RefusalsNameTheFieldAndWhatThereIs) {
  auto field = makeInferenceDevice("pcm", {{"g_maximum", 3}});
  ASSERT_FALSE(field);
  EXPECT_EQ(field.error().code, hybridc::ExitCode::InvalidInput);
  EXPECT_NE(field.error().message.find("g_maximum"), std::string::npos);
  EXPECT_NE(field.error().message.find("g_max,"), std::string::npos);
  auto range = makeInferenceDevice("pcm", {{"g_max", -1}});
  ASSERT_FALSE(range);
  EXPECT_NE(range.error().message.find("-1"), std::string::npos);
  EXPECT_FALSE(makeInferenceDevice("pcm", {{"g_max", std::nan("")}}));
  EXPECT_FALSE(makeInferenceDevice("pcm-hermes", {{"g_max", 25}}));
  EXPECT_FALSE(makeInferenceDevice("rram-cmo-hfox", {{"g_min", 100}}));
  EXPECT_FALSE(makeInferenceDevice("mram", {{"levels", 1}}));
}

} // namespace
