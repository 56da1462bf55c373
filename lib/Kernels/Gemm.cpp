#include "Gemm.h"

#include <cmath>
#include <dnnl.h>
#include <fmt/format.h>

namespace hybridc::exec {
namespace {

/// Plain product, k in order; vectorised along n.
template <typename T>
HYBRIDC_INLINE void plainGemm(const T *a, const T *b, T *c, int64_t m,
                              int64_t n, int64_t k, const Matrix &as,
                              const Matrix &bs, const Matrix &cs, bool add) {
  constexpr int64_t width = 32;
  for (int64_t n0 = 0; n0 < n; n0 += width)
    for (int64_t i = 0; i < m; ++i) {
      int64_t cols = std::min(width, n - n0);
      T sum[width] = {};
      for (int64_t l = 0; l < k; ++l) {
        T x = a[i * as.rowStride + l * as.colStride];
        const T *row = b + l * bs.rowStride + n0 * bs.colStride;
        if (bs.colStride == 1 && cols == width)
          for (int64_t j = 0; j < width; ++j)
            sum[j] += x * row[j];
        else
          for (int64_t j = 0; j < cols; ++j)
            sum[j] += x * row[j * bs.colStride];
      }
      T *out = c + i * cs.rowStride + n0;
      for (int64_t j = 0; j < cols; ++j)
        out[j] = add ? out[j] + sum[j] : sum[j];
    }
}

#define PLAIN(T)                                                               \
  HYBRIDC_CLONES void plain_##T(const void *a, const void *b, void *c,         \
                                const GemmShape &s, int64_t m, int64_t n) {    \
    plainGemm(static_cast<const T *>(a), static_cast<const T *>(b),            \
              static_cast<T *>(c), m, n, s.k, s.a, s.b, s.c, s.accumulate);    \
  }
// Unsigned: wraps without undefined behaviour, same bits as signed.
PLAIN(double)
PLAIN(uint32_t)
PLAIN(uint64_t)
#undef PLAIN

char transposed(const Matrix &m, int64_t rows, int64_t cols) {
  return (m.colStride == 1 || cols == 1) && (m.rowStride >= cols || rows == 1)
             ? 'N'
             : 'T';
}

dnnl_dim_t leading(const Matrix &m, int64_t rows, int64_t cols) {
  if (transposed(m, rows, cols) == 'N')
    return std::max(rows == 1 ? cols : m.rowStride, cols);
  return std::max(cols == 1 ? rows : m.colStride, rows);
}

} // namespace

bool Gemm::readable(const Matrix &m, int64_t rows, int64_t cols) {
  if ((m.colStride == 1 || cols == 1) && (m.rowStride >= cols || rows == 1))
    return true;
  return (m.rowStride == 1 || rows == 1) && (m.colStride >= rows || cols == 1);
}

Gemm::Gemm(const GemmShape &s) : shape(s) {
  // Enough tasks for some threads, none of which is too small to be worth it.
  double macs = double(s.m) * double(s.n) * double(s.k);
  double weight = double(s.n) * double(s.k);
  double most = std::max(macs / 4e5, weight / 6e4);
  // Numbers that two, three or four threads share evenly. Among the grids of
  // the largest such number, the one that packs least.
  double best = INFINITY;
  for (int64_t wanted : {16, 12, 8, 4, 2}) {
    if (best < INFINITY || double(wanted) > most)
      continue;
    for (int64_t rows = 1; rows <= wanted; ++rows) {
      int64_t cols = wanted / rows;
      if (wanted % rows || (rows > 1 && s.m / rows < 16) ||
          (cols > 1 && s.n / cols < 48))
        continue;
      double traffic = double(cols) * double(s.m) + double(rows) * double(s.n);
      if (traffic < best) {
        best = traffic;
        rowTasks = rows;
        colTasks = cols;
      }
    }
  }
  // Steps in multiples of the register tile; the last piece is what is left.
  auto step = [](int64_t extent, int64_t pieces, int64_t multiple) {
    int64_t size = (extent + pieces - 1) / pieces;
    return pieces == 1 ? extent : (size + multiple - 1) / multiple * multiple;
  };
  rowStep = step(s.m, rowTasks, 8);
  colStep = step(s.n, colTasks, 16);
  rowTasks = rowStep ? (s.m + rowStep - 1) / rowStep : 1;
  colTasks = colStep ? (s.n + colStep - 1) / colStep : 1;
}

