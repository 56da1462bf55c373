//===- PulsedFields.h - The fields of training cells by name ----*- C++ -*-===//
#ifndef HYBRIDC_LIB_DEVICES_PULSEDFIELDS_H
#define HYBRIDC_LIB_DEVICES_PULSEDFIELDS_H

#include "hybridc/Devices/PulsedDevice.h"

namespace hybridc::exec {

/// InvalidInput where there is no such field, or the value is outside its
/// bounds.
Status setField(PulsedDevice &device, const std::string &name, double value);

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_DEVICES_PULSEDFIELDS_H
