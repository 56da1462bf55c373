//===- Statistics.h - Moments and the populations of studies ---*- C++ -*-===//
//
// Private to lib/Devices.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_STUDIES_DEVICES_STATISTICS_H
#define HYBRIDC_LIB_STUDIES_DEVICES_STATISTICS_H

#include "hybridc/Studies/Characterize.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hybridc::exec::detail {

/// Mean and standard deviation in one pass. The first value is the origin, so
/// that a mean far from zero costs no digits.
class Moments {
public:
  void add(double value) {
    if (count == 0)
      origin = value;
    double d = value - origin;
    ++count;
    sum += d;
    squares += d * d;
  }
  double mean() const { return count ? origin + sum / double(count) : 0; }
  /// Of the population (divided by n, as numpy.std).
  double deviation() const {
    if (count == 0)
      return 0;
    double m = sum / double(count);
    return std::sqrt(std::fmax(squares / double(count) - m * m, 0.0));
  }

private:
  size_t count = 0;
  double origin = 0, sum = 0, squares = 0;
};

std::string shortest(double value);

/// n weights; within ±1.
std::vector<float> populationWeights(size_t n, uint64_t seed,
                                     Distribution kind = Distribution::Gauss);
/// ‖factor·got − want‖ / ‖want‖; `factors`: none, one, or one for each of
/// `cols` columns.
double relativeError(std::span<const float> got, std::span<const float> want,
                     std::span<const float> factors, size_t cols);

} // namespace hybridc::exec::detail

#endif // HYBRIDC_LIB_STUDIES_DEVICES_STATISTICS_H
