//===- TrainingTile.h - A tile of arrays that train ------------*- C++ -*-===//
//
// The cells of one array tile whose kind is for training: written once, then
// moved by outer products, read in both directions. W is in the program's
// units; a cell of weight c holds W = scale·c.
//
// Two ways of holding it:
//  - exact (no noise, or updates that are `ideal`): floats, W −= lr·xᵀ·d;
//  - cells: those that `characterize` trains (devices/TrainingArrays.h), every
//    update a train of pulses.
//
// Either is read through AnalogArrays of the same periphery, one a direction,
// that are written anew, without error, when W has changed.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_EXECUTOR_TRAININGTILE_H
#define HYBRIDC_LIB_EXECUTOR_TRAININGTILE_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Devices/AnalogArray.h"
#include "hybridc/Devices/TrainingArrays.h"
#include "hybridc/Executor/Executor.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hybridc::exec {

class TrainingTile {
public:
  /// Errors: those of trainingOf() and AnalogArray::create.
  static Result<TrainingTile> create(const chip::ArrayKind &kind, size_t rows,
                                     size_t cols, bool exact, bool noise);

  /// Takes W[rows][cols], by `pulses` pulses to every cell. `anew`: with other
  /// cells, those of `key`. Error: a weight that is not finite.
  Status program(const float *w, size_t ldw, float scale, Key key, bool anew,
                 uint64_t pulses = 1);
  /// W −= lr·x[b]ᵀ·d[b] for b = 0 … batch - 1, then one mini-batch of decay.
  void update(const float *x, size_t ldx, const float *d, size_t ldd,
              size_t batch, float lr);
  /// `seconds` pass since it was written, of which the device's law of drift
  /// says what they do. Nothing, if exact or where it has none.
  void age(double seconds);
  /// Updated since it was written or aged.
  bool isTrained() const { return trained; }
  /// One-sided pairs that have grown are written anew, by trains of at most
  /// `pulses` (0: the kind's). Nothing, if exact.
  void refresh(double upper, double lower, unsigned pulses);
  bool isOneSided() const { return config.device.wMin == 0; }
  bool isExact() const { return exact; }
  /// As programming and updates left it; cells: as a read-out sees them.
  std::span<const float> weights();
  /// Its array, driven from the rows (y = x·W) or the columns (y = x·Wᵀ).
  Result<const AnalogArray *> reader(bool transposed);
  void setDefects(ArrayDefects broken) {
    defects = std::move(broken);
    isRead[0] = isRead[1] = false;
  }

  uint64_t numUpdates() const { return updates; }
  /// Pulses that the first cell of each weight got by updates; empty when those
  /// were exact.
  std::span<const uint64_t> pulses() const {
    return cells ? cells->devices()[0]->pulses() : std::span<const uint64_t>();
  }
  /// What updates did to the cells; no pulses when they were exact.
  UpdateCount count() const;

private:
  TrainingTile() = default;
  /// Of each line that is driven, with `shown` as W; in µS.
  std::vector<double> conductances(std::span<const float> shown,
                                   bool transposed) const;
  size_t rows = 0, cols = 0;
  bool exact = false, noise = true, isPair = false;
  bool hasAged = false, trained = false;
  TrainingConfig config;
  std::unique_ptr<detail::Cells> cells;
  Key key;
  uint64_t updates = 0, refreshedPairs = 0;
  float scale = 1;
  std::vector<float> w; ///< W; of cells a copy, valid unless isStale
  bool isStale = false;
  std::vector<float> scaled; ///< d of one vector, in the cells' units
  ArrayDefects defects;
  double range = 1; ///< largest weight of a cell that a reader takes
  CellRead read;
  std::optional<AnalogArray> readers[2];
  bool isRead[2] = {false, false};
};

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_EXECUTOR_TRAININGTILE_H
