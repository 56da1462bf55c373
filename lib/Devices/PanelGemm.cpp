//===- PanelGemm.cpp - Register-blocked product over panels ---------------===//

#include "Vectorize.h"

#include "PanelGemm.h"

#include <algorithm>

namespace hybridc::exec::detail {

void PanelMatrix::setRow(size_t k, const float *values, size_t n) {
  for (size_t begin = 0; begin < n; begin += panelWidth) {
    size_t count = std::min(panelWidth, n - begin);
    std::copy(values + begin, values + begin + count,
              data.begin() +
                  static_cast<ptrdiff_t>(begin * rows + k * panelWidth));
  }
}

// This product, unlike everything else in this folder, wants FMA.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("fp-contract=fast")
#endif

/// A tile of ROWS × (VECS·LANES) outputs kept in registers.
template <size_t LANES, size_t ROWS, size_t VECS>
HYBRIDC_INLINE void tile(const float *x, size_t ldx, const float *w, float *y,
                         size_t ldy, size_t depth) {
  typedef float V __attribute__((vector_size(LANES * 4), aligned(4)));
  V sum[ROWS][VECS] = {};
  for (size_t k = 0; k < depth; ++k) {
    V b[VECS];
    for (size_t j = 0; j < VECS; ++j)
      b[j] = *reinterpret_cast<const V *>(w + k * panelWidth + j * LANES);
    for (size_t i = 0; i < ROWS; ++i)
      for (size_t j = 0; j < VECS; ++j)
        sum[i][j] += x[i * ldx + k] * b[j];
  }
  for (size_t i = 0; i < ROWS; ++i)
    for (size_t j = 0; j < VECS; ++j)
      *reinterpret_cast<V *>(y + i * ldy + j * LANES) = sum[i][j];
}

/// LANES floats per register, tiles of ROWS × 2 registers.
template <size_t LANES, size_t ROWS>
HYBRIDC_INLINE void productBody(const float *x, size_t ldx, const float *w,
                                size_t depth, size_t cols, float *y, size_t ldy,
                                size_t batch) {
  constexpr size_t width = 2 * LANES;
  for (size_t n = 0; n < cols; n += panelWidth)
    for (size_t part = 0; part < panelWidth; part += width) {
      const float *panel = w + n * depth + part;
      float *out = y + n + part;
      size_t b = 0;
      for (; b + ROWS <= batch; b += ROWS)
        tile<LANES, ROWS, 2>(x + b * ldx, ldx, panel, out + b * ldy, ldy,
                             depth);
      for (; b < batch; ++b)
        tile<LANES, 1, 2>(x + b * ldx, ldx, panel, out + b * ldy, ldy, depth);
    }
}

#define HYBRIDC_PRODUCT(NAME, TARGET, LANES, ROWS)                             \
  TARGET static void NAME(const float *x, size_t ldx, const float *w,          \
                          size_t depth, size_t cols, float *y, size_t ldy,     \
                          size_t batch) {                                      \
    productBody<LANES, ROWS>(x, ldx, w, depth, cols, y, ldy, batch);           \
  }
#ifdef HYBRIDC_MULTI_TARGET
HYBRIDC_PRODUCT(productV4, HYBRIDC_TARGET_V4, 16, 8)
HYBRIDC_PRODUCT(productV3, HYBRIDC_TARGET_V3, 8, 6)
#endif
HYBRIDC_PRODUCT(productBase, , 4, 4)

void panelGemm(const float *x, size_t ldx, const PanelMatrix &w, float *y,
               size_t ldy, size_t batch) {
  auto *product = productBase;
#ifdef HYBRIDC_MULTI_TARGET
  VectorLevel level = vectorLevel();
  if (level == VectorLevel::V4)
    product = productV4;
  else if (level == VectorLevel::V3)
    product = productV3;
#endif
  product(x, ldx, w.data.data(), w.rows, w.paddedCols(), y, ldy, batch);
}

} // namespace hybridc::exec::detail
