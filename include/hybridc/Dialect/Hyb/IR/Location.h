//===- Location.h - ONNX node names as locations --------------*- C++ -*-===//
//
// An op that comes from an ONNX node has the location
// loc("node name"("ONNX op")); fusing ops fuses their locations.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_HYB_IR_LOCATION_H
#define HYBRIDC_DIALECT_HYB_IR_LOCATION_H

#include "mlir/IR/Location.h"

#include <string>
#include <utility>
#include <vector>

namespace hybridc::hyb {

mlir::Location nodeLoc(mlir::MLIRContext *context, llvm::StringRef node,
                       llvm::StringRef op);

/// The (node, op) pairs that a location names, in order, without repeats.
std::vector<std::pair<std::string, std::string>> nodesOf(mlir::Location loc);

/// All node names (ONNX ops) of a location, joined by '+'.
std::string nodeNameOf(mlir::Location loc);
std::string opTypeOf(mlir::Location loc);

/// "node 'conv1' (Conv): ", or nothing when the location names no node: how an
/// error about an op begins.
std::string nodePrefix(mlir::Operation *op);

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_IR_LOCATION_H
