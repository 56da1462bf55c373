//===- ThermalNetwork.cpp - A die in its package as resistors -------------===//

#include "ThermalNetwork.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace hybridc::exec::clock {

namespace {

/// Lumped capacities count a third of a layer's: its far side heats last.
constexpr double kLumped = 0.333;

struct Layer {
  double k, thickness, heat; ///< W/mK, m, J/m³K
  double lateral;            ///< W/mK along the layer
};

double resistance(double k, double length, double area) {
  return length / (k * area);
}

/// Everything that building needs of the package, in metres.
struct Package {
  std::array<Layer, 4> layers; ///< die, interface, spreader, sink
  double spreaderSide, sinkSide, rConvec, cConvec;

  explicit Package(const chip::Thermal &t)
      : layers{{{t.die_k, t.die_mm * 1e-3, t.die_c, t.die_k},
                {t.tim_k, t.tim_mm * 1e-3, t.tim_c, t.tim_k},
                {t.spreader_k, t.spreader_mm * 1e-3, t.spreader_c,
                 t.package == "vapor_chamber" ? t.spreader_lateral_k
                                              : t.spreader_k},
                {t.sink_k, t.sink_mm * 1e-3, t.sink_c, t.sink_k}}},
        spreaderSide(t.spreader_side_mm * 1e-3),
        sinkSide(t.sink_side_mm * 1e-3), rConvec(t.toAir_k_w()),
        cConvec(t.c_convec) {}

  /// A piece of the sink of this area, to the air: through its metal, then
  /// its part of the convection.
  void addSink(ThermalNetwork &net, size_t node, double area) const {
    const Layer &sink = layers[3];
    double whole = sinkSide * sinkSide;
    net.toAir[node] =
        1 / (rConvec * whole / area + resistance(sink.k, sink.thickness, area));
    net.capacity[node] =
        kLumped * (sink.heat * sink.thickness * area + cConvec * area / whole);
  }
};

/// Blocks closer than a micrometre touch, in m, as HotSpot has it; this is a
/// little less, so that rounding does not make neighbours of what is one apart.
constexpr double kTouch = 0.999e-6;

/// Length of the edge that two blocks share; `upright` tells its direction.
double sharedEdge(const FloorplanBlock &a, const FloorplanBlock &b,
                  bool &upright) {
  double x =
      std::min(a.left + a.width, b.left + b.width) - std::max(a.left, b.left);
  double y = std::min(a.bottom + a.height, b.bottom + b.height) -
             std::max(a.bottom, b.bottom);
  upright = y > kTouch && std::abs(x) < kTouch;
  if (upright)
    return y;
  return x > kTouch && std::abs(y) < kTouch ? x : 0;
}

/// The layers of one block, and its way to the air.
void connectLayers(ThermalNetwork &net, size_t n, size_t i,
                   const FloorplanBlock &block, const Package &package) {
  double area = block.width * block.height;
  for (size_t layer = 0; layer < 3; ++layer) {
    const Layer &l = package.layers[layer];
    net.connect(layer * n + i, (layer + 1) * n + i,
                1 / resistance(l.k, l.thickness, area));
    net.capacity[layer * n + i] = kLumped * l.heat * l.thickness * area;
  }
  package.addSink(net, 3 * n + i, area);
}

void connectNeighbours(ThermalNetwork &net,
                       const std::vector<FloorplanBlock> &blocks, size_t i,
                       size_t j, const Package &package) {
  size_t n = blocks.size();
  bool upright = false;
  double edge = sharedEdge(blocks[i], blocks[j], upright);
  if (edge <= 0)
    return;
  double apart = upright ? (blocks[i].width + blocks[j].width) / 2
                         : (blocks[i].height + blocks[j].height) / 2;
  for (size_t layer = 0; layer < 4; ++layer) {
    const Layer &l = package.layers[layer];
    net.connect(layer * n + i, layer * n + j,
                l.lateral * l.thickness * edge / apart);
  }
}

/// The rims: where spreader and sink reach beyond the die, in four parts.
void connectRims(ThermalNetwork &net, const std::vector<FloorplanBlock> &blocks,
                 const Package &package, const Bounds &die) {
  auto [left, bottom, width, height] = die;
  size_t n = blocks.size();
  size_t spreaderRim = 4 * n, underRim = spreaderRim + 4,
         sinkRim = underRim + 4;
  const Layer &spreader = package.layers[2], &sink = package.layers[3];
  double s = package.spreaderSide, h = package.sinkSide;
  for (size_t side = 0; side < 4; ++side) { // west, east, north, south
    bool sideways = side < 2;
    double along = sideways ? width : height;  // towards the rim
    double across = sideways ? height : width; // along the die's edge
    double reach = (s - along) / 4, middle = (s + 3 * across) / 4;
    double area = (s + across) * (s - along) / 4;

    auto touches = [&](const FloorplanBlock &block) {
      switch (side) {
      case 0:
        return block.left - left < kTouch;
      case 1:
        return left + width - block.left - block.width < kTouch;
      case 2:
        return bottom + height - block.bottom - block.height < kTouch;
      default:
        return block.bottom - bottom < kTouch;
      }
    };
    auto connectEdge = [&](size_t layer, const Layer &l, size_t rim) {
      double rimResistance = resistance(l.lateral, reach, middle * l.thickness);
      auto half = [&](const FloorplanBlock &b) {
        return 2 * l.lateral * l.thickness *
               (sideways ? b.height / b.width : b.width / b.height);
      };
      double total = 0;
      for (const FloorplanBlock &block : blocks)
        total += touches(block) ? half(block) : 0;
      // The edge's blocks share the way into the rim.
      for (size_t i = 0; i < n; ++i)
        if (touches(blocks[i]))
          net.connect(layer * n + i, rim,
                      half(blocks[i]) / (1 + rimResistance * total));
    };
    connectEdge(2, spreader, spreaderRim + side);
    connectEdge(3, sink, underRim + side);

    net.connect(spreaderRim + side, underRim + side,
                1 / resistance(spreader.k, spreader.thickness, area));
    net.capacity[spreaderRim + side] =
        kLumped * spreader.heat * spreader.thickness * area;
    double outward =
        resistance(sink.k, reach, (3 * s + across) / 4 * sink.thickness) +
        resistance(sink.k, (h - s) / 4, (h + 3 * s) / 4 * sink.thickness);
    net.connect(underRim + side, sinkRim + side, 1 / outward);
    package.addSink(net, underRim + side, area);
    package.addSink(net, sinkRim + side, (h * h - s * s) / 4);
  }
}

bool overlap(const FloorplanBlock &a, const FloorplanBlock &b) {
  return std::min(a.left + a.width, b.left + b.width) -
                 std::max(a.left, b.left) >
             kTouch &&
         std::min(a.bottom + a.height, b.bottom + b.height) -
                 std::max(a.bottom, b.bottom) >
             kTouch;
}

} // namespace

