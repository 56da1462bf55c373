//===- MacTime.h - Cycles of the matrix engine ----------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_CHIP_MACTIME_H
#define HYBRIDC_LIB_CHIP_MACTIME_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

namespace hybridc::chip {

/// Cycles that `work` keeps the matrix engine busy, operands at hand.
uint64_t matrixCycles(const Chip &chip, const Work &work);

/// The same on a row-stationary spatial array; at one MAC per PE and cycle.
double rowStationaryCycles(const Chip &chip, const Work &work);

} // namespace hybridc::chip

#endif // HYBRIDC_LIB_CHIP_MACTIME_H
