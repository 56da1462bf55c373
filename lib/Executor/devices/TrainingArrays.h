//===- TrainingArrays.h - Parts of arrays in training -----------*- C++ -*-===//
//
// Private to lib/Executor/devices. `Cells` are what pulses go to: one device a
// weight, several, or a one-sided pair. Algorithms are built of them.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_EXECUTOR_DEVICES_TRAININGARRAYS_H
#define HYBRIDC_LIB_EXECUTOR_DEVICES_TRAININGARRAYS_H

#include "hybridc/Executor/devices/TrainingArray.h"

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
  /// All cells of row k back to their reset values.
  virtual void resetRow(size_t k) = 0;
  virtual void resetCol(size_t n) = 0;
  /// The step that trains are planned with, and how many of them there are
  /// between the bounds.
  virtual double granularity() const = 0;
  virtual double states() const = 0;
  virtual unsigned perWeight() const = 0;
};

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

/// How far weights can be from 0, with a wide margin for cells that differ.
double weightRange(const TrainingConfig &config);

} // namespace hybridc::exec::detail

#endif // HYBRIDC_LIB_EXECUTOR_DEVICES_TRAININGARRAYS_H
