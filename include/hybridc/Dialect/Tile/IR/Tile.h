//===- Tile.h - The buffer level ------------------------------*- C++ -*-===//
#ifndef HYBRIDC_DIALECT_TILE_IR_TILE_H
#define HYBRIDC_DIALECT_TILE_IR_TILE_H

#include "hybridc/Dialect/ElementTypes.h"
#include "hybridc/Stream/Program.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "hybridc/Dialect/Tile/IR/TileDialect.h.inc"
#define GET_TYPEDEF_CLASSES
#include "hybridc/Dialect/Tile/IR/TileTypes.h.inc"
#define GET_OP_CLASSES
#include "hybridc/Dialect/Tile/IR/TileOps.h.inc"

namespace hybridc::tile {

/// Bytes of one element; 0 for a type that the stream does not have.
int64_t sizeOf(mlir::Type elementType);
/// The attributes of a command as the stream has them: integers and arrays of
/// integers, floats and arrays of floats, strings. Fails, naming the
/// attribute, for anything else. Symbols (program, arrays) are left out.
mlir::LogicalResult
attributesToStream(mlir::DictionaryAttr attrs, std::vector<stream::Attr> &out,
                   llvm::function_ref<mlir::InFlightDiagnostic()> emitError);
mlir::DictionaryAttr attributesFromStream(mlir::MLIRContext *context,
                                          const std::vector<stream::Attr> &);

/// What a view looks at, through subviews: a tile.buffer or tile.constant; null
/// for a block argument.
mlir::Operation *rootOf(mlir::Value view);

/// Vector programs as text: "add.f32 r2, r0, r1".
std::string printInstr(const stream::VecInstr &instr);
bool parseInstr(llvm::StringRef text, stream::VecInstr &instr);
VecProgramOp createVecProgram(mlir::OpBuilder &builder, mlir::Location loc,
                              llvm::StringRef name,
                              const stream::VecProgram &program);
/// Fails when a string does not parse.
mlir::FailureOr<stream::VecProgram> readVecProgram(VecProgramOp op);

} // namespace hybridc::tile

#endif // HYBRIDC_DIALECT_TILE_IR_TILE_H
