//===- ArrayKernels.cpp - The converters of one vector --------------------===//

#include "Vectorize.h"

#include "ArrayKernels.h"

#include "VecMath.h"

namespace hybridc::exec::detail {

// Magnitudes are compared as integers: same order for floats >= 0, and the
// reduction may then be reordered into lanes.
HYBRIDC_INLINE uint32_t magnitudeBits(float v) {
  return std::bit_cast<uint32_t>(v) & 0x7fffffffu;
}

HYBRIDC_INLINE void splitPairBody(const float *w, const float *scale,
                                  float *__restrict positive,
                                  float *__restrict negative, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    float r = w[i] / (scale[i] > 0.0f ? scale[i] : 1.0f);
    r = scale[i] > 0.0f ? r : 0.0f;
    positive[i] = clampTo(r, 0.0f, 1.0f);
    negative[i] = clampTo(-r, 0.0f, 1.0f);
  }
}
HYBRIDC_VECTOR_FUNCTION(void, splitPair, splitPairBody,
                        (const float *w, const float *scale, float *positive,
                         float *negative, size_t n),
                        (w, scale, positive, negative, n))

HYBRIDC_INLINE float largestBody(const float *x, size_t n) {
  int32_t most = 0;
  for (size_t i = 0; i < n; ++i) {
    int32_t bits = static_cast<int32_t>(magnitudeBits(x[i]));
    most = bits > most ? bits : most;
  }
  return std::bit_cast<float>(most);
}
HYBRIDC_VECTOR_FUNCTION(float, largestMagnitude, largestBody,
                        (const float *x, size_t n), (x, n))

HYBRIDC_INLINE void divideBody(const float *x, float divisor,
                               float *__restrict out, size_t n) {
  for (size_t i = 0; i < n; ++i)
    out[i] = x[i] / divisor;
}
HYBRIDC_VECTOR_FUNCTION(void, divideBy, divideBody,
                        (const float *x, float divisor, float *out, size_t n),
                        (x, divisor, out, n))

/// Then rounding keeps what is clipped there within it.
HYBRIDC_INLINE bool isWhole(float limit) {
  return limit < 0x1p21f && rintSmall(limit) == limit;
}

HYBRIDC_INLINE void toLevelsBody(const float *x, float factor, bool round,
                                 float limit, float *out, size_t n) {
  if (round && isWhole(limit)) {
    for (size_t i = 0; i < n; ++i)
      out[i] = rintSmall(clampTo(x[i] * factor, -limit, limit));
  } else if (round) {
    // Clipping one step beyond the limit first keeps rintSmall in its range
    // and changes no result, for the limit is applied again.
    float far = limit + 1.0f;
    for (size_t i = 0; i < n; ++i) {
      float v = rintSmall(clampTo(x[i] * factor, -far, far));
      out[i] = clampTo(v, -limit, limit);
    }
  } else if (limit > 0) {
    for (size_t i = 0; i < n; ++i)
      out[i] = clampTo(x[i] * factor, -limit, limit);
  } else {
    for (size_t i = 0; i < n; ++i)
      out[i] = x[i] * factor;
  }
}
HYBRIDC_VECTOR_FUNCTION(void, toLevels, toLevelsBody,
                        (const float *x, float factor, bool round, float limit,
                         float *out, size_t n),
                        (x, factor, round, limit, out, n))

HYBRIDC_INLINE void toDigitsBody(const float *levels, float inverseWeight,
                                 float base, float *__restrict out, size_t n) {
  // Powers of two throughout, so every step is exact.
  float inverseBase = 1.0f / base;
  for (size_t i = 0; i < n; ++i) {
    float level = levels[i] == levels[i] ? levels[i] : 0.0f;
    float shifted =
        static_cast<float>(static_cast<int32_t>(level * inverseWeight));
    float above =
        static_cast<float>(static_cast<int32_t>(shifted * inverseBase));
    // The last term is 0, or NaN where the level was.
    out[i] = shifted - above * base + (levels[i] - levels[i]);
  }
}
HYBRIDC_VECTOR_FUNCTION(void, toDigits, toDigitsBody,
                        (const float *levels, float inverseWeight, float base,
                         float *out, size_t n),
                        (levels, inverseWeight, base, out, n))

