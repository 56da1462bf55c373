//===- Compile.cpp - A model on its way down ------------------------------===//
#include "hybridc/Pipelines/Compile.h"

#include "TextModule.h"

#include "hybridc/Chip/Faults.h"
#include "hybridc/Conversion/Passes.h"
#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Dialect/Hyb/IR/PhaseMark.h"
#include "hybridc/Dialect/Refusal.h"
#include "hybridc/Dialect/Tile/Transforms/Passes.h"
#include "hybridc/Emit/Emit.h"
#include "hybridc/Executor/CheckChip.h"
#include "hybridc/Executor/CheckStream.h"
#include "hybridc/Executor/Recalibration.h"
#include "hybridc/InitAll.h"
#include "hybridc/Pipelines/Calibrate.h"
#include "hybridc/Pipelines/Plugins.h"
#include "hybridc/Pipelines/TextWeights.h"
#include "hybridc/Stream/Hazards.h"
#include "hybridc/Stream/Verify.h"
#include "hybridc/Support/OutputFile.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <chrono>
#include <fmt/format.h>

using namespace mlir;
using namespace hybridc;

/// Keeps the first error of a scope and all remarks.
class Compilation::Listener {
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

  /// "file:line:column: " of the first error, if it stands in a text.
  std::string whereIn(const std::string &textPath,
                      const TextLines &lines) const {
    if (textPath.empty())
      return {};
    auto at = location ? lines.find(location) : std::nullopt;
    return at ? fmt::format("{}:{}:{}: ", textPath, at->line, at->column)
              : textPath + ": ";
  }

  std::string error, notes;
  LocationAttr location;
  std::optional<ExitCode> code; ///< of the first error, if it says

private:
  ScopedDiagnosticHandler handler;
};

namespace {
/// Remembers the innermost pass that failed first.
struct FailureWatch : PassInstrumentation {
  explicit FailureWatch(std::string &name) : name(name) {}
  void runAfterPassFailed(Pass *pass, Operation *) override {
    if (name.empty())
      name = pass->getArgument().str();
  }
  std::string &name;
};
} // namespace

Compilation::Compilation(CompileOptions given)
    : options(std::move(given)), lines(std::make_unique<TextLines>()) {
  DialectRegistry registry;
  registerAllDialects(registry);
  contextPtr =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  contextPtr->loadAllAvailableDialects();
  contextPtr->printOpOnDiagnostic(false); // whole modules say less than a line
}

Compilation::~Compilation() = default;

/// What text made of this module does with its weights. Text made of text that
/// had its weights has them, too.
TextWeights Compilation::textWeights(const std::string &textPath) const {
  TextWeights weights = TextWeights::parse(options.weights);
  if (readAt)
    weights.mode = TextWeights::Mode::Inline;
  weights.file = pathFromText(weights.file, textPath);
  return weights;
}

std::string Compilation::text(bool locations) {
  return printModule(*moduleRef, {}, locations);
}

Result<std::string> Compilation::textToKeep(const std::string &textPath) {
  TextWeights weights = textWeights(textPath);
  if (weights.mode == TextWeights::Mode::Beside) {
    Resources resources;
    collectResources(*moduleRef, resources);
    if (Status status = writeWeights(resources, options.weights); !status)
      return status.error();
  }
  KnownWeights from;
  if (options.weights != "inline" && !known.file.empty()) {
    from = known;
    from.file = pathFromText(known.file, textPath);
  }
  // Text that compiles on keeps the names of its nodes.
  bool isComplete = weights.mode != TextWeights::Mode::LeftOut;
  return printModule(*moduleRef, weights, isComplete, from);
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
  std::string name = path.str().str();
  TextWeights weights = textWeights(name);
  std::string text = printModule(*moduleRef, weights, /*locations=*/true);
  if (Status status = writeTextFile(name, text + "\n"); !status)
    return status;
  if (weights.mode != TextWeights::Mode::Beside)
    return {};
  // One archive for the text of all phases.
  collectResources(*moduleRef, dumped);
  return writeWeights(dumped, options.weights);
}

