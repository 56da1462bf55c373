//===- Refuse.h - Errors that know their exit code ------------*- C++ -*-===//
//
// A pass that refuses a model emits an error which names the ONNX node and the
// op, and carries the exit code (Dialect/Refusal.h).
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_HYB_IR_REFUSE_H
#define HYBRIDC_DIALECT_HYB_IR_REFUSE_H

#include "hybridc/Support/Result.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"

namespace hybridc::hyb {

/// "node 'conv1' (Conv): " + what the caller appends, at `op`.
mlir::InFlightDiagnostic refuse(mlir::Operation *op, ExitCode code);
inline mlir::InFlightDiagnostic refuseUnsupported(mlir::Operation *op) {
  return hyb::refuse(op, ExitCode::Unsupported);
}
inline mlir::InFlightDiagnostic refuseTooLarge(mlir::Operation *op) {
  return hyb::refuse(op, ExitCode::DoesNotFit);
}

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_IR_REFUSE_H
