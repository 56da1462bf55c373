//===- Commands.h - The subcommands of hybridc ----------------*- C++ -*-===//
//
// One file a subcommand: each registers its options with CLI11 and sets what
// runs. Options that several share are declared in Options.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_TOOLS_HYBRIDC_COMMANDS_H
#define HYBRIDC_TOOLS_HYBRIDC_COMMANDS_H

#include "Tensors.h"

#include "hybridc/Executor/Executor.h"
#include "hybridc/Pipelines/Compile.h"
#include "hybridc/Pipelines/Taps.h"
#include "hybridc/Report/Report.h"
#include "hybridc/Support/Result.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace hybridc::driver {

/// Prints "hybridc: error: …" and gives the exit code.
int fail(const Error &error);
void warn(const std::string &message);

inline Error usage(std::string message) {
  return {ExitCode::Usage, std::move(message)};
}

/// What the command line chose to run; set by a subcommand's callback.
struct Action {
  std::function<int()> run;
  std::string commandLine; ///< as typed, for reports
  bool computes = true;    ///< may run tensors through kernels, with threads
};

/// One line on stderr about what takes long: only on a terminal, and only
/// after a second.
class Progress {
public:
  Progress();
  ~Progress();
  void show(const std::string &text);
  /// Removes the line.
  void clear();

private:
  std::chrono::steady_clock::time_point start;
  bool isTerminal, isShown = false;
};

//===----------------------------------------------------------------------===//
// Options that several subcommands share
//===----------------------------------------------------------------------===//

/// What --precision takes.
std::vector<std::string> precisionNames();

/// A finite number of that range; CLI::Range lets NaN pass.
CLI::Validator within(double least, double most);
/// CLI11 takes -1 for the largest unsigned number.
CLI::Validator wholeNumber();
constexpr double kAnyLarger = std::numeric_limits<double>::infinity();

/// Usage: those of `names` that the command line gave, and `why` they are
/// refused.
Status refuseGiven(const CLI::App &app, const std::vector<std::string> &names,
                   const std::string &why);
/// Refuses options about compiling that have no effect on the file `path`.
Status checkModelOptions(const CLI::App &app, const std::string &path);

/// How a model is compiled.
struct CompileFlags {
  CompileOptions options;
  std::vector<std::string> dims, shapes, values, place, setPrecision,
      extraPasses;
  std::string to = "emit", config;
  bool noFuse = false, noReuse = false, toGiven = false, checkHazards = false;
  CLI::Option *hazards = nullptr;
  CLI::App *app = nullptr;
  std::string faultMapping = "remap", recalibrate = "none", horizon;
  double driftBound_pct = 15;

  void add(CLI::App &app);
  /// The options about a model's inputs alone: --dim, --shape, --value.
  void addInputs(CLI::App &app);
  void addWeights(CLI::App &app);
  /// Refuses what has no effect on the model or program `path`, and reads
  /// NAME=VALUE lists into `options`.
  Status finish(const std::string &path);

private:
  Status finishInputs();
  Status finishRecalibration();
};

/// How a program is run.
struct RunFlags {
  exec::ExecOptions options;
  std::string noise = "on", age = "0s", compensate = "global", schedule = "on";

  void add(CLI::App &app);
  /// After `compile` is finished: a .hyb runs with the faults named there.
  Status finish(const CompileFlags &compile);
};

/// Which reports are written, and writing them.
struct ReportFlags {
  std::vector<std::string> reports;
  std::string trace;

  void add(CLI::App &app, bool withTrace);
  /// Before anything takes time: the endings, and that these files and further
  /// `outputs` can be written and are none of `inputs` (FILE or NAME=FILE).
  Status check(const std::vector<std::string> &inputs,
               std::vector<std::string> outputs = {}) const;
  bool any() const { return !reports.empty() || !trace.empty(); }
  /// What the views asked for need.
  report::CollectOptions collectOptions() const;
  Status write(const report::Results &results) const;
};

/// A program to run: read from a .hyb, or compiled from a model.
struct Loaded {
  std::unique_ptr<Compilation> compilation; ///< when it was compiled
  stream::Program own;                      ///< when it was read
  report::CompileInfo compileInfo;

  const stream::Program &program() const {
    return compilation ? compilation->program() : own;
  }
  /// With what is known of the compilation.
  Result<report::Results> collect(const std::string &entry,
                                  const report::CollectOptions &options) const;
};

/// Called after each phase.
using PhaseHook = std::function<void(Phase, Compilation &)>;

/// Reads a .hyb, or compiles a model. Symbolic dimensions of the model that
/// `options` leaves open are taken from the shapes of `inputs`.
/// `hook` is called after each phase of a model.
Result<Loaded> loadProgram(const std::string &path, CompileOptions options,
                           const std::vector<NamedTensor> &inputs = {},
                           const PhaseHook &hook = {});

/// Takes those `inputs` away that --value made constants. An array that differs
/// from what the option says is an error.
Status dropFixed(const ImportOptions &options,
                 std::vector<NamedTensor> &inputs);

/// Compiles with progress on the terminal; on an internal error writes a
/// reproducer and says where.
Result<Loaded> compileModel(const std::string &path, CompileOptions options,
                            const PhaseHook &hook = {});

/// The entry, or an error that names those that there are.
Result<const stream::Entry *> findEntry(const stream::Program &program,
                                        const std::string &entry);

/// Sets every input of the entry. Errors name what is missing or too much.
Status setInputs(exec::Executor &executor, const stream::Entry &entry,
                 const std::vector<NamedTensor> &inputs);
Result<std::vector<NamedTensor>> getOutputs(const exec::Executor &executor,
                                            const stream::Entry &entry);

/// Seconds of "20s", "3m", "1h", "1d", "1y".
Result<double> parseDuration(const std::string &text);
/// Numbers between commas.
Result<std::vector<double>> parseNumbers(const std::string &text);

/// Adds --config and --dump-config to `sub`.
struct ConfigFlags {
  std::string file;
  bool dump = false;

  void add(CLI::App &app);
  /// Gives the options of `app` that the command line left alone the values
  /// of the file. Errors name file, line and column.
  Status apply(CLI::App &app) const;
};
/// All options of `app` in force, as a file for --config.
std::string dumpConfig(const CLI::App &app);

//===----------------------------------------------------------------------===//
// Subcommands
//===----------------------------------------------------------------------===//

void addCharacterize(CLI::App &app, Action &action);
void addCompare(CLI::App &app, Action &action);
void addCompile(CLI::App &app, Action &action);
void addEval(CLI::App &app, Action &action);
void addExplain(CLI::App &app, Action &action);
void addInspect(CLI::App &app, Action &action);
void addRun(CLI::App &app, Action &action);
void addTargets(CLI::App &app, Action &action);

} // namespace hybridc::driver

#endif // HYBRIDC_TOOLS_HYBRIDC_COMMANDS_H
