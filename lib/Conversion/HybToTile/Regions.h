//===- Regions.h - What part of its operands an op needs ------*- C++ -*-===//
#ifndef HYBRIDC_LIB_CONVERSION_HYBTOTILE_REGIONS_H
#define HYBRIDC_LIB_CONVERSION_HYBTOTILE_REGIONS_H

#include "Ref.h"

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

namespace hybridc::lower {

/// To compute a box of an op's result.
struct OpRegions {
  Box computed;                     ///< what is computed: contains the request
  llvm::SmallVector<Box, 4> inputs; ///< what is read, one an operand
  /// Windows (conv, pool): the padding that this box meets, begins then ends.
  llvm::SmallVector<int64_t> pads;
  int64_t groups = 1; ///< conv: groups within the computed box
  /// Multiply-accumulates (or scalar steps) of the computed box.
  double work = 0;
};

/// True for the ops that can be computed box by box in the scratchpad.
bool isTileable(mlir::Operation *op);

/// Fails when the box cannot be computed alone (a window that lies wholly in
/// the padding); the whole result always can.
mlir::FailureOr<OpRegions> regionsFor(mlir::Operation *op, const Box &request);

} // namespace hybridc::lower

#endif // HYBRIDC_LIB_CONVERSION_HYBTOTILE_REGIONS_H
