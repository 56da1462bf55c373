//===- HybMap.cpp - Element-wise computation ------------------------------===//
#include "hybridc/Chip/Work.h"
#include "hybridc/Dialect/Hyb/IR/Commands.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

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
// What passes ask
//===----------------------------------------------------------------------===//

LogicalResult MapOp::setCommand(stream::Command &command) {
  command.op = stream::Op::Vec;
  return success();
}

StringRef MapOp::getEngine() { return "vec"; }

FailureOr<std::optional<stream::VecProgram>> MapOp::buildProgram() {
  FailureOr<stream::VecProgram> program = buildVecProgram(*this);
  if (failed(program))
    return failure();
  return std::optional(std::move(*program));
}

void MapOp::describeWork(chip::Work &work) {
  // What no instruction computes is reported where it is lowered.
  ScopedDiagnosticHandler quiet(getContext(),
                                [](Diagnostic &) { return success(); });
  FailureOr<stream::VecProgram> program = buildVecProgram(*this);
  VecCounts counts;
  if (succeeded(program))
    counts = countInstructions(*program);
  work.elements = tensorTypeOf(getResult()).getNumElements();
  work.opsPerElement = std::max(1u, counts.ops);
  work.specialPerElement = counts.special;
}

FailureOr<OpRegions> MapOp::getRegions(const Box &wanted) {
  OpRegions out;
  Box request = wanted;
  // An index must count from the start of the whole.
  getBody().walk([&](IndexOp index) {
    request.widen(tensorTypeOf(getResult()).getShape(),
                  {static_cast<int64_t>(index.getDim())});
  });
  out.computed = request;
  for (auto [input, map] : llvm::zip(getInputs(), getIndexingMaps())) {
    Box box = Box::whole(tensorTypeOf(input).getShape());
    for (auto [d, expr] : llvm::enumerate(map.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
        box.lo[d] = request.lo[dim.getPosition()];
        box.size[d] = request.size[dim.getPosition()];
      }
    out.inputs.push_back(std::move(box));
  }
  out.work = static_cast<double>(request.numElements());
  return out;
}

void MapOp::arrangeOperands(MutableArrayRef<Strided> operands,
                            const Strided &result) {
  // Their dimensions are those of the iteration space.
  for (auto [operand, map] : llvm::zip(operands, getIndexingMaps())) {
    Strided out = operand;
    out.shape = result.shape;
    out.strides.assign(result.shape.size(), 0);
    for (auto [d, expr] : llvm::enumerate(map.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        out.strides[dim.getPosition()] += operand.strides[d];
    operand = std::move(out);
  }
}

bool MapOp::leadsGroup() { return false; } // others take it
