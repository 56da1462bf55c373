//===- FoldConstants.cpp - Computes what depends on constants only --------===//
#include "Evaluate.h"

#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"

#include "llvm/Support/Debug.h"

#define DEBUG_TYPE "hyb-fold-constants"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {
struct FoldConstants : impl::FoldConstantsBase<FoldConstants> {
  using FoldConstantsBase::FoldConstantsBase;

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<GroupOp, MapOp>(op) && isCandidate(op)) {
        ops.push_back(op);
        return WalkResult::skip();
      }
      if (isa<GroupOp, MapOp>(op))
        return WalkResult::skip();
      if (isCandidate(op))
        ops.push_back(op);
      return WalkResult::advance();
    });
    // Program order: a result that became constant is seen by what follows.
    for (Operation *op : ops)
      fold(op);
  }

  bool isCandidate(Operation *op) {
    return (isa<CommandOpInterface, MovementOpInterface, AccessOpInterface>(
                op) ||
            (groups && isa<GroupOp>(op))) &&
           op->getNumResults() > 0;
  }

  void fold(Operation *op) {
    SmallVector<ElementsAttr> values;
    uint64_t operandBytes = 0, resultBytes = 0;
    for (Value operand : op->getOperands()) {
      ElementsAttr value = constantOf(operand);
      if (!value)
        return;
      values.push_back(value);
      operandBytes +=
          isa<SplatElementsAttr>(value) ? 8 : bytesOf(operand.getType());
    }
    for (Value result : op->getResults())
      resultBytes += bytesOf(result.getType());
    if (resultBytes > std::max<uint64_t>(limit, 2 * operandBytes))
      return;
    Evaluation evaluation = evaluate(op, values);
    if (evaluation.results.size() != op->getNumResults()) {
      LLVM_DEBUG(llvm::dbgs() << "not folded: " << evaluation.whyNot << "\n");
      return;
    }
    OpBuilder builder(op);
    for (auto [result, value] : llvm::zip(op->getResults(), evaluation.results))
      result.replaceAllUsesWith(
          ConstantOp::create(builder, op->getLoc(), value));
    SmallVector<Operation *> operands;
    for (Value operand : op->getOperands())
      if (!llvm::is_contained(operands, operand.getDefiningOp()))
        operands.push_back(operand.getDefiningOp());
    op->erase();
    for (Operation *operand : operands)
      if (operand->use_empty())
        operand->erase();
    ++numFolded;
  }
};
} // namespace
} // namespace hybridc::hyb
