//===- Movement.h - Data movement as strided copies -----------*- C++ -*-===//
//
// What the moving ops of the tensor level are as copies between row-major
// tensors: constant folding runs them on host buffers, the lowering makes
// transfers of them.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CONVERSION_MOVEMENT_H
#define HYBRIDC_CONVERSION_MOVEMENT_H

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include <optional>

namespace hybridc::hyb {

/// A box of elements from one operand into the result. Offsets and strides are
/// in elements of row-major tensors; strides may be negative in `from`.
struct Move {
  unsigned operand = 0;
  llvm::SmallVector<int64_t> shape;
  int64_t fromOffset = 0, toOffset = 0;
  llvm::SmallVector<int64_t> fromStrides, toStrides;
};

struct Movement {
  /// Set when the result has elements that no move writes: the bits of the
  /// element that the whole result is filled with first.
  std::optional<uint64_t> fillBits;
  llvm::SmallVector<Move> moves;
};

/// The movement of reshape, transpose, slice, concat, pad, pack and unpack;
/// nothing for other ops. Moves without elements are left out.
std::optional<Movement> movementOf(mlir::Operation *op);

} // namespace hybridc::hyb

#endif // HYBRIDC_CONVERSION_MOVEMENT_H
