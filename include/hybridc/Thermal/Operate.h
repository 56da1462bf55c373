//===- Operate.h - Holding a temperature with least loss ------*- C++ -*-===//
//
// An entry runs over and over. An operating point says at which point of its
// DVFS table each engine runs and for which part of the time the chip works
// at all (duty: it pauses between runs). Of all those under which no block
// ever gets hotter than the limit in the steady state, hold() finds the one
// with most runs per second.
//
// Time of a run: from the clock, with the engines' own times stretched by
// nominal / present frequency. Energy of a run: an engine's own by
// (V / nominal V)²; memories and links keep their voltage. Leakage: Die.h.
// Temperatures: the periodic state of the whole sequence, so also the peaks
// within a run count, with leakage at the mean temperatures.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_THERMAL_OPERATE_H
#define HYBRIDC_THERMAL_OPERATE_H

#include "hybridc/Thermal/Die.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace hybridc::exec {

enum class ThermalPolicy {
  None,     ///< nominal points, no pauses, whatever the temperature
  Throttle, ///< nominal points, pauses
  Dvfs,     ///< any points, pauses
};

/// Clocks the entry under these slowdowns (ClockOptions::slowdown).
using ClockAt = std::function<Result<EnergyTrace>(
    const std::map<std::string, double> &slowdown)>;

/// Engines with a table, and their points from the fastest to the slowest.
struct DvfsTable {
  std::vector<std::string> engines;
  std::vector<std::vector<chip::DvfsPoint>> points;

  static DvfsTable of(const chip::Chip &chip);
};

/// The entry at chosen points of the table.
struct Pace {
  std::vector<size_t> levels; ///< into DvfsTable::points, one per engine
  double run_s = 0;           ///< time of one run
  EnergyTrace trace;          ///< energies scaled by voltage
  std::vector<double> heat_j; ///< of one run, by block, without leakage
  double energy_j = 0;        ///< of one run, heat off the die included
  std::vector<double> leakageScale;
  /// Over one run: [interval][block] without leakage, and its length.
  std::vector<std::vector<double>> binWatts;
  std::vector<double> binSeconds;
};

/// The steady state of a pace with pauses.
struct Sustained {
  double duty = 1; ///< part of the time at work
  double period_s() const { return duty > 0 ? run_s / duty : 0; }
  double run_s = 0;
  std::vector<double> mean_k, peak_k, leakage_w; ///< by block
  /// Above the mean, at the worst moment of a run.
  std::vector<double> ripple_k;
  bool runaway = false;
  double peak() const;
};

class Operation {
public:
  Operation(const Die &die, const chip::Chip &chip, ClockAt clock);

  const DvfsTable &table() const { return dvfs; }

  /// Clocks (once) the entry at these levels.
  Result<const Pace *> pace(const std::vector<size_t> &levels);
  /// All engines at their nominal points.
  std::vector<size_t> nominal() const;

  Sustained sustain(const Pace &pace, double duty) const;
  /// Temperatures of the blocks over one period of that state: ends of the
  /// intervals from its start, and [interval][block].
  void within(const Pace &pace, const Sustained &state,
              std::vector<double> &seconds,
              std::vector<std::vector<double>> &kelvin) const;
  /// The largest duty that keeps every block at or below `limit_k`; 0 when
  /// even pausing for ever does not.
  Sustained sustainBelow(const Pace &pace, double limit_k) const;

  struct Choice {
    const Pace *pace = nullptr;
    Sustained state;
  };
  /// The choice of most runs per second. Visits levels in the order of their
  /// times of a run and stops when the next one alone takes longer than the
  /// best period found: never more work than looking at all of them.
  /// Errors: the clock's; Unsupported when leakage alone is too hot.
  Result<Choice> hold(ThermalPolicy policy, double limit_k);
  /// The same by looking at every combination.
  Result<Choice> holdExhaustively(double limit_k);

  /// Everything clocked so far, by time of a run.
  std::vector<const Pace *> known() const;
  size_t numClocked() const { return paces.size(); }

private:
  const Die &die;
  const chip::Chip &chip;
  ClockAt clock;
  DvfsTable dvfs;
  std::map<std::vector<size_t>, Pace> paces;

  Result<Choice> best(const Choice &choice, double limit_k) const;
  /// No less than the largest duty that keeps the means below the limit.
  double dutyOfMeans(const Pace &pace, double limit_k) const;
  /// Powers of the blocks over one period, leakage not included.
  void sequence(const Pace &pace, double duty,
                std::vector<std::vector<double>> &watts,
                std::vector<double> &seconds) const;
};

} // namespace hybridc::exec

#endif // HYBRIDC_THERMAL_OPERATE_H
