//===- AccuracyStudy.h - One model on one chip over a data set --*- C++ -*-===//
#ifndef HYBRIDC_STUDIES_ACCURACYSTUDY_H
#define HYBRIDC_STUDIES_ACCURACYSTUDY_H

#include "hybridc/Studies/EvalData.h"

#include <functional>
#include <string>
#include <vector>

namespace hybridc::studies {

struct AccuracyArgs {
  std::string model; ///< to compile, or a .hyb
  CompileOptions compile;
  exec::ExecOptions run;
  DataOptions data;
  unsigned seeds = 1; ///< passes, each with another seed of noise
  /// Told of each variant as soon as it is measured: with the samples that the
  /// program takes at once, and the seconds that it took.
  std::function<void(const report::Accuracy &, int64_t batch, double seconds)>
      onVariant =
          [](const report::Accuracy &, int64_t /*batch*/, double /*s*/) {};
};

struct AccuracyStudy {
  Loaded loaded; ///< as asked for
  /// The chip asked for, or the one that the program carries, has faults.
  bool hasFaults = false;
  /// With faults: without any, then with them; of a model that was compiled
  /// here, as mapped for a chip without faults and as mapped around.
  std::vector<report::Accuracy> accuracies;
  /// Executor::cellEnergies() of the last variant, if that is `loaded`.
  std::vector<exec::CellEnergy> cells;
};

/// Errors: those of reading the data, of compiling and of running; InvalidInput
/// where no sample has a class.
Result<AccuracyStudy> measureAccuracy(const AccuracyArgs &args);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_ACCURACYSTUDY_H
