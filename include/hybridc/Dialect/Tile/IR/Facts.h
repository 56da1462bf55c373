//===- Facts.h - What one pass leaves for a later one ---------*- C++ -*-===//
//
// Discardable attributes of the buffer level. The dialect verifies each
// (FactAttrs.cpp); any other attribute called `tile.…` is an error.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_TILE_IR_FACTS_H
#define HYBRIDC_DIALECT_TILE_IR_FACTS_H

#include "llvm/ADT/StringRef.h"

namespace hybridc::tile {

/// On a tile.buffer that an entry binds: the entry's name.
inline constexpr llvm::StringLiteral kEntryAttr = "tile.entry";
/// On the module, i64: where scratch in DRAM starts and how many bytes it has;
/// the bytes of scratchpad in use and how few could do.
inline constexpr llvm::StringLiteral kScratchAddressAttr =
    "tile.scratch_address";
inline constexpr llvm::StringLiteral kScratchBytesAttr = "tile.scratch_bytes";
inline constexpr llvm::StringLiteral kSramBytesAttr = "tile.sram_bytes";
inline constexpr llvm::StringLiteral kSramLowerBoundAttr =
    "tile.sram_lower_bound";
/// On the module: what is broken (text, Chip/Faults.h); for how long the
/// program is to be used (f64, s); when entries run again (a dictionary, lists
/// of f64, s).
inline constexpr llvm::StringLiteral kFaultsAttr = "tile.faults";
inline constexpr llvm::StringLiteral kHorizonAttr = "tile.horizon_s";
inline constexpr llvm::StringLiteral kRecalibrateAttr = "tile.recalibrate_s";

} // namespace hybridc::tile

#endif // HYBRIDC_DIALECT_TILE_IR_FACTS_H
