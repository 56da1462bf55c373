//===- ArrayCells.cpp - Weights to conductances and back ------------------===//

#include "ArrayImpl.h"
#include "ArrayKernels.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

Key detail::keyFor(Key parent, Purpose purpose, uint64_t detail) {
  return subKey(parent, (detail << 8) | static_cast<uint64_t>(purpose));
}

/// Rows handled at a time, so that the buffers stay in the second cache.
static constexpr size_t rowBlock = 16;

float AnalogArray::Impl::referenceCode(size_t slice) const {
  if (config.cellBits == 0)
    return 0.5f;
  // The code of w = 0 is 2^(bits-1): its top digit is half the base.
  return slice == 0 ? float(1u << (config.cellBits - 1)) : 0.0f;
}

/// In steps of the cell: digits, or 0 … 1 for a continuous cell. `negative` is
/// the other cell of a pair and unused with an offset mapping.
void AnalogArray::Impl::codeWeights(size_t slice, size_t row, float *positive,
                                    float *negative) const {
  const float *w = target.data() + row * cols;
  bool pair = config.mapping == WeightMapping::Differential;
  unsigned bits = config.cellBits * config.slices;
  double full = std::ldexp(1.0, int(bits)), half = full / 2;
  uint32_t base = 1u << config.cellBits;
  unsigned shift = config.cellBits * unsigned(config.slices - 1 - slice);
  unsigned levels = device->levels();
  if (pair && config.cellBits == 0 && levels == 0 &&
      config.defects.flipped.empty()) {
    splitPair(w, scale.data(), positive, negative, cols);
    return;
  }
  for (size_t n = 0; n < cols; ++n) {
    double r = scale[n] > 0 ? double(w[n]) / scale[n] : 0.0;
    r = std::clamp(r, -1.0, 1.0) * double(signOf(n));
    double code; // of the cell, in steps
    if (config.cellBits == 0) {
      code = pair ? std::fabs(r) : (r + 1) / 2;
      if (levels > 1)
        code = std::nearbyint(code * (levels - 1)) / (levels - 1);
    } else {
      double whole = pair ? std::nearbyint(std::fabs(r) * (full - 1))
                          : std::nearbyint(r * (half - 1)) + half;
      code = double((uint32_t(whole) >> shift) & (base - 1));
    }
    positive[n] = pair && r < 0 ? 0.0f : float(code);
    if (pair)
      negative[n] = r < 0 ? float(code) : 0.0f;
  }
}

void AnalogArray::Impl::realise(size_t slice, CellState state, double seconds,
                                uint64_t epoch) {
  bool pair = config.mapping == WeightMapping::Differential;
  float low = float(device->gMin());
  float steps =
      config.cellBits == 0 ? 1.0f : float((1u << config.cellBits) - 1);
  float perStep = float((device->gMax() - device->gMin()) / steps);
  float inverse = 1.0f / perStep;

  std::vector<float> code(2 * rowBlock * cols), goal(rowBlock * cols),
      fresh(rowBlock * cols), read(rowBlock * cols);
  // Cell i of a kind (positive, negative, reference) draws sample i of that
  // kind's streams: programming, drift and read noise.
  auto conduct = [&](float *codes, size_t n, uint64_t kind, uint64_t first) {
    if (state == CellState::Ideal || device->isIdeal())
      return;
    uint64_t which = slice * 4 + kind;
    for (size_t i = 0; i < n; ++i)
      goal[i] = low + codes[i] * perStep;
    device->program(goal.data(), fresh.data(), n,
                    keyFor(key, Purpose::Program, which), first);
    const float *g = fresh.data();
    if (state == CellState::Aged) {
      device->age(goal.data(), fresh.data(), read.data(), n, seconds,
                  keyFor(key, Purpose::Drift, which),
                  subKey(keyFor(key, Purpose::Read, which), epoch), first);
      g = read.data();
    }
    for (size_t i = 0; i < n; ++i)
      codes[i] = (g[i] - low) * inverse;
  };

  std::vector<char> dead;
  if (config.read.isKnown()) {
    dead.assign(cols, 0);
    for (uint32_t col : config.defects.deadCols)
      if (col < cols)
        dead[col] = 1;
  }

  std::vector<float> reference;
  if (!pair) {
    reference.assign(rows, referenceCode(slice));
    for (size_t k = 0; k < rows; k += goal.size())
      conduct(reference.data() + k, std::min(goal.size(), rows - k), 2, k);
  }

  PanelMatrix &out = cells[slice];
  out.reset(rows, cols);
  for (size_t k = 0; k < rows; k += rowBlock) {
    size_t count = std::min(rowBlock, rows - k);
    float *positive = code.data(), *negative = code.data() + rowBlock * cols;
    for (size_t i = 0; i < count; ++i)
      codeWeights(slice, k + i, positive + i * cols, negative + i * cols);
    writeAround(slice, k, count, positive, negative);
    conduct(positive, count * cols, 0, k * cols);
    if (pair)
      conduct(negative, count * cols, 1, k * cols);
    injectStuck(slice, false, k, count, positive);
    if (pair)
      injectStuck(slice, true, k, count, negative);
    for (size_t i = 0; i < count && config.read.isKnown(); ++i) {
      addConductance(k + i, positive + i * cols, cols, steps, dead);
      if (pair)
        addConductance(k + i, negative + i * cols, cols, steps, dead);
      else
        addConductance(k + i, &reference[k + i], 1, steps, {});
    }
    for (size_t i = 0; i < count; ++i) {
      float *p = positive + i * cols;
      const float *m = negative + i * cols;
      for (size_t n = 0; n < cols; ++n)
        p[n] -= pair ? m[n] : reference[k + i];
      out.setRow(k + i, p, cols);
    }
  }
  injectDead(slice);
}

