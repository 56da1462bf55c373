//===- Assign.cpp - The assignment of least cost --------------------------===//
#include "hybridc/Chip/FaultMapping.h"

#include <limits>

namespace hybridc::chip {

// Rows are added one by one; each takes the shortest path, in reduced costs
// cost − u − v, over rows that give up their column to a free column.
std::vector<uint32_t> assign(std::span<const double> cost, size_t n, size_t m) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr size_t none = static_cast<size_t>(-1);
  std::vector<double> u(n, 0.0), v(m, 0.0), distance(m);
  std::vector<size_t> rowOf(m, none), before(m);
  std::vector<bool> isDone(m);
  for (size_t start = 0; start < n; ++start) {
    distance.assign(m, infinity);
    isDone.assign(m, false);
    std::vector<size_t> path;
    size_t row = start, from = none, sink = none;
    double reached = 0;
    while (sink == none) {
      size_t next = none;
      for (size_t j = 0; j < m; ++j) {
        if (isDone[j])
          continue;
        double d = reached + cost[row * m + j] - u[row] - v[j];
        if (d < distance[j]) {
          distance[j] = d;
          before[j] = from;
        }
        // Of equals a free column ends the search soonest.
        if (next == none || distance[j] < distance[next] ||
            (distance[j] == distance[next] && rowOf[next] != none &&
             rowOf[j] == none))
          next = j;
      }
      reached = distance[next];
      isDone[next] = true;
      path.push_back(next);
      if (rowOf[next] == none) {
        sink = next;
      } else {
        from = next;
        row = rowOf[next];
      }
    }
    u[start] += reached;
    for (size_t j : path) {
      if (j == sink)
        continue;
      u[rowOf[j]] += reached - distance[j];
      v[j] -= reached - distance[j];
    }
    for (size_t j = sink; j != none;) {
      size_t previous = before[j];
      rowOf[j] = previous == none ? start : rowOf[previous];
      j = previous;
    }
  }
  std::vector<uint32_t> result(n);
  for (size_t j = 0; j < m; ++j)
    if (rowOf[j] != none)
      result[rowOf[j]] = static_cast<uint32_t>(j);
  return result;
}

} // namespace hybridc::chip
