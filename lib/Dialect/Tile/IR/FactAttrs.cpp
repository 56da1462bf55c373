//===- FactAttrs.cpp - What a later pass may rely on ----------------------===//
#include "hybridc/Dialect/Tile/IR/Facts.h"
#include "hybridc/Dialect/Tile/IR/Tile.h"

#include "mlir/IR/BuiltinOps.h"

#include <cmath>

using namespace mlir;
using namespace hybridc::tile;

static bool isCount(Attribute value) {
  auto number = dyn_cast<IntegerAttr>(value);
  return number && number.getType().isSignlessInteger(64) &&
         number.getInt() >= 0;
}

static bool isTime(Attribute value) {
  auto time = dyn_cast<FloatAttr>(value);
  return time && time.getType().isF64() &&
         std::isfinite(time.getValueAsDouble()) && time.getValueAsDouble() >= 0;
}

static bool areTimes(Attribute value) {
  auto times = dyn_cast<DenseF64ArrayAttr>(value);
  return times && llvm::all_of(times.asArrayRef(), [](double at) {
           return std::isfinite(at) && at >= 0;
         });
}

LogicalResult TileDialect::verifyOperationAttribute(Operation *op,
                                                    NamedAttribute attr) {
  StringRef name = attr.getName();
  auto require = [&](bool holds, const char *what) {
    return holds ? LogicalResult(success())
                 : op->emitOpError() << name << " must be " << what;
  };
  Attribute value = attr.getValue();
  if (name == kEntryAttr)
    return require(isa<BufferOp>(op) && isa<StringAttr>(value),
                   "the name of an entry, on a tile.buffer");
  if (!isa<ModuleOp>(op))
    return op->emitOpError() << "has no attribute '" << name << "'";
  if (llvm::is_contained({kScratchAddressAttr, kScratchBytesAttr,
                          kSramBytesAttr, kSramLowerBoundAttr},
                         name))
    return require(isCount(value), "an i64, 0 or more");
  if (name == kFaultsAttr)
    return require(isa<StringAttr>(value), "a fault map");
  if (name == kHorizonAttr)
    return require(isTime(value), "seconds, 0 or more");
  if (name == kRecalibrateAttr) {
    auto entries = dyn_cast<DictionaryAttr>(value);
    return require(entries && llvm::all_of(entries,
                                           [](NamedAttribute entry) {
                                             return areTimes(entry.getValue());
                                           }),
                   "seconds, 0 or more, for each entry");
  }
  return op->emitOpError() << "knows no attribute '" << name << "'";
}
