//===- TrainingTransfer.cpp - Tiki-Taka and its successors ----------------===//
//
// Gradients are pulsed into a fast array A whose cells are referred to their
// symmetry points; every transfer_every mini-batches the next row of A is read
// through the periphery and moved to the slow array C. See TrainingArray.h.
//
//===----------------------------------------------------------------------===//

#include "TrainingArrays.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

namespace {

class Transfer final : public TrainingArray {
public:
  Transfer(PulsedArray fast, PulsedArray slow, WeightReader reader,
           const TrainingConfig &config, Key key)
      : fast(std::move(fast)), slow(std::move(slow)), reader(std::move(reader)),
        config(config), key(key), rows(this->fast.rows()),
        cols(this->fast.cols()), sign(rows, 1.0f), oneHot(rows, 0.0f),
        flipped(rows, 0.0f), read(cols, 0.0f), sent(cols, 0.0f) {
    bool hasBuffer = config.algorithm != TrainingAlgorithm::TikiTaka;
    if (hasBuffer)
      buffer.assign(rows * cols, 0.0);
    if (config.algorithm == TrainingAlgorithm::Agad) {
      reference.assign(rows * cols, 0.0);
      average.assign(rows * cols, 0.0);
      reads.assign(rows, 0);
    }
    sum();
  }

  std::span<const float> weights() const override { return visible; }

  void update(std::span<const float> x, std::span<const float> d,
              double lr) override {
    for (size_t k = 0; k < rows; ++k)
      flipped[k] = sign[k] * x[k];
    fast.update(flipped, d, config.fastLr > 0 ? config.fastLr : lr, config.rule,
                number++);
    if (config.gamma != 0)
      sum();
  }

  void endBatch(double lr) override {
    fast.decay(number);
    slow.decay(number++);
    if (++batches >= config.transferEvery) {
      batches = 0;
      transfer(lr);
    }
    sum();
  }

  unsigned cellsPerWeight() const override { return 2; }

private:
  bool chops() const {
    return config.algorithm == TrainingAlgorithm::ChoppedTTv2 ||
           config.algorithm == TrainingAlgorithm::Agad;
  }

  void sum() {
    auto c = slow.weights(), a = fast.weights();
    visible.assign(c.begin(), c.end());
    if (config.gamma != 0)
      for (size_t i = 0; i < visible.size(); ++i)
        visible[i] += float(config.gamma * sign[i / cols]) * a[i];
  }

  void transfer(double lr) {
    size_t k = row;
    row = (row + 1) % rows;
    std::fill(oneHot.begin(), oneHot.end(), 0.0f);
    oneHot[k] = 1;
    reader.set(fast.weights());
    reader.mvm(oneHot.data(), read.data(), 1);
    double rate = config.transferLr * lr;
    if (buffer.empty()) {
      // An increase of A is one of C: against the descent of update().
      for (size_t n = 0; n < cols; ++n)
        sent[n] = -read[n];
      slow.update(oneHot, sent, rate, config.rule, number++);
      return;
    }
    accumulate(k, rate);
    release(k, rate);
    if (chops())
      chop(k);
  }

  /// H += rate·c·(ω − reference)
  void accumulate(size_t k, double rate) {
    for (size_t n = 0; n < cols; ++n) {
      size_t i = k * cols + n;
      double value = read[n];
      if (!reference.empty()) {
        // Later reads of a period count more: they are nearer to where the
        // array settles.
        average[i] +=
            (value - average[i]) * std::min(1.0, tail / (reads[k] + 1));
        value -= reference[i];
      }
      buffer[i] += rate * sign[k] * value;
    }
    if (!reads.empty())
      ++reads[k];
  }

  /// A pulse for each threshold that |H| passed. One read-out's noise alone
  /// must not pass it, so it is no less than that: the buffer then averages
  /// over read-outs, which is what it is there for.
  void release(size_t k, double rate) {
    double step = config.threshold * std::max(config.device.dwMin,
                                              rate * config.periphery.outNoise);
    std::vector<int32_t> counts(rows * cols, 0);
    double most = config.rule.maxPulses;
    for (size_t n = 0; n < cols; ++n) {
      double &h = buffer[k * cols + n];
      double whole = std::clamp(std::trunc(h / step), -most, most);
      counts[k * cols + n] = int32_t(whole);
      h -= (1 - config.momentum) * whole * step;
    }
    slow.pulse(counts, number++);
  }

  void chop(size_t k) {
    float chance;
    uniforms(key, flips++, &chance, 1);
    if (chance >= config.chopProbability)
      return;
    sign[k] = -sign[k];
    if (reference.empty())
      return;
    for (size_t n = 0; n < cols; ++n)
      reference[k * cols + n] = average[k * cols + n];
    reads[k] = 0;
  }

  static constexpr double tail = 5; ///< weight of a read over an even mean

  PulsedArray fast, slow;
  WeightReader reader;
  TrainingConfig config;
  Key key;
  size_t rows, cols, row = 0;
  double batches = 0;
  uint64_t number = 1, flips = 0;
  std::vector<float> sign, oneHot, flipped, read, sent, visible;
  std::vector<double> buffer, reference, average;
  std::vector<unsigned> reads;
};

} // namespace

TrainingResult detail::makeTransfer(const TrainingConfig &config, size_t rows,
                                    size_t cols, Key key) {
  TrainingConfig used = config;
  // The algorithms presuppose that A rests at 0: soft-bounds cells are referred
  // to their symmetry point (laws without one ignore this).
  used.device.subtractSymmetryPoint = true;
  auto fast = PulsedArray::create(used.device, rows, cols, subKey(key, 1));
  if (!fast)
    return fast.error();
  auto slow = PulsedArray::create(used.device, rows, cols, subKey(key, 2));
  if (!slow)
    return slow.error();
  double range = 2 * std::max(used.device.wMax, -used.device.wMin);
  auto reader =
      WeightReader::create(used.periphery, rows, cols, range, subKey(key, 3));
  if (!reader)
    return reader.error();
  return TrainingResult(
      std::make_unique<Transfer>(std::move(*fast), std::move(*slow),
                                 std::move(*reader), used, subKey(key, 4)));
}

} // namespace hybridc::exec
