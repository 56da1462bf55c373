//===- Thermal.h - Temperatures of a die in its package -------*- C++ -*-===//
//
// The compact RC network of HotSpot's block model (hardware-model.md §6), or
// its grid model (thermal/Grid.h): die,
// interface, heat spreader and heat sink, one node per floorplan block in each
// of the four layers, and twelve nodes for the parts of spreader and sink that
// reach beyond the die.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_THERMAL_THERMAL_H
#define HYBRIDC_THERMAL_THERMAL_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Support/Result.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hybridc::exec {

/// A rectangle of the die; metres from its lower left corner.
struct FloorplanBlock {
  std::string name;
  double width = 0, height = 0, left = 0, bottom = 0;
};

class ThermalGrid;

class ThermalModel {
public:
  /// Blocks must tile a rectangle that is smaller than the spreader. Errors:
  /// InvalidInput (no block, overlap, too large, too many: see kMostBlocks).
  static Result<ThermalModel> create(std::vector<FloorplanBlock> blocks,
                                     const chip::Thermal &package);
  /// One square block of the given area.
  static Result<ThermalModel> ofArea(double area_mm2,
                                     const chip::Thermal &package);
  static constexpr size_t kMostBlocks = 128;

  /// Nodes: the blocks in die, interface, spreader and sink, one layer after
  /// the other, then spreader's rim, sink under that rim, sink's rim, each
  /// west, east, north, south.
  /// With chip::Thermal::model "grid" these are what its cells give
  /// (thermal/Grid.h), and the cells follow.
  size_t numNodes() const;
  size_t numBlocks() const { return blocks.size(); }

  /// Kelvin of every node when `power_w` (one per block) flows for ever.
  std::vector<double> steady(const std::vector<double> &power_w) const;

  struct Transient {
    std::vector<double> kelvin; ///< of every node, at the end
    double joulesToAir = 0;     ///< that left the sink meanwhile
  };
  /// `seconds` after `kelvin`, exactly (no time steps; a grid takes some).
  Transient after(const std::vector<double> &kelvin,
                  const std::vector<double> &power_w, double seconds) const;
  /// Kelvin per watt of every block (row-major, one source a column) above
  /// ambient in the steady state.
  std::vector<double> response() const;
  /// The blocks' kelvin at the end of each interval when the sequence of
  /// powers `watts[interval][block]`, each for `seconds[interval]`, repeats
  /// for ever (exact, no time steps; of a grid the mean is its own, and what
  /// goes up and down within the sequence that of the block model).
  std::vector<std::vector<double>>
  periodic(const std::vector<std::vector<double>> &watts,
           const std::vector<double> &seconds) const;
  /// Every node at ambient temperature.
  std::vector<double> cold() const;
  /// Joules stored above ambient.
  double storedHeat(const std::vector<double> &kelvin) const;

private:
  std::vector<FloorplanBlock> blocks;
  std::vector<double> toAir;    ///< W/K of each node to the air
  std::vector<double> capacity; ///< J/K
  double ambient_k = 0;
  std::vector<double> factor; ///< Cholesky's of the conductances, lower part
  // Modes of the network: dT/dt = C⁻¹(P − G·T) with symmetric C^-½ G C^-½
  // has decay rates and orthonormal shapes (row-major, one mode a column).
  // Found when first needed: a steady state does without.
  struct Modes {
    std::once_flag once;
    std::vector<double> matrix, rates, shapes;
  };
  std::shared_ptr<Modes> lazyModes;

  std::shared_ptr<const ThermalGrid> grid; ///< null: the block model

  size_t numBlockNodes() const { return capacity.size(); }
  std::vector<double> above(std::vector<double> kelvin) const;
  const Modes &modes() const;
  /// G⁻¹ · watts.
  std::vector<double> solve(std::vector<double> watts) const;
  /// C^-½ · power of every mode.
  std::vector<double> project(const std::vector<double> &watts) const;
};

} // namespace hybridc::exec

#endif // HYBRIDC_THERMAL_THERMAL_H
