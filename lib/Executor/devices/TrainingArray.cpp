//===- TrainingArray.cpp - Plain pulsed training, and read-outs -----------===//

#include "TrainingArrays.h"

#include <algorithm>

namespace hybridc::exec {

using namespace detail;

namespace {

/// Pulses go to the weights themselves.
class Plain final : public TrainingArray {
public:
  Plain(PulsedArray array, const UpdateRule &rule)
      : array(std::move(array)), rule(rule) {}

  std::span<const float> weights() const override { return array.weights(); }
  void update(std::span<const float> x, std::span<const float> d,
              double lr) override {
    array.update(x, d, lr, rule, number++);
  }
  void endBatch(double) override { array.decay(number++); }
  unsigned cellsPerWeight() const override { return 1; }

private:
  PulsedArray array;
  UpdateRule rule;
  uint64_t number = 1;
};

} // namespace

TrainingResult detail::makePlain(const TrainingConfig &config, size_t rows,
                                 size_t cols, Key key) {
  auto array = PulsedArray::create(config.device, rows, cols, subKey(key, 1));
  if (!array)
    return array.error();
  return TrainingResult(
      std::make_unique<Plain>(std::move(*array), config.rule));
}

Result<std::unique_ptr<TrainingArray>>
makeTrainingArray(const TrainingConfig &config, size_t rows, size_t cols,
                  Key key) {
  bool oneSided = config.device.wMin == 0;
  if (oneSided && config.algorithm != TrainingAlgorithm::Sgd)
    return unsupported("training device '" + config.device.name +
                       "' is one-sided and is trained in pairs, by sgd only; "
                       "other algorithms need a device with w_min < 0");
  switch (config.algorithm) {
  case TrainingAlgorithm::Sgd:
    return (oneSided ? makePair : makePlain)(config, rows, cols, key);
  case TrainingAlgorithm::MixedPrecision:
    return makeMixed(config, rows, cols, key);
  case TrainingAlgorithm::TikiTaka:
  case TrainingAlgorithm::TTv2:
  case TrainingAlgorithm::ChoppedTTv2:
  case TrainingAlgorithm::Agad:
    break;
  }
  return makeTransfer(config, rows, cols, key);
}

Result<WeightReader> WeightReader::create(const ArrayPeriphery &periphery,
                                          size_t rows, size_t cols,
                                          double range, Key key) {
  ArrayConfig config;
  config.device = "ideal";
  config.rows = static_cast<uint32_t>(rows);
  config.cols = static_cast<uint32_t>(cols);
  config.periphery = periphery;
  // The array counts in parts of the range, the periphery's figures are for
  // weights within ±1.
  config.periphery.outBound /= range;
  config.periphery.outNoise /= range;
  auto array = AnalogArray::create(config);
  if (!array)
    return array.error();
  return WeightReader(std::move(*array), float(range), key);
}

void WeightReader::set(std::span<const float> weights) {
  size_t rows = array.config().rows, cols = array.config().cols;
  ProgramOptions options;
  options.seed = key.seed;
  options.arrayId = key.stream;
  options.scale = {&range, 1};
  // Finite weights of the array's own size: nothing to refuse.
  if (array.program(weights.data(), cols, rows, cols, options))
    array.compute(ArrayMode::Noisy);
}

void WeightReader::mvm(const float *x, float *y, size_t batch) {
  MvmOptions options;
  options.command = calls++;
  array.mvm(x, array.config().rows, y, array.config().cols, batch, options,
            scratch);
}

} // namespace hybridc::exec
