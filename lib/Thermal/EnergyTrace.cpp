//===- EnergyTrace.cpp - Where and when an entry spends energy ------------===//

#include "hybridc/Thermal/EnergyTrace.h"

#include <algorithm>

namespace hybridc::exec {

EnergyTrace EnergyTrace::of(PowerTrace trace, uint64_t cycles) {
  EnergyTrace result;
  result.binCycles = trace.width;
  result.cycles = cycles;
  for (PowerTrace::Row &row : trace.rows) {
    result.units.push_back(std::move(row.place));
    result.energy_pj.push_back(std::move(row.energy_pj));
  }
  return result;
}

uint64_t EnergyTrace::cyclesOf(size_t bin) const {
  uint64_t start = uint64_t(bin) * binCycles;
  return start >= cycles ? 0 : std::min(binCycles, cycles - start);
}

double EnergyTrace::total_pj(size_t unit) const {
  double sum = 0;
  for (double pj : energy_pj[unit])
    sum += pj;
  return sum;
}

} // namespace hybridc::exec
