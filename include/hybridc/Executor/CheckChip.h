//===- CheckChip.h - Devices that a chip names ----------------*- C++ -*-===//
#ifndef HYBRIDC_EXECUTOR_CHECKCHIP_H
#define HYBRIDC_EXECUTOR_CHECKCHIP_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Support/Result.h"

#include <string_view>

namespace hybridc::exec {

/// Whether the executor has the device of each kind of arrays, for its purpose
/// and with the parameters given (lib/Chip knows no devices). `file` is what
/// the chip was loaded from; errors start with "file:line:column: ".
Status checkDevices(const chip::Chip &chip, std::string_view file);

} // namespace hybridc::exec

#endif // HYBRIDC_EXECUTOR_CHECKCHIP_H
