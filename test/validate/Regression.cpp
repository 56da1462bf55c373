//===- Regression.cpp - A linear map learned on arrays, as aihwkit does ---===//
//
// training_final.csv holds the last epochs of aihwkit 1.1 on the same task,
// 32 → 8, three seeds each. Two implementations draw different cells, samples
// and targets, so means over three seeds are compared, within a share of the
// peer's mean plus two standard errors of its seeds.
//
//===----------------------------------------------------------------------===//
#include "DeviceTable.h"
#include "hybridc/Executor/devices/TrainingArray.h"

using namespace hybridc;
using namespace hybridc::validate;
using test::numberOf;

namespace {
struct Case {
  const char *peer, *device;
  exec::TrainingAlgorithm algorithm;
  bool writeNoise; ///< without it: rate 0.1 and 40 epochs, else 0.01 and 20
  double share;    ///< allowed difference, of the peer's mean
};
using enum exec::TrainingAlgorithm;
constexpr Case cases[] = {
    {"IdealizedPreset", "idealized", Sgd, true, .1},
    {"EcRamPreset", "ecram-li", Sgd, true, .1},
    {"CapacitorPreset", "capacitor", Sgd, true, .05},
    {"ReRamSBPreset", "rram-sb", Sgd, true, .03},
    {"MixedPrecisionReRamSBPreset", "rram-sb", MixedPrecision, true, .05},
    {"ReRamSBPreset", "rram-sb", Sgd, false, .05},
    {"TikiTakaReRamSBPreset", "rram-sb", TikiTaka, false, .1},
    {"TTv2ReRamSBPreset", "rram-sb", TTv2, false, .1},
    {"ChoppedTTv2ReRamSBPreset", "rram-sb", ChoppedTTv2, false, .15},
};
} // namespace

static void check(Rows &rows, const Case &c) {
  double lr = c.writeNoise ? .01 : .1;
  std::vector<double> peers;
  for (const test::CsvRow &row : test::readDeviceCsv("training_final.csv"))
    if (row.at("preset") == c.peer && numberOf(row, "lr") == lr)
      peers.push_back(numberOf(row, "rel_w_err"));
  std::string what = std::string(c.device) + ", " +
                     exec::trainingAlgorithmNames()[size_t(c.algorithm)] +
                     (c.writeNoise ? "" : ", no write noise") +
                     ": error of the weights";
  exec::DeviceParams params;
  if (!c.writeNoise)
    params["write_noise"] = 0;
  auto device = exec::makePulsedDevice(c.device, params);
  if (peers.size() != 3 || !device)
    return rows.failed("aihwkit 1.1", what, "nothing to compare");
  exec::RegressionStudy study;
  study.training.device = *device;
  study.training.algorithm = c.algorithm;
  study.lr = lr;
  study.epochs = c.writeNoise ? 20 : 40;
  auto table = exec::characterizeRegression(study);
  if (!table)
    return rows.failed("aihwkit 1.1", what, table.error().message);
  double got = 0;
  for (size_t i = study.epochs - 1; i < table->rows.size(); i += study.epochs)
    got += cellOf(*table, i, "rel_w_err") / study.seeds;
  double mean = (peers[0] + peers[1] + peers[2]) / 3, squares = 0;
  for (double p : peers)
    squares += (p - mean) * (p - mean);
  double scatter = std::sqrt(squares / 2 / 3);
  rows.absolute("aihwkit 1.1", what, "", mean, got,
                c.share * mean + 2 * scatter);
}

void validate::checkRegression(Rows &rows) {
  for (const Case &c : cases)
    check(rows, c);
}