Gemm::Borders Gemm::bordersOf(int64_t task) const {
  int64_t row = task / colTasks * rowStep, col = task % colTasks * colStep;
  return {row, std::min(rowStep, shape.m - row), col,
          std::min(colStep, shape.n - col)};
}

Status Gemm::runTask(int64_t task, const std::byte *a, const std::byte *b,
                     std::byte *c) const {
  auto [row, m, col, n] = bordersOf(task);
  if (m <= 0 || n <= 0)
    return {};
  unsigned aBytes = stream::sizeOf(shape.aType);
  unsigned bBytes = stream::sizeOf(shape.bType);
  unsigned cBytes = stream::sizeOf(shape.type);
  a += row * shape.a.rowStride * aBytes;
  b += col * shape.b.colStride * bBytes;
  c += (row * shape.c.rowStride + col) * cBytes;
  if (shape.k == 0) {
    for (int64_t i = 0; i < m && !shape.accumulate; ++i)
      std::memset(c + i * shape.c.rowStride * cBytes, 0, n * cBytes);
    return {};
  }
  if (shape.type == DType::F64)
    return plain_double(a, b, c, shape, m, n), Status();
  if (shape.type == DType::I64)
    return plain_uint64_t(a, b, c, shape, m, n), Status();
  if (shape.type == DType::I32 && stream::sizeOf(shape.aType) == 4)
    return plain_uint32_t(a, b, c, shape, m, n), Status();

  char ta = transposed(shape.a, shape.m, shape.k);
  char tb = transposed(shape.b, shape.k, shape.n);
  dnnl_dim_t lda = leading(shape.a, shape.m, shape.k);
  dnnl_dim_t ldb = leading(shape.b, shape.k, shape.n);
  dnnl_dim_t ldc = std::max(shape.c.rowStride, n);
  float beta = shape.accumulate ? 1.0f : 0.0f;
  dnnl_status_t status;
  if (shape.type == DType::F32) {
    status = dnnl_sgemm(ta, tb, m, n, shape.k, 1.0f,
                        reinterpret_cast<const float *>(a), lda,
                        reinterpret_cast<const float *>(b), ldb, beta,
                        reinterpret_cast<float *>(c), ldc);
  } else {
    int32_t zero = 0;
    const int8_t *bp = reinterpret_cast<const int8_t *>(b);
    int32_t *cp = reinterpret_cast<int32_t *>(c);
    int8_t bZero = static_cast<int8_t>(shape.bZero);
    if (shape.aType == DType::U8)
      status = dnnl_gemm_u8s8s32(ta, tb, 'F', m, n, shape.k, 1.0f,
                                 reinterpret_cast<const uint8_t *>(a), lda,
                                 static_cast<uint8_t>(shape.aZero), bp, ldb,
                                 bZero, beta, cp, ldc, &zero);
    else
      status = dnnl_gemm_s8s8s32(ta, tb, 'F', m, n, shape.k, 1.0f,
                                 reinterpret_cast<const int8_t *>(a), lda,
                                 static_cast<int8_t>(shape.aZero), bp, ldb,
                                 bZero, beta, cp, ldc, &zero);
  }
  if (status != dnnl_success)
    return Error{
        ExitCode::Internal,
        fmt::format("oneDNN's gemm failed with status {}", int(status))};
  return {};
}

} // namespace hybridc::exec
