//===- FitsScratchpad.h - Whether allocate will succeed -------*- C++ -*-===//
#ifndef HYBRIDC_DIALECT_TILE_TRANSFORMS_FITSSCRATCHPAD_H
#define HYBRIDC_DIALECT_TILE_TRANSFORMS_FITSSCRATCHPAD_H

#include "mlir/IR/BuiltinOps.h"

namespace hybridc::tile {

/// Whether tile-allocate finds places for all scratchpad buffers of a module in
/// `bytes`: it plans as that pass does.
bool fitsScratchpad(mlir::ModuleOp module, int64_t bytes);

} // namespace hybridc::tile

#endif // HYBRIDC_DIALECT_TILE_TRANSFORMS_FITSSCRATCHPAD_H
