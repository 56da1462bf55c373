//===- Facts.h - What one pass leaves for a later one ---------*- C++ -*-===//
//
// Discardable attributes of the tensor level. The dialect verifies each
// (FactAttrs.cpp); any other attribute called `hyb.…` is an error.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_HYB_IR_FACTS_H
#define HYBRIDC_DIALECT_HYB_IR_FACTS_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringRef.h"

namespace hybridc::hyb {

/// On the module: the model's file; the archive of its weights; the name of the
/// last phase that it went through (PhaseMark.h).
inline constexpr llvm::StringLiteral kModelAttr = "hyb.model";
inline constexpr llvm::StringLiteral kWeightsAttr = "hyb.weights";
inline constexpr llvm::StringLiteral kPhaseAttr = "hyb.phase";
/// On a function's argument or result: what it is called in the model.
inline constexpr llvm::StringLiteral kNameAttr = "hyb.name";
/// On a group: [[least, greatest], …], f64, what was seen of each input; least
/// above greatest where nothing was.
inline constexpr llvm::StringLiteral kRangesAttr = "hyb.ranges";
/// On a group on arrays: the largest magnitude of its input, f64; 0 where it
/// is not known.
inline constexpr llvm::StringLiteral kInputRangeAttr = "hyb.input_range";
/// On a group: for each output its home, "sram" where it stays in the
/// scratchpad until its last reader ran, or "dram".
inline constexpr llvm::StringLiteral kHomesAttr = "hyb.homes";
/// On a group: all ways to run it, one dictionary each.
inline constexpr llvm::StringLiteral kAlternativesAttr = "hyb.alternatives";

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_IR_FACTS_H
