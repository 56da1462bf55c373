//===- Ranges.cpp - Ranges from what was seen -----------------------------===//
#include "Ranges.h"

#include <algorithm>
#include <cmath>

using namespace hybridc;

/// Of magnitudes in the second pass.
static constexpr size_t kBins = 2048;
/// How many times further out than the 98th percentile of the samples a sample
/// has to be to be left out. Two bits of resolution: less is no reason to lose
/// what may be real.
static constexpr double kFar = 4;
/// Of fewer samples none is left out: they do not tell a fault from a tail.
static constexpr size_t kFewestSamples = 8;

std::optional<RangeMethod> hybridc::parseRangeMethod(std::string_view name) {
  if (name == "minmax")
    return RangeMethod::MinMax;
  if (name == "percentile")
    return RangeMethod::Percentile;
  if (name == "mse")
    return RangeMethod::Mse;
  if (name == "entropy")
    return RangeMethod::Entropy;
  return std::nullopt;
}

double Extremes::largest() const {
  return isEmpty() ? 0 : std::max(std::abs(low), std::abs(high));
}

void Extremes::widen(const Extremes &other) {
  low = std::min(low, other.low);
  high = std::max(high, other.high);
}

/// Calls f(sample, values of it). Rows behind the last sample that counts are
/// repeats of it, or, where rows are not samples after all, values of it.
template <typename F>
static void forEachSample(const Batch &batch, uint64_t rows,
                          std::span<const float> values, const F &f) {
  if (rows == 0 || rows % batch.size != 0) {
    f(batch.first, values);
    return;
  }
  size_t part = values.size() / batch.size;
  for (uint64_t i = 0; i < batch.size; ++i)
    f(batch.first + std::min(i, batch.used - 1),
      values.subspan(i * part, part));
}

void Observed::addExtremes(const Batch &batch, uint64_t rows,
                           std::span<const float> values) {
  forEachSample(batch, rows, values,
                [&](uint64_t sample, std::span<const float> part) {
                  if (samples.size() <= sample)
                    samples.resize(sample + 1);
                  Extremes &seen = samples[sample];
                  for (float value : part) {
                    if (!std::isfinite(value)) {
                      ++notFinite;
                      continue;
                    }
                    seen.low = std::min<double>(seen.low, value);
                    seen.high = std::max<double>(seen.high, value);
                  }
                });
}

Extremes Observed::all() const {
  Extremes range;
  for (const Extremes &sample : samples)
    range.widen(sample);
  return range;
}

Extremes Observed::withoutFar() {
  std::vector<double> sizes;
  for (const Extremes &sample : samples)
    if (!sample.isEmpty())
      sizes.push_back(sample.largest());
  std::sort(sizes.begin(), sizes.end());
  double limit = std::numeric_limits<double>::infinity();
  if (sizes.size() >= kFewestSamples) {
    // One in fifty may be broken, and of a few samples one.
    size_t most = std::max<size_t>(1, sizes.size() / 50);
    limit = kFar * sizes[sizes.size() - 1 - most];
    // All others are zero: what is not is the value, however rare.
    if (limit == 0)
      limit = std::numeric_limits<double>::infinity();
  }
  kept = {};
  far = 0;
  for (const Extremes &sample : samples)
    if (sample.largest() <= limit)
      kept.widen(sample);
    else
      ++far;
  return kept;
}

void Observed::addCounts(const Batch &batch, uint64_t rows,
                         std::span<const float> values) {
  if (counts.empty())
    counts.resize(kBins);
  double largest = kept.largest();
  // What only fills the batch up does not count; where rows are not samples,
  // all count for less.
  bool hasParts = rows != 0 && rows % batch.size == 0;
  double weight = hasParts ? 1 : double(batch.used) / double(batch.size);
  if (hasParts)
    values = values.first(values.size() / batch.size * batch.used);
  for (float value : values) {
    double magnitude = std::abs(double(value));
    if (!(magnitude <= largest) || largest == 0)
      continue;
    size_t bin = size_t(magnitude / largest * double(kBins));
    counts[std::min(bin, kBins - 1)] += weight;
  }
}

Extremes Observed::clippedAt(double magnitude) const {
  return {std::max(kept.low, -magnitude), std::min(kept.high, magnitude)};
}

/// Positive levels of an activation in 8 bits.
unsigned Observed::levels() const { return kept.low >= 0 ? 255 : 127; }

Extremes Observed::leastError() const {
  if (counts.empty() || kept.largest() == 0)
    return kept;
  double width = kept.largest() / double(kBins);
  double best = std::numeric_limits<double>::infinity();
  size_t chosen = kBins;
  // Candidates down to where 2048 bins no longer tell the levels apart.
  for (size_t bins = kBins; bins >= kBins / 16; --bins) {
    double limit = double(bins) * width, step = limit / levels(), error = 0;
    for (size_t i = 0; i < kBins && error < best; ++i) {
      if (counts[i] == 0)
        continue;
      double value = (double(i) + 0.5) * width;
      double got = std::min(std::nearbyint(value / step) * step, limit);
      error += counts[i] * (value - got) * (value - got);
    }
    if (error < best) {
      best = error;
      chosen = bins;
    }
  }
  return clippedAt(double(chosen) * width);
}

Extremes Observed::leastDivergence() const {
  if (counts.empty() || kept.largest() == 0)
    return kept;
  double width = kept.largest() / double(kBins);
  double total = 0;
  for (double count : counts)
    total += count;
  if (total == 0)
    return kept;
  double best = std::numeric_limits<double>::infinity(), inside = total;
  size_t chosen = kBins;
  for (size_t bins = kBins; bins > levels(); --bins) {
    // Kullback-Leibler: the counts, what is outside in the last bin, against
    // the mean of the filled bins of each level.
    double divergence = 0;
    double outside = total - inside;
    for (size_t level = 0; level < levels(); ++level) {
      size_t from = level * bins / levels(), to = (level + 1) * bins / levels();
      double sum = 0;
      size_t filled = 0;
      for (size_t i = from; i < to; ++i) {
        sum += counts[i];
        filled += counts[i] > 0 || (i + 1 == bins && outside > 0);
      }
      for (size_t i = from; i < to; ++i) {
        double p = counts[i] + (i + 1 == bins ? outside : 0);
        if (p == 0)
          continue;
        double q = sum / double(filled) * (total / inside);
        // Nothing there before clipping put something there.
        q = std::max(q, 1e-9 * total);
        divergence += p / total * std::log(p / q);
      }
    }
    if (divergence < best) {
      best = divergence;
      chosen = bins;
    }
    inside -= counts[bins - 1];
    if (inside <= total / 2)
      break;
  }
  return clippedAt(double(chosen) * width);
}
