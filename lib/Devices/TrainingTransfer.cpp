//===- TrainingTransfer.cpp - Tiki-Taka, and with a buffer ----------------===//

#include "TrainingTransfer.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

Transfer::Transfer(TransferParts parts)
    : fast(std::move(parts.fast)), slow(std::move(parts.slow)),
      config(std::move(parts.config)), rows(fast->rows()), cols(fast->cols()),
      reader(std::move(parts.reader)), key(parts.key) {
  // No sign is flipped yet, and A's and C's cells start alike.
  auto a = fast->weights(), c = slow->weights();
  visible.assign(c.begin(), c.end());
  for (size_t i = 0; i < visible.size(); ++i)
    visible[i] += float(config.gamma) * a[i];
}

std::span<const float> Transfer::weights() const {
  return config.gamma == 0 ? slow->weights() : visible;
}

double Transfer::fastRate(std::span<const float>, std::span<const float>,
                          double lr) {
  if (!(config.fastLr > 0))
    return lr;
  return config.scaleFastLr ? config.fastLr * lr : config.fastLr;
}

/// Updates per transfer.
uint64_t Transfer::every() const {
  double n = config.transferEvery;
  if (n < 0) // as many as A's states fill, shared among its lines
    return uint64_t(
        std::max(1.0, std::round(-n * fast->states() / double(lines()))));
  return uint64_t(config.unitsInBatch ? std::ceil(n * updateBatch)
                                      : std::round(n));
}

void Transfer::update(std::span<const float> x, std::span<const float> d,
                      double lr) {
  updateBatch = batchSize;
  signedX.assign(x.begin(), x.end());
  signedD.assign(d.begin(), d.end());
  for (size_t k = 0; k < signedX.size(); ++k)
    signedX[k] *= rowSign(k);
  for (size_t n = 0; n < signedD.size(); ++n)
    signedD[n] *= colSign(n);
  fast->update(signedX, signedD, fastRate(x, d, lr), config.rule, batchSize);
  ++updates;
  uint64_t period = every();
  if (period > 0 && updates % period == 0)
    transfer(lr);
  sum();
}

void Transfer::endBatch(double) {
  fast->endBatch();
  slow->endBatch();
  sum();
}

void Transfer::sum() {
  if (config.gamma == 0)
    return;
  auto a = fast->weights(), c = slow->weights();
  visible.assign(c.begin(), c.end());
  for (size_t k = 0; k < rows; ++k)
    for (size_t n = 0; n < cols; ++n) {
      float sign = config.undoChops ? rowSign(k) * colSign(n) : 1.0f;
      visible[k * cols + n] += float(config.gamma) * sign * a[k * cols + n];
    }
}

float Transfer::chance() {
  float c;
  uniforms(key, chances++, &c, 1);
  return c;
}

void Transfer::transfer(double lr) {
  double rate = config.transferLr * (config.scaleTransferLr ? lr : 1);
  if (config.algorithm != TrainingAlgorithm::TikiTaka && config.gamma > 0)
    rate *= config.gamma;
  if (config.randomSelection)
    next = std::min(lines() - 1, size_t(chance() * float(lines())));
  size_t count =
      std::clamp<size_t>(size_t(config.readsPerTransfer), 1, lines());
  oneHot.assign(lines(), 0.0f);
  read.resize(lineSize());
  for (; count > 0; --count, next = (next + 1) % lines()) {
    if (config.transferColumns) {
      reader.set(fast->weights());
    } else {
      std::vector<float> turned(rows * cols);
      auto w = fast->weights();
      for (size_t k = 0; k < rows; ++k)
        for (size_t n = 0; n < cols; ++n)
          turned[n * rows + k] = w[k * cols + n];
      reader.set(turned);
    }
    oneHot[next] = 1;
    reader.mvm(oneHot.data(), read.data(), 1);
    oneHot[next] = 0;
    if (config.withResetProb > 0 && chance() < config.withResetProb)
      config.transferColumns ? fast->resetRow(next) : fast->resetCol(next);
    move(next, read, rate);
  }
}

void Transfer::write(size_t line, std::span<const float> values, double rate) {
  std::vector<float> one(lines(), 0.0f);
  one[line] = 1;
  if (config.transferColumns)
    slow->update(one, values, rate, config.transferRule, 1);
  else
    slow->update(values, one, rate, config.transferRule, 1);
}

namespace {

/// Gokmen and Haensch 2020: what is read is an update of C.
class TikiTaka final : public Transfer {
public:
  using Transfer::Transfer;

private:
  void move(size_t line, std::span<const float> read, double rate) override {
    // An increase of A is one of C: against the descent of an update.
    std::vector<float> values(read.begin(), read.end());
    for (float &value : values)
      value = -value;
    write(line, values, rate);
  }
};

/// Gokmen 2021: what is read adds up in a digital buffer H; C is pulsed where
/// it passes `threshold` steps of C.
class Buffered final : public Transfer {
public:
  explicit Buffered(TransferParts parts)
      : Transfer(std::move(parts)), buffer(rows * cols, 0.0f) {}

private:
  void move(size_t line, std::span<const float> read, double rate) override {
    double step = slow->granularity(), threshold = config.threshold * step;
    double most = config.transferRule.maxPulses;
    std::vector<float> pulses(read.size(), 0.0f);
    bool any = false;
    for (size_t j = 0; j < read.size(); ++j) {
      float &h = buffer[at(line, j)];
      h += float(rate * read[j]);
      double whole = std::clamp(std::trunc(h / threshold), -most, most);
      if (whole == 0)
        continue;
      h = config.forgetBuffer
              ? float(h * config.momentum)
              : float(h - (1 - config.momentum) * whole * threshold);
      pulses[j] = float(-whole);
      any = true;
    }
    if (any)
      write(line, pulses, config.step * step);
  }

  std::vector<float> buffer;
};

} // namespace

TrainingResult detail::makeTransfer(const TrainingConfig &config, size_t rows,
                                    size_t cols, Key key) {
  TrainingConfig used = config;
  if (used.device.transferSymmetryPoint)
    used.device.subtractSymmetryPoint = true;
  auto fast = makeCells(used, rows, cols, subKey(key, 1));
  if (!fast)
    return fast.error();
  auto slow = makeCells(used, rows, cols, subKey(key, 2));
  if (!slow)
    return slow.error();
  // A one is the whole range of the DAC, so nothing is to be managed.
  ArrayPeriphery periphery = used.periphery;
  periphery.noiseManagement = NoiseManagement::None;
  periphery.boundManagement = BoundManagement::None;
  auto reader = WeightReader::create(
      periphery, used.transferColumns ? rows : cols,
      used.transferColumns ? cols : rows, weightRange(used), subKey(key, 3));
  if (!reader)
    return reader.error();
  TransferParts parts{std::move(*fast), std::move(*slow), std::move(*reader),
                      used, subKey(key, 4)};
  std::unique_ptr<TrainingArray> made;
  switch (used.algorithm) {
  case TrainingAlgorithm::TTv2:
  case TrainingAlgorithm::ChoppedTTv2:
    made = makeChopped(std::move(parts));
    break;
  case TrainingAlgorithm::Agad:
    made = makeDynamic(std::move(parts));
    break;
  case TrainingAlgorithm::Buffered:
    made = std::make_unique<Buffered>(std::move(parts));
    break;
  case TrainingAlgorithm::TikiTaka:
  case TrainingAlgorithm::Sgd:
  case TrainingAlgorithm::MixedPrecision:
    made = std::make_unique<TikiTaka>(std::move(parts));
    break;
  }
  return TrainingResult(std::move(made));
}

} // namespace hybridc::exec
