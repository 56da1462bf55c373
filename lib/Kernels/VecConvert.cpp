//===- VecConvert.cpp - Conversions, loads, stores, rounding --------------===//
#include "VecFloat.h"
#include "VecLoopsImpl.h"

#include <limits>
#include <type_traits>

namespace hybridc::exec {
namespace {

/// float → integer truncates and saturates, NaN → 0; else as C++ (wrapping).
template <typename D, typename S> HYBRIDC_INLINE D convert(S a) {
  if constexpr (std::is_floating_point_v<S> && std::is_integral_v<D>) {
    constexpr D lowest = std::numeric_limits<D>::min();
    constexpr D highest = std::numeric_limits<D>::max();
    // 2^bits is representable where `highest` may not be.
    constexpr S limit =
        static_cast<S>(D(1) << (std::numeric_limits<D>::digits - 1)) * S(2);
    constexpr S bottom = static_cast<S>(lowest);
    bool inside = a > bottom - S(1) && a < limit;
    // Large integers: bottom - 1 rounds to bottom itself.
    inside = inside || a == bottom;
    D out = a > S(0) ? highest : lowest;
    out = a != a ? D(0) : out;
    return inside ? static_cast<D>(inside ? a : S(0)) : out;
  } else {
    return static_cast<D>(a);
  }
}

template <typename D, typename S> struct Cvt {
  HYBRIDC_INLINE static void loop(void *d, const void *pa, int64_t n) {
    D *out = static_cast<D *>(d);
    const S *in = static_cast<const S *>(pa);
    for (int64_t i = 0; i < n; ++i)
      out[i] = convert<D, S>(in[i]);
  }
};

// Names of register forms, for pasting.
using f32_t = float;
using f64_t = double;
using i8_t = int8_t;
using i16_t = int16_t;
using i32_t = int32_t;
using i64_t = int64_t;
using u8_t = uint8_t;
using u16_t = uint16_t;
using u32_t = uint32_t;
using u64_t = uint64_t;

#define CVT(D, S)                                                              \
  HYBRIDC_CLONES void cvt_##D##_##S(void *d, const void *a, const void *,      \
                                    const void *, int64_t n) {                 \
    Cvt<D##_t, S##_t>::loop(d, a, n);                                          \
  }
#define CVT_FROM(S)                                                            \
  CVT(f32, S)                                                                  \
  CVT(f64, S)                                                                  \
  CVT(i8, S)                                                                   \
  CVT(i16, S)                                                                  \
  CVT(i32, S)                                                                  \
  CVT(i64, S)                                                                  \
  CVT(u8, S)                                                                   \
  CVT(u16, S)                                                                  \
  CVT(u32, S)                                                                  \
  CVT(u64, S)                                                                  \
  HYBRIDC_LOOP1(bool_##S, uint8_t, S##_t, a != 0)                              \
  VecLoop from_##S(DType to) {                                                 \
    switch (to) {                                                              \
    case DType::F32:                                                           \
    case DType::F16:                                                           \
    case DType::BF16:                                                          \
      return cvt_f32_##S;                                                      \
    case DType::F64:                                                           \
      return cvt_f64_##S;                                                      \
    case DType::I8:                                                            \
      return cvt_i8_##S;                                                       \
    case DType::I16:                                                           \
      return cvt_i16_##S;                                                      \
    case DType::I32:                                                           \
      return cvt_i32_##S;                                                      \
    case DType::I64:                                                           \
      return cvt_i64_##S;                                                      \
    case DType::U8:                                                            \
      return cvt_u8_##S;                                                       \
    case DType::U16:                                                           \
      return cvt_u16_##S;                                                      \
    case DType::U32:                                                           \
      return cvt_u32_##S;                                                      \
    case DType::U64:                                                           \
      return cvt_u64_##S;                                                      \
    case DType::Bool:                                                          \
      return bool_##S;                                                         \
    }                                                                          \
    return nullptr;                                                            \
  }
CVT_FROM(f32)
CVT_FROM(f64)
CVT_FROM(i8)
CVT_FROM(i16)
CVT_FROM(i32)
CVT_FROM(i64)
CVT_FROM(u8)
CVT_FROM(u16)
CVT_FROM(u32)
CVT_FROM(u64)

HYBRIDC_LOOP1(roundF16, float, float, f16ToFloat(floatToF16(a)))
HYBRIDC_LOOP1(roundBf16, float, float, bf16ToFloat(floatToBf16(a)))

template <typename T>
HYBRIDC_INLINE void loadLoop(void *d, const std::byte *s, int64_t n,
                             int64_t stride) {
  using C = typename Element<T>::Compute;
  C *out = static_cast<C *>(d);
  if (stride == sizeof(T)) {
    const T *in = reinterpret_cast<const T *>(s);
    for (int64_t i = 0; i < n; ++i)
      out[i] = Element<T>::widen(in[i]);
  } else if (stride == 0) {
    C value = Element<T>::widen(*reinterpret_cast<const T *>(s));
    for (int64_t i = 0; i < n; ++i)
      out[i] = value;
  } else {
    for (int64_t i = 0; i < n; ++i)
      out[i] = Element<T>::widen(*reinterpret_cast<const T *>(s + i * stride));
  }
}
template <typename T>
HYBRIDC_INLINE void storeLoop(std::byte *d, const void *s, int64_t n,
                              int64_t stride) {
  using C = typename Element<T>::Compute;
  const C *in = static_cast<const C *>(s);
  if (stride == sizeof(T)) {
    T *out = reinterpret_cast<T *>(d);
    for (int64_t i = 0; i < n; ++i)
      out[i] = Element<T>::narrow(in[i]);
  } else {
    for (int64_t i = 0; i < n; ++i)
      *reinterpret_cast<T *>(d + i * stride) = Element<T>::narrow(in[i]);
  }
}

#define ROWS(T)                                                                \
  HYBRIDC_CLONES void load_##T(void *d, const std::byte *s, int64_t n,         \
                               int64_t stride) {                               \
    loadLoop<T>(d, s, n, stride);                                              \
  }                                                                            \
  HYBRIDC_CLONES void store_##T(std::byte *d, const void *s, int64_t n,        \
                                int64_t stride) {                              \
    storeLoop<T>(d, s, n, stride);                                             \
  }