HYBRIDC_INLINE void addNoiseBody(const float *noise, float sigma,
                                 float *__restrict values, size_t n) {
  for (size_t i = 0; i < n; ++i)
    values[i] += sigma * noise[i];
}
HYBRIDC_VECTOR_FUNCTION(void, addNoise, addNoiseBody,
                        (const float *noise, float sigma, float *values,
                         size_t n),
                        (noise, sigma, values, n))

HYBRIDC_INLINE void squareBody(const float *x, float *__restrict out,
                               size_t n) {
  for (size_t i = 0; i < n; ++i)
    out[i] = x[i] * x[i];
}
HYBRIDC_VECTOR_FUNCTION(void, squareOf, squareBody,
                        (const float *x, float *out, size_t n), (x, out, n))

HYBRIDC_INLINE void magnitudeBody(const float *x, float *__restrict out,
                                  size_t n) {
  for (size_t i = 0; i < n; ++i)
    out[i] = absOf(x[i]);
}
HYBRIDC_VECTOR_FUNCTION(void, magnitudeOf, magnitudeBody,
                        (const float *x, float *out, size_t n), (x, out, n))

HYBRIDC_INLINE void productBody(const float *x, const float *factor,
                                float *__restrict out, size_t n) {
  for (size_t i = 0; i < n; ++i)
    out[i] = x[i] * factor[i];
}
HYBRIDC_VECTOR_FUNCTION(void, productOf, productBody,
                        (const float *x, const float *factor, float *out,
                         size_t n),
                        (x, factor, out, n))

HYBRIDC_INLINE float sumOfSquaresBody(const float *x, size_t n) {
  constexpr size_t lanes = 16;
  float part[lanes] = {};
  size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (size_t l = 0; l < lanes; ++l)
      part[l] += x[i + l] * x[i + l];
  for (; i < n; ++i)
    part[i % lanes] += x[i] * x[i];
  float sum = 0;
  for (float p : part)
    sum += p;
  return sum;
}
HYBRIDC_VECTOR_FUNCTION(float, sumOfSquares, sumOfSquaresBody,
                        (const float *x, size_t n), (x, n))

/// Σ term(x[i])·g[i]
HYBRIDC_INLINE double loadOf(const float *x, const double *g, size_t n,
                             auto term) {
  constexpr size_t lanes = 8;
  double part[lanes] = {};
  size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (size_t l = 0; l < lanes; ++l)
      part[l] += term(double(x[i + l])) * g[i + l];
  for (; i < n; ++i)
    part[i % lanes] += term(double(x[i])) * g[i];
  double sum = 0;
  for (double p : part)
    sum += p;
  return sum;
}
HYBRIDC_INLINE double loadOfPulsesBody(const float *x, const double *g,
                                       size_t n) {
  return loadOf(x, g, n, [](double v) { return v < 0 ? -v : v; });
}
HYBRIDC_VECTOR_FUNCTION(double, loadOfPulses, loadOfPulsesBody,
                        (const float *x, const double *g, size_t n), (x, g, n))
HYBRIDC_INLINE double loadOfVoltagesBody(const float *x, const double *g,
                                         size_t n) {
  return loadOf(x, g, n, [](double v) { return v * v; });
}
HYBRIDC_VECTOR_FUNCTION(double, loadOfVoltages, loadOfVoltagesBody,
                        (const float *x, const double *g, size_t n), (x, g, n))

/// `value(i)` is the analog output in the converter's units; put(i, t) takes
/// what the converter makes of it, weighted.
template <bool TellsSaturation, typename Value, typename Put>
HYBRIDC_INLINE bool convert(const Readout &how, size_t n, Value value,
                            Put put) {
  float weight = how.weight, limit = how.limit;
  if (!(limit > 0) && !how.round) {
    for (size_t i = 0; i < n; ++i)
      put(i, weight * value(i));
    return false;
  }
  int32_t most = 0;
  if (!TellsSaturation && how.round && isWhole(limit)) {
    for (size_t i = 0; i < n; ++i)
      put(i, weight * rintSmall(clampTo(value(i), -limit, limit)));
  } else if (how.round) {
    float far = limit + 1.0f;
    for (size_t i = 0; i < n; ++i) {
      float t = rintSmall(clampTo(value(i), -far, far));
      int32_t bits = static_cast<int32_t>(magnitudeBits(t));
      most = bits > most ? bits : most;
      put(i, weight * clampTo(t, -limit, limit));
    }
  } else {
    for (size_t i = 0; i < n; ++i) {
      float t = value(i);
      int32_t bits = static_cast<int32_t>(magnitudeBits(t));
      most = bits > most ? bits : most;
      put(i, weight * clampTo(t, -limit, limit));
    }
  }
  // The slack is for a limit that is a whole number of steps but for rounding.
  return std::bit_cast<float>(most) > limit * 1.000001f;
}

