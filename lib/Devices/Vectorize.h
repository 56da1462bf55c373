//===- Vectorize.h - One loop, compiled for several machines ---*- C++ -*-===//
//
// Private to lib/Devices. Include it FIRST in a file with hot loops:
// the pragma below governs everything that follows it.
//
// A loop is written once as an inline `fooBody` template or function and
// compiled three times: for AVX-512 (x86-64-v4), AVX2 (x86-64-v3) and the
// baseline. Explicit copies rather than target_clones, so that a test can run
// each copy and compare bits.
//
// Contraction into fused multiply-adds is off: the three copies then compute
// the same bits, and so does any other machine.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_DEVICES_VECTORIZE_H
#define HYBRIDC_LIB_DEVICES_VECTORIZE_H

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,fp-contract=off,no-math-errno,no-trapping-math")
#elif defined(__clang__)
#pragma clang fp contract(off)
#endif

#define HYBRIDC_INLINE inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__GNUC__)
#define HYBRIDC_MULTI_TARGET 1
#define HYBRIDC_TARGET_V4                                                      \
  __attribute__((target("arch=x86-64-v4,prefer-vector-width=512"), noinline))
#define HYBRIDC_TARGET_V3 __attribute__((target("arch=x86-64-v3"), noinline))
#endif

namespace hybridc::exec::detail {

/// Which copy of a hot loop runs. Ordered: a higher level implies the lower.
enum class VectorLevel : int { Base = 0, V3 = 1, V4 = 2 };

/// The best level of this machine, or what setVectorLevel asked for.
VectorLevel vectorLevel();
/// For tests: lowers the level (never above what the machine has). Returns the
/// level in force.
VectorLevel setVectorLevel(VectorLevel level);

} // namespace hybridc::exec::detail

/// Defines `NAME PARAMS`, which runs `BODY ARGS` compiled for this machine.
#ifdef HYBRIDC_MULTI_TARGET
#define HYBRIDC_VECTOR_FUNCTION(RET, NAME, BODY, PARAMS, ARGS)                 \
  HYBRIDC_TARGET_V4 static RET NAME##V4 PARAMS { return BODY ARGS; }           \
  HYBRIDC_TARGET_V3 static RET NAME##V3 PARAMS { return BODY ARGS; }           \
  __attribute__((noinline)) static RET NAME##Base PARAMS { return BODY ARGS; } \
  RET NAME PARAMS {                                                            \
    switch (::hybridc::exec::detail::vectorLevel()) {                          \
    case ::hybridc::exec::detail::VectorLevel::V4:                             \
      return NAME##V4 ARGS;                                                    \
    case ::hybridc::exec::detail::VectorLevel::V3:                             \
      return NAME##V3 ARGS;                                                    \
    default:                                                                   \
      return NAME##Base ARGS;                                                  \
    }                                                                          \
  }
#else
#define HYBRIDC_VECTOR_FUNCTION(RET, NAME, BODY, PARAMS, ARGS)                 \
  RET NAME PARAMS { return BODY ARGS; }
#endif

#endif // HYBRIDC_LIB_DEVICES_VECTORIZE_H
