//===- Grid.cpp - A die in its package, cell by cell ----------------------===//

#include "hybridc/Thermal/Grid.h"

#include "ThermalNetwork.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using clock::ThermalNetwork;

ThermalGrid::ThermalGrid(const std::vector<FloorplanBlock> &blocks,
                         const chip::Thermal &package)
    : shares(blocks.size()), map(package.grid_map) {
  clock::Bounds die = clock::boundsOf(blocks);
  size_t rows = package.grid_rows, cols = package.grid_cols;
  numCells = rows * cols;
  double width = die.width / double(cols), height = die.height / double(rows);
  std::vector<FloorplanBlock> cells(numCells);
  for (size_t i = 0; i < numCells; ++i)
    cells[i] = {"", width, height, die.left + double(i % cols) * width,
                die.bottom + double(i / cols) * height};
  auto index = [](double at, size_t count) {
    return size_t(std::clamp(at, 0.0, double(count - 1)));
  };
  for (size_t b = 0; b < blocks.size(); ++b) {
    const FloorplanBlock &block = blocks[b];
    double left = block.left - die.left, bottom = block.bottom - die.bottom;
    double right = left + block.width, top = bottom + block.height;
    double area = block.width * block.height;
    for (size_t y = index(bottom / height, rows);
         y <= index(top / height, rows); ++y)
      for (size_t x = index(left / width, cols);
           x <= index(right / width, cols); ++x) {
        double w = std::min(right, double(x + 1) * width) -
                   std::max(left, double(x) * width);
        double h = std::min(top, double(y + 1) * height) -
                   std::max(bottom, double(y) * height);
        if (w > 0 && h > 0 && w * h > 1e-9 * std::min(area, width * height))
          shares[b].push_back({uint32_t(y * cols + x), w * h / area});
      }
    double all = 0; // no power is lost to rounding
    for (const Share &share : shares[b])
      all += share.part;
    for (Share &share : shares[b])
      share.part /= all;
    centres.push_back(uint32_t(index((bottom + top) / 2 / height, rows) * cols +
                               index((left + right) / 2 / width, cols)));
  }

  ThermalNetwork net = clock::networkOf(cells, package, cols);
  toAir = net.toAir;
  capacity = net.capacity;
  size_t n = capacity.size();
  diagonal = toAir;
  rowStart.assign(n + 1, 0);
  for (const auto &[a, b, conductance] : net.links) {
    diagonal[a] += conductance;
    diagonal[b] += conductance;
    ++rowStart[std::max(a, b) + 1];
  }
  for (size_t i = 0; i < n; ++i)
    rowStart[i + 1] += rowStart[i];
  columns.resize(net.links.size());
  values.resize(net.links.size());
  std::sort(net.links.begin(), net.links.end(), [](auto &x, auto &y) {
    return std::pair(std::max(x.a, x.b), std::min(x.a, x.b)) <
           std::pair(std::max(y.a, y.b), std::min(y.a, y.b));
  });
  for (size_t k = 0; k < net.links.size(); ++k) {
    columns[k] = std::min(net.links[k].a, net.links[k].b);
    values[k] = -net.links[k].conductance;
  }
}

std::vector<double>
ThermalGrid::lumped(const std::vector<double> &cells) const {
  std::vector<double> kelvin;
  for (size_t layer = 0; layer < 4; ++layer) {
    const double *of = cells.data() + layer * numCells;
    for (size_t b = 0; b < shares.size(); ++b) {
      double mean = 0, least = HUGE_VAL, most = -HUGE_VAL;
      for (const Share &share : shares[b]) {
        mean += share.part * of[share.cell];
        least = std::min(least, of[share.cell]);
        most = std::max(most, of[share.cell]);
      }
      kelvin.push_back(map == "min"      ? least
                       : map == "max"    ? most
                       : map == "center" ? of[centres[b]]
                                         : mean);
    }
  }
  kelvin.insert(kelvin.end(), cells.end() - 12, cells.end());
  kelvin.insert(kelvin.end(), cells.begin(), cells.end());
  return kelvin;
}

