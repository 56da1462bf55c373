//===- IntegerProgram.h - CBC, for the planner ----------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_PLANNER_INTEGERPROGRAM_H
#define HYBRIDC_LIB_PLANNER_INTEGERPROGRAM_H

#include <utility>
#include <vector>

namespace hybridc::plan {

struct Solution {
  std::vector<double> values; ///< empty: none was found
  double bound = 0;           ///< no solution has more
  bool isProven = false;      ///< the best one
};

/// Binary variables, sums that are at most something, a sum to maximise.
class IntegerProgram {
public:
  /// A variable with its worth in the sum; `most` 0 fixes it.
  void addBinary(double worth, int most = 1);
  void addAtMost(std::vector<std::pair<int, double>> row, double limit);
  /// Branch and bound over at most `nodes` nodes, one thread: the same answer
  /// every time.
  Solution maximise(int nodes) const;

private:
  std::vector<double> worths;
  std::vector<int> mosts;
  std::vector<std::vector<std::pair<int, double>>> rows;
  std::vector<double> limits;
};

} // namespace hybridc::plan

#endif // HYBRIDC_LIB_PLANNER_INTEGERPROGRAM_H
