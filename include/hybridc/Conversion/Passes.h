//===- Passes.h - From tensors to commands --------------------*- C++ -*-===//
#ifndef HYBRIDC_CONVERSION_PASSES_H
#define HYBRIDC_CONVERSION_PASSES_H

#include "hybridc/Dialect/Cmd/IR/Cmd.h"
#include "hybridc/Dialect/Tile/IR/Tile.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace hybridc {

#define GEN_PASS_DECL
#include "hybridc/Conversion/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "hybridc/Conversion/Passes.h.inc"

} // namespace hybridc

#endif // HYBRIDC_CONVERSION_PASSES_H