/// What a stream promises, proven from the stream alone. Buffers and commands
/// of somebody's text or passes are checked for hazards in any case.
Status Compilation::checkStream() {
  bool isForeign = readAt || hasForeignPasses;
  std::string where = textPath.empty() ? "" : textPath + ": ";
  bool isByHand = readAt > Phase::Lower || hasForeignPasses;
  if (Status status = stream::verifyProgram(stream); !status)
    return Error{
        isForeign ? ExitCode::InvalidInput : ExitCode::Internal,
        where + "the stream is not well formed: " + status.error().message};
  if (Status status = exec::checkStream(stream); !status)
    return Error{isForeign || status.error().code == ExitCode::DoesNotFit
                     ? status.error().code
                     : ExitCode::Internal,
                 where + status.error().message};
  if (options.hazards == HazardChecks::Never ||
      (options.hazards == HazardChecks::OfForeign && !isByHand))
    return {};
  auto report = stream::checkHazards(stream);
  if (report)
    return {};
  return Error{report.error().code == ExitCode::Unsupported || isForeign
                   ? report.error().code
                   : ExitCode::Internal,
               where + "hazard check: " + report.error().message};
}

/// Parses the pipelines to run at the end of `phase` into `passes`.
Status Compilation::addExtraPasses(PassManager &passes, Phase phase) {
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
    hasForeignPasses = true;
  }
  return {};
}

/// The error of passes that failed in `phase`. A refusal that says which node
/// it is about is one of the input, even where the pass did not say which exit
/// code it means. What somebody's text or passes made, is theirs.
Error Compilation::errorOf(const Listener &listener, Phase phase,
                           const std::string &pass) {
  bool isForeign = readAt || hasForeignPasses;
  ExitCode code = listener.code.value_or(listener.error.starts_with("node '")
                                             ? ExitCode::Unsupported
                                             : ExitCode::Internal);
  if (code == ExitCode::Internal && isForeign)
    code = ExitCode::InvalidInput;
  std::string message = listener.error.empty()
                            ? "failed without a reason"
                            : listener.error + listener.notes;
  std::string where = listener.whereIn(textPath, *lines);
  if (code == ExitCode::Internal)
    message = "in phase '" + std::string(nameOf(phase)) + "': " + message;
  else if (isForeign && !pass.empty())
    message += " (in pass '" + pass + "')";
  return Error{code, where + message};
}

/// The verifier of what holds behind a phase; of what somebody wrote by hand,
/// also what its reports would say.
void Compilation::addBoundary(PassManager &passes, Phase phase) {
  buildBoundary(passes, phase);
  if ((readAt || hasForeignPasses) && phase >= Phase::Lower &&
      phase <= Phase::Allocate)
    passes.addPass(tile::createVerifyGroups());
}

/// Runs `passes`; what fails says in which pass.
Status Compilation::runPasses(PassManager &passes, ModuleOp module, Phase phase,
                              Listener &listener) {
  passes.enableVerifier(options.verifyEach);
  std::string failedPass;
  passes.addInstrumentation(std::make_unique<FailureWatch>(failedPass));
  if (succeeded(passes.run(module)))
    return {};
  return errorOf(listener, phase, failedPass);
}

/// What calibration runs: a copy that was changed, held to the same promises.
Result<stream::Program> Compilation::buildAside(ModuleOp module,
                                                const CompileOptions &how,
                                                Listener &listener) {
  auto inCalibration = [](Error error) {
    error.message = "building the model for calibration: " + error.message;
    return error;
  };
  for (int at = int(Phase::Partition); at <= int(Phase::Emit); ++at) {
    auto phase = Phase(at);
    PassManager passes(contextPtr.get());
    if (phase == Phase::Partition)
      buildBoundary(passes, Phase::Fuse);
    buildPhase(passes, phase, how);
    buildBoundary(passes, phase);
    if (Status status = runPasses(passes, module, phase, listener); !status)
      return inCalibration(status.error());
  }
  auto emitted = emitStream(module);
  if (failed(emitted))
    return inCalibration(errorOf(listener, Phase::Emit, {}));
  return std::move(*emitted);
}

