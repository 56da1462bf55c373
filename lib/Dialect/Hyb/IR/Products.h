//===- Products.h - What contractions share -------------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_DIALECT_HYB_IR_PRODUCTS_H
#define HYBRIDC_LIB_DIALECT_HYB_IR_PRODUCTS_H

#include "hybridc/Chip/Work.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"

namespace hybridc::hyb {

inline uint64_t product(llvm::ArrayRef<int64_t> extents) {
  uint64_t result = 1;
  for (int64_t extent : extents)
    result *= extent;
  return result;
}

/// A product as work of the matrix engine.
inline void describe(const Gemm &gemm, chip::Work &work) {
  work.batch = gemm.batch;
  work.groups = static_cast<uint32_t>(gemm.groups);
  work.m = gemm.m;
  work.n = gemm.n;
  work.k = gemm.k;
  work.kernelH = gemm.kernelH;
  work.kernelW = gemm.kernelW;
  work.outH = gemm.outH;
  work.outW = gemm.outW;
  work.stride = gemm.stride;
  work.macs = gemm.macs();
}

} // namespace hybridc::hyb

#endif // HYBRIDC_LIB_DIALECT_HYB_IR_PRODUCTS_H
