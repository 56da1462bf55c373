//===- DeviceTrainingTest.cpp - Pulsed cells and updates ------------------===//
//
// device_pulse_response.csv and stochastic_update_stats.csv are outputs of
// IBM's aihwkit 1.1.
//
//===----------------------------------------------------------------------===//

#include "../../../lib/Executor/devices/Vectorize.h"
#include "DeviceCsv.h"
#include "hybridc/Executor/devices/Characterize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

using namespace hybridc::exec;
using hybridc::test::CsvRow;
using hybridc::test::numberOf;
using hybridc::test::readDeviceCsv;

namespace {

double cell(const StatTable &table, size_t row, const char *column) {
  return table.rows.at(row).at(size_t(table.column(column))).number;
}

const std::map<std::string, std::string> presetOf = {
    {"ReRamSBPresetDevice", "rram-sb"},
    {"EcRamPresetDevice", "ecram-li"},
    {"CapacitorPresetDevice", "capacitor"},
    {"IdealizedPresetDevice", "idealized"},
    {"GokmenVlasovPresetDevice", "gokmen-vlasov"},
    {"ReRamArrayOMPresetDevice", "rram-om"},
};

class DevicePulses : public testing::TestWithParam<std::string> {};

TEST_P(DevicePulses, RespondAsThePeers) {
  std::vector<CsvRow> want;
  for (const CsvRow &row : readDeviceCsv("device_pulse_response.csv"))
    if (row.at("device") == GetParam())
      want.push_back(row);
  ASSERT_FALSE(want.empty());
  PulseStudy study;
  study.device = presetOf.at(GetParam());
  study.samples = 12800;
  for (const CsvRow &row : want)
    if (row.at("mode") == "mean_det" && row.at("direction") == "up")
      study.pulses.push_back(uint32_t(numberOf(row, "n_pulses")));
  auto table = characterizePulses(study);
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_EQ(table->rows.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    const CsvRow &w = want[i];
    SCOPED_TRACE(w.at("mode") + " " + w.at("direction") + " " +
                 w.at("n_pulses"));
    EXPECT_EQ(table->rows[i][1].text, w.at("mode"));
    EXPECT_EQ(table->rows[i][2].text, w.at("direction"));
    EXPECT_EQ(cell(*table, i, "n_pulses"), numberOf(w, "n_pulses"));
    double mean = numberOf(w, "w_mean"), spread = numberOf(w, "w_std");
    if (w.at("mode") == "mean_det") {
      EXPECT_NEAR(cell(*table, i, "w_mean"), mean, 1e-4);
      continue;
    }
    // The peer's numbers scatter about the law (the plain spread of a first
    // pulse, for one) as a sample of some 1500 cells would; that counts too.
    double chance = 3 * std::sqrt(1.0 / 1500 + 1.0 / double(study.samples));
    EXPECT_NEAR(cell(*table, i, "w_mean"), mean,
                0.02 * std::fabs(mean) + chance * spread);
    EXPECT_NEAR(cell(*table, i, "w_std"), spread,
                (0.02 + chance) * spread + 1e-7);
    if (w.at("persistent_mean") != "nan") {
      double held = numberOf(w, "persistent_std");
      EXPECT_NEAR(cell(*table, i, "persistent_mean"),
                  numberOf(w, "persistent_mean"),
                  0.02 * std::fabs(mean) + chance * held);
      EXPECT_NEAR(cell(*table, i, "persistent_std"), held,
                  (0.02 + chance) * held);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Presets, DevicePulses,
    testing::Values("ReRamSBPresetDevice", "EcRamPresetDevice",
                    "CapacitorPresetDevice", "IdealizedPresetDevice",
                    "GokmenVlasovPresetDevice", "ReRamArrayOMPresetDevice"));

TEST(DeviceTraining, UpdatesAreAsThePeers) {
  auto want = readDeviceCsv("stochastic_update_stats.csv");
  ASSERT_EQ(want.size(), 15u);
  UpdateStudy study;
  study.samples = 400000;
  auto table = characterizeUpdates(study);
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_EQ(table->rows.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    const CsvRow &w = want[i];
    SCOPED_TRACE("x " + w.at("x") + " d " + w.at("d") + " lr " + w.at("lr"));
    EXPECT_EQ(cell(*table, i, "x"), numberOf(w, "x"));
    EXPECT_EQ(cell(*table, i, "lr"), numberOf(w, "lr"));
    double mean = numberOf(w, "dw_mean"), spread = numberOf(w, "dw_std");
    // The smallest products pulse 3 times in 100: the peer's few thousand
    // samples leave its mean 5 % uncertain there.
    double chance = 4 * spread / std::sqrt(4000.0);
    EXPECT_NEAR(cell(*table, i, "dw_mean"), mean, 0.02 * mean + chance);
    EXPECT_NEAR(cell(*table, i, "dw_std"), spread, 0.08 * spread + 1e-8);
    // And against the binomial law itself. 16 rows share 16 columns' trains,
    // so of the samples one in 16 is independent.
    double lr = numberOf(w, "lr");
    PulseTrains t = planTrains(study.rule, lr, 1, 1, study.dwMin);
    double p = std::min(1.0, t.rowScale * numberOf(w, "x")) *
               std::min(1.0, t.colScale * numberOf(w, "d"));
    double law = std::sqrt(t.length * p * (1 - p)) * study.dwMin;
    EXPECT_NEAR(cell(*table, i, "dw_mean"), t.length * p * study.dwMin,
                4 * law / std::sqrt(double(study.samples) / 16) + 1e-8);
    EXPECT_NEAR(cell(*table, i, "dw_std"), law, 0.02 * law + 1e-8);
  }
}

TEST(DeviceTraining, TrainsFollowTheirFormula) {
  // k = .05 / .001 = 50 pulses, cut to 31; the column takes the surplus.
  PulseTrains t = planTrains({}, 0.05, 1, 1, 0.001);
  EXPECT_EQ(t.length, 31u);
  EXPECT_NEAR(t.rowScale, 1, 1e-9);
  EXPECT_NEAR(t.colScale, std::sqrt(50.0 / 31) * std::sqrt(50.0 / 31), 1e-9);
  EXPECT_EQ(planTrains({}, 0.0101, 1, 1, 0.001).length, 11u);
  EXPECT_EQ(planTrains({}, 0, 1, 1, 0.001).length, 0u);
  EXPECT_EQ(planTrains({}, 0.1, 0, 1, 0.001).length, 0u);
  UpdateRule fixed{10, false, false};
  PulseTrains f = planTrains(fixed, 0.01, 0.3, 2, 0.001);
  EXPECT_EQ(f.length, 10u);
  EXPECT_NEAR(f.rowScale, 1, 1e-12);
  EXPECT_NEAR(f.colScale, 1, 1e-12);
}

/// A cell of each law without variation, pulsed up once at w.
float stepAt(PulsedDevice device, float w, int32_t count = 1) {
  auto array = PulsedArray::create(device.withoutVariation(), 1, 1, {1, 1});
  EXPECT_TRUE(array);
  array->setWeights(std::vector<float>{w}, 0);
  array->pulse(std::vector<int32_t>{count}, 1);
  return array->weights()[0] - w;
}

TEST(DeviceTraining, LawsFollowTheirFormulas) {
  auto es = makePulsedDevice("rram-es");
  ASSERT_TRUE(es);
  for (double w : {-0.5, 0.0, 0.7}) {
    double z = 2 * w * -.5 / 2 - .5;
    double up = std::max(1 + 1.18445 * std::exp(5 * z), 0.0) * .00135;
    double down =
        std::max(1 + .081404 * std::exp(-5 * z), 0.0) * (1 - .259359) * .00135;
    EXPECT_NEAR(stepAt(*es, float(w)), up, 2e-7);
    EXPECT_NEAR(stepAt(*es, float(w), -1), -down, 2e-7);
  }
  PulsedDevice power;
  power.law = StepLaw::Power;
  power.dwMin = .01, power.wMax = 1, power.wMin = -1;
  power.gammaUp = power.gammaDown = 2;
  EXPECT_NEAR(stepAt(power, .5f), .01 * .25 * .25, 1e-7);
  EXPECT_NEAR(stepAt(power, .5f, -1), -.01 * .75 * .75, 1e-7);
  EXPECT_EQ(stepAt(power, 1.0f), 0.0f);
  PulsedDevice pieces = power;
  pieces.law = StepLaw::Piecewise;
  pieces.nodesUp = {2, 1, 0};
  pieces.nodesDown = {1};
  EXPECT_NEAR(stepAt(pieces, -.5f), .01 * 1.5, 1e-7);
  EXPECT_NEAR(stepAt(pieces, .75f), .01 * .25, 1e-7);
  EXPECT_EQ(stepAt(pieces, 1.0f), 0.0f);
  EXPECT_NEAR(stepAt(pieces, .75f, -1), -.01, 1e-7);
}

TEST(DeviceTraining, SymmetryPointIsSubtracted) {
  auto device = makePulsedDevice("rram-om", {{"up_down_dtod", 0.2},
                                             {"reference_std", 0},
                                             {"dw_min_std", 0},
                                             {"write_noise", 0},
                                             {"dw_min", 0.005},
                                             {"w_min_dtod", 0.1},
                                             {"w_max_dtod", 0.1}});
  ASSERT_TRUE(device);
  auto array = PulsedArray::create(*device, 20, 20, {3, 3});
  ASSERT_TRUE(array);
  // Alternating pulses drive every cell to its symmetry point, which is 0 in
  // the weight that the reference was subtracted from.
  std::vector<int32_t> up(400, 1), down(400, -1);
  for (uint64_t i = 0; i < 3000; ++i) {
    array->pulse(up, 2 * i);
    array->pulse(down, 2 * i + 1);
  }
  double worst = 0, mean = 0;
  for (float w : array->weights()) {
    worst = std::max(worst, std::fabs(double(w)));
    mean += w / 400;
  }
  // A cycle ends on a downward pulse, half a step below the point.
  EXPECT_LT(worst, 0.05);
  EXPECT_LT(std::fabs(mean), 0.01);
}

TEST(DeviceTraining, DecayAndReset) {
  auto device =
      makePulsedDevice("capacitor", {{"lifetime", 10}, {"lifetime_dtod", 0}});
  ASSERT_TRUE(device);
  auto array = PulsedArray::create(device->withoutVariation(), 2, 3, {1, 1});
  ASSERT_TRUE(array);
  array->setWeights(std::vector<float>(6, .5f), 0);
  array->decay(1);
  for (float w : array->weights())
    EXPECT_FLOAT_EQ(w, .45f);
  array->reset(1, 1, 2);
  EXPECT_EQ(array->weights()[1], 0.0f);
  EXPECT_EQ(array->weights()[4], 0.0f);
  EXPECT_FLOAT_EQ(array->weights()[2], .45f);
}

TEST(DeviceTraining, MachinesGiveTheSameBits) {
  using hybridc::exec::detail::VectorLevel;
  VectorLevel best = detail::vectorLevel();
  for (const std::string &name : pulsedDeviceNames()) {
    auto device = makePulsedDevice(name);
    ASSERT_TRUE(device);
    std::vector<std::vector<float>> results;
    for (VectorLevel level : {VectorLevel::Base, VectorLevel::V3, best}) {
      detail::setVectorLevel(level);
      auto array = PulsedArray::create(*device, 5, 70, {7, 7});
      ASSERT_TRUE(array);
      std::vector<float> x = {1, -.5f, .25f, 0, 1}, d(70, .3f);
      for (uint64_t i = 0; i < 10; ++i)
        array->update(x, d, 0.02, {}, i);
      auto w = array->weights();
      results.emplace_back(w.begin(), w.end());
    }
    detail::setVectorLevel(best);
    EXPECT_EQ(results[0], results[1]) << name;
    EXPECT_EQ(results[0], results[2]) << name;
  }
}

TEST(DeviceTraining, LearnsALinearMap) {
  auto device = makePulsedDevice("idealized");
  ASSERT_TRUE(device);
  auto array = PulsedArray::create(*device, 8, 4, {5, 5});
  ASSERT_TRUE(array);
  std::vector<float> goal(32), x(8), d(4), u(8);
  uniforms({5, 6}, 0, goal.data(), 32);
  for (float &g : goal)
    g = .8f * g - .4f;
  for (uint64_t step = 0; step < 4000; ++step) {
    uniforms({5, 7}, step * 8, u.data(), 8);
    for (size_t k = 0; k < 8; ++k)
      x[k] = 2 * u[k] - 1;
    for (size_t n = 0; n < 4; ++n) {
      d[n] = 0;
      for (size_t k = 0; k < 8; ++k)
        d[n] += x[k] * (array->weights()[k * 4 + n] - goal[k * 4 + n]);
    }
    array->update(x, d, 0.05, {}, step);
  }
  double error = 0, norm = 0;
  for (size_t i = 0; i < 32; ++i) {
    error += std::pow(array->weights()[i] - goal[i], 2);
    norm += goal[i] * goal[i];
  }
  EXPECT_LT(std::sqrt(error / norm), 0.02);
}

TEST(DeviceTraining, Refusals) {
  EXPECT_FALSE(makePulsedDevice("abacus"));
  auto field = makePulsedDevice("rram-sb", {{"dwmin", 1}});
  ASSERT_FALSE(field);
  EXPECT_NE(field.error().message.find("dw_min,"), std::string::npos);
  EXPECT_FALSE(makePulsedDevice("rram-sb", {{"dw_min", 0}}));
  EXPECT_FALSE(makePulsedDevice("rram-sb", {{"enforce_consistency", .5}}));
  auto device = makePulsedDevice("rram-sb");
  ASSERT_TRUE(device);
  EXPECT_FALSE(PulsedArray::create(*device, 0, 3, {}));
  EXPECT_FALSE(PulsedArray::create(*device, 1 << 20, 1 << 20, {}));
  PulseStudy study;
  study.pulses = {5, 2};
  EXPECT_FALSE(characterizePulses(study));
  UpdateStudy update;
  update.dwMin = 0;
  EXPECT_FALSE(characterizeUpdates(update));
}

} // namespace
