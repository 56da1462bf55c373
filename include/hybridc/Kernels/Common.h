//===- Common.h - What all kernels share ----------------------*- C++ -*-===//
#ifndef HYBRIDC_KERNELS_COMMON_H
#define HYBRIDC_KERNELS_COMMON_H

#include "hybridc/Kernels/Kernels.h"
#include "hybridc/Stream/Program.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <omp.h>
#include <string>
#include <vector>

// Compiles a function once for each vector width and lets the loader choose.
// Not under the sanitizers: the choice is made before they are set up.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) &&                   \
    !defined(__SANITIZE_THREAD__)
#define HYBRIDC_CLONES                                                         \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define HYBRIDC_CLONES
#endif
#define HYBRIDC_INLINE [[gnu::always_inline]] inline

namespace hybridc::exec {

using stream::Command;
using stream::DType;
using stream::View;

/// Runs f(begin, end) over [0, n) in at most `threads` pieces of at least
/// `grain`. The pieces are contiguous; f must not let values depend on them.
template <typename F>
void parallelFor(int64_t n, int64_t grain, unsigned threads, const F &f) {
#ifdef __SANITIZE_THREAD__
  grain = 1; // a race shows in small tests, too
#endif
  int64_t pieces = std::min<int64_t>(threads, n / std::max<int64_t>(grain, 1));
  if (pieces <= 1 || omp_in_parallel()) {
    if (n > 0)
      f(int64_t(0), n);
    return;
  }
#pragma omp parallel num_threads(static_cast<int>(pieces))
  {
    int64_t t = omp_get_thread_num(), count = omp_get_num_threads();
    int64_t begin = n * t / count, end = n * (t + 1) / count;
    if (begin < end)
      f(begin, end);
  }
}

/// A nest of loops over several operands, with strides in bytes. Extents of 1
/// are gone, and neighbouring dimensions that every operand walks as one are
/// merged. At least one dimension, the last being the innermost.
struct Nest {
  std::vector<int64_t> extents;
  std::vector<std::vector<int64_t>> strides; ///< [operand][dimension]

  size_t rank() const { return extents.size(); }
  int64_t total() const {
    int64_t n = 1;
    for (int64_t e : extents)
      n *= e;
    return n;
  }
};
Nest makeNest(const std::vector<int64_t> &extents,
              std::vector<std::vector<int64_t>> strides);
/// Strides of a view in bytes.
std::vector<int64_t> byteStrides(const View &view);

/// Counts through the outer dimensions of a nest and keeps one byte offset for
/// each operand. No allocation after construction of `Position` storage: the
/// rank is bounded.
constexpr size_t kMaxRank = 32;
constexpr size_t kMaxOperands = 4;
struct Odometer {
  int64_t index[kMaxRank] = {};
  int64_t offset[kMaxOperands] = {};

