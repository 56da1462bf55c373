//===- ArrayMvm.cpp - The input- and output-managed product ---------------===//
//
// Per input vector: scale by α (largest |x|, or a fixed range) and ρ = 1;
// DAC; product; IR drop; weight and output noise; ADC; if an output saturated
// and bound management is on, again with ρ doubled; y = αρ·result.
//
// Weight noise and output noise are both Gaussian: where nothing lies between
// them, one sample of their joint spread stands for the two.
//
//===----------------------------------------------------------------------===//

#include "ArrayImpl.h"
#include "ArrayKernels.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

namespace {

/// Vectors handled together: large enough for the matrix product, small enough
/// for the second cache.
constexpr size_t rowBlock = 64;
/// Samples of noise drawn at once, in the first cache.
constexpr size_t noiseBlock = 1024;
/// Set in the number of a stream of noise: of the pass of negative inputs.
constexpr uint64_t negativePass = 0x80;

void grow(std::vector<float> &v, size_t n) {
  if (v.size() < n)
    v.resize(n);
}

/// Up to rowBlock vectors on their way through an array.
class Pass {
public:
  /// `oneHot`: the only input of vector b is number firstRow + b.
  Pass(const AnalogArray::Impl &a, const MvmOptions &options, Key key,
       MvmScratch &s, bool oneHot)
      : a(a), p(a.config.periphery), options(options), s(s), key(key),
        noisy(a.mode == ArrayMode::Noisy && options.noise),
        // Input noise drives the other rows too.
        oneHot(oneHot && !(noisy && p.inNoise != 0)),
        ldc((a.cols + gaussianBlock - 1) / gaussianBlock * gaussianBlock) {
    grow(s.levels, rowBlock * a.rows);
    grow(s.analog, rowBlock * ldc);
    grow(s.sums, rowBlock * ldc);
    noiseRows = std::max<size_t>(1, noiseBlock / ldc);
    grow(s.noise, std::max(noiseRows * ldc, a.rows));
    grow(s.alpha, rowBlock);
    s.saturated.resize(rowBlock);
    if (a.phases > 1)
      grow(s.digits, rowBlock * a.rows);
    dropsVoltage = a.mode == ArrayMode::Noisy && p.irDrop != 0;
    bends = a.mode == ArrayMode::Noisy && p.bends();
    isScaleFree =
        p.isTransparent() && !(options.inputRange > 0 && p.inBound > 0);
    countsEnergy = options.energies_pj && !a.conductance.empty();
    if (p.noiseManagement == NoiseManagement::None)
      range = 1;
    else if (p.noiseManagement == NoiseManagement::Constant)
      range = float(p.inputScale);
    readsNoisyWeights =
        noisy && p.wNoise != 0 && p.weightNoise != WeightNoise::None;
    splits = p.inputPolarity != InputPolarity::OnePass &&
             (a.mode == ArrayMode::Noisy ||
              p.inputPolarity == InputPolarity::SeparateDigital);
    // A single read-out whose saturation nobody asks about.
    readsOnce = p.boundManagement == BoundManagement::None && a.phases == 1 &&
                a.cells.size() == 1 && !splits &&
                a.config.defects.brokenAdcs.empty() &&
                !(noisy && p.outStochastic);
    if (splits) {
      grow(s.polar, rowBlock * a.rows);
      grow(s.other, rowBlock * ldc);
    }
    if (noisy && (p.inStochastic || p.outStochastic))
      grow(s.dither, std::max(ldc, a.rows));
    if (noisy && !a.noiseOf.empty())
      grow(s.spread, rowBlock * ldc);
    if (dropsVoltage || (readsNoisyWeights && a.needsMagnitudes())) {
      grow(s.derived, rowBlock * a.rows);
      grow(s.load, rowBlock * ldc);
      grow(s.spread, rowBlock * ldc);
    }
  }

  void setRange(float scale) { range = scale; }

  /// Of the weights `w` as they were given.
  void exact(const PanelMatrix &w, const float *x, size_t ldx, float *y,
             size_t ldy, size_t count, uint64_t firstRow) {
    if (countsEnergy)
      for (size_t i = 0; i < count; ++i) {
        // Nothing rounds: the converter's range is all that it does.
        double full = fullScaleOf(x + i * ldx), bound = inputBound();
        toLevels(x + i * ldx, full > 0 ? float(1 / full) : 0.0f, false,
                 float(p.inBound), s.levels.data(), a.rows);
        addEnergy(s.levels.data(), 1 / bound, drivenTime(0),
                  firstRow - options.firstRow + i);
      }
    panelGemm(x, ldx, w, s.analog.data(), ldc, count);
    s.ones.assign(a.cols, 1.0f);
    for (size_t i = 0; i < count; ++i)
      emitRow(s.analog.data() + i * ldc, 1.0f, s.ones.data(),
              options.accumulate, y + i * ldy, a.cols);
  }

