//===- Passes.h - The passes of the buffer level --------------*- C++ -*-===//
//
// In the order of the pipeline; Passes.td documents each.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_TILE_TRANSFORMS_PASSES_H
#define HYBRIDC_DIALECT_TILE_TRANSFORMS_PASSES_H

#include "hybridc/Dialect/Tile/IR/Tile.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace hybridc::tile {

#define GEN_PASS_DECL
#include "hybridc/Dialect/Tile/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "hybridc/Dialect/Tile/Transforms/Passes.h.inc"

} // namespace hybridc::tile

#endif // HYBRIDC_DIALECT_TILE_TRANSFORMS_PASSES_H
