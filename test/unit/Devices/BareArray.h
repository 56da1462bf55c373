// A converter-free array of ideal cells, on which tests then change one thing.
#ifndef HYBRIDC_TEST_UNIT_EXECUTOR_BAREARRAY_H
#define HYBRIDC_TEST_UNIT_EXECUTOR_BAREARRAY_H

#include "hybridc/Devices/AnalogArray.h"

namespace hybridc::exec::test {

inline ArrayConfig bare() {
  ArrayConfig config;
  config.device = "ideal";
  config.periphery.inRes = config.periphery.outRes = 0;
  config.periphery.outBound = config.periphery.outNoise = 0;
  return config;
}

} // namespace hybridc::exec::test

#endif // HYBRIDC_TEST_UNIT_EXECUTOR_BAREARRAY_H
