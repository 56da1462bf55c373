//===- TrainingTile.cpp - Programming, updates, read-outs -----------------===//
#include "TrainingTile.h"

#include "hybridc/Executor/devices/OfChip.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace hybridc::exec {

/// The periphery's figures are for weights within ±1, an array counts in parts
/// of `range`: so that its outputs, times range, are the same.
static void scaleTo(ArrayPeriphery &p, double range) {
  p.outBound /= range;
  p.outNoise /= range;
  p.wNoise /= p.weightNoise == WeightNoise::PcmRead ? std::sqrt(range) : range;
  p.irDropGRatio /= range;
  p.rSeries *= range;
  p.vOffsetWMin /= range;
  p.worstCaseWeight /= range;
}

Result<TrainingTile> TrainingTile::create(const chip::ArrayKind &kind,
                                          size_t rows, size_t cols, bool exact,
                                          bool noise) {
  DeviceParams params;
  for (const auto &[name, value] : kind.device_params)
    params[name] = value;
  auto device = makePulsedDevice(kind.device, params);
  if (!device)
    return device.error();
  if (device->wMin >= 0)
    return unsupported(fmt::format(
        "device '{}' is one-sided, and a stream updates single cells; devices "
        "with w_min < 0 are updated",
        kind.device));
  if (kind.update_pulses > 65535)
    return unsupported(
        fmt::format("trains of {} pulses ('update_pulses' of "
                    "'{}'); values are computed for at most 65535",
                    kind.update_pulses, kind.name));
  TrainingTile tile;
  tile.rows = rows;
  tile.cols = cols;
  tile.exact = exact;
  tile.noise = noise;
  tile.isPair = kind.mapping == "differential";
  tile.device = std::move(*device);
  tile.rule.maxPulses = kind.update_pulses;
  tile.rule.updateManagement = kind.update_management;
  tile.rule.lengthManagement = kind.update_bl_management;
  // Bounds differ from cell to cell, and write noise comes on top: what a
  // reader takes is far from what its cells hold.
  tile.range = 8 * std::max(tile.device.wMax, -tile.device.wMin);
  for (bool transposed : {false, true}) {
    ArrayConfig config;
    config.device = "ideal";
    config.rows = static_cast<uint32_t>(transposed ? cols : rows);
    config.cols = static_cast<uint32_t>(transposed ? rows : cols);
    config.periphery = peripheryOf(kind);
    scaleTo(config.periphery, tile.range);
    // Bound management repeats a product with smaller inputs; backwards, where
    // errors are small to begin with, it is not done (hardware-model.md §2).
    if (transposed)
      config.periphery.boundManagement = BoundManagement::None;
    auto reader = AnalogArray::create(std::move(config));
    if (!reader)
      return reader.error();
    tile.readers[transposed] = std::move(*reader);
  }
  return tile;
}

Status TrainingTile::program(const float *from, size_t ldw, float newScale,
                             Key newKey, bool anew) {
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
    number = updates = 0;
    pulsesOf.clear();
    cells.reset();
  }
  if (exact)
    return {};
  if (!cells) {
    auto made = PulsedArray::create(device, rows, cols, subKey(key, 1));
    if (!made)
      return made.error();
    cells = std::move(*made);
    pulsesOf.assign(rows * cols, 0);
  }
  std::vector<float> inCells(w);
  for (float &value : inCells)
    value /= scale;
  cells->setWeights(inCells, ++number);
  isStale = true;
  return {};
}

void TrainingTile::update(const float *x, size_t ldx, const float *d,
                          size_t ldd, size_t batch, float lr) {
  updates += batch;
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
  counts.resize(rows * cols);
  scaled.resize(cols);
  for (size_t b = 0; b < batch; ++b) {
    for (size_t n = 0; n < cols; ++n)
      scaled[n] = d[b * ldd + n] / scale;
    ++number;
    cells->draw({x + b * ldx, rows}, scaled, lr, rule, number, counts);
    for (size_t i = 0; i < counts.size(); ++i)
      pulsesOf[i] += uint64_t(std::abs(counts[i]));
    cells->pulse(counts, number);
  }
  cells->decay(++number);
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

Result<const AnalogArray *> TrainingTile::reader(bool transposed) {
  AnalogArray &array = *readers[transposed];
  if (isRead[transposed])
    return static_cast<const AnalogArray *>(&array);
  std::span<const float> now = weights();
  std::vector<float> shown(now.begin(), now.end());
  // Of a pair, the other cell is the one that is left.
  for (const ArrayDefects::Stuck &stuck : defects.stuck) {
    double value = isPair
                       ? (stuck.negative ? -1 : 1) * stuck.at * device.wMax
                       : device.wMin + stuck.at * (device.wMax - device.wMin);
    shown[stuck.row * cols + stuck.col] = float(value) * scale;
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
  isRead[transposed] = true;
  return static_cast<const AnalogArray *>(&array);
}

} // namespace hybridc::exec