  /// Positions at linear index `linear` of dimensions [0, dims).
  void seek(const Nest &nest, size_t dims, int64_t linear) {
    for (size_t o = 0; o < nest.strides.size(); ++o)
      offset[o] = 0;
    for (size_t d = dims; d-- > 0;) {
      index[d] = linear % nest.extents[d];
      linear /= nest.extents[d];
      for (size_t o = 0; o < nest.strides.size(); ++o)
        offset[o] += index[d] * nest.strides[o][d];
    }
  }
  void next(const Nest &nest, size_t dims) {
    for (size_t d = dims; d-- > 0;) {
      bool wraps = ++index[d] == nest.extents[d];
      int64_t steps = wraps ? 1 - nest.extents[d] : 1;
      for (size_t o = 0; o < nest.strides.size(); ++o)
        offset[o] += steps * nest.strides[o][d];
      if (!wraps)
        return;
      index[d] = 0;
    }
  }
};

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

HYBRIDC_INLINE float bitsToFloat(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
HYBRIDC_INLINE uint32_t floatToBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

/// bfloat16, rounding half to even; NaN stays a (quiet) NaN.
HYBRIDC_INLINE float bf16ToFloat(uint16_t bits) {
  return bitsToFloat(uint32_t(bits) << 16);
}
HYBRIDC_INLINE uint16_t floatToBf16(float value) {
  uint32_t bits = floatToBits(value);
  uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  uint32_t nan = (bits >> 16) | 0x40;
  return static_cast<uint16_t>((bits & 0x7fffffff) > 0x7f800000 ? nan
                                                                : rounded);
}
/// IEEE binary16, rounding half to even, subnormals kept.
HYBRIDC_INLINE float f16ToFloat(uint16_t half) {
  uint32_t sign = uint32_t(half & 0x8000) << 16, rest = half & 0x7fff;
  // Normal numbers: shift and re-bias. Subnormals: a float subtraction.
  uint32_t normal = (rest << 13) + 0x38000000;
  float small =
      bitsToFloat((rest << 13) + 0x38800000) - bitsToFloat(0x38800000);
  uint32_t special = (rest << 13) | 0x7f800000;
  uint32_t bits = rest >= 0x7c00  ? special
                  : rest >= 0x400 ? normal
                                  : floatToBits(small);
  return bitsToFloat(bits | sign);
}
HYBRIDC_INLINE uint16_t floatToF16(float value) {
  uint32_t bits = floatToBits(value);
  uint32_t sign = (bits >> 16) & 0x8000;
  bits &= 0x7fffffff;
  // Subnormal results: let the FPU round by adding 0.5 (ulp 2^-24).
  uint32_t small = floatToBits(bitsToFloat(bits) + 0.5f) - 0x3f000000;
  uint32_t normal = (bits - 0x38000000 + 0xfff + ((bits >> 13) & 1)) >> 13;
  uint32_t half = bits < 0x38800000 ? small : normal;
  half = half > 0x7c00 || bits >= 0x47800000 ? 0x7c00 : half;
  half = bits > 0x7f800000 ? (0x7e00 | ((bits >> 13) & 0x3ff)) : half;
  return static_cast<uint16_t>(half | sign);
}

struct Half {
  uint16_t bits;
};
struct BFloat {
  uint16_t bits;
};

/// How an element type is stored and what is computed with.
template <typename T> struct Element {
  using Compute = T;
  HYBRIDC_INLINE static T widen(T value) { return value; }
  HYBRIDC_INLINE static T narrow(T value) { return value; }
};
template <> struct Element<Half> {
  using Compute = float;
  HYBRIDC_INLINE static float widen(Half v) { return f16ToFloat(v.bits); }
  HYBRIDC_INLINE static Half narrow(float v) { return {floatToF16(v)}; }
};
template <> struct Element<BFloat> {
  using Compute = float;
  HYBRIDC_INLINE static float widen(BFloat v) { return bf16ToFloat(v.bits); }
  HYBRIDC_INLINE static BFloat narrow(float v) { return {floatToBf16(v)}; }
};

/// Calls f with a value of the C++ type that stores `type`; Bool is uint8_t.
template <typename F> auto dispatch(DType type, const F &f) {
  switch (type) {
  case DType::F32:
    return f(float());
  case DType::F64:
    return f(double());
  case DType::F16:
    return f(Half());
  case DType::BF16:
    return f(BFloat());
  case DType::I8:
    return f(int8_t());
  case DType::I16:
    return f(int16_t());
  case DType::I32:
    return f(int32_t());
  case DType::I64:
    return f(int64_t());
  case DType::U16:
    return f(uint16_t());
  case DType::U32:
    return f(uint32_t());
  case DType::U64:
    return f(uint64_t());
  case DType::U8:
  case DType::Bool:
    break;
  }
  return f(uint8_t());
}

template <typename T> HYBRIDC_INLINE T loadAs(const std::byte *p) {
  T value;
  std::memcpy(&value, p, sizeof(T));
  return value;
}
template <typename T> HYBRIDC_INLINE void storeAs(std::byte *p, T value) {
  std::memcpy(p, &value, sizeof(T));
}

inline size_t alignUp(size_t bytes) { return (bytes + 63) / 64 * 64; }
/// Whether the view is dense row-major.
bool isDense(const View &view);
/// "[1,64,56,56]xf32".
std::string describe(const View &view);

//===----------------------------------------------------------------------===//
// Preparation of each command (lib/Kernels/*.cpp)
//===----------------------------------------------------------------------===//

using Prepared = Result<std::unique_ptr<Kernel>>;

/// A kernel of class K, made ready by its prepare(arguments…).
template <typename K, typename... Arguments>
Prepared makeReady(const Arguments &...arguments) {
  auto kernel = std::make_unique<K>();
  if (Status s = kernel->prepare(arguments...); !s)
    return s.error();
  return std::unique_ptr<Kernel>(std::move(kernel));
}

Prepared prepareCopy(const Command &, const PrepareOptions &);
Prepared prepareFill(const Command &, const PrepareOptions &);
Prepared prepareMatmul(const Command &, const PrepareOptions &);
Prepared prepareConv(const Command &, const PrepareOptions &);
Prepared prepareVec(const Command &, const PrepareOptions &);
Prepared prepareReduce(const Command &, const PrepareOptions &);
Prepared preparePool(const Command &, const PrepareOptions &);
Prepared prepareNormalize(const Command &, const PrepareOptions &);
Prepared prepareGather(const Command &, const PrepareOptions &);

/// Copies between two views of equal shape and type, as Copy does; for
/// kernels that pack operands.
std::unique_ptr<Kernel> makeCopy(const View &from, const View &to,
                                 unsigned threads);

} // namespace hybridc::exec

#endif // HYBRIDC_KERNELS_COMMON_H