  void managed(const float *x, size_t ldx, float *y, size_t ldy, size_t count,
               uint64_t firstRow) {
    s.active.clear();
    for (uint32_t i = 0; i < count; ++i) {
      s.active.push_back(i);
      s.alpha[i] = scaleOf(x + i * ldx);
    }
    if (readsOnce) {
      out = y;
      ldOut = ldy;
      return convert(x, ldx, 1, firstRow, 0);
    }
    bool worstCase = p.boundManagement == BoundManagement::WorstCase &&
                     p.noiseManagement != NoiseManagement::AbsMaxNpSum;
    unsigned tries = 0;
    for (double rho = 1;; ++tries) {
      convert(x, ldx, rho, firstRow, tries);
      bool mayRetry = p.boundManagement != BoundManagement::None &&
                      rho <= p.boundMaxFactor &&
                      (a.inputStep == 0 || rho <= p.boundMaxStep / a.inputStep);
      s.retry.clear();
      for (size_t i = 0; i < s.active.size(); ++i) {
        uint32_t id = s.active[i];
        if (s.saturated[i] && mayRetry) {
          if (worstCase && tries == 0 &&
              p.noiseManagement != NoiseManagement::None)
            s.alpha[id] = worstCaseScale(x + id * ldx,
                                         options.inputRange > 0
                                             ? options.inputRange
                                             : limitedMagnitude(x + id * ldx));
          s.retry.push_back(id);
          continue;
        }
        double unit = a.inputStep > 0 ? a.inputStep : 1.0;
        emitRow(s.sums.data() + i * ldc,
                float(s.alpha[id] * rho * unit * p.outScale),
                a.columnFactor.data(), options.accumulate, y + id * ldy,
                a.cols);
      }
      // The worst case has its first try without halving.
      if (!(worstCase && tries == 0))
        rho *= 2;
      if (s.retry.empty())
        return;
      s.active.swap(s.retry);
    }
  }

private:
  /// α of a vector.
  float scaleOf(const float *x) const {
    // Where α makes no difference there is none, which keeps integers whole.
    return isScaleFree ? 1 : fullScaleOf(x);
  }

  float fullScaleOf(const float *x) const {
    if (options.inputRange > 0)
      return options.inputRange;
    if (range > 0)
      return range;
    float most = 0;
    if (p.noiseManagement == NoiseManagement::Max)
      for (size_t k = 0; k < a.rows; ++k)
        most = std::max(most, x[k]);
    else
      most = limitedMagnitude(x);
    if (p.inputScaleLimit > 0)
      most = std::min(most, float(p.inputScaleLimit));
    if (p.noiseManagement == NoiseManagement::AbsMaxNpSum)
      most = worstCaseScale(x, most);
    // Nothing to scale by: input noise is what is left.
    return most == 0 && noisy && p.inNoise != 0 ? 1.0f : most;
  }

  float limitedMagnitude(const float *x) const {
    float most = largestMagnitude(x, a.rows);
    if (p.noiseManagement == NoiseManagement::Constant)
      return std::min(most, float(p.inputScale));
    return p.inputScaleLimit > 0 ? std::min(most, float(p.inputScaleLimit))
                                 : most;
  }

  /// α of NoiseManagement::AbsMaxNpSum; `most` is the largest |x|.
  float worstCaseScale(const float *x, float most) const {
    double positive = 0, negative = 0;
    for (size_t k = 0; k < a.rows; ++k)
      (x[k] > 0 ? positive : negative) += std::fabs(double(x[k]));
    double scale = std::max(positive, negative) * p.worstCaseWeight /
                   (p.outBound > 0 ? p.outBound : 1.0);
    if (a.inputStep > 0)
      scale = std::min(scale, double(most) / a.inputStep * p.boundMaxStep);
    return float(std::max(double(most), scale));
  }

