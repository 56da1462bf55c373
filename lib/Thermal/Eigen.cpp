//===- Eigen.cpp - Modes of a symmetric matrix ----------------------------===//

#include "Eigen.h"

#include <cmath>

namespace hybridc::exec::clock {

void symmetricModes(size_t n, std::vector<double> a,
                    std::vector<double> &values, std::vector<double> &v) {
  v.assign(n * n, 0);
  for (size_t i = 0; i < n; ++i)
    v[i * n + i] = 1;
  // Converges quadratically: a dozen sweeps are plenty.
  for (unsigned sweep = 0; sweep < 60; ++sweep) {
    bool rotated = false;
    for (size_t p = 0; p + 1 < n; ++p)
      for (size_t q = p + 1; q < n; ++q) {
        double apq = a[p * n + q], app = a[p * n + p], aqq = a[q * n + q];
        if (std::abs(apq) <= 1e-17 * std::sqrt(std::abs(app * aqq)))
          continue;
        rotated = true;
        double theta = (aqq - app) / (2 * apq);
        double t = (theta >= 0 ? 1 : -1) /
                   (std::abs(theta) + std::sqrt(theta * theta + 1));
        double c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (size_t k = 0; k < n; ++k) {
          double akp = a[k * n + p], akq = a[k * n + q];
          a[k * n + p] = c * akp - s * akq;
          a[k * n + q] = s * akp + c * akq;
        }
        for (size_t k = 0; k < n; ++k) {
          double apk = a[p * n + k], aqk = a[q * n + k];
          a[p * n + k] = c * apk - s * aqk;
          a[q * n + k] = s * apk + c * aqk;
          double vkp = v[k * n + p], vkq = v[k * n + q];
          v[k * n + p] = c * vkp - s * vkq;
          v[k * n + q] = s * vkp + c * vkq;
        }
      }
    if (!rotated)
      break;
  }
  values.resize(n);
  for (size_t i = 0; i < n; ++i)
    values[i] = a[i * n + i];
}

} // namespace hybridc::exec::clock
