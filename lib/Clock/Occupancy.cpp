//===- Occupancy.cpp - Which bytes of the scratchpad are in use -----------===//

#include "Occupancy.h"

#include <algorithm>
#include <tuple>

namespace hybridc::exec::clock {

using namespace stream;

namespace {

/// Beyond this many places, a stepping operand counts as all of them at once.
constexpr uint64_t kMostPlaces = 512;
/// Beyond this many cuts, pieces are merged: the figure becomes an upper bound.
constexpr size_t kMostCuts = 16384;
/// Addresses beyond this are a defect that the verifier reports, not we.
constexpr int64_t kMostAddress = int64_t(1) << 60;

int64_t clampAddress(__int128 value) {
  if (value < 0)
    return 0;
  return value > kMostAddress ? kMostAddress : int64_t(value);
}

/// a · b, or something of the right sign that is beyond every address but far
/// from wrapping when some of them are added up.
__int128 reachOf(__int128 a, __int128 b) {
  constexpr __int128 kBeyond = __int128(1) << 100;
  __int128 product;
  if (__builtin_mul_overflow(a, b, &product) || product > kBeyond ||
      product < -kBeyond)
    return (a < 0) == (b < 0) ? kBeyond : -kBeyond;
  return product;
}

size_t hashOf(uint64_t low, uint64_t high) {
  uint64_t mixed = (low * 0x9e3779b97f4a7c15 ^ high) * 0xbf58476d1ce4e5b9;
  return size_t(mixed ^ mixed >> 32);
}

/// span() where nothing is near wrapping; else false.
bool spanNarrow(const View &view, int64_t &low, int64_t &high) {
  if (view.address > uint64_t(kMostAddress))
    return false;
  int64_t size = sizeOf(view.type), below = 0, above = size;
  for (size_t i = 0; i < view.shape.size() && i < view.strides.size(); ++i) {
    int64_t reach;
    if (view.shape[i] <= 0 ||
        __builtin_mul_overflow(view.shape[i] - 1, size, &reach) ||
        __builtin_mul_overflow(reach, view.strides[i], &reach) ||
        reach > kMostAddress || reach < -kMostAddress)
      return false;
    (reach < 0 ? below : above) += reach;
    if (below < -kMostAddress || above > kMostAddress)
      return false;
  }
  low = int64_t(view.address) + below;
  high = int64_t(view.address) + above;
  return true;
}

/// The bytes that a view spans with all counters at zero.
void span(const View &view, __int128 &low, __int128 &high) {
  if (int64_t from, to; spanNarrow(view, from, to)) {
    low = from;
    high = to;
    return;
  }
  low = __int128(view.address);
  high = low + sizeOf(view.type);
  for (size_t i = 0; i < view.shape.size() && i < view.strides.size(); ++i) {
    if (view.shape[i] <= 0) {
      high = low;
      return;
    }
    __int128 reach = reachOf(__int128(view.shape[i] - 1) * sizeOf(view.type),
                             view.strides[i]);
    (reach < 0 ? low : high) += reach;
  }
}

} // namespace

void Occupancy::expect(size_t commands) {
  accesses.reserve(accesses.size() + 2 * commands);
  begins.reserve(begins.size() + commands);
  ends.reserve(ends.size() + commands);
}

uint32_t Occupancy::declare(const Command &command,
                            const std::vector<uint64_t> &blockTrips,
                            const std::vector<uint64_t> &trips) {
  uint32_t first = numAccesses();
  auto add = [&](const View &view, bool writes) {
    if (view.space != Space::Sram)
      return;
    __int128 low, high;
    span(view, low, high);
    if (low == high)
      return;
    auto stepOf = [&](size_t loop) {
      return loop < view.steps.size() ? view.steps[loop] : 0;
    };
    auto widen = [&](uint64_t count, int64_t step) {
      __int128 reach = reachOf(__int128(count) - 1, step);
      if (count > 0)
        (reach < 0 ? low : high) += reach;
    };
    for (size_t i = 0; i < blockTrips.size(); ++i)
      widen(blockTrips[i], stepOf(i));
    uint64_t places = 1;
    for (size_t i = 0; i < trips.size(); ++i)
      if (stepOf(blockTrips.size() + i) != 0)
        places = std::min(places, kMostPlaces + 1) *
                 std::min(trips[i], kMostPlaces + 1);
    bool moving = false;
    for (size_t i = 0; i < trips.size(); ++i) {
      int64_t step = stepOf(blockTrips.size() + i);
      if (places > kMostPlaces)
        widen(trips[i], step);
      else
        moving |= step != 0;
    }
    Access access;
    access.writes = writes;
    access.range =
        rangeOf(uint64_t(clampAddress(low)), uint64_t(clampAddress(high)));
    if (moving) {
      std::vector<int64_t> steps;
      for (size_t i = 0; i < trips.size(); ++i)
        steps.push_back(stepOf(blockTrips.size() + i));
      // Cut at every place that the operand takes.
      std::vector<int64_t> offsets{0};
      for (size_t i = 0; i < trips.size(); ++i) {
        if (steps[i] == 0)
          continue;
        size_t known = offsets.size();
        for (uint64_t iv = 1; iv < trips[i]; ++iv)
          for (size_t j = 0; j < known; ++j)
            offsets.push_back(clampAddress(__int128(iv) * steps[i] +
                                           offsets[j] + kMostAddress / 2) -
                              kMostAddress / 2);
      }
      for (int64_t offset : offsets) {
        cuts.push_back(uint64_t(clampAddress(low + offset)));
        cuts.push_back(uint64_t(clampAddress(high + offset)));
      }
      access.moves = int32_t(moves.size());
      moves.push_back(std::move(steps));
    }
    accesses.push_back(access);
    noteOrigin(access.range, command.origin);
  };
  for (const View &view : command.ins)
    add(view, false);
  for (const View &view : command.outs)
    add(view, true);
  return first;
}

uint32_t Occupancy::rangeOf(uint64_t low, uint64_t high) {
  if (2 * (ranges.size() + 1) > buckets.size()) {
    buckets.assign(std::max<size_t>(1024, 4 * buckets.size()), 0);
    for (uint32_t i = 0; i < ranges.size(); ++i) {
      size_t at = hashOf(ranges[i].low, ranges[i].high) & (buckets.size() - 1);
      while (buckets[at] != 0)
        at = (at + 1) & (buckets.size() - 1);
      buckets[at] = i + 1;
    }
  }
  size_t at = hashOf(low, high) & (buckets.size() - 1);
  for (; buckets[at] != 0; at = (at + 1) & (buckets.size() - 1)) {
    const Range &range = ranges[buckets[at] - 1];
    if (range.low == low && range.high == high)
      return buckets[at] - 1;
  }
  ranges.push_back({low, high});
  buckets[at] = uint32_t(ranges.size());
  cuts.push_back(low);
  cuts.push_back(high);
  return uint32_t(ranges.size() - 1);
}

void Occupancy::noteOrigin(uint32_t range, uint32_t origin) {
  // The commands of an origin follow each other: this keeps most doubles out.
  if (origin >= rangesOf.size() || ranges[range].lastOrigin == origin)
    return;
  ranges[range].lastOrigin = origin;
  rangesOf[origin].push_back(range);
}

void Occupancy::seal() {
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  if (cuts.size() > kMostCuts) {
    std::vector<uint64_t> kept;
    size_t every = cuts.size() / kMostCuts + 1;
    for (size_t i = 0; i < cuts.size(); i += every)
      kept.push_back(cuts[i]);
    kept.push_back(cuts.back());
    kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
    cuts = std::move(kept);
  }
  size_t pieces = cuts.empty() ? 0 : cuts.size() - 1;
  states.assign(pieces, Free);
  births.resize(pieces);
  lastUse.assign(pieces, kNoEnd);
  sealed = true;
  for (Range &range : ranges)
    std::tie(range.first, range.last) = piecesIn(range.low, range.high);
}

std::pair<uint32_t, uint32_t> Occupancy::piecesIn(uint64_t low,
                                                  uint64_t high) const {
  // Outward, so that merged pieces count in full.
  auto first = std::upper_bound(cuts.begin(), cuts.end(), low);
  auto last = std::lower_bound(cuts.begin(), cuts.end(), high);
  uint32_t from =
      uint32_t(first == cuts.begin() ? 0 : first - cuts.begin() - 1);
  uint32_t to = uint32_t(last - cuts.begin());
  to = std::min<uint32_t>(to, uint32_t(states.size()));
  return {from, std::max(from, to)};
}

std::pair<uint32_t, uint32_t>
Occupancy::piecesAt(const Access &access,
                    const std::vector<uint64_t> &iv) const {
  const Range &range = ranges[access.range];
  if (access.moves < 0)
    return {range.first, range.last};
  const std::vector<int64_t> &steps = moves[size_t(access.moves)];
  __int128 offset = 0;
  for (size_t i = 0; i < steps.size() && i < iv.size(); ++i)
    offset += reachOf(iv[i], steps[i]);
  return piecesIn(uint64_t(clampAddress(offset + range.low)),
                  uint64_t(clampAddress(offset + range.high)));
}

uint32_t Occupancy::changeAt(std::vector<Change> &list, uint64_t cycle) {
  if (list.empty() || list.back().cycle != cycle)
    list.push_back({cycle, 0});
  return uint32_t(list.size() - 1);
}

void Occupancy::close(uint32_t first, uint32_t last) {
  // Pieces of one buffer have one life.
  for (uint32_t from = first, to; from < last; from = to) {
    for (to = from + 1; to < last && births[to] == births[from] &&
                        lastUse[to] == lastUse[from];)
      ++to;
    if (lastUse[from] == kNoEnd)
      continue;
    uint64_t bytes = cuts[to] - cuts[from];
    begins[births[from]].bytes += bytes;
    ends[lastUse[from]].bytes += bytes;
  }
}

void Occupancy::started(uint32_t first, uint32_t count,
                        const std::vector<uint64_t> &iv, uint64_t cycle) {
  uint32_t begin = changeAt(begins, cycle);
  for (uint32_t i = first; i < first + count; ++i) {
    const Access &access = accesses[i];
    auto [p, last] = piecesAt(access, iv);
    while (p < last) {
      State state = states[p];
      uint32_t to = p + 1;
      while (to < last && states[to] == state)
        ++to;
      // A write after a read begins a new life; one after a write (tiles of
      // the same buffer, accumulation) continues the old.
      if (state == Free || (state == Read && access.writes)) {
        if (state == Read)
          close(p, to);
        std::fill(states.begin() + p, states.begin() + to, Written);
        std::fill(births.begin() + p, births.begin() + to, begin);
        std::fill(lastUse.begin() + p, lastUse.begin() + to, kNoEnd);
      }
      p = to;
    }
  }
}

void Occupancy::ended(uint32_t first, uint32_t count,
                      const std::vector<uint64_t> &iv, uint64_t cycle) {
  uint32_t end = changeAt(ends, cycle);
  for (uint32_t i = first; i < first + count; ++i) {
    const Access &access = accesses[i];
    auto [from, to] = piecesAt(access, iv);
    std::fill(lastUse.begin() + from, lastUse.begin() + to, end);
    // What started is not free.
    if (!access.writes)
      std::fill(states.begin() + from, states.begin() + to, Read);
  }
}

void Occupancy::finish(ClockResult &result) {
  for (uint32_t from = 0, to; from < states.size(); from = to) {
    for (to = from + 1;
         to < states.size() && (states[to] == Free) == (states[from] == Free);)
      ++to;
    if (states[from] != Free)
      close(from, to);
  }
  uint64_t bytes = 0;
  for (size_t i = 0, j = 0; i < begins.size() || j < ends.size();) {
    uint64_t cycle = j == ends.size() || (i < begins.size() &&
                                          begins[i].cycle <= ends[j].cycle)
                         ? begins[i].cycle
                         : ends[j].cycle;
    if (i < begins.size() && begins[i].cycle == cycle)
      bytes += begins[i++].bytes;
    if (j < ends.size() && ends[j].cycle == cycle)
      bytes -= ends[j++].bytes;
    if (!result.occupancy.empty() && result.occupancy.back().bytes == bytes)
      continue;
    result.occupancy.push_back({cycle, bytes});
    result.peakSramBytes = std::max(result.peakSramBytes, bytes);
  }
  begins.clear();
  ends.clear();
}

uint64_t Occupancy::bytesOf(uint32_t origin) {
  if (origin >= rangesOf.size())
    return 0;
  std::vector<uint32_t> &used = rangesOf[origin];
  std::sort(used.begin(), used.end(), [&](uint32_t a, uint32_t b) {
    return std::tie(ranges[a].first, ranges[a].last) <
           std::tie(ranges[b].first, ranges[b].last);
  });
  uint64_t bytes = 0;
  uint32_t done = 0;
  for (uint32_t index : used) {
    const Range &range = ranges[index];
    if (uint32_t from = std::max(range.first, done); from < range.last)
      bytes += cuts[range.last] - cuts[from];
    done = std::max(done, range.last);
  }
  return bytes;
}

} // namespace hybridc::exec::clock
