//===- Sync.cpp - Which command must wait for which -----------------------===//
#include "Sync.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cstdlib>

using namespace hybridc;
using namespace hybridc::lower;

namespace {
/// The bytes that a command touches: all between begin and end, or, where the
/// strides say so, rows of them.
struct Access {
  uint64_t begin = 0, end = 0;
  uint64_t base = 0;                  ///< where the view's buffer starts
  const stream::View *view = nullptr; ///< null: an array
  uint32_t step = 0;
  bool writes = false;
};
} // namespace

static Access accessOf(const stream::View &view, uint64_t base, uint32_t step,
                       bool writes) {
  Access access;
  access.base = base;
  access.view = &view;
  access.step = step;
  access.writes = writes;
  int64_t low = 0, high = 0;
  for (size_t d = 0; d < view.shape.size(); ++d) {
    int64_t reach = (view.shape[d] - 1) * view.strides[d];
    (reach < 0 ? low : high) += reach;
  }
  int64_t size = stream::sizeOf(view.type);
  access.begin = view.address + low * size;
  access.end = view.address + (high + 1) * size;
  return access;
}

/// The indices of a box's first element in its buffer, by the strides of
/// `order` (descending). Fails unless the box lies within one step of each
/// larger stride, so that the indices are unique.
static bool indicesOf(const Access &access, const std::vector<size_t> &order,
                      std::vector<int64_t> &indices, int64_t &rest) {
  const stream::View &view = *access.view;
  rest = static_cast<int64_t>((view.address - access.base) /
                              stream::sizeOf(view.type));
  for (size_t i = 0; i < order.size(); ++i) {
    size_t d = order[i];
    indices.push_back(rest / view.strides[d]);
    rest %= view.strides[d];
    if (i && (indices.back() + view.shape[d]) * view.strides[d] >
                 view.strides[order[i - 1]])
      return false;
  }
  return true;
}

/// True when two boxes of one buffer, cut with the same strides, are apart in
/// some dimension.
static bool apart(const Access &a, const Access &b) {
  const stream::View &x = *a.view, &y = *b.view;
  if (a.base != b.base || x.type != y.type || x.strides != y.strides ||
      !x.steps.empty() || !y.steps.empty())
    return false;
  std::vector<size_t> order;
  for (size_t d = 0; d < x.strides.size(); ++d) {
    if (x.strides[d] < 0)
      return false;
    if (x.strides[d] > 0 && (x.shape[d] > 1 || y.shape[d] > 1))
      order.push_back(d);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t p, size_t q) {
    return x.strides[p] > x.strides[q];
  });
  std::vector<int64_t> first, second;
  int64_t restX = 0, restY = 0;
  if (!indicesOf(a, order, first, restX) ||
      !indicesOf(b, order, second, restY) || restX != restY)
    return false;
  for (size_t i = 0; i < order.size(); ++i) {
    size_t d = order[i];
    if (first[i] + x.shape[d] <= second[i] ||
        second[i] + y.shape[d] <= first[i])
      return true;
  }
  return false;
}

static bool conflicts(const Access &a, const Access &b) {
  if (!a.writes && !b.writes)
    return false;
  if (a.end <= b.begin || b.end <= a.begin)
    return false;
  return !a.view || !b.view || !apart(a, b);
}

void hybridc::lower::synchronize(std::vector<Step> &steps, unsigned numQueues) {
  // Spaces: DRAM, SRAM, arrays (numbers as bytes). In each what every queue
  // touched, the latest last.
  std::vector<std::vector<Access>> records[3];
  for (auto &ofQueues : records)
    ofQueues.resize(numQueues);
  // clocks[s][q]: how many commands of queue q have finished when s has.
  std::vector<std::vector<uint32_t>> clocks(steps.size());
  std::vector<uint32_t> position(steps.size()); // within its queue
  std::vector<std::vector<uint32_t>> members(numQueues);
  std::vector<std::vector<std::pair<unsigned, uint32_t>>> waits(steps.size());
  std::vector<bool> signals(steps.size(), false);

  for (uint32_t s = 0; s < steps.size(); ++s) {
    Step &step = steps[s];
    std::vector<uint32_t> clock(numQueues, 0);
    if (!members[step.queue].empty())
      clock = clocks[members[step.queue].back()];
    // The latest conflicting command of each other queue.
    std::vector<int64_t> latest(numQueues, -1);
    std::vector<std::pair<int, Access>> accesses;
    auto space = [](const stream::View &view) {
      return view.space == stream::Space::Dram ? 0 : 1;
    };
    size_t operand = 0;
    for (const stream::View &view : step.command.ins)
      accesses.push_back(
          {space(view), accessOf(view, step.bases[operand++], s, false)});
    for (const stream::View &view : step.command.outs)
      accesses.push_back(
          {space(view), accessOf(view, step.bases[operand++], s, true)});
    bool programs = step.command.op == stream::Op::ProgramArray ||
                    step.command.op == stream::Op::ReadArray ||
                    step.command.op == stream::Op::SetGain ||
                    step.command.op == stream::Op::PulsedUpdate ||
                    step.command.op == stream::Op::RefreshPairs;
    for (const char *name : {"array", "arrays"})
      for (int64_t array : step.command.ints(name)) {
        Access access;
        access.begin = static_cast<uint64_t>(array);
        access.end = access.begin + 1;
        access.step = s;
        access.writes = programs;
        accesses.push_back({2, access});
      }
    for (auto &[where, access] : accesses)
      for (unsigned queue = 0; queue < numQueues; ++queue) {
        if (queue == step.queue)
          continue;
        // Backwards, as far as what is known to have finished already: then
        // it does not matter how long the program is.
        for (const Access &before : llvm::reverse(records[where][queue])) {
          int64_t at = position[before.step];
          if (at < clock[queue] || at <= latest[queue])
            break;
          if (conflicts(before, access))
            latest[queue] = at;
        }
      }
    // Take the queues whose command finished last first: its clock may
    // already imply the others.
    std::vector<unsigned> order;
    for (unsigned q = 0; q < numQueues; ++q)
      if (latest[q] >= 0)
        order.push_back(q);
    std::stable_sort(order.begin(), order.end(), [&](unsigned a, unsigned b) {
      return members[a][latest[a]] > members[b][latest[b]];
    });
    for (unsigned q : order) {
      if (latest[q] < static_cast<int64_t>(clock[q]))
        continue;
      uint32_t producer = members[q][latest[q]];
      waits[s].push_back({q, producer});
      signals[producer] = true;
      for (unsigned i = 0; i < numQueues; ++i)
        clock[i] = std::max(clock[i], clocks[producer][i]);
    }
    position[s] = static_cast<uint32_t>(members[step.queue].size());
    members[step.queue].push_back(s);
    clock[step.queue] = position[s] + 1;
    clocks[s] = std::move(clock);
    for (auto &[where, access] : accesses)
      records[where][step.queue].push_back(access);
  }

  std::vector<uint64_t> count(steps.size(), 0); // signals up to and with s
  for (unsigned q = 0; q < numQueues; ++q) {
    uint64_t sum = 0;
    for (uint32_t s : members[q])
      count[s] = sum += signals[s];
  }
  for (uint32_t s = 0; s < steps.size(); ++s) {
    std::sort(waits[s].begin(), waits[s].end());
    for (auto [queue, producer] : waits[s])
      steps[s].command.waits.push_back({queue, count[producer], {}});
    if (signals[s])
      steps[s].command.signals.push_back(steps[s].queue);
  }
}
