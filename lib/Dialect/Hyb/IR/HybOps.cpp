//===- HybOps.cpp - Constants, maps, groups -------------------------------===//
#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Stream/Program.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace hybridc::hyb;

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
// MapOp
//===----------------------------------------------------------------------===//

MapOp MapOp::create(
    OpBuilder &builder, Location loc, RankedTensorType type, ValueRange inputs,
    ArrayRef<AffineMap> maps,
    function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  OperationState state(loc, getOperationName());
  build(builder, state, type, inputs, builder.getAffineMapArrayAttr(maps));
  auto op = cast<MapOp>(builder.create(state));
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types;
  for (Value input : inputs)
    types.push_back(
        scalarTypeOf(cast<RankedTensorType>(input.getType()).getElementType()));
  Block *block = builder.createBlock(&op.getBody(), {}, types,
                                     SmallVector<Location>(types.size(), loc));
  Value result = body(builder, loc, block->getArguments());
  YieldOp::create(builder, loc, result);
  return op;
}

MapOp MapOp::createBroadcast(
    OpBuilder &builder, Location loc, RankedTensorType type, ValueRange inputs,
    function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  SmallVector<AffineMap> maps;
  for (Value input : inputs)
    maps.push_back(broadcastMap(cast<RankedTensorType>(input.getType()), type));
  return create(builder, loc, type, inputs, maps, body);
}

SmallVector<AffineMap> MapOp::getIndexingMaps() {
  return llvm::map_to_vector(getMaps(), [](Attribute map) {
    return cast<AffineMapAttr>(map).getValue();
  });
}

Value MapOp::getYielded() {
  return getBody().front().getTerminator()->getOperand(0);
}

LogicalResult MapOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!type)
    return emitOpError("result must be a ranked tensor");
  if (getMaps().size() != getInputs().size())
    return emitOpError("has ") << getInputs().size() << " inputs but "
                               << getMaps().size() << " maps";
  for (auto [index, input, map] :
       llvm::enumerate(getInputs(), getIndexingMaps())) {
    auto inputType = cast<RankedTensorType>(input.getType());
    if (map.getNumSymbols() || map.getNumDims() != type.getRank() ||
        map.getNumResults() != inputType.getRank())
      return emitOpError("map ") << index << " must go from " << type.getRank()
                                 << " dimensions to " << inputType.getRank();
    for (auto [d, expr] : llvm::enumerate(map.getResults())) {
      int64_t extent = inputType.getDimSize(d);
      if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
        if (type.getDimSize(dim.getPosition()) != extent)
          return emitOpError("map ")
                 << index << ": dimension " << d << " of the input has extent "
                 << extent << ", the result's "
                 << type.getDimSize(dim.getPosition());
        continue;
      }
      auto constant = dyn_cast<AffineConstantExpr>(expr);
      if (!constant || constant.getValue() != 0)
        return emitOpError("map ")
               << index << ": each result must be a dimension or 0";
      if (extent == 0)
        return emitOpError("map ")
               << index << ": broadcasts an empty dimension";
    }
  }
  return success();
}

LogicalResult MapOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.getNumArguments() != getInputs().size())
    return emitOpError("the region must have one argument an input");
  for (auto [argument, input] : llvm::zip(block.getArguments(), getInputs())) {
    Type expected =
        scalarTypeOf(cast<RankedTensorType>(input.getType()).getElementType());
    if (argument.getType() != expected)
      return emitOpError("region argument ")
             << argument.getArgNumber() << " must be " << expected;
  }
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  Type expected =
      scalarTypeOf(cast<RankedTensorType>(getType()).getElementType());
  if (!yield || yield.getValues().size() != 1 ||
      yield.getValues()[0].getType() != expected)
    return emitOpError("the region must yield one ") << expected;
  for (Operation &op : block) {
    if (auto index = dyn_cast<IndexOp>(op)) {
      if (static_cast<int64_t>(index.getDim()) >=
              cast<RankedTensorType>(getType()).getRank() ||
          static_cast<int64_t>(index.getDim()) < 0)
        return index.emitOpError("dimension is beyond the result's rank");
    } else if (op.getNumRegions() || !isMemoryEffectFree(&op)) {
      return op.emitOpError("is not a scalar op that a map may hold");
    }
  }
  return success();
}

LogicalResult IndexOp::verify() { return success(); }

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
