//===- Compile.h - The phases, from a model to a stream -------*- C++ -*-===//
//
// What `hybridc compile` does, as a library. The phases are named; a
// compilation stops after any of them and can print what it has.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_PIPELINES_COMPILE_H
#define HYBRIDC_PIPELINES_COMPILE_H

#include "hybridc/Import/Import.h"
#include "hybridc/InitAll/Phases.h"
#include "hybridc/Pipelines/TextWeights.h"
#include "hybridc/Stream/Program.h"
#include "hybridc/Support/Result.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hybridc {

/// Whose streams are checked for hazards: of what somebody wrote by hand (text
/// of buffers or commands, passes of their own, a .hyb), of all, of none.
enum class HazardChecks { OfForeign, Always, Never };

struct CompileOptions : PhaseOptions {
  ImportOptions import;
  Phase to = Phase::Emit;
  std::string calibration; ///< .npz file or folder of them; empty: none
  /// What makes a range of what was seen: minmax percentile mse entropy.
  std::string calibrationMethod = "percentile";
  /// Chooses both (exec::planRecalibration): the cheapest that keep drift
  /// within `driftBound`, a part of the products' size, until the horizon.
  bool planRecalibration = false;
  double driftBound = 0.15;
  std::string dumpFolder; ///< text after each phase, one file each
  /// Weights of text: an .npz archive, "inline", or "" (TextWeights.h).
  std::string weights;
  bool verifyEach = true; ///< IR verifier after each pass
  /// Prove from the stream that semaphores order every conflict
  /// (stream::checkHazards). What is found is a defect of hybridc
  /// (ExitCode::Internal), but for what somebody wrote by hand (InvalidInput).
  HazardChecks hazards = HazardChecks::OfForeign;
  std::vector<std::string> plugins; ///< shared libraries with passes to load
  /// Pass pipelines to run at the end of a phase, in this order, on the module.
  std::vector<std::pair<Phase, std::string>> extraPasses;
  /// Called when a phase starts and when it is done, for progress and for
  /// whoever wants to look at the module in between.
  std::function<void(Phase phase, bool isDone)> onPhase;
};

struct PhaseTime {
  std::string name;
  double seconds = 0;
};

struct TextLines;

/// A model on its way down. The module is that of the last phase run.
class Compilation {
public:
  explicit Compilation(CompileOptions options);
  ~Compilation();

  /// Reads `.onnx`, `.onnxtxt` or `.mlir` (any level) and runs the phases up
  /// to options.to.
  Status run(const std::string &path);

  mlir::ModuleOp module() { return *moduleRef; }
  /// False when reading the model failed.
  bool hasModule() const { return static_cast<bool>(moduleRef); }
  mlir::MLIRContext &context() { return *contextPtr; }
  /// The stream; after Emit. Its blobs point into this compilation.
  const stream::Program &program() const { return stream; }
  const std::vector<PhaseTime> &times() const { return phaseTimes; }
  /// Warnings and remarks of the passes, as they came.
  const std::vector<std::string> &remarks() const { return remarkTexts; }
  /// The module's text to look at, with locations when asked for; weights of
  /// more than 64 elements are left out.
  std::string text(bool locations = false);
  /// Text for the file `textPath` ("-": stdout), with what options.weights says
  /// of weights; writes their archive, if it asks for one.
  Result<std::string> textToKeep(const std::string &textPath);

private:
  class Listener;
  Status loadPlugins();
  Status planArrays();
  Status addExtraPasses(mlir::PassManager &passes, Phase phase);
  Status runPasses(mlir::PassManager &passes, mlir::ModuleOp module,
                   Phase phase, Listener &listener);
  Result<stream::Program> buildAside(mlir::ModuleOp module,
                                     const CompileOptions &how,
                                     Listener &listener);
  Error errorOf(const Listener &listener, Phase phase, const std::string &pass);
  void addBoundary(mlir::PassManager &passes, Phase phase);
  Status checkStart(Phase done);
  Status checkStream();
  Status runPhase(Phase phase);
  Status dump(Phase phase);
  TextWeights textWeights(const std::string &textPath) const;

  CompileOptions options;
  std::unique_ptr<mlir::MLIRContext> contextPtr;
  mlir::OwningOpRef<mlir::ModuleOp> moduleRef;
  /// First phase of a module read from text: what fails there is its fault.
  std::optional<Phase> readAt;
  std::string textPath;             ///< of a module read from text
  std::unique_ptr<TextLines> lines; ///< of that text
  bool hasForeignPasses = false;    ///< options.extraPasses ran
  KnownWeights known;               ///< of a module read from text
  Resources dumped; ///< what the texts in options.dumpFolder refer to
  stream::Program stream;
  std::vector<PhaseTime> phaseTimes;
  std::vector<std::string> remarkTexts;
};

} // namespace hybridc

#endif // HYBRIDC_PIPELINES_COMPILE_H
