//===- Control.cpp - Branches and loops -----------------------------------===//
//
// Structured all the way down: scf.if is a tile.if, scf.for and scf.while are
// a tile.loop. Values that a loop carries live in DRAM buffers of their own;
// each iteration ends with copies into them.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "hybridc/Dialect/Hyb/IR/Refuse.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

/// Counted loops that turn more often run for hours: refused.
static constexpr int64_t kMostTrips = 10'000'000;

/// Loops that only data ends: the executor's own limit is what stops them.
static constexpr int64_t kUnboundedTrips = int64_t(1) << 32;

FailureOr<Value> Lowering::scalarView(Value scalar, Operation *user) {
  auto extract = scalar.getDefiningOp<tensor::ExtractOp>();
  if (!extract)
    return hyb::refuseUnsupported(user)
           << "its condition is not one element of a tensor";
  auto ref = refOf(extract.getTensor());
  if (failed(ref))
    return failure();
  Ref element = *ref;
  for (auto [d, index] : llvm::enumerate(extract.getIndices())) {
    APInt at;
    if (!matchPattern(index, m_ConstantInt(&at)))
      return hyb::refuseUnsupported(user)
             << "its condition is an element that only the run knows";
    element.offset += at.getSExtValue() * element.strides[d];
  }
  element.shape.clear();
  element.strides.clear();
  return element.view(builder, user->getLoc());
}

LogicalResult Lowering::copyCarried(Location loc, ValueRange from,
                                    ArrayRef<Ref> to) {
  SmallVector<Ref> sources;
  for (Value value : from) {
    auto ref = refOf(value);
    if (failed(ref))
      return failure();
    sources.push_back(*ref);
  }
  auto group = tile::GroupOp::create(builder, loc, "carry", "dma", "", "",
                                     APFloat(0.0), APFloat(0.0));
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&group.getBody());
  // A value that another copy overwrites goes by way of a buffer of its own.
  for (auto [i, source] : llvm::enumerate(sources))
    for (auto [j, target] : llvm::enumerate(to))
      if (i != j && source.buffer == target.buffer) {
        Ref saved =
            Ref::of(newBuffer("dram", source.element, source.shape, "carry"));
        emitCopy(loc, source, saved);
        source = saved;
        break;
      }
  for (auto [source, target] : llvm::zip(sources, to))
    if (source.buffer != target.buffer || !source.isWhole())
      emitCopy(loc, source, target);
  return success();
}

LogicalResult Lowering::lowerIf(scf::IfOp op) {
  auto condition = scalarView(op.getCondition(), op);
  if (failed(condition))
    return failure();
  SmallVector<Ref> results;
  for (Value result : op.getResults()) {
    if (!isa<RankedTensorType>(result.getType()))
      return hyb::refuseUnsupported(op) << "a branch yields a scalar";
    results.push_back(destinationFor(result));
    refs[result] = results.back();
  }
  auto branch = tile::IfOp::create(builder, op.getLoc(), *condition);
  auto side = [&](Region &from, Region &to) -> LogicalResult {
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&to);
    if (from.empty())
      return success();
    if (failed(lowerBlock(from.front())))
      return failure();
    if (results.empty())
      return success();
    return copyCarried(op.getLoc(), from.front().getTerminator()->getOperands(),
                       results);
  };
  return success(succeeded(side(op.getThenRegion(), branch.getThenBody())) &&
                 succeeded(side(op.getElseRegion(), branch.getElseBody())));
}

/// A choice between two tensors that are there anyway: a branch that copies.
/// Simplifying makes it of an `scf.if` whose sides compute nothing.
LogicalResult Lowering::lowerSelect(arith::SelectOp op) {
  auto condition = scalarView(op.getCondition(), op);
  if (failed(condition))
    return failure();
  Ref result = destinationFor(op.getResult());
  refs[op.getResult()] = result;
  auto branch = tile::IfOp::create(builder, op.getLoc(), *condition);
  auto side = [&](Value value, Region &to) {
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&to);
    return copyCarried(op.getLoc(), value, result);
  };
  return success(succeeded(side(op.getTrueValue(), branch.getThenBody())) &&
                 succeeded(side(op.getFalseValue(), branch.getElseBody())));
}

/// The insert_at that an operation is, directly or as the only op of a group,
/// and the value outside that it inserts into.
static Value insertsInto(Operation *op) {
  if (auto insert = dyn_cast_or_null<hyb::InsertAtOp>(op))
    return insert.getInto();
  auto group = dyn_cast_or_null<hyb::GroupOp>(op);
  if (!group)
    return {};
  Operation &first = group.getBlock().front();
  auto insert = dyn_cast<hyb::InsertAtOp>(first);
  auto argument =
      insert ? dyn_cast<BlockArgument>(insert.getInto()) : BlockArgument();
  if (!argument || group.getYield()->getPrevNode() != &first)
    return {};
  return group.getInputs()[argument.getArgNumber()];
}