void AnalogArray::Impl::addConductance(size_t row, const float *codes, size_t n,
                                       double steps,
                                       const std::vector<char> &dead) {
  const CellRead &read = config.read;
  double all = 0, alive = 0;
  for (size_t j = 0; j < n; ++j)
    if (dead.empty() || !dead[j]) {
      all += double(codes[j]);
      ++alive;
    }
  conductance[row] +=
      alive * read.gMin_us + all / steps * (read.gMax_us - read.gMin_us);
}

void AnalogArray::Impl::realiseAll(CellState state, double seconds,
                                   uint64_t epoch) {
  cells.resize(config.slices);
  conductance.assign(config.read.isKnown() ? rows : 0, 0.0);
  for (size_t s = 0; s < config.slices; ++s)
    realise(s, state, seconds, epoch);
  if (!conductance.empty())
    for (uint32_t row : config.defects.deadRows)
      if (row < rows)
        conductance[row] = 0;
  magnitudes.clear();
  negativeCells.clear();
  findExact(state == CellState::Ideal || device->isIdeal());
  if (state == CellState::Ideal)
    return;
  if (needsMagnitudes()) {
    magnitudes = cells;
    for (PanelMatrix &m : magnitudes)
      for (float &v : m.data)
        v = std::fabs(v);
  }
  drawPolarity();
}

/// Whether the product can be computed from the weights as they were given:
/// ideal cells of any value, nothing broken, and a periphery that changes
/// nothing. Integers then stay what they are.
void AnalogArray::Impl::findExact(bool idealCells) {
  const ArrayDefects &d = config.defects;
  bool whole = d.stuck.empty() && d.deadRows.empty() && d.deadCols.empty() &&
               d.brokenAdcs.empty() && d.known.empty() && d.flipped.empty();
  bool given = true; // none is clipped to its column's scale
  for (size_t i = 0; i < target.size(); ++i)
    given &= std::fabs(target[i]) <= scale[i % cols];
  asGiven.reset(0, 0);
  if (!idealCells || !whole || !given || config.cellBits != 0 ||
      device->levels() > 1 || !config.periphery.isTransparent())
    return;
  asGiven.reset(rows, cols);
  for (size_t k = 0; k < rows; ++k)
    asGiven.setRow(k, target.data() + k * cols, cols);
}

/// What negative inputs see instead: every cell by a factor of its own.
void AnalogArray::Impl::drawPolarity() {
  negativeCells.clear();
  negativeMagnitudes.clear();
  const ArrayPeriphery &p = config.periphery;
  if (p.readAsymmetry == 0 || p.inputPolarity == InputPolarity::OnePass)
    return;
  std::vector<float> factor(cols);
  auto scaled = [&](const PanelMatrix &of, size_t slice, bool magnitude) {
    PanelMatrix m = of;
    for (size_t k = 0; k < rows; ++k) {
      gaussians(keyFor(key, Purpose::Polarity, slice), k * cols, factor.data(),
                cols);
      for (size_t n = 0; n < cols; ++n) {
        float &v = m.data[n / panelWidth * panelWidth * rows + k * panelWidth +
                          n % panelWidth];
        v *= 1 + float(p.readAsymmetry) * factor[n];
        v = magnitude ? std::fabs(v) : v;
      }
    }
    return m;
  };
  for (size_t s = 0; s < cells.size(); ++s) {
    negativeCells.push_back(scaled(cells[s], s, false));
    if (needsMagnitudes())
      negativeMagnitudes.push_back(scaled(cells[s], s, true));
  }
}

void AnalogArray::readProgrammedWeights(float *out) {
  impl->mode = ArrayMode::Noisy;
  impl->compensation.clear();
  impl->realiseAll(CellState::Programmed, 0, 0);
  impl->setColumnFactors();
  readWeights(out);
}

void AnalogArray::readWeights(float *out) const {
  const Impl &a = *impl;
  for (size_t k = 0; k < a.rows; ++k)
    for (size_t n = 0; n < a.cols; ++n) {
      if (a.mode == ArrayMode::Exact) {
        out[k * a.cols + n] = a.target[k * a.cols + n];
        continue;
      }
      double sum = 0;
      for (size_t s = 0; s < a.cells.size(); ++s) {
        const PanelMatrix &m = a.cells[s];
        sum += double(a.slicePlace[s] * a.signOf(n)) *
               m.data[n / panelWidth * panelWidth * m.rows + k * panelWidth +
                      n % panelWidth];
      }
      out[k * a.cols + n] = float(sum * a.unitWeight * a.scale[n]);
    }
}

} // namespace hybridc::exec
