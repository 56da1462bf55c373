//===- VecInt.cpp - Loops on integer and Bool registers -------------------===//
#include "VecFloat.h"
#include "VecLoopsImpl.h"

#include <type_traits>

namespace hybridc::exec {
namespace {

// Arithmetic wraps: computed unsigned, in at least 32 bits (so that small
// types are not promoted to a signed int that could overflow).
template <typename T>
using Wide = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
template <typename T> HYBRIDC_INLINE Wide<T> wide(T v) {
  return static_cast<Wide<T>>(v);
}

template <typename T> HYBRIDC_INLINE T divide(T a, T b) {
  if (b == 0)
    return 0;
  if constexpr (std::is_signed_v<T>)
    if (b == T(-1))
      return static_cast<T>(0 - wide(a));
  return static_cast<T>(a / b);
}
template <typename T> HYBRIDC_INLINE T remainder(T a, T b) {
  if (b == 0)
    return 0;
  if constexpr (std::is_signed_v<T>)
    if (b == T(-1))
      return 0;
  return static_cast<T>(a % b);
}
template <typename T> HYBRIDC_INLINE T pythonMod(T a, T b) {
  T r = remainder(a, b);
  if constexpr (std::is_signed_v<T>)
    if (r != 0 && (r < 0) != (b < 0))
      return static_cast<T>(r + b);
  return r;
}
/// By squaring, wrapping. Negative exponents: 1 / a^|b|, truncated.
template <typename T> HYBRIDC_INLINE T power(T a, T b) {
  if constexpr (std::is_signed_v<T>)
    if (b < 0) {
      if (a == 1)
        return 1;
      if (a == T(-1))
        return b & 1 ? T(-1) : T(1);
      return 0;
    }
  Wide<T> result = 1, base = wide(a);
  for (std::make_unsigned_t<T> e = static_cast<std::make_unsigned_t<T>>(b); e;
       e = static_cast<std::make_unsigned_t<T>>(e >> 1)) {
    if (e & 1)
      result *= base;
    base *= base;
  }
  return static_cast<T>(result);
}
template <typename T> HYBRIDC_INLINE T signOf(T a) {
  if constexpr (std::is_signed_v<T>)
    return static_cast<T>((a > 0) - (a < 0));
  return a != 0;
}
template <typename T> HYBRIDC_INLINE T shiftLeft(T a, T b) {
  std::make_unsigned_t<T> count = static_cast<std::make_unsigned_t<T>>(b);
  constexpr unsigned bits = sizeof(T) * 8;
  return count >= bits ? T(0) : static_cast<T>(wide(a) << count);
}
/// Arithmetic for signed types.
template <typename T> HYBRIDC_INLINE T shiftRight(T a, T b) {
  std::make_unsigned_t<T> count = static_cast<std::make_unsigned_t<T>>(b);
  constexpr unsigned bits = sizeof(T) * 8;
  if (count >= bits) {
    if constexpr (std::is_signed_v<T>)
      return a < 0 ? T(-1) : T(0);
    return 0;
  }
  return static_cast<T>(a >> count);
}

#define INT_LOOPS(T)                                                           \
  HYBRIDC_LOOP1(mov_##T, T, T, a)                                              \
  HYBRIDC_LOOP2(add_##T, T, T, wide(a) + wide(b))                              \
  HYBRIDC_LOOP2(sub_##T, T, T, wide(a) - wide(b))                              \
  HYBRIDC_LOOP2(mul_##T, T, T, wide(a) * wide(b))                              \
  HYBRIDC_LOOP2(div_##T, T, T, divide(a, b))                                   \
  HYBRIDC_LOOP2(rem_##T, T, T, remainder(a, b))                                \
  HYBRIDC_LOOP2(mod_##T, T, T, pythonMod(a, b))                                \
  HYBRIDC_LOOP2(pow_##T, T, T, power(a, b))                                    \
  HYBRIDC_LOOP2(min_##T, T, T, a < b ? a : b)                                  \
  HYBRIDC_LOOP2(max_##T, T, T, a > b ? a : b)                                  \
  HYBRIDC_LOOP3(fma_##T, T, T, T, wide(a) * wide(b) + wide(c))                 \
  HYBRIDC_LOOP1(neg_##T, T, T, 0 - wide(a))                                    \
  HYBRIDC_LOOP1(abs_##T, T, T, a < T(1) ? 0 - wide(a) : wide(a))               \
  HYBRIDC_LOOP1(sign_##T, T, T, signOf(a))                                     \
  HYBRIDC_LOOP2(eq_##T, uint8_t, T, a == b)                                    \
  HYBRIDC_LOOP2(ne_##T, uint8_t, T, a != b)                                    \
  HYBRIDC_LOOP2(lt_##T, uint8_t, T, a < b)                                     \
  HYBRIDC_LOOP2(le_##T, uint8_t, T, a <= b)                                    \
  HYBRIDC_LOOP2(gt_##T, uint8_t, T, a > b)                                     \
  HYBRIDC_LOOP2(ge_##T, uint8_t, T, a >= b)                                    \
  HYBRIDC_LOOP2(and_##T, T, T, a &b)                                           \
  HYBRIDC_LOOP2(or_##T, T, T, a | b)                                           \
  HYBRIDC_LOOP2(xor_##T, T, T, a ^ b)                                          \
  HYBRIDC_LOOP1(not_##T, T, T, ~a)                                             \
  HYBRIDC_LOOP2(shl_##T, T, T, shiftLeft(a, b))                                \
  HYBRIDC_LOOP2(shr_##T, T, T, shiftRight(a, b))                               \
  HYBRIDC_LOOP3(select_##T, T, uint8_t, T, a ? b : c)                          \
  VecLoop find_##T(stream::VecOp op) {                                         \
    using stream::VecOp;                                                       \
    switch (op) {                                                              \
    case VecOp::Mov:                                                           \
      return mov_##T;                                                          \
    case VecOp::Add:                                                           \
      return add_##T;                                                          \
    case VecOp::Sub:                                                           \
      return sub_##T;                                                          \
    case VecOp::Mul:                                                           \
      return mul_##T;                                                          \
    case VecOp::Div:                                                           \
      return div_##T;                                                          \
    case VecOp::Rem:                                                           \
      return rem_##T;                                                          \
    case VecOp::Mod:                                                           \
      return mod_##T;                                                          \
    case VecOp::Pow:                                                           \
      return pow_##T;                                                          \
    case VecOp::Min:                                                           \
      return min_##T;                                                          \
    case VecOp::Max:                                                           \
      return max_##T;                                                          \
    case VecOp::Fma:                                                           \
      return fma_##T;                                                          \
    case VecOp::Neg:                                                           \
      return neg_##T;                                                          \
    case VecOp::Abs:                                                           \
      return abs_##T;                                                          \
    case VecOp::Sign:                                                          \
      return sign_##T;                                                         \
    case VecOp::Eq:                                                            \
      return eq_##T;                                                           \
    case VecOp::Ne:                                                            \
      return ne_##T;                                                           \
    case VecOp::Lt:                                                            \
      return lt_##T;                                                           \
    case VecOp::Le:                                                            \
      return le_##T;                                                           \
    case VecOp::Gt:                                                            \
      return gt_##T;                                                           \
    case VecOp::Ge:                                                            \
      return ge_##T;                                                           \
    case VecOp::And:                                                           \
      return and_##T;                                                          \
    case VecOp::Or:                                                            \
      return or_##T;                                                           \
    case VecOp::Xor:                                                           \
      return xor_##T;                                                          \
    case VecOp::Not:                                                           \
      return not_##T;                                                          \
    case VecOp::Shl:                                                           \
      return shl_##T;                                                          \
    case VecOp::Shr:                                                           \
      return shr_##T;                                                          \
    case VecOp::Select:                                                        \
      return select_##T;                                                       \
    default:                                                                   \
      return nullptr;                                                          \
    }                                                                          \
  }

INT_LOOPS(int8_t)
INT_LOOPS(int16_t)
INT_LOOPS(int32_t)
INT_LOOPS(int64_t)
INT_LOOPS(uint8_t)
INT_LOOPS(uint16_t)
INT_LOOPS(uint32_t)
INT_LOOPS(uint64_t)
HYBRIDC_LOOP1(notBool, uint8_t, uint8_t, a == 0)

} // namespace

VecLoop findIntLoop(stream::VecOp op, DType type) {
  switch (type) {
  case DType::I8:
    return find_int8_t(op);
  case DType::I16:
    return find_int16_t(op);
  case DType::I32:
    return find_int32_t(op);
  case DType::I64:
    return find_int64_t(op);
  case DType::U8:
    return find_uint8_t(op);
  case DType::U16:
    return find_uint16_t(op);
  case DType::U32:
    return find_uint32_t(op);
  case DType::U64:
    return find_uint64_t(op);
  default:
    return nullptr;
  }
}

VecLoop findBoolLoop(stream::VecOp op) {
  using stream::VecOp;
  switch (op) {
  case VecOp::Mov:
  case VecOp::Min:
  case VecOp::Max:
  case VecOp::Eq:
  case VecOp::Ne:
  case VecOp::Lt:
  case VecOp::Le:
  case VecOp::Gt:
  case VecOp::Ge:
  case VecOp::And:
  case VecOp::Or:
  case VecOp::Xor:
  case VecOp::Select:
    return find_uint8_t(op);
  case VecOp::Not:
    return notBool;
  default:
    return nullptr;
  }
}

} // namespace hybridc::exec
