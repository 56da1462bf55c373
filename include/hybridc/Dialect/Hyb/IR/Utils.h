//===- Utils.h - Small questions that many passes ask ---------*- C++ -*-===//
#ifndef HYBRIDC_DIALECT_HYB_IR_UTILS_H
#define HYBRIDC_DIALECT_HYB_IR_UTILS_H

#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"

#include <optional>

namespace hybridc::hyb {

/// The value of a hyb.constant, or null.
mlir::ElementsAttr constantOf(mlir::Value value);

/// The bytes of a resource; nothing when its blob is missing.
std::optional<llvm::ArrayRef<char>>
bytesOf(mlir::DenseResourceElementsAttr resource);

/// Elements of a constant integer tensor of at most `limit` elements.
std::optional<llvm::SmallVector<int64_t>> integersOf(mlir::ElementsAttr value,
                                                     int64_t limit = 65536);

/// Bytes of a tensor's elements, as a stream stores them.
uint64_t bytesOf(mlir::Type tensorType);

/// For a reshape that adds or removes dimensions of extent 1 only: for each
/// dimension of `from`, the dimension of `to` that it is; -1 for extent 1.
std::optional<llvm::SmallVector<int64_t>>
matchUnitReshape(mlir::RankedTensorType from, mlir::RankedTensorType to);

/// What views (isView) of views look at; the value itself if it is none.
mlir::Value behindViews(mlir::Value value);
/// The same, also through accesses that loop counters move.
mlir::Value behindAccesses(mlir::Value value);

/// The tensor type with other elements.
mlir::RankedTensorType withElement(mlir::RankedTensorType type,
                                   mlir::Type element);

/// Fills a constant from raw bytes (row-major, one byte a bool): dense when
/// small or all equal, else a resource that owns the bytes.
mlir::ElementsAttr constantFromBytes(mlir::RankedTensorType type,
                                     llvm::ArrayRef<char> bytes);

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_IR_UTILS_H
