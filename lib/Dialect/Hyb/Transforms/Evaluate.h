//===- Evaluate.h - Running one op at compile time ------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_EVALUATE_H
#define HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_EVALUATE_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace hybridc::hyb {

/// Computes an op from its operands' values with the executor's kernels. The
/// reason, without a diagnostic, when it cannot: an op that is no command, a
/// weight whose bytes are not there, an index out of range.
struct Evaluation {
  llvm::SmallVector<mlir::ElementsAttr> results;
  std::string whyNot;
};
Evaluation evaluate(mlir::Operation *op,
                    llvm::ArrayRef<mlir::ElementsAttr> operands);

} // namespace hybridc::hyb

#endif // HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_EVALUATE_H
