//===- CharacterizePulse.cpp - Statistics of training cells ---------------===//

#include "Statistics.h"
#include "hybridc/Studies/Characterize.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

/// Columns of the array that holds a study's cells.
static constexpr size_t width = 128;

/// 1, 2 and twenty even steps up to what moves a mean cell across its range,
/// at most 8000: the places of the peers' tables.
static std::vector<uint32_t> defaultPulses(const PulsedDevice &device) {
  double most =
      std::clamp(std::floor((device.wMax - device.wMin) / device.dwMin + 1e-6),
                 21.0, 8000.0);
  std::vector<uint32_t> pulses = {1, 2};
  for (uint32_t i = 1; i <= 20; ++i)
    pulses.push_back(uint32_t(std::nearbyint(most * i / 20)));
  std::sort(pulses.begin(), pulses.end());
  pulses.erase(std::unique(pulses.begin(), pulses.end()), pulses.end());
  return pulses;
}

static Moments momentsOf(std::span<const float> values, size_t n) {
  Moments m;
  for (size_t i = 0; i < n; ++i)
    m.add(values[i]);
  return m;
}

/// One phase's pulses from `done` on to `goal`.
static void advance(PulsedArray &array, const std::string &phase, uint32_t done,
                    uint32_t goal, uint64_t &update) {
  size_t n = array.rows() * array.cols();
  if (phase == "up" || phase == "down") {
    int32_t count = int32_t(goal - done);
    array.pulse(std::vector<int32_t>(n, phase == "up" ? count : -count),
                update++);
    return;
  }
  for (; done < goal; ++done) {
    if (phase == "alternate") {
      array.pulse(std::vector<int32_t>(n, done % 2 ? -1 : 1), update++);
    } else {
      array.decay(update++);
      array.drift(1, update++);
    }
  }
}

static Status addResponse(const PulsedDevice &device, const char *mode,
                          const PulseStudy &study,
                          const std::vector<uint32_t> &pulses, size_t samples,
                          StatTable &table) {
  size_t rows = (samples + width - 1) / width;
  auto array =
      PulsedArray::create(device, rows, width, {study.seed, 0x70756c73});
  if (!array)
    return array.error();
  uint64_t update = 0;
  for (const std::string &phase : study.phases) {
    uint32_t done = 0;
    for (uint32_t goal : pulses) {
      advance(*array, phase, done, goal, update);
      done = goal;
      Moments seen = momentsOf(array->weights(), samples);
      Moments held = momentsOf(array->persistent(), samples);
      bool differ = device.writeNoise > 0;
      table.rows.push_back({device.name, std::string(mode), phase, double(goal),
                            seen.mean(), seen.deviation(),
                            differ ? held.mean() : NAN,
                            differ ? held.deviation() : NAN});
    }
  }
  return {};
}

Result<StatTable> characterizePulses(const PulseStudy &study) {
  if (study.samples < 1 || study.samples > 10000000)
    return invalidInput("a pulse study takes 1 .. 1e7 cells");
  auto device = makePulsedDevice(study.device, study.params);
  if (!device)
    return device.error();
  std::vector<uint32_t> pulses =
      study.pulses.empty() ? defaultPulses(*device) : study.pulses;
  if (!std::is_sorted(pulses.begin(), pulses.end()) || pulses.front() < 1 ||
      pulses.back() > 1000000)
    return invalidInput("numbers of pulses must ascend and lie in 1 .. 1e6");
  for (const std::string &phase : study.phases)
    if (phase != "up" && phase != "down" && phase != "alternate" &&
        phase != "rest")
      return invalidInput("no phase '" + phase +
                          "' of pulses; there are up, down, alternate, rest");
  StatTable table;
  table.columns = {"device", "mode",  "direction",       "n_pulses",
                   "w_mean", "w_std", "persistent_mean", "persistent_std"};
  if (Status s = addResponse(device->withoutVariation(), "mean_det", study,
                             pulses, 1, table);
      !s)
    return s.error();
  if (Status s =
          addResponse(*device, "full", study, pulses, study.samples, table);
      !s)
    return s.error();
  return table;
}

Result<StatTable> characterizeUpdates(const UpdateStudy &study) {
  if (!(study.dwMin > 0) || study.samples < 1 || study.samples > 100000000)
    return invalidInput("an update study takes dw_min > 0 and 1 .. 1e8 "
                        "samples");
  for (auto [x, d] : study.values)
    if (!(std::fabs(x) <= 1 && std::fabs(d) <= 1))
      return invalidInput("an update study takes x and d within -1 .. 1: other "
                          "rows and columns hold 1, the largest");
  PulsedDevice cell = study.cell;
  if (!study.ownCells) {
    auto device = makePulsedDevice("idealized", {{"dw_min", study.dwMin}});
    if (!device)
      return device.error();
    cell = device->withoutVariation();
    // Bounds far beyond what one update can reach.
    cell.wMax = 1000 * study.dwMin;
    cell.wMin = -cell.wMax;
  }
  StatTable table;
  table.columns = {"um_and_ubl",      "x",       "d",      "lr",
                   "expected_lr_x_d", "dw_mean", "dw_std", "dw_max"};
  // A few rows and columns share their trains, so many updates are averaged;
  // cells that differ are also many at once.
  size_t side = study.ownCells ? 64 : 16;
  Key key = {study.seed, 0x757064};
  auto array = PulsedArray::create(cell, side + 1, side + 1, key);
  if (!array)
    return array.error();
  std::vector<float> zeros((side + 1) * (side + 1), 0.0f);
  uint64_t update = 0;
  bool managed = study.rule.updateManagement && study.rule.lengthManagement;
  for (auto [x, d] : study.values)
    for (double lr : study.rates) {
      std::vector<float> xs(side + 1, float(x)), ds(side + 1, float(d));
      xs.back() = ds.back() = 1;
      Moments m;
      double most = -HUGE_VAL;
      for (size_t done = 0; done < study.samples; done += side * side) {
        // Enough other cells for their mean; more pulses are cheaper.
        if (study.ownCells && update % 8 == 0)
          array = PulsedArray::create(cell, side + 1, side + 1,
                                      subKey(key, update + 1));
        array->setWeights(zeros, update);
        array->update(xs, ds, -lr, study.rule, update++);
        for (size_t k = 0; k < side; ++k)
          for (size_t n = 0; n < side; ++n) {
            double w = array->weights()[k * (side + 1) + n];
            m.add(w);
            most = std::max(most, w);
          }
      }
      table.rows.push_back({std::string(managed ? "True" : "False"), x, d, lr,
                            lr * x * d, m.mean(), m.deviation(), most});
    }
  return table;
}

} // namespace hybridc::exec