  /// out[b][n] = Σ_k x[b][k]·m(k, n) for the active vectors.
  void times(const float *x, const PanelMatrix &m, float *out, size_t count,
             uint64_t firstRow) {
    if (!oneHot)
      return panelGemm(x, a.rows, m, out, ldc, count);
    for (size_t i = 0; i < count; ++i) {
      size_t k = firstRow + s.active[i];
      float value = x[i * a.rows + k];
      for (size_t n = 0; n < m.paddedCols(); n += panelWidth) {
        const float *row = m.data.data() + n * a.rows + k * panelWidth;
        for (size_t j = 0; j < panelWidth; ++j)
          out[i * ldc + n + j] = value * row[j];
      }
    }
  }

  /// The largest input behind the DAC, in its range.
  double inputBound() const { return p.inBound > 0 ? p.inBound : 1.0; }

  /// How long an input at full scale is driven: its digits at most this far.
  double drivenTime(double digits) const {
    const CellRead &read = a.config.read;
    return read.pulse_ns > 0 && digits > 0 ? digits * read.pulse_ns
                                           : read.full_ns;
  }

  /// Of one drive of one vector: `input` times `unit` lies within ±1.
  void addEnergy(const float *input, double unit, double ns, size_t vector) {
    const CellRead &read = a.config.read;
    const double *g = a.conductance.data();
    double sum = read.pulses ? loadOfPulses(input, g, a.rows) * unit
                             : loadOfVoltages(input, g, a.rows) * unit * unit;
    options.energies_pj[vector] += sum * ns * read.unit_pj;
  }

  /// Of the active vectors, the digits of one phase of which are `input`.
  void addEnergies(const float *input, size_t count, double dacUnit,
                   const float *x, size_t ldx, uint64_t firstRow) {
    double ns = drivenTime(a.phases > 1 ? a.digitBase - 1 : 0);
    for (size_t i = 0; i < count; ++i) {
      uint32_t id = s.active[i];
      double unit = dacUnit / inputBound();
      if (isScaleFree) { // inputs are as they were given
        double full = fullScaleOf(x + id * ldx);
        unit = full > 0 ? unit / full : 0;
      }
      addEnergy(input + i * a.rows, unit, ns, firstRow - options.firstRow + id);
    }
  }

  /// Steps 2 to 4 for the active vectors: fills sums and saturated.
  void convert(const float *x, size_t ldx, double rho, uint64_t firstRow,
               unsigned tries) {
    size_t count = s.active.size();
    double unit = a.inputStep > 0 ? a.inputStep : 1.0;
    bool round = a.inputStep > 0;
    float limit = isScaleFree ? 0.0f : float(p.inBound / unit);
    for (size_t i = 0; i < count; ++i) {
      double alpha = s.alpha[s.active[i]];
      double factor = 1.0 / (alpha * rho * unit);
      const float *row = x + s.active[i] * ldx;
      float *levels = s.levels.data() + i * a.rows;
      // A vector of zeros (or of denormals) drives nothing.
      if (!(std::fabs(factor) <= 3e38))
        factor = 0;
      if (rho > 1 && factor != 0) {
        // With inputs halved the largest lies exactly between two steps. Only
        // a division keeps it there, to be rounded to the even one.
        divideBy(row, float(alpha), levels, a.rows);
        row = levels;
        factor *= alpha;
      }
      if (round && noisy && p.inStochastic) {
        size_t stride =
            (a.rows + gaussianBlock - 1) / gaussianBlock * gaussianBlock;
        uniforms(keyFor(key, Purpose::Dither, uint64_t(tries) << 16 | 0xff00),
                 (firstRow + s.active[i]) * stride, s.dither.data(), a.rows);
        toLevelsDithered(row, float(factor), s.dither.data(), limit, levels,
                         a.rows);
        continue;
      }
      toLevels(row, float(factor), round, limit, levels, a.rows);
    }
    if (!readsOnce)
      std::fill(s.sums.begin(), s.sums.begin() + ptrdiff_t(count * ldc), 0.0f);
    std::fill(s.saturated.begin(), s.saturated.end(), char(0));

    for (unsigned phase = 0; phase < a.phases; ++phase) {
      double place = 1, dacUnit = unit;
      float *input = s.levels.data();
      if (a.phases > 1) {
        place = std::pow(a.digitBase, phase);
        dacUnit = p.inBound / (a.digitBase - 1);
        input = s.digits.data();
        toDigits(s.levels.data(), float(1 / place), float(a.digitBase), input,
                 count * a.rows);
      }
      if (countsEnergy)
        addEnergies(input, count, dacUnit, x, ldx, firstRow);
      uint64_t what = (uint64_t(tries) << 16) | (uint64_t(phase) << 8);
      if (noisy && p.inNoise != 0)
        disturbInputs(input, count, float(p.inNoise / dacUnit), firstRow, what);
      if (noisy && p.inAsymmetry != 0)
        weakenNegative(float(p.inAsymmetry), input, count * a.rows);
      for (size_t slice = 0; slice < a.cells.size(); ++slice)
        multiply(input, count, slice, place * a.slicePlace[slice], dacUnit,
                 firstRow, what | slice);
    }
  }

