//===- TrainingArray.h - Weights that an algorithm trains ------*- C++ -*-===//
//
// One or more pulsed arrays and what an update algorithm does with them. The
// weights are [k][n] as in y = x · W; one update takes the gradient of one
// sample, x · dᵀ; a mini-batch ends with endBatch().
//
//   sgd              pulses go to the weights themselves
//   tiki-taka        pulses go to a fast array A; every transfer_every batches
//                    one row of A is read and pulsed into C; W = γA + C
//                    (Gokmen and Haensch 2020)
//   ttv2             what is read is added up in a digital buffer H; C is
//                    pulsed where |H| passes a threshold (Gokmen 2021)
//   chopped-ttv2     and the signs of A's inputs are flipped at random, which
//                    removes its offsets (Rasch 2023)
//   agad             and the read-outs of the last period between flips are
//                    the reference of this one (Rasch 2023)
//   mixed-precision  a digital χ adds up x · dᵀ; n = trunc(χ/ε) pulses are
//                    applied, the rest kept (Nandakumar 2020)
//
// A device that is one-sided (w_min = 0) is used in pairs, W = g⁺ − g⁻, that
// are refreshed when both have grown.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_EXECUTOR_DEVICES_TRAININGARRAY_H
#define HYBRIDC_EXECUTOR_DEVICES_TRAININGARRAY_H

#include "hybridc/Executor/devices/AnalogArray.h"
#include "hybridc/Executor/devices/PulsedArray.h"

namespace hybridc::exec {

enum class TrainingAlgorithm {
  Sgd,
  TikiTaka,
  TTv2,
  ChoppedTTv2,
  Agad,
  MixedPrecision,
};

/// sgd, tiki-taka, ttv2, chopped-ttv2, agad, mixed-precision.
const std::vector<std::string> &trainingAlgorithmNames();
/// Error (InvalidInput) for an unknown name.
Result<TrainingAlgorithm> trainingAlgorithm(std::string_view name);

/// The periphery that training arrays are read through, weights within ±1:
/// 7-bit DAC, 9-bit ADC bounded at ±20, σ = 0.1, iterative bound management.
ArrayPeriphery trainingPeriphery();

struct TrainingConfig {
  PulsedDevice device;
  TrainingAlgorithm algorithm = TrainingAlgorithm::Sgd;
  UpdateRule rule;
  ArrayPeriphery periphery = trainingPeriphery(); ///< of read-outs

  // Transfers from A to C.
  double transferEvery = 1; ///< mini-batches per row
  double transferLr = 1;    ///< times lr
  double fastLr = 0;        ///< of updates of A; 0 = lr
  double gamma = 0;         ///< A's part in W
  /// Of H, in steps dw_min of C or, where that is more, in σ of what one
  /// read-out adds to H: transfer_lr·lr·out_noise.
  double threshold = 1;
  double momentum = 0.1; ///< part of what was transferred that stays in H
  double chopProbability = 0.1; ///< per transfer of a row
  // Mixed precision: ε, in steps dw_min.
  double granularity = 1;
  // One-sided pairs, parts of w_max: refreshed when the larger exceeds the
  // one and the smaller the other.
  double refreshUpper = 0.75, refreshLower = 0.25;

  /// The fields that setField takes, with their values.
  std::map<std::string, double> fields() const;
  bool hasField(const std::string &name) const {
    return fields().count(name) != 0;
  }
  /// Errors (InvalidInput): unknown, out of range.
  Status setField(const std::string &name, double value);
};

class TrainingArray {
public:
  virtual ~TrainingArray() = default;

  /// The weights that a forward product sees.
  virtual std::span<const float> weights() const = 0;
  /// W −= lr·x·dᵀ, as well as the algorithm can.
  virtual void update(std::span<const float> x, std::span<const float> d,
                      double lr) = 0;
  virtual void endBatch(double lr) = 0;
  /// Cells that a weight takes.
  virtual unsigned cellsPerWeight() const = 0;
};

/// Errors: those of PulsedArray::create and AnalogArray::create.
Result<std::unique_ptr<TrainingArray>>
makeTrainingArray(const TrainingConfig &config, size_t rows, size_t cols,
                  Key key);

/// What an array of weights within ±`range` gives through the periphery. Made
/// for weights that change: `set` before `mvm`.
class WeightReader {
public:
  static Result<WeightReader> create(const ArrayPeriphery &periphery,
                                     size_t rows, size_t cols, double range,
                                     Key key);
  void set(std::span<const float> weights);
  /// y[b][n] = Σ_k x[b][k]·W[k][n]; noise of its own at every call.
  void mvm(const float *x, float *y, size_t batch);

private:
  WeightReader(AnalogArray array, float range, Key key)
      : array(std::move(array)), range(range), key(key) {}

  AnalogArray array;
  float range;
  Key key;
  uint64_t calls = 0;
  MvmScratch scratch;
};

struct RegressionStudy {
  std::string name; ///< the table's `preset`; empty = device and algorithm
  TrainingConfig training;
  double lr = 0.01;
  unsigned epochs = 20, batch = 10, seeds = 3;
  size_t samples = 1000; ///< per epoch
  size_t inputs = 32, outputs = 8;
  uint64_t seed = 0;
};

/// Linear regression towards W* ~ U(±0.4) from inputs ~ U(±1): forward through
/// the periphery, error y − xW*, one update a sample. After every epoch
///   preset, lr, seed, epoch, train_mse, eval_mse_fpweights, rel_w_err
/// with the mean squared error of the epoch as seen by training, that of the
/// weights without periphery, and ‖W − W*‖/‖W*‖.
Result<struct StatTable> characterizeRegression(const RegressionStudy &study);

} // namespace hybridc::exec

#endif // HYBRIDC_EXECUTOR_DEVICES_TRAININGARRAY_H
