//===- VecLoops.h - The inner loops of vector programs --------*- C++ -*-===//
#ifndef HYBRIDC_LIB_KERNELS_VECLOOPS_H
#define HYBRIDC_LIB_KERNELS_VECLOOPS_H

#include "hybridc/Kernels/Common.h"
#include "hybridc/Stream/VecIsa.h"

namespace hybridc::exec {

/// d[i] = op(a[i], b[i], c[i]) for i < n. Registers are arrays of the type's
/// register form: f32 for F32, F16 and BF16, else as in memory. `d` may be one
/// of the operands, but must not overlap them otherwise.
using VecLoop = void (*)(void *d, const void *a, const void *b, const void *c,
                         int64_t n);

/// nullptr when `op` does not exist for `type`.
VecLoop findVecLoop(stream::VecOp op, DType type);
/// Conversion; rounding to f16 or bf16 is a step of its own.
VecLoop findCvtLoop(DType from, DType to);
/// Rounds f32 registers to F16 or BF16 (d, a); nullptr for other types.
VecLoop findRoundLoop(DType type);
/// Raises to a constant power that has a short form (2, 3, 0.5, -1); nullptr
/// when there is none.
VecLoop findPowLoop(DType type, double exponent);

/// Loads n elements, `stride` bytes apart, into a register; or the reverse.
using LoadRow = void (*)(void *d, const std::byte *s, int64_t n,
                         int64_t stride);
using StoreRow = void (*)(std::byte *d, const void *s, int64_t n,
                          int64_t stride);
LoadRow findLoadRow(DType type);
StoreRow findStoreRow(DType type);

/// Bytes of one register element.
inline unsigned registerBytes(DType type) {
  return type == DType::F16 || type == DType::BF16 ? 4 : stream::sizeOf(type);
}

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_KERNELS_VECLOOPS_H
