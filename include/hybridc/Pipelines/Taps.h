//===- Taps.h - Intermediate values as further results --------*- C++ -*-===//
//
// Whoever wants to see a value inside of a model makes it a result of the
// entry. It then has memory of its own that no other buffer reuses, and is read
// like any output.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_PIPELINES_TAPS_H
#define HYBRIDC_PIPELINES_TAPS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <utility>
#include <vector>

namespace hybridc {

/// Appends `values`, of the function's own block, to its results, named
/// `prefix`0, `prefix`1, …
void appendResults(mlir::func::FuncOp func, llvm::ArrayRef<mlir::Value> values,
                   llvm::StringRef prefix);

/// A result of a group, or of a branch or loop, of the entry's own block.
struct Tap {
  std::string output; ///< name of the program's output that holds it
  /// ONNX nodes and operators of the group that computes it, joined by '+'.
  std::string node, op;
  std::string group;                ///< its name; empty outside of groups
  std::string engine, kind, format; ///< its place; empty outside of groups
  /// What names the value in another build of the same model: the last node of
  /// its computation, and its type. Empty where it has no ONNX node.
  std::string key;
};

/// Makes each such result an output of the entry, in the order of execution.
/// For a module between the phases `fuse` and `precision`, where every value
/// has the type and the shape that the model gives it. Empty when the module
/// has more than one entry or none.
std::vector<Tap> addTaps(mlir::ModuleOp module);

/// Indices (into `a`, into `b`) of the values that two builds of one model have
/// in common, in the order of `a`. Several values may have one key (an ONNX
/// node can become several groups): they pair up in order, if both builds have
/// as many of them, else not at all.
std::vector<std::pair<size_t, size_t>> matchTaps(const std::vector<Tap> &a,
                                                 const std::vector<Tap> &b);

} // namespace hybridc

#endif // HYBRIDC_PIPELINES_TAPS_H
