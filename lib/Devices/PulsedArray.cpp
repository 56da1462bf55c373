//===- PulsedArray.cpp - Cells, pulse trains, updates ---------------------===//

#include "hybridc/Devices/PulsedArray.h"

#include "PulsedArrayImpl.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

/// Visible = hidden plus fresh write noise, for cells with only[i] != 0.
void PulsedArray::Impl::readOut(size_t first, size_t n, Key stream,
                                const int32_t *only) {
  float sigma = float(device.writeNoise * device.dwMin);
  if (sigma != 0)
    gaussians(stream, first, noise.data(), n);
  for (size_t i = 0; i < n; ++i) {
    if (only && only[i] == 0)
      continue;
    bool isStill = sigma == 0 || (!failed.empty() && failed[first + i]);
    visible[first + i] =
        hidden[first + i] + (isStill ? 0.0f : sigma * noise[i]);
  }
}

void PulsedArray::Impl::pulseRows(size_t first, size_t count,
                                  const int32_t *counts, uint64_t update) {
  // Rows without pulses at either end need nothing.
  auto isIdle = [&](size_t row) {
    const int32_t *of = counts + (row - first) * cols;
    return std::all_of(of, of + cols, [](int32_t c) { return c == 0; });
  };
  size_t begin = first, end = first + count;
  while (begin < end && isIdle(begin))
    ++begin;
  while (begin < end && isIdle(end - 1))
    --end;
  counts += (begin - first) * cols;
  size_t at = begin * cols, n = (end - begin) * cols;
  if (!used.empty())
    counts = wearDown(at, n, counts);
  uint32_t most = 0;
  for (size_t i = 0; i < n; ++i)
    most = std::max(most, uint32_t(std::abs(int64_t(counts[i]))));
  if (most == 0)
    return;
  CellRun run{low.data() + at,       high.data() + at,  up.data() + at,
              down.data() + at,      p.data() + at,     q.data() + at,
              reference.data() + at, hidden.data() + at};
  Key stream = streamOf(key, Draw::Pulse, update);
  bool noisy = model.std != 0;
  if (!noisy)
    std::fill(noise.begin(), noise.end(), 0.0f);
  for (uint32_t j = 0; j < most; ++j) {
    for (size_t i = 0; i < n; ++i) {
      int64_t c = counts[i];
      direction[i] = c > int64_t(j) ? 1.0f : -c > int64_t(j) ? -1.0f : 0.0f;
    }
    if (noisy)
      gaussians(subKey(stream, j), at, noise.data(), n);
    stepCells(model, run, direction.data(), noise.data(), n);
  }
  readOut(at, n, streamOf(key, Draw::Write, update), counts);
  failWorn(at, n);
}

Result<PulsedArray> PulsedArray::create(PulsedDevice device, size_t rows,
                                        size_t cols, Key key) {
  if (rows == 0 || cols == 0 || rows > (1u << 26) || cols > (1u << 26) ||
      rows * cols > (size_t(1) << 26))
    return invalidInput("a training array needs 1 .. 2^26 cells, not " +
                        std::to_string(rows) + " x " + std::to_string(cols));
  if (!(device.dwMin > 0) || !(device.wMax >= 0) || !(device.wMin <= 0) ||
      !(device.wMax > device.wMin))
    return invalidInput("training device '" + device.name +
                        "': dw_min must be positive and w_min <= 0 <= w_max "
                        "a range");
  auto impl = std::make_unique<Impl>(std::move(device), rows, cols, key);
  impl->populate();
  impl->block = std::clamp<size_t>(1024 / cols, 1, rows);
  impl->direction.resize(impl->block * cols);
  impl->noise.resize(impl->block * cols);
  impl->counts.resize(impl->block * cols);
  return PulsedArray(std::move(impl));
}

