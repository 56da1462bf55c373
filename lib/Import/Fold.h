//===- Fold.h - Constants while importing ---------------------*- C++ -*-===//
//
// Exporters compute shapes by chains of small ops. They are folded as soon as
// their `hyb` ops exist, because the next node may need the value to know its
// own shape. Only small tensors, and only ops whose result is exactly defined
// (no exp, no matmul): the rest is left to the `simplify` phase, which folds
// with the executor's kernels.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_IMPORT_FOLD_H
#define HYBRIDC_LIB_IMPORT_FOLD_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

#include <optional>
#include <vector>

namespace hybridc::import {

/// Largest constant, in elements, that importing folds.
constexpr int64_t maxFoldedElements = 8192;

/// One element. Integers and bools are in `i` (unsigned ones zero-extended),
/// floats in `f`.
struct Scalar {
  int64_t i = 0;
  double f = 0;
};

/// The elements of a constant in row-major order; nothing when there are more
/// than `limit` of them.
std::optional<std::vector<Scalar>>
readConstant(mlir::ElementsAttr value, int64_t limit = maxFoldedElements);

/// `values` has one entry (a splat) or one for each element.
mlir::ElementsAttr makeConstant(mlir::RankedTensorType type,
                                llvm::ArrayRef<Scalar> values);

/// An integer (wrapped) or float (rounded) as an element of `type`.
Scalar roundTo(mlir::Type type, Scalar value);

/// The result of a `hyb` op with one result whose operands are constants, or
/// null when it is not folded here.
mlir::ElementsAttr foldOp(mlir::Operation *op,
                          llvm::ArrayRef<mlir::ElementsAttr> operands);

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_FOLD_H
