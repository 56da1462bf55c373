//===- TrainingVector.cpp - Several cells a weight ------------------------===//
//
// W = Σ γ_i·w_i over `cells` devices. An update's trains reach all of them, a
// random one, one after the other in turn, or always the first, which makes
// the others its reference.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Devices/TrainingArrays.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

namespace {

class Vector final : public Cells {
public:
  Vector(std::vector<PulsedArray> arrays, const TrainingConfig &config, Key key)
      : arrays(std::move(arrays)), policy(config.updatePolicy), key(key) {
    for (size_t i = 0; i < this->arrays.size(); ++i)
      gamma.push_back(std::isnan(config.gammas[i])
                          ? 1.0 / double(this->arrays.size())
                          : config.gammas[i]);
    sum();
  }

  size_t rows() const override { return arrays[0].rows(); }
  size_t cols() const override { return arrays[0].cols(); }
  std::span<const float> weights() const override {
    return isPlain() ? arrays[0].weights() : visible;
  }

  void update(std::span<const float> x, std::span<const float> d, double lr,
              const UpdateRule &rule, unsigned) override {
    size_t n = arrays.size(), only = 0;
    float chance;
    switch (policy) {
    case UpdatePolicy::All:
      updateAll(x, d, lr, rule);
      ++number;
      return sum();
    case UpdatePolicy::Fixed:
      break;
    case UpdatePolicy::Sequential:
      only = turn++ % n;
      break;
    case UpdatePolicy::Random:
      uniforms(key, turn++, &chance, 1);
      only = std::min(n - 1, size_t(chance * float(n)));
      break;
    }
    arrays[only].update(x, d, lr, rule, number++);
    sum();
  }

  void endBatch() override {
    for (PulsedArray &a : arrays)
      a.decay(number);
    ++number;
    sum();
  }

  void drift(double seconds) override {
    for (PulsedArray &a : arrays)
      a.drift(seconds, number);
    ++number;
    sum();
  }

  void resetRow(size_t k) override {
    std::vector<uint8_t> which(rows() * cols(), 0);
    std::fill_n(which.begin() + long(k * cols()), cols(), 1);
    for (PulsedArray &a : arrays)
      a.resetCells(which, number);
    ++number;
    sum();
  }
  void resetCol(size_t n) override {
    for (PulsedArray &a : arrays)
      a.reset(n, 1, number);
    ++number;
    sum();
  }

  void set(std::span<const float> w, uint64_t pulses) override {
    // All cells alike; where they cancel, the first has the weight.
    double all = 0;
    for (double g : gamma)
      all += g;
    bool cancel = std::fabs(all) < 1e-6;
    std::vector<float> of(w.size(), 0.0f);
    for (size_t c = 0; c < arrays.size(); ++c) {
      double part =
          cancel ? (c == 0 && gamma[0] != 0 ? 1 / gamma[0] : 0) : 1 / all;
      for (size_t i = 0; i < w.size(); ++i)
        of[i] = float(double(w[i]) * part);
      arrays[c].addWrites(pulses);
      arrays[c].setWeights(of, number);
    }
    ++number;
    sum();
  }
  std::vector<const PulsedArray *> devices() const override {
    std::vector<const PulsedArray *> all;
    for (const PulsedArray &a : arrays)
      all.push_back(&a);
    return all;
  }

  double granularity() const override {
    return arrays[0].device().granularity();
  }
  double states() const override {
    const PulsedDevice &d = arrays[0].device();
    return (d.wMax - d.wMin) / d.granularity();
  }
  unsigned perWeight() const override { return unsigned(arrays.size()); }

private:
  bool isPlain() const { return arrays.size() == 1 && gamma[0] == 1; }

  /// The same trains to all: the pulses are drawn once.
  void updateAll(std::span<const float> x, std::span<const float> d, double lr,
                 const UpdateRule &rule) {
    if (arrays.size() == 1 || rule.type == PulseType::None) {
      for (PulsedArray &a : arrays)
        a.update(x, d, lr, rule, number);
      return;
    }
    counts.assign(rows() * cols(), 0);
    arrays[0].draw(x, d, lr, rule, number, counts);
    for (PulsedArray &a : arrays)
      a.pulse(counts, number);
  }

  void sum() {
    if (isPlain())
      return;
    visible.assign(rows() * cols(), 0.0f);
    for (size_t c = 0; c < arrays.size(); ++c) {
      auto w = arrays[c].weights();
      for (size_t i = 0; i < visible.size(); ++i)
        visible[i] += float(gamma[c]) * w[i];
    }
  }

  std::vector<PulsedArray> arrays;
  UpdatePolicy policy;
  Key key;
  std::vector<double> gamma;
  std::vector<float> visible;
  std::vector<int32_t> counts;
  uint64_t number = 1, turn = 0;
};

} // namespace

CellsResult detail::makeVector(const TrainingConfig &config, size_t rows,
                               size_t cols, Key key) {
  std::vector<PulsedArray> arrays;
  for (unsigned i = 0; i < config.cells; ++i) {
    // The first has the key that a single cell would have.
    auto array = PulsedArray::create(config.device, rows, cols,
                                     i ? subKey(key, i) : key);
    if (!array)
      return array.error();
    // Weights are set to 0, with whatever noise setting them has.
    array->setWeights(std::vector<float>(rows * cols, 0.0f), 0);
    if (config.wear.counts)
      array->setWear(config.wear);
    arrays.push_back(std::move(*array));
  }
  return CellsResult(std::make_unique<Vector>(std::move(arrays), config,
                                              subKey(key, 0x766563)));
}

} // namespace hybridc::exec
