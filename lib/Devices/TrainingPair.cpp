//===- TrainingPair.cpp - One-sided cells in pairs ------------------------===//
//
// Cells that can only be pulsed upwards (phase-change memory): W = g⁺ − g⁻,
// an increase is pulsed into g⁺ and a decrease into g⁻. Both grow, so after
// refresh_every mini-batches they are read through the periphery; of a pair of
// which the larger has passed refresh_upper and the smaller refresh_lower
// (parts of w_max) both cells are reset and the difference that was read is
// pulsed, in one update without feedback, into the one it belongs to.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Devices/TrainingArrays.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

namespace {

class Pair final : public Cells {
public:
  Pair(PulsedArray plus, PulsedArray minus, WeightReader reader,
       const TrainingConfig &config)
      : plus(std::move(plus)), minus(std::move(minus)),
        reader(std::move(reader)), config(config) {
    subtract();
  }

  size_t rows() const override { return plus.rows(); }
  size_t cols() const override { return plus.cols(); }
  std::span<const float> weights() const override { return difference; }

  void update(std::span<const float> x, std::span<const float> d, double lr,
              const UpdateRule &rule, unsigned batch) override {
    // The trains are the same for both; each cell takes its own direction.
    counts.assign(rows() * cols(), 0);
    plus.draw(x, d, lr, rule, number, counts);
    std::vector<int32_t> up(counts.size()), down(counts.size());
    for (size_t i = 0; i < counts.size(); ++i) {
      up[i] = std::max(counts[i], 0);
      down[i] = std::max(-counts[i], 0);
    }
    plus.pulse(up, number);
    minus.pulse(down, number);
    ++number;
    double every = config.refreshEvery * batch;
    if (every > 0 && ++updates >= uint64_t(every)) {
      updates = 0;
      refresh(config.refreshUpper, config.refreshLower,
              unsigned(config.refreshPulses));
    }
    subtract();
  }

  void endBatch() override {
    plus.decay(number);
    minus.decay(number++);
    subtract();
  }

  void drift(double seconds) override {
    plus.drift(seconds, number);
    minus.drift(seconds, number++);
    subtract();
  }

  void resetRow(size_t k) override {
    std::vector<uint8_t> which(rows() * cols(), 0);
    std::fill_n(which.begin() + long(k * cols()), cols(), 1);
    plus.resetCells(which, number);
    minus.resetCells(which, number++);
    subtract();
  }
  void resetCol(size_t n) override {
    plus.reset(n, 1, number);
    minus.reset(n, 1, number++);
    subtract();
  }

  void set(std::span<const float> w, uint64_t pulses) override {
    std::vector<float> up(w.begin(), w.end()), down(w.begin(), w.end());
    for (size_t i = 0; i < w.size(); ++i) {
      up[i] = std::max(w[i], 0.0f);
      down[i] = std::max(-w[i], 0.0f);
    }
    plus.addWrites(pulses);
    minus.addWrites(pulses);
    plus.setWeights(up, number);
    minus.setWeights(down, number++);
    subtract();
  }
  std::vector<const PulsedArray *> devices() const override {
    return {&plus, &minus};
  }

  double granularity() const override { return plus.device().granularity(); }
  double states() const override {
    return (plus.device().wMax - plus.device().wMin) / granularity();
  }
  unsigned perWeight() const override { return 2; }

  uint64_t refresh(double upper, double lower, unsigned pulses) override {
    double full = plus.device().wMax;
    std::vector<float> p = readOut(plus), m = readOut(minus);
    uint64_t count = 0;
    grown.assign(p.size(), 0);
    for (size_t i = 0; i < p.size(); ++i) {
      grown[i] = std::max(p[i], m[i]) > upper * full &&
                 std::min(p[i], m[i]) > lower * full;
      count += grown[i];
    }
    if (count == 0)
      return 0;
    plus.resetCells(grown, number);
    minus.resetCells(grown, number++);
    for (size_t k = 0; k < rows(); ++k)
      rewrite(k, p.data() + k * cols(), m.data() + k * cols(), pulses);
    subtract();
    return count;
  }

private:
  void subtract() {
    auto p = plus.weights(), m = minus.weights();
    difference.resize(p.size());
    for (size_t i = 0; i < p.size(); ++i)
      difference[i] = p[i] - m[i];
  }

  /// Every row through the periphery, with one input at a time.
  std::vector<float> readOut(const PulsedArray &array) {
    std::vector<float> oneHots(rows() * rows(), 0.0f), out(rows() * cols());
    for (size_t k = 0; k < rows(); ++k)
      oneHots[k * rows() + k] = 1;
    reader.set(array.weights());
    reader.mvm(oneHots.data(), out.data(), rows());
    return out;
  }

  /// Row k's grown pairs get the difference of what was read.
  void rewrite(size_t k, const float *p, const float *m, unsigned pulses) {
    const uint8_t *which = grown.data() + k * cols();
    if (std::find(which, which + cols(), 1) == which + cols())
      return;
    std::vector<float> oneHot(rows(), 0.0f), up(cols()), down(cols());
    oneHot[k] = 1;
    for (size_t n = 0; n < cols(); ++n) {
      float goal = which[n] ? p[n] - m[n] : 0.0f;
      up[n] = std::max(goal, 0.0f);
      down[n] = std::max(-goal, 0.0f);
    }
    UpdateRule rule;
    rule.maxPulses = pulses;
    plus.update(oneHot, up, -1, rule, number);
    minus.update(oneHot, down, -1, rule, number++);
  }

  PulsedArray plus, minus;
  WeightReader reader;
  TrainingConfig config;
  std::vector<float> difference;
  std::vector<int32_t> counts;
  std::vector<uint8_t> grown; ///< pairs that the last refresh rewrote
  uint64_t number = 1, updates = 0;
};

} // namespace

CellsResult detail::makePair(const TrainingConfig &config, size_t rows,
                             size_t cols, Key key) {
  auto plus = PulsedArray::create(config.device, rows, cols, subKey(key, 1));
  if (!plus)
    return plus.error();
  auto minus = PulsedArray::create(config.device, rows, cols, subKey(key, 2));
  if (!minus)
    return minus.error();
  std::vector<float> zeros(rows * cols, 0.0f);
  plus->setWeights(zeros, 0);
  minus->setWeights(zeros, 0);
  if (config.wear.counts) {
    plus->setWear(config.wear);
    minus->setWear(config.wear);
  }
  auto reader = WeightReader::create(config.periphery, rows, cols,
                                     weightRange(config), subKey(key, 3));
  if (!reader)
    return reader.error();
  return CellsResult(std::make_unique<Pair>(std::move(*plus), std::move(*minus),
                                            std::move(*reader), config));
}

} // namespace hybridc::exec
