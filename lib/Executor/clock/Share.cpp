//===- Share.cpp - Commands that compete for alike resources --------------===//

#include "Share.h"

#include <algorithm>

namespace hybridc::exec::clock {

namespace {

/// Sums of parts that fill a resource exactly are not more than it has.
constexpr double kFull = 1 + 1e-9;

double wantOf(const Sharer &sharer, uint64_t resources) {
  const Demand &demand = sharer.demand;
  return sharer.speed *
         (demand.even + (demand.mask & resources ? demand.focused : 0));
}

} // namespace

void Share::splitClasses(const std::vector<Sharer> &sharers) {
  classes.assign(1, ~uint64_t(0));
  for (const Sharer &sharer : sharers) {
    if (sharer.demand.focused <= 0)
      continue;
    for (size_t i = 0, known = classes.size(); i < known; ++i) {
      uint64_t inside = classes[i] & sharer.demand.mask;
      if (inside == 0 || inside == classes[i])
        continue;
      classes.push_back(inside);
      classes[i] &= ~sharer.demand.mask;
    }
  }
}

bool Share::divide(std::vector<Sharer> &sharers) {
  double bound = 0;
  for (const Sharer &sharer : sharers)
    bound += sharer.speed * sharer.demand.most();
  if (bound <= kFull)
    return false;
  splitClasses(sharers);
  bool lowered = false;
  for (size_t round = 0; round < classes.size(); ++round) {
    uint64_t worst = 0;
    double most = kFull;
    for (uint64_t resources : classes) {
      double sum = 0;
      for (const Sharer &sharer : sharers)
        sum += wantOf(sharer, resources);
      if (sum > most) {
        most = sum;
        worst = resources;
      }
    }
    if (worst == 0)
      break;
    wants.clear();
    order.clear();
    for (size_t i = 0; i < sharers.size(); ++i) {
      wants.push_back(wantOf(sharers[i], worst));
      if (wants[i] <= 0)
        continue;
      // Sorted as they come: they are few.
      size_t at = order.size();
      order.push_back(i);
      for (; at > 0 && wants[order[at - 1]] > wants[i]; --at)
        order[at] = order[at - 1];
      order[at] = i;
    }
    double left = 1;
    for (size_t i = 0; i < order.size(); ++i) {
      double want = wants[order[i]];
      double given = std::min(want, left / double(order.size() - i));
      left -= given;
      if (given < want) {
        sharers[order[i]].speed *= given / want;
        lowered = true;
      }
    }
  }
  return lowered;
}

} // namespace hybridc::exec::clock
