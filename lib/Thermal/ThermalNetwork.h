//===- ThermalNetwork.h - A die in its package as resistors ---*- C++ -*-===//
//
// Conductances and capacities of blocks in four layers (die, interface,
// spreader, sink) and of the rims, whatever the blocks are: those of a
// floorplan (Thermal.cpp) or the cells of a grid (thermal/Grid.cpp).
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_THERMAL_THERMALNETWORK_H
#define HYBRIDC_LIB_THERMAL_THERMALNETWORK_H

#include "hybridc/Thermal/Thermal.h"

#include <cstdint>

namespace hybridc::exec::clock {

/// Nodes as ThermalModel's; ambient is 0.
struct ThermalNetwork {
  struct Link {
    uint32_t a, b;
    double conductance; ///< W/K
  };
  std::vector<Link> links;
  std::vector<double> toAir, capacity; ///< of each node

  explicit ThermalNetwork(size_t size) : toAir(size), capacity(size) {}
  void connect(size_t a, size_t b, double conductance) {
    links.push_back({uint32_t(a), uint32_t(b), conductance});
  }
};

struct Bounds {
  double left = 0, bottom = 0, width = 0, height = 0;
};
Bounds boundsOf(const std::vector<FloorplanBlock> &blocks);

/// The blocks tile a rectangle that is smaller than the spreader.
Status checkFloorplan(const std::vector<FloorplanBlock> &blocks,
                      const chip::Thermal &package);

/// `perRow`: the blocks are a grid, row after row from below, with so many in
/// each; 0: any arrangement.
ThermalNetwork networkOf(const std::vector<FloorplanBlock> &blocks,
                         const chip::Thermal &package, size_t perRow = 0);

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_THERMAL_THERMALNETWORK_H
