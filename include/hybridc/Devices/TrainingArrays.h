//===- TrainingArrays.h - Parts of arrays in training -----------*- C++ -*-===//
//
// `Cells` are what pulses go to: one device a
// weight, several, or a one-sided pair. Algorithms are built of them.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DEVICES_TRAININGARRAYS_H
#define HYBRIDC_DEVICES_TRAININGARRAYS_H

#include "hybridc/Devices/TrainingArray.h"

namespace hybridc::exec::detail {

class Cells {
public:
  virtual ~Cells() = default;
  virtual size_t rows() const = 0;
  virtual size_t cols() const = 0;
  virtual std::span<const float> weights() const = 0;
  /// One outer product; `batch` is how many samples a mini-batch has.
  virtual void update(std::span<const float> x, std::span<const float> d,
                      double lr, const UpdateRule &rule, unsigned batch) = 0;
  /// Decay and diffusion of one mini-batch.
  virtual void endBatch() = 0;
  /// `seconds` pass in which nothing is written, for devices with a law of it.
  virtual void drift(double seconds) = 0;
  /// All cells of row k back to their reset values.
  virtual void resetRow(size_t k) = 0;
  virtual void resetCol(size_t n) = 0;
  /// The step that trains are planned with, and how many of them there are
  /// between the bounds.
  virtual double granularity() const = 0;
  /// Weights are written, each cell with `pulses` pulses.
  virtual void set(std::span<const float> w, uint64_t pulses) = 0;
  /// One-sided pairs of which the larger has passed `upper` and the smaller
  /// `lower` (parts of w_max) are reset and written anew, a row by one train of
  /// at most `pulses`; how many pairs they were.
  virtual uint64_t refresh(double /*upper*/, double /*lower*/,
                           unsigned /*pulses*/) {
    return 0;
  }
  /// What the weights are made of; of a pair first the cells that are added.
  virtual std::vector<const PulsedArray *> devices() const = 0;
  virtual double states() const = 0;
  virtual unsigned perWeight() const = 0;
};

/// Error (Unsupported): what no cells of config.device can be.
Status checkCells(const TrainingConfig &config);

using CellsResult = Result<std::unique_ptr<Cells>>;
using TrainingResult = Result<std::unique_ptr<TrainingArray>>;

/// What config.device and its compound fields say.
CellsResult makeCells(const TrainingConfig &config, size_t rows, size_t cols,
                      Key key);
CellsResult makeVector(const TrainingConfig &config, size_t rows, size_t cols,
                       Key key);
CellsResult makePair(const TrainingConfig &config, size_t rows, size_t cols,
                     Key key);

TrainingResult makeTransfer(const TrainingConfig &config, size_t rows,
                            size_t cols, Key key);
TrainingResult makeMixed(const TrainingConfig &config, size_t rows, size_t cols,
                         Key key);

/// The periphery's figures are for weights within ±1, an array counts in parts
/// of `range`: so that its outputs, times range, are the same.
ArrayPeriphery inPartsOf(ArrayPeriphery periphery, double range);

/// How far weights can be from 0, with a wide margin for cells that differ.
double weightRange(const TrainingConfig &config);

} // namespace hybridc::exec::detail

#endif // HYBRIDC_DEVICES_TRAININGARRAYS_H
