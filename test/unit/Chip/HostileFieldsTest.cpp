//===- HostileFieldsTest.cpp - Every key and number of every preset -------===//
//
// Each key misspelt must be refused, at its place and naming the right one;
// each number made impossible is refused at its place, or accepted, and then
// nothing computed of the chip is infinite or missing.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <regex>

using namespace hybridc;
using namespace hybridc::chip;

namespace {

/// Where something stands in a text: offset and length, line and column.
struct Place {
  size_t at, size;
  int line, column;
  std::string text;
};

/// What `pattern`'s first group matches, outside of comments and quotes.
std::vector<Place> placesOf(const std::string &yaml, const char *pattern) {
  std::string bare = yaml;
  bool quoted = false, comment = false;
  for (char &c : bare) {
    if (c == '\n')
      comment = false;
    else if (c == '"' && !comment)
      quoted = !quoted;
    else if (c == '#' && !quoted)
      comment = true;
    if ((quoted || comment) && c != '\n')
      c = '~';
  }
  std::vector<Place> places;
  std::regex expression(pattern);
  for (std::sregex_iterator it(bare.begin(), bare.end(), expression), end;
       it != end; ++it) {
    size_t at = size_t(it->position(1));
    size_t start = bare.rfind('\n', at);
    int line = 1 + int(std::count(bare.begin(), bare.begin() + long(at), '\n'));
    int column = int(at - (start == std::string::npos ? 0 : start + 1)) + 1;
    places.push_back({at, size_t(it->length(1)), line, column, it->str(1)});
  }
  return places;
}

std::string with(const std::string &yaml, const Place &place,
                 const std::string &text) {
  std::string out = yaml;
  return out.replace(place.at, place.size, text);
}

/// Costs of some work on each engine: finite, and at least one cycle.
void expectCostsAreFinite(const Chip &chip, const std::string &what) {
  std::vector<Work> all(4);
  all[0].kind = WorkKind::Matrix;
  all[0].engine = "mac";
  all[0].format = "i8";
  all[0].m = all[0].n = all[0].k = 100;
  all[0].kernelH = all[0].kernelW = 3;
  all[0].outH = all[0].outW = 10;
  all[1].kind = WorkKind::Vector;
  all[1].format = "f32";
  all[1].elements = 1000;
  all[1].specialPerElement = 1;
  all[2].kind = WorkKind::Transfer;
  all[2].dramReadBytes = all[2].sramWriteBytes = 100000;
  all[2].runs = 100;
  all[3].kind = WorkKind::Control;
  all[3].elements = 100;
  for (const ArrayKind &array : chip.arrays)
    for (WorkKind kind : {WorkKind::Analog, WorkKind::ProgramArray}) {
      Work work;
      work.kind = kind;
      work.engine = array.name;
      work.format = "f32";
      work.vectors = 10;
      work.slices = array.slices;
      work.arrays = {{array.rows, array.cols}};
      all.push_back(work);
    }
  for (const Work &work : all) {
    Cost c = cost(chip, work);
    EXPECT_GE(c.cycles, 1u) << what;
    EXPECT_TRUE(std::isfinite(c.totalEnergy_pj())) << what;
    EXPECT_TRUE(std::isfinite(c.utilization)) << what;
  }
}

class HostileFields : public testing::TestWithParam<std::string> {};

TEST_P(HostileFields, MisspeltKeysAreRefusedAndNamed) {
  std::string yaml(presetYaml(GetParam()));
  auto keys = placesOf(yaml, R"((?:^|[\n{,]|- )\s*([a-z][a-z0-9_.]*):)");
  ASSERT_GT(keys.size(), 25u);
  bool inDeviceParams = false;
  for (const Place &key : keys) {
    inDeviceParams |= key.text == "device_params";
    // A letter twice, a letter less, and two exchanged.
    std::string twice = key.text + key.text.back();
    std::string less = key.text.substr(0, key.text.size() - 1);
    std::string exchanged = key.text;
    if (exchanged.size() > 2)
      std::swap(exchanged[1], exchanged[2]);
    for (const std::string &wrong : {twice, less, exchanged}) {
      if (wrong.empty() || wrong == key.text)
        continue;
      auto chip = parseChip(with(yaml, key, wrong), "t.yaml");
      // "i1" of "i16" and the like may be another known key.
      if (chip) {
        ADD_FAILURE() << key.line << ": '" << wrong << "' for '" << key.text
                      << "' was accepted";
        continue;
      }
      const std::string &message = chip.error().message;
      EXPECT_EQ(chip.error().code, ExitCode::InvalidInput);
      if (wrong.find('.') == std::string::npos && wrong.size() > 3) {
        EXPECT_TRUE(message.starts_with("t.yaml:" + std::to_string(key.line) +
                                        ":" + std::to_string(key.column) +
                                        ": "))
            << wrong << ": " << message;
        // "sink_" is as near to sink_k as to sink_c.
        std::string meant =
            wrong == less ? "did you mean '" + less : "'" + key.text + "'";
        EXPECT_NE(message.find(meant), std::string::npos)
            << wrong << ": " << message;
      } else {
        EXPECT_TRUE(message.starts_with("t.yaml:")) << message;
      }
    }
  }
}

TEST_P(HostileFields, ImpossibleNumbersAreRefusedOrHarmless) {
  std::string yaml(presetYaml(GetParam()));
  auto numbers = placesOf(
      yaml, R"([a-z0-9_]+:\s+(-?[0-9][0-9.]*(?:e[-+]?[0-9]+)?)(?=[\s,}]))");
  ASSERT_GT(numbers.size(), 20u);
  unsigned refused = 0, accepted = 0;
  for (const Place &number : numbers)
    for (const char *wrong :
         {"-1",   "-1e300", "0",     "1e-300", "1e18",
          "1e30", "1e300",  "1e999", "nan",    "inf",
          ".inf", "1.5",    "0x10",  "text",   "\"1\"",
          "[1]",  "{a: 1}", "~",     "true",   "18446744073709551616"}) {
      std::string what = GetParam() + ":" + std::to_string(number.line) + ": " +
                         wrong + " for " + number.text;
      auto chip = parseChip(with(yaml, number, wrong), "t.yaml");
      if (!chip) {
        ++refused;
        EXPECT_EQ(chip.error().code, ExitCode::InvalidInput);
        EXPECT_TRUE(chip.error().message.starts_with("t.yaml:")) << what;
        continue;
      }
      ++accepted;
      expectCostsAreFinite(*chip, what);
      auto again = parseChip(printChip(*chip), "printed");
      ASSERT_TRUE(bool(again)) << what << ": " << again.error().message;
      EXPECT_EQ(*again, *chip) << what;
    }
  EXPECT_GT(refused, numbers.size() * 8);
  std::printf("%u impossible values refused, %u extreme ones accepted\n",
              refused, accepted);
}

INSTANTIATE_TEST_SUITE_P(Presets, HostileFields,
                         testing::ValuesIn(presetNames()),
                         [](const testing::TestParamInfo<std::string> &info) {
                           std::string name = info.param;
                           for (char &c : name)
                             if (c == '-')
                               c = '_';
                           return name;
                         });

} // namespace
