//===- Traffic.cpp - What goes through the scratchpad's ports -------------===//

#include "Formats.h"
#include "MacTime.h"

namespace hybridc::chip {

SramTraffic matrixTraffic(const Work &work, const MatrixUse &use) {
  SramTraffic traffic;
  traffic.readBytes = double(work.sramReadBytes);
  traffic.writeBytes = double(work.sramWriteBytes);
  if (!use.counted)
    return traffic;
  double word = bitsOf(rateName(work.format)) / 8.0;
  // Operands whose bytes are not known are not known to be in the scratchpad.
  if (work.inputBytes > 0 && !work.inputFromDram)
    traffic.readBytes += use.words.inputs * word - double(work.inputBytes);
  if (work.weightBytes > 0 && !work.weightsFromDram)
    traffic.readBytes += use.words.weights * word - double(work.weightBytes);
  double results = double(work.m) * double(work.n) * double(work.batch);
  uint64_t written =
      work.outputToDram ? work.dramWriteBytes : work.sramWriteBytes;
  double sum = use.words.narrowSums ? word : double(written) / results;
  if (!work.outputToDram) {
    traffic.readBytes += use.words.sumsRead * sum;
    traffic.writeBytes += use.words.sumsWritten * sum;
  }
  traffic.accumulatorBytes = use.words.accumulated * sum;
  return traffic;
}

SramTraffic sramTraffic(const Chip &chip, const Work &work) {
  return matrixTraffic(work, work.kind == WorkKind::Matrix
                                 ? matrixUse(chip, work)
                                 : MatrixUse());
}

} // namespace hybridc::chip
