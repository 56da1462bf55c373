//===- TrainingPair.cpp - One-sided cells in pairs ------------------------===//
//
// Cells that can only be pulsed upwards (phase-change memory): W = g⁺ − g⁻,
// an increase is pulsed into g⁺ and a decrease into g⁻. Both grow, so a pair of
// which the larger has passed refresh_upper and the smaller refresh_lower
// (parts of w_max) is refreshed: both cells are reset and the difference is
// pulsed, with a read-out after each pulse, into the one that it belongs to.
//
//===----------------------------------------------------------------------===//

#include "TrainingArrays.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

namespace {

class Pair final : public TrainingArray {
public:
  Pair(PulsedArray plus, PulsedArray minus, const TrainingConfig &config)
      : plus(std::move(plus)), minus(std::move(minus)), config(config) {
    subtract();
  }

  std::span<const float> weights() const override { return difference; }

  void update(std::span<const float> x, std::span<const float> d,
              double lr) override {
    // The trains are the same for both; each cell takes its own direction.
    counts.assign(plus.rows() * plus.cols(), 0);
    plus.draw(x, d, lr, config.rule, number, counts);
    std::vector<int32_t> up(counts.size()), down(counts.size());
    for (size_t i = 0; i < counts.size(); ++i) {
      up[i] = std::max(counts[i], 0);
      down[i] = std::max(-counts[i], 0);
    }
    plus.pulse(up, number);
    minus.pulse(down, number);
    ++number;
    subtract();
  }

  void endBatch(double) override {
    plus.decay(number);
    minus.decay(number++);
    refresh();
    subtract();
  }

  unsigned cellsPerWeight() const override { return 2; }

private:
  void subtract() {
    auto p = plus.weights(), m = minus.weights();
    difference.resize(p.size());
    for (size_t i = 0; i < p.size(); ++i)
      difference[i] = p[i] - m[i];
  }

  void refresh() {
    double full = config.device.wMax;
    auto p = plus.weights(), m = minus.weights();
    std::vector<uint8_t> which(p.size(), 0);
    std::vector<float> goal(p.size(), 0.0f);
    for (size_t i = 0; i < p.size(); ++i) {
      which[i] = std::max(p[i], m[i]) > config.refreshUpper * full &&
                 std::min(p[i], m[i]) > config.refreshLower * full;
      goal[i] = p[i] - m[i];
    }
    if (std::find(which.begin(), which.end(), 1) == which.end())
      return;
    plus.resetCells(which, number);
    minus.resetCells(which, number++);
    // Twice what an even step would need is enough for any cell that can reach
    // the goal at all.
    size_t most = size_t(2 * full / config.device.dwMin) + 1;
    std::vector<int32_t> up(p.size()), down(p.size());
    for (size_t round = 0; round < most; ++round) {
      bool any = false;
      for (size_t i = 0; i < p.size(); ++i) {
        float missing = which[i] ? goal[i] - (p[i] - m[i]) : 0.0f;
        up[i] = goal[i] > 0 && missing > 0;
        down[i] = goal[i] < 0 && missing < 0;
        any |= up[i] || down[i];
      }
      if (!any)
        return;
      plus.pulse(up, number);
      minus.pulse(down, number++);
    }
  }

  PulsedArray plus, minus;
  TrainingConfig config;
  std::vector<float> difference;
  std::vector<int32_t> counts;
  uint64_t number = 1;
};

} // namespace

TrainingResult detail::makePair(const TrainingConfig &config, size_t rows,
                                size_t cols, Key key) {
  auto plus = PulsedArray::create(config.device, rows, cols, subKey(key, 1));
  if (!plus)
    return plus.error();
  auto minus = PulsedArray::create(config.device, rows, cols, subKey(key, 2));
  if (!minus)
    return minus.error();
  return TrainingResult(
      std::make_unique<Pair>(std::move(*plus), std::move(*minus), config));
}

} // namespace hybridc::exec
