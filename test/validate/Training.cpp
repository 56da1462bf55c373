//===- Training.cpp - Pulsed cells and updates against aihwkit's ----------===//
#include "DeviceTable.h"
#include "TrainingFields.h"

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

/// Rows of a table that have the same values in `columns`, in its order.
static std::vector<std::vector<CsvRow>>
groupsOf(const std::vector<CsvRow> &rows,
         const std::vector<std::string> &columns) {
  std::vector<std::vector<CsvRow>> groups;
  for (const CsvRow &row : rows) {
    bool isSame = !groups.empty();
    for (const std::string &column : columns)
      isSame = isSame && groups.back().front().at(column) == row.at(column);
    if (!isSame)
      groups.emplace_back();
    groups.back().push_back(row);
  }
  return groups;
}

static std::vector<std::string> valuesOf(const std::vector<CsvRow> &rows,
                                         const std::string &column) {
  std::vector<std::string> values;
  for (const CsvRow &row : rows)
    if (std::find(values.begin(), values.end(), row.at(column)) == values.end())
      values.push_back(row.at(column));
  return values;
}

/// training_pulses.csv: every preset and law, with fields changed. Both sides
/// are large, so that 2 % is what decides.
static void checkManyPulses(Rows &rows) {
  constexpr double theirs = 192000;
  for (const auto &want : groupsOf(test::readDeviceCsv("training_pulses.csv"),
                                   {"device", "fields"})) {
    exec::PulseStudy study;
    exec::TrainingConfig none;
    std::string title = titleOf(want.front());
    study.device = want.front().at("device");
    study.samples = 48000;
    study.phases = valuesOf(want, "direction");
    for (const std::string &count : valuesOf(want, "n_pulses"))
      study.pulses.push_back(uint32_t(std::stod(count)));
    setFields(want.front().at("fields"), study.params, none);
    auto table = exec::characterizePulses(study);
    if (!table || table->rows.size() != want.size()) {
      rows.failed(peer, title, table ? "other pulses" : table.error().message);
      continue;
    }
    Points exact(true), noisy;
    for (size_t i = 0; i < want.size(); ++i) {
      const CsvRow &w = want[i];
      auto got = [&](const char *column) { return cellOf(*table, i, column); };
      std::string where = w.at("n_pulses") + " " + w.at("direction");
      if (w.at("mode") == "mean_det") {
        exact.add(numberOf(w, "w_mean"), got("w_mean"), 1e-4, where);
        continue;
      }
      double share = 3 * std::sqrt(1 / theirs + 1 / double(study.samples));
      bool hasHeld = w.at("persistent_mean") != "nan";
      for (bool held : {false, true}) {
        if (held && !hasHeld)
          continue;
        const char *mean = held ? "persistent_mean" : "w_mean";
        const char *spread = held ? "persistent_std" : "w_std";
        std::string what = held ? ", before write noise" : "";
        double wantMean = numberOf(w, mean), wantSpread = numberOf(w, spread);
        noisy.add(wantMean, got(mean),
                  .02 * std::fabs(wantMean) + share * wantSpread,
                  "mean at " + where + what);
        noisy.add(wantSpread, got(spread), .02 * wantSpread + 1e-8,
                  "deviation at " + where + what);
      }
    }
    rows.worst(peer, title + ", without noise", "", exact);
    rows.worst(peer, title, "", noisy);
  }
}

/// training_updates.csv: lengths, rates, kinds of trains on even steps, and
/// trains on the devices themselves.
static void checkManyUpdates(Rows &rows) {
  for (const auto &want : groupsOf(test::readDeviceCsv("training_updates.csv"),
                                   {"device", "fields"})) {
    std::string device = want.front().at("device");
    exec::UpdateStudy study;
    exec::TrainingConfig training;
    exec::DeviceParams params;
    study.ownCells = device != "even";
    if (!setFields(want.front().at("fields"), params, training))
      return rows.failed(peer, titleOf(want.front()), "no such fields");
    study.rule = training.rule;
    if (study.ownCells) {
      auto cell = exec::makePulsedDevice(device, params);
      if (!cell)
        return rows.failed(peer, device, cell.error().message);
      study.cell = *cell;
    }
    study.samples = study.ownCells ? 400000 : 500000;
    study.rates.clear();
    study.values.clear();
    for (const std::string &lr : valuesOf(want, "lr"))
      study.rates.push_back(std::stod(lr));
    for (const CsvRow &w : want) {
      std::pair<double, double> value(numberOf(w, "x"), numberOf(w, "d"));
      if (std::find(study.values.begin(), study.values.end(), value) ==
          study.values.end())
        study.values.push_back(value);
    }
    auto table = exec::characterizeUpdates(study);
    std::string title =
        (study.ownCells ? "update of " : "update, ") + titleOf(want.front());
    if (!table || table->rows.size() != want.size())
      return rows.failed(peer, title,
                         table ? "other updates" : table.error().message);
    Points points;
    for (size_t i = 0; i < want.size(); ++i) {
      const CsvRow &w = want[i];
      std::string where =
          "x " + w.at("x") + ", d " + w.at("d") + ", rate " + w.at("lr");
      double mean = numberOf(w, "dw_mean"), spread = numberOf(w, "dw_std");
      // Cells of a row or column share their trains: of either sample of some
      // 10^6 about one in 50 is independent.
      double chance = 3 * spread / std::sqrt(1e4);
      points.add(mean, cellOf(*table, i, "dw_mean"),
                 .02 * std::fabs(mean) + chance, "mean at " + where);
      // The peer's single precision leaves a deviation of some 10^-6 where
      // there is none.
      points.add(spread, cellOf(*table, i, "dw_std"), .02 * spread + 1e-5,
                 "deviation at " + where);
    }
    rows.worst(peer, title, "", points);
  }
}

void validate::checkTraining(Rows &rows) {
  checkPulses(rows, "ReRamSBPresetDevice", "rram-sb");
  checkPulses(rows, "EcRamPresetDevice", "ecram-li");
  checkPulses(rows, "CapacitorPresetDevice", "capacitor");
  checkPulses(rows, "IdealizedPresetDevice", "idealized");
  checkPulses(rows, "GokmenVlasovPresetDevice", "gokmen-vlasov");
  checkPulses(rows, "ReRamArrayOMPresetDevice", "rram-om");
  checkUpdates(rows);
  checkManyPulses(rows);
  checkManyUpdates(rows);
}
