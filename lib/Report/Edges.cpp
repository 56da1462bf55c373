//===- Edges.cpp - Which rows feed which ----------------------------------===//
//
// The stream has no graph, only bytes: a row reads from whoever wrote those
// bytes last. Rows count as running one after the other, in their order.
// In the scratchpad, what a row writes itself is its own scratch: reading it
// makes no edge.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Report/Results.h"

#include <algorithm>
#include <map>

namespace hybridc::report {
namespace {

struct Range {
  uint64_t first = 0, last = 0; ///< [first, last)
};

/// Beyond this many contiguous runs a view counts as its hull.
constexpr uint64_t kMostRuns = 1024;
/// The scratchpad lies behind all of DRAM here.
constexpr uint64_t kSramBase = uint64_t(1) << 62;

struct Touched {
  std::vector<Range> reads, writes;
};

void sortAndMerge(std::vector<Range> &ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const Range &a, const Range &b) {
    return a.first < b.first || (a.first == b.first && a.last < b.last);
  });
  size_t kept = 0;
  for (const Range &range : ranges) {
    if (kept && range.first <= ranges[kept - 1].last)
      ranges[kept - 1].last = std::max(ranges[kept - 1].last, range.last);
    else
      ranges[kept++] = range;
  }
  ranges.resize(kept);
}

/// The bytes of `view` over all iterations of the loops around it.
void addRanges(const stream::View &view, const std::vector<uint64_t> &counts,
               std::vector<Range> &out) {
  struct Dim {
    int64_t extent, stride;
  };
  int64_t size = stream::sizeOf(view.type);
  int64_t base = static_cast<int64_t>(view.address);
  std::vector<Dim> dims;
  auto add = [&](int64_t extent, int64_t stride) {
    if (extent <= 1 || stride == 0)
      return;
    if (stride < 0) {
      base += stride * (extent - 1);
      stride = -stride;
    }
    dims.push_back({extent, stride});
  };
  for (size_t d = 0; d < view.shape.size() && d < view.strides.size(); ++d) {
    if (view.shape[d] == 0)
      return;
    add(view.shape[d], view.strides[d] * size);
  }
  for (size_t l = 0; l < view.steps.size() && l < counts.size(); ++l)
    add(static_cast<int64_t>(counts[l]), view.steps[l]);
  std::sort(dims.begin(), dims.end(),
            [](const Dim &a, const Dim &b) { return a.stride < b.stride; });
  int64_t run = size, hull = size;
  uint64_t runs = 1;
  std::vector<Dim> outer;
  for (const Dim &dim : dims) {
    hull += dim.stride * (dim.extent - 1);
    if (outer.empty() && dim.stride <= run) {
      run += dim.stride * (dim.extent - 1);
      continue;
    }
    outer.push_back(dim);
    runs = std::min(runs * uint64_t(dim.extent), kMostRuns + 1);
  }
  if (base < 0)
    return;
  uint64_t at = static_cast<uint64_t>(base) +
                (view.space == stream::Space::Sram ? kSramBase : 0);
  if (runs > kMostRuns) {
    out.push_back({at, at + uint64_t(hull)});
    return;
  }
  for (uint64_t i = 0; i < runs; ++i) {
    uint64_t rest = i, offset = 0;
    for (const Dim &dim : outer) {
      offset += rest % uint64_t(dim.extent) * uint64_t(dim.stride);
      rest /= uint64_t(dim.extent);
    }
    out.push_back({at + offset, at + offset + uint64_t(run)});
  }
}

class Walker {
public:
  Walker(const std::vector<int32_t> &rows, size_t numRows)
      : rows(rows), touched(numRows) {}

  std::vector<Touched> touchedBy(const stream::Block &block) {
    walk(block);
    for (Touched &row : touched) {
      sortAndMerge(row.reads);
      sortAndMerge(row.writes);
    }
    return std::move(touched);
  }

private:
  const std::vector<int32_t> &rows;
  std::vector<Touched> touched;
  std::vector<uint64_t> counts;

  void walk(const stream::Command &command) {
    if (command.origin >= rows.size() || rows[command.origin] < 0)
      return;
    Touched &row = touched[static_cast<size_t>(rows[command.origin])];
    for (const stream::View &view : command.ins)
      addRanges(view, counts, row.reads);
    for (const stream::View &view : command.outs)
      addRanges(view, counts, row.writes);
  }

