//===- Import.h - ONNX to the tensor level --------------------*- C++ -*-===//
//
// Reads a model and builds `hyb`: one function `@infer` whose arguments and
// results carry the ONNX names (`hyb.name`), every value with a static shape,
// every op located at its ONNX node (Dialect/Hyb/IR/Location.h). Which ONNX
// ops are known, and with which limits, is docs/SupportedOps.md, made from
// `supportedOps()`.
//
// Weights are not copied: a dense_resource points into the mapped external
// data file or into the parsed model, which the blob's deleter keeps alive.
// A resource holds its elements densely, one byte for a bool.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_IMPORT_IMPORT_H
#define HYBRIDC_IMPORT_IMPORT_H

#include "hybridc/Support/Npz.h"
#include "hybridc/Support/Result.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hybridc {

/// What `--value` gives an input: one number for all of its elements, or an
/// array.
struct FixedValue {
  std::string text;
  std::optional<NpyArray> array;
};

struct ImportOptions {
  /// Extents of symbolic dimensions: `--dim N=4`.
  std::map<std::string, int64_t> dims;
  /// Whole shapes of inputs: `--shape x=1x3x224x224`.
  std::map<std::string, std::vector<int64_t>> shapes;
  /// Name and shape of what is to be input number N: used where the name (which
  /// may be empty) is no input's, since tensors of ONNX's test data go by
  /// number then.
  std::map<size_t, std::pair<std::string, std::vector<int64_t>>> numberedShapes;
  /// Inputs that become constants: `--value sr=16000`.
  std::map<std::string, FixedValue> values;
};

/// The dialects that an imported module uses.
void loadImportDialects(mlir::MLIRContext &context);

/// Imports `path`: ONNX (`.onnx`, weights outside the file beside it) or
/// ONNX's textual syntax (`.onnxtxt`). Errors: InvalidInput for what is not a
/// valid model, Unsupported for what is (naming the node, its op, the reason
/// and what would help), Usage for options that do not fit the model.
/// `remarks`, when given, gets a line for each choice that was made for the
/// user: open batches taken as 1, declarations of outputs that do not hold.
Result<mlir::OwningOpRef<mlir::ModuleOp>>
importModel(mlir::MLIRContext &context, llvm::StringRef path,
            const ImportOptions &options = {},
            std::vector<std::string> *remarks = nullptr);

/// One row for each ONNX op that the importer knows itself. Other standard
/// ops are taken apart by ONNX's own function body where they have one.
struct SupportedOp {
  std::string_view domain; ///< "" is ai.onnx
  std::string_view name;
  int since;                ///< first opset whose form of the op is read
  std::string_view family;  ///< heading in the documentation
  std::string_view becomes; ///< what it turns into
  std::string_view limits;  ///< what is refused; empty: nothing
};
/// Sorted by domain, then name.
std::vector<SupportedOp> supportedOps();

/// docs/SupportedOps.md.
std::string supportedOpsMarkdown();

} // namespace hybridc

#endif // HYBRIDC_IMPORT_IMPORT_H
