//===- Sync.h - Which command must wait for which -------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_CONVERSION_TILETOCMD_SYNC_H
#define HYBRIDC_LIB_CONVERSION_TILETOCMD_SYNC_H

#include "hybridc/Stream/Program.h"

#include <cstdint>
#include <vector>

namespace hybridc::lower {

/// One command of a straight run, in textual order.
struct Step {
  stream::Command command;
  std::vector<uint64_t> bases; ///< address of each operand's buffer
  unsigned queue = 0;
};

/// Fills in waits and signals of the steps, so that any two that touch the
/// same bytes (one writing) or the same array keep their order. Semaphore q
/// counts the signalling commands of queue q. Waits that follow from the
/// queues' own order or from other waits are left out.
void synchronize(std::vector<Step> &steps, unsigned numQueues);

} // namespace hybridc::lower

#endif // HYBRIDC_LIB_CONVERSION_TILETOCMD_SYNC_H