  void disturbInputs(float *input, size_t count, float sigma, uint64_t firstRow,
                     uint64_t what) {
    Key stream = keyFor(key, Purpose::Input, what);
    size_t stride =
        (a.rows + gaussianBlock - 1) / gaussianBlock * gaussianBlock;
    for (size_t i = 0; i < count; ++i) {
      gaussians(stream, (firstRow + s.active[i]) * stride, s.noise.data(),
                a.rows);
      addNoise(s.noise.data(), sigma, input + i * a.rows, a.rows);
    }
  }

  /// One product on one slice with its ADC read-outs, added to sums.
  void multiply(const float *input, size_t count, size_t slice, double place,
                double dacUnit, uint64_t firstRow, uint64_t what) {
    if (!splits) {
      drive(input, count, slice, dacUnit, firstRow, what, a.cells,
            a.magnitudes);
      return readOutAll(input, count, slice, place, dacUnit, firstRow, what,
                        a.magnitudes);
    }
    bool differs = !a.negativeCells.empty();
    const auto &cells = differs ? a.negativeCells : a.cells;
    const auto &magnitudes = differs ? a.negativeMagnitudes : a.magnitudes;
    keepSign(input, true, s.polar.data(), count * a.rows);
    drive(s.polar.data(), count, slice, dacUnit, firstRow, what | negativePass,
          cells, magnitudes);
    bool addsInDigital = p.inputPolarity == InputPolarity::SeparateDigital;
    if (addsInDigital)
      readOutAll(s.polar.data(), count, slice, place, dacUnit, firstRow,
                 what | negativePass, magnitudes);
    else
      s.other.swap(s.analog);
    keepSign(input, false, s.polar.data(), count * a.rows);
    drive(s.polar.data(), count, slice, dacUnit, firstRow, what, a.cells,
          a.magnitudes);
    if (!addsInDigital)
      addNoise(s.other.data(), 1.0f, s.analog.data(), count * ldc);
    readOutAll(s.polar.data(), count, slice, place, dacUnit, firstRow, what,
               a.magnitudes);
  }

  /// The current of every column, into s.analog: product, IR drop, offset
  /// voltage and, if anything follows that is not linear, weight noise.
  void drive(const float *input, size_t count, size_t slice, double dacUnit,
             uint64_t firstRow, uint64_t what,
             const std::vector<PanelMatrix> &cells,
             const std::vector<PanelMatrix> &magnitudes) {
    float *analog = s.analog.data();
    times(input, cells[slice], analog, count, firstRow);
    double unit = dacUnit * a.cellUnit; // of `analog`, in the range ±1

    if (dropsVoltage) {
      magnitudeOf(input, s.derived.data(), count * a.rows);
      times(s.derived.data(), magnitudes[slice], s.load.data(), count,
            firstRow);
      for (size_t i = 0; i < count; ++i)
        productOf(input + i * a.rows, a.wirePosition.data(),
                  s.derived.data() + i * a.rows, a.rows);
      times(s.derived.data(), cells[slice], s.spread.data(), count, firstRow);
      dropVoltage(s.load.data(), s.spread.data(),
                  float(double(a.rows) / p.irDropGRatio * unit),
                  float(p.irDrop), analog, count * ldc);
    }
    if (bends && p.shiftsVoltage())
      for (size_t i = 0; i < count; ++i) {
        double sum = 0;
        for (size_t k = 0; k < a.rows; ++k)
          sum += double(input[i * a.rows + k]);
        shiftVoltage(a.offset.data(), float(-p.vOffsetWMin * sum * dacUnit),
                     float(p.rSeries), float(unit), analog + i * ldc, a.cols);
      }
    if (bends && readsNoisyWeights)
      disturbSums(input, count, slice, dacUnit / unit, firstRow, what,
                  magnitudes);
  }

