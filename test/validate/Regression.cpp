//===- Regression.cpp - A linear map learned on arrays, as aihwkit does ---===//
//
// training_regression.csv holds what aihwkit 1.1 reaches on the same task,
// 32 → 8, as mean and deviation over many seeds. Two implementations draw
// different cells, samples and targets, so means are compared, within 2 % and
// three standard errors of both means.
//
//===----------------------------------------------------------------------===//
#include "DeviceTable.h"
#include "TrainingFields.h"

using namespace hybridc;
using namespace hybridc::validate;
using test::numberOf;

static void check(Rows &rows, const test::CsvRow &row) {
  std::string what = row.at("algorithm") + ", " + titleOf(row) + ", rate " +
                     row.at("lr") + ", batch " + row.at("batch") + ", " +
                     row.at("epochs") + " epochs";
  exec::RegressionStudy study;
  exec::DeviceParams params;
  auto algorithm = exec::trainingAlgorithm(row.at("algorithm"));
  if (!algorithm || !setFields(row.at("fields"), params, study.training))
    return rows.failed("aihwkit 1.1", what, "no such algorithm or fields");
  auto device = exec::makePulsedDevice(row.at("device"), params);
  if (!device)
    return rows.failed("aihwkit 1.1", what, device.error().message);
  study.training.device = *device;
  study.training.algorithm = *algorithm;
  study.lr = numberOf(row, "lr");
  study.batch = unsigned(numberOf(row, "batch"));
  study.epochs = unsigned(numberOf(row, "epochs"));
  study.seeds = 6;
  auto table = exec::characterizeRegression(study);
  if (!table)
    return rows.failed("aihwkit 1.1", what, table.error().message);
  double got = 0;
  for (size_t i = study.epochs - 1; i < table->rows.size(); i += study.epochs)
    got += cellOf(*table, i, "rel_w_err") / study.seeds;
  double mean = numberOf(row, "mean"), deviation = numberOf(row, "deviation");
  double chance =
      3 * deviation *
      std::sqrt(1 / numberOf(row, "seeds") + 1 / double(study.seeds));
  rows.absolute("aihwkit 1.1", what, "", mean, got, .02 * mean + chance);
}

void validate::checkRegression(Rows &rows) {
  for (const test::CsvRow &row : test::readDeviceCsv("training_regression.csv"))
    check(rows, row);
}
