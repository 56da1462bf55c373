//===- Commands.h - The subcommands of hybridc ----------------*- C++ -*-===//
//
// One file a subcommand: each registers its options with CLI11 and sets what
// runs. Options that several share are declared in Options.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_TOOLS_HYBRIDC_COMMANDS_H
#define HYBRIDC_TOOLS_HYBRIDC_COMMANDS_H

#include "hybridc/Pipelines/Compile.h"
#include "hybridc/Pipelines/CompileTexts.h"
#include "hybridc/Pipelines/Taps.h"
#include "hybridc/Report/Report.h"
#include "hybridc/Studies/Programs.h"
#include "hybridc/Studies/RunProgram.h"
#include "hybridc/Support/Parse.h"
#include "hybridc/Support/Result.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace hybridc::driver {

using namespace io;
using namespace studies;

/// Prints "hybridc: error: …" and gives the exit code.
int fail(const Error &error);
void warn(const std::string &message);

/// What the command line chose to run; set by a subcommand's callback.
struct Action {
  std::function<int()> run;
  std::string commandLine; ///< as typed, for reports
  bool computes = true;    ///< may run tensors through kernels, with threads
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
  CompileTexts texts;
  std::string to = "emit", config;
  bool noFuse = false, noReuse = false, noHomes = false, toGiven = false,
       checkHazards = false;
  CLI::Option *hazards = nullptr;
  CLI::App *app = nullptr;
  std::string faultMapping = "remap";

  void add(CLI::App &app);
  /// The options about a model's inputs alone: --dim, --shape, --value.
  void addInputs(CLI::App &app);
  void addWeights(CLI::App &app);
  /// Refuses what has no effect on the model or program `path`, and reads
  /// `texts` into `options`.
  Status finish(const std::string &path);
};

/// How a program is run.
struct RunFlags {
  exec::ExecOptions options;
  RunTexts texts;

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
