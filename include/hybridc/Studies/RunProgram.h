//===- RunProgram.h - Runs an entry, on one chip, as often as wanted - C++ ===//
#ifndef HYBRIDC_STUDIES_RUNPROGRAM_H
#define HYBRIDC_STUDIES_RUNPROGRAM_H

#include "hybridc/Studies/Bind.h"

#include <optional>

namespace hybridc::studies {

/// Some of ExecOptions, as people write them.
struct RunTexts {
  std::string noise = "on";          ///< on, off
  std::string age = "0s";            ///< 20s, 1h, 1d, 1y
  std::string compensate = "global"; ///< none, global, column
  std::string schedule = "on"; ///< what is planned for the arrays: on, off
};
/// Usage: an age that is no time.
Status readRunTexts(const RunTexts &texts, exec::ExecOptions &options);

struct RunRequest {
  std::string entry = "infer";
  /// Entries to run once each first: what they leave in arrays and state is
  /// what `entry` finds.
  std::vector<std::string> before = {};
  /// For any of these entries: what only another one takes is left to it.
  std::vector<NamedTensor> inputs = {};
  /// Without any `inputs`, run with zeros.
  bool mayLackInputs = false;
  unsigned repeat = 1;
  exec::ExecOptions options = {};
};

struct RunOutcome {
  std::vector<NamedTensor> outputs; ///< of the last repetition
  std::vector<double> seconds;      ///< wall time of each repetition
  unsigned threads = 0;             ///< that computed
  /// For the clock and reports: Executor::decisions, updateCounts,
  /// cellEnergies, profile.
  std::optional<std::vector<uint8_t>> decisions;
  std::vector<exec::UpdateCount> updates;
  std::vector<exec::CellEnergy> cells;
  std::vector<exec::OriginTime> profile;
};

/// Computes the values. Errors: those of creating and running the executor, and
/// of setInputs.
Result<RunOutcome> runProgram(const stream::Program &program,
                              const RunRequest &request);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_RUNPROGRAM_H
