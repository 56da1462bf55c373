//===- Die.h - A chip as heat sees it -------------------------*- C++ -*-===//
//
// The floorplan with its gaps filled, the network of the package, and which
// block the energy of which unit heats (docs/Thermal.md).
//
// Leakage of a block: its part of chip.leakage_w by area, times
//   exp(leakage_per_k · (T − leakage_ref_k)) · (V / nominal V)^3.3
// The growth with temperature and the exponent are fits to the currents that
// Liao, He and Lepak (IEEE TCAD, July 2005) give for 65 nm: 16.00, 19.44 and
// 23.44 µA at 60, 80 and 100 °C and .95 V; 29.56 µA at 100 °C and 1.05 V.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_THERMAL_DIE_H
#define HYBRIDC_THERMAL_DIE_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Support/Result.h"
#include "hybridc/Thermal/EnergyTrace.h"
#include "hybridc/Thermal/Thermal.h"

#include <string>
#include <vector>

namespace hybridc::exec {

/// Leakage power goes with voltage to this power: voltage times current.
constexpr double kLeakageVoltageExponent = 3.3;

class Die {
public:
  /// Errors: Unsupported (the chip has neither floorplan nor die area),
  /// InvalidInput (the die does not fit its package).
  static Result<Die> create(const chip::Chip &chip);

  const ThermalModel &model() const { return network; }
  size_t numBlocks() const { return names.size(); }
  /// Of each block; those that fill gaps are "(gap 0)", ….
  std::vector<std::string> names, engines;
  std::vector<double> leakage_w; ///< at leakage_ref_k and nominal voltage
  chip::Thermal package;

  /// Heat of each block when `unit_pj` (as EnergyTrace::units) is spent; in
  /// the unit of `unit_pj`. What heats no block (dram off the die) is left
  /// out; an engine without a block heats the whole die evenly.
  std::vector<double> heatOf(const std::vector<std::string> &units,
                             const std::vector<double> &unit_pj) const;

  /// W of each block at these temperatures; `scale` is a factor for each.
  std::vector<double> leakageAt(const std::vector<double> &kelvin,
                                const std::vector<double> &scale) const;

  struct Steady {
    std::vector<double> kelvin, leakage_w; ///< of each block
    bool runaway = false; ///< no temperature holds: leakage outgrows cooling
  };
  /// Temperature and leakage that agree with each other, from below.
  Steady steady(const std::vector<double> &dynamic_w,
                const std::vector<double> &leakageScale) const;

private:
  explicit Die(ThermalModel network) : network(std::move(network)) {}
  ThermalModel network;
  std::vector<double> areas, response;
};

/// Hotter than this nothing works any more: reported as runaway.
constexpr double kRunaway_k = 773.15;

/// Rectangles that cover what `blocks` leave free of the die. Touching edges
/// within 1e-9 m count as one; what is narrower than 10 µm stays free.
std::vector<FloorplanBlock> fillGaps(const std::vector<FloorplanBlock> &blocks,
                                     double width, double height);

} // namespace hybridc::exec

#endif // HYBRIDC_THERMAL_DIE_H
