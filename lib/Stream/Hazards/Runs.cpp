//===- Runs.cpp -----------------------------------------------------------===//
#include "Runs.h"

#include <algorithm>

namespace hybridc::stream::hazards {

Runs::Runs(const View &view) : start(view.address) {
  if (numElements(view) == 0)
    return;
  unsigned size = sizeOf(view.type);
  std::vector<Dim> dims;
  for (size_t i = 0; i < view.shape.size(); ++i) {
    int64_t stride = view.strides[i] * size;
    if (view.shape[i] == 1 || stride == 0)
      continue;
    // Backwards is the same bytes as forwards from the other end.
    if (stride < 0) {
      start += static_cast<uint64_t>(stride * (view.shape[i] - 1));
      stride = -stride;
    }
    dims.push_back({static_cast<uint64_t>(stride), view.shape[i]});
  }
  std::sort(dims.begin(), dims.end(),
            [](const Dim &a, const Dim &b) { return a.stride < b.stride; });
  length = size;
  for (const Dim &dim : dims) {
    uint64_t distance = dim.stride * static_cast<uint64_t>(dim.extent - 1);
    reach += distance;
    // Steps no longer than the run leave no gap: the run grows. After a gap
    // strides are longer than the run.
    if (dim.stride <= length)
      length += distance;
    else
      outer.push_back(dim);
  }
  reach += size;
}

bool overlap(const Runs &a, int64_t aOffset, const Runs &b, int64_t bOffset) {
  if (a.empty() || b.empty() || a.last(aOffset) <= b.first(bOffset) ||
      b.last(bOffset) <= a.first(aOffset))
    return false;
  using Range = std::pair<uint64_t, uint64_t>;
  auto ranges = [](const Runs &runs, int64_t offset) {
    std::vector<Range> list;
    runs.forEach(offset, [&](uint64_t first, uint64_t last) {
      list.push_back({first, last});
      return true;
    });
    std::sort(list.begin(), list.end());
    return list;
  };
  std::vector<Range> as = ranges(a, aOffset), bs = ranges(b, bOffset);
  // Runs of one view have one length: sorted by start is sorted by end.
  for (size_t i = 0, j = 0; i < as.size() && j < bs.size();) {
    if (as[i].second <= bs[j].first)
      ++i;
    else if (bs[j].second <= as[i].first)
      ++j;
    else
      return true;
  }
  return false;
}

} // namespace hybridc::stream::hazards
