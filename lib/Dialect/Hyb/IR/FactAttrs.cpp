//===- FactAttrs.cpp - What a later pass may rely on ----------------------===//
#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/IR/BuiltinOps.h"

#include <cmath>

using namespace mlir;
using namespace hybridc::hyb;

static bool isPair(Attribute attr) {
  auto pair = dyn_cast<ArrayAttr>(attr);
  return pair && pair.size() == 2 && llvm::all_of(pair, [](Attribute bound) {
           auto value = dyn_cast<FloatAttr>(bound);
           return value && !std::isnan(value.getValueAsDouble());
         });
}

static LogicalResult verifyRanges(GroupOp group, Attribute value) {
  auto ranges = dyn_cast<ArrayAttr>(value);
  if (!ranges || !llvm::all_of(ranges, isPair))
    return group.emitOpError("hyb.ranges must be [[least, greatest], …]");
  if (ranges.size() != group.getInputs().size())
    return group.emitOpError("hyb.ranges has ")
           << ranges.size() << " ranges, the group " << group.getInputs().size()
           << " inputs";
  return success();
}

static LogicalResult verifyHomes(GroupOp group, Attribute value) {
  auto homes = dyn_cast<ArrayAttr>(value);
  auto isHome = [](Attribute home) {
    auto name = dyn_cast<StringAttr>(home);
    return name && (name == "sram" || name == "dram");
  };
  if (!homes || homes.size() != group.getOutputs().size() ||
      !llvm::all_of(homes, isHome))
    return group.emitOpError("hyb.homes must be \"sram\" or \"dram\" for each "
                             "output");
  return success();
}

static LogicalResult verifyOfGroup(Operation *op, NamedAttribute attr) {
  auto group = dyn_cast<GroupOp>(op);
  if (!group)
    return op->emitOpError()
           << attr.getName().getValue() << " belongs to a hyb.group";
  if (attr.getName() == kRangesAttr)
    return verifyRanges(group, attr.getValue());
  if (attr.getName() == kHomesAttr)
    return verifyHomes(group, attr.getValue());
  if (attr.getName() == kInputRangeAttr) {
    auto range = dyn_cast<FloatAttr>(attr.getValue());
    if (!range || !(range.getValueAsDouble() >= 0) ||
        std::isinf(range.getValueAsDouble()))
      return op->emitOpError(
          "hyb.input_range must be a finite float, 0 or more");
    return success();
  }
  auto list = dyn_cast<ArrayAttr>(attr.getValue());
  if (!list || !llvm::all_of(list, llvm::IsaPred<DictionaryAttr>))
    return op->emitOpError("hyb.alternatives must be a list of dictionaries");
  return success();
}

LogicalResult HybDialect::verifyOperationAttribute(Operation *op,
                                                   NamedAttribute attr) {
  StringRef name = attr.getName();
  if (llvm::is_contained(
          {kRangesAttr, kInputRangeAttr, kAlternativesAttr, kHomesAttr}, name))
    return verifyOfGroup(op, attr);
  if (llvm::is_contained({kModelAttr, kWeightsAttr, kPhaseAttr}, name)) {
    if (!isa<ModuleOp>(op) || !isa<StringAttr>(attr.getValue()))
      return op->emitOpError() << name << " must be text, on a module";
    return success();
  }
  return op->emitOpError() << "knows no attribute '" << name << "'";
}
