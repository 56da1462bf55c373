//===- AnalogArray.h - One crossbar with its converters --------*- C++ -*-===//
//
// y = x · W as an analog array computes it: weights held as conductances that
// were programmed with an error, drift and are read with noise; inputs through
// a DAC, outputs through an ADC. Formulas: docs/Architecture.md and, for the
// input- and output-managed product, IBM's aihwkit 1.1.
//
// The life of an array:
//
//   auto array = AnalogArray::create(config);      // or an Error
//   array->program(w, ldw, K, N, options);         // remembers the target
//   array->compute(Exact)      the weights as given, no converter, or
//   array->compute(Quantised)  ideal cells; DAC and ADC steps only, or
//   array->age(seconds, …)     the cells as they are after that time
//   array->mvm(x, ldx, y, ldy, B, options, scratch);
//
// mvm is const and may run on many threads, each with its own scratch. Row b's
// result depends on its values and its number `firstRow + b` alone, so a
// product may be cut into any batches.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DEVICES_ANALOGARRAY_H
#define HYBRIDC_DEVICES_ANALOGARRAY_H

#include "hybridc/Devices/InferenceDevice.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hybridc::exec {

enum class WeightNoise {
  None,
  Additive, ///< σ = w_noise·‖x'‖₂
  PcmRead,  ///< σ_n = w_noise·√(Σ_k |w_kn| x'_k²)
};

/// What sets the full scale α of the DAC, unless mvm is given a fixed range.
enum class NoiseManagement {
  None,          ///< 1
  AbsMax,        ///< the largest |x| of each vector
  AverageAbsMax, ///< its average over the vectors of a product
  Constant,      ///< ArrayPeriphery::inputScale
  Max,           ///< the largest x; vectors without a positive one give 0
  /// At which weights of worstCaseWeight cannot saturate an output:
  /// max(m, min(m·boundMaxStep/Δ_in, worstCaseWeight·max(Σ of the positive x,
  /// Σ of the negative)/out_bound)), m = the largest |x|
  AbsMaxNpSum,
};

/// What happens to a vector that saturates an output.
enum class BoundManagement {
  None,
  Iterative, ///< again with inputs halved, until nothing saturates
  /// Again with the α of NoiseManagement::AbsMaxNpSum, then halved like above.
  WorstCase,
};

/// Whether inputs of both signs go through the array at once.
enum class InputPolarity {
  OnePass,
  Separate,        ///< in two passes, added before the ADC
  SeparateDigital, ///< in two passes, each through the ADC, added digitally
};

/// DAC → product → ADC. Units: inputs are scaled to ±1, weights to ±1.
/// A resolution is the step as a fraction of the full range, 1/(2^bits − 2)
/// for a symmetric converter; 0 means continuous. A bound of 0 means none.
struct ArrayPeriphery {
  double inRes = 1.0 / 254, inBound = 1, inNoise = 0;
  double outRes = 1.0 / 254, outBound = 10, outNoise = 0.04;
  WeightNoise weightNoise = WeightNoise::None;
  double wNoise = 0;
  double irDrop = 0; ///< scale of the drop
  /// Conductance of a wire's piece from cell to cell over a cell's largest;
  /// 0.35 Ω and 5 µS.
  double irDropGRatio = 1.0 / 0.35 / 5e-6;
  /// Rounding to x/Δ + U(−½, ½) instead of x/Δ.
  bool inStochastic = false, outStochastic = false;
  /// Negative inputs behind the DAC, negative outputs before the ADC, are less
  /// by this part.
  double inAsymmetry = 0, outAsymmetry = 0;
  /// Relative spread of out_noise over columns, drawn once.
  double outNoiseStd = 0;
  double outScale = 1; ///< digital factor of all outputs
  InputPolarity inputPolarity = InputPolarity::OnePass;
  /// Spread of the factor (1 + N) by which a cell's weight differs for negative
  /// inputs, drawn once; only with separate polarities.
  double readAsymmetry = 0;
  NoiseManagement noiseManagement = NoiseManagement::AbsMax;
  double inputScale = 1; ///< α of NoiseManagement::Constant
  /// Upper limit of the α of AbsMax, Max and of m in AbsMaxNpSum; 0 = none.
  double inputScaleLimit = 0;
  BoundManagement boundManagement = BoundManagement::None;
  /// Inputs are halved again while they were not by more than boundMaxFactor,
  /// nor so far that a step of the DAC exceeds boundMaxStep of their range.
  double boundMaxFactor = 1000, boundMaxStep = 0.25;
  /// Of the largest weight: aihwkit's assumption.
  double worstCaseWeight = 0.6;

