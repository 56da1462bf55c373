//===- InitAll.h - What the tools register --------------------*- C++ -*-===//
#ifndef HYBRIDC_INITALL_H
#define HYBRIDC_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace hybridc {

/// The dialects of every level, and the upstream ones that they use.
void registerAllDialects(mlir::DialectRegistry &registry);

/// The passes of every level, and a few upstream ones.
void registerAllPasses();

} // namespace hybridc

#endif // HYBRIDC_INITALL_H
