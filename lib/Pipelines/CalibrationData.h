//===- CalibrationData.h - Sample inputs, batch by batch ------*- C++ -*-===//
#ifndef HYBRIDC_LIB_PIPELINES_CALIBRATIONDATA_H
#define HYBRIDC_LIB_PIPELINES_CALIBRATIONDATA_H

#include "Ranges.h"

#include "hybridc/Executor/Executor.h"
#include "hybridc/Support/Result.h"

#include <string>
#include <vector>

namespace hybridc {

/// The files that `path` names: itself, or the .npz files of a folder by name.
Result<std::vector<std::string>> calibrationFiles(const std::string &path);

/// One archive, fitted to the inputs of an entry. Each sample comes once; the
/// last batch is filled up by repeating the last one.
class CalibrationData {
public:
  static Result<CalibrationData> read(const std::string &path,
                                      const stream::Entry &entry);

  uint64_t numBatches() const { return batches; }
  /// Samples of batch `number` as the file counts them.
  Batch batch(uint64_t number) const;
  /// Gives the executor batch `number`.
  Status set(exec::Executor &executor, const std::string &entry,
             uint64_t number) const;

private:
  struct Input {
    std::string name;
    std::vector<std::byte> bytes;
    size_t sampleBytes = 0, batchBytes = 0;
    uint64_t samples = 0; ///< in `bytes`
    bool isCut = false;   ///< batch by batch; else the same for every batch
  };

  std::vector<Input> inputs;
  uint64_t batches = 1;
  /// Of the inputs that are cut, when they agree; else a batch is one sample.
  uint64_t batchSize = 1, samples = 1;

  Status add(const std::string &path, const stream::Binding &binding,
             const exec::Tensor &array);
  Status agree(const std::string &path);
};

} // namespace hybridc

#endif // HYBRIDC_LIB_PIPELINES_CALIBRATIONDATA_H
