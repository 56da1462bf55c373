//===- Homes.h - What stays in the scratchpad -----------------*- C++ -*-===//
//
// Groups run one after the other, step by step. A value lives from the step
// that makes it to the last that reads it; its home is DRAM, or the scratchpad
// if there is room for it all that time. Which values stay is an integer
// program: most gain, under the capacity at each step.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_PLANNER_HOMES_H
#define HYBRIDC_PLANNER_HOMES_H

#include <cstdint>
#include <string>
#include <vector>

namespace hybridc::plan {

/// A value that could stay.
struct HomeCandidate {
  std::string name;             ///< for people
  uint64_t bytes = 0;           ///< of scratchpad
  unsigned first = 0, last = 0; ///< steps, both included
  double gain = 0;              ///< bytes of DRAM traffic that are saved
};

struct HomeProblem {
  uint64_t capacity = 0;
  /// Of each step: bytes that its tiles need beside what stays.
  std::vector<uint64_t> reserved;
  std::vector<HomeCandidate> values;
};

struct HomePlan {
  std::vector<bool> stays; ///< by value
  double gain = 0;
  /// No plan gains more: the solver's bound, or the plan's own gain where it is
  /// proven to be best.
  double bound = 0;
  bool isProven = false;
};

/// Bytes of the scratchpad that are taken at a step, its reserve included.
uint64_t bytesAt(const HomeProblem &problem, const HomePlan &plan,
                 unsigned step);

/// Whether a plan keeps the capacity at every step.
bool isFeasible(const HomeProblem &problem, const HomePlan &plan);

/// The best plan (CBC, a limited number of nodes; the same plan every time).
/// Of equal gains, any. Values that do not fit alone stay out.
HomePlan planHomes(const HomeProblem &problem);

/// By trying all; for at most 24 values. An oracle for tests.
HomePlan planHomesByEnumeration(const HomeProblem &problem);

/// By gain for bytes and steps: what the solver must not fall short of.
HomePlan planHomesGreedily(const HomeProblem &problem);

/// What the solver saw and what it answered, as JSON.
std::string toJson(const HomeProblem &problem, const HomePlan &plan);

} // namespace hybridc::plan

#endif // HYBRIDC_PLANNER_HOMES_H
