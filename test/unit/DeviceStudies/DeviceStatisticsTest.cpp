//===- DeviceStatisticsTest.cpp - Tables of statistics --------------------===//
//
// Comparisons with peers are in test/validate/Devices.cpp and Mvm.cpp.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Studies/Characterize.h"

#include <gtest/gtest.h>

using namespace hybridc::exec;

namespace {

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
