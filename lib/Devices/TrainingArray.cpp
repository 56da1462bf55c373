//===- TrainingArray.cpp - Plain pulsed training, and read-outs -----------===//

#include "hybridc/Devices/TrainingArrays.h"

#include <algorithm>

namespace hybridc::exec {

using namespace detail;

namespace {

/// Pulses go to the weights themselves.
class Plain final : public TrainingArray {
public:
  Plain(std::unique_ptr<Cells> cells, const UpdateRule &rule)
      : cells(std::move(cells)), rule(rule) {}

  std::span<const float> weights() const override { return cells->weights(); }
  void update(std::span<const float> x, std::span<const float> d,
              double lr) override {
    cells->update(x, d, lr, rule, batchSize);
  }
  void endBatch(double) override { cells->endBatch(); }
  unsigned cellsPerWeight() const override { return cells->perWeight(); }

private:
  std::unique_ptr<Cells> cells;
  UpdateRule rule;
};

} // namespace

double detail::weightRange(const TrainingConfig &config) {
  const PulsedDevice &d = config.device;
  double gain = 0;
  for (unsigned i = 0; i < config.cells; ++i)
    gain += std::isnan(config.gammas[i]) ? 1.0 / config.cells
                                         : std::fabs(config.gammas[i]);
  return 8 * std::max(gain, 1.0) * std::max(d.wMax, -d.wMin) *
         (1 + config.gamma) * (d.perfectBias ? 100 : 1);
}

Status detail::checkCells(const TrainingConfig &config) {
  bool oneSided = config.device.wMin == 0;
  if (oneSided && config.cells != 1)
    return unsupported("training device '" + config.device.name +
                       "' is one-sided and comes in pairs; several cells a "
                       "weight need a device with w_min < 0");
  if (oneSided && config.rule.type == PulseType::None)
    return unsupported("training device '" + config.device.name +
                       "' is one-sided: pulse_type none, which has no pulses, "
                       "needs a device with w_min < 0");
  return {};
}

CellsResult detail::makeCells(const TrainingConfig &config, size_t rows,
                              size_t cols, Key key) {
  if (Status s = checkCells(config); !s)
    return s.error();
  bool oneSided = config.device.wMin == 0;
  return (oneSided ? makePair : makeVector)(config, rows, cols, key);
}

Result<std::unique_ptr<TrainingArray>>
makeTrainingArray(const TrainingConfig &wanted, size_t rows, size_t cols,
                  Key key) {
  TrainingConfig config = wanted.withDefaults();
  switch (config.algorithm) {
  case TrainingAlgorithm::Sgd: {
    auto cells = makeCells(config, rows, cols, subKey(key, 1));
    if (!cells)
      return cells.error();
    return TrainingResult(
        std::make_unique<Plain>(std::move(*cells), config.rule));
  }
  case TrainingAlgorithm::MixedPrecision:
    return makeMixed(config, rows, cols, key);
  case TrainingAlgorithm::TikiTaka:
  case TrainingAlgorithm::TTv2:
  case TrainingAlgorithm::ChoppedTTv2:
  case TrainingAlgorithm::Agad:
  case TrainingAlgorithm::Buffered:
    break;
  }
  return makeTransfer(config, rows, cols, key);
}

ArrayPeriphery detail::inPartsOf(ArrayPeriphery p, double range) {
  p.outBound /= range;
  p.outNoise /= range;
  p.wNoise /= p.weightNoise == WeightNoise::PcmRead ? std::sqrt(range) : range;
  p.irDropGRatio /= range;
  p.rSeries *= range;
  p.vOffsetWMin /= range;
  p.worstCaseWeight /= range;
  return p;
}

Result<WeightReader> WeightReader::create(const ArrayPeriphery &periphery,
                                          size_t rows, size_t cols,
                                          double range, Key key) {
  ArrayConfig config;
  config.device = "ideal";
  config.rows = static_cast<uint32_t>(rows);
  config.cols = static_cast<uint32_t>(cols);
  config.periphery = inPartsOf(periphery, range);
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
