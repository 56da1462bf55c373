//===- PackedValues.cpp - Values and their packed forms -------------------===//
#include "Blocking.h"
#include "Evaluate.h"

#include "hybridc/Dialect/Hyb/IR/Commands.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

RankedTensorType PackedValues::packedType(RankedTensorType type,
                                          int64_t dim) const {
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] = llvm::divideCeil(shape[dim], block);
  shape.push_back(block);
  return RankedTensorType::get(shape, type.getElementType());
}

/// Cutting the last dimension that has any extent moves nothing.
static bool isReshape(RankedTensorType plain, int64_t dim, int64_t block) {
  return plain.getDimSize(dim) % block == 0 &&
         llvm::all_of(plain.getShape().drop_front(dim + 1),
                      [](int64_t extent) { return extent == 1; });
}

Value PackedValues::inGroup(OpBuilder &builder, Value input,
                            RankedTensorType type, StringRef name, bool pack,
                            int64_t dim) {
  Location loc = input.getLoc();
  auto plain = pack ? tensorTypeOf(input) : type;
  if (isReshape(plain, dim, block))
    return ReshapeOp::create(builder, loc, type, input);
  std::string format(stream::nameOf(dtypeOf(type)));
  std::string unique = name.str();
  if (unsigned n = ++names[name]; n > 1)
    unique += "." + std::to_string(n);
  auto group = GroupOp::create(
      builder, loc, TypeRange(type), builder.getStringAttr(unique), input,
      PlaceAttr::get(builder.getContext(), "dma", "", format),
      builder.getStringAttr("dma: the layout changes here"), CostAttr());
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(&group.getBody());
  Value inside = body->addArgument(input.getType(), loc);
  Value result =
      pack ? PackOp::create(builder, loc, type, inside, dim, block).getResult()
           : UnpackOp::create(builder, loc, type, inside, dim, block)
                 .getResult();
  YieldOp::create(builder, loc, result);
  return group.getResult(0);
}

Value PackedValues::getConstant(
    OpBuilder &builder, Value value, StringRef key,
    function_ref<Operation *(OpBuilder &, Value)> build) {
  Value &known = constants[{value, builder.getStringAttr(key)}];
  if (known)
    return known;
  // Beside the constant, so that every later group can use it.
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfter(value.getDefiningOp());
  ElementsAttr current = constantOf(value);
  SmallVector<Operation *> chain;
  for (Operation *op = build(builder, value); op != value.getDefiningOp();
       op = op->getOperand(0).getDefiningOp())
    chain.push_back(op);
  for (Operation *op : llvm::reverse(chain))
    if (current) {
      Evaluation evaluation = evaluate(op, {current});
      current =
          evaluation.results.empty() ? ElementsAttr() : evaluation.results[0];
    }
  if (current) {
    builder.setInsertionPointAfter(value.getDefiningOp());
    known = ConstantOp::create(builder, value.getLoc(), current);
  }
  for (Operation *op : chain)
    op->erase();
  return known;
}

Value PackedValues::get(OpBuilder &builder, Value value, int64_t dim,
                        StringRef name) {
  RankedTensorType type = packedType(tensorTypeOf(value), dim);
  if (constantOf(value))
    return getConstant(builder, value, "pack" + std::to_string(dim),
                       [&](OpBuilder &b, Value v) -> Operation * {
                         return PackOp::create(b, v.getLoc(), type, v, dim,
                                               block);
                       });
  Value &known = values[{value, dim}];
  if (!known)
    known = inGroup(builder, value, type, name, /*pack=*/true, dim);
  return known;
}

Value PackedValues::unpack(OpBuilder &builder, Value packed,
                           RankedTensorType plain, StringRef name) {
  return inGroup(builder, packed, plain, name, /*pack=*/false, 1);
}
