//===- Tracker.h - Who touched which byte last ----------------*- C++ -*-===//
//
// The bytes of one memory that hold something, as disjoint cells. Commands are
// shown to the tracker in an order in which they may run; it is enough to
// compare each with the last writer of a byte and, when it writes, with the
// last reader of each queue since then: earlier ones were compared with those,
// and "finished before" is transitive.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_STREAM_TRACKER_H
#define HYBRIDC_LIB_STREAM_TRACKER_H

#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

namespace hybridc::stream::hazards {

/// A command played: the `index`-th of its queue.
struct Access {
  uint32_t queue = 0, index = 0;
};

/// For each queue, how many of its commands have finished.
using Clock = std::vector<uint32_t>;

inline bool isBefore(const Access &access, const Clock &clock) {
  return clock[access.queue] > access.index;
}

/// What is wrong with an access, or None.
struct Finding {
  enum Kind : uint8_t { None, Race, Unwritten } kind = None;
  bool otherWrites = false;
  Access other;
  uint64_t first = 0, last = 0; ///< bytes

  explicit operator bool() const { return kind != None; }
};

class Tracker {
public:
  /// Everything so far is before everything from now on.
  void barrier() { ++epoch; }

  /// Bytes [first, last) hold something, written before the next barrier.
  void define(uint64_t first, uint64_t last) {
    if (first >= last)
      return;
    erase(first, last);
    cells.insert({first, Cell{last, epoch, false, {}, {}}});
  }

  Finding read(uint64_t first, uint64_t last, Access by, const Clock &clock,
               uint64_t &conflicts);
  Finding write(uint64_t first, uint64_t last, Access by, const Clock &clock,
                uint64_t &conflicts);

  /// Adds the bytes that `other` holds, as if written before.
  void unite(const Tracker &other);

private:
  struct Cell {
    uint64_t last;
    uint32_t epoch;
    bool hasWriter; ///< in this epoch
    Access writer;
    std::vector<Access> readers; ///< in this epoch, the latest of each queue
  };
  using Map = std::map<uint64_t, Cell>;

  /// The first cell that ends past `first`.
  Map::iterator find(uint64_t first);
  /// Makes `at` a boundary of cells.
  void split(uint64_t at);
  void erase(uint64_t first, uint64_t last);
  void refresh(Cell &cell);

  Map cells;
  uint32_t epoch = 0;
};

} // namespace hybridc::stream::hazards

#endif // HYBRIDC_LIB_STREAM_TRACKER_H
