//===- HybOps.cpp - Constants, groups -------------------------------------===//
#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Stream/Program.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace hybridc::hyb;

#include "hybridc/Dialect/Hyb/IR/HybInterfaces.cpp.inc"
#define GET_OP_CLASSES
#include "hybridc/Dialect/Hyb/IR/HybOps.cpp.inc"

//===----------------------------------------------------------------------===//
// ConstantOp
//===----------------------------------------------------------------------===//

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

LogicalResult ConstantOp::verify() {
  if (getValue().getType() != getType())
    return emitOpError("value has type ") << getValue().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// GroupOp
//===----------------------------------------------------------------------===//

YieldOp GroupOp::getYield() {
  return cast<YieldOp>(getBody().front().getTerminator());
}

Operation *GroupOp::getContraction() {
  for (Operation &op : getBlock())
    if (isContraction(&op))
      return &op;
  return nullptr;
}

void GroupOp::getAsmBlockArgumentNames(Region &, OpAsmSetValueNameFn) {}

LogicalResult GroupOp::verify() {
  if (auto place = getPlace()) {
    if (!llvm::is_contained({"array", "mac", "vec", "ctl", "dma"},
                            place->getEngine()))
      return emitOpError("place: unknown engine '")
             << place->getEngine() << "'";
    bool isArray = place->getEngine() == "array";
    stream::DType dtype;
    StringRef format = place->getFormat();
    if (isArray ? !llvm::is_contained({"analog", "ideal"}, format)
                : !stream::parseDType({format.data(), format.size()}, dtype))
      return emitOpError("place: '")
             << place->getEngine() << "' does not compute in format '" << format
             << "'";
    if (isArray == place->getKind().empty())
      return emitOpError("place: an array kind is named exactly when the "
                         "engine is 'array'");
  }
  return success();
}

LogicalResult GroupOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.getArgumentTypes() != getInputs().getTypes())
    return emitOpError("the region's arguments must have the inputs' types");
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getValues().getTypes() != getOutputs().getTypes())
    return emitOpError("the region must yield the results' types");
  return success();
}
