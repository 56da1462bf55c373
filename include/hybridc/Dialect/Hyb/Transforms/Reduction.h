//===- Reduction.h - How hybrid-reduce makes functions smaller -*- C++ -*-===//
#ifndef HYBRIDC_DIALECT_HYB_TRANSFORMS_REDUCTION_H
#define HYBRIDC_DIALECT_HYB_TRANSFORMS_REDUCTION_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace hybridc::hyb {

/// Gives the hyb dialect the rewrites that `-reduction-tree` tries: an op's
/// result becomes an operand of the same type, or zeros.
void registerReductionPatterns(mlir::DialectRegistry &registry);

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_TRANSFORMS_REDUCTION_H
