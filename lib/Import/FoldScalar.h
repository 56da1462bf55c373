//===- FoldScalar.h - The region of a map on constants --------*- C++ -*-===//
#ifndef HYBRIDC_LIB_IMPORT_FOLDSCALAR_H
#define HYBRIDC_LIB_IMPORT_FOLDSCALAR_H

#include "Fold.h"

namespace hybridc::import {

/// What a map's region yields for `arguments` at `index` of the result;
/// nothing when it holds an op whose result is not exactly defined.
std::optional<Scalar> evaluateBody(mlir::Block &body,
                                   llvm::ArrayRef<Scalar> arguments,
                                   llvm::ArrayRef<int64_t> index);

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_FOLDSCALAR_H
