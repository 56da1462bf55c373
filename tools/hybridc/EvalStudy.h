//===- EvalStudy.h - Several models, chips, ages, precisions --*- C++ -*-===//
#ifndef HYBRIDC_TOOLS_HYBRIDC_EVALSTUDY_H
#define HYBRIDC_TOOLS_HYBRIDC_EVALSTUDY_H

#include "EvalData.h"

namespace hybridc::driver {

/// What to combine. Every list has at least one entry, but for `data`.
struct StudyArgs {
  std::vector<std::string> models, targets, precisions, ages;
  std::vector<std::string> data;   ///< one for all models, or one for each
  std::vector<std::string> beside; ///< targets to compare with
  CompileOptions compile;          ///< finished; target, precision are set here
  exec::ExecOptions run;           ///< finished; age and seed are set here
  DataOptions dataOptions;
  std::vector<std::string> reports;
  unsigned seeds = 1;
  uint64_t samples = 16; ///< drawn, where there is no data; 0: no values
  int64_t costBatch = 1;
  bool values = true;
  std::string compensate, command;
};

/// Runs every combination, prints the table, writes the reports. A combination
/// that fails is a row that says why; the exit code is then that of the first.
int runStudy(const StudyArgs &args);

} // namespace hybridc::driver

#endif // HYBRIDC_TOOLS_HYBRIDC_EVALSTUDY_H
