//===- ValidationTest.cpp - Every row within its bound --------------------===//
#include "Validate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

using namespace hybridc::validate;

namespace {

class Validation : public testing::TestWithParam<size_t> {};

TEST_P(Validation, IsWithinItsBounds) {
  const Area &area = areas()[GetParam()];
  const std::vector<Row> &rows = rowsOf(area);
  EXPECT_FALSE(rows.empty());
  for (const Row &row : rows) {
    std::printf("%s\n", textOf(row).c_str());
    EXPECT_TRUE(row.within()) << textOf(row);
  }
}

INSTANTIATE_TEST_SUITE_P(Areas, Validation,
                         testing::Range<size_t>(0, areas().size()),
                         [](const testing::TestParamInfo<size_t> &info) {
                           return std::string(areas()[info.param].name);
                         });

TEST(ValidationPage, IsUpToDate) {
  std::ifstream file(HYBRIDC_SOURCE_DIR "/docs/Validation.md");
  std::stringstream text;
  text << file.rdbuf();
  // Numbers are the same at any thread count.
  EXPECT_EQ(text.str(), markdown())
      << "run: build/bin/hybridc-validate --markdown > docs/Validation.md";
}

TEST(ValidationRows, BoundsHold) {
  Rows rows;
  rows.relative("s", "q", "W", 100, 102, 0.02);
  rows.relative("s", "q", "W", 100, 102.1, 0.02);
  rows.absolute("s", "q", "K", 300, 300.1, 0.2);
  rows.absolute("s", "q", "K", 300, 299.7, 0.2);
  rows.exact("s", "q", "", 3, 3);
  rows.exact("s", "q", "", 3, 3.0000001);
  rows.atMost("s", "q", "W", 3, 2);
  rows.atMost("s", "q", "W", 3, 3.1);
  rows.atLeast("s", "q", "W", 3, 4);
  rows.atLeast("s", "q", "W", 3, 2);
  Points good, bad, none;
  good.add(10, 10.1, 0.2, "a");
  good.add(10, 10.15, 0.2, "b");
  rows.worst("s", "q", "", good);
  bad.add(10, 10, 0.2, "a");
  bad.add(10, NAN, 0.2, "b");
  bad.add(10, 10, 0.2, "c");
  rows.worst("s", "q", "", bad);
  rows.relative("s", "q", "", 0, 0, 0.1);
  rows.worst("s", "q", "", none);
  for (size_t i = 0; i < rows.all.size(); ++i)
    EXPECT_EQ(rows.all[i].within(), i % 2 == 0) << i << textOf(rows.all[i]);
  EXPECT_EQ(rows.all[10].quantity, "q: worst of 2, at b");
}

} // namespace
