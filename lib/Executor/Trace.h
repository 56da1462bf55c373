//===- Trace.h - A segment as one list of commands ------------*- C++ -*-===//
//
// Where the order of a segment's commands is known when the program is
// prepared (it always is, unless the segment lies in a loop of blocks), the
// queues are unrolled into one list, in the order in which the interpreter
// would run them. That list can then be improved in ways that change no value:
// a transfer whose readers can as well read its source need not be done, nor
// one whose producer can as well write to its target.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_EXECUTOR_TRACE_H
#define HYBRIDC_LIB_EXECUTOR_TRACE_H

#include "hybridc/Stream/Program.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace hybridc::exec {

/// The commands of `segment` in an order that its semaphores allow, with the
/// loops' steps added to the addresses. Nothing when there are more than
/// `limit` or when they deadlock (which running it will report).
std::optional<std::vector<stream::Command>>
unrollSegment(const stream::Segment &segment, size_t limit);

/// Removes copies that are not needed. `sramDies`: nothing reads the
/// scratchpad after this list.
void elideCopies(std::vector<stream::Command> &trace, bool sramDies);

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_EXECUTOR_TRACE_H
