//===- EnergyTrace.h - Where and when an entry spends energy --*- C++ -*-===//
//
// The energy of each command, spread evenly over the time in which it ran, in
// bins of equal width. A unit is where heat arises: each engine of the clock,
// and after those the scratchpad ("sram"), the memory ("dram") and the links
// between chiplets ("link"), which all engines use.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_THERMAL_ENERGYTRACE_H
#define HYBRIDC_THERMAL_ENERGYTRACE_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hybridc::exec {

/// Energy over time: `width` cycles a bin, one row of bins for each place that
/// spends it. A command's energy is spread evenly over its time. Leakage is
/// not in it (it depends on temperature, not on what runs). The rows sum to
/// ClockResult::totalEnergy_pj less leakage.
struct PowerTrace {
  struct Row {
    std::string place; ///< an engine's name; "dram", "sram", "link"
    std::vector<double> energy_pj;
  };
  uint64_t width = 1;
  std::vector<Row> rows; ///< engines by first appearance, then the memories
};

struct EnergyTrace {
  /// What the clock kept of an entry of so many cycles.
  static EnergyTrace of(PowerTrace trace, uint64_t cycles);

  std::vector<std::string> units;
  uint64_t binCycles = 1; ///< of one bin; the last one may be cut short
  uint64_t cycles = 0;    ///< of the whole entry
  /// [unit][bin], leakage not included
  std::vector<std::vector<double>> energy_pj;

  size_t numBins() const { return energy_pj.empty() ? 0 : energy_pj[0].size(); }
  /// Cycles of a bin that lie within the entry.
  uint64_t cyclesOf(size_t bin) const;
  /// Energy of a unit over the whole entry.
  double total_pj(size_t unit) const;
};

} // namespace hybridc::exec

#endif // HYBRIDC_THERMAL_ENERGYTRACE_H
