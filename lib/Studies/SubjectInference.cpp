//===- SubjectInference.cpp - Studies of arrays for inference -------------===//
#include "SubjectStudies.h"

#include "hybridc/Support/Parse.h"

#include <algorithm>
#include <cmath>

using namespace hybridc;
using namespace hybridc::studies;

/// A list of levels, or how many even ones.
static Result<std::vector<double>> levelsOf(const std::string &text) {
  auto levels = parseNumbers(text);
  if (!levels)
    return levels.error();
  if (levels->size() == 1 && levels->front() > 1) {
    double count = levels->front();
    if (count != std::floor(count) || count > 65536)
      return usage("--levels " + text +
                   ": a number of levels is a whole one, 2 to 65536");
    levels->clear();
    for (int i = 0; i < static_cast<int>(count); ++i)
      levels->push_back(i / (count - 1));
  }
  for (double level : *levels)
    if (!(level >= 0 && level <= 1))
      return usage("--levels " + text + ": levels are 0 to 1");
  return levels;
}

static exec::Compensation compensationOf(const std::string &name) {
  return name == "global"   ? exec::Compensation::Global
         : name == "column" ? exec::Compensation::Column
                            : exec::Compensation::None;
}

/// Of one of distributionNames.
static exec::Distribution distributionOf(const std::string &name) {
  const auto &names = exec::distributionNames();
  return exec::Distribution(std::find(names.begin(), names.end(), name) -
                            names.begin());
}

Result<exec::StatTable> studies::studyCells(const SubjectStudy &asked,
                                            const Subject &subject,
                                            const std::vector<double> &ages) {
  exec::DeviceStudy device;
  device.device = subject.device;
  device.params = subject.params;
  if (!asked.levels.empty()) {
    auto levels = levelsOf(asked.levels);
    if (!levels)
      return levels.error();
    device.levels = std::move(*levels);
  }
  if (!ages.empty())
    device.ages = ages;
  if (!asked.compensate.empty())
    device.compensation = compensationOf(asked.compensate);
  if (asked.samples)
    device.samples = asked.samples;
  device.seed = asked.seed;
  using Cells = exec::DeviceStudy::Cells;
  if (!asked.pair.empty())
    device.cells = asked.pair == "on" ? Cells::Pair : Cells::Single;
  device.weights = distributionOf(asked.weights);
  for (const std::string &set : asked.set) {
    if (set.starts_with("rows="))
      device.rows = subject.array.rows;
    if (set.starts_with("cols="))
      device.cols = subject.array.cols;
  }
  if (asked.what == "drift")
    return exec::characterizeDrift(device);
  if (!ages.empty())
    return usage("--age: --what program looks right after programming; --what "
                 "drift looks later");
  return exec::characterizeProgram(device);
}

Result<exec::StatTable>
studies::studyCompensation(const SubjectStudy &asked, const Subject &subject,
                           const std::vector<double> &ages) {
  exec::CompensationStudy study;
  study.name = asked.subject;
  study.array = subject.array;
  if (!ages.empty())
    study.ages = ages;
  if (asked.compensate == "none")
    return usage("--compensate none: --what compensation is about global or "
                 "column");
  study.perColumn = asked.compensate == "column";
  study.weights = distributionOf(asked.weights);
  if (asked.seeds)
    study.seeds = asked.seeds;
  study.seed = asked.seed;
  return exec::characterizeCompensation(study);
}

Result<exec::StatTable> studies::studyProducts(const SubjectStudy &asked,
                                               const Subject &subject,
                                               std::vector<double> ages) {
  exec::MvmStudy mvm;
  mvm.name = asked.subject;
  mvm.array = subject.array;
  mvm.inputRange = subject.inputRange;
  mvm.deviceNoise = asked.noise == "on";
  mvm.compensation = compensationOf(asked.compensate);
  if (asked.samples)
    mvm.batch = asked.samples;
  if (asked.seeds)
    mvm.seeds = asked.seeds;
  mvm.seed = asked.seed;
  if (!asked.inputs.empty())
    mvm.inputs = {distributionOf(asked.inputs)};
  mvm.weights = distributionOf(asked.weights);
  exec::StatTable all;
  if (ages.empty())
    ages.push_back(0);
  for (double age : ages) {
    mvm.age = age;
    auto table = exec::characterizeMvm(mvm);
    if (!table)
      return table.error();
    all.columns = table->columns;
    for (auto &row : table->rows)
      all.rows.push_back(std::move(row));
  }
  return all;
}
