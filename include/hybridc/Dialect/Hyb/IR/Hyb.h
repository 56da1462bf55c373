//===- Hyb.h - The tensor level -------------------------------*- C++ -*-===//
#ifndef HYBRIDC_DIALECT_HYB_IR_HYB_H
#define HYBRIDC_DIALECT_HYB_IR_HYB_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "hybridc/Dialect/Hyb/IR/Codegen.h"
#include "hybridc/Stream/Program.h"
#include "hybridc/Stream/VecIsa.h"

#include <optional>

namespace hybridc::chip {
struct Work;
} // namespace hybridc::chip

#include "hybridc/Dialect/Hyb/IR/HybDialect.h.inc"
#include "hybridc/Dialect/Hyb/IR/HybEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "hybridc/Dialect/Hyb/IR/HybAttrs.h.inc"
#include "hybridc/Dialect/Hyb/IR/HybInterfaces.h.inc"
#define GET_OP_CLASSES
#include "hybridc/Dialect/Hyb/IR/HybOps.h.inc"

namespace hybridc::hyb {

/// The scalar type inside a map region for a tensor's element type: integers
/// become signless.
mlir::Type scalarTypeOf(mlir::Type elementType);

/// The affine map by which NumPy broadcasts `input` onto `result`.
mlir::AffineMap broadcastMap(mlir::RankedTensorType input,
                             mlir::RankedTensorType result);

inline mlir::RankedTensorType tensorTypeOf(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType());
}

/// True for matmul, conv, conv_transpose and what else is one.
inline bool isContraction(mlir::Operation *op) {
  return mlir::isa<ContractionOpInterface>(op);
}

/// True for reshape, transpose, slice and what else only renames indices, the
/// same ones in every iteration of a loop.
bool isView(mlir::Operation *op);

/// The movement of a view or of concat, pad, pack, unpack, … between row-major
/// tensors; nothing for other ops.
std::optional<Movement> movementOf(mlir::Operation *op);

/// The vector program of a map (CommandOpInterface::buildProgram).
mlir::FailureOr<stream::VecProgram> buildVecProgram(MapOp map);

/// A loop counter, seen through the groups that it was handed into.
mlir::Value counterOf(mlir::Value at);

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_IR_HYB_H
