//===- Share.cpp - Commands that compete for alike resources --------------===//

#include "Share.h"

#include <algorithm>
#include <limits>

namespace hybridc::exec::clock {

namespace {

/// Sums of parts that fill a resource exactly are not more than it has.
constexpr double kFull = 1 + 1e-9;
constexpr double kNoLevel = std::numeric_limits<double>::infinity();

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

/// The level at which `resources` are full: each open sharer then has that much
/// of the resource that it wants most, or all it asks for. Infinite if they
/// never are.
double Share::levelOf(uint64_t resources,
                      const std::vector<Sharer> &sharers) const {
  double left = 1, slope = 0;
  for (size_t i = 0; i < sharers.size(); ++i) {
    double want = wantOf(sharers[i], resources);
    if (isOpen[i])
      slope += want / mosts[i];
    else
      left -= want;
  }
  for (size_t i : order) {
    if (!isOpen[i])
      continue;
    double want = wantOf(sharers[i], resources);
    if (want <= 0)
      continue;
    if (left < mosts[i] * slope * (1 - 1e-9))
      return std::max(left, 0.0) / slope;
    left -= want;
    slope -= want / mosts[i];
  }
  return kNoLevel;
}

bool Share::divide(std::vector<Sharer> &sharers) {
  mosts.clear();
  order.clear();
  isOpen.clear();
  double bound = 0;
  for (size_t i = 0; i < sharers.size(); ++i) {
    double most = sharers[i].speed * sharers[i].demand.most();
    bound += most;
    mosts.push_back(most);
    isOpen.push_back(most > 0);
    if (most <= 0)
      continue;
    // They are few, and nothing is to be allocated for them.
    order.push_back(i);
    for (size_t j = order.size() - 1;
         j > 0 && mosts[order[j]] < mosts[order[j - 1]]; --j)
      std::swap(order[j], order[j - 1]);
  }
  if (bound <= kFull)
    return false;
  splitClasses(sharers);
  bool lowered = false;
  while (true) {
    // The resources that fill first bound those who use them.
    double level = kNoLevel;
    uint64_t full = 0;
    for (uint64_t resources : classes)
      if (double each = levelOf(resources, sharers); each < level) {
        level = each;
        full = resources;
      }
    if (full == 0)
      return lowered;
    for (size_t i : order)
      if (isOpen[i] && wantOf(sharers[i], full) > 0) {
        isOpen[i] = 0;
        if (level < mosts[i]) {
          sharers[i].speed *= level / mosts[i];
          lowered = true;
        }
      }
  }
}

} // namespace hybridc::exec::clock
