//===- VecFloat.cpp - Loops on floating point registers -------------------===//
#include "VecFloat.h"
#include "VecLoopsImpl.h"

#include <limits>

namespace hybridc::exec {
namespace {

template <typename T> HYBRIDC_INLINE T minNan(T a, T b) {
  T r = a < b ? a : b; // b when either is NaN
  return a != a ? a : r;
}
template <typename T> HYBRIDC_INLINE T maxNan(T a, T b) {
  T r = a > b ? a : b;
  return a != a ? a : r;
}
template <typename T> HYBRIDC_INLINE T signOf(T a) {
  T s = a > T(0) ? T(1) : T(0);
  s = a < T(0) ? T(-1) : s;
  return a != a ? a : s;
}
template <typename T> HYBRIDC_INLINE T pythonMod(T a, T b) {
  T r = std::fmod(a, b);
  return r != T(0) && (r < T(0)) != (b < T(0)) ? r + b : r;
}

#define BOTH1(NAME, EXPR)                                                      \
  HYBRIDC_LOOP1(NAME##32, float, float, EXPR)                                  \
  HYBRIDC_LOOP1(NAME##64, double, double, EXPR)
#define BOTH2(NAME, EXPR)                                                      \
  HYBRIDC_LOOP2(NAME##32, float, float, EXPR)                                  \
  HYBRIDC_LOOP2(NAME##64, double, double, EXPR)
#define COMPARE(NAME, EXPR)                                                    \
  HYBRIDC_LOOP2(NAME##32, uint8_t, float, EXPR)                                \
  HYBRIDC_LOOP2(NAME##64, uint8_t, double, EXPR)
#define TEST(NAME, EXPR)                                                       \
  HYBRIDC_LOOP1(NAME##32, uint8_t, float, EXPR)                                \
  HYBRIDC_LOOP1(NAME##64, uint8_t, double, EXPR)
// A fast form in single precision, the C library's in double.
#define FAST(NAME, FAST32, LIBM)                                               \
  HYBRIDC_LOOP1(NAME##32, float, float, FAST32)                                \
  HYBRIDC_LOOP1(NAME##64, double, double, LIBM)
// Seldom used: in double precision for both, which no machine rounds
// differently after the rounding to single.
#define LIBM(NAME)                                                             \
  HYBRIDC_LOOP1(NAME##32, float, float, std::NAME(static_cast<double>(a)))     \
  HYBRIDC_LOOP1(NAME##64, double, double, std::NAME(a))

BOTH2(add, a + b)
BOTH2(sub, a - b)
BOTH2(mul, a *b)
BOTH2(div, a / b)
BOTH2(rem, std::fmod(a, b))
BOTH2(mod, pythonMod(a, b))
BOTH2(min, minNan(a, b))
BOTH2(max, maxNan(a, b))
HYBRIDC_LOOP2(pow32, float, float,
              std::pow(static_cast<double>(a), static_cast<double>(b)))
HYBRIDC_LOOP2(pow64, double, double, std::pow(a, b))
HYBRIDC_LOOP3(fma32, float, float, float, a *b + c)
HYBRIDC_LOOP3(fma64, double, double, double, a *b + c)
BOTH1(mov, a)
BOTH1(neg, -a)
BOTH1(abs, std::fabs(a))
BOTH1(sign, signOf(a))
BOTH1(sqrt, std::sqrt(a))
BOTH1(rsqrt, 1 / std::sqrt(a))
BOTH1(floor, std::floor(a))
BOTH1(ceil, std::ceil(a))
BOTH1(trunc, std::trunc(a))
BOTH1(round, std::rint(a))
FAST(exp, fastExp(a), std::exp(a))
FAST(log, fastLog(a), std::log(a))
FAST(log1p, fastLog1p(a), std::log1p(a))
FAST(expm1, fastExpm1(a), std::expm1(a))
FAST(erf, fastErf(a), std::erf(a))
FAST(tanh, fastTanh(a), std::tanh(a))
FAST(sigmoid, fastSigmoid(a), 1 / (1 + std::exp(-a)))
HYBRIDC_LOOP1(fastSin32, float, float, fastSinCos(a, 0))
HYBRIDC_LOOP1(fastCos32, float, float, fastSinCos(a, 1))
LIBM(sin)
LIBM(cos)
LIBM(tan)
LIBM(asin)
LIBM(acos)
LIBM(atan)
LIBM(sinh)
LIBM(cosh)
LIBM(asinh)
LIBM(acosh)
LIBM(atanh)
TEST(isNan, a != a)
TEST(isInf, std::fabs(a) > std::numeric_limits<decltype(a + 0)>::max())
COMPARE(eq, a == b)
COMPARE(ne, a != b)
COMPARE(lt, a < b)
COMPARE(le, a <= b)
COMPARE(gt, a > b)
COMPARE(ge, a >= b)
BOTH1(square, a *a)
HYBRIDC_LOOP1(cube32, float, float, a * a * a)
BOTH1(inverse, 1 / a)
// pow(-inf, 0.5) is +inf and pow(-0, 0.5) is +0, unlike sqrt.
BOTH1(root, std::isinf(a) ? std::fabs(a) : std::sqrt(a + 0))
HYBRIDC_LOOP3(select32, uint32_t, uint8_t, uint32_t, a ? b : c)
HYBRIDC_LOOP3(select64, uint64_t, uint8_t, uint64_t, a ? b : c)

/// The fast reduction holds within a limit; beyond it, the C library.
HYBRIDC_CLONES bool withinTrigLimit(const float *a, int64_t n) {
  float largest = 0;
  for (int64_t i = 0; i < n; ++i)
    largest = std::fabs(a[i]) > largest ? std::fabs(a[i]) : largest;
  return largest <= kTrigLimit;
}
void anySin32(void *d, const void *a, const void *b, const void *c, int64_t n) {
  bool fast = withinTrigLimit(static_cast<const float *>(a), n);
  (fast ? fastSin32 : sin32)(d, a, b, c, n);
}
void anyCos32(void *d, const void *a, const void *b, const void *c, int64_t n) {
  bool fast = withinTrigLimit(static_cast<const float *>(a), n);
  (fast ? fastCos32 : cos32)(d, a, b, c, n);
}

} // namespace

VecLoop findFloatLoop(stream::VecOp op, bool isDouble) {
  using stream::VecOp;
#define CASE(OP, NAME)                                                         \
  case VecOp::OP:                                                              \
    return isDouble ? NAME##64 : NAME##32
  switch (op) {
    CASE(Mov, mov);
    CASE(Add, add);
    CASE(Sub, sub);
    CASE(Mul, mul);
    CASE(Div, div);
    CASE(Rem, rem);
    CASE(Mod, mod);
    CASE(Pow, pow);
    CASE(Min, min);
    CASE(Max, max);
    CASE(Fma, fma);
    CASE(Neg, neg);
    CASE(Abs, abs);
    CASE(Sign, sign);
    CASE(Exp, exp);
    CASE(Log, log);
    CASE(Log1p, log1p);
    CASE(Expm1, expm1);
    CASE(Sqrt, sqrt);
    CASE(Rsqrt, rsqrt);
    CASE(Erf, erf);
    CASE(Tanh, tanh);
    CASE(Tan, tan);
    CASE(Asin, asin);
    CASE(Acos, acos);
    CASE(Atan, atan);
    CASE(Sinh, sinh);
    CASE(Cosh, cosh);
    CASE(Asinh, asinh);
    CASE(Acosh, acosh);
    CASE(Atanh, atanh);
    CASE(Floor, floor);
    CASE(Ceil, ceil);
    CASE(Trunc, trunc);
    CASE(Round, round);
    CASE(Sigmoid, sigmoid);
    CASE(IsNan, isNan);
    CASE(IsInf, isInf);
    CASE(Eq, eq);
    CASE(Ne, ne);
    CASE(Lt, lt);
    CASE(Le, le);
    CASE(Gt, gt);
    CASE(Ge, ge);
    CASE(Select, select);
  case VecOp::Sin:
    return isDouble ? sin64 : anySin32;
  case VecOp::Cos:
    return isDouble ? cos64 : anyCos32;
  default:
    return nullptr;
  }
#undef CASE
}

VecLoop findPowLoop(DType type, double exponent) {
  bool isDouble = type == DType::F64;
  if (!isDouble && type != DType::F32 && type != DType::F16 &&
      type != DType::BF16)
    return nullptr;
  if (exponent == 2)
    return isDouble ? square64 : square32;
  if (exponent == 3 && !isDouble)
    return cube32;
  if (exponent == 0.5)
    return isDouble ? root64 : root32;
  if (exponent == -1)
    return isDouble ? inverse64 : inverse32;
  if (exponent == 1)
    return isDouble ? mov64 : mov32;
  return nullptr;
}

} // namespace hybridc::exec
