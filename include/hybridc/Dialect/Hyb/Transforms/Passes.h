//===- Passes.h - The passes of the tensor level --------------*- C++ -*-===//
//
// In the order of the pipeline; Passes.td documents each.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_HYB_TRANSFORMS_PASSES_H
#define HYBRIDC_DIALECT_HYB_TRANSFORMS_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

#include <memory>
#include <string>

namespace hybridc::hyb {

#define GEN_PASS_DECL
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_TRANSFORMS_PASSES_H
