//===- EvalSamples.h - Samples drawn, and files of them ---------*- C++ -*-===//
#ifndef HYBRIDC_LIB_STUDIES_EVALSAMPLES_H
#define HYBRIDC_LIB_STUDIES_EVALSAMPLES_H

#include "hybridc/Studies/EvalData.h"

#include <filesystem>

namespace hybridc::studies {

/// A file that goes with the object.
struct TemporaryFile {
  std::string path;
  ~TemporaryFile() {
    std::error_code ignored;
    if (!path.empty())
      std::filesystem::remove(path, ignored);
  }
};

/// `samples` inputs for each binding: N(0, 1), or whole numbers of 0 to 9.
/// Where first extents differ (a state with a row for each layer), whole
/// batches that have at least so many of each.
Result<DataSet> drawData(const stream::Entry &entry, uint64_t samples,
                         uint64_t seed);

/// The first samples of `data` as a file for --calibrate.
Status writeCalibration(const DataSet &data, TemporaryFile &file);

} // namespace hybridc::studies

#endif // HYBRIDC_LIB_STUDIES_EVALSAMPLES_H
