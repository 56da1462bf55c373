//===- Commands.h - Writing stream commands -------------------*- C++ -*-===//
//
// For ops that say what command they are (CommandOpInterface), and for those
// who ask them.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_HYB_IR_COMMANDS_H
#define HYBRIDC_DIALECT_HYB_IR_COMMANDS_H

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

/// Of these instructions, how many are arithmetic, and how many of them are
/// `special` (exp, log, tanh, … , slower on the vector unit): for costs.
struct VecCounts {
  unsigned ops = 0, special = 0;
};
VecCounts countInstructions(const stream::VecProgram &program);

/// Adds or replaces one attribute, keeping them sorted.
void setAttr(stream::Command &command, stream::Attr attr);
void setInts(stream::Command &command, llvm::StringRef name,
             llvm::ArrayRef<int64_t> values);
void setFloats(stream::Command &command, llvm::StringRef name,
               llvm::ArrayRef<double> values);
void setText(stream::Command &command, llvm::StringRef name,
             llvm::StringRef value);
/// Attributes whose default is 0 are only written when they are not.
void setUnlessZero(stream::Command &command, llvm::StringRef name,
                   int64_t value);

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_IR_COMMANDS_H
