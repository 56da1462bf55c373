//===- Hazards.h - Do the semaphores order every conflict? ----*- C++ -*-===//
//
// An independent check of scheduling and allocation, from the stream alone.
// Every segment is played once: its hardware loops are unrolled, its queues
// advance as their waits allow, and vector clocks record which commands have
// certainly finished before each command starts. For every byte it then holds:
//
//  (H1) No deadlock: every command gets to run.
//  (H2) No race: of two commands on different queues that touch a common byte,
//       one of them writing, one has finished before the other starts.
//  (H3) The same for arrays, which program_array writes and mvm reads: that is
//       so in every verified program, since all commands on the arrays of one
//       kind share one in-order queue (S9, S20, S21).
//  (H4) No read of a byte that nothing has written: SRAM is undefined when an
//       entry starts, so is scratch DRAM apart from the entry's inputs.
//  (H5) Within a command, outputs touch neither each other nor an input; only
//       a vec may write exactly over one of its inputs.
//  (H6) Every array that an mvm uses is written somewhere in the program.
//
// Since nodes have a barrier between them, conflicts are only sought within a
// segment. Both blocks of a branch are played, what either wrote counts as
// written. Loops of blocks are played completely up to 16 trips, otherwise for
// the first three iterations and the last; what the others write counts as
// written then (H4), as the range from their lowest to their highest byte.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STREAM_HAZARDS_H
#define HYBRIDC_STREAM_HAZARDS_H

#include "hybridc/Stream/Program.h"
#include "hybridc/Support/Result.h"

#include <cstdint>

namespace hybridc::stream {

/// Commands that checkHazards plays at most: in one segment, in all.
constexpr uint64_t kMaxPlayedInSegment = 4'000'000;
constexpr uint64_t kMaxPlayed = 50'000'000;

/// What was proven, over all entries.
struct HazardReport {
  uint64_t segments = 0;       ///< segments played (again for each iteration)
  uint64_t commands = 0;       ///< commands played
  uint64_t waits = 0;          ///< waits for more than zero
  uint64_t redundantWaits = 0; ///< … that order nothing new
  uint64_t runs = 0;           ///< contiguous byte ranges read or written
  uint64_t conflicts = 0;     ///< conflicts between queues, all of them ordered
  uint64_t peakSramBytes = 0; ///< end of the highest SRAM byte in use
};

/// The report, or InvalidInput with the first hazard (which commands, which
/// bytes), or Unsupported when the program is too long to be played. Verifies
/// the program first.
Result<HazardReport> checkHazards(const Program &program);

} // namespace hybridc::stream

#endif // HYBRIDC_STREAM_HAZARDS_H
