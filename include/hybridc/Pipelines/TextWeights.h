//===- TextWeights.h - Weights of modules that are text -------*- C++ -*-===//
//
// Text stays readable when weights of more than 64 elements are left out of it;
// then it can be looked at, but not compiled. To compile on, they stand in the
// text (as MLIR's resources) or in an .npz archive beside it, one array a
// resource, named like it. The text says which archive: `hyb.weights` on the
// module, a path from the text's own folder.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_PIPELINES_TEXTWEIGHTS_H
#define HYBRIDC_PIPELINES_TEXTWEIGHTS_H

#include "hybridc/Support/Result.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/MapVector.h"

#include <string>

namespace hybridc {

/// Where weights of more than 64 elements go when a module is printed.
struct TextWeights {
  enum class Mode { LeftOut, Inline, Beside } mode = Mode::LeftOut;
  std::string file; ///< Beside: the archive, as the text shall name it

  /// From a command line: "" (left out), "inline", or an archive's path.
  static TextWeights parse(const std::string &text);
};

/// The resources that a module refers to, by key, in the order of the ops.
/// Their bytes may be missing, where a text left them out.
using Resources =
    llvm::MapVector<llvm::StringRef, mlir::DenseResourceElementsAttr>;
void collectResources(mlir::ModuleOp module, Resources &resources);

/// Resources that need not be printed, since an archive is known to hold them.
struct KnownWeights {
  std::string file; ///< as given, or resolved from `hyb.weights`; may be ""
  llvm::SmallVector<std::string> keys;
};

/// Prints a module. With Beside, the archive has to be written as well; what
/// `known` holds is named there again instead of printed (Inline).
std::string printModule(mlir::ModuleOp module, const TextWeights &weights,
                        bool locations, const KnownWeights &known = {});

/// Writes the bytes of all `resources` into an .npz archive.
/// Fails with ExitCode::Usage when the file cannot be written.
Status writeWeights(const Resources &resources, const std::string &path);

/// Gives a module that was read from `textPath` the weights that its text
/// leaves out: from `file`, or where that is "" from the archive that the
/// module names. Fails with ExitCode::InvalidInput, naming the weight, when
/// bytes are missing or of another size than its type says.
Result<KnownWeights> readWeights(mlir::ModuleOp module,
                                 const std::string &textPath,
                                 const std::string &file);

/// "beside.npz" as text in `textPath` has to name it: a path from the text's
/// folder. Text on stdout ("" or "-") names it from the current folder.
std::string pathFromText(const std::string &weights,
                         const std::string &textPath);

} // namespace hybridc

#endif // HYBRIDC_PIPELINES_TEXTWEIGHTS_H
