//===- Tracker.cpp --------------------------------------------------------===//
#include "Tracker.h"

#include <algorithm>

namespace hybridc::stream::hazards {

Tracker::Map::iterator Tracker::find(uint64_t first) {
  auto at = cells.upper_bound(first);
  if (at != cells.begin() && std::prev(at)->second.last > first)
    --at;
  return at;
}

void Tracker::split(uint64_t at) {
  auto cell = find(at);
  if (cell == cells.end() || cell->first >= at)
    return;
  Cell upper = cell->second;
  cell->second.last = at;
  cells.emplace_hint(std::next(cell), at, std::move(upper));
}

void Tracker::erase(uint64_t first, uint64_t last) {
  split(first);
  split(last);
  cells.erase(cells.lower_bound(first), cells.lower_bound(last));
}

void Tracker::refresh(Cell &cell) {
  if (cell.epoch == epoch)
    return;
  cell.epoch = epoch;
  cell.hasWriter = false;
  cell.readers.clear();
}

Finding Tracker::read(uint64_t first, uint64_t last, Access by,
                      const Clock &clock, uint64_t &conflicts) {
  split(first);
  split(last);
  uint64_t covered = first;
  for (auto at = cells.lower_bound(first);
       at != cells.end() && at->first < last; ++at) {
    if (at->first != covered)
      return {Finding::Unwritten, false, {}, covered, at->first};
    Cell &cell = at->second;
    covered = cell.last;
    refresh(cell);
    if (cell.hasWriter && cell.writer.queue != by.queue) {
      if (!isBefore(cell.writer, clock))
        return {Finding::Race, true, cell.writer, at->first, cell.last};
      ++conflicts;
    }
    auto mine = std::find_if(
        cell.readers.begin(), cell.readers.end(),
        [&](const Access &reader) { return reader.queue == by.queue; });
    if (mine == cell.readers.end())
      cell.readers.push_back(by);
    else
      mine->index = by.index;
  }
  if (covered < last)
    return {Finding::Unwritten, false, {}, covered, last};
  return {};
}

Finding Tracker::write(uint64_t first, uint64_t last, Access by,
                       const Clock &clock, uint64_t &conflicts) {
  for (auto at = find(first); at != cells.end() && at->first < last; ++at) {
    Cell &cell = at->second;
    refresh(cell);
    auto from = std::max(first, at->first), to = std::min(last, cell.last);
    if (cell.hasWriter && cell.writer.queue != by.queue) {
      if (!isBefore(cell.writer, clock))
        return {Finding::Race, true, cell.writer, from, to};
      ++conflicts;
    }
    for (const Access &reader : cell.readers) {
      if (reader.queue == by.queue)
        continue;
      if (!isBefore(reader, clock))
        return {Finding::Race, false, reader, from, to};
      ++conflicts;
    }
  }
  erase(first, last);
  // A further run of the same command right behind the one before.
  auto next = cells.lower_bound(first);
  if (next != cells.begin()) {
    Cell &previous = std::prev(next)->second;
    if (previous.last == first && previous.epoch == epoch &&
        previous.hasWriter && previous.writer.queue == by.queue &&
        previous.writer.index == by.index) {
      previous.last = last;
      return {};
    }
  }
  cells.emplace_hint(next, first, Cell{last, epoch, true, by, {}});
  return {};
}

void Tracker::unite(const Tracker &other) {
  for (const auto &[first, cell] : other.cells) {
    uint64_t at = first;
    // Fill the gaps alone: what is here already stays.
    while (at < cell.last) {
      auto here = find(at);
      if (here != cells.end() && here->first <= at) {
        at = here->second.last;
        continue;
      }
      uint64_t end =
          here == cells.end() ? cell.last : std::min(cell.last, here->first);
      cells.emplace_hint(here, at, Cell{end, 0, false, {}, {}});
      at = end;
    }
  }
}

} // namespace hybridc::stream::hazards
