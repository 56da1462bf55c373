//===- Ref.h - Tensors as strided boxes of buffers ------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_CONVERSION_HYBTOTILE_REF_H
#define HYBRIDC_LIB_CONVERSION_HYBTOTILE_REF_H

#include "hybridc/Dialect/Tile/IR/Tile.h"

#include "mlir/IR/Builders.h"

#include <optional>

namespace hybridc::lower {

/// A box of indices: per dimension the first one and how many.
struct Box {
  llvm::SmallVector<int64_t> lo, size;

  static Box whole(llvm::ArrayRef<int64_t> shape);
  int64_t numElements() const;
  bool operator==(const Box &) const = default;
  /// The smallest box around both.
  void include(const Box &other);
};

/// Where a tensor's elements lie: a strided box of a buffer, perhaps moved by
/// loop counters. Reshapes, transposes and slices are Refs, not copies.
struct Ref {
  mlir::Value buffer; ///< tile.buffer or tile.constant
  mlir::Type element;
  llvm::SmallVector<int64_t> shape, strides; ///< in elements
  int64_t offset = 0;                        ///< in elements
  llvm::SmallVector<std::pair<mlir::Value, int64_t>> steps;

  /// The whole of a buffer.
  static Ref of(mlir::Value buffer);
  bool isWhole() const;

  Ref transposed(llvm::ArrayRef<int64_t> perm) const;
  Ref sliced(llvm::ArrayRef<int64_t> offsets, llvm::ArrayRef<int64_t> steps,
             llvm::ArrayRef<int64_t> shape) const;
  Ref boxed(const Box &box) const;
  /// None when the strides do not allow it.
  std::optional<Ref> reshaped(llvm::ArrayRef<int64_t> shape) const;
  /// One index of `axis`, moved by `counter` (from the end when reversed).
  Ref indexed(int64_t axis, mlir::Value counter, bool reversed) const;

  /// The view, as a value (a tile.subview where it is not the buffer).
  mlir::Value view(mlir::OpBuilder &builder, mlir::Location loc) const;
};

} // namespace hybridc::lower

#endif // HYBRIDC_LIB_CONVERSION_HYBTOTILE_REF_H
