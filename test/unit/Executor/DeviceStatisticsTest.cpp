//===- DeviceStatisticsTest.cpp - Cells and products against peers --------===//
//
// The tables in test/data/devices are outputs of IBM's aihwkit 1.1 on 10^6
// samples. Each comparison allows 2 % (3 % for products) or, where a value is
// small, what chance allows two such samples to differ.
//
//===----------------------------------------------------------------------===//

#include "DeviceCsv.h"
#include "hybridc/Executor/devices/Characterize.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace hybridc::exec;
using hybridc::test::CsvRow;
using hybridc::test::numberOf;
using hybridc::test::readDeviceCsv;

namespace {

constexpr size_t samples = 500000;

/// Prints the measured deviation beside the bound when it fails.
void expectMean(double got, double want, double deviation, const char *what) {
  double chance = 3.5 * deviation * std::sqrt(1.0 / samples + 1e-6);
  EXPECT_NEAR(got, want, std::max(0.02 * std::fabs(want), chance)) << what;
}
void expectDeviation(double got, double want, const char *what) {
  EXPECT_NEAR(got, want, 0.02 * want + 1e-9) << what;
}

double cell(const StatTable &table, size_t row, const char *column) {
  return table.rows.at(row).at(size_t(table.column(column))).number;
}

TEST(DeviceStatistics, PcmCellsAreAsThePeers) {
  auto want = readDeviceCsv("pcm_device_stats.csv");
  ASSERT_FALSE(want.empty());
  DeviceStudy study;
  study.samples = samples;
  auto table = characterizeProgram(study);
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_EQ(table->rows.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    const CsvRow &w = want[i];
    SCOPED_TRACE("level " + w.at("g_over_gmax"));
    EXPECT_NEAR(cell(*table, i, "g_target_uS"), numberOf(w, "g_target_uS"),
                1e-5);
    expectMean(cell(*table, i, "g_prog_mean_uS"), numberOf(w, "g_prog_mean_uS"),
               numberOf(w, "g_prog_std_uS"), "programmed mean");
    expectDeviation(cell(*table, i, "g_prog_std_uS"),
                    numberOf(w, "g_prog_std_uS"), "programmed spread");
    expectMean(cell(*table, i, "nu_mean"), numberOf(w, "nu_mean"),
               numberOf(w, "nu_std"), "drift exponent");
    expectDeviation(cell(*table, i, "nu_std"), numberOf(w, "nu_std"),
                    "its spread");
  }
}

TEST(DeviceStatistics, PcmPairsDriftAsThePeers) {
  auto want = readDeviceCsv("pcm_pair_stats.csv");
  ASSERT_FALSE(want.empty());
  DeviceStudy study;
  study.samples = samples;
  study.seed = 11;
  auto table = characterizeDrift(study);
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_EQ(table->rows.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    const CsvRow &w = want[i];
    SCOPED_TRACE(w.at("t_name") + ", w = " + w.at("w_over_wmax"));
    if (!w.at("t_inference_s").empty()) {
      EXPECT_EQ(cell(*table, i, "t_inference_s"), numberOf(w, "t_inference_s"));
    }
    double spread = numberOf(w, "std");
    expectMean(cell(*table, i, "mean"), numberOf(w, "mean"), spread, "mean");
    expectDeviation(cell(*table, i, "std"), spread, "std");
    EXPECT_NEAR(cell(*table, i, "gdc_alpha"), numberOf(w, "gdc_alpha"), 0.003);
    expectMean(cell(*table, i, "mean_gdc"), numberOf(w, "mean_gdc"),
               numberOf(w, "std_gdc"), "compensated mean");
    expectDeviation(cell(*table, i, "std_gdc"), numberOf(w, "std_gdc"),
                    "compensated std");
    expectDeviation(cell(*table, i, "pop_rel_l2"), numberOf(w, "pop_rel_l2"),
                    "error of a population");
    expectDeviation(cell(*table, i, "pop_rel_l2_gdc"),
                    numberOf(w, "pop_rel_l2_gdc"), "compensated error");
  }
}

TEST(DeviceStatistics, RramIsAsThePeers) {
  auto want = readDeviceCsv("reram_inference_stats.csv");
  ASSERT_FALSE(want.empty());
  DeviceStudy wan, cmo;
  wan.device = "rram-wan2022";
  wan.ages = {1};
  cmo.device = "rram-cmo-hfox";
  wan.samples = cmo.samples = samples;
  auto wanTable = characterizeDrift(wan);
  auto cmoTable = characterizeProgram(cmo);
  ASSERT_TRUE(wanTable && cmoTable);
  size_t wanRow = 0, cmoRow = 0;
  for (const CsvRow &w : want) {
    bool isWan = w.at("model").starts_with("Wan");
    const StatTable &table = isWan ? *wanTable : *cmoTable;
    size_t row = isWan ? wanRow++ : cmoRow++;
    SCOPED_TRACE(w.at("model") + ", level " + w.at("g_rel"));
    EXPECT_EQ(cell(table, row, "g_rel"), numberOf(w, "g_rel"));
    expectMean(cell(table, row, "mean"), numberOf(w, "mean"),
               numberOf(w, "std"), "mean");
    expectDeviation(cell(table, row, "std"), numberOf(w, "std"), "std");
  }
  EXPECT_EQ(wanRow, 8u);
  EXPECT_EQ(cmoRow, 8u);
}

/// The periphery that a row of mvm_error_256.csv names.
ArrayPeriphery peripheryOf(const std::string &name) {
  ArrayPeriphery p; // "Standard_IO_noBM"
  if (name.starts_with("default_IO")) {
    p.inRes = 1.0 / 126;
    p.outRes = 1.0 / 510;
    p.outBound = 12;
    p.outNoise = 0.06;
    p.boundManagement = true;
  } else if (name.starts_with("Standard_IO(")) {
    p.boundManagement = true;
  } else if (name != "Standard_IO_noBM") {
    p.inRes = p.outRes = p.outBound = p.outNoise = 0;
  }
  if (name == "Std_DAC_only")
    p.inRes = 1.0 / 254;
  if (name == "Std_ADC_only" || name == "Std_ADCbound_only")
    p.outBound = 10;
  if (name == "Std_ADC_only")
    p.outRes = 1.0 / 254;
  if (name == "Std_outnoise_only")
    p.outNoise = 0.04;
  if (name == "HWA_wnoise_only") {
    p.wNoise = 0.0175;
    p.weightNoise = WeightNoise::PcmRead;
  }
  if (name == "HWA_irdrop_only")
    p.irDrop = 1;
  return p;
}

TEST(DeviceStatistics, ProductsErrAsThePeers) {
  auto want = readDeviceCsv("mvm_error_256.csv");
  ASSERT_EQ(want.size(), 20u);
  for (size_t i = 0; i < want.size(); i += 2) {
    const std::string &name = want[i].at("io");
    SCOPED_TRACE(name);
    MvmStudy study;
    study.name = name;
    study.deviceNoise = false;
    study.array.periphery = peripheryOf(name);
    study.seeds = 4;
    auto table = characterizeMvm(study);
    ASSERT_TRUE(table) << table.error().message;
    for (size_t j = 0; j < 2; ++j) {
      double peer = numberOf(want[i + j], "rel_l2_mean");
      double got = cell(*table, j, "rel_l2_mean");
      EXPECT_EQ(table->rows[j][1].text, want[i + j].at("x_dist"));
      // Below that it is single precision, not the array.
      if (peer < 1e-6)
        EXPECT_LT(got, 1e-6);
      else
        EXPECT_NEAR(got, peer, 0.03 * peer) << want[i + j].at("x_dist");
    }
  }
}

TEST(DeviceStatistics, TablesReadBack) {
  DeviceStudy study;
  study.samples = 1000;
  study.levels = {0.5};
  auto table = characterizeProgram(study);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->csv().substr(0, 12), "g_over_gmax,");
  StatTable quoting;
  quoting.columns = {"a,b", "c"};
  quoting.rows = {{std::string("say \"x\""), StatCell()}, {0.1, 1e-300}};
  EXPECT_EQ(quoting.csv(), "\"a,b\",c\n\"say \"\"x\"\"\",\n0.1,1e-300\n");
}

TEST(DeviceStatistics, RefusesWhatHasNoMeaning) {
  DeviceStudy study;
  study.levels = {1.5};
  EXPECT_FALSE(characterizeProgram(study));
  study.levels = {0.5};
  study.ages = {-1};
  EXPECT_FALSE(characterizeDrift(study));
  study.ages = {1};
  study.samples = 0;
  EXPECT_FALSE(characterizeDrift(study));
  study.samples = 10;
  study.device = "flux";
  auto unknown = characterizeProgram(study);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("pcm-hermes"), std::string::npos);
  MvmStudy mvm;
  mvm.batch = 0;
  EXPECT_FALSE(characterizeMvm(mvm));
}

} // namespace
