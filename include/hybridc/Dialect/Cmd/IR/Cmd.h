//===- Cmd.h - The command level ------------------------------*- C++ -*-===//
#ifndef HYBRIDC_DIALECT_CMD_IR_CMD_H
#define HYBRIDC_DIALECT_CMD_IR_CMD_H

#include "hybridc/Stream/Program.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"

#include "hybridc/Dialect/Cmd/IR/CmdDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "hybridc/Dialect/Cmd/IR/CmdAttrs.h.inc"
#define GET_OP_CLASSES
#include "hybridc/Dialect/Cmd/IR/CmdOps.h.inc"

namespace hybridc::cmd {

/// A view as the stream has it, and back.
stream::View toStream(ViewAttr view);
ViewAttr fromStream(mlir::MLIRContext *context, const stream::View &view);

/// A command with its waits and signals; fails, saying why, when the
/// attributes are not those of a stream.
mlir::FailureOr<stream::Command> toStream(DoOp op);

} // namespace hybridc::cmd

#endif // HYBRIDC_DIALECT_CMD_IR_CMD_H
