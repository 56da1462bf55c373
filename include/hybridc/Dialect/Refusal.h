//===- Refusal.h - Errors of passes that carry an exit code ---*- C++ -*-===//
//
// A pass says with a diagnostic why it refuses; the tool needs the documented
// exit code too. It travels as metadata of the diagnostic.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_REFUSAL_H
#define HYBRIDC_DIALECT_REFUSAL_H

#include "hybridc/Support/Result.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"
#include "mlir/Support/LLVM.h"

#include <optional>
#include <utility>

namespace hybridc {

/// Starts an error at `op` for which a tool exits with `code`.
inline mlir::InFlightDiagnostic refuse(mlir::Operation *op, ExitCode code) {
  mlir::InFlightDiagnostic error = mlir::emitError(op->getLoc());
  if (mlir::Diagnostic *diagnostic = error.getUnderlyingDiagnostic())
    diagnostic->getMetadata().push_back(
        mlir::DiagnosticArgument(static_cast<int>(code)));
  return error;
}

/// The value, or failure with an error at `op` for which a tool exits with the
/// code that the result has.
template <typename T>
mlir::FailureOr<T> valueOrRefuse(mlir::Operation *op, Result<T> result) {
  if (result)
    return std::move(*result);
  refuse(op, result.error().code) << result.error().message;
  return mlir::failure();
}

/// The exit code that a diagnostic carries.
inline std::optional<ExitCode> exitCodeOf(mlir::Diagnostic &diagnostic) {
  for (mlir::DiagnosticArgument &argument : diagnostic.getMetadata())
    if (argument.getKind() ==
        mlir::DiagnosticArgument::DiagnosticArgumentKind::Integer)
      return static_cast<ExitCode>(argument.getAsInteger());
  return std::nullopt;
}

} // namespace hybridc

#endif // HYBRIDC_DIALECT_REFUSAL_H
