//===- Homes.cpp - What stays in the scratchpad ---------------------------===//
#include "hybridc/Planner/Homes.h"

#include "IntegerProgram.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>

namespace hybridc::plan {

uint64_t bytesAt(const HomeProblem &problem, const HomePlan &plan,
                 unsigned step) {
  uint64_t bytes = problem.reserved[step];
  for (size_t i = 0; i < problem.values.size(); ++i)
    if (const HomeCandidate &value = problem.values[i];
        plan.stays[i] && value.first <= step && step <= value.last)
      bytes += value.bytes;
  return bytes;
}

bool isFeasible(const HomeProblem &problem, const HomePlan &plan) {
  for (unsigned step = 0; step < problem.reserved.size(); ++step) {
    bool isUsed = false;
    for (size_t i = 0; i < problem.values.size() && !isUsed; ++i)
      isUsed = plan.stays[i] && problem.values[i].first <= step &&
               step <= problem.values[i].last;
    // What a step needs by itself is not this plan's business.
    if (isUsed && bytesAt(problem, plan, step) > problem.capacity)
      return false;
  }
  return true;
}

static double gainOf(const HomeProblem &problem,
                     const std::vector<bool> &stays) {
  double gain = 0;
  for (size_t i = 0; i < stays.size(); ++i)
    gain += stays[i] ? problem.values[i].gain : 0;
  return gain;
}

/// Whether a value fits at each of its steps.
static bool fitsBeside(const HomeProblem &problem, const HomePlan &plan,
                       const HomeCandidate &value) {
  for (unsigned step = value.first; step <= value.last; ++step)
    if (bytesAt(problem, plan, step) + value.bytes > problem.capacity)
      return false;
  return true;
}

HomePlan planHomesGreedily(const HomeProblem &problem) {
  HomePlan plan;
  plan.stays.assign(problem.values.size(), false);
  std::vector<size_t> order(problem.values.size());
  std::iota(order.begin(), order.end(), size_t(0));
  auto rate = [&](size_t i) {
    const HomeCandidate &value = problem.values[i];
    return value.gain / (double(std::max<uint64_t>(1, value.bytes)) *
                         (value.last - value.first + 1.0));
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return rate(a) > rate(b); });
  for (size_t i : order)
    if (problem.values[i].gain > 0 &&
        fitsBeside(problem, plan, problem.values[i]))
      plan.stays[i] = true;
  plan.gain = gainOf(problem, plan.stays);
  for (const HomeCandidate &value : problem.values)
    plan.bound += std::max(0.0, value.gain);
  plan.isProven = plan.gain >= plan.bound;
  return plan;
}

HomePlan planHomes(const HomeProblem &problem) {
  HomePlan greedy = planHomesGreedily(problem);
  if (greedy.isProven)
    return greedy;
  HomePlan none;
  none.stays.assign(problem.values.size(), false);
  IntegerProgram program;
  for (const HomeCandidate &value : problem.values)
    program.addBinary(value.gain, fitsBeside(problem, none, value) ? 1 : 0);
  for (unsigned step = 0; step < problem.reserved.size(); ++step) {
    std::vector<std::pair<int, double>> row;
    for (size_t i = 0; i < problem.values.size(); ++i)
      if (problem.values[i].first <= step && step <= problem.values[i].last)
        row.emplace_back(int(i), double(problem.values[i].bytes));
    if (!row.empty())
      program.addAtMost(row, std::max(0.0, double(problem.capacity) -
                                               double(problem.reserved[step])));
  }
  Solution solution = program.maximise(20000);
  HomePlan plan;
  plan.stays.assign(problem.values.size(), false);
  for (size_t i = 0; i < solution.values.size(); ++i)
    plan.stays[i] = solution.values[i] > 0.5;
  plan.gain = gainOf(problem, plan.stays);
  if (solution.values.empty() || !isFeasible(problem, plan) ||
      plan.gain < greedy.gain) {
    plan = greedy;
    plan.bound = solution.values.empty() ? greedy.bound : solution.bound;
    return plan;
  }
  plan.isProven = solution.isProven;
  plan.bound = plan.isProven ? plan.gain : solution.bound;
  return plan;
}

HomePlan planHomesByEnumeration(const HomeProblem &problem) {
  HomePlan best;
  best.stays.assign(problem.values.size(), false);
  for (uint32_t set = 0; set < (1u << problem.values.size()); ++set) {
    HomePlan plan;
    for (size_t i = 0; i < problem.values.size(); ++i)
      plan.stays.push_back(set >> i & 1);
    plan.gain = gainOf(problem, plan.stays);
    if (plan.gain > best.gain && isFeasible(problem, plan))
      best = plan;
  }
  best.bound = best.gain;
  best.isProven = true;
  return best;
}

std::string toJson(const HomeProblem &problem, const HomePlan &plan) {
  using nlohmann::ordered_json;
  ordered_json values = ordered_json::array();
  for (size_t i = 0; i < problem.values.size(); ++i) {
    const HomeCandidate &value = problem.values[i];
    values.push_back({{"name", value.name},
                      {"bytes", value.bytes},
                      {"first", value.first},
                      {"last", value.last},
                      {"gain_bytes", value.gain},
                      {"stays", bool(plan.stays[i])}});
  }
  ordered_json whole = {{"problem", "homes"},
                        {"capacity_bytes", problem.capacity},
                        {"reserved_bytes", problem.reserved},
                        {"values", std::move(values)},
                        {"gain_bytes", plan.gain},
                        {"bound_bytes", plan.bound},
                        {"proven", plan.isProven}};
  // Names are bytes that a model chose.
  return whole.dump(2, ' ', false, ordered_json::error_handler_t::replace) +
         "\n";
}

} // namespace hybridc::plan
