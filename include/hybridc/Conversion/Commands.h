//===- Commands.h - From hyb ops to stream commands -----------*- C++ -*-===//
//
// What an op of the tensor level is as a command: its number, its attributes,
// its vector program. Constant folding runs such commands on host buffers, the
// lowering places them; operands (views) are the callers' business.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CONVERSION_COMMANDS_H
#define HYBRIDC_CONVERSION_COMMANDS_H

#include "hybridc/Dialect/ElementTypes.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Stream/CommandSpec.h"
#include "hybridc/Stream/Program.h"
#include "hybridc/Stream/VecIsa.h"

#include <optional>

namespace hybridc::hyb {

/// tryDTypeOf for types that verified `hyb` ops carry; F32 for any other.
stream::DType dtypeOf(mlir::Type type);

/// The bits of a scalar attribute (integer, bool, float), zero-extended, as
/// Op::Fill and VecOp::Const take them.
uint64_t bitsOf(mlir::Attribute scalar);

/// The vector program of a map: input i is Load i, the result is Store 0.
/// Registers are reused after their last read. Fails with an error at the map
/// that names the node and the scalar op which no instruction computes.
mlir::FailureOr<stream::VecProgram> buildVecProgram(MapOp map);

/// Of these instructions, how many are arithmetic, and how many of them are
/// `special` (exp, log, tanh, … , slower on the vector unit): for costs.
struct VecCounts {
  unsigned ops = 0, special = 0;
};
VecCounts countInstructions(const stream::VecProgram &program);

/// True for ops that are one command each: matmul, conv, conv_transpose, map,
/// reduce, pool, normalize, gather, host. The others (reshape, transpose,
/// slice, concat, pad, pack, unpack, slice_at, insert_at) are copies.
bool isCommand(mlir::Operation *op);

/// Sets the number and the attributes of an op for which isCommand holds, by
/// CommandSpec.h. `program` of a map and block-dependent operands are left to
/// the caller. Attributes of hyb.host that no command can carry: an error.
mlir::LogicalResult setAttributes(mlir::Operation *op,
                                  stream::Command &command);

/// Adds or replaces one attribute, keeping them sorted.
void setAttr(stream::Command &command, stream::Attr attr);
void setInts(stream::Command &command, llvm::StringRef name,
             llvm::ArrayRef<int64_t> values);
void setFloats(stream::Command &command, llvm::StringRef name,
               llvm::ArrayRef<double> values);
void setText(stream::Command &command, llvm::StringRef name,
             llvm::StringRef value);

} // namespace hybridc::hyb

#endif // HYBRIDC_CONVERSION_COMMANDS_H
