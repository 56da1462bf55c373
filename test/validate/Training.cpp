//===- Training.cpp - Pulsed cells and updates against aihwkit's ----------===//
#include "DeviceTable.h"

using namespace hybridc;
using namespace hybridc::validate;
using test::CsvRow;
using test::numberOf;

static constexpr const char *peer = "aihwkit 1.1";

static void checkPulses(Rows &rows, const std::string &theirs,
                        const std::string &ours) {
  std::vector<CsvRow> want;
  for (const CsvRow &row : test::readDeviceCsv("device_pulse_response.csv"))
    if (row.at("device") == theirs)
      want.push_back(row);
  exec::PulseStudy study;
  study.device = ours;
  study.samples = 12800;
  for (const CsvRow &row : want)
    if (row.at("mode") == "mean_det" && row.at("direction") == "up")
      study.pulses.push_back(uint32_t(numberOf(row, "n_pulses")));
  auto table = exec::characterizePulses(study);
  if (!table || table->rows.size() != want.size())
    return rows.failed(peer, ours,
                       table ? "other pulses" : table.error().message);
  Points exact(true), mean, spread, heldMean, heldSpread;
  bool hasHeld = false;
  for (size_t i = 0; i < want.size(); ++i) {
    const CsvRow &w = want[i];
    auto got = [&](const char *column) { return cellOf(*table, i, column); };
    std::string where = w.at("n_pulses") + " pulses " + w.at("direction");
    if (table->rows[i][1].text != w.at("mode") ||
        table->rows[i][2].text != w.at("direction") ||
        got("n_pulses") != numberOf(w, "n_pulses"))
      return rows.failed(peer, ours, "other pulses");
    double wantMean = numberOf(w, "w_mean"), wantSpread = numberOf(w, "w_std");
    if (w.at("mode") == "mean_det") {
      exact.add(wantMean, got("w_mean"), 1e-4, where);
      continue;
    }
    // The peer's numbers scatter about the law (the plain spread of a first
    // pulse, for one) as a sample of some 1500 cells would; that counts too.
    double chance = 3 * std::sqrt(1.0 / 1500 + 1.0 / double(study.samples));
    mean.add(wantMean, got("w_mean"),
             0.02 * std::fabs(wantMean) + chance * wantSpread, where);
    spread.add(wantSpread, got("w_std"), (0.02 + chance) * wantSpread + 1e-7,
               where);
    if (w.at("persistent_mean") == "nan")
      continue;
    hasHeld = true;
    double held = numberOf(w, "persistent_std");
    heldMean.add(numberOf(w, "persistent_mean"), got("persistent_mean"),
                 0.02 * std::fabs(wantMean) + chance * held, where);
    heldSpread.add(held, got("persistent_std"), (0.02 + chance) * held, where);
  }
  rows.worst(peer, ours + ", weight without noise", "", exact);
  rows.worst(peer, ours + ", weight, mean", "", mean);
  rows.worst(peer, ours + ", weight, standard deviation", "", spread);
  if (!hasHeld)
    return;
  rows.worst(peer, ours + ", weight before write noise, mean", "", heldMean);
  rows.worst(peer, ours + ", weight before write noise, standard deviation", "",
             heldSpread);
}

static void checkUpdates(Rows &rows) {
  auto want = test::readDeviceCsv("stochastic_update_stats.csv");
  exec::UpdateStudy study;
  study.samples = 400000;
  auto table = exec::characterizeUpdates(study);
  if (!table || table->rows.size() != want.size())
    return rows.failed(peer, "updates",
                       table ? "other updates" : table.error().message);
  Points mean, spread, lawMean, lawSpread;
  for (size_t i = 0; i < want.size(); ++i) {
    const CsvRow &w = want[i];
    auto got = [&](const char *column) { return cellOf(*table, i, column); };
    double x = numberOf(w, "x"), d = numberOf(w, "d"), lr = numberOf(w, "lr");
    if (got("x") != x || got("d") != d || got("lr") != lr)
      return rows.failed(peer, "updates", "other updates");
    std::string where =
        "x " + w.at("x") + ", d " + w.at("d") + ", rate " + w.at("lr");
    double wantMean = numberOf(w, "dw_mean");
    double wantSpread = numberOf(w, "dw_std");
    // The smallest products pulse 3 times in 100: the peer's few thousand
    // samples leave its mean 5 % uncertain there.
    double chance = 4 * wantSpread / std::sqrt(4000.0);
    mean.add(wantMean, got("dw_mean"), 0.02 * wantMean + chance, where);
    spread.add(wantSpread, got("dw_std"), 0.08 * wantSpread + 1e-8, where);
    // And against the binomial law itself. 16 rows share 16 columns' trains,
    // so of the samples one in 16 is independent.
    exec::PulseTrains t = exec::planTrains(study.rule, lr, 1, 1, study.dwMin);
    // Scales are in single precision; a certain pulse is certain.
    auto chanceOf = [](double scaled) {
      return scaled > 1 - 1e-6 ? 1.0 : scaled;
    };
    double p = chanceOf(t.rowScale * x) * chanceOf(t.colScale * d);
    double law = std::sqrt(t.length * p * (1 - p)) * study.dwMin;
    lawMean.add(t.length * p * study.dwMin, got("dw_mean"),
                4 * law / std::sqrt(double(study.samples) / 16) + 1e-8, where);
    lawSpread.add(law, got("dw_std"), 0.02 * law + 1e-8, where);
  }
  rows.worst(peer, "stochastic update, mean", "", mean);
  rows.worst(peer, "stochastic update, standard deviation", "", spread);
  rows.worst("binomial law", "stochastic update, mean", "", lawMean);
  rows.worst("binomial law", "stochastic update, standard deviation", "",
             lawSpread);
}

void validate::checkTraining(Rows &rows) {
  checkPulses(rows, "ReRamSBPresetDevice", "rram-sb");
  checkPulses(rows, "EcRamPresetDevice", "ecram-li");
  checkPulses(rows, "CapacitorPresetDevice", "capacitor");
  checkPulses(rows, "IdealizedPresetDevice", "idealized");
  checkPulses(rows, "GokmenVlasovPresetDevice", "gokmen-vlasov");
  checkPulses(rows, "ReRamArrayOMPresetDevice", "rram-om");
  checkUpdates(rows);
}
