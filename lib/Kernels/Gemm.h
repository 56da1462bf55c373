//===- Gemm.h - Matrix products on host memory ----------------*- C++ -*-===//
//
// c[m][n] (+)= sum over k of a[m][k] * b[k][n] for a batch of products, cut
// into tasks whose number and borders follow from the shape alone, each of
// which one thread computes: so the values do not depend on the number of
// threads (oneDNN's own threading cuts k for some shapes, which does).
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_KERNELS_GEMM_H
#define HYBRIDC_LIB_KERNELS_GEMM_H

#include "hybridc/Kernels/Common.h"

namespace hybridc::exec {

/// One matrix in memory, strides in elements. `kind`: f32, f64, i32, i64 (also
/// for unsigned), or i8/u8 for operands of an i32 product.
struct Matrix {
  int64_t rowStride = 0, colStride = 0;
};

/// What a Gemm computes. c has colStride 1.
struct GemmShape {
  DType type = DType::F32;  ///< of c: F32, F64, I32, I64 (wrapping)
  DType aType = DType::F32; ///< I8 or U8 when c is I32, else as c
  DType bType = DType::F32; ///< I8 only, or as c
  int64_t m = 0, n = 0, k = 0;
  Matrix a, b, c;
  int32_t aZero = 0, bZero = 0; ///< within the range of aType, bType
  bool accumulate = false;
};

class Gemm {
public:
  Gemm() = default;
  explicit Gemm(const GemmShape &shape);
  /// Whether the operands' strides are ones that run() reads: one of the two
  /// is 1 and the other spans at least the extent.
  static bool readable(const Matrix &m, int64_t rows, int64_t cols);
  int64_t tasks() const { return rowTasks * colTasks; }
  /// The rows and columns of c that a task computes: from, and how many.
  struct Borders {
    int64_t row, rows, col, cols;
  };
  Borders bordersOf(int64_t task) const;
  Status runTask(int64_t task, const std::byte *a, const std::byte *b,
                 std::byte *c) const;

private:
  GemmShape shape;
  int64_t rowTasks = 1, colTasks = 1, rowStep = 0, colStep = 0;
};

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_KERNELS_GEMM_H
