//===- TrainingTile.cpp - Programming, updates, read-outs -----------------===//
#include "TrainingTile.h"

#include "hybridc/Devices/OfChip.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace hybridc::exec {

Result<TrainingTile> TrainingTile::create(const chip::ArrayKind &kind,
                                          size_t rows, size_t cols, bool exact,
                                          bool noise) {
  auto training = trainingOf(kind);
  if (!training)
    return training.error();
  TrainingTile tile;
  tile.rows = rows;
  tile.cols = cols;
  tile.exact = exact;
  tile.noise = noise;
  tile.isPair = kind.mapping == "differential";
  tile.config = std::move(*training);
  tile.config.refreshEvery = 0; // when the program says so
  tile.read = cellReadOf(kind);
  // Bounds differ from cell to cell, and write noise comes on top: what a
  // reader takes is far from what its cells hold.
  tile.range = detail::weightRange(tile.config);
  for (bool transposed : {false, true}) {
    ArrayConfig array;
    array.device = "ideal";
    array.rows = static_cast<uint32_t>(transposed ? cols : rows);
    array.cols = static_cast<uint32_t>(transposed ? rows : cols);
    array.periphery = detail::inPartsOf(tile.config.periphery, tile.range);
    array.read = tile.read;
    // Bound management repeats a product with smaller inputs; backwards, where
    // errors are small to begin with, it is not done (hardware-model.md §2).
    if (transposed)
      array.periphery.boundManagement = BoundManagement::None;
    auto reader = AnalogArray::create(std::move(array));
    if (!reader)
      return reader.error();
    tile.readers[transposed] = std::move(*reader);
  }
  return tile;
}

Status TrainingTile::program(const float *from, size_t ldw, float newScale,
                             Key newKey, bool anew, uint64_t pulses) {
  scale = newScale;
  w.resize(rows * cols);
  for (size_t k = 0; k < rows; ++k)
    std::copy_n(from + k * ldw, cols, w.data() + k * cols);
  isRead[0] = isRead[1] = false;
  for (float value : w)
    if (!std::isfinite(value))
      return invalidInput("a weight is not a finite number");
  if (anew) {
    key = newKey;
    updates = refreshedPairs = 0;
    cells.reset();
    hasAged = trained = false;
  }
  if (exact)
    return {};
  if (!cells) {
    auto made = detail::makeCells(config, rows, cols, subKey(key, 1));
    if (!made)
      return made.error();
    cells = std::move(*made);
  }
  std::vector<float> inCells(w);
  for (float &value : inCells)
    value /= scale;
  cells->set(inCells, pulses);
  isStale = true;
  return {};
}

void TrainingTile::update(const float *x, size_t ldx, const float *d,
                          size_t ldd, size_t batch, float lr) {
  updates += batch;
  trained = true;
  isRead[0] = isRead[1] = false;
  if (exact) {
    for (size_t b = 0; b < batch; ++b)
      for (size_t k = 0; k < rows; ++k) {
        float step = lr * x[b * ldx + k];
        for (size_t n = 0; n < cols; ++n)
          w[k * cols + n] -= step * d[b * ldd + n];
      }
    return;
  }
  isStale = true;
  scaled.resize(cols);
  for (size_t b = 0; b < batch; ++b) {
    for (size_t n = 0; n < cols; ++n)
      scaled[n] = d[b * ldd + n] / scale;
    cells->update({x + b * ldx, rows}, scaled, lr, config.rule,
                  unsigned(batch));
  }
  cells->endBatch();
}

void TrainingTile::age(double seconds) {
  trained = false;
  if (exact || !(seconds > 0) || !(config.device.driftNu > 0))
    return;
  if (hasAged)
    cells->drift(0); // sees what was written since
  cells->drift(seconds);
  hasAged = true;
  isRead[0] = isRead[1] = false;
  isStale = true;
}

void TrainingTile::refresh(double upper, double lower, unsigned pulses) {
  if (exact)
    return; // sums have no cells that could be full
  trained = true;
  refreshedPairs +=
      cells->refresh(upper, lower, pulses ? pulses : config.rule.maxPulses);
  isRead[0] = isRead[1] = false;
  isStale = true;
}

UpdateCount TrainingTile::count() const {
  UpdateCount count;
  count.updates = updates;
  count.refreshedPairs = refreshedPairs;
  if (!cells)
    return count;
  auto devices = cells->devices();
  for (size_t i = 0; i < rows * cols; ++i)
    for (size_t c = 0; c < devices.size(); ++c) {
      uint64_t pulses = devices[c]->pulses()[i];
      count.pulses += pulses;
      count.mostPulses = std::max(count.mostPulses, pulses);
      if (!devices[c]->worn()[i])
        continue;
      if (count.wornCells++ < UpdateCount::mostPlaces)
        count.worn.push_back(
            {uint32_t(i / cols), uint32_t(i % cols), uint32_t(c)});
    }
  count.cells = rows * cols * devices.size();
  return count;
}