std::vector<double>
ThermalGrid::cellsOf(const std::vector<double> &kelvin) const {
  if (kelvin.size() == numNodes())
    return {kelvin.begin() + long(numLumped()), kelvin.end()};
  std::vector<double> cells(capacity.size());
  size_t blocks = shares.size();
  for (size_t layer = 0; layer < 4; ++layer)
    for (size_t b = 0; b < blocks; ++b)
      for (const Share &share : shares[b])
        cells[layer * numCells + share.cell] = kelvin.at(layer * blocks + b);
  for (size_t i = 0; i < 12; ++i)
    cells[4 * numCells + i] = kelvin.at(4 * blocks + i);
  return cells;
}

std::vector<double>
ThermalGrid::powers(const std::vector<double> &watts) const {
  std::vector<double> cells(capacity.size());
  for (size_t b = 0; b < shares.size(); ++b)
    for (const Share &share : shares[b])
      cells[share.cell] += watts[b] * share.part;
  return cells;
}

std::vector<double> ThermalGrid::times(const std::vector<double> &x) const {
  size_t n = x.size();
  std::vector<double> y(n);
  for (size_t i = 0; i < n; ++i) {
    double sum = diagonal[i] * x[i];
    for (size_t k = rowStart[i]; k < rowStart[i + 1]; ++k) {
      sum += values[k] * x[columns[k]];
      y[columns[k]] += values[k] * x[i];
    }
    y[i] += sum;
  }
  return y;
}

/// Conjugate gradients, preconditioned by the incomplete Cholesky factor on
/// the matrix's own pattern, which exists for every such network.
class ThermalGrid::Solver {
public:
  Solver(const ThermalGrid &grid, double shift)
      : grid(grid), shift(shift), pivots(grid.diagonal), factor(grid.values) {
    size_t n = pivots.size();
    std::vector<double> row(n);
    for (size_t i = 0; i < n; ++i) {
      size_t from = grid.rowStart[i], to = grid.rowStart[i + 1];
      pivots[i] += shift * grid.capacity[i];
      for (size_t k = from; k < to; ++k) {
        size_t j = grid.columns[k];
        double value = factor[k];
        for (size_t l = grid.rowStart[j]; l < grid.rowStart[j + 1]; ++l)
          value -= row[grid.columns[l]] * factor[l];
        row[j] = factor[k] = value / pivots[j];
        pivots[i] -= factor[k] * factor[k];
      }
      pivots[i] = std::sqrt(pivots[i]);
      for (size_t k = from; k < to; ++k)
        row[grid.columns[k]] = 0;
    }
  }

  /// `x`: where the search begins; it ends at this part of the first error.
  std::vector<double> solve(const std::vector<double> &b, std::vector<double> x,
                            double part = 1e-10) const {
    size_t n = b.size();
    std::vector<double> r = product(x);
    for (size_t i = 0; i < n; ++i)
      r[i] = b[i] - r[i];
    std::vector<double> z = precondition(r), p = z;
    double rz = dot(r, z), goal = part * part * dot(b, precondition(b));
    constexpr int kMostSteps = 20000;
    for (int step = 0; step < kMostSteps && rz > goal; ++step) {
      std::vector<double> q = product(p);
      double alpha = rz / dot(p, q);
      for (size_t i = 0; i < n; ++i) {
        x[i] += alpha * p[i];
        r[i] -= alpha * q[i];
      }
      z = precondition(r);
      double next = dot(r, z);
      for (size_t i = 0; i < n; ++i)
        p[i] = z[i] + next / rz * p[i];
      rz = next;
    }
    return x;
  }

private:
  const ThermalGrid &grid;
  double shift;
  std::vector<double> pivots, factor;

