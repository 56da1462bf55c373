//===- VecMath.h - Elementary functions that vectorise ---------*- C++ -*-===//
//
// Private to lib/Devices. Branch-free float functions made only of
// IEEE additions, multiplications, divisions and integer operations, so that
// a compiler can vectorise loops over them and the bits do not depend on the
// machine's math library. Include Vectorize.h first.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_DEVICES_VECMATH_H
#define HYBRIDC_LIB_DEVICES_VECMATH_H

#include "Vectorize.h"

#include <bit>
#include <cstdint>

namespace hybridc::exec::detail {

HYBRIDC_INLINE float minOf(float a, float b) { return a < b ? a : b; }
HYBRIDC_INLINE float maxOf(float a, float b) { return a > b ? a : b; }
/// NaN passes through.
HYBRIDC_INLINE float clampTo(float v, float lo, float hi) {
  v = v < lo ? lo : v;
  return v > hi ? hi : v;
}
HYBRIDC_INLINE float absOf(float v) {
  return std::bit_cast<float>(std::bit_cast<uint32_t>(v) & 0x7fffffffu);
}

/// a·b + c with one rounding: one instruction on machines with FMA, the math
/// library's (slow, same bits) elsewhere.
HYBRIDC_INLINE float fusedAdd(float a, float b, float c) {
  return __builtin_fmaf(a, b, c);
}

/// Rounds half to even for |v| < 2^22 by pushing the fraction out of the
/// significand; roundps would need SSE4.1.
HYBRIDC_INLINE float rintSmall(float v) {
  const float shift = 12582912.0f; // 1.5 · 2^23
  return (v + shift) - shift;
}

/// Natural logarithm of a positive normal float, relative error < 2e-7 away
/// from 1. v = 2^e·m with m in [√½, √2); ln m = 2·atanh((m-1)/(m+1)), whose
/// series is cut after the ninth power (|z| < 0.1716).
HYBRIDC_INLINE float logOf(float v) {
  // Subtracting the bits of √½ before cutting the exponent off centres m on 1.
  int32_t bits = std::bit_cast<int32_t>(v) - 0x3f3504f3;
  int32_t exponent = bits >> 23;
  float m = std::bit_cast<float>((bits & 0x007fffff) + 0x3f3504f3);
  float z = (m - 1.0f) / (m + 1.0f);
  float z2 = z * z;
  float series = z2 * (1.0f / 9) + 1.0f / 7;
  series = series * z2 + 1.0f / 5;
  series = series * z2 + 1.0f / 3;
  series = series * z2 * z + z;
  // ln 2 in two parts: the first has few enough bits that e·hi is exact.
  float e = static_cast<float>(exponent);
  return e * 0.693145751953125f + (e * 1.428606765330187e-06f + 2.0f * series);
}

/// Square root of a float >= 0, relative error < 2e-7. Newton's iteration for
/// 1/√v; compilers refuse to vectorise std::sqrt while it may set errno, and
/// wide hardware roots are slower than this.
HYBRIDC_INLINE float rootOf(float v) {
  // Halving the exponent's bits gives 1/√v to 3.5 %; each step squares that.
  float y =
      std::bit_cast<float>(0x5f3759dfu - (std::bit_cast<uint32_t>(v) >> 1));
  float half = 0.5f * v;
  y = y * (1.5f - half * y * y);
  y = y * (1.5f - half * y * y);
  y = y * (1.5f - half * y * y);
  return v * y;
}

/// e^v for v in about [-87, 88], clamped outside. v = k·ln2 + r, |r| < 0.347;
/// Taylor's series to the seventh power.
HYBRIDC_INLINE float expOf(float v) {
  v = clampTo(v, -87.0f, 88.0f);
  float k = rintSmall(v * 1.44269504f);
  float r = v - k * 0.693145751953125f - k * 1.428606765330187e-06f;
  float p = r * (1.0f / 5040) + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  int32_t scale = (static_cast<int32_t>(k) + 127) << 23;
  return p * std::bit_cast<float>(scale);
}

} // namespace hybridc::exec::detail

#endif // HYBRIDC_LIB_DEVICES_VECMATH_H