Status Compilation::runPhase(Phase phase) {
  if (options.onPhase)
    options.onPhase(phase, /*isDone=*/false);
  auto start = std::chrono::steady_clock::now();
  {
    Listener listener(contextPtr.get(), remarkTexts);
    // Ranges are those of the groups that partition will see.
    if (phase == Phase::Partition && !options.calibration.empty())
      if (Status status =
              calibrate(*moduleRef, options,
                        [&](ModuleOp copy, const CompileOptions &how) {
                          return buildAside(copy, how, listener);
                        });
          !status)
        return status;
    PassManager passes(contextPtr.get());
    // Commands that were read as text only need to be written.
    bool isThere = llvm::any_of(moduleRef->getOps(), [](Operation &op) {
      return op.getName().getDialectNamespace() == "cmd";
    });
    if (!isThere)
      buildPhase(passes, phase, options);
    if (Status status = addExtraPasses(passes, phase); !status)
      return status;
    addBoundary(passes, phase);
    if (Status status = runPasses(passes, *moduleRef, phase, listener); !status)
      return status;
    if (phase == Phase::Emit) {
      auto emitted = emitStream(*moduleRef);
      if (failed(emitted))
        return errorOf(listener, phase, {});
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
  if (phase == Phase::Emit)
    if (Status status = checkStream(); !status)
      return status;
  (*moduleRef)
      ->setAttr(hyb::kPhaseAttr,
                StringAttr::get(contextPtr.get(), nameOf(phase)));
  if (options.onPhase)
    options.onPhase(phase, /*isDone=*/true);
  return dump(phase);
}

/// The last phase whose work is in the module: as far as ops tell.
static Phase phaseByOps(ModuleOp module) {
  Phase done = Phase::Import;
  bool hasGroups = false, hasPlaces = true;
  for (Operation &op : module.getOps()) {
    llvm::StringRef dialect = op.getName().getDialectNamespace();
    if (dialect == "cmd")
      return Phase::Allocate;
    if (dialect == "tile")
      done = std::max(done, Phase::Lower);
  }
  module.walk([&](hyb::GroupOp group) {
    hasGroups = true;
    hasPlaces &= group.getPlace().has_value() && group.getReason().has_value();
  });
  if (hasGroups)
    done = std::max(done, hasPlaces ? Phase::Partition : Phase::Fuse);
  return done;
}

/// The first phase that a module read from text has not been through. Passes
/// record how far it came; a text written by hand is as far as its ops say.
static Phase firstPhaseOf(ModuleOp module) {
  Phase done = phaseByOps(module);
  if (auto said = module->getAttrOfType<StringAttr>(hyb::kPhaseAttr))
    if (auto phase = parsePhase(said.getValue()))
      done = std::max(done, *phase);
  return std::min(Phase(int(done) + 1), Phase::Emit);
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
  mlir::DialectRegistry more;
  if (Status status = hybridc::loadPlugins(options.plugins, &more); !status)
    return status;
  contextPtr->appendDialectRegistry(more);
  // What their passes make need not have been read before.
  for (llvm::StringRef name : more.getDialectNames())
    contextPtr->getOrLoadDialect(name);
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

/// Passes given for the end of `import`, and the verifier of what a phase that
/// this compilation did not run promises.
Status Compilation::checkStart(Phase done) {
  Listener listener(contextPtr.get(), remarkTexts);
  PassManager passes(contextPtr.get());
  if (done == Phase::Import)
    if (Status status = addExtraPasses(passes, done); !status)
      return status;
  addBoundary(passes, done);
  return runPasses(passes, *moduleRef, done, listener);
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
    auto module = parseText(path, contextPtr.get(), *lines);
    if (!module)
      return module.error();
    moduleRef = std::move(*module);
    if (!moduleRef)
      return invalidInput(listener.whereIn(path, *lines) + listener.error);
    auto weights = readWeights(
        *moduleRef, path, options.weights == "inline" ? "" : options.weights);
    if (!weights)
      return weights.error();
    known = std::move(*weights);
    first = firstPhaseOf(*moduleRef);
    readAt = first;
    textPath = path;
    if (!(*moduleRef)->hasAttr(hyb::kModelAttr))
      (*moduleRef)
          ->setAttr(hyb::kModelAttr,
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
  // What a text says of itself, and what further passes made of an import, is
  // held to what the phase before promises.
  if (!readAt || *readAt > Phase::Import)
    if (Status status =
            checkStart(readAt ? Phase(int(first) - 1) : Phase::Import);
        !status)
      return status;
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
