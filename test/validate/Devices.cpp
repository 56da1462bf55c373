//===- Devices.cpp - Cells against aihwkit's ------------------------------===//
#include "DeviceTable.h"

using namespace hybridc;
using namespace hybridc::validate;
using test::CsvRow;
using test::numberOf;

namespace {
constexpr size_t samples = 500000;
constexpr const char *peer = "aihwkit 1.1";

/// Mean and spread of one quantity over the rows of a table.
struct Moments {
  Points mean, spread;

  void add(double wantMean, double gotMean, double wantSpread, double gotSpread,
           const std::string &where) {
    double chance = 3.5 * wantSpread * std::sqrt(1.0 / samples + 1e-6) + 1e-9;
    mean.add(wantMean, gotMean, boundOf(wantMean, 0.02, chance), where);
    spread.add(wantSpread, gotSpread, 0.02 * wantSpread + 1e-9, where);
  }
  void print(Rows &rows, const std::string &what, const std::string &unit) {
    rows.worst(peer, what + ", mean", unit, mean);
    rows.worst(peer, what + ", standard deviation", unit, spread);
  }
};
} // namespace

static void checkPcmCells(Rows &rows) {
  auto want = test::readDeviceCsv("pcm_device_stats.csv");
  exec::DeviceStudy study;
  study.samples = samples;
  auto table = exec::characterizeProgram(study);
  if (!table || table->rows.size() != want.size())
    return rows.failed(peer, "PCM cells",
                       table ? "other levels" : table.error().message);
  Points target;
  Moments programmed, exponent;
  for (size_t i = 0; i < want.size(); ++i) {
    const CsvRow &w = want[i];
    std::string where = "g/g_max = " + w.at("g_over_gmax");
    target.add(numberOf(w, "g_target_uS"), cellOf(*table, i, "g_target_uS"),
               1e-5, where);
    programmed.add(numberOf(w, "g_prog_mean_uS"),
                   cellOf(*table, i, "g_prog_mean_uS"),
                   numberOf(w, "g_prog_std_uS"),
                   cellOf(*table, i, "g_prog_std_uS"), where);
    exponent.add(numberOf(w, "nu_mean"), cellOf(*table, i, "nu_mean"),
                 numberOf(w, "nu_std"), cellOf(*table, i, "nu_std"), where);
  }
  rows.worst(peer, "PCM, conductance aimed at", "µS", target);
  programmed.print(rows, "PCM, conductance programmed", "µS");
  exponent.print(rows, "PCM, drift exponent", "");
}

static void checkPcmPairs(Rows &rows) {
  auto want = test::readDeviceCsv("pcm_pair_stats.csv");
  exec::DeviceStudy study;
  study.samples = samples;
  study.seed = 11;
  auto table = exec::characterizeDrift(study);
  if (!table || table->rows.size() != want.size())
    return rows.failed(peer, "pairs of PCM cells",
                       table ? "other ages" : table.error().message);
  Moments plain, compensated;
  Points alpha, population, populationGdc;
  for (size_t i = 0; i < want.size(); ++i) {
    const CsvRow &w = want[i];
    std::string where = w.at("t_name") + ", w = " + w.at("w_over_wmax");
    // A row of another age must not pass for this one.
    if (!w.at("t_inference_s").empty() &&
        cellOf(*table, i, "t_inference_s") != numberOf(w, "t_inference_s"))
      return rows.failed(peer, "pairs of PCM cells", "other ages");
    auto got = [&](const char *column) { return cellOf(*table, i, column); };
    plain.add(numberOf(w, "mean"), got("mean"), numberOf(w, "std"), got("std"),
              where);
    compensated.add(numberOf(w, "mean_gdc"), got("mean_gdc"),
                    numberOf(w, "std_gdc"), got("std_gdc"), where);
    alpha.add(numberOf(w, "gdc_alpha"), got("gdc_alpha"), 0.003, where);
    double error = numberOf(w, "pop_rel_l2");
    population.add(error, got("pop_rel_l2"), 0.02 * error, where);
    error = numberOf(w, "pop_rel_l2_gdc");
    populationGdc.add(error, got("pop_rel_l2_gdc"), 0.02 * error, where);
  }
  plain.print(rows, "PCM pair, aged", "");
  compensated.print(rows, "PCM pair, aged and compensated", "");
  rows.worst(peer, "global drift compensation, α", "", alpha);
  rows.worst(peer, "relative error of 512 × 512 weights, aged", "", population);
  rows.worst(peer, "relative error of 512 × 512 weights, compensated", "",
             populationGdc);
}

static void checkRram(Rows &rows) {
  auto want = test::readDeviceCsv("reram_inference_stats.csv");
  exec::DeviceStudy wan, cmo;
  wan.device = "rram-wan2022";
  wan.ages = {1};
  cmo.device = "rram-cmo-hfox";
  wan.samples = cmo.samples = samples;
  auto wanTable = exec::characterizeDrift(wan);
  auto cmoTable = exec::characterizeProgram(cmo);
  if (!wanTable || !cmoTable)
    return rows.failed(peer, "RRAM cells",
                       (wanTable ? cmoTable : wanTable).error().message);
  Moments wanCells, cmoCells;
  size_t wanRow = 0, cmoRow = 0;
  for (const CsvRow &w : want) {
    bool isWan = w.at("model").starts_with("Wan");
    const exec::StatTable &table = isWan ? *wanTable : *cmoTable;
    size_t row = isWan ? wanRow++ : cmoRow++;
    if (cellOf(table, row, "g_rel") != numberOf(w, "g_rel"))
      return rows.failed(peer, "RRAM cells", "other levels");
    (isWan ? wanCells : cmoCells)
        .add(numberOf(w, "mean"), cellOf(table, row, "mean"),
             numberOf(w, "std"), cellOf(table, row, "std"),
             "g/g_max = " + w.at("g_rel"));
  }
  wanCells.print(rows, "RRAM (Wan 2022), after 1 s", "");
  cmoCells.print(rows, "RRAM (CMO/HfOx), programmed", "");
}

void validate::checkDevices(Rows &rows) {
  checkPcmCells(rows);
  checkPcmPairs(rows);
  checkRram(rows);
  checkInferenceCells(rows);
}
