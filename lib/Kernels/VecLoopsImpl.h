//===- VecLoopsImpl.h - How the loops are made ----------------*- C++ -*-===//
//
// Each loop is a struct with an always-inlined static function; LOOPn makes
// the array form of it, compiled once for each vector width.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_KERNELS_VECLOOPSIMPL_H
#define HYBRIDC_LIB_KERNELS_VECLOOPSIMPL_H

#include "VecLoops.h"
#include "VecMath.h"

#define HYBRIDC_LOOP1(NAME, D, T, EXPR)                                        \
  HYBRIDC_CLONES void NAME(void *d, const void *pa, const void *,              \
                           const void *, int64_t n) {                          \
    D *out = static_cast<D *>(d);                                              \
    const T *in = static_cast<const T *>(pa);                                  \
    _Pragma("GCC ivdep") for (int64_t i = 0; i < n; ++i) {                     \
      const T a = in[i];                                                       \
      out[i] = static_cast<D>(EXPR);                                           \
    }                                                                          \
  }
#define HYBRIDC_LOOP2(NAME, D, T, EXPR)                                        \
  HYBRIDC_CLONES void NAME(void *d, const void *pa, const void *pb,            \
                           const void *, int64_t n) {                          \
    D *out = static_cast<D *>(d);                                              \
    const T *ina = static_cast<const T *>(pa);                                 \
    const T *inb = static_cast<const T *>(pb);                                 \
    _Pragma("GCC ivdep") for (int64_t i = 0; i < n; ++i) {                     \
      const T a = ina[i], b = inb[i];                                          \
      out[i] = static_cast<D>(EXPR);                                           \
    }                                                                          \
  }
#define HYBRIDC_LOOP3(NAME, D, A, T, EXPR)                                     \
  HYBRIDC_CLONES void NAME(void *d, const void *pa, const void *pb,            \
                           const void *pc, int64_t n) {                        \
    D *out = static_cast<D *>(d);                                              \
    const A *ina = static_cast<const A *>(pa);                                 \
    const T *inb = static_cast<const T *>(pb);                                 \
    const T *inc = static_cast<const T *>(pc);                                 \
    _Pragma("GCC ivdep") for (int64_t i = 0; i < n; ++i) {                     \
      const A a = ina[i];                                                      \
      const T b = inb[i], c = inc[i];                                          \
      out[i] = static_cast<D>(EXPR);                                           \
    }                                                                          \
  }

#endif // HYBRIDC_LIB_KERNELS_VECLOOPSIMPL_H
