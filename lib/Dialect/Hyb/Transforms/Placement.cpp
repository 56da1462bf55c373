//===- Placement.cpp - Who gets the arrays --------------------------------===//
#include "hybridc/Dialect/Hyb/Transforms/Placement.h"

#include <algorithm>

namespace hybridc::hyb {

namespace {

constexpr double kMostStates = 2e7;

using Groups = std::vector<std::vector<ArrayOption>>;

std::vector<int> greedy(const Groups &groups, std::vector<uint64_t> left) {
  struct Entry {
    double rate;
    size_t group;
    int option;
  };
  std::vector<Entry> entries;
  for (size_t g = 0; g < groups.size(); ++g)
    for (size_t o = 0; o < groups[g].size(); ++o)
      if (const ArrayOption &option = groups[g][o]; option.gain > 0)
        entries.push_back(
            {option.gain / double(std::max<uint64_t>(1, option.need)), g,
             int(o)});
  std::stable_sort(
      entries.begin(), entries.end(),
      [](const Entry &a, const Entry &b) { return a.rate > b.rate; });
  std::vector<int> choice(groups.size(), -1);
  for (const Entry &entry : entries) {
    const ArrayOption &option = groups[entry.group][entry.option];
    if (choice[entry.group] >= 0 || option.need > left[option.kind])
      continue;
    left[option.kind] -= option.need;
    choice[entry.group] = entry.option;
  }
  return choice;
}

} // namespace

std::vector<int> chooseArrays(const Groups &groups,
                              const std::vector<uint64_t> &capacity) {
  double states = 1;
  std::vector<size_t> radix; // of each kind, in the number of a state
  for (uint64_t arrays : capacity) {
    radix.push_back(static_cast<size_t>(std::min(states, kMostStates)));
    states *= double(arrays) + 1;
  }
  if (states * double(groups.size() + 1) > kMostStates)
    return greedy(groups, capacity);

  // best[s]: the most that the groups from g on gain with s arrays left.
  size_t count = static_cast<size_t>(states);
  std::vector<double> best(count, 0), next;
  std::vector<std::vector<int8_t>> taken(groups.size());
  for (size_t g = groups.size(); g-- > 0;) {
    next = best;
    taken[g].assign(count, -1);
    for (size_t o = 0; o < groups[g].size() && o < 127; ++o) {
      const ArrayOption &option = groups[g][o];
      if (option.gain <= 0)
        continue;
      size_t step = radix[option.kind] * option.need;
      uint64_t limit = capacity[option.kind] + 1;
      for (size_t s = 0; s < count; ++s) {
        if (s / radix[option.kind] % limit < option.need)
          continue;
        double gain = best[s - step] + option.gain;
        if (gain > next[s]) {
          next[s] = gain;
          taken[g][s] = int8_t(o);
        }
      }
    }
    best.swap(next);
  }
  std::vector<int> choice;
  size_t state = count - 1;
  for (size_t g = 0; g < groups.size(); ++g) {
    int option = taken[g][state];
    choice.push_back(option);
    if (option >= 0)
      state -= radix[groups[g][option].kind] * groups[g][option].need;
  }
  return choice;
}

} // namespace hybridc::hyb
