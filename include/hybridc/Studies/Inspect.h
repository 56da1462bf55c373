//===- Inspect.h - What a program or a model holds --------------*- C++ -*-===//
#ifndef HYBRIDC_STUDIES_INSPECT_H
#define HYBRIDC_STUDIES_INSPECT_H

#include "hybridc/Pipelines/Compile.h"
#include "hybridc/Stream/Program.h"
#include "hybridc/Support/Result.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hybridc::studies {

using Counts = std::map<std::string, uint64_t>;

struct CommandCounts {
  /// As commands stand in the stream: by name, and by engine.
  Counts written, queues;
  double executed = 0; ///< as often as loops run them, at most
  bool isBound = true; ///< false: If or Loop decides at run time
};
CommandCounts countCommands(const stream::Block &body);

/// Every command of `program` as text of `cmd`; writes the file that `weights`
/// names, if it names one.
Result<std::string> disassembledText(const stream::Program &program,
                                     const TextWeights &weights);

struct ModelEntry {
  std::string name;
  /// Name (or number) and type: "f32 1x3x224x224".
  std::vector<std::pair<std::string, std::string>> inputs, outputs;
  Counts nodes; ///< of the model, by ONNX's type
  Counts ops;   ///< of `hyb` that they became, by name
};
struct ModelSummary {
  uint64_t constantBytes = 0;
  std::vector<ModelEntry> entries;
};
/// Reads a model; errors are those of importing it.
Result<ModelSummary> summarizeModel(const std::string &path,
                                    CompileOptions options);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_INSPECT_H
