//===- CompileTexts.h - CompileOptions as people write them -----*- C++ -*-===//
#ifndef HYBRIDC_PIPELINES_COMPILETEXTS_H
#define HYBRIDC_PIPELINES_COMPILETEXTS_H

#include "hybridc/Pipelines/Compile.h"

#include <string>
#include <vector>

namespace hybridc {

/// Each list is named like the option that it comes from.
struct CompileTexts {
  std::vector<std::string> dims;         ///< NAME=N
  std::vector<std::string> shapes;       ///< INPUT=1x3x224x224, INPUT=scalar
  std::vector<std::string> values;       ///< INPUT=V, INPUT=FILE.npy
  std::vector<std::string> place;        ///< NODE=ENGINE
  std::vector<std::string> setPrecision; ///< NODE=FORMAT
  std::vector<std::string> extraPasses;  ///< PHASE=PIPELINE
  std::string horizon;                   ///< 30d, 1y
  /// none, auto, or intervals until the horizon: gain=1d,program=90d.
  std::string recalibrate = "none";
  double driftBound_pct = 15;
  bool boundsDrift = false; ///< `driftBound_pct` was asked for
};

/// Reads them into `options`. Errors: Usage names the option and what it
/// expects; those of reading a FILE.npy.
Status readCompileTexts(const CompileTexts &texts, CompileOptions &options);

} // namespace hybridc

#endif // HYBRIDC_PIPELINES_COMPILETEXTS_H
