// Statistics of many cells, or of many reads.
#ifndef HYBRIDC_TEST_UNIT_DEVICES_SAMPLES_H
#define HYBRIDC_TEST_UNIT_DEVICES_SAMPLES_H

#include <cmath>
#include <vector>

namespace hybridc::exec::test {

struct Sample {
  double mean = 0, deviation = 0;
};

inline Sample statistics(const std::vector<float> &values) {
  double sum = 0, squares = 0;
  for (double v : values) {
    sum += v;
    squares += v * v;
  }
  double mean = sum / double(values.size());
  return {mean, std::sqrt(squares / double(values.size()) - mean * mean)};
}

} // namespace hybridc::exec::test

#endif // HYBRIDC_TEST_UNIT_DEVICES_SAMPLES_H
