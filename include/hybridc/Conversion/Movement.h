//===- Movement.h - Data movement as strided copies -----------*- C++ -*-===//
//
// What the moving ops of the tensor level are as strided copies: constant
// folding runs them on host buffers, the lowering makes transfers of them.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CONVERSION_MOVEMENT_H
#define HYBRIDC_CONVERSION_MOVEMENT_H

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include <optional>

namespace hybridc::hyb {

/// A box of elements from one operand into the result. Offsets (from the
/// tensor's first element) and strides are in elements; strides may be negative
/// in `from`.
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

using Strides = llvm::SmallVector<int64_t>;

/// The movement of reshape, transpose, slice, concat, pad, pack and unpack
/// between row-major tensors; nothing for other ops. Moves without elements are
/// left out.
std::optional<Movement> movementOf(mlir::Operation *op);

/// The same between tensors with these strides, one list for each operand; not
/// for reshape, which no strides but row-major ones allow.
std::optional<Movement> movementOf(mlir::Operation *op,
                                   llvm::ArrayRef<Strides> from,
                                   const Strides &to);

} // namespace hybridc::hyb

#endif // HYBRIDC_CONVERSION_MOVEMENT_H
