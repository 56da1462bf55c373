//===- PanelGemm.h - Matrix product whose bits never vary ------*- C++ -*-===//
//
// Private to lib/Devices. y[B][N] = x[B][K] · W[K][N] for matrices
// the size of one array. Each output is summed over k = 0, 1, 2 … in that
// order, so a row's result depends neither on how many rows are computed
// together nor on threads; library products (oneDNN's sgemm beyond K ≈ 400,
// or for single rows) reorder the sum, and one unit in the last place is a
// whole ADC step when it decides a rounding. As fast as oneDNN's at 256×256.
//
// With FMA (any x86-64-v3 machine) the bits are the same everywhere; without,
// products are rounded before they are added.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_DEVICES_PANELGEMM_H
#define HYBRIDC_LIB_DEVICES_PANELGEMM_H

#include <cstddef>
#include <vector>

namespace hybridc::exec::detail {

/// Columns of a panel; N is padded to a multiple.
inline constexpr size_t panelWidth = 32;

/// W, stored as panels of 32 columns: element (k, n) at
/// (n / 32)·32·K + k·32 + n % 32. Padding columns are zero.
struct PanelMatrix {
  size_t rows = 0, cols = 0;
  std::vector<float> data;

  void reset(size_t k, size_t n) {
    rows = k;
    cols = n;
    data.assign((n + panelWidth - 1) / panelWidth * panelWidth * k, 0.0f);
  }
  size_t paddedCols() const { return rows == 0 ? 0 : data.size() / rows; }
  float &at(size_t k, size_t n) {
    return data[n / panelWidth * panelWidth * rows + k * panelWidth +
                n % panelWidth];
  }
  /// Writes n values to row k from column 0 on.
  void setRow(size_t k, const float *values, size_t n);
};

/// y[b·ldy + n] = Σ_k x[b·ldx + k]·w(k, n) for n < w.paddedCols(); ldy must be
/// at least that.
void panelGemm(const float *x, size_t ldx, const PanelMatrix &w, float *y,
               size_t ldy, size_t batch);

} // namespace hybridc::exec::detail

#endif // HYBRIDC_LIB_DEVICES_PANELGEMM_H
