//===- Ref.h - Tensors as strided boxes of buffers ------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_CONVERSION_HYBTOTILE_REF_H
#define HYBRIDC_LIB_CONVERSION_HYBTOTILE_REF_H

#include "hybridc/Dialect/Hyb/IR/Codegen.h"
#include "hybridc/Dialect/Tile/IR/Tile.h"

#include "mlir/IR/Builders.h"

#include <optional>

namespace hybridc::lower {

using hyb::Box;
using hyb::OpRegions;
using hyb::Strided;

/// Where a tensor's elements lie: a strided box of a buffer, perhaps moved by
/// loop counters. Reshapes, transposes and slices are Refs, not copies.
struct Ref : Strided {
  mlir::Value buffer; ///< tile.buffer or tile.constant
  mlir::Type element;

  /// The whole of a buffer.
  static Ref of(mlir::Value buffer);
  bool isWhole() const;

  /// Other elements of the same buffer.
  Ref with(Strided other) const;
  Ref boxed(const Box &box) const { return with(Strided::boxed(box)); }

  /// The view, as a value (a tile.subview where it is not the buffer).
  mlir::Value view(mlir::OpBuilder &builder, mlir::Location loc) const;
};

} // namespace hybridc::lower

#endif // HYBRIDC_LIB_CONVERSION_HYBTOTILE_REF_H
