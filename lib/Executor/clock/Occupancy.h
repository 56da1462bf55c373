//===- Occupancy.h - Which bytes of the scratchpad are in use -*- C++ -*-===//
//
// The scratchpad is cut at every boundary of a range that some command
// touches; each piece is then live from its first write to its last read
// before the next write. A strided view counts as the range it spans.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_EXECUTOR_CLOCK_OCCUPANCY_H
#define HYBRIDC_LIB_EXECUTOR_CLOCK_OCCUPANCY_H

#include "hybridc/Executor/clock/Clock.h"

#include <cstdint>
#include <vector>

namespace hybridc::exec::clock {

/// A scratchpad operand: bytes [low, high) shifted by Σ iv · steps.
struct Access {
  uint64_t low = 0, high = 0;
  bool writes = false;
  std::vector<int64_t> steps;   ///< empty: always the same place
  uint32_t first = 0, last = 0; ///< pieces, when it is
};

class Occupancy {
public:
  /// Declares the operands of a command before the first run: `blockTrips`
  /// and `trips` are the counts of the block loops and Repeats around it.
  /// Returns the index of its first access; they are consecutive.
  uint32_t declare(const stream::Command &command,
                   const std::vector<uint64_t> &blockTrips,
                   const std::vector<uint64_t> &trips);
  uint32_t numAccesses() const { return uint32_t(accesses.size()); }
  /// Cuts the scratchpad; call once, after the last declare().
  void seal();
  bool isSealed() const { return sealed; }

  /// The command of accesses [first, first + count) starts or ends at `cycle`;
  /// `iv` are the counters of its Repeats.
  void started(uint32_t first, uint32_t count, const std::vector<uint64_t> &iv,
               uint64_t cycle);
  void ended(uint32_t first, uint32_t count, const std::vector<uint64_t> &iv,
             uint64_t cycle);
  /// Closes what is open and fills the result's occupancy and peak.
  void finish(ClockResult &result);

  /// Distinct bytes of a set of accesses.
  uint64_t bytesOf(const std::vector<uint32_t> &accessIndices) const;

private:
  struct Piece {
    uint64_t bytes = 0;
    uint64_t begin = 0, lastUse = 0;
    bool live = false, read = false;
  };
  struct Change {
    uint64_t cycle;
    int64_t bytes;
  };

  std::vector<Access> accesses;
  std::vector<uint64_t> cuts;
  std::vector<Piece> pieces;
  std::vector<Change> changes;
  bool sealed = false;

  std::pair<uint32_t, uint32_t> piecesOf(const Access &access,
                                         const std::vector<uint64_t> &iv) const;
  /// piecesOf; for what no loop moves it is known already.
  std::pair<uint32_t, uint32_t> piecesAt(const Access &access,
                                         const std::vector<uint64_t> &iv) const;
  void close(Piece &piece);
};

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_EXECUTOR_CLOCK_OCCUPANCY_H