  /// The ADC's read-outs of s.analog, added to sums.
  void readOutAll(const float *input, size_t count, size_t slice, double place,
                  double dacUnit, uint64_t firstRow, uint64_t what,
                  const std::vector<PanelMatrix> &magnitudes) {
    float *analog = s.analog.data();
    double unit = dacUnit * a.cellUnit; // of `analog`, in the range ±1
    if (bends)
      for (size_t i = 0; i < count; ++i)
        bendOutputs(a.curvature.data(), float(unit), a.slopeGain,
                    float(p.outAsymmetry), analog + i * ldc, a.cols);

    // Everything below is in the converter's steps; without a converter or a
    // bound in those of `analog`, so that integers stay integers.
    double step = a.outputStep > 0 ? a.outputStep : p.outBound > 0 ? 1 : unit;
    Readout how;
    how.round = a.outputStep > 0;
    how.limit = float(p.outBound / step);
    how.gain = step == unit ? 1.0f : float(unit / step);
    how.weight = float(place * step / unit);
    double sigma = p.outNoise / step;
    // Weight noise that nothing came after shares a sample with output noise.
    bool joins = readsNoisyWeights && !bends;
    bool perOutput = joins && p.weightNoise == WeightNoise::PcmRead;
    bool additive = joins && p.weightNoise == WeightNoise::Additive;
    if (perOutput) {
      squareOf(input, s.derived.data(), count * a.rows);
      times(s.derived.data(), magnitudes[slice], s.load.data(), count,
            firstRow);
      double factor = p.wNoise * dacUnit / step;
      combineSpread(s.load.data(), float(factor * factor * a.cellUnit),
                    float(a.noiseOf.empty() ? sigma : 0.0), s.spread.data(),
                    count * ldc);
    }
    bool differs = noisy && !a.noiseOf.empty();
    bool dithers = how.round && noisy && p.outStochastic;
    bool draws = noisy && (sigma != 0 || perOutput || additive);
    Key stream = keyFor(key, Purpose::Output, what);
    const auto &broken = a.config.defects.brokenAdcs;
    size_t noiseBegin = 0, noiseEnd = 0;
    for (size_t i = 0; i < count; ++i) {
      how.sigmaAll = float(sigma);
      if (additive) {
        double w = p.wNoise * dacUnit / step;
        how.sigmaAll = float(std::sqrt(
            (differs ? 0.0 : sigma * sigma) +
            w * w * double(sumOfSquares(input + i * a.rows, a.rows))));
      }
      if (draws) {
        if (i == noiseEnd) { // for a few vectors at once: fewer, longer runs
          noiseBegin = i;
          ++noiseEnd;
          while (noiseEnd < count && noiseEnd - i < noiseRows &&
                 s.active[noiseEnd] == s.active[noiseEnd - 1] + 1)
            ++noiseEnd;
          gaussians(stream, (firstRow + s.active[i]) * ldc, s.noise.data(),
                    (noiseEnd - i - 1) * ldc + a.cols);
        }
        how.noise = s.noise.data() + (i - noiseBegin) * ldc;
        how.sigma = perOutput ? s.spread.data() + i * ldc : nullptr;
      }
      if (differs) {
        float *spread = s.spread.data() + i * ldc;
        for (size_t n = 0; n < a.cols; ++n) {
          float own = a.noiseOf[n] / float(step);
          float other = perOutput ? spread[n] : additive ? how.sigmaAll : 0.0f;
          spread[n] = std::sqrt(own * own + other * other);
        }
        how.sigma = spread;
      }
      if (dithers) {
        uniforms(keyFor(key, Purpose::Dither, what),
                 (firstRow + s.active[i]) * ldc, s.dither.data(), a.cols);
        disturb(how.gain, how.sigma, how.sigmaAll, how.noise, s.dither.data(),
                analog + i * ldc, a.cols);
        how.gain = 1;
        how.noise = nullptr;
      }
      if (readsOnce) {
        readOutOnce(how, analog + i * ldc,
                    float(s.alpha[i] * (a.inputStep > 0 ? a.inputStep : 1.0) *
                          p.outScale),
                    a.columnFactor.data(), options.accumulate, out + i * ldOut,
                    a.cols);
        continue;
      }
      float *sum = s.sums.data() + i * ldc;
      std::vector<float> kept;
      for (const ArrayDefects::BrokenAdc &adc : broken)
        kept.push_back(sum[adc.col]);
      bool beyond = readOut(how, analog + i * ldc, sum, a.cols);
      s.saturated[i] = char(s.saturated[i] | beyond);
      // A broken converter says the same whatever it is shown.
      double bound = (p.outBound > 0 ? p.outBound : 1.0) / step;
      for (size_t b = 0; b < broken.size(); ++b)
        if (broken[b].slice == slice) {
          double reads = broken[b].reads * bound;
          sum[broken[b].col] =
              kept[b] +
              how.weight * float(how.round ? std::nearbyint(reads) : reads);
        }
      if (dithers)
        how.gain = step == unit ? 1.0f : float(unit / step);
    }
  }