PulsedArray::PulsedArray(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
PulsedArray::PulsedArray(PulsedArray &&) noexcept = default;
PulsedArray &PulsedArray::operator=(PulsedArray &&) noexcept = default;
PulsedArray::~PulsedArray() = default;

size_t PulsedArray::rows() const { return impl->rows; }
size_t PulsedArray::cols() const { return impl->cols; }
const PulsedDevice &PulsedArray::device() const { return impl->device; }
std::span<const float> PulsedArray::weights() const { return impl->visible; }
std::span<const float> PulsedArray::persistent() const { return impl->hidden; }

void PulsedArray::setWeights(std::span<const float> w, uint64_t update) {
  Impl &a = *impl;
  for (size_t i = 0; i < std::min(w.size(), a.hidden.size()); ++i)
    a.hidden[i] = std::min(std::max(w[i], a.low[i]), a.high[i]);
  if (!a.device.writeNoiseOnSet) {
    a.visible = a.hidden;
    return;
  }
  for (size_t k = 0; k < a.rows; ++k)
    a.readOut(k * a.cols, a.cols, streamOf(a.key, Draw::Set, update), nullptr);
}

void PulsedArray::pulse(std::span<const int32_t> counts, uint64_t update) {
  Impl &a = *impl;
  size_t rows = std::min(a.rows, counts.size() / a.cols);
  for (size_t k = 0; k < rows; k += a.block)
    a.pulseRows(k, std::min(a.block, rows - k), counts.data() + k * a.cols,
                update);
}

void PulsedArray::update(std::span<const float> x, std::span<const float> d,
                         double lr, const UpdateRule &rule, uint64_t update) {
  Impl &a = *impl;
  x = x.subspan(0, std::min(x.size(), a.rows));
  d = d.subspan(0, std::min(d.size(), a.cols));
  if (rule.type == PulseType::None)
    return a.addExactly(x, d, lr, update);
  if (!a.planUpdate(x, d, lr, rule, update))
    return;
  for (size_t k = 0; k < x.size(); k += a.block) {
    size_t count = std::min(a.block, x.size() - k);
    std::fill(a.counts.begin(), a.counts.end(), 0);
    for (size_t i = 0; i < count; ++i)
      if (a.rowLines.signs[k + i] != 0.0f)
        a.countRow(k + i, d.size(), lr, rule.type,
                   a.counts.data() + i * a.cols);
    a.pulseRows(k, count, a.counts.data(), update);
  }
}

void PulsedArray::draw(std::span<const float> x, std::span<const float> d,
                       double lr, const UpdateRule &rule, uint64_t update,
                       std::span<int32_t> counts) const {
  Impl &a = *impl;
  std::fill(counts.begin(), counts.end(), 0);
  x = x.subspan(0, std::min(x.size(), a.rows));
  d = d.subspan(0, std::min(d.size(), a.cols));
  if (counts.size() < a.rows * a.cols || !a.planUpdate(x, d, lr, rule, update))
    return;
  for (size_t k = 0; k < x.size(); ++k)
    a.countRow(k, d.size(), lr, rule.type, counts.data() + k * a.cols);
}

void PulsedArray::Impl::resetRow(size_t row, const uint8_t *which,
                                 uint64_t update) {
  size_t at = row * cols;
  gaussians(streamOf(key, Draw::Reset, update + 1), at, noise.data(), cols);
  for (size_t n = 0; n < cols; ++n) {
    if (!which[n])
      continue;
    float w = resetTo[at + n] + float(device.resetStd) * noise[n];
    w = std::max(std::min(w, high[at + n]), low[at + n]);
    hidden[at + n] = w;
  }
  std::vector<int32_t> only(which, which + cols);
  readOut(at, cols, streamOf(key, Draw::Write, update), only.data());
  if (used.empty())
    return;
  wearDown(at, cols, only.data());
  failWorn(at, cols);
}

void PulsedArray::reset(size_t first, size_t count, uint64_t update) {
  Impl &a = *impl;
  size_t last = std::min(a.cols, first + std::min(count, a.cols));
  std::vector<uint8_t> which(a.cols, 0);
  for (size_t n = first; n < last; ++n)
    which[n] = 1;
  for (size_t k = 0; k < a.rows; ++k)
    a.resetRow(k, which.data(), update);
}

void PulsedArray::resetCells(std::span<const uint8_t> which, uint64_t update) {
  Impl &a = *impl;
  for (size_t k = 0; k < a.rows && (k + 1) * a.cols <= which.size(); ++k)
    a.resetRow(k, which.data() + k * a.cols, update);
}

} // namespace hybridc::exec
