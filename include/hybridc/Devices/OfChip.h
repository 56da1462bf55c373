//===- OfChip.h - An array as a chip's description has it ------*- C++ -*-===//
#ifndef HYBRIDC_DEVICES_OFCHIP_H
#define HYBRIDC_DEVICES_OFCHIP_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Devices/AnalogArray.h"
#include "hybridc/Devices/TrainingArray.h"

namespace hybridc::exec {

/// DAC, ADC and their noise; `kind` says how inputs go bit by bit.
ArrayPeriphery peripheryOf(const chip::ArrayKind &kind);

/// The cells of a kind that trains: its device, how updates are pulsed, what
/// it is read through, how it wears out. `device_params` are the device's
/// fields and, of TrainingConfig's, those of cells and pulses (cells, gamma_0,
/// update_policy, pulse_type …, choices as their place in the list). Errors:
/// InvalidInput, a device or field without meaning; Unsupported, trains too
/// long, one-sided cells that are no pairs.
Result<TrainingConfig> trainingOf(const chip::ArrayKind &kind);
/// Of `device_params` those that are the device's own.
DeviceParams deviceParamsOf(const chip::ArrayKind &kind);

/// How its cells are driven; not known where the description does not say.
CellRead cellReadOf(const chip::ArrayKind &kind);

/// A whole array of the kind: device, size, mapping, slices and periphery.
ArrayConfig arrayOf(const chip::ArrayKind &kind);

} // namespace hybridc::exec

#endif // HYBRIDC_DEVICES_OFCHIP_H
