//===- Thermal.cpp - Temperatures of a die in its package -----------------===//

#include "hybridc/Executor/clock/Thermal.h"

#include "Eigen.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace hybridc::exec {

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

struct Network {
  size_t size;
  std::vector<double> matrix, toAir, capacity;

  explicit Network(size_t size)
      : size(size), matrix(size * size), toAir(size), capacity(size) {}

  void connect(size_t a, size_t b, double conductance) {
    matrix[a * size + b] -= conductance;
    matrix[b * size + a] -= conductance;
    matrix[a * size + a] += conductance;
    matrix[b * size + b] += conductance;
  }
};

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
  void addSink(Network &net, size_t node, double area) const {
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

bool overlap(const FloorplanBlock &a, const FloorplanBlock &b) {
  return std::min(a.left + a.width, b.left + b.width) -
                 std::max(a.left, b.left) >
             kTouch &&
         std::min(a.bottom + a.height, b.bottom + b.height) -
                 std::max(a.bottom, b.bottom) >
             kTouch;
}

void connectBlocks(Network &net, const std::vector<FloorplanBlock> &blocks,
                   const Package &package) {
  size_t n = blocks.size();
  for (size_t i = 0; i < n; ++i) {
    const FloorplanBlock &block = blocks[i];
    double area = block.width * block.height;
    for (size_t layer = 0; layer < 3; ++layer) {
      const Layer &l = package.layers[layer];
      net.connect(layer * n + i, (layer + 1) * n + i,
                  1 / resistance(l.k, l.thickness, area));
      net.capacity[layer * n + i] = kLumped * l.heat * l.thickness * area;
    }
    package.addSink(net, 3 * n + i, area);
    for (size_t j = 0; j < i; ++j) {
      bool upright = false;
      double edge = sharedEdge(block, blocks[j], upright);
      if (edge <= 0)
        continue;
      double apart = upright ? (block.width + blocks[j].width) / 2
                             : (block.height + blocks[j].height) / 2;
      for (size_t layer = 0; layer < 4; ++layer) {
        const Layer &l = package.layers[layer];
        net.connect(layer * n + i, layer * n + j,
                    l.lateral * l.thickness * edge / apart);
      }
    }
  }
}

/// The rims: where spreader and sink reach beyond the die, in four parts.
void connectRims(Network &net, const std::vector<FloorplanBlock> &blocks,
                 const Package &package, double left, double bottom,
                 double width, double height) {
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

} // namespace

/// Lower factor of a symmetric positive definite matrix; every node of the
/// network leads to the air, so it is one.
static std::vector<double> cholesky(size_t n, std::vector<double> a) {
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k)
        sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
  return a;
}

Result<ThermalModel> ThermalModel::create(std::vector<FloorplanBlock> blocks,
                                          const chip::Thermal &settings) {
  if (blocks.empty() || blocks.size() > kMostBlocks)
    return invalidInput(fmt::format("a floorplan has 1 to {} blocks, not {}",
                                    kMostBlocks, blocks.size()));
  double left = HUGE_VAL, bottom = HUGE_VAL, right = -HUGE_VAL, top = -HUGE_VAL;
  double covered = 0;
  for (const FloorplanBlock &block : blocks) {
    if (!(block.width > 0) || !(block.height > 0))
      return invalidInput(
          fmt::format("floorplan block '{}' has no area", block.name));
    left = std::min(left, block.left);
    bottom = std::min(bottom, block.bottom);
    right = std::max(right, block.left + block.width);
    top = std::max(top, block.bottom + block.height);
    covered += block.width * block.height;
  }
  double width = right - left, height = top - bottom;
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

  Network net(4 * blocks.size() + 12);
  connectBlocks(net, blocks, package);
  connectRims(net, blocks, package, left, bottom, width, height);

  ThermalModel model;
  model.blocks = std::move(blocks);
  model.toAir = net.toAir;
  model.capacity = net.capacity;
  model.ambient_k = settings.ambient_k;
  size_t n = net.size;
  for (size_t i = 0; i < n; ++i)
    net.matrix[i * n + i] += net.toAir[i];
  model.factor = cholesky(n, net.matrix);
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < n; ++j)
      net.matrix[i * n + j] /= std::sqrt(net.capacity[i] * net.capacity[j]);
  model.lazyModes = std::make_shared<Modes>();
  model.lazyModes->matrix = std::move(net.matrix);
  return model;
}

const ThermalModel::Modes &ThermalModel::modes() const {
  std::call_once(lazyModes->once, [this] {
    clock::symmetricModes(numNodes(), std::move(lazyModes->matrix),
                          lazyModes->rates, lazyModes->shapes);
  });
  return *lazyModes;
}

std::vector<double> ThermalModel::solve(std::vector<double> x) const {
  size_t n = numNodes();
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < i; ++j)
      x[i] -= factor[i * n + j] * x[j];
    x[i] /= factor[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    x[i] /= factor[i * n + i];
    for (size_t j = 0; j < i; ++j)
      x[j] -= factor[i * n + j] * x[i];
  }
  return x;
}