  // What the column's circuit does to its sum, in this order, per column n. In
  // all, aihwkit's model; x' are the inputs behind the DAC.
  //   IR drop
  //   offset voltage v_n, v_offset·N for a random half of the columns and 0 for
  //   the others, drawn once, and a resistance in series r = r_series, of the
  //   current of a pair's two cells, y + u and u, with the reference current
  //   u = −v_offset_w_min·Σ_k x'_k:
  //     y ← (1 − v_n)(y + u)/(1 + r|y + u|) − (1 + v_n)u/(1 + r|u|)
  //   weight noise
  //   S-shape f·y/(1 + c_n|y|), c_n = |out_nonlinearity/out_bound·(1 +
  //     out_nonlinearity_std·N)|, drawn once; f = (1 + (mean of c_n + r_series)
  //     ·slope_calibration·out_bound)², which makes a mean column's slope 1 at
  //     that part of the bound (of 1 without a bound)
  //   asymmetry, output noise, ADC
  double outNonlinearity = 0, outNonlinearityStd = 0, slopeCalibration = 0;
  double rSeries = 0, vOffset = 0, vOffsetWMin = -1;
  bool shiftsVoltage() const { return rSeries != 0 || vOffset != 0; }
  bool isCurved() const { return outNonlinearity != 0 || rSeries != 0; }
  /// Whether anything lies between weight noise and output noise.
  bool bends() const {
    return shiftsVoltage() || isCurved() || outAsymmetry != 0 ||
           inputPolarity == InputPolarity::Separate;
  }

  /// Whether outputs are the sums of the inputs times the cells and nothing
  /// else, but for inputs that exceed a fixed range: y does not depend on α.
  bool isTransparent() const {
    return inRes == 0 && inNoise == 0 && outRes == 0 && outBound == 0 &&
           outNoise == 0 && (wNoise == 0 || weightNoise == WeightNoise::None) &&
           irDrop == 0 && inAsymmetry == 0 && outScale == 1 &&
           inputPolarity == InputPolarity::OnePass && !bends() &&
           (inBound == 0 ||
            (inBound >= 1 && inputScaleLimit == 0 &&
             (noiseManagement == NoiseManagement::AbsMax ||
              noiseManagement == NoiseManagement::AbsMaxNpSum))) &&
           noiseManagement != NoiseManagement::Max;
  }

  /// Magnitude bits that the DAC drives at once; 0 = all. Otherwise inputs go
  /// digit by digit, each product through its own ADC, added digitally.
  unsigned inputBitsPerPhase = 0;

  static double resolutionOfBits(unsigned bits) {
    return bits < 2 ? 0 : 1.0 / (static_cast<double>(1ull << bits) - 2);
  }
};

enum class WeightMapping {
  Differential, ///< two cells: w ∝ g⁺ − g⁻, the other one at g_min
  Offset,       ///< one cell, less a reference column that holds w = 0
};

/// What is broken under a tile, in the tile's own rows and columns, and how it
/// is mapped around that. Faults act in every mode but Exact.
struct ArrayDefects {
  struct Stuck {
    uint32_t slice = 0, row = 0, col = 0;
    bool negative = false; ///< cell of a pair
    double at = 0;         ///< 0 at g_min … 1 at g_max; never drifts
  };
  struct BrokenAdc {
    uint32_t slice = 0, col = 0;
    double reads = 0; ///< part of the output bound (of 1 without a bound)
  };
  std::vector<Stuck> stuck;
  std::vector<uint32_t> deadRows, deadCols; ///< carry no current
  std::vector<BrokenAdc> brokenAdcs;
  /// What the controller knows to be stuck and writes around
  /// (chip::writeWeight).
  std::vector<Stuck> known;
  std::vector<uint8_t> flipped;   ///< columns stored negated; empty: none
  std::vector<uint32_t> wireRows; ///< place of each row on the wires; empty:
                                  ///< as numbered
};

/// How cells are driven when they are read, for the energy that they take: of
/// each g·v²·t. Not known without gMax.
struct CellRead {
  double gMin_us = 0, gMax_us = 0; ///< of a cell's lowest and highest state
  /// Inputs are times for which the full voltage is there; else voltages.
  bool pulses = false;
  double full_ns = 0;  ///< of an input at full scale, driven in one piece
  double pulse_ns = 0; ///< pulses that are counted: one of them
  /// Picojoules of a µS that conducts for a ns at full scale.
  double unit_pj = 0;

  bool isKnown() const { return gMax_us > 0; }
};

struct ArrayConfig {
  std::string device = "pcm";
  DeviceParams deviceParams;
  uint32_t rows = 256, cols = 256; ///< what fits: K, and N (weight columns)
  WeightMapping mapping = WeightMapping::Differential;
  /// Cells per weight and polarity, most significant first, of cellBits each.
  /// cellBits = 0: one continuous cell, and then slices must be 1.
  uint32_t slices = 1, cellBits = 0;
  ArrayPeriphery periphery;
  CellRead read;
  /// One-hot read-outs averaged when drift is compensated. aihwkit takes one;
  /// but where most weights lie below the output noise their mean magnitude is
  /// then mostly noise, which does not drift, and drift is undercorrected (by
  /// 9 % for weights ~ N(0, 0.1) after a day, 16 reads: 3 %).
  unsigned compensationReads = 16;
  ArrayDefects defects;
};

