//===- SubjectTraining.cpp - Studies of devices that train ----------------===//
#include "SubjectStudies.h"

#include "hybridc/Support/Parse.h"

#include <cmath>

using namespace hybridc;
using namespace hybridc::studies;

Result<exec::StatTable> studies::studyPulses(const SubjectStudy &asked,
                                             const Subject &subject) {
  exec::PulseStudy pulse;
  pulse.device = subject.device;
  pulse.params = subject.params;
  if (!asked.levels.empty()) {
    auto pulses = parseNumbers(asked.levels);
    if (!pulses)
      return pulses.error();
    for (double count : *pulses) {
      if (!(count >= 1 && count <= 1e6) || count != std::floor(count))
        return usage("--levels " + asked.levels +
                     ": for --what pulse these are numbers of pulses, 1 to "
                     "1000000");
      pulse.pulses.push_back(uint32_t(count));
    }
  }
  if (!asked.phases.empty())
    pulse.phases = splitText(asked.phases, ',');
  if (asked.samples)
    pulse.samples = asked.samples;
  pulse.seed = asked.seed;
  return exec::characterizePulses(pulse);
}

/// "X:D,X:D".
static Result<std::vector<std::pair<double, double>>>
productsOf(const std::string &list) {
  std::vector<std::pair<double, double>> products;
  for (const std::string &text : splitText(list, ',')) {
    auto pair = splitText(text, ':');
    auto x = parseNumbers(pair.front()), d = parseNumbers(pair.back());
    if (pair.size() != 2 || !x || !d || x->size() != 1 || d->size() != 1)
      return usage("--products " + list +
                   ": expected X:D,X:D, two values of each product");
    products.emplace_back(x->front(), d->front());
  }
  return products;
}

Result<exec::StatTable> studies::studyUpdates(const SubjectStudy &asked,
                                              const Subject &subject) {
  auto device = exec::makePulsedDevice(subject.device, subject.params);
  if (!device)
    return device.error();
  exec::UpdateStudy update;
  update.rule = subject.training.rule;
  if (subject.params.count("dw_min"))
    update.dwMin = device->dwMin;
  update.ownCells = asked.cells == "own";
  update.cell = *device;
  if (!asked.rates.empty()) {
    auto rates = parseNumbers(asked.rates);
    if (!rates)
      return rates.error();
    update.rates = *rates;
  }
  if (!asked.products.empty()) {
    auto products = productsOf(asked.products);
    if (!products)
      return products.error();
    update.values = *products;
  }
  if (asked.samples)
    update.samples = asked.samples;
  update.seed = asked.seed;
  return exec::characterizeUpdates(update);
}

Result<exec::StatTable> studies::studyRegression(const SubjectStudy &asked,
                                                 const Subject &subject) {
  auto device = exec::makePulsedDevice(subject.device, subject.params);
  if (!device)
    return device.error();
  exec::RegressionStudy regression;
  regression.training = subject.training;
  regression.training.device = *device;
  if (!asked.rates.empty()) {
    auto rates = parseNumbers(asked.rates);
    if (!rates)
      return rates.error();
    if (rates->size() == 1 && !(rates->front() >= 0))
      return usage("--lr " + asked.rates + ": a rate is 0 or more");
    if (rates->size() != 1)
      return usage("--lr " + asked.rates + ": a regression has one rate");
    regression.lr = rates->front();
  }
  regression.epochs = asked.epochs;
  regression.batch = asked.batch;
  if (asked.seeds)
    regression.seeds = asked.seeds;
  if (asked.samples)
    regression.samples = asked.samples;
  regression.seed = asked.seed;
  return exec::characterizeRegression(regression);
}
