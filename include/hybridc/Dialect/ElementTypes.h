//===- ElementTypes.h - MLIR's element types and the stream's --*- C++ -*-===//
#ifndef HYBRIDC_DIALECT_ELEMENTTYPES_H
#define HYBRIDC_DIALECT_ELEMENTTYPES_H

#include "hybridc/Stream/Program.h"

#include "mlir/IR/Types.h"

#include <optional>

namespace hybridc {

/// The stream's type for an element type (or a tensor's); nothing for types
/// that a stream cannot hold. Signless integers are signed, i1 is Bool.
std::optional<stream::DType> tryDTypeOf(mlir::Type type);

/// The inverse.
mlir::Type elementTypeOf(mlir::MLIRContext *context, stream::DType type);

} // namespace hybridc

#endif // HYBRIDC_DIALECT_ELEMENTTYPES_H