  static double dot(const std::vector<double> &a,
                    const std::vector<double> &b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i)
      sum += a[i] * b[i];
    return sum;
  }
  std::vector<double> product(const std::vector<double> &x) const {
    std::vector<double> y = grid.times(x);
    for (size_t i = 0; i < x.size(); ++i)
      y[i] += shift * grid.capacity[i] * x[i];
    return y;
  }
  std::vector<double> precondition(std::vector<double> x) const {
    size_t n = x.size();
    for (size_t i = 0; i < n; ++i) {
      for (size_t k = grid.rowStart[i]; k < grid.rowStart[i + 1]; ++k)
        x[i] -= factor[k] * x[grid.columns[k]];
      x[i] /= pivots[i];
    }
    for (size_t i = n; i-- > 0;) {
      x[i] /= pivots[i];
      for (size_t k = grid.rowStart[i]; k < grid.rowStart[i + 1]; ++k)
        x[grid.columns[k]] -= factor[k] * x[i];
    }
    return x;
  }
};

std::vector<double>
ThermalGrid::steady(const std::vector<double> &watts) const {
  return lumped(Solver(*this, 0).solve(powers(watts),
                                       std::vector<double>(capacity.size())));
}

/// The step of TR-BDF2: both halves have one matrix, C + γ h / 2 · G, and its
/// error is seen beside that of a third-order rule (Hosea and Shampine, 1996).
static const double kGamma = 2 - std::sqrt(2.0);

ThermalGrid::Step ThermalGrid::advance(const Solver &solver,
                                       const std::vector<double> &from,
                                       const std::vector<double> &watts,
                                       double seconds) const {
  size_t n = from.size();
  double half = kGamma / 2 * seconds, weight = std::sqrt(2.0) / 4;
  auto flow = [&](const std::vector<double> &x) { // C dT/dt
    std::vector<double> out = times(x);
    for (size_t i = 0; i < n; ++i)
      out[i] = watts[i] - out[i];
    return out;
  };
  // The matrix of `solver` is this one over `half`.
  std::vector<double> f0 = flow(from), b(n);
  for (size_t i = 0; i < n; ++i)
    b[i] = capacity[i] * from[i] / half + f0[i] + watts[i];
  std::vector<double> middle = solver.solve(b, from), f1 = flow(middle);
  for (size_t i = 0; i < n; ++i)
    b[i] = (capacity[i] * from[i] + weight * seconds * (f0[i] + f1[i])) / half +
           watts[i];
  Step step;
  step.end = solver.solve(b, middle);
  std::vector<double> f2 = flow(step.end);
  for (size_t i = 0; i < n; ++i) {
    step.joulesToAir +=
        toAir[i] * seconds *
        (weight * (from[i] + middle[i]) + kGamma / 2 * step.end[i]);
    b[i] = seconds / half *
           ((weight - (1 - weight) / 3) * f0[i] +
            (weight - (3 * weight + 1) / 3) * f1[i] + kGamma / 3 * f2[i]);
  }
  step.error = solver.solve(b, std::vector<double>(n), 1e-3);
  return step;
}

std::pair<std::vector<double>, double>
ThermalGrid::after(std::vector<double> start, const std::vector<double> &watts,
                   double seconds) const {
  std::vector<double> now = cellsOf(start), power = powers(watts);
  double joules = 0, done = 0, length = seconds;
  while (done < seconds) {
    length = std::min(length, seconds - done);
    Step step =
        advance(Solver(*this, 2 / (kGamma * length)), now, power, length);
    double off = 0;
    for (size_t i = 0; i < now.size(); ++i)
      off = std::max(off, std::abs(step.error[i]) /
                              (5e-3 + 1e-3 * std::abs(step.end[i])));
    double factor =
        std::clamp(0.9 * std::cbrt(1 / std::max(off, 1e-9)), 0.1, 8.0);
    if (off <= 1 || length < 1e-9 * seconds) {
      now = std::move(step.end);
      joules += step.joulesToAir;
      if (seconds - done <= length)
        break;
      done += length;
    }
    length *= factor;
  }
  return {lumped(now), joules};
}

double ThermalGrid::storedHeat(const std::vector<double> &kelvin) const {
  std::vector<double> cells = cellsOf(kelvin);
  double joules = 0;
  for (size_t i = 0; i < cells.size(); ++i)
    joules += capacity[i] * cells[i];
  return joules;
}

} // namespace hybridc::exec
