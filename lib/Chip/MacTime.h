//===- MacTime.h - Cycles and accesses of the matrix engine ----*- C++ -*-===//
#ifndef HYBRIDC_LIB_CHIP_MACTIME_H
#define HYBRIDC_LIB_CHIP_MACTIME_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

namespace hybridc::chip {

/// Words of a product between the scratchpad and the matrix engine.
struct MatrixWords {
  double inputs = 0, weights = 0; ///< read
  double sumsRead = 0;            ///< partial sums that come back
  double sumsWritten = 0;         ///< partial sums that leave
  double accumulated = 0; ///< partial sums in and out of the accumulators
  /// Partial sums are as wide as the operands, not as the results.
  bool narrowSums = false;
};

/// What `work` asks of the matrix engine, operands at hand.
struct MatrixUse {
  double cycles = 0;
  MatrixWords words;    ///< results not included: each leaves once
  bool counted = false; ///< false: the dataflow fetches each operand once
};
MatrixUse matrixUse(const Chip &chip, const Work &work);

/// The same on a row-stationary spatial array; at one MAC per PE and cycle.
MatrixUse rowStationary(const Chip &chip, const Work &work);

/// sramTraffic() of a product of which this is known.
SramTraffic matrixTraffic(const Work &work, const MatrixUse &use);

} // namespace hybridc::chip

#endif // HYBRIDC_LIB_CHIP_MACTIME_H
