//===- TrainingChopped.cpp - TTv2 with choppers, and AGAD -----------------===//
//
// Rasch et al. 2023. The signs of A's inputs (or outputs) are flipped now and
// then, and what is read is flipped back, so that A's offsets average out; AGAD
// takes the mean of the reads before a flip as the reference after it.
//
// A is updated at a rate that sends about fast_lr·max_pulses pulses for the
// largest gradients seen lately, whatever lr is (auto_scale), and lr scales
// what goes into the buffer H: H += lr·read/(threshold·dw·auto_granularity/T),
// T the updates in which all of A is read once. C is pulsed where abs(H) ≥ 1.
//
//===----------------------------------------------------------------------===//

#include "TrainingTransfer.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

namespace {

class Chopped : public Transfer {
public:
  explicit Chopped(TransferParts parts)
      : Transfer(std::move(parts)), buffer(rows * cols, 0.0f),
        inFlips(lines(), 0), outFlips(lineSize(), 0) {}

protected:
  float rowSign(size_t k) const override {
    return (config.transferColumns ? inFlips[k] : outFlips[k]) ? -1.0f : 1.0f;
  }
  float colSign(size_t n) const override {
    return (config.transferColumns ? outFlips[n] : inFlips[n]) ? -1.0f : 1.0f;
  }

  double fastRate(std::span<const float> x, std::span<const float> d,
                  double lr) override {
    if (!config.autoScale || !(config.fastLr > 0))
      return countRate = Transfer::fastRate(x, d, lr);
    follow(largestX, x);
    follow(largestD, d);
    countRate = config.fastLr * config.rule.maxPulses * fast->granularity();
    if (largestX > 0 && largestD > 0)
      countRate /= largestX * largestD;
    if (config.scaleFastLr)
      countRate *= lr;
    return countRate;
  }

  /// What a read is multiplied by on its way into H.
  double bufferScale(double rate) const {
    double step = fast->granularity();
    double unit = config.threshold * step;
    if (config.autoGranularity > 0)
      unit *= config.autoGranularity /
              (double(lines()) * std::fabs(config.transferEvery));
    if (!config.correctGradients)
      return std::fabs(rate) / unit;
    unit *= slow->granularity() / step;
    return std::fabs(rate) / countRate / unit;
  }

  /// Adds to H and takes off what becomes pulses, which it returns.
  double release(float &h, double value) const {
    double sum = (config.noBuffer ? 0.0 : double(h)) + value;
    double most = config.transferRule.maxPulses, whole = 0;
    if (std::fabs(sum) >= 1) {
      whole = std::clamp(std::trunc(sum), -most, most);
      sum = config.forgetBuffer ? sum * config.momentum
                                : sum - (1 - config.momentum) * whole;
      double cap = most * config.bufferCap;
      if (!config.forgetBuffer && cap > 0 &&
          config.algorithm == TrainingAlgorithm::Agad)
        sum = std::clamp(sum, -cap, cap);
    }
    h = float(sum);
    return whole;
  }

  /// Reads of a line between two flips that come at regular times.
  uint64_t period() const {
    if (!(config.chopProbability > 0))
      return 2;
    return uint64_t(std::max(std::ceil(1 / config.chopProbability), 2.0));
  }

  void move(size_t line, std::span<const float> read, double rate) override {
    double scale = bufferScale(rate);
    std::vector<float> pulses(read.size(), 0.0f);
    bool any = false;
    for (size_t j = 0; j < read.size(); ++j) {
      double value = read[j] * scale;
      double whole = release(buffer[at(line, j)],
                             inFlips[line] != outFlips[j] ? -value : value);
      pulses[j] = float(-whole);
      any |= whole != 0;
    }
    if (any)
      write(line, pulses, config.step * slow->granularity());
    if (config.chopProbability > 0) {
      bool flips = config.chopRandom ? chance() < config.chopProbability
                                     : (rounds % period()) + 1 == period();
      inFlips[line] ^= flips;
    }
    if (line != lines() - 1)
      return;
    if (config.outChopProbability > 0)
      for (uint8_t &flip : outFlips)
        flip ^= chance() < config.outChopProbability;
    ++rounds;
  }

  std::vector<float> buffer;
  std::vector<uint8_t> inFlips, outFlips;
  uint64_t rounds = 0; ///< how often all lines were read

private:
  /// A running mean of largest values.
  void follow(double &mean, std::span<const float> v) const {
    double most = 0;
    for (float value : v)
      most = std::max(most, std::fabs(double(value)));
    if (mean <= 0)
      mean = most;
    else if (most > 0)
      mean += (1 - config.autoMomentum) / batchSize * (most - mean);
  }

  double largestX = 0, largestD = 0, countRate = 0;
};

class Dynamic final : public Chopped {
public:
  explicit Dynamic(TransferParts parts)
      : Chopped(std::move(parts)), reference(rows * cols, 0.0f),
        mean(rows * cols, 0.0f), flipped(lines(), 0) {}

private:
  void move(size_t line, std::span<const float> read, double rate) override {
    uint64_t samples = period(), sample = rounds % samples + 1;
    double weight = std::min(config.tailWeightening / double(samples), 1.0);
    double scale = bufferScale(rate);
    if (config.correctAccumulation)
      scale /= std::min(double(sample), 1 / fast->granularity());
    std::vector<float> pulses(read.size(), 0.0f);
    bool any = false;
    for (size_t j = 0; j < read.size(); ++j) {
      size_t i = at(line, j);
      if (flipped[line])
        reference[i] = mean[i];
      double value = (double(read[j]) - reference[i]) * scale;
      double whole =
          release(buffer[i], inFlips[line] != outFlips[j] ? -value : value);
      pulses[j] = float(-whole);
      any |= whole != 0;
      mean[i] = float(mean[i] * (1 - weight) + read[j] * weight);
    }
    // There is no reference yet in the first period.
    if (any && rounds > samples)
      write(line, pulses, config.step * slow->granularity());
    bool flips = sample == samples;
    if (config.chopRandom)
      flips |= chance() < config.chopProbability;
    inFlips[line] ^= flips;
    flipped[line] = flips;
    if (line == lines() - 1)
      ++rounds;
  }

  std::vector<float> reference, mean;
  std::vector<uint8_t> flipped;
};

} // namespace

std::unique_ptr<Transfer> detail::makeChopped(TransferParts parts) {
  return std::make_unique<Chopped>(std::move(parts));
}

std::unique_ptr<Transfer> detail::makeDynamic(TransferParts parts) {
  return std::make_unique<Dynamic>(std::move(parts));
}

} // namespace hybridc::exec
