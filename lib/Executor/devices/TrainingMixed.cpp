//===- TrainingMixed.cpp - Mixed-precision training -----------------------===//
//
// Nandakumar et al., Front. Neurosci. 2020: gradients are added up digitally,
// χ += −lr·x·dᵀ; after a mini-batch each cell gets n = trunc(χ/ε) pulses and
// keeps the rest, χ −= n·ε. No feedback tells what the pulses really did.
//
//===----------------------------------------------------------------------===//

#include "TrainingArrays.h"

#include <cmath>

namespace hybridc::exec {

using namespace detail;

namespace {

class Mixed final : public TrainingArray {
public:
  Mixed(PulsedArray array, double step)
      : array(std::move(array)), step(step),
        chi(this->array.rows() * this->array.cols(), 0.0),
        counts(chi.size(), 0) {}

  std::span<const float> weights() const override { return array.weights(); }

  void update(std::span<const float> x, std::span<const float> d,
              double lr) override {
    for (size_t k = 0; k < x.size(); ++k)
      for (size_t n = 0; n < d.size(); ++n)
        chi[k * d.size() + n] -= lr * x[k] * d[n];
  }

  void endBatch(double) override {
    for (size_t i = 0; i < chi.size(); ++i) {
      double whole = std::trunc(chi[i] / step);
      whole = std::fmin(std::fmax(whole, -1e6), 1e6);
      counts[i] = int32_t(whole);
      chi[i] -= whole * step;
    }
    array.pulse(counts, number++);
    array.decay(number++);
  }

  unsigned cellsPerWeight() const override { return 1; }

private:
  PulsedArray array;
  double step;
  std::vector<double> chi;
  std::vector<int32_t> counts;
  uint64_t number = 1;
};

} // namespace

TrainingResult detail::makeMixed(const TrainingConfig &config, size_t rows,
                                 size_t cols, Key key) {
  auto array = PulsedArray::create(config.device, rows, cols, subKey(key, 1));
  if (!array)
    return array.error();
  return TrainingResult(std::make_unique<Mixed>(
      std::move(*array), config.granularity * config.device.dwMin));
}

} // namespace hybridc::exec