Result<ThermalModel> ThermalModel::ofArea(double area_mm2,
                                          const chip::Thermal &package) {
  double side = std::sqrt(std::max(0.0, area_mm2)) * 1e-3;
  return create({{"die", side, side, 0, 0}}, package);
}

std::vector<double>
ThermalModel::project(const std::vector<double> &watts) const {
  size_t n = numNodes();
  const std::vector<double> &shapes = modes().shapes;
  std::vector<double> projected(n);
  for (size_t i = 0; i < n; ++i) {
    if (watts[i] == 0)
      continue;
    double scaled = watts[i] / std::sqrt(capacity[i]);
    for (size_t m = 0; m < n; ++m)
      projected[m] += shapes[i * n + m] * scaled;
  }
  return projected;
}

std::vector<double>
ThermalModel::steady(const std::vector<double> &power_w) const {
  std::vector<double> watts(power_w);
  watts.resize(numNodes());
  std::vector<double> kelvin = solve(std::move(watts));
  for (double &k : kelvin)
    k += ambient_k;
  return kelvin;
}

ThermalModel::Transient ThermalModel::after(const std::vector<double> &kelvin,
                                            const std::vector<double> &power_w,
                                            double seconds) const {
  size_t n = numNodes();
  const auto &[once, matrix, rates, shapes] = modes();
  std::vector<double> watts(power_w), heat(n);
  watts.resize(n);
  for (size_t i = 0; i < n; ++i) // as C · (T − ambient), so that project fits
    heat[i] =
        capacity[i] * ((i < kelvin.size() ? kelvin[i] : ambient_k) - ambient_k);
  std::vector<double> drive = project(watts), state = project(heat);
  std::vector<double> end(n), mean(n);
  for (size_t m = 0; m < n; ++m) {
    double goal = drive[m] / rates[m], off = state[m] - goal;
    double lost = -std::expm1(-rates[m] * seconds);
    end[m] = goal + off * (1 - lost);
    mean[m] = goal * seconds + off * lost / rates[m]; // ∫ of the mode
  }
  Transient result;
  result.kelvin.assign(n, ambient_k);
  for (size_t i = 0; i < n; ++i) {
    double integral = 0;
    for (size_t m = 0; m < n; ++m) {
      double shape = shapes[i * n + m] / std::sqrt(capacity[i]);
      result.kelvin[i] += shape * end[m];
      integral += shape * mean[m];
    }
    result.joulesToAir += toAir[i] * integral;
  }
  return result;
}

std::vector<double> ThermalModel::response() const {
  size_t b = numBlocks();
  std::vector<double> kelvinPerWatt(b * b);
  for (size_t j = 0; j < b; ++j) {
    std::vector<double> watts(numNodes());
    watts[j] = 1;
    std::vector<double> kelvin = solve(std::move(watts));
    for (size_t i = 0; i < b; ++i)
      kelvinPerWatt[i * b + j] = kelvin[i];
  }
  return kelvinPerWatt;
}

std::vector<std::vector<double>>
ThermalModel::periodic(const std::vector<std::vector<double>> &watts,
                       const std::vector<double> &seconds) const {
  size_t n = numNodes(), b = numBlocks(), steps = seconds.size();
  const auto &[once, matrix, rates, shapes] = modes();
  double period = 0;
  for (double s : seconds)
    period += s;
  std::vector<std::vector<double>> kelvin(steps,
                                          std::vector<double>(b, ambient_k));
  if (!(period > 0))
    return kelvin;
  // Each mode by itself: s' = p − rate · s over each interval; where it starts
  // is where it ends.
  std::vector<double> ends(steps), goal(steps), lost(steps);
  for (size_t m = 0; m < n; ++m) {
    for (size_t k = 0; k < steps; ++k) {
      double drive = 0;
      for (size_t i = 0; i < b; ++i)
        drive += shapes[i * n + m] * watts[k][i] / std::sqrt(capacity[i]);
      goal[k] = drive / rates[m];
      lost[k] = -std::expm1(-rates[m] * seconds[k]);
    }
    auto advance = [&](double state) {
      for (size_t k = 0; k < steps; ++k)
        ends[k] = state += (goal[k] - state) * lost[k];
      return state;
    };
    advance(advance(0) / -std::expm1(-rates[m] * period));
    for (size_t k = 0; k < steps; ++k)
      for (size_t i = 0; i < b; ++i)
        kelvin[k][i] += shapes[i * n + m] * ends[k] / std::sqrt(capacity[i]);
  }
  return kelvin;
}

std::vector<double> ThermalModel::cold() const {
  return std::vector<double>(numNodes(), ambient_k);
}

double ThermalModel::storedHeat(const std::vector<double> &kelvin) const {
  double joules = 0;
  for (size_t i = 0; i < numNodes() && i < kelvin.size(); ++i)
    joules += capacity[i] * (kelvin[i] - ambient_k);
  return joules;
}

} // namespace hybridc::exec