template <bool TellsSaturation, typename Put>
HYBRIDC_INLINE bool convertAll(const Readout &how, const float *analog,
                               size_t n, Put put) {
  float gain = how.gain;
  if (how.noise == nullptr)
    return convert<TellsSaturation>(
        how, n, [=](size_t i) { return gain * analog[i]; }, put);
  const float *noise = how.noise;
  if (how.sigma == nullptr) {
    float sigma = how.sigmaAll;
    return convert<TellsSaturation>(
        how, n, [=](size_t i) { return gain * analog[i] + sigma * noise[i]; },
        put);
  }
  const float *sigma = how.sigma;
  return convert<TellsSaturation>(
      how, n, [=](size_t i) { return gain * analog[i] + sigma[i] * noise[i]; },
      put);
}

HYBRIDC_INLINE bool readOutBody(const Readout &how, const float *analog,
                                float *__restrict sum, size_t n) {
  return convertAll<true>(how, analog, n,
                          [=](size_t i, float t) { sum[i] += t; });
}
HYBRIDC_INLINE void readOutOnceBody(const Readout &how, const float *analog,
                                    float rowFactor, const float *colFactor,
                                    bool accumulate, float *__restrict y,
                                    size_t n) {
  if (accumulate)
    convertAll<false>(how, analog, n, [=](size_t i, float t) {
      y[i] += t * rowFactor * colFactor[i];
    });
  else
    convertAll<false>(how, analog, n, [=](size_t i, float t) {
      // As behind a sum from 0, where −0 becomes 0.
      y[i] = (0.0f + t) * rowFactor * colFactor[i];
    });
}
HYBRIDC_VECTOR_FUNCTION(void, readOutOnce, readOutOnceBody,
                        (const Readout &how, const float *analog,
                         float rowFactor, const float *colFactor,
                         bool accumulate, float *y, size_t n),
                        (how, analog, rowFactor, colFactor, accumulate, y, n))
HYBRIDC_VECTOR_FUNCTION(bool, readOut, readOutBody,
                        (const Readout &how, const float *analog, float *sum,
                         size_t n),
                        (how, analog, sum, n))

HYBRIDC_INLINE void dropBody(const float *load, const float *position,
                             float scale, float strength,
                             float *__restrict analog, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    float a = scale * load[i];
    float c = a * (a * (.05f * a - .2f) + .5f);
    analog[i] -= strength * c * position[i];
  }
}
HYBRIDC_VECTOR_FUNCTION(void, dropVoltage, dropBody,
                        (const float *load, const float *position, float scale,
                         float strength, float *analog, size_t n),
                        (load, position, scale, strength, analog, n))

HYBRIDC_INLINE void shiftBody(const float *offset, float u, float r, float unit,
                              float *__restrict analog, size_t n) {
  float behind = u / (1.0f + r * absOf(u)), inverse = 1.0f / unit;
  for (size_t i = 0; i < n; ++i) {
    float y = unit * analog[i] + u;
    y = y / (1.0f + r * absOf(y));
    // Grouped so that without offset and resistance little is lost.
    y = (y - behind) - offset[i] * (y + behind);
    analog[i] = inverse * y;
  }
}
HYBRIDC_VECTOR_FUNCTION(void, shiftVoltage, shiftBody,
                        (const float *offset, float reference, float resistance,
                         float unit, float *analog, size_t n),
                        (offset, reference, resistance, unit, analog, n))

HYBRIDC_INLINE void bendBody(const float *curvature, float unit, float gain,
                             float asymmetry, float *__restrict analog,
                             size_t n) {
  float negative = 1.0f - asymmetry;
  for (size_t i = 0; i < n; ++i) {
    float y = analog[i];
    y = gain * y / (1.0f + unit * curvature[i] * absOf(y));
    analog[i] = y < 0.0f ? negative * y : y;
  }
}
HYBRIDC_VECTOR_FUNCTION(void, bendOutputs, bendBody,
                        (const float *curvature, float unit, float gain,
                         float asymmetry, float *analog, size_t n),
                        (curvature, unit, gain, asymmetry, analog, n))