  void walk(const std::vector<stream::Item> &items) {
    for (const stream::Item &item : items) {
      if (auto *command = std::get_if<stream::Command>(&item.node)) {
        walk(*command);
        continue;
      }
      const auto &repeat = std::get<stream::Repeat>(item.node);
      counts.push_back(repeat.count);
      walk(repeat.body);
      counts.pop_back();
    }
  }

  void walk(const stream::Block &block) {
    for (const stream::Node &node : block.nodes) {
      if (auto *segment = std::get_if<stream::Segment>(&node.node)) {
        for (const stream::Queue &queue : segment->queues)
          walk(queue.items);
      } else if (auto *branch = std::get_if<stream::If>(&node.node)) {
        walk(branch->thenBlock);
        walk(branch->elseBlock);
      } else {
        const auto &loop = std::get<stream::Loop>(node.node);
        counts.push_back(std::max<uint64_t>(1, loop.maxTrips));
        walk(loop.body);
        counts.pop_back();
      }
    }
  }
};

/// Who wrote each byte last.
class LastWriter {
public:
  void write(Range range, int32_t writer) {
    cut(range.first);
    cut(range.last);
    pieces.erase(pieces.lower_bound(range.first),
                 pieces.lower_bound(range.last));
    pieces[range.first] = {range.last, writer};
  }

  /// Calls `each(bytes, writer)`.
  template <typename F> void read(Range range, F each) const {
    auto it = pieces.upper_bound(range.first);
    if (it != pieces.begin())
      --it;
    for (; it != pieces.end() && it->first < range.last; ++it) {
      uint64_t first = std::max(it->first, range.first);
      uint64_t last = std::min(it->second.last, range.last);
      if (first < last)
        each(last - first, it->second.writer);
    }
  }

private:
  struct Piece {
    uint64_t last;
    int32_t writer;
  };
  std::map<uint64_t, Piece> pieces;

  /// No piece crosses `at` afterwards.
  void cut(uint64_t at) {
    auto it = pieces.lower_bound(at);
    if (it == pieces.begin())
      return;
    --it;
    if (it->second.last <= at)
      return;
    pieces[at] = it->second;
    it->second.last = at;
  }
};

/// The parts of `range` outside `own`, which is sorted and merged.
template <typename F>
void without(Range range, const std::vector<Range> &own, F each) {
  auto it =
      std::upper_bound(own.begin(), own.end(), range.first,
                       [](uint64_t at, const Range &r) { return at < r.last; });
  for (; it != own.end() && it->first < range.last; ++it) {
    if (it->first > range.first)
      each(Range{range.first, it->first});
    range.first = it->last;
    if (range.first >= range.last)
      return;
  }
  each(range);
}

} // namespace

std::vector<Edge> findEdges(const stream::Entry &entry,
                            const std::vector<int32_t> &rows, size_t numRows) {
  std::vector<Touched> touched = Walker(rows, numRows).touchedBy(entry.body);
  LastWriter writers;
  std::vector<Range> ranges;
  for (const stream::Binding &binding : entry.inputs)
    addRanges(binding.view, {}, ranges);
  for (const Range &range : ranges)
    writers.write(range, -1);
  std::vector<Edge> edges;
  using Sources = std::map<int32_t, Edge>;
  auto connect = [&](const Sources &sources, int32_t to) {
    for (auto [from, edge] : sources)
      if (from != to)
        edges.push_back({from, to, edge.bytes, edge.sram_bytes});
  };
  auto readInto = [&](Sources &sources, Range range) {
    writers.read(range, [&](uint64_t bytes, int32_t writer) {
      sources[writer].bytes += bytes;
      if (range.first >= kSramBase)
        sources[writer].sram_bytes += bytes;
    });
  };
  for (size_t row = 0; row < touched.size(); ++row) {
    Sources sources;
    auto count = [&](Range range) { readInto(sources, range); };
    for (const Range &range : touched[row].reads) {
      if (range.first >= kSramBase)
        without(range, touched[row].writes, count);
      else
        count(range);
    }
    connect(sources, static_cast<int32_t>(row));
    for (const Range &range : touched[row].writes)
      writers.write(range, static_cast<int32_t>(row));
  }
  Sources sources;
  ranges.clear();
  for (const stream::Binding &binding : entry.outputs)
    addRanges(binding.view, {}, ranges);
  for (const Range &range : ranges)
    readInto(sources, range);
  connect(sources, -1);
  return edges;
}

} // namespace hybridc::report
