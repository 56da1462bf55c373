//===- PowerBins.h - Energy over time -------------------------*- C++ -*-===//
//
// How long an entry takes is not known beforehand: bins start at one cycle and
// double their width, by joining pairs, whenever time runs beyond the last.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CLOCK_POWERBINS_H
#define HYBRIDC_LIB_CLOCK_POWERBINS_H

#include "hybridc/Clock/Clock.h"

#include <cstdint>
#include <vector>

namespace hybridc::exec::clock {

class PowerBins {
public:
  /// `most` bins, rounded up to an even number; 0 switches it off.
  explicit PowerBins(unsigned most) : numBins(most + most % 2) {}
  bool isOn() const { return numBins > 0; }

  /// A command of `engine` spends `energy` from `start` to `end`.
  void add(uint32_t engine, const Energies &energy, uint64_t start,
           uint64_t end);
  /// Energy of each row so far.
  std::vector<double> totals() const;
  /// What was added since the rows stood at `before` comes `times` more, evenly
  /// from `start` to `end`.
  void repeat(const std::vector<double> &before, double times, uint64_t start,
              uint64_t end);
  PowerTrace finish(const std::vector<EngineUse> &engines);

private:
  /// dram, sram, link: rows 0 to 2; engine i is row 3 + i.
  static constexpr size_t kMemories = 3;

  size_t numBins;
  uint64_t width = 1;
  std::vector<std::vector<double>> rows;

  void spread(size_t row, double energy, uint64_t start, uint64_t end);
};

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_CLOCK_POWERBINS_H
