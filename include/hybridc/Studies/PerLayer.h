//===- PerLayer.h - How far each layer is from exact ----------*- C++ -*-===//
//
// A model is compiled twice, as asked for and with --precision exact, both with
// the values in between as outputs (Pipelines/Taps.h), and both are run.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STUDIES_PERLAYER_H
#define HYBRIDC_STUDIES_PERLAYER_H

#include "hybridc/Pipelines/Taps.h"
#include "hybridc/Studies/Metrics.h"
#include "hybridc/Studies/Programs.h"

namespace hybridc::studies {

/// One value of the model.
struct LayerRow {
  Tap tap; ///< of the build that was asked for
  stream::DType type;
  std::vector<int64_t> shape;
  Comparison comparison;
  bool isWorst = false; ///< the least SQNR, when any value differs
};

struct LayerTable {
  std::vector<LayerRow> rows; ///< in the order of execution
  /// Values of the build without a counterpart in the exact one: what the
  /// compiler rewrote for the precision.
  size_t numUnmatched = 0;
  /// The model's own outputs, of the build that was asked for.
  std::vector<NamedTensor> outputs;
};

/// Compiles and runs `model`. Errors: those of compiling and running;
/// Unsupported for text that already went through the phase `partition`, and
/// for a model with several entries.
Result<LayerTable> compareLayers(const std::string &model,
                                 const CompileOptions &options,
                                 const exec::ExecOptions &run,
                                 const std::vector<NamedTensor> &inputs,
                                 const Tolerance &tolerance);

/// `isJudged`: rows outside their tolerance say so.
std::string layersTable(const LayerTable &table, bool isJudged);
std::string layersCsv(const LayerTable &table);
std::string layersJson(const LayerTable &table, const std::string &model,
                       const CompileOptions &options,
                       const exec::ExecOptions &run);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_PERLAYER_H
