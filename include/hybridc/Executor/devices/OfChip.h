//===- OfChip.h - An array as a chip's description has it ------*- C++ -*-===//
#ifndef HYBRIDC_EXECUTOR_DEVICES_OFCHIP_H
#define HYBRIDC_EXECUTOR_DEVICES_OFCHIP_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Executor/devices/AnalogArray.h"

namespace hybridc::exec {

/// DAC, ADC and their noise; `kind` says how inputs go bit by bit.
ArrayPeriphery peripheryOf(const chip::ArrayKind &kind);

/// A whole array of the kind: device, size, mapping, slices and periphery.
ArrayConfig arrayOf(const chip::ArrayKind &kind);

} // namespace hybridc::exec

#endif // HYBRIDC_EXECUTOR_DEVICES_OFCHIP_H