HYBRIDC_INLINE void weakenBody(float asymmetry, float *__restrict values,
                               size_t n) {
  float negative = 1.0f - asymmetry;
  for (size_t i = 0; i < n; ++i)
    values[i] = values[i] < 0.0f ? negative * values[i] : values[i];
}
HYBRIDC_VECTOR_FUNCTION(void, weakenNegative, weakenBody,
                        (float asymmetry, float *values, size_t n),
                        (asymmetry, values, n))

HYBRIDC_INLINE void signBody(const float *x, bool negative,
                             float *__restrict out, size_t n) {
  // Not a number goes both ways.
  if (negative)
    for (size_t i = 0; i < n; ++i)
      out[i] = x[i] > 0.0f ? 0.0f : x[i];
  else
    for (size_t i = 0; i < n; ++i)
      out[i] = x[i] < 0.0f ? 0.0f : x[i];
}
HYBRIDC_VECTOR_FUNCTION(void, keepSign, signBody,
                        (const float *x, bool negative, float *out, size_t n),
                        (x, negative, out, n))

HYBRIDC_INLINE void ditherBody(const float *x, float factor,
                               const float *uniform, float limit,
                               float *__restrict out, size_t n) {
  float far = limit + 1.0f;
  for (size_t i = 0; i < n; ++i) {
    float v = clampTo(x[i] * factor + (uniform[i] - 0.5f), -far, far);
    out[i] = clampTo(rintSmall(v), -limit, limit);
  }
}
HYBRIDC_VECTOR_FUNCTION(void, toLevelsDithered, ditherBody,
                        (const float *x, float factor, const float *uniform,
                         float limit, float *out, size_t n),
                        (x, factor, uniform, limit, out, n))

HYBRIDC_INLINE void disturbBody(float gain, const float *sigma, float sigmaAll,
                                const float *noise, const float *uniform,
                                float *__restrict analog, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    float y = gain * analog[i];
    if (noise)
      y += (sigma ? sigma[i] : sigmaAll) * noise[i];
    if (uniform)
      y += uniform[i] - 0.5f;
    analog[i] = y;
  }
}
HYBRIDC_VECTOR_FUNCTION(void, disturb, disturbBody,
                        (float gain, const float *sigma, float sigmaAll,
                         const float *noise, const float *uniform,
                         float *analog, size_t n),
                        (gain, sigma, sigmaAll, noise, uniform, analog, n))

HYBRIDC_INLINE void spreadBody(const float *noise, const float *sigma,
                               float factor, float *__restrict values,
                               size_t n) {
  for (size_t i = 0; i < n; ++i)
    values[i] += factor * sigma[i] * noise[i];
}
HYBRIDC_VECTOR_FUNCTION(void, addSpread, spreadBody,
                        (const float *noise, const float *sigma, float factor,
                         float *values, size_t n),
                        (noise, sigma, factor, values, n))

HYBRIDC_INLINE void combineBody(const float *power, float factor, float fixed,
                                float *__restrict sigma, size_t n) {
  for (size_t i = 0; i < n; ++i)
    sigma[i] = rootOf(fixed * fixed + factor * power[i]);
}
HYBRIDC_VECTOR_FUNCTION(void, combineSpread, combineBody,
                        (const float *power, float factor, float fixed,
                         float *sigma, size_t n),
                        (power, factor, fixed, sigma, n))

HYBRIDC_INLINE void emitBody(const float *sum, float rowFactor,
                             const float *colFactor, bool accumulate,
                             float *__restrict y, size_t n) {
  if (accumulate) {
    for (size_t i = 0; i < n; ++i)
      y[i] += sum[i] * rowFactor * colFactor[i];
  } else {
    for (size_t i = 0; i < n; ++i)
      y[i] = sum[i] * rowFactor * colFactor[i];
  }
}
HYBRIDC_VECTOR_FUNCTION(void, emitRow, emitBody,
                        (const float *sum, float rowFactor,
                         const float *colFactor, bool accumulate, float *y,
                         size_t n),
                        (sum, rowFactor, colFactor, accumulate, y, n))

} // namespace hybridc::exec::detail
