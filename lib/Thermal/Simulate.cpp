//===- Simulate.cpp - Temperatures over time ------------------------------===//

#include "hybridc/Thermal/Simulate.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

double HeatHistory::imbalance() const {
  return heatIn_j > 0 ? std::abs(heatIn_j - heatOut_j - heatStored_j) / heatIn_j
                      : 0;
}

namespace {

/// Short steps where everything changes, then longer ones.
std::vector<double> stepsOf(const SimulateOptions &options) {
  double longest = 2 * options.duration_s / std::max(2u, options.steps);
  double length = longest * 1e-4;
  std::vector<double> steps;
  for (double at = 0; at < options.duration_s;) {
    double step = std::min(length, options.duration_s - at);
    steps.push_back(step);
    at += step;
    if (options.duration_s - at < 1e-9 * options.duration_s)
      break;
    length = std::min(longest, length * 1.05);
  }
  return steps;
}

/// What the chip does in a step.
struct Load {
  const Pace *pace = nullptr;
  double duty = 1;
  const std::vector<double> *ripple = nullptr;
};

class Walk {
public:
  Walk(const Die &die, double limit_k, const SimulateOptions &options)
      : die(die), limit_k(limit_k), kelvin(die.model().cold()) {
    if (options.start_k > 0)
      std::fill(kelvin.begin(), kelvin.end(), options.start_k);
    startHeat = die.model().storedHeat(kelvin);
    std::vector<double> none(die.numBlocks());
    record(0, {nullptr, 0, &none}, 0, 0);
  }

  const Die &die;
  double limit_k, now = 0, startHeat = 0;
  std::vector<double> kelvin;
  HeatHistory history;

  bool ended() const { return history.runaway_s.has_value(); }

  void advance(const Load &load, double seconds) {
    size_t n = die.numBlocks();
    const Pace &pace = *load.pace;
    double rate = load.duty / pace.run_s;
    std::vector<double> watts(n), mean = kelvin;
    ThermalModel::Transient next;
    double total = 0, leaking = 0;
    for (int pass = 0; pass < 3; ++pass) {
      std::vector<double> leakage = die.leakageAt(mean, pace.leakageScale);
      total = leaking = 0;
      for (size_t i = 0; i < n; ++i) {
        watts[i] = pace.heat_j[i] * rate + leakage[i];
        total += watts[i];
        leaking += leakage[i];
      }
      next = die.model().after(kelvin, watts, seconds);
      for (size_t i = 0; i < n; ++i)
        mean[i] = (kelvin[i] + next.kelvin[i]) / 2;
    }
    kelvin = std::move(next.kelvin);
    now += seconds;
    history.heatIn_j += total * seconds;
    history.heatOut_j += next.joulesToAir;
    history.heatStored_j = die.model().storedHeat(kelvin) - startHeat;
    history.runs += rate * seconds;
    history.energy_j += (pace.energy_j * rate + leaking) * seconds;
    record(now, load, rate, total);
  }

private:
  void record(double at, const Load &load, double rate, double watts) {
    std::vector<double> blocks(kelvin.begin(),
                               kelvin.begin() + long(die.numBlocks()));
    for (size_t i = 0; i < blocks.size(); ++i) {
      blocks[i] += (*load.ripple)[i];
      if (blocks[i] > history.peak_k) {
        history.peak_k = blocks[i];
        history.peakBlock = i;
      }
      // A limit that is held is met to rounding.
      if (blocks[i] > limit_k + 1e-6 && !history.crossed_s)
        history.crossed_s = at;
      if (blocks[i] >= kRunaway_k && !history.runaway_s)
        history.runaway_s = at;
    }
    history.time_s.push_back(at);
    history.kelvin.push_back(std::move(blocks));
    history.runsPerSecond.push_back(rate);
    history.watts.push_back(watts);
  }
};

} // namespace

HeatHistory simulate(const Die &die, const Pace &pace,
                     const Sustained &sustained, double limit_k,
                     const SimulateOptions &options) {
  Walk walk(die, limit_k, options);
  for (double step : stepsOf(options)) {
    walk.advance({&pace, sustained.duty, &sustained.ripple_k}, step);
    if (walk.ended())
      break;
  }
  return std::move(walk.history);
}

HeatHistory simulateManaged(const Die &die, const Operation &operation,
                            const std::vector<const Pace *> &paces,
                            double limit_k, const SimulateOptions &options) {
  Walk walk(die, limit_k, options);
  size_t n = die.numBlocks();
  std::vector<Sustained> states; // for what a run adds at its worst moment
  for (const Pace *pace : paces) {
    states.push_back(operation.sustain(*pace, 1));
    Sustained paused = operation.sustainBelow(*pace, limit_k);
    for (size_t i = 0; i < n; ++i)
      states.back().ripple_k[i] =
          std::max(states.back().ripple_k[i], paused.ripple_k[i]);
  }
  // What a watt-second of each pace does by the end of a step of this length.
  double length = 0;
  std::vector<std::vector<double>> warming(paces.size());
  for (double step : stepsOf(options)) {
    if (step != length) {
      length = step;
      for (size_t p = 0; p < paces.size(); ++p) {
        std::vector<double> watts(n);
        for (size_t i = 0; i < n; ++i)
          watts[i] = paces[p]->heat_j[i] / paces[p]->run_s;
        warming[p] = die.model().after(die.model().cold(), watts, step).kelvin;
        for (double &kelvin : warming[p])
          kelvin -= die.package.ambient_k;
      }
    }
    Load chosen;
    double most = -1;
    for (size_t p = 0; p < paces.size(); ++p) {
      if (1 / paces[p]->run_s <= most)
        break; // they come by time of a run
      // Leakage as it may become in this step, never less.
      std::vector<double> high(n);
      for (size_t i = 0; i < n; ++i)
        high[i] = std::max(walk.kelvin[i],
                           std::min(limit_k, walk.kelvin[i] + warming[p][i]));
      auto idle = die.model().after(
          walk.kelvin, die.leakageAt(high, paces[p]->leakageScale), step);
      double duty = 1;
      for (size_t i = 0; i < n; ++i) {
        double room = limit_k - states[p].ripple_k[i] - idle.kelvin[i];
        if (room < warming[p][i])
          duty = std::min(duty, std::max(0.0, room / warming[p][i]));
      }
      if (duty / paces[p]->run_s > most) {
        most = duty / paces[p]->run_s;
        chosen = {paces[p], duty, &states[p].ripple_k};
      }
    }
    walk.advance(chosen, step);
    if (walk.ended())
      break;
  }
  return std::move(walk.history);
}

} // namespace hybridc::exec
