//===- Emit.h - cmd ↔ command stream --------------------------*- C++ -*-===//
#ifndef HYBRIDC_EMIT_EMIT_H
#define HYBRIDC_EMIT_EMIT_H

#include "hybridc/Dialect/Cmd/IR/Cmd.h"
#include "hybridc/Stream/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace hybridc {

/// The stream that a module with one cmd.program says. Blobs point into the
/// module's attributes (resources are not copied): keep its context alive.
/// Fails with an error at the op that no record can hold.
mlir::FailureOr<stream::Program> emitStream(mlir::ModuleOp module);

/// A stream as a module of `cmd`, blobs as resources that share its bytes.
/// What emitStream makes of it equals `program`.
mlir::OwningOpRef<mlir::ModuleOp> importStream(mlir::MLIRContext *context,
                                               const stream::Program &program);

} // namespace hybridc

#endif // HYBRIDC_EMIT_EMIT_H