std::span<const float> TrainingTile::weights() {
  if (!exact && isStale) {
    std::span<const float> seen = cells->weights();
    for (size_t i = 0; i < w.size(); ++i)
      w[i] = seen[i] * scale;
    isStale = false;
  }
  return w;
}

/// A cell of weight c is at (c − w_min)/(w_max − w_min) of its range. Of a pair
/// each has its own weight or, where one number stands for both, its part of
/// that; cells of both signs have a reference of weight 0 beside each line.
std::vector<double> TrainingTile::conductances(std::span<const float> shown,
                                               bool transposed) const {
  const PulsedDevice &device = config.device;
  double swing = read.gMax_us - read.gMin_us;
  auto place = [&](double weight) {
    double at = (weight - device.wMin) / (device.wMax - device.wMin);
    return read.gMin_us + std::clamp(at, 0.0, 1.0) * swing;
  };
  std::vector<double> us(transposed ? cols : rows, 0.0);
  std::vector<char> deadRow(rows), deadCol(cols);
  for (uint32_t row : defects.deadRows)
    deadRow[std::min<size_t>(row, rows - 1)] |= row < rows;
  for (uint32_t col : defects.deadCols)
    deadCol[std::min<size_t>(col, cols - 1)] |= col < cols;
  auto add = [&](size_t at, double g) {
    size_t row = at / cols, col = at % cols;
    if (!deadRow[row] && !deadCol[col])
      us[transposed ? col : row] += g;
  };
  bool isHeld = cells && !isPair;
  bool holdsBoth = cells && isOneSided();
  if (isHeld || holdsBoth)
    for (const PulsedArray *array : cells->devices())
      for (size_t i = 0; i < shown.size(); ++i)
        add(i, place(double(array->weights()[i])));
  else
    for (size_t i = 0; i < shown.size(); ++i) {
      double weight = scale != 0 ? double(shown[i]) / scale : 0;
      if (isPair || isOneSided())
        add(i, 2 * read.gMin_us +
                   std::min(1.0, std::fabs(weight) / device.wMax) * swing);
      else
        add(i, place(weight));
    }
  const std::vector<char> &dead = transposed ? deadCol : deadRow;
  for (size_t i = 0; i < us.size() && !isPair && !isOneSided(); ++i)
    us[i] += dead[i] ? 0 : place(0);
  return us;
}

Result<const AnalogArray *> TrainingTile::reader(bool transposed) {
  AnalogArray &array = *readers[transposed];
  if (isRead[transposed])
    return static_cast<const AnalogArray *>(&array);
  std::span<const float> now = weights();
  std::vector<float> shown(now.begin(), now.end());
  // Of a pair, the other cell is the one that is left.
  const PulsedDevice &device = config.device;
  for (const ArrayDefects::Stuck &stuck : defects.stuck) {
    size_t at = stuck.row * cols + stuck.col;
    if (cells && isOneSided()) {
      // The difference, with the stuck cell in the place of its own.
      float holds = cells->devices()[stuck.negative]->weights()[at];
      float change = float(stuck.at * device.wMax) - holds;
      shown[at] += (stuck.negative ? -change : change) * scale;
      continue;
    }
    double value = isPair
                       ? (stuck.negative ? -1 : 1) * stuck.at * device.wMax
                       : device.wMin + stuck.at * (device.wMax - device.wMin);
    shown[at] = float(value) * scale;
  }
  ArrayDefects broken;
  broken.deadRows = defects.deadRows;
  broken.deadCols = defects.deadCols;
  if (transposed)
    std::swap(broken.deadRows, broken.deadCols);
  else
    broken.brokenAdcs = defects.brokenAdcs; // those of the columns
  array.setDefects(std::move(broken));
  if (transposed) {
    std::vector<float> turned(shown.size());
    for (size_t k = 0; k < rows; ++k)
      for (size_t n = 0; n < cols; ++n)
        turned[n * rows + k] = shown[k * cols + n];
    shown = std::move(turned);
  }
  size_t from = transposed ? cols : rows, to = transposed ? rows : cols;
  float full = scale * float(range);
  ProgramOptions options;
  options.seed = key.seed;
  options.arrayId = subKey(key, transposed ? 3 : 2).stream;
  options.scale = {&full, 1};
  Status status = array.program(shown.data(), to, from, to, options);
  if (!status)
    return status.error();
  array.compute(noise ? ArrayMode::Noisy : ArrayMode::Quantised);
  if (read.isKnown())
    array.setLineConductances(conductances(w, transposed));
  isRead[transposed] = true;
  return static_cast<const AnalogArray *>(&array);
}

} // namespace hybridc::exec
