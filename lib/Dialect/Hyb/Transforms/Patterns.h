//===- Patterns.h - Rewrites shared by passes -----------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_PATTERNS_H
#define HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_PATTERNS_H

#include "mlir/IR/PatternMatch.h"

namespace hybridc::hyb {

/// Reshapes, transposes, slices, pads, gathers, trivial reductions.
void populateMovementPatterns(mlir::RewritePatternSet &patterns);
/// Inputs of maps: unused, repeated, splat, reshaped by unit dimensions.
void populateMapPatterns(mlir::RewritePatternSet &patterns);

} // namespace hybridc::hyb

#endif // HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_PATTERNS_H
