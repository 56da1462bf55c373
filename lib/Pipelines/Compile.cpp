//===- Compile.cpp - A model on its way down ------------------------------===//
#include "hybridc/Pipelines/Compile.h"
#include "hybridc/Chip/Chip.h"
#include "hybridc/Conversion/Refusal.h"
#include "hybridc/Emit/Emit.h"
#include "hybridc/Executor/CheckChip.h"
#include "hybridc/InitAll.h"
#include "hybridc/Pipelines/Calibrate.h"
#include "hybridc/Stream/Verify.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ToolOutputFile.h"

#include <chrono>

using namespace mlir;
using namespace hybridc;

namespace {
/// Keeps the first error of a scope and all remarks.
class Listener {
public:
  Listener(MLIRContext *context, std::vector<std::string> &remarks)
      : handler(context, [this, &remarks](Diagnostic &diagnostic) {
          std::string text = diagnostic.str();
          if (diagnostic.getSeverity() == DiagnosticSeverity::Error) {
            for (Diagnostic &note : diagnostic.getNotes())
              notes += "\n  note: " + note.str();
            if (error.empty()) {
              error = text;
              location = diagnostic.getLocation();
              code = exitCodeOf(diagnostic);
            }
          } else {
            remarks.push_back(std::move(text));
          }
          return success();
        }) {}

  std::string error, notes;
  LocationAttr location;
  std::optional<ExitCode> code; ///< of the first error, if it says

private:
  ScopedDiagnosticHandler handler;
};
} // namespace

Compilation::Compilation(CompileOptions given) : options(std::move(given)) {
  DialectRegistry registry;
  registerAllDialects(registry);
  contextPtr = std::make_unique<MLIRContext>(registry,
                                             MLIRContext::Threading::DISABLED);
  contextPtr->loadAllAvailableDialects();
}

Compilation::~Compilation() = default;

std::string Compilation::text(bool locations) {
  std::string out;
  llvm::raw_string_ostream os(out);
  OpPrintingFlags flags;
  // Weights are bytes, not text.
  flags.elideLargeElementsAttrs(64);
  flags.elideLargeResourceString(64);
  if (locations)
    flags.enableDebugInfo(true, false);
  moduleRef->print(os, flags);
  return out;
}

Status Compilation::dump(Phase phase) {
  if (options.dumpFolder.empty())
    return {};
  llvm::SmallString<128> path(options.dumpFolder);
  if (std::error_code failed = llvm::sys::fs::create_directories(path))
    return Error{ExitCode::Usage, "cannot create folder '" +
                                      options.dumpFolder +
                                      "': " + failed.message()};
  char number[8];
  snprintf(number, sizeof number, "%02d-", static_cast<int>(phase));
  llvm::sys::path::append(path, std::string(number) +
                                    std::string(nameOf(phase)) + ".mlir");
  std::error_code failed;
  llvm::ToolOutputFile file(path, failed, llvm::sys::fs::OF_Text);
  if (failed)
    return Error{ExitCode::Usage, "cannot write '" + path.str().str() +
                                      "': " + failed.message()};
  file.os() << text(/*locations=*/true) << '\n';
  file.keep();
  return {};
}

Status Compilation::runPhase(Phase phase) {
  if (options.onPhase)
    options.onPhase(phase, /*isDone=*/false);
  auto start = std::chrono::steady_clock::now();
  {
    Listener listener(contextPtr.get(), remarkTexts);
    // Ranges are those of the groups that partition will see.
    if (phase == Phase::Partition && !options.calibration.empty())
      if (Status status = calibrate(*moduleRef, options); !status)
        return status;
    PassManager passes(contextPtr.get());
    passes.enableVerifier(options.verifyEach);
    buildPhase(passes, phase, options);
    if (failed(passes.run(*moduleRef))) {
      // A refusal that says which node it is about is one of the input, even
      // where the pass did not say which exit code it means.
      ExitCode code = listener.code.value_or(
          listener.error.starts_with("node '") ? ExitCode::Unsupported
                                               : ExitCode::Internal);
      std::string message = listener.error.empty()
                                ? "failed without a reason"
                                : listener.error + listener.notes;
      if (code == ExitCode::Internal)
        message = "in phase '" + std::string(nameOf(phase)) + "': " + message;
      return Error{code, message};
    }
    if (phase == Phase::Emit) {
      auto emitted = emitStream(*moduleRef);
      if (failed(emitted))
        return Error{ExitCode::Internal,
                     "in phase 'emit': " + listener.error};
      stream = std::move(*emitted);
    }
  }
  phaseTimes.push_back(
      {std::string(nameOf(phase)),
       std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
           .count()});
  if (phase == Phase::Emit)
    if (Status status = stream::verifyProgram(stream); !status)
      return Error{ExitCode::Internal,
                   "the stream is not well formed: " + status.error().message};
  if (options.onPhase)
    options.onPhase(phase, /*isDone=*/true);
  return dump(phase);
}

/// A target that does not read is the target's fault, not a pass's.
static Status checkTarget(const CompileOptions &options) {
  auto chip = chip::loadChip(options.target);
  return chip ? exec::checkDevices(*chip, options.target)
              : Status(chip.error());
}

Status Compilation::run(const std::string &path) {
  if (Status status = checkTarget(options); !status)
    return status;
  if (options.onPhase)
    options.onPhase(Phase::Import, /*isDone=*/false);
  auto start = std::chrono::steady_clock::now();
  Phase first = Phase::Simplify;
  if (llvm::StringRef(path).ends_with(".mlir")) {
    Listener listener(contextPtr.get(), remarkTexts);
    moduleRef = parseSourceFile<ModuleOp>(path, contextPtr.get());
    if (!moduleRef) {
      std::string where = path;
      if (auto at = dyn_cast_if_present<FileLineColLoc>(listener.location))
        where += ":" + std::to_string(at.getLine()) + ":" +
                 std::to_string(at.getColumn());
      return invalidInput(where + ": " + listener.error);
    }
    if (!(*moduleRef)->hasAttr("hyb.model"))
      (*moduleRef)->setAttr("hyb.model",
                            StringAttr::get(contextPtr.get(),
                                            llvm::sys::path::filename(path)));
  } else {
    auto imported = importModel(*contextPtr, path, options.import);
    if (!imported)
      return imported.error();
    moduleRef = std::move(*imported);
  }
  phaseTimes.push_back(
      {std::string(nameOf(Phase::Import)),
       std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
           .count()});
  if (options.onPhase)
    options.onPhase(Phase::Import, /*isDone=*/true);
  if (Status status = dump(Phase::Import); !status)
    return status;
  for (int phase = static_cast<int>(first);
       phase <= static_cast<int>(options.to); ++phase)
    if (Status status = runPhase(static_cast<Phase>(phase)); !status)
      return status;
  if (options.to == Phase::Emit && stream.entries.empty())
    return invalidInput(path + ": holds no entry (a func.func, a tile.entry)");
  return {};
}
