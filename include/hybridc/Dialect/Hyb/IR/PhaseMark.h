//===- PhaseMark.h - How far a module has come ----------------*- C++ -*-===//
//
// The pass that makes a phase's decisions records so on the module, so that
// text compiles on behind it, whichever tool ran the pass, and nothing that
// stands in the text is decided again.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_HYB_IR_PHASEMARK_H
#define HYBRIDC_DIALECT_HYB_IR_PHASEMARK_H

#include "hybridc/Dialect/Hyb/IR/Facts.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

namespace hybridc::hyb {

inline void markPhase(mlir::ModuleOp module, llvm::StringRef phase) {
  module->setAttr(kPhaseAttr,
                  mlir::StringAttr::get(module.getContext(), phase));
}

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_IR_PHASEMARK_H
