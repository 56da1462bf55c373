//===- Simulate.h - Temperatures over time, with and without a governor ---===//
//
// The chip is switched on at ambient temperature (or another) and runs its
// entry over and over. Each step solves the network exactly for constant
// power; leakage is that of the mean temperature of the step, found by
// repetition. A governor decides once a step: of all paces that it knows it
// takes the one with most runs per second under which no block is beyond the
// limit at the end of the step, with the largest duty that allows.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_THERMAL_SIMULATE_H
#define HYBRIDC_THERMAL_SIMULATE_H

#include "hybridc/Thermal/Operate.h"

#include <optional>

namespace hybridc::exec {

struct SimulateOptions {
  double duration_s = 600;
  double start_k = 0;   ///< of every node; 0: ambient
  unsigned steps = 600; ///< about so many; short ones come first
};

struct HeatHistory {
  std::vector<double> time_s;              ///< ends of the steps, from 0
  std::vector<std::vector<double>> kelvin; ///< [step][block], within-run peaks
                                           ///< included
  std::vector<double> runsPerSecond;       ///< of the step before
  std::vector<double> watts;               ///< of the die, of the step before
  double runs = 0;                         ///< altogether
  double energy_j = 0;                     ///< DRAM and leakage included
  double peak_k = 0;
  size_t peakBlock = 0;
  std::optional<double> crossed_s; ///< when the limit was first passed
  std::optional<double> runaway_s; ///< the history ends there
  // The first law, in joules; stored is relative to the start.
  double heatIn_j = 0, heatOut_j = 0, heatStored_j = 0;
  /// |in − out − stored| / in
  double imbalance() const;
};

/// One pace at full duty, whatever the temperature.
HeatHistory simulate(const Die &die, const Pace &pace,
                     const Sustained &sustained, double limit_k,
                     const SimulateOptions &options);

/// Under the governor, which may use any of `paces`.
HeatHistory simulateManaged(const Die &die, const Operation &operation,
                            const std::vector<const Pace *> &paces,
                            double limit_k, const SimulateOptions &options);

} // namespace hybridc::exec

#endif // HYBRIDC_THERMAL_SIMULATE_H
