//===- TrainingArray.h - Weights that an algorithm trains ------*- C++ -*-===//
//
// One or more pulsed arrays and what an update algorithm does with them. The
// weights are [k][n] as in y = x · W; one update takes the gradient of one
// sample, x · dᵀ; a mini-batch ends with endBatch().
//
//   sgd              pulses go to the weights themselves
//   tiki-taka        pulses go to a fast array A; of it a line at a time is
//                    read and pulsed into C; W = γA + C (Gokmen and Haensch
//                    2020)
//   buffered         what is read is added up in a digital buffer H; C is
//                    pulsed where |H| passes a threshold (Gokmen 2021)
//   ttv2             the same with A's rate held by its own gradients, as
//                    aihwkit's presets of that name do it
//   chopped-ttv2     and the signs of A's inputs are flipped at random, which
//                    removes its offsets (Rasch 2023)
//   agad             and the read-outs before a flip are the reference after
//                    it (Rasch 2023)
//   mixed-precision  a digital χ adds up x · dᵀ; n = trunc(χ/ε) pulses are
//                    applied, the rest kept (Nandakumar 2020)
//
// A weight is one cell, several (`cells`), or of a device that is one-sided
// (w_min = 0) a pair, W = g⁺ − g⁻, that is refreshed when both have grown.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DEVICES_TRAININGARRAY_H
#define HYBRIDC_DEVICES_TRAININGARRAY_H

#include "hybridc/Devices/AnalogArray.h"
#include "hybridc/Devices/PulsedArray.h"

#include <array>
#include <cmath>
#include <set>

namespace hybridc::exec {

enum class TrainingAlgorithm {
  Sgd,
  TikiTaka,
  TTv2,
  ChoppedTTv2,
  Agad,
  MixedPrecision,
  Buffered,
};

/// sgd, tiki-taka, ttv2, chopped-ttv2, agad, mixed-precision, buffered.
const std::vector<std::string> &trainingAlgorithmNames();
/// Error (InvalidInput) for an unknown name.
Result<TrainingAlgorithm> trainingAlgorithm(std::string_view name);

/// The periphery that training arrays are read through, weights within ±1:
/// 7-bit DAC, 9-bit ADC bounded at ±20, σ = 0.1, iterative bound management.
ArrayPeriphery trainingPeriphery();

/// Which of several cells a weight's update reaches.
enum class UpdatePolicy { All, Fixed, Sequential, Random };

struct TrainingConfig {
  PulsedDevice device;
  TrainingAlgorithm algorithm = TrainingAlgorithm::Sgd;
  UpdateRule rule;
  ArrayPeriphery periphery = trainingPeriphery(); ///< of read-outs

  // Several cells a weight: W = Σ γ_i·w_i; NaN: 1/cells.
  static constexpr unsigned mostCells = 16;
  unsigned cells = 1;
  UpdatePolicy updatePolicy = UpdatePolicy::All;
  std::array<double, mostCells> gammas;

  // Transfers from A to C. The numbers here are those of aihwkit's compounds;
  // withDefaults() puts those of its presets in their place.
  double transferEvery = 1; ///< updates, or mini-batches, per line; negative:
                            ///< as many as A's states fill, times this
  bool unitsInBatch = true; ///< transferEvery counts mini-batches
  double transferLr = 1;
  bool scaleTransferLr = true; ///< transferLr times lr
  double fastLr = 0;           ///< of updates of A; 0 = lr
  bool scaleFastLr = false;    ///< fastLr times lr
  double gamma = 0;            ///< A's part in W
  UpdateRule transferRule;     ///< of pulses into C
  double readsPerTransfer = 1; ///< lines
  bool transferColumns = true; ///< a line is one of A's inputs, else outputs
  bool randomSelection = false;
  double withResetProb = 0; ///< a line of A is reset after it was read
  /// Of H: in steps of C (Buffered), of A (others).
  double threshold = 1;
  double step = 1;          ///< pulses into C per threshold passed
  double momentum = 0;      ///< part of what was transferred that stays in H
  bool forgetBuffer = true; ///< after a pulse all of H counts as transferred
  bool noBuffer = false;
  bool autoScale = false; ///< A's rate follows its gradients
  double autoMomentum = 0.99, autoGranularity = 0;
  bool correctGradients = false; ///< into H by A's rate
  double chopProbability = 0.1, outChopProbability = 0;
  bool chopRandom = true; ///< else at regular times
  /// A's signs are undone where it counts in W (Rasch 2023; aihwkit 1.1 adds A
  /// as it is).
  bool undoChops = false;
  double tailWeightening = 5, bufferCap = 0;
  bool correctAccumulation = false;

  // Mixed precision: ε in steps of the device; columns per transfer, −1 for
  // all; levels of x and d.
  double granularity = 1, rowsPerTransfer = -1;
  double xBins = 0, dBins = 0;
  bool stochasticBins = true;

  // One-sided pairs, parts of w_max: refreshed when the larger exceeds the
  // one and the smaller the other, looked after every so many mini-batches.
  double refreshUpper = 0.75, refreshLower = 0.25, refreshEvery = 1;
  double refreshPulses = 31; ///< longest train of a row's rewriting

  /// Cells that updates wear out; fields endurance, endurance_spread,
  /// worn_cells.
  WearRule wear;

  TrainingConfig() { gammas.fill(std::nan("")); }
  /// The fields that setField takes, with their values; switches as 0 and 1,
  /// choices as the place in their list.
  std::map<std::string, double> fields() const;
  bool hasField(const std::string &name) const;
  /// Of `rule`, which a study of single updates has, too.
  static bool isRuleField(const std::string &name);
  /// Errors (InvalidInput): unknown, out of range.
  Status setField(const std::string &name, double value);
  /// A choice by its word: pulse_type, update_policy. Null: not a choice.
  static const std::vector<std::string> *choicesOf(const std::string &name);
  /// With aihwkit's presets for this algorithm and device in the fields that
  /// setField did not set.
  TrainingConfig withDefaults() const;

private:
  std::set<std::string> given;
};

class TrainingArray {
public:
  virtual ~TrainingArray() = default;

  /// Samples of a mini-batch: before the updates of each that has another
  /// number of them.
  void setBatch(unsigned samples) { batchSize = samples; }

  /// The weights that a forward product sees.
  virtual std::span<const float> weights() const = 0;
  /// W −= lr·x·dᵀ, as well as the algorithm can.
  virtual void update(std::span<const float> x, std::span<const float> d,
                      double lr) = 0;
  virtual void endBatch(double lr) = 0;
  /// Cells that a weight takes.
  virtual unsigned cellsPerWeight() const = 0;

protected:
  unsigned batchSize = 1;
};

/// Of config.withDefaults(). Errors: those of PulsedArray::create and
/// AnalogArray::create; Unsupported: several cells of a one-sided device.
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
/// the periphery, error y − xW*, one update a sample, new samples in every
/// epoch. After every epoch
///   preset, lr, seed, epoch, train_mse, eval_mse_fpweights, rel_w_err
/// with the mean squared error of the epoch as seen by training, that of the
/// weights without periphery, and ‖W − W*‖/‖W*‖.
Result<struct StatTable> characterizeRegression(const RegressionStudy &study);

} // namespace hybridc::exec

#endif // HYBRIDC_DEVICES_TRAININGARRAY_H
