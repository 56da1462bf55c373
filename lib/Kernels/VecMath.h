//===- VecMath.h - Functions that compilers can vectorise -----*- C++ -*-===//
//
// Branch-free single precision functions, within 2 ulp where not said
// otherwise. The polynomials are weighted minimax fits of the named functions
// over the stated intervals (iteratively re-weighted least squares), errors in
// brackets. Compile with -ffp-contract=off -fno-math-errno -fno-trapping-math.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_KERNELS_VECMATH_H
#define HYBRIDC_LIB_KERNELS_VECMATH_H

#include "hybridc/Kernels/Common.h"

#include <cmath>

namespace hybridc::exec {

/// Nearest integer, half to even, for |x| < 2^22; also its bits.
constexpr float kMagic = 12582912.0f; // 1.5 * 2^23

/// 2^n for n in [-126, 127].
HYBRIDC_INLINE float exp2Int(int32_t n) {
  return bitsToFloat(static_cast<uint32_t>((n + 127) << 23));
}

HYBRIDC_INLINE float fastExp(float x) {
  x = x > 89.0f ? 89.0f : x; // comparisons are false for NaN, which stays
  x = x < -105.0f ? -105.0f : x;
  float t = x * 1.44269504088896341f + kMagic;
  int32_t n = static_cast<int32_t>(floatToBits(t) - floatToBits(kMagic));
  float k = t - kMagic;
  // ln 2 in two parts; the first has few bits, so that k times it is exact.
  float r = (x - k * 0.693359375f) - k * -2.12194440e-4f;
  // exp(r) = 1 + r + r^2 P(r), |r| <= 0.35 [5e-11]
  float p = 1.9919377731e-04f;
  p = p * r + 1.3947224975e-03f;
  p = p * r + 8.3332626425e-03f;
  p = p * r + 4.1666253755e-02f;
  p = p * r + 1.6666666868e-01f;
  p = p * r + 5.0000000828e-01f;
  p = (p * r * r + r) + 1.0f;
  int32_t half = n >> 1; // two factors: n may lie outside the exponent range
  return p * exp2Int(half) * exp2Int(n - half);
}

HYBRIDC_INLINE float fastExpm1(float x) {
  // x + x^2 P(x), |x| <= 0.55 [2e-10]
  float p = 2.5005809221e-05f;
  p = p * x + 2.0002003439e-04f;
  p = p * x + 1.3888382675e-03f;
  p = p * x + 8.3330511220e-03f;
  p = p * x + 4.1666671290e-02f;
  p = p * x + 1.6666668074e-01f;
  p = p * x + 4.9999999989e-01f;
  float small = p * x * x + x;
  return std::fabs(x) < 0.5f ? small : fastExp(x) - 1.0f;
}

HYBRIDC_INLINE float fastLog(float x) {
  // Subnormals are scaled into the normal range first.
  bool tiny = x < 1.17549435e-38f;
  uint32_t bits = floatToBits(tiny ? x * 8388608.0f : x);
  // Mantissa in [sqrt(1/2), sqrt(2)), exponent to match.
  uint32_t shifted = bits - 0x3f3504f3u;
  int32_t e = static_cast<int32_t>(shifted) >> 23;
  float m = bitsToFloat((shifted & 0x7fffff) + 0x3f3504f3u);
  float k = static_cast<float>(e) - (tiny ? 23.0f : 0.0f);
  float t = m - 1.0f;
  // log(1 + t) = t - t^2/2 + t^3 P(t) [8e-10]
  float p = 6.9217889410e-02f;
  p = p * t - 1.1805877445e-01f;
  p = p * t + 1.1878707064e-01f;
  p = p * t - 1.2382198366e-01f;
  p = p * t + 1.4217656232e-01f;
  p = p * t - 1.6669331925e-01f;
  p = p * t + 2.0002275384e-01f;
  p = p * t - 2.4999985821e-01f;
  p = p * t + 3.3333309779e-01f;
  float t2 = t * t;
  float y = p * t2 * t + k * -2.12194440e-4f;
  y = y - 0.5f * t2;
  y = (t + y) + k * 0.693359375f;
  float inf = bitsToFloat(0x7f800000), nan = bitsToFloat(0x7fc00000);
  y = x == inf ? inf : y;
  y = x == 0.0f ? -inf : y;
  y = x < 0.0f ? nan : y;
  return x != x ? x : y;
}

HYBRIDC_INLINE float fastLog1p(float x) {
  float u = 1.0f + x;
  float d = u - 1.0f;
  // The rounding of 1 + x is undone by the ratio x / d.
  float y = fastLog(u) * (x / (d == 0.0f ? 1.0f : d));
  y = d == 0.0f ? x : y;
  float inf = bitsToFloat(0x7f800000);
  return x == inf || u == 0.0f ? fastLog(u) : y;
}

HYBRIDC_INLINE float fastTanh(float x) {
  float a = std::fabs(x), z = x * x;
  // x + x^3 P(x^2), |x| <= 0.65 [3e-10]
  float p = 2.0646620425e-03f;
  p = p * z - 8.0919643903e-03f;
  p = p * z + 2.1666345047e-02f;
  p = p * z - 5.3940562770e-02f;
  p = p * z + 1.3333157893e-01f;
  p = p * z - 3.3333329614e-01f;
  float small = p * z * x + x;
  a = a > 20.0f ? 20.0f : a;
  float large = 1.0f - 2.0f / (fastExp(a + a) + 1.0f);
  large = std::copysign(large, x);
  return std::fabs(x) < 0.625f ? small : large;
}

HYBRIDC_INLINE float fastSigmoid(float x) {
  float e = fastExp(-std::fabs(x));
  return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

HYBRIDC_INLINE float fastErf(float x) {
  float z = x * x;
  // x P(x^2), |x| <= 1 [3e-11]
  float p = -9.6801361304e-06f;
  p = p * z + 1.1270544390e-04f;
  p = p * z - 8.4847114348e-04f;
  p = p * z + 5.2210748771e-03f;
  p = p * z - 2.6865445821e-02f;
  p = p * z + 1.1283782747e-01f;
  p = p * z - 3.7612638484e-01f;
  p = p * z + 1.1283791671e+00f;
  float small = p * x;
  // 1 - exp(Q(|x|)), Q = log(erfc), 1 <= |x| <= 4 [2e-11 of the result]
  float a = std::fabs(x);
  a = a > 4.0f ? 4.0f : a;
  float q = -2.1686813038e-05f;
  q = q * a + 4.4133589128e-04f;
  q = q * a - 4.2045591866e-03f;
  q = q * a + 2.5208248637e-02f;
  q = q * a - 1.0841856296e-01f;
  q = q * a - 6.3321990811e-01f;
  q = q * a - 1.1295784157e+00f;
  q = q * a + 1.8803817335e-04f;
  float large = std::copysign(1.0f - fastExp(q), x);
  return std::fabs(x) < 1.0f ? small : large;
}

/// Sine (quadrant 0) or cosine (quadrant 1) for |x| <= kTrigLimit, reduced in
/// double precision.
constexpr float kTrigLimit = 1e6f;
HYBRIDC_INLINE float fastSinCos(float x, int32_t quadrant) {
  constexpr double magic = 6755399441055744.0; // 1.5 * 2^52
  double xd = x;
  double t = xd * 0.63661977236758134308 + magic;
  double k = t - magic;
  double rd = xd - k * 1.57079632679489661923 - k * 6.123233995736766e-17;
  int64_t bits;
  std::memcpy(&bits, &t, 8);
  uint32_t q = static_cast<uint32_t>(bits) + static_cast<uint32_t>(quadrant);
  float r = static_cast<float>(rd), z = r * r;
  float s = 2.7181217434e-06f; // sin = r + r^3 P(r^2), |r| <= pi/4 [5e-12]
  s = s * z - 1.9839315118e-04f;
  s = s * z + 8.3333293253e-03f;
  s = s * z - 1.6666666641e-01f;
  s = s * z * r + r;
  float c = -2.7208475584e-07f; // cos = 1 - r^2/2 + r^4 P(r^2) [1e-13]
  c = c * z + 2.4799498922e-05f;
  c = c * z - 1.3888883675e-03f;
  c = c * z + 4.1666666622e-02f;
  c = c * z * z + (1.0f - 0.5f * z);
  float y = q & 1 ? c : s;
  return q & 2 ? -y : y;
}

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_KERNELS_VECMATH_H