LogicalResult Lowering::lowerFor(scf::ForOp op) {
  APInt low, high, step;
  if (!matchPattern(op.getLowerBound(), m_ConstantInt(&low)) ||
      !matchPattern(op.getUpperBound(), m_ConstantInt(&high)) ||
      !matchPattern(op.getStep(), m_ConstantInt(&step)) || !low.isZero() ||
      !step.isOne())
    return hyb::refuseUnsupported(op)
           << "a counted loop runs from 0 to a constant in steps of 1";
  if (high.sgt(kMostTrips))
    return hyb::refuseUnsupported(op) << "it turns " << high.getSExtValue()
                                      << " times, more than " << kMostTrips;
  SmallVector<Ref> carried;
  for (Value init : op.getInitArgs()) {
    auto type = dyn_cast<RankedTensorType>(init.getType());
    if (!type)
      return hyb::refuseUnsupported(op) << "it carries a scalar";
    carried.push_back(Ref::of(
        newBuffer("dram", type.getElementType(), type.getShape(), "carried")));
  }
  if (failed(copyCarried(op.getLoc(), op.getInitArgs(), carried)))
    return failure();
  auto loop = tile::LoopOp::create(builder, op.getLoc(), high.getSExtValue(),
                                   ValueRange(), ValueRange());
  Block *body = new Block();
  loop.getBody().push_back(body);
  auto counter = body->addArgument(builder.getIndexType(), op.getLoc());
  auto yield = cast<scf::YieldOp>(op.getBody()->getTerminator());
  for (auto [number, argument] : llvm::enumerate(op.getRegionIterArgs())) {
    refs[argument] = carried[number];
    // One element written per iteration: in place.
    Operation *producer = yield.getOperand(number).getDefiningOp();
    if (argument.hasOneUse() && insertsInto(producer) == argument)
      outputs[yield.getOperand(number)] = carried[number];
  }
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(body);
    // slice_at and insert_at count with the tile loop's own counter.
    op.getInductionVar().replaceAllUsesWith(counter);
    if (failed(lowerBlock(*op.getBody())) ||
        failed(copyCarried(op.getLoc(), yield.getOperands(), carried)))
      return failure();
  }
  for (auto [result, ref] : llvm::zip(op.getResults(), carried))
    refs[result] = ref;
  return success();
}

LogicalResult Lowering::lowerWhile(scf::WhileOp op) {
  SmallVector<Ref> carried, forwarded;
  for (Value init : op.getInits()) {
    auto type = dyn_cast<RankedTensorType>(init.getType());
    if (!type)
      return hyb::refuseUnsupported(op) << "it carries a scalar";
    carried.push_back(Ref::of(
        newBuffer("dram", type.getElementType(), type.getShape(), "carried")));
  }
  if (failed(copyCarried(op.getLoc(), op.getInits(), carried)))
    return failure();
  for (auto [argument, ref] : llvm::zip(op.getBeforeArguments(), carried))
    refs[argument] = ref;
  auto test = cast<scf::ConditionOp>(op.getBeforeBody()->getTerminator());
  for (Value value : test.getArgs()) {
    auto type = cast<RankedTensorType>(value.getType());
    auto argument = dyn_cast<BlockArgument>(value);
    bool isCarried = argument && argument.getOwner() == op.getBeforeBody();
    forwarded.push_back(isCarried
                            ? carried[argument.getArgNumber()]
                            : Ref::of(newBuffer("dram", type.getElementType(),
                                                type.getShape(), "forwarded")));
  }
  Ref flag = Ref::of(newBuffer("dram", builder.getI1Type(), {}, "condition"));
  // What decides whether there is another iteration: before the first one, and
  // at the end of each.
  auto decide = [&]() -> LogicalResult {
    if (failed(lowerBlock(*op.getBeforeBody())))
      return failure();
    if (failed(copyCarried(op.getLoc(), test.getArgs(), forwarded)))
      return failure();
    return inGroup(op, "dma", "", [&]() -> LogicalResult {
      auto view = scalarView(test.getCondition(), op);
      if (failed(view))
        return failure();
      emitCommand(op.getLoc(), "copy", *view, flag.view(builder, op.getLoc()),
                  {});
      return success();
    });
  };
  if (failed(decide()))
    return failure();
  auto loop =
      tile::LoopOp::create(builder, op.getLoc(), kUnboundedTrips, ValueRange(),
                           ValueRange{flag.view(builder, op.getLoc())});
  Block *body = new Block();
  loop.getBody().push_back(body);
  body->addArgument(builder.getIndexType(), op.getLoc());
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(body);
    for (auto [argument, ref] : llvm::zip(op.getAfterArguments(), forwarded))
      refs[argument] = ref;
    auto yield = cast<scf::YieldOp>(op.getAfterBody()->getTerminator());
    if (failed(lowerBlock(*op.getAfterBody())) ||
        failed(copyCarried(op.getLoc(), yield.getOperands(), carried)) ||
        failed(decide()))
      return failure();
  }
  for (auto [result, ref] : llvm::zip(op.getResults(), forwarded))
    refs[result] = ref;
  return success();
}
