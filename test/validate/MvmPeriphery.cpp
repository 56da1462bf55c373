//===- MvmPeriphery.cpp - Every field of the periphery against aihwkit ----===//
//
// mvm_periphery.csv names the fields as a target's `periphery` does, so the
// way from a description to the array is compared, too.
//
//===----------------------------------------------------------------------===//
#include "DeviceTable.h"
#include "hybridc/Chip/Chip.h"
#include "hybridc/Devices/OfChip.h"

#include <algorithm>
#include <iterator>
#include <sstream>

using namespace hybridc;
using namespace hybridc::validate;
using test::numberOf;

/// Of "in_res=0.004 noise_management=none …"; managements are a switch and a
/// type in a description.
static Result<exec::ArrayPeriphery> peripheryOf(chip::Chip chip,
                                                const std::string &settings) {
  std::string array = "arrays." + chip.arrays.at(0).name + ".periphery.";
  chip.arrays.at(0).periphery = {};
  std::istringstream text(settings);
  std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
  // A weight noise without its type is refused.
  std::stable_partition(words.begin(), words.end(), [](const auto &word) {
    return word.find("_type=") != std::string::npos;
  });
  for (const std::string &word : words) {
    size_t at = word.find('=');
    std::string name = word.substr(0, at), value = word.substr(at + 1);
    std::string path = array + name;
    if (name.ends_with("_management")) {
      bool isOn = value != "none";
      if (Status s = chip::setField(chip, path, isOn ? "true" : "false"); !s)
        return s.error();
      if (!isOn)
        continue;
      path += "_type";
    }
    if (Status s = chip::setField(chip, path, value); !s)
      return s.error();
  }
  return exec::peripheryOf(chip.arrays.at(0));
}

/// Without what all rows say and what is at its default.
static std::string shortened(const std::string &settings) {
  std::string out;
  std::istringstream words(settings);
  for (std::string word; words >> word;) {
    bool isPlain = word == "bound_management=none" ||
                   word == "noise_management=abs_max" ||
                   word.ends_with("_res=0") || word == "out_bound=0" ||
                   word == "out_noise=0";
    if (isPlain)
      continue;
    size_t dot = word.find('.');
    if (dot != std::string::npos && word.size() > dot + 5)
      word.resize(dot + 5);
    out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

void validate::checkPeripheryFields(Rows &rows) {
  auto want = test::readDeviceCsv("mvm_periphery.csv");
  auto chip = chip::loadChip("hybrid-edge");
  if (want.size() != 60 || !chip)
    return rows.failed("aihwkit 1.1", "products", "no 60 rows to compare with");
  for (size_t i = 0; i < want.size(); i += 2) {
    const std::string &settings = want[i].at("settings");
    std::string name = shortened(settings);
    auto periphery = peripheryOf(*chip, settings);
    exec::MvmStudy study;
    study.deviceNoise = false;
    study.array.rows = uint32_t(numberOf(want[i], "rows"));
    study.array.cols = uint32_t(numberOf(want[i], "cols"));
    study.batch = 250;
    study.seeds = 8;
    study.seed = 40;
    if (periphery)
      study.array.periphery = *periphery;
    auto table = periphery ? exec::characterizeMvm(study)
                           : Result<exec::StatTable>(periphery.error());
    if (!table) {
      rows.failed("aihwkit 1.1", name, table.error().message);
      continue;
    }
    for (size_t j = 0; j < 2; ++j) {
      double error = numberOf(want[i + j], "rel_l2_mean");
      // Both are means over 8 seeds; columns of their own differ between them.
      double chance = 3.5 *
                      std::hypot(numberOf(want[i + j], "rel_l2_std_over_seeds"),
                                 cellOf(*table, j, "rel_l2_std_over_seeds")) /
                      std::sqrt(8.0);
      rows.relative("aihwkit 1.1", name + ", " + want[i + j].at("x_dist"), "",
                    error, cellOf(*table, j, "rel_l2_mean"),
                    std::max(0.03, chance / error));
    }
  }
}
