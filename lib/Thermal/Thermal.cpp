//===- Thermal.cpp - Temperatures of a die in its package -----------------===//

#include "hybridc/Thermal/Thermal.h"

#include "Eigen.h"
#include "ThermalNetwork.h"
#include "hybridc/Thermal/Grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

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
  if (Status status = clock::checkFloorplan(blocks, settings); !status)
    return status.error();
  clock::ThermalNetwork net = clock::networkOf(blocks, settings);
  ThermalModel model;
  model.blocks = std::move(blocks);
  model.toAir = net.toAir;
  model.capacity = net.capacity;
  model.ambient_k = settings.ambient_k;
  size_t n = net.capacity.size();
  std::vector<double> matrix(n * n);
  for (const auto &[a, b, conductance] : net.links) {
    matrix[a * n + b] -= conductance;
    matrix[b * n + a] -= conductance;
    matrix[a * n + a] += conductance;
    matrix[b * n + b] += conductance;
  }
  for (size_t i = 0; i < n; ++i)
    matrix[i * n + i] += net.toAir[i];
  model.factor = cholesky(n, matrix);
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < n; ++j)
      matrix[i * n + j] /= std::sqrt(net.capacity[i] * net.capacity[j]);
  model.lazyModes = std::make_shared<Modes>();
  model.lazyModes->matrix = std::move(matrix);
  if (settings.model == "grid")
    model.grid = std::make_shared<const ThermalGrid>(model.blocks, settings);
  return model;
}

const ThermalModel::Modes &ThermalModel::modes() const {
  std::call_once(lazyModes->once, [this] {
    clock::symmetricModes(numBlockNodes(), std::move(lazyModes->matrix),
                          lazyModes->rates, lazyModes->shapes);
  });
  return *lazyModes;
}

std::vector<double> ThermalModel::solve(std::vector<double> x) const {
  size_t n = numBlockNodes();
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
  size_t n = numBlockNodes();
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
  if (grid)
    return above(grid->steady(power_w));
  std::vector<double> watts(power_w);
  watts.resize(numBlockNodes());
  return above(solve(std::move(watts)));
}

std::vector<double> ThermalModel::above(std::vector<double> kelvin) const {
  for (double &k : kelvin)
    k += ambient_k;
  return kelvin;
}

ThermalModel::Transient ThermalModel::after(const std::vector<double> &kelvin,
                                            const std::vector<double> &power_w,
                                            double seconds) const {
  if (grid) {
    std::vector<double> start(kelvin);
    for (double &k : start)
      k -= ambient_k;
    auto [end, joules] = grid->after(std::move(start), power_w, seconds);
    return {above(std::move(end)), joules};
  }
  size_t n = numBlockNodes();
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
    std::vector<double> watts(grid ? b : numBlockNodes());
    watts[j] = 1;
    std::vector<double> kelvin =
        grid ? grid->steady(watts) : solve(std::move(watts));
    for (size_t i = 0; i < b; ++i)
      kelvinPerWatt[i * b + j] = kelvin[i];
  }
  return kelvinPerWatt;
}

std::vector<std::vector<double>>
ThermalModel::periodic(const std::vector<std::vector<double>> &watts,
                       const std::vector<double> &seconds) const {
  size_t n = numBlockNodes(), b = numBlocks(), steps = seconds.size();
  const auto &[once, matrix, rates, shapes] = modes();
  double period = 0;
  for (double s : seconds)
    period += s;
  std::vector<std::vector<double>> kelvin(steps,
                                          std::vector<double>(b, ambient_k));
  if (!(period > 0))
    return kelvin;
  if (grid) { // its mean; how it goes up and down is that of the blocks
    std::vector<double> mean(b);
    for (size_t k = 0; k < steps; ++k)
      for (size_t i = 0; i < b; ++i)
        mean[i] += watts[k][i] * seconds[k] / period;
    std::vector<double> cells = grid->steady(mean);
    mean.resize(n);
    std::vector<double> lumped = solve(std::move(mean));
    for (auto &at : kelvin)
      for (size_t i = 0; i < b; ++i)
        at[i] += cells[i] - lumped[i];
  }
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

size_t ThermalModel::numNodes() const {
  return grid ? grid->numNodes() : numBlockNodes();
}

std::vector<double> ThermalModel::cold() const {
  return std::vector<double>(numNodes(), ambient_k);
}

double ThermalModel::storedHeat(const std::vector<double> &kelvin) const {
  if (grid) {
    std::vector<double> over(kelvin);
    for (double &k : over)
      k -= ambient_k;
    return grid->storedHeat(over);
  }
  double joules = 0;
  for (size_t i = 0; i < numBlockNodes() && i < kelvin.size(); ++i)
    joules += capacity[i] * (kelvin[i] - ambient_k);
  return joules;
}

} // namespace hybridc::exec
