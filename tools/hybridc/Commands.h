//===- Commands.h - The subcommands of hybridc ----------------*- C++ -*-===//
//
// One file a subcommand: each registers its options with CLI11 and sets what
// runs. Options that several share are declared in Options.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_TOOLS_HYBRIDC_COMMANDS_H
#define HYBRIDC_TOOLS_HYBRIDC_COMMANDS_H

#include "hybridc/Executor/Executor.h"
#include "hybridc/Pipelines/Compile.h"
#include "hybridc/Support/Result.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hybridc::driver {

/// Prints "hybridc: error: …" and gives the exit code.
int fail(const Error &error);

/// What the command line chose to run; set by a subcommand's callback.
struct Action {
  std::function<int()> run;
};

//===----------------------------------------------------------------------===//
// Options that several subcommands share
//===----------------------------------------------------------------------===//

/// How a model is compiled.
struct CompileFlags {
  CompileOptions options;
  std::vector<std::string> dims, shapes, place, setPrecision;
  std::string to = "emit", config;
  bool noFuse = false, noReuse = false, toGiven = false;

  void add(CLI::App &app);
  /// Reads NAME=VALUE lists into `options`.
  Status finish();
};

/// How a program is run.
struct RunFlags {
  exec::ExecOptions options;
  std::string noise = "on", age = "0s", compensate = "global";

  void add(CLI::App &app);
  Status finish();
};

/// A program to run: read from a .hyb, or compiled from a model.
struct Loaded {
  std::unique_ptr<Compilation> compilation; ///< when it was compiled
  stream::Program own;                      ///< when it was read
  const stream::Program *program = nullptr;
};
Result<Loaded> loadProgram(const std::string &path,
                           const CompileOptions &options);

/// Seconds of "20s", "3m", "1h", "1d", "1y".
Result<double> parseDuration(const std::string &text);

//===----------------------------------------------------------------------===//
// Subcommands
//===----------------------------------------------------------------------===//

void addCompile(CLI::App &app, Action &action);
void addRun(CLI::App &app, Action &action);

} // namespace hybridc::driver

#endif // HYBRIDC_TOOLS_HYBRIDC_COMMANDS_H
