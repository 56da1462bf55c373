//===- Reduction.cpp - How hybrid-reduce makes a function smaller ---------===//
//
// The reducer erases ops that nobody reads by itself; in a function of tensors
// every op is read by the next one. These patterns cut an op out of such a
// chain: it gives one of its operands, or zeros, instead of its result.
//
// MLIR's reducer applies patterns to a whole region before it asks whether the
// result is still interesting, and gives up when it is not. So each cut is
// asked for here, on a copy, and made only if the copy is interesting.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Dialect/Hyb/Transforms/Reduction.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Reducer/ReductionPatternInterface.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;

namespace hybridc::hyb {
namespace {

bool isTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() &&
         tensor.getElementType().isIntOrFloat();
}

/// Ops of a model or of a map's scalars; not constants, which are as small as
/// it gets.
bool canBeCut(Operation *op) {
  StringRef dialect = op->getName().getDialectNamespace();
  return op->getNumResults() > 0 && !op->hasTrait<OpTrait::ConstantLike>() &&
         (dialect == "hyb" || dialect == "scf" || dialect == "arith" ||
          dialect == "math");
}

/// For each result an operand of its type; fewer when one has none.
SmallVector<Value> operandsLikeResults(Operation *op) {
  SmallVector<Value> values;
  for (Type type : op->getResultTypes())
    for (Value operand : op->getOperands())
      if (operand.getType() == type) {
        values.push_back(operand);
        break;
      }
  return values;
}

/// For each result a constant of zeros; fewer when one is no tensor.
SmallVector<Value> zerosLikeResults(OpBuilder &builder, Operation *op) {
  SmallVector<Value> values;
  if (!llvm::all_of(op->getResultTypes(), isTensor))
    return values;
  for (Type type : op->getResultTypes()) {
    auto tensor = cast<RankedTensorType>(type);
    values.push_back(ConstantOp::create(
        builder, op->getLoc(),
        DenseElementsAttr::get(tensor,
                               builder.getZeroAttr(tensor.getElementType()))));
  }
  return values;
}

/// Replaces an op, and drops what was computed for it alone. Those ops stand
/// before it, where the reducer has been already.
void cut(RewriterBase &rewriter, Operation *op, ArrayRef<Value> by) {
  SmallVector<Operation *> before;
  for (Value operand : op->getOperands())
    if (Operation *producer = operand.getDefiningOp())
      before.push_back(producer);
  Block *block = op->getBlock();
  rewriter.replaceOp(op, by);
  llvm::SmallPtrSet<Operation *, 8> erased;
  while (!before.empty()) {
    Operation *producer = before.pop_back_val();
    if (erased.contains(producer) || producer->getBlock() != block ||
        !isOpTriviallyDead(producer))
      continue;
    for (Value operand : producer->getOperands())
      if (Operation *further = operand.getDefiningOp())
        before.push_back(further);
    erased.insert(producer);
    rewriter.eraseOp(producer);
  }
}

struct Cut : RewritePattern {
  Cut(MLIRContext *context, Tester &tester, bool zeros)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/zeros ? 1 : 2, context),
        tester(tester), zeros(zeros) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!canBeCut(op) || !staysInteresting(op))
      return rewriter.notifyMatchFailure(
          op, "cannot be cut, or nothing of interest would be left");
    cut(rewriter, op, replacement(rewriter, op));
    return success();
  }

private:
  SmallVector<Value> replacement(OpBuilder &builder, Operation *op) const {
    SmallVector<Value> values =
        zeros ? zerosLikeResults(builder, op) : operandsLikeResults(op);
    if (values.size() != op->getNumResults())
      values.clear();
    return values;
  }

  bool staysInteresting(Operation *op) const {
    auto module = op->getParentOfType<ModuleOp>();
    IRMapping mapping;
    OwningOpRef<ModuleOp> copy(cast<ModuleOp>(module->clone(mapping)));
    Operation *twin = mapping.lookupOrNull(op);
    IRRewriter rewriter(op->getContext());
    if (!twin)
      return false;
    rewriter.setInsertionPoint(twin);
    SmallVector<Value> by = replacement(rewriter, twin);
    if (by.empty())
      return false;
    cut(rewriter, twin, by);
    return tester.isInteresting(*copy).first == Tester::Interestingness::True;
  }

  Tester &tester;
  bool zeros;
};

struct HybReduction : DialectReductionPatternInterface {
  using DialectReductionPatternInterface::DialectReductionPatternInterface;
  explicit HybReduction(Dialect *dialect)
      : DialectReductionPatternInterface(dialect) {}

  void populateReductionPatterns(RewritePatternSet &) const final {}
  void populateReductionPatternsWithTester(RewritePatternSet &patterns,
                                           Tester &tester) const final {
    patterns.add<Cut>(patterns.getContext(), tester, /*zeros=*/false);
    patterns.add<Cut>(patterns.getContext(), tester, /*zeros=*/true);
  }
};

} // namespace

void registerReductionPatterns(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *, HybDialect *dialect) {
    dialect->addInterfaces<HybReduction>();
  });
}

} // namespace hybridc::hyb
