//===- TextModule.h - A module read from text -----------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_PIPELINES_TEXTMODULE_H
#define HYBRIDC_LIB_PIPELINES_TEXTMODULE_H

#include "hybridc/Support/Result.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/ADT/DenseMap.h"

#include <optional>

namespace hybridc {

/// Where the ops of a text stand. An op with a location of its own (the ONNX
/// node that it comes from) hides where that is: errors look it up here.
struct TextLines {
  struct Place {
    unsigned line, column;
  };
  /// The first op of each location.
  llvm::DenseMap<mlir::Attribute, Place> first;

  /// Where the op at `location`, or one that was fused into it, stands.
  std::optional<Place> find(mlir::LocationAttr location) const;
};

/// The verified module in a file of MLIR (text or bytecode), with `lines` of
/// it, of a module that does not verify too. Ops of a text that names no ONNX
/// nodes are called after the line they stand in. Null when the text has an
/// error, which goes to the context's diagnostics; an error (exit 3) of its own
/// where MLIR's parser would crash.
Result<mlir::OwningOpRef<mlir::ModuleOp>> parseText(const std::string &path,
                                                    mlir::MLIRContext *context,
                                                    TextLines &lines);

} // namespace hybridc

#endif // HYBRIDC_LIB_PIPELINES_TEXTMODULE_H