/// Keep: the gains that updateGain() set stay.
enum class Compensation { None, Global, Column, Keep };
enum class ArrayMode { Exact, Quantised, Noisy };

struct ProgramOptions {
  uint64_t seed = 0;
  uint64_t arrayId = 0; ///< what tells this array's noise from another's
  /// The weight that maps to g_max: empty = largest |w|, one value, or one per
  /// column. Larger weights saturate.
  std::span<const float> scale = {};
};

struct MvmOptions {
  bool noise = true;       ///< periphery noise; only in Noisy mode
  uint64_t command = 0;    ///< which product: gives it noise of its own
  uint64_t firstRow = 0;   ///< number of x's row 0 within the command
  float inputRange = 0;    ///< fixed full scale of the DAC; 0 = see periphery
  bool accumulate = false; ///< y += instead of y =
  /// += what the cells take of each vector, in pJ; null or read unknown: not.
  /// The inputs are those of the DAC, before any noise; saturation that bound
  /// management answers costs every try.
  double *energies_pj = nullptr;
};

/// Buffers of one thread, reused from call to call.
class MvmScratch {
public:
  std::vector<float> levels, digits, derived, analog, load, spread, noise, sums,
      alpha, polar, other, dither, ones;
  std::vector<uint32_t> active, retry;
  std::vector<char> saturated;
};

class AnalogArray {
public:
  /// Errors (InvalidInput): what makeInferenceDevice says; a negative or
  /// non-finite periphery; a resolution without a bound; too many bits.
  static Result<AnalogArray> create(ArrayConfig config);
  AnalogArray(AnalogArray &&) noexcept;
  AnalogArray &operator=(AnalogArray &&) noexcept;
  ~AnalogArray();

  /// Takes w[k·ldw + n], k < K, n < N. Leaves the array in Quantised mode.
  /// Errors: DoesNotFit beyond rows × cols; InvalidInput for non-finite
  /// weights or scales.
  Status program(const float *w, size_t ldw, size_t k, size_t n,
                 const ProgramOptions &options);

  /// Exact or Quantised; Noisy means age(0, 0, None).
  void compute(ArrayMode mode);

  /// Noisy mode: the cells as read `seconds` after programming. `epoch` numbers
  /// read-outs: the slow part of the read noise is drawn once per epoch.
  void age(double seconds, uint64_t epoch, Compensation compensation);

  /// What is broken from the next programming on.
  void setDefects(ArrayDefects defects);

  /// Read-outs with one-hot inputs, `seconds` after programming, for
  /// updateGain(); `reads` of each row are averaged. Leaves the array in Noisy
  /// mode at that age.
  void readOut(double seconds, uint64_t epoch, unsigned reads);
  /// Gains from the last readOut(): one for all columns, or one for each.
  void updateGain(bool perColumn);

  /// y[b·ldy + n] (+)= Σ_k x[b·ldx + k]·W[k][n] for b < batch, n < N.
  void mvm(const float *x, size_t ldx, float *y, size_t ldy, size_t batch,
           const MvmOptions &options, MvmScratch &scratch) const;

  ArrayMode mode() const;
  size_t usedRows() const;
  size_t usedCols() const;
  const ArrayConfig &config() const;
  const InferenceDevice &device() const;
  /// sum += the largest |x| of each vector, in order. Divided by the number of
  /// vectors it is the α of NoiseManagement::AverageAbsMax. mvm averages over
  /// the vectors it is given; who cuts a product into batches averages over all
  /// of it first and says so in MvmOptions::inputRange.
  static void addAbsMax(const float *x, size_t ldx, size_t k, size_t batch,
                        double &sum);
  /// Analog products, each with an ADC conversion, per input vector: slices ×
  /// input phases.
  unsigned conversionsPerOutput() const;
  /// Conductance that each driven line sees, in µS: of all cells that it has in
  /// columns in use, slices and references; empty where CellRead is not known.
  std::span<const double> lineConductances() const;
  /// In place of those of the cells, for who holds the cells elsewhere.
  void setLineConductances(std::vector<double> us);
  /// The factors that compensate drift: empty, one, or one per column.
  std::span<const float> compensationFactors() const;
  /// The weights that the cells hold now, in the units of w, without
  /// compensation: out[k·N + n]. For statistics and tests.
  void readWeights(float *out) const;
  /// The same right after programming, before drift and read noise. Leaves the
  /// array in Noisy mode with those cells.
  void readProgrammedWeights(float *out);

  struct Impl; ///< private to the library

private:
  explicit AnalogArray(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace hybridc::exec

#endif // HYBRIDC_DEVICES_ANALOGARRAY_H