  /// Weight noise of its own sample, for what follows it not to be linear.
  void disturbSums(const float *input, size_t count, size_t slice, double scale,
                   uint64_t firstRow, uint64_t what,
                   const std::vector<PanelMatrix> &magnitudes) {
    bool perOutput = p.weightNoise == WeightNoise::PcmRead;
    if (perOutput) {
      squareOf(input, s.derived.data(), count * a.rows);
      times(s.derived.data(), magnitudes[slice], s.load.data(), count,
            firstRow);
      combineSpread(s.load.data(), float(a.cellUnit), 0.0f, s.spread.data(),
                    count * ldc);
    }
    Key stream = keyFor(key, Purpose::Weight, what);
    float factor = float(p.wNoise * scale);
    for (size_t i = 0; i < count; ++i) {
      float *row = s.analog.data() + i * ldc;
      gaussians(stream, (firstRow + s.active[i]) * ldc, s.noise.data(), a.cols);
      if (perOutput)
        addSpread(s.noise.data(), s.spread.data() + i * ldc, factor, row,
                  a.cols);
      else
        addNoise(s.noise.data(),
                 factor * std::sqrt(sumOfSquares(input + i * a.rows, a.rows)),
                 row, a.cols);
    }
  }

  const AnalogArray::Impl &a;
  const ArrayPeriphery &p;
  const MvmOptions &options;
  MvmScratch &s;
  Key key;
  bool isScaleFree = false; ///< and no input is clipped
  bool countsEnergy = false;
  bool noisy, oneHot, dropsVoltage = false, readsNoisyWeights = false;
  bool bends = false, splits = false, readsOnce = false;
  float *out = nullptr; ///< of readsOnce: where vector 0 of this block goes
  size_t ldOut = 0;
  float range = 0; ///< fixed full scale of the DAC; 0: of each vector
  size_t noiseRows = 1;
  size_t ldc; ///< row stride of every buffer over columns
};

} // namespace

void AnalogArray::Impl::product(const float *x, size_t ldx, float *y,
                                size_t ldy, size_t batch,
                                const MvmOptions &options, Key noiseKey,
                                MvmScratch &scratch, bool oneHot) const {
  Pass pass(*this, options, noiseKey, scratch, oneHot);
  if (config.periphery.noiseManagement == NoiseManagement::AverageAbsMax &&
      !(options.inputRange > 0)) {
    double sum = 0;
    AnalogArray::addAbsMax(x, ldx, rows, batch, sum);
    pass.setRange(float(sum / double(std::max<size_t>(batch, 1))));
  }
  const PanelMatrix *given = mode == ArrayMode::Exact ? cells.data() : nullptr;
  bool clips = options.inputRange > 0 && config.periphery.inBound > 0;
  if (asGiven.rows != 0 && !clips && !oneHot && correctsNothing())
    given = &asGiven;
  for (size_t b = 0; b < batch; b += rowBlock) {
    size_t count = std::min(rowBlock, batch - b);
    if (given)
      pass.exact(*given, x + b * ldx, ldx, y + b * ldy, ldy, count,
                 options.firstRow + b);
    else
      pass.managed(x + b * ldx, ldx, y + b * ldy, ldy, count,
                   options.firstRow + b);
  }
}

void AnalogArray::mvm(const float *x, size_t ldx, float *y, size_t ldy,
                      size_t batch, const MvmOptions &options,
                      MvmScratch &scratch) const {
  Key stream = keyFor(impl->key, Purpose::Product, 0);
  impl->product(x, ldx, y, ldy, batch, options, subKey(stream, options.command),
                scratch, false);
}

} // namespace hybridc::exec
