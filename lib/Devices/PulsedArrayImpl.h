//===- PulsedArrayImpl.h - The cells behind PulsedArray ---------*- C++ -*-===//
//
// Private to lib/Devices.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_DEVICES_PULSEDARRAYIMPL_H
#define HYBRIDC_LIB_DEVICES_PULSEDARRAYIMPL_H

#include "PulsedSteps.h"
#include "hybridc/Devices/PulsedArray.h"

namespace hybridc::exec {

namespace detail {

/// What a stream of samples is for.
enum class Draw : uint64_t {
  High = 1,
  Low,
  Gain,
  Asymmetry,
  First, ///< the law's own values
  Second,
  Reference,
  Reset,
  Lifetime,
  Rows, ///< and per update:
  Cols,
  Pulse,
  Write,
  Decay,
  Set,
  Corrupt, ///< again per cell
  CorruptValue,
  DiffusionRate,
  DriftExponent,
  Diffusion, ///< again per update
  Drift,
  DriftRead,
  RoundRows,
  RoundCols,
  Endurance, ///< again per cell
  WornEnd,
};

inline Key streamOf(Key key, Draw what, uint64_t update = 0) {
  return subKey(subKey(key, static_cast<uint64_t>(what)), update);
}

/// What one update sends along rows or columns.
struct Lines {
  std::vector<float> signs;
  std::vector<float> chances;  ///< p, at most 1
  std::vector<uint64_t> train; ///< `words` of each line; Stochastic only
  size_t words = 0;
};

} // namespace detail

struct PulsedArray::Impl {
  PulsedDevice device;
  size_t rows = 0, cols = 0;
  Key key;
  detail::StepModel model;
  std::vector<float> high, low, up, down, p, q, reference, resetTo, keep;
  std::vector<float> diffusion;
  std::vector<float> hidden, visible;
  // Of drift, empty until its first call.
  std::vector<float> nu, driftFrom, driftSeen;
  std::vector<double> driftStart;
  double driftTime = 0;
  // Of wear, empty without it: pulses so far, pulses endured, has failed.
  WearRule wear;
  std::vector<uint64_t> used, life;
  std::vector<uint8_t> failed, endsHigh;
  uint64_t written = 0; ///< pulses of every cell by programming
  std::vector<int32_t> allowed;
  // Buffers of a block of rows that are pulsed together, and of one update.
  size_t block = 1;
  std::vector<float> direction, noise;
  std::vector<int32_t> counts;
  unsigned length = 0;
  detail::Lines rowLines, colLines;

  Impl(PulsedDevice d, size_t rows, size_t cols, Key key)
      : device(std::move(d)), rows(rows), cols(cols), key(key), model(device) {}

  std::vector<float> draw(detail::Draw what) const {
    std::vector<float> z(rows * cols);
    gaussians(detail::streamOf(key, what), 0, z.data(), z.size());
    return z;
  }
  void populate();
  void populateLaw(size_t i, float first, float second);
  void corrupt();
  void pulseRows(size_t first, size_t count, const int32_t *counts,
                 uint64_t update);
  /// Counts n pulses from cell `at` on; what of them still moves cells.
  const int32_t *wearDown(size_t at, size_t n, const int32_t *counts);
  /// Cells [at, at + n) that have had all that they endure are stuck.
  void failWorn(size_t at, size_t n);
  void makeLines(std::span<const float> values, double scale, double resolution,
                 const UpdateRule &rule, Key rounding, Key stream,
                 detail::Lines &lines) const;
  void readOut(size_t first, size_t n, Key stream, const int32_t *only);
  /// Makes the lines of an update; false if it sends no pulse.
  bool planUpdate(std::span<const float> x, std::span<const float> d, double lr,
                  const UpdateRule &rule, uint64_t update);
  /// Pulses of the n cells of row k.
  void countRow(size_t k, size_t n, double lr, PulseType type,
                int32_t *out) const;
  /// W −= lr·x·dᵀ without pulses.
  void addExactly(std::span<const float> x, std::span<const float> d, double lr,
                  uint64_t update);
  void resetRow(size_t row, const uint8_t *which, uint64_t update);
};

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_DEVICES_PULSEDARRAYIMPL_H
