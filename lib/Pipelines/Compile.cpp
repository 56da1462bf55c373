//===- Compile.cpp - A model on its way down ------------------------------===//
#include "hybridc/Pipelines/Compile.h"
#include "hybridc/Chip/Faults.h"
#include "hybridc/Conversion/Refusal.h"
#include "hybridc/Emit/Emit.h"
#include "hybridc/Executor/CheckChip.h"
#include "hybridc/Executor/Recalibration.h"
#include "hybridc/InitAll.h"
#include "hybridc/Pipelines/Calibrate.h"
#include "hybridc/Stream/Hazards.h"
#include "hybridc/Stream/Verify.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ToolOutputFile.h"

#include <chrono>

using namespace mlir;
using namespace hybridc;

/// On the module: the last phase that it went through.
static constexpr llvm::StringLiteral kPhaseAttr = "hyb.phase";

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
          } else if (diagnostic.getSeverity() != DiagnosticSeverity::Note) {
            bool isWarning =
                diagnostic.getSeverity() == DiagnosticSeverity::Warning;
            remarks.push_back((isWarning ? "warning: " : "remark: ") + text);
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
  contextPtr =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  contextPtr->loadAllAvailableDialects();
  contextPtr->printOpOnDiagnostic(false); // whole modules say less than a line
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
    // Commands that were read as text only need to be written.
    bool isThere = llvm::any_of(moduleRef->getOps(), [](Operation &op) {
      return op.getName().getDialectNamespace() == "cmd";
    });
    if (!isThere)
      buildPhase(passes, phase, options);
    for (const auto &[when, pipeline] : options.extraPasses) {
      if (when != phase)
        continue;
      std::string why;
      llvm::raw_string_ostream os(why);
      // The anchor is that of `passes` itself, which cannot be nested again.
      llvm::StringRef body = llvm::StringRef(pipeline).trim();
      if (!body.consume_front("builtin.module(") || !body.consume_back(")"))
        os << "expected 'builtin.module(...)'";
      if (!why.empty() || failed(parsePassPipeline(body, passes, os)))
        return Error{ExitCode::Usage, "pass pipeline '" + pipeline + "': " +
                                          llvm::StringRef(why).trim().str()};
    }
    if (failed(passes.run(*moduleRef))) {
      // A refusal that says which node it is about is one of the input, even
      // where the pass did not say which exit code it means.
      ExitCode code = listener.code.value_or(
          listener.error.starts_with("node '") ? ExitCode::Unsupported
          : readAt == phase ? ExitCode::InvalidInput // as it was given
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
        return Error{ExitCode::Internal, "in phase 'emit': " + listener.error};
      stream = std::move(*emitted);
      // Commands written by hand need not spell out the chip.
      if (stream.chipYaml.empty()) {
        auto chip = chip::loadChip(options.target);
        if (!chip)
          return chip.error();
        stream.chipYaml = chip::printChip(*chip);
        stream.target = chip->name;
      }
    }
  }
  phaseTimes.push_back(
      {std::string(nameOf(phase)),
       std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
           .count()});
  if (phase == Phase::Emit) {
    if (Status status = stream::verifyProgram(stream); !status)
      return Error{readAt >= Phase::Schedule // buffers or commands by hand
                       ? ExitCode::InvalidInput
                       : ExitCode::Internal,
                   "the stream is not well formed: " + status.error().message};
    if (options.checkHazards)
      if (auto report = stream::checkHazards(stream); !report)
        return Error{report.error().code == ExitCode::Unsupported ||
                             readAt == Phase::Emit // somebody else's doing
                         ? report.error().code
                         : ExitCode::Internal,
                     "hazard check: " + report.error().message};
  }
  (*moduleRef)
      ->setAttr(kPhaseAttr, StringAttr::get(contextPtr.get(), nameOf(phase)));
  if (options.onPhase)
    options.onPhase(phase, /*isDone=*/true);
  return dump(phase);
}

/// Reports speak of ONNX nodes. Ops of a text that names none are called after
/// the line they stand in.
static void nameByLine(ModuleOp module) {
  module->walk([](Operation *op) {
    auto line = dyn_cast<FileLineColLoc>(op->getLoc());
    if (line)
      op->setLoc(NameLoc::get(
          StringAttr::get(op->getContext(), op->getName().getStringRef().str() +
                                                ":" +
                                                std::to_string(line.getLine())),
          line));
  });
}

/// The first phase that a module read from text has not been through. It says
/// so itself, unless written by hand: then its dialects tell.
static Phase firstPhaseOf(ModuleOp module) {
  if (auto done = module->getAttrOfType<StringAttr>(kPhaseAttr))
    if (auto phase = parsePhase(done.getValue()))
      return static_cast<Phase>(std::min(static_cast<int>(*phase) + 1,
                                         static_cast<int>(Phase::Emit)));
  Phase first = Phase::Simplify;
  for (Operation &op : module.getOps())
    if (llvm::StringRef dialect = op.getName().getDialectNamespace();
        dialect == "cmd")
      first = Phase::Emit;
    else if (dialect == "tile")
      first = std::max(first, Phase::Schedule);
  return first;
}

/// A target that does not read is the target's fault, not a pass's.
static Status checkTarget(const CompileOptions &options) {
  auto chip = chip::loadChip(options.target);
  if (!chip)
    return chip.error();
  if (auto faults = chip::loadFaults(options.faults, *chip); !faults)
    return faults.error();
  return exec::checkDevices(*chip, options.target);
}

/// Their passes are registered for the whole process, under their own names.
Status Compilation::loadPlugins() {
  if (options.plugins.empty() && options.extraPasses.empty())
    return {};
  registerAllPasses();
  for (const std::string &file : options.plugins) {
    if (!llvm::sys::fs::exists(file))
      return invalidInput("pass plug-in '" + file + "': there is no such file");
    llvm::Expected<PassPlugin> plugin = PassPlugin::load(file);
    if (!plugin)
      return invalidInput("pass plug-in '" + file +
                          "': " + llvm::toString(plugin.takeError()));
    plugin->registerPassRegistryCallbacks();
  }
  return {};
}

/// When arrays are read out and rewritten.
Status Compilation::planArrays() {
  if (!options.planRecalibration)
    return {};
  auto chip = chip::loadChip(options.target);
  if (!chip)
    return chip.error();
  auto plan =
      exec::planRecalibration(*chip, options.horizon_s, options.driftBound);
  if (!plan)
    return plan.error();
  options.gainAt_s = std::move(plan->gainAt_s);
  options.programAt_s = std::move(plan->programAt_s);
  return {};
}

Status Compilation::run(const std::string &path) {
  if (Status status = loadPlugins(); !status)
    return status;
  if (Status status = checkTarget(options); !status)
    return status;
  if (Status status = planArrays(); !status)
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
    first = firstPhaseOf(*moduleRef);
    readAt = first;
    nameByLine(*moduleRef);
    if (!(*moduleRef)->hasAttr("hyb.model"))
      (*moduleRef)
          ->setAttr("hyb.model",
                    StringAttr::get(contextPtr.get(),
                                    llvm::sys::path::filename(path)));
  } else {
    auto imported =
        importModel(*contextPtr, path, options.import, &remarkTexts);
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
