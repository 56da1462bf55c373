//===- Ranges.h - Ranges from what was seen -------------------*- C++ -*-===//
//
// What calibration keeps of each value that it watches, and how a range is
// chosen from it. Independent of the compiler and of how values are seen.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_PIPELINES_RANGES_H
#define HYBRIDC_LIB_PIPELINES_RANGES_H

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace hybridc {

/// What decides a range (docs/Int8.md).
enum class RangeMethod { MinMax, Percentile, Mse, Entropy };
std::optional<RangeMethod> parseRangeMethod(std::string_view name);

struct Extremes {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  bool isEmpty() const { return !(low <= high); }
  double largest() const;
  void widen(const Extremes &other);
  bool operator==(const Extremes &) const = default;
};

/// Samples that one run of the model computes.
struct Batch {
  uint64_t first = 0; ///< number of the first of them
  uint64_t used = 1;  ///< that count: the others only fill the batch up
  uint64_t size = 1;
};

/// What was seen of one value.
class Observed {
public:
  /// First pass: one more occurrence of the value, `rows` its first extent. If
  /// that is a multiple of the batch, each sample has its part of the rows.
  void addExtremes(const Batch &batch, uint64_t rows,
                   std::span<const float> values);
  /// The extremes without those of a few samples that are far outside of all
  /// others.
  Extremes withoutFar();
  Extremes all() const;

  /// Second pass, after withoutFar(): counts what lies within.
  void addCounts(const Batch &batch, uint64_t rows,
                 std::span<const float> values);
  /// Smallest expected square error of 8 bits.
  Extremes leastError() const;
  /// Smallest divergence between the values and what 8 bits make of them.
  Extremes leastDivergence() const;

  uint64_t numSamples() const { return samples.size(); }
  uint64_t numFar() const { return far; }
  uint64_t numNotFinite() const { return notFinite; }

private:
  /// Counts of magnitudes, from 0 to the largest of `kept`.
  std::vector<double> counts;
  std::vector<Extremes> samples;
  Extremes kept;
  uint64_t far = 0, notFinite = 0;

  Extremes clippedAt(double magnitude) const;
  unsigned levels() const;
};

} // namespace hybridc

#endif // HYBRIDC_LIB_PIPELINES_RANGES_H
