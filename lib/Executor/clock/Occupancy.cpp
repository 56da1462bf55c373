//===- Occupancy.cpp - Which bytes of the scratchpad are in use
//------------===//

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

/// The bytes that a view spans with all counters at zero.
void span(const View &view, __int128 &low, __int128 &high) {
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
    Access access;
    access.writes = writes;
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
    bool moves = false;
    for (size_t i = 0; i < trips.size(); ++i) {
      int64_t step = stepOf(blockTrips.size() + i);
      if (places > kMostPlaces)
        widen(trips[i], step);
      else
        moves |= step != 0;
    }
    access.low = uint64_t(clampAddress(low));
    access.high = uint64_t(clampAddress(high));
    cuts.push_back(access.low);
    cuts.push_back(access.high);
    if (moves) {
      for (size_t i = 0; i < trips.size(); ++i)
        access.steps.push_back(stepOf(blockTrips.size() + i));
      // Cut at every place that the operand takes.
      std::vector<int64_t> offsets{0};
      for (size_t i = 0; i < trips.size(); ++i) {
        if (access.steps[i] == 0)
          continue;
        size_t known = offsets.size();
        for (uint64_t iv = 1; iv < trips[i]; ++iv)
          for (size_t j = 0; j < known; ++j)
            offsets.push_back(clampAddress(__int128(iv) * access.steps[i] +
                                           offsets[j] + kMostAddress / 2) -
                              kMostAddress / 2);
      }
      for (int64_t offset : offsets) {
        cuts.push_back(uint64_t(clampAddress(low + offset)));
        cuts.push_back(uint64_t(clampAddress(high + offset)));
      }
    }
    accesses.push_back(std::move(access));
  };
  for (const View &view : command.ins)
    add(view, false);
  for (const View &view : command.outs)
    add(view, true);
  return first;
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
  pieces.resize(cuts.empty() ? 0 : cuts.size() - 1);
  for (size_t i = 0; i < pieces.size(); ++i)
    pieces[i].bytes = cuts[i + 1] - cuts[i];
  sealed = true;
  for (Access &access : accesses)
    std::tie(access.first, access.last) = piecesOf(access, {});
}

std::pair<uint32_t, uint32_t>
Occupancy::piecesOf(const Access &access,
                    const std::vector<uint64_t> &iv) const {
  __int128 offset = 0;
  for (size_t i = 0; i < access.steps.size() && i < iv.size(); ++i)
    offset += reachOf(iv[i], access.steps[i]);
  uint64_t low = uint64_t(clampAddress(offset + access.low));
  uint64_t high = uint64_t(clampAddress(offset + access.high));
  // Outward, so that merged pieces count in full.
  auto first = std::upper_bound(cuts.begin(), cuts.end(), low);
  auto last = std::lower_bound(cuts.begin(), cuts.end(), high);
  uint32_t from =
      uint32_t(first == cuts.begin() ? 0 : first - cuts.begin() - 1);
  uint32_t to = uint32_t(last - cuts.begin());
  to = std::min<uint32_t>(to, uint32_t(pieces.size()));
  return {from, std::max(from, to)};
}

std::pair<uint32_t, uint32_t>
Occupancy::piecesAt(const Access &access,
                    const std::vector<uint64_t> &iv) const {
  return access.steps.empty() ? std::pair(access.first, access.last)
                              : piecesOf(access, iv);
}

void Occupancy::close(Piece &piece) {
  if (piece.live && piece.lastUse > piece.begin) {
    // Pieces of one buffer are closed one after the other, with one life.
    size_t n = changes.size();
    if (n >= 2 && changes[n - 2].cycle == piece.begin &&
        changes[n - 1].cycle == piece.lastUse && changes[n - 2].bytes > 0 &&
        changes[n - 1].bytes < 0) {
      changes[n - 2].bytes += int64_t(piece.bytes);
      changes[n - 1].bytes -= int64_t(piece.bytes);
    } else {
      changes.push_back({piece.begin, int64_t(piece.bytes)});
      changes.push_back({piece.lastUse, -int64_t(piece.bytes)});
    }
  }
  piece.live = piece.read = false;
}

void Occupancy::started(uint32_t first, uint32_t count,
                        const std::vector<uint64_t> &iv, uint64_t cycle) {
  for (uint32_t i = first; i < first + count; ++i) {
    const Access &access = accesses[i];
    auto [from, to] = piecesAt(access, iv);
    for (uint32_t p = from; p < to; ++p) {
      Piece &piece = pieces[p];
      // A write after a read begins a new life; one after a write (tiles of
      // the same buffer, accumulation) continues the old.
      if (access.writes && piece.live && piece.read && piece.lastUse <= cycle)
        close(piece);
      if (!piece.live) {
        piece.live = true;
        piece.read = false;
        piece.begin = piece.lastUse = cycle;
      }
    }
  }
}

void Occupancy::ended(uint32_t first, uint32_t count,
                      const std::vector<uint64_t> &iv, uint64_t cycle) {
  for (uint32_t i = first; i < first + count; ++i) {
    const Access &access = accesses[i];
    auto [from, to] = piecesAt(access, iv);
    for (uint32_t p = from; p < to; ++p) {
      pieces[p].lastUse = std::max(pieces[p].lastUse, cycle);
      pieces[p].read |= !access.writes;
    }
  }
}

void Occupancy::finish(ClockResult &result) {
  for (Piece &piece : pieces)
    close(piece);
  std::sort(changes.begin(), changes.end(),
            [](const Change &a, const Change &b) { return a.cycle < b.cycle; });
  int64_t bytes = 0;
  for (size_t i = 0; i < changes.size();) {
    uint64_t cycle = changes[i].cycle;
    for (; i < changes.size() && changes[i].cycle == cycle; ++i)
      bytes += changes[i].bytes;
    uint64_t now = uint64_t(std::max<int64_t>(0, bytes));
    if (!result.occupancy.empty() && result.occupancy.back().bytes == now)
      continue;
    result.occupancy.push_back({cycle, now});
    result.peakSramBytes = std::max(result.peakSramBytes, now);
  }
  changes.clear();
}

uint64_t Occupancy::bytesOf(const std::vector<uint32_t> &accessIndices) const {
  std::vector<std::pair<uint32_t, uint32_t>> ranges;
  for (uint32_t index : accessIndices) {
    const Access &access = accesses[index];
    ranges.emplace_back(access.first, access.last);
  }
  std::sort(ranges.begin(), ranges.end());
  uint64_t bytes = 0;
  uint32_t done = 0;
  for (auto [from, to] : ranges) {
    for (uint32_t p = std::max(from, done); p < to; ++p)
      bytes += pieces[p].bytes;
    done = std::max(done, to);
  }
  return bytes;
}

} // namespace hybridc::exec::clock
