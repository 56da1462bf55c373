//===- Programs.h - Programs to run, and their inputs ---------*- C++ -*-===//
#ifndef HYBRIDC_STUDIES_PROGRAMS_H
#define HYBRIDC_STUDIES_PROGRAMS_H

#include "hybridc/Executor/Executor.h"
#include "hybridc/IO/Tensors.h"
#include "hybridc/Pipelines/Compile.h"
#include "hybridc/Report/Report.h"
#include "hybridc/Studies/Bind.h"
#include "hybridc/Support/Result.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hybridc::studies {

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

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_PROGRAMS_H