ROWS(uint8_t)
ROWS(uint16_t)
ROWS(uint32_t)
ROWS(uint64_t)
ROWS(Half)
ROWS(BFloat)

} // namespace

VecLoop findVecLoop(stream::VecOp op, DType type) {
  switch (type) {
  case DType::F32:
  case DType::F16:
  case DType::BF16:
    return findFloatLoop(op, false);
  case DType::F64:
    return findFloatLoop(op, true);
  case DType::Bool:
    return findBoolLoop(op);
  default:
    return findIntLoop(op, type);
  }
}

VecLoop findCvtLoop(DType from, DType to) {
  switch (from) {
  case DType::F32:
  case DType::F16:
  case DType::BF16:
    return from_f32(to);
  case DType::F64:
    return from_f64(to);
  case DType::I8:
    return from_i8(to);
  case DType::I16:
    return from_i16(to);
  case DType::I32:
    return from_i32(to);
  case DType::I64:
    return from_i64(to);
  case DType::U8:
  case DType::Bool:
    return from_u8(to);
  case DType::U16:
    return from_u16(to);
  case DType::U32:
    return from_u32(to);
  case DType::U64:
    return from_u64(to);
  }
  return nullptr;
}

VecLoop findRoundLoop(DType type) {
  if (type == DType::F16)
    return roundF16;
  return type == DType::BF16 ? roundBf16 : nullptr;
}

LoadRow findLoadRow(DType type) {
  if (type == DType::F16)
    return load_Half;
  if (type == DType::BF16)
    return load_BFloat;
  switch (stream::sizeOf(type)) {
  case 1:
    return load_uint8_t;
  case 2:
    return load_uint16_t;
  case 4:
    return load_uint32_t;
  default:
    return load_uint64_t;
  }
}

StoreRow findStoreRow(DType type) {
  if (type == DType::F16)
    return store_Half;
  if (type == DType::BF16)
    return store_BFloat;
  switch (stream::sizeOf(type)) {
  case 1:
    return store_uint8_t;
  case 2:
    return store_uint16_t;
  case 4:
    return store_uint32_t;
  default:
    return store_uint64_t;
  }
}

} // namespace hybridc::exec
