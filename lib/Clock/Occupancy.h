//===- Occupancy.h - Which bytes of the scratchpad are in use -*- C++ -*-===//
//
// The scratchpad is cut at every boundary of a range that some command
// touches; each piece is then live from its first write to its last read
// before the next write. A strided view counts as the range it spans.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CLOCK_OCCUPANCY_H
#define HYBRIDC_LIB_CLOCK_OCCUPANCY_H

#include "hybridc/Clock/Clock.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace hybridc::exec::clock {

/// Bytes [low, high) of the scratchpad, and the pieces that are in them.
struct Range {
  uint64_t low = 0, high = 0;
  uint32_t first = 0, last = 0;
  uint32_t lastOrigin = ~uint32_t(0); ///< of the commands declared with it
};

/// A scratchpad operand. Tiles come back to the same places over and over:
/// operands share their ranges.
struct Access {
  uint32_t range = 0;
  int32_t moves = -1; ///< of Occupancy::moves; -1: always the same place
  bool writes = false;
};

class Occupancy {
public:
  explicit Occupancy(size_t numOrigins) : rangesOf(numOrigins) {}

  /// Declares the operands of a command before the first run: `blockTrips`
  /// and `trips` are the counts of the block loops and Repeats around it.
  /// Returns the index of its first access; they are consecutive.
  uint32_t declare(const stream::Command &command,
                   const std::vector<uint64_t> &blockTrips,
                   const std::vector<uint64_t> &trips);
  /// Makes room for the operands of `commands` more.
  void expect(size_t commands);
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

  /// Distinct bytes that the commands of an origin touch.
  uint64_t bytesOf(uint32_t origin);

private:
  /// An end of a life: pieces that begin (or end) together share one. Both
  /// lists are in order of time, as the clock only goes forward.
  struct Change {
    uint64_t cycle = 0, bytes = 0;
  };
  /// Of a piece: nothing in it, or something that was read since it was
  /// written, or not yet.
  enum State : uint8_t { Free, Written, Read };
  static constexpr uint32_t kNoEnd = ~uint32_t(0);

  std::vector<Access> accesses;
  std::vector<Range> ranges;
  std::vector<std::vector<int64_t>> moves;     ///< strides over the Repeats
  std::vector<uint32_t> buckets;               ///< of ranges, by hash; 0: free
  std::vector<std::vector<uint32_t>> rangesOf; ///< by origin
  std::vector<uint64_t> cuts;
  // Of each piece, between cuts[i] and cuts[i + 1]. Operands span dozens of
  // pieces: apart, the members are filled and compared in bulk.
  std::vector<State> states;
  std::vector<uint32_t> births;  ///< of begins
  std::vector<uint32_t> lastUse; ///< of ends, or kNoEnd
  std::vector<Change> begins, ends;
  bool sealed = false;

  uint32_t rangeOf(uint64_t low, uint64_t high);
  void noteOrigin(uint32_t range, uint32_t origin);
  std::pair<uint32_t, uint32_t> piecesIn(uint64_t low, uint64_t high) const;
  std::pair<uint32_t, uint32_t> piecesAt(const Access &access,
                                         const std::vector<uint64_t> &iv) const;
  /// The entry of `list` for `cycle`, which is not before its last.
  static uint32_t changeAt(std::vector<Change> &list, uint64_t cycle);
  /// Ends the lives of pieces [first, last), none of which is free.
  void close(uint32_t first, uint32_t last);
};

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_CLOCK_OCCUPANCY_H
