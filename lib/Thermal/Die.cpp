//===- Die.cpp - A chip as heat sees it -----------------------------------===//

#include "hybridc/Thermal/Die.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

namespace {

/// Gaps narrower than this, in m, come from rounding.
constexpr double kSliver = 10e-6;

/// Sorted, without those closer than 1e-9 m to the one before.
std::vector<double> cuts(std::vector<double> at) {
  std::sort(at.begin(), at.end());
  std::vector<double> kept;
  for (double x : at)
    if (kept.empty() || x - kept.back() > 1e-9)
      kept.push_back(x);
  return kept;
}

} // namespace

std::vector<FloorplanBlock> fillGaps(const std::vector<FloorplanBlock> &blocks,
                                     double width, double height) {
  std::vector<double> xs{0, width}, ys{0, height};
  for (const FloorplanBlock &b : blocks) {
    xs.insert(xs.end(), {b.left, b.left + b.width});
    ys.insert(ys.end(), {b.bottom, b.bottom + b.height});
  }
  xs = cuts(xs);
  ys = cuts(ys);
  size_t nx = xs.size() - 1, ny = ys.size() - 1;
  std::vector<char> taken(nx * ny);
  for (size_t y = 0; y < ny; ++y)
    for (size_t x = 0; x < nx; ++x) {
      double cx = (xs[x] + xs[x + 1]) / 2, cy = (ys[y] + ys[y + 1]) / 2;
      for (const FloorplanBlock &b : blocks)
        taken[y * nx + x] |= cx > b.left && cx < b.left + b.width &&
                             cy > b.bottom && cy < b.bottom + b.height;
    }
  std::vector<FloorplanBlock> gaps;
  for (size_t y = 0; y < ny; ++y)
    for (size_t x = 0; x < nx; ++x) {
      if (taken[y * nx + x])
        continue;
      size_t right = x, top = y;
      while (right < nx && !taken[y * nx + right])
        ++right;
      auto isFree = [&](size_t row) {
        for (size_t i = x; i < right; ++i)
          if (taken[row * nx + i])
            return false;
        return true;
      };
      while (top < ny && isFree(top))
        ++top;
      for (size_t row = y; row < top; ++row)
        for (size_t i = x; i < right; ++i)
          taken[row * nx + i] = 1;
      // Between rounded blocks: nothing, as in HotSpot.
      if (xs[right] - xs[x] < kSliver || ys[top] - ys[y] < kSliver)
        continue;
      gaps.push_back({fmt::format("(gap {})", gaps.size()), xs[right] - xs[x],
                      ys[top] - ys[y], xs[x], ys[y]});
    }
  return gaps;
}

Result<Die> Die::create(const chip::Chip &chip) {
  std::vector<FloorplanBlock> blocks;
  std::vector<std::string> engines;
  if (chip.floorplan.width_mm > 0) {
    for (const chip::FloorBlock &b : chip.floorplan.blocks) {
      blocks.push_back(
          {b.name, b.w_mm * 1e-3, b.h_mm * 1e-3, b.x_mm * 1e-3, b.y_mm * 1e-3});
      engines.push_back(b.engine);
    }
    auto gaps = fillGaps(blocks, chip.floorplan.width_mm * 1e-3,
                         chip.floorplan.height_mm * 1e-3);
    blocks.insert(blocks.end(), gaps.begin(), gaps.end());
    engines.resize(blocks.size(), "none");
  } else if (chip.die_area_mm2 > 0) {
    double side = std::sqrt(chip.die_area_mm2) * 1e-3;
    blocks.push_back({"die", side, side, 0, 0});
    engines.push_back("none");
  } else {
    return unsupported(fmt::format(
        "'{}' has no temperatures: its description has neither a 'floorplan' "
        "nor 'die_area_mm2'; add one of them",
        chip.name));
  }
  auto model = ThermalModel::create(blocks, chip.thermal);
  if (!model)
    return model.error();
  Die die(std::move(*model));
  double area = 0;
  for (const FloorplanBlock &b : blocks) {
    die.names.push_back(b.name);
    die.areas.push_back(b.width * b.height);
    area += b.width * b.height;
  }
  for (double a : die.areas)
    die.leakage_w.push_back(chip.leakage_w * a / area);
  die.engines = std::move(engines);
  die.package = chip.thermal;
  die.response = die.network.response();
  return die;
}

std::vector<double> Die::heatOf(const std::vector<std::string> &units,
                                const std::vector<double> &unit_pj) const {
  std::vector<double> heat(numBlocks());
  for (size_t u = 0; u < units.size(); ++u) {
    if (unit_pj[u] == 0)
      continue;
    std::string name = units[u].starts_with("dma") ? "dma" : units[u];
    double area = 0;
    for (size_t i = 0; i < heat.size(); ++i)
      area += engines[i] == name ? areas[i] : 0;
    bool isEven = area == 0;
    if (isEven && name == "dram")
      continue; // its own chips are elsewhere
    if (isEven)
      for (double a : areas)
        area += a;
    for (size_t i = 0; i < heat.size(); ++i)
      if (isEven || engines[i] == name)
        heat[i] += unit_pj[u] * areas[i] / area;
  }
  return heat;
}

std::vector<double> Die::leakageAt(const std::vector<double> &kelvin,
                                   const std::vector<double> &scale) const {
  std::vector<double> watts(numBlocks());
  for (size_t i = 0; i < watts.size(); ++i)
    watts[i] =
        leakage_w[i] * scale[i] *
        std::exp(package.leakage_per_k *
                 (std::min(kelvin[i], kRunaway_k) - package.leakage_ref_k));
  return watts;
}

Die::Steady Die::steady(const std::vector<double> &dynamic_w,
                        const std::vector<double> &leakageScale) const {
  size_t n = numBlocks();
  Steady now;
  now.kelvin.assign(n, package.ambient_k);
  // Leakage only grows with temperature, so these steps climb to the lowest
  // temperature that holds, or past every bound.
  constexpr unsigned kMostSteps = 20000;
  for (unsigned step = 0; step < kMostSteps; ++step) {
    now.leakage_w = leakageAt(now.kelvin, leakageScale);
    double change = 0;
    for (size_t i = 0; i < n; ++i) {
      double kelvin = package.ambient_k;
      for (size_t j = 0; j < n; ++j)
        kelvin += response[i * n + j] * (dynamic_w[j] + now.leakage_w[j]);
      change = std::max(change, std::abs(kelvin - now.kelvin[i]));
      now.kelvin[i] = kelvin;
    }
    double hottest = *std::max_element(now.kelvin.begin(), now.kelvin.end());
    if (hottest >= kRunaway_k) {
      now.runaway = true;
      return now;
    }
    if (change < 1e-9)
      return now;
  }
  now.runaway = true; // creeping upwards still
  return now;
}

} // namespace hybridc::exec
