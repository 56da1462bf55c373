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

#include "hybridc/Dialect/Hyb/IR/HybDialect.h.inc"
#include "hybridc/Dialect/Hyb/IR/HybEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "hybridc/Dialect/Hyb/IR/HybAttrs.h.inc"
#define GET_OP_CLASSES
#include "hybridc/Dialect/Hyb/IR/HybOps.h.inc"

namespace hybridc::hyb {

/// The scalar type inside a map region for a tensor's element type: integers
/// become signless.
mlir::Type scalarTypeOf(mlir::Type elementType);

/// The affine map by which NumPy broadcasts `input` onto `result`.
mlir::AffineMap broadcastMap(mlir::RankedTensorType input,
                             mlir::RankedTensorType result);

/// True for matmul, conv and conv_transpose.
bool isContraction(mlir::Operation *op);

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_IR_HYB_H
