//===- Cells.cpp - Cells of all kinds, and with changed fields ------------===//
//
// inference_cells.csv: other devices, ages and fields than the tables that
// Devices.cpp reads; each row names the fields that it changes.
//
//===----------------------------------------------------------------------===//
#include "DeviceTable.h"

#include <sstream>

using namespace hybridc;
using namespace hybridc::validate;
using test::CsvRow;
using test::numberOf;

namespace {
constexpr size_t samples = 200000;
constexpr const char *peer = "aihwkit 1.1";

/// What one row is compared with.
struct Got {
  double mean = NAN, deviation = NAN;
};

/// A device with the fields of `settings`, all of its rows at once.
class Cells {
public:
  Cells(std::string device, const std::string &settings)
      : device(std::move(device)), settings(settings) {
    study.device = this->device;
    study.samples = samples;
    study.seed = 5;
    // Only cells are compared here, not the array behind the compensation.
    study.rows = study.cols = 4;
    std::istringstream words(settings);
    for (std::string word; words >> word;) {
      size_t at = word.find('=');
      study.params[word.substr(0, at)] = std::stod(word.substr(at + 1));
    }
  }

  bool isOf(const CsvRow &row) const {
    return row.at("device") == device && row.at("settings") == settings;
  }

  void add(const CsvRow &want) {
    Got got = measure(want);
    std::string quantity = want.at("quantity");
    std::string where = "g/g_max = " + want.at("level");
    if (!want.at("t_s").empty())
      where += ", " + want.at("t_s") + " s";
    double sigma = numberOf(want, "std");
    double chance = 3.5 * sigma * std::sqrt(1.0 / samples + 1e-6) + 1e-9;
    double level = numberOf(want, "mean");
    mean.add(level, got.mean, boundOf(level, 0.02, chance),
             quantity + ", " + where);
    spread.add(sigma, got.deviation, 0.02 * sigma + 1e-9,
               quantity + ", " + where);
  }

  void print(Rows &rows) const {
    std::string name = device;
    if (!settings.empty())
      name += " (" + settings + ")";
    rows.worst(peer, name + ", mean", "", mean);
    rows.worst(peer, name + ", standard deviation", "", spread);
  }

private:
  Got measure(const CsvRow &want) {
    const std::string &quantity = want.at("quantity");
    study.levels = {numberOf(want, "level")};
    bool isFresh = want.at("t_s").empty();
    study.ages = {isFresh ? 0 : numberOf(want, "t_s")};
    study.cells = quantity == "cell" ? exec::DeviceStudy::Cells::Single
                                     : exec::DeviceStudy::Cells::Default;
    auto table = isFresh ? exec::characterizeProgram(study)
                         : exec::characterizeDrift(study);
    if (!table || table->rows.empty())
      return {};
    size_t row = table->rows.size() - 1;
    bool drifts = table->column("g_prog_mean_uS") >= 0;
    if (quantity == "exponent")
      return {cellOf(*table, row, "nu_mean"), cellOf(*table, row, "nu_std")};
    if (quantity == "programmed" && drifts)
      return {cellOf(*table, row, "g_prog_mean_uS"),
              cellOf(*table, row, "g_prog_std_uS")};
    return {cellOf(*table, row, "mean"), cellOf(*table, row, "std")};
  }

  std::string device, settings;
  exec::DeviceStudy study;
  Points mean, spread;
};
} // namespace

void validate::checkInferenceCells(Rows &rows) {
  auto want = test::readDeviceCsv("inference_cells.csv");
  if (want.size() != 185)
    return rows.failed(peer, "cells", "no 185 rows to compare with");
  for (size_t i = 0; i < want.size();) {
    Cells cells(want[i].at("device"), want[i].at("settings"));
    for (; i < want.size() && cells.isOf(want[i]); ++i)
      cells.add(want[i]);
    cells.print(rows);
  }
}
