//===- ArrayImpl.h - The inside of an analog array -------------*- C++ -*-===//
//
// Private to lib/Devices. How numbers are held:
//
//   weight   w[k][n] = scale[n]·unitWeight·Σ_s place_s·cell_s[k][n]
//            cell_s is in steps of the cell (digits, when cells have bits)
//   input    x[k] = α·ρ·unitInput·Σ_p place_p·digit_p[k]
//
// With ideal cells and no ADC every product of digits is a sum of integers,
// exact in f32, and only the two factors at the end may round.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_DEVICES_ARRAYIMPL_H
#define HYBRIDC_LIB_DEVICES_ARRAYIMPL_H

#include "PanelGemm.h"
#include "hybridc/Devices/AnalogArray.h"

namespace hybridc::exec {

namespace detail {
/// What a stream of noise is for; the low byte of its tag.
enum class Purpose : uint64_t {
  Program = 1,
  Drift,
  Read,
  Product,
  Input,
  Output,
  Baseline,
  Compensate,
  Column,
  Weight,
  Dither,
  Polarity,
};
Key keyFor(Key parent, Purpose purpose, uint64_t detail = 0);

/// Which state of the cells is wanted.
enum class CellState { Ideal, Programmed, Aged };
} // namespace detail

struct AnalogArray::Impl {
  ArrayConfig config;
  std::unique_ptr<InferenceDevice> device;

  size_t rows = 0, cols = 0;
  std::vector<float> target; ///< w as given, [k][n]
  std::vector<float> scale;  ///< per column
  Key key;                   ///< of this array

  ArrayMode mode = ArrayMode::Quantised;
  std::vector<detail::PanelMatrix> cells;      ///< one per slice
  std::vector<detail::PanelMatrix> magnitudes; ///< |cells|, where needed
  detail::PanelMatrix asGiven;  ///< the weights, where findExact allows it
  std::vector<float> curvature; ///< of each column's S-shape, in 1/(range ±1)
  std::vector<float> offset;    ///< of each column's voltage
  float slopeGain = 1;          ///< of the S-shape
  std::vector<float> noiseOf;   ///< σ of each column's output, if they differ
  /// What negative inputs see, with InputPolarity and readAsymmetry.
  std::vector<detail::PanelMatrix> negativeCells, negativeMagnitudes;
  std::vector<float> columnFactor; ///< scale·unitWeight·compensation
  std::vector<float> compensation;
  std::vector<double> readings;    ///< of readOut(), per column
  std::vector<double> baseline;    ///< per column, mean |read-out| when fresh
  std::vector<float> wirePosition; ///< 1 − (1 − k/K)², for the IR drop
  std::vector<double> conductance; ///< of each row in µS, where it is wanted

  // Derived from config once.
  double unitWeight = 1;         ///< of the digital sum over slices
  double cellUnit = 1;           ///< a cell's step in the analog range ±1
  std::vector<float> slicePlace; ///< digital weight of each slice
  double inputStep = 0;          ///< Δ_in; 0 = continuous
  double outputStep = 0;         ///< Δ_out; 0 = continuous
  unsigned phases = 1;
  double digitBase = 0; ///< of a phase, when phases > 1

  Status derive();
  bool needsMagnitudes() const {
    return config.periphery.irDrop != 0 ||
           (config.periphery.weightNoise == WeightNoise::PcmRead &&
            config.periphery.wNoise != 0);
  }

  /// Cell values, in steps, of a run of weights [first, first + n) of a slice
  /// as the cells hold them in `state`.
  void realise(size_t slice, detail::CellState state, double seconds,
               uint64_t epoch);
  void realiseAll(detail::CellState state, double seconds, uint64_t epoch);
  /// Digit of the code of `w` (relative to scale) in a slice, and of w = 0.
  void codeWeights(size_t slice, size_t row, float *positive,
                   float *negative) const;
  float referenceCode(size_t slice) const;

  /// Writes around the stuck cells that the controller knows of.
  void writeAround(size_t slice, size_t firstRow, size_t count, float *positive,
                   float *negative) const;
  /// What is stuck or dead, into cells of rows [firstRow, + count).
  void injectStuck(size_t slice, bool negative, size_t firstRow, size_t count,
                   float *codes) const;
  void injectDead(size_t slice);
  /// Adds a row of cells, in steps, to `conductance`; `dead` columns apart.
  void addConductance(size_t row, const float *codes, size_t n, double steps,
                      const std::vector<char> &dead);
  float signOf(size_t col) const {
    const auto &flipped = config.defects.flipped;
    return col < flipped.size() && flipped[col] ? -1.0f : 1.0f;
  }

  void findExact(bool idealCells);
  bool correctsNothing() const {
    for (float factor : compensation)
      if (factor != 1)
        return false;
    return true;
  }
  void drawColumns();
  void drawPolarity();
  void setColumnFactors();
  /// The factors that bring `now` back to `fresh`.
  void compensate(std::vector<double> fresh, std::vector<double> now,
                  bool perColumn);
  /// Mean |read-out| per column, with one-hot inputs and noise.
  std::vector<double> readOneHot(detail::Purpose purpose, uint64_t epoch) {
    return readOneHot(purpose, epoch, config.compensationReads);
  }
  std::vector<double> readOneHot(detail::Purpose purpose, uint64_t epoch,
                                 unsigned reads);

  /// mvm with its noise already keyed. `oneHot` promises that the only input
  /// of vector b is number options.firstRow + b, which saves the product.
  void product(const float *x, size_t ldx, float *y, size_t ldy, size_t batch,
               const MvmOptions &options, Key noiseKey, MvmScratch &scratch,
               bool oneHot) const;
};

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_DEVICES_ARRAYIMPL_H
