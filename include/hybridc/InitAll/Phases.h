//===- Phases.h - Which passes make up a compilation ----------*- C++ -*-===//
//
// The phases of `hybridc compile`, each a list of passes; under names of their
// own (hyb-simplify, …) they are pipelines of hybrid-opt, too.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_INITALL_PHASES_H
#define HYBRIDC_INITALL_PHASES_H

#include "mlir/Pass/PassManager.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc {

enum class Phase {
  Import,
  Simplify,
  Fuse,
  Partition,
  Precision,
  Layout,
  Lower,
  Schedule,
  Allocate,
  Emit,
};
std::string_view nameOf(Phase phase);
std::optional<Phase> parsePhase(std::string_view name);
/// All names, in order, separated by `separator`.
std::string phaseNames(std::string_view separator = ", ");

/// What the passes of the phases are told.
struct PhaseOptions {
  std::string target = "hybrid-edge"; ///< preset or YAML file
  std::string precision = "auto";     ///< auto exact fp32 bf16 int8 analog
  std::string objective = "latency";  ///< latency throughput energy edp
  std::map<std::string, std::string> place;        ///< NODE → engine
  std::map<std::string, std::string> setPrecision; ///< NODE → format
  /// What is broken on the chip (Chip/Faults.h, loadFaults); "": its own rates.
  std::string faults;
  bool mapAroundFaults = true;
  /// How long the program is to be used, in seconds; 0: not stated.
  double horizon_s = 0;
  /// When gains are set from a read-out and when weights are written anew, in
  /// seconds after the first programming, ascending.
  std::vector<double> gainAt_s, programAt_s;
  bool fuse = true;
  bool reuseBuffers = true;
  bool planHomes = true;   ///< results may stay in the scratchpad
  std::string dumpProblem; ///< file for what planners saw and answered
};

/// Adds the passes of one phase (not Import, which is no pass).
void buildPhase(mlir::OpPassManager &passes, Phase phase,
                const PhaseOptions &options);

/// Adds the verifier of what holds behind a phase, where it has one.
void buildBoundary(mlir::OpPassManager &passes, Phase phase);

/// The named pipelines of hybrid-opt: hyb-simplify, hyb-fuse, hyb-decide
/// (partition, precision, layout), hyb-lower (to commands), hyb-compile (all).
void registerPipelines();

} // namespace hybridc

#endif // HYBRIDC_INITALL_PHASES_H
