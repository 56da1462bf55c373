// A converter-free array of ideal cells, on which tests then change one thing.
#ifndef HYBRIDC_TEST_UNIT_DEVICES_BAREARRAY_H
#define HYBRIDC_TEST_UNIT_DEVICES_BAREARRAY_H

#include "hybridc/Devices/AnalogArray.h"

#include <gtest/gtest.h>

#include <vector>

namespace hybridc::exec::test {

inline ArrayConfig bare() {
  ArrayConfig config;
  config.device = "ideal";
  config.periphery.inRes = config.periphery.outRes = 0;
  config.periphery.outBound = config.periphery.outNoise = 0;
  return config;
}

/// An array of that kind with the weights w[k × n], every column at scale 1, as
/// it is read with all physics.
inline AnalogArray arrayOf(const ArrayConfig &config,
                           const std::vector<float> &w, size_t k, size_t n) {
  auto array = AnalogArray::create(config);
  EXPECT_TRUE(array) << array.error().message;
  const float one = 1;
  ProgramOptions program;
  program.scale = {&one, 1};
  EXPECT_TRUE(array->program(w.data(), n, k, n, program));
  array->compute(ArrayMode::Noisy);
  return std::move(*array);
}

} // namespace hybridc::exec::test

#endif // HYBRIDC_TEST_UNIT_DEVICES_BAREARRAY_H