Bounds boundsOf(const std::vector<FloorplanBlock> &blocks) {
  Bounds b;
  double right = -HUGE_VAL, top = -HUGE_VAL;
  b.left = b.bottom = HUGE_VAL;
  for (const FloorplanBlock &block : blocks) {
    b.left = std::min(b.left, block.left);
    b.bottom = std::min(b.bottom, block.bottom);
    right = std::max(right, block.left + block.width);
    top = std::max(top, block.bottom + block.height);
  }
  b.width = right - b.left;
  b.height = top - b.bottom;
  return b;
}

Status checkFloorplan(const std::vector<FloorplanBlock> &blocks,
                      const chip::Thermal &settings) {
  double covered = 0;
  for (const FloorplanBlock &block : blocks) {
    if (!(block.width > 0) || !(block.height > 0))
      return invalidInput(
          fmt::format("floorplan block '{}' has no area", block.name));
    covered += block.width * block.height;
  }
  auto [left, bottom, width, height] = boundsOf(blocks);
  for (size_t i = 0; i < blocks.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (overlap(blocks[i], blocks[j]))
        return invalidInput(
            fmt::format("floorplan blocks '{}' and '{}' overlap",
                        blocks[j].name, blocks[i].name));
  // Rounded floorplans leave slivers; more than that is a part of the die that
  // nobody described.
  if (width * height - covered > 1e-3 * width * height)
    return invalidInput("the floorplan's blocks leave gaps");
  Package package(settings);
  if (width >= package.spreaderSide || height >= package.spreaderSide ||
      package.spreaderSide >= package.sinkSide)
    return invalidInput(fmt::format(
        "the die ({:.3g} × {:.3g} mm) must be smaller than the heat spreader "
        "({:.3g} mm), and that smaller than the sink ({:.3g} mm)",
        width * 1e3, height * 1e3, package.spreaderSide * 1e3,
        package.sinkSide * 1e3));

  return {};
}

ThermalNetwork networkOf(const std::vector<FloorplanBlock> &blocks,
                         const chip::Thermal &settings, size_t perRow) {
  Package package(settings);
  size_t n = blocks.size();
  ThermalNetwork net(4 * n + 12);
  for (size_t i = 0; i < n; ++i) {
    connectLayers(net, n, i, blocks[i], package);
    if (perRow == 0) {
      for (size_t j = 0; j < i; ++j)
        connectNeighbours(net, blocks, i, j, package);
      continue;
    }
    if (i % perRow > 0)
      connectNeighbours(net, blocks, i, i - 1, package);
    if (i >= perRow)
      connectNeighbours(net, blocks, i, i - perRow, package);
  }
  connectRims(net, blocks, package, boundsOf(blocks));
  return net;
}

} // namespace hybridc::exec::clock
