//===- F32Contractions.cpp - Other float contractions, in f32 -------------===//
#include "Evaluate.h"

#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/Transforms/Alternatives.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_F32CONTRACTIONS
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {

struct F32Contractions : impl::F32ContractionsBase<F32Contractions> {
  using F32ContractionsBase::F32ContractionsBase;

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isContraction(op) && isWanted(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      convert(op);
  }

  bool isWanted(Operation *op) {
    Type x = tensorTypeOf(op->getOperand(0)).getElementType();
    Type w = tensorTypeOf(op->getOperand(1)).getElementType();
    if (x != w || !isa<FloatType>(x) || x.isF32() || (keepBf16 && x.isBF16()))
      return false;
    return !constantOnly ||
           traceConstant(
               mlir::cast<ContractionOpInterface>(op).getGemm().weights);
  }

  /// The value with elements of another float type; constants are converted at
  /// once.
  static Value cast(OpBuilder &builder, Location loc, Value value,
                    Type element) {
    auto type = tensorTypeOf(value);
    bool isWider =
        element.getIntOrFloatBitWidth() > type.getElementTypeBitWidth();
    MapOp map =
        MapOp::create(builder, loc, withElement(type, element), {value},
                      {builder.getMultiDimIdentityMap(type.getRank())},
                      [&](OpBuilder &body, Location at, ValueRange v) -> Value {
                        if (isWider)
                          return arith::ExtFOp::create(body, at, element, v[0]);
                        return arith::TruncFOp::create(body, at, element, v[0]);
                      });
    ElementsAttr constant = constantOf(value);
    if (!constant)
      return map;
    Evaluation evaluation = evaluate(map, {constant});
    if (evaluation.results.size() != 1)
      return map;
    map->erase();
    return ConstantOp::create(builder, loc, evaluation.results[0]);
  }

  void convert(Operation *op) {
    OpBuilder builder(op);
    Type f32 = builder.getF32Type();
    Value x = op->getOperand(0), w = op->getOperand(1);
    Value wideX = cast(builder, op->getLoc(), x, f32);
    Value wideW = w == x ? wideX : cast(builder, op->getLoc(), w, f32);
    op->setOperand(0, wideX);
    op->setOperand(1, wideW);
    ++numConverted;
    Value result = op->getResult(0);
    Type element = tensorTypeOf(result).getElementType();
    if (element == f32)
      return;
    result.setType(withElement(tensorTypeOf(result), f32));
    builder.setInsertionPointAfter(op);
    Value back = cast(builder, op->getLoc(), result, element);
    result.replaceAllUsesExcept(back, back.getDefiningOp());
  }
};
} // namespace
} // namespace hybridc::hyb
