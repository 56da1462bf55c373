//===- ArrayKernels.h - The converters of one vector -----------*- C++ -*-===//
//
// Private to lib/Devices: vectorised loops over one row.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_DEVICES_ARRAYKERNELS_H
#define HYBRIDC_LIB_DEVICES_ARRAYKERNELS_H

#include <cstddef>

namespace hybridc::exec::detail {

/// The two cells of a pair, 0 … 1: the parts of w/scale above and below 0; a
/// scale of 0 makes both 0.
void splitPair(const float *w, const float *scale, float *positive,
               float *negative, size_t n);

/// max |x[i]|; NaN counts as larger than infinity.
float largestMagnitude(const float *x, size_t n);

/// out = x / divisor
void divideBy(const float *x, float divisor, float *out, size_t n);

/// out = clip(rint(x·factor), ±limit), in DAC steps; `round` false leaves out
/// the rounding, limit 0 the clipping. out may be x.
void toLevels(const float *x, float factor, bool round, float limit, float *out,
              size_t n);

/// The digit of weight base^place of each level's magnitude, with its sign.
void toDigits(const float *levels, float inverseWeight, float base, float *out,
              size_t n);

/// values[i] += sigma·noise[i]
void addNoise(const float *noise, float sigma, float *values, size_t n);

/// out = x², out = |x|, out = x·factor[i]
void squareOf(const float *x, float *out, size_t n);
void magnitudeOf(const float *x, float *out, size_t n);
void productOf(const float *x, const float *factor, float *out, size_t n);
/// Σ x², in a fixed order.
float sumOfSquares(const float *x, size_t n);

/// Σ |x|·g and Σ x²·g, each in a fixed order of its own.
double loadOfPulses(const float *x, const double *g, size_t n);
double loadOfVoltages(const float *x, const double *g, size_t n);

/// One ADC read-out of a row, added to a digital sum.
///   t = gain·analog[i] + σᵢ·noise[i]          in ADC steps, or units if !round
///   t = clip(round ? rint(t) : t, ±limit)     limit 0: no clipping
///   sum[i] += weight·t
struct Readout {
  float gain = 1, weight = 1, limit = 0;
  bool round = false;
  const float *noise = nullptr; ///< null: none
  const float *sigma = nullptr; ///< per output; null: sigmaAll
  float sigmaAll = 0;
};
/// Returns whether an output lay beyond the limit before it was clipped.
bool readOut(const Readout &how, const float *analog, float *sum, size_t n);

/// The only read-out of a row: y (+)= weight·t·rowFactor·colFactor[i].
void readOutOnce(const Readout &how, const float *analog, float rowFactor,
                 const float *colFactor, bool accumulate, float *y, size_t n);

/// analog −= strength·a(.05a² − .2a + .5)·position, a = scale·load
void dropVoltage(const float *load, const float *position, float scale,
                 float strength, float *analog, size_t n);

/// y = unit·analog, y ← (1 − v)(y + u)/(1 + r|y + u|) − (1 + v)u/(1 + r|u|),
/// v = offset[i]
void shiftVoltage(const float *offset, float reference, float resistance,
                  float unit, float *analog, size_t n);

/// y = analog, y ← gain·y/(1 + unit·curvature[i]·|y|), times 1 − asymmetry if
/// it is negative
void bendOutputs(const float *curvature, float unit, float gain,
                 float asymmetry, float *analog, size_t n);

/// v ← v·(1 − asymmetry) if v < 0
void weakenNegative(float asymmetry, float *values, size_t n);

/// Of the sign wanted, else 0.
void keepSign(const float *x, bool negative, float *out, size_t n);

/// out = clip(rint(x·factor + uniform[i] − ½), ±limit)
void toLevelsDithered(const float *x, float factor, const float *uniform,
                      float limit, float *out, size_t n);

/// analog = gain·analog + σᵢ·noise[i] + uniform[i] − ½; null: without
void disturb(float gain, const float *sigma, float sigmaAll, const float *noise,
             const float *uniform, float *analog, size_t n);

/// values[i] += factor·sigma[i]·noise[i]
void addSpread(const float *noise, const float *sigma, float factor,
               float *values, size_t n);

/// σ = √(fixed² + factor·power[i])
void combineSpread(const float *power, float factor, float fixed, float *sigma,
                   size_t n);

/// y (+)= sum·rowFactor·colFactor[i]
void emitRow(const float *sum, float rowFactor, const float *colFactor,
             bool accumulate, float *y, size_t n);

} // namespace hybridc::exec::detail

#endif // HYBRIDC_LIB_DEVICES_ARRAYKERNELS_H
