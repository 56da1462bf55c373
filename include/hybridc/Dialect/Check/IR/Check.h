//===- Check.h - Expected values inside the IR ----------------*- C++ -*-===//
#ifndef HYBRIDC_DIALECT_CHECK_IR_CHECK_H
#define HYBRIDC_DIALECT_CHECK_IR_CHECK_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/Pass.h"

#include "hybridc/Dialect/Check/IR/CheckDialect.h.inc"
#define GET_OP_CLASSES
#include "hybridc/Dialect/Check/IR/CheckOps.h.inc"

namespace hybridc::check {
#define GEN_PASS_DECL
#include "hybridc/Dialect/Check/IR/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "hybridc/Dialect/Check/IR/Passes.h.inc"
} // namespace hybridc::check

#endif // HYBRIDC_DIALECT_CHECK_IR_CHECK_H
