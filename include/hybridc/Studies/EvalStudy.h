//===- EvalStudy.h - Several models, chips, ages, precisions --*- C++ -*-===//
#ifndef HYBRIDC_STUDIES_EVALSTUDY_H
#define HYBRIDC_STUDIES_EVALSTUDY_H

#include "hybridc/Report/Study.h"
#include "hybridc/Studies/EvalData.h"

#include <functional>

namespace hybridc::studies {

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
  /// What is worth telling and no error.
  std::function<void(const std::string &)> warn = [](const std::string &) {};
};

/// Runs every combination. One that fails is a row that says why. Whether the
/// `reports` can be written is known before the first; writing them is left.
Result<report::Study> runStudy(const StudyArgs &args);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_EVALSTUDY_H
