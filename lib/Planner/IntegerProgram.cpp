//===- IntegerProgram.cpp - CBC, for the planner --------------------------===//
#include "IntegerProgram.h"

#include <coin/Cbc_C_Interface.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace hybridc::plan {

void IntegerProgram::addBinary(double worth, int most) {
  worths.push_back(worth);
  mosts.push_back(most);
}

void IntegerProgram::addAtMost(std::vector<std::pair<int, double>> row,
                               double limit) {
  rows.push_back(std::move(row));
  limits.push_back(limit);
}

Solution IntegerProgram::maximise(int nodes) const {
  Cbc_Model *model = Cbc_newModel();
  Cbc_setParameter(model, "logLevel", "0");
  Cbc_setParameter(model, "threads", "0");
  Cbc_setParameter(model, "maxNodes", std::to_string(nodes).c_str());
  Cbc_setParameter(model, "ratioGap", "0");
  for (size_t i = 0; i < worths.size(); ++i)
    Cbc_addCol(model, ("x" + std::to_string(i)).c_str(), 0, mosts[i], worths[i],
               1, 0, nullptr, nullptr);
  for (size_t r = 0; r < rows.size(); ++r) {
    std::vector<int> columns;
    std::vector<double> factors;
    for (auto [column, factor] : rows[r]) {
      columns.push_back(column);
      factors.push_back(factor);
    }
    Cbc_addRow(model, ("r" + std::to_string(r)).c_str(), int(columns.size()),
               columns.data(), factors.data(), 'L', limits[r]);
  }
  Cbc_setObjSense(model, -1);
  Cbc_solve(model);
  Solution solution;
  if (const double *values =
          Cbc_numberSavedSolutions(model) > 0 || Cbc_isProvenOptimal(model)
              ? Cbc_getColSolution(model)
              : nullptr) {
    for (size_t i = 0; i < worths.size(); ++i)
      solution.values.push_back(std::round(values[i]));
    solution.isProven = Cbc_isProvenOptimal(model);
    solution.bound = Cbc_getBestPossibleObjValue(model);
  }
  Cbc_deleteModel(model);
  return solution;
}

} // namespace hybridc::plan
