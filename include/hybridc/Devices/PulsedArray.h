//===- PulsedArray.h - An array that is trained in place -------*- C++ -*-===//
//
// K × N training cells. A stochastic outer-product update sends trains of
// pulses along rows and columns; where two coincide the cell makes one step
// (Gokmen and Vlasov 2016). Weights are [k][n], the same as W in y = x · W.
//
// All randomness is a pure function of the key, the number of the update and
// the cell, so updates give the same weights at any thread count.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DEVICES_PULSEDARRAY_H
#define HYBRIDC_DEVICES_PULSEDARRAY_H

#include "hybridc/Devices/PulsedDevice.h"

#include <memory>
#include <span>

namespace hybridc::exec {

/// What makes an outer product of pulses.
enum class PulseType {
  Stochastic,    ///< Bernoulli trains; a step where two pulses meet
  Deterministic, ///< round(length·p_x·p_d) steps
  MeanCount,     ///< round(n_x·n_d / length), n = round(length·p)
  None,          ///< W −= lr·x·dᵀ itself, within each cell's bounds
};

/// How an update is turned into pulse trains.
struct UpdateRule {
  unsigned maxPulses = 31; ///< longest train, 1 .. 65535
  /// Shares the scale between rows and columns by their largest values.
  bool updateManagement = true;
  /// Trains only as long as the largest product needs; includes
  /// updateManagement.
  bool lengthManagement = true;
  /// False, without lengthManagement: as long as lr needs, also beyond
  /// maxPulses.
  bool fixedLength = true;
  PulseType type = PulseType::Stochastic;
  /// Step to which p is rounded, 0 for none; `row` and `col` are those of
  /// Deterministic.
  double resolution = 0, rowResolution = 0, colResolution = 0;
  bool stochasticRounding = false;
  double gradScale = 1; ///< of d_max in the sharing of the scale
};

/// The trains of one update: probability of a pulse per unit of |x| and |d|.
struct PulseTrains {
  unsigned length = 0;
  double rowScale = 0, colScale = 0;
};

/// k = lr·x_max·d_max/dw; length = min(⌈k⌉, maxPulses); scales √(lr/(dw·
/// length)), with management shared as √(d̃/x_max) and √(x_max/d̃), d̃ =
/// d_max·min(1, maxPulses/k). In single precision, as aihwkit does, since ⌈k⌉
/// hangs on its last bit, or in double where that overflows. `dw` is the
/// device's granularity().
PulseTrains planTrains(const UpdateRule &rule, double lr, double xMax,
                       double dMax, double dw);

/// What a cell does that has worn out.
enum class WornCell {
  None, ///< goes on
  Hold, ///< keeps the weight that it then has
  Low,  ///< its least weight
  High, ///< its largest
  Ends, ///< half of them either
};

/// none, hold, low, high, ends.
const std::vector<std::string> &wornCellNames();

/// After how many pulses cells fail: each after endurance·exp(spread·N), drawn
/// once.
struct WearRule {
  double endurance = 0; ///< the median, in pulses; 0: for ever
  double spread = 0.5;
  WornCell worn = WornCell::Ends;
  bool counts = false; ///< pulses are counted, also of cells that last for ever
};

class PulsedArray {
public:
  /// Draws the cells. Errors (InvalidInput): no rows or columns, more than
  /// 2^26 cells, a rule or device without meaning.
  static Result<PulsedArray> create(PulsedDevice device, size_t rows,
                                    size_t cols, Key key);
  PulsedArray(PulsedArray &&) noexcept;
  PulsedArray &operator=(PulsedArray &&) noexcept;
  ~PulsedArray();

  size_t rows() const;
  size_t cols() const;
  const PulsedDevice &device() const;

  /// What a read-out sees, and what the cells hold (they differ by the write
  /// noise).
  std::span<const float> weights() const;
  std::span<const float> persistent() const;
  /// Clipped to each cell's bounds; draws write noise.
  void setWeights(std::span<const float> w, uint64_t update);

  /// Sends `counts[k·N + n]` pulses to each cell, down if negative.
  void pulse(std::span<const int32_t> counts, uint64_t update);
  /// W −= lr·x·dᵀ on average: x has K values, d has N. lr may be negative.
  void update(std::span<const float> x, std::span<const float> d, double lr,
              const UpdateRule &rule, uint64_t update);
  /// The pulses that update() would send, down where negative.
  void draw(std::span<const float> x, std::span<const float> d, double lr,
            const UpdateRule &rule, uint64_t update,
            std::span<int32_t> counts) const;
  /// One mini-batch of decay towards the reset value, and of diffusion.
  void decay(uint64_t update);
  /// `time` passes since the last call, with drift; a cell that was pulsed or
  /// set since then starts anew.
  void drift(double time, uint64_t update);
  /// Returns columns [first, first + count) to their reset values.
  void reset(size_t first, size_t count, uint64_t update);

  /// Counts pulses from now on; a cell that has had as many as it endures is
  /// stuck as the rule says.
  void setWear(const WearRule &rule);
  /// Each cell's pulses by updates and resets, those included that a worn cell
  /// did not follow. Empty without wear.
  std::span<const uint64_t> pulses() const;
  /// Not 0 where a cell has failed. Empty without wear.
  std::span<const uint8_t> worn() const;
  /// `pulses` more for every cell by programming; not among pulses().
  void addWrites(uint64_t pulses);

  /// Returns the cells with which[i] != 0 to their reset values: a pulse each.
  void resetCells(std::span<const uint8_t> which, uint64_t update);

  struct Impl; ///< private to the library

private:
  explicit PulsedArray(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace hybridc::exec

#endif // HYBRIDC_DEVICES_PULSEDARRAY_H
