//===- Grid.h - A die in its package, cell by cell ------------*- C++ -*-===//
//
// HotSpot's grid model: each layer of the package is cut into rows × columns of
// equal cells over the die, joined as the blocks of ThermalModel are, with the
// same rims. A cell takes of a block's power what it covers of the block.
//
// All temperatures are above ambient. A vector of them has, first, what the
// block model's would have (the blocks in each of four layers by
// chip::Thermal::grid_map, then the twelve rims), then cells and rims.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_THERMAL_GRID_H
#define HYBRIDC_THERMAL_GRID_H

#include "hybridc/Chip/Chip.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace hybridc::exec {

struct FloorplanBlock;

class ThermalGrid {
public:
  /// Blocks that ThermalModel::create() has taken.
  ThermalGrid(const std::vector<FloorplanBlock> &blocks,
              const chip::Thermal &package);

  size_t numNodes() const { return numLumped() + capacity.size(); }

  std::vector<double> steady(const std::vector<double> &watts) const;
  /// `seconds` after `start` (also one without cells: they begin as their
  /// blocks) and the heat that went to the air, in steps that keep the error
  /// of each below some thousandths of a kelvin.
  std::pair<std::vector<double>, double> after(std::vector<double> start,
                                               const std::vector<double> &watts,
                                               double seconds) const;
  double storedHeat(const std::vector<double> &kelvin) const;

private:
  /// A part of a block that lies in a cell.
  struct Share {
    uint32_t cell;
    double part; ///< of the block's area
  };
  std::vector<std::vector<Share>> shares; ///< of each block
  std::vector<uint32_t> centres;          ///< cell of each block
  std::string map;                        ///< chip::Thermal::grid_map
  size_t numCells = 0;
  std::vector<double> toAir, capacity;
  // Conductances, symmetric: the diagonal, and what is left of it, by rows.
  std::vector<double> diagonal, values;
  std::vector<uint32_t> rowStart, columns;

  size_t numLumped() const { return 4 * shares.size() + 12; }
  std::vector<double> lumped(const std::vector<double> &cells) const;
  std::vector<double> cellsOf(const std::vector<double> &kelvin) const;
  std::vector<double> powers(const std::vector<double> &watts) const;
  std::vector<double> times(const std::vector<double> &x) const;

  /// (s · C + G)⁻¹ by conjugate gradients.
  class Solver;
  struct Step {
    std::vector<double> end, error;
    double joulesToAir = 0;
  };
  Step advance(const Solver &solver, const std::vector<double> &from,
               const std::vector<double> &watts, double seconds) const;
};

} // namespace hybridc::exec

#endif // HYBRIDC_THERMAL_GRID_H
