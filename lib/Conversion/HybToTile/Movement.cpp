//===- Movement.cpp - Views, copies, and commands on whole tensors --------===//
#include "Lowering.h"

#include "hybridc/Dialect/Hyb/IR/Commands.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Dialect/Hyb/IR/Refuse.h"
#include "hybridc/Dialect/Refusal.h"
#include "hybridc/Kernels/KernelTable.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

LogicalResult Lowering::lowerView(Operation *op) {
  auto source = refOf(op->getOperand(0));
  if (failed(source))
    return failure();
  Value result = op->getResult(0);
  auto access = cast<hyb::AccessOpInterface>(op);
  if (auto view = access.getView(*source)) {
    refs[result] = source->with(*view);
    return success();
  }
  // The strides do not chain: one copy makes them.
  Ref dense =
      Ref::of(newBuffer("dram", source->element, source->shape, "reshape"));
  if (failed(inGroup(op, "dma", "", [&] {
        emitCopy(op->getLoc(), *source, dense);
        return success();
      })))
    return failure();
  refs[result] = dense.with(*access.getView(dense));
  return success();
}

LogicalResult Lowering::lowerMovement(Operation *op) {
  Location loc = op->getLoc();
  SmallVector<Ref> sources;
  for (Value operand : op->getOperands()) {
    if (!isa<RankedTensorType>(operand.getType()))
      continue;
    auto ref = refOf(operand);
    if (failed(ref))
      return failure();
    sources.push_back(*ref);
  }
  Value result = op->getResult(0);
  Ref destination = destinationFor(result);
  refs[result] = destination;
  return inGroup(op, "dma", "", [&]() -> LogicalResult {
    SmallVector<Strided, 2> lie(sources.begin(), sources.end());
    hyb::Movement movement =
        cast<hyb::MovementOpInterface>(op).getMovement(lie, destination);
    if (movement.fillBits)
      emitFill(loc, destination, *movement.fillBits);
    for (const hyb::Move &move : movement.moves) {
      const Ref &source = sources[move.operand];
      // What a loop carries may lie where it goes.
      if (source.buffer != destination.buffer || !(move.from == move.to))
        emitCopy(loc, source.with(move.from), destination.with(move.to));
    }
    return success();
  });
}

/// Whether the control core has the kernel that an op names, for such operands.
static LogicalResult checkKernel(Operation *op, stream::Command command) {
  auto views = [](TypeRange types, std::vector<stream::View> &out) {
    for (Type type : types) {
      auto tensor = cast<RankedTensorType>(type);
      stream::View view;
      view.type = hyb::dtypeOf(type);
      view.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
      view.strides = stream::rowMajorStrides(view.shape);
      out.push_back(std::move(view));
    }
  };
  views(op->getOperandTypes(), command.ins);
  views(op->getResultTypes(), command.outs);
  std::string problem = exec::checkKernel(command);
  if (problem.empty())
    return success();
  return hybridc::refuse(op, ExitCode::InvalidInput)
         << hyb::nodePrefix(op) << op->getName() << ": " << problem;
}

/// One command on whole tensors in DRAM (gather, host kernels).
LogicalResult Lowering::lowerUntiled(Operation *op) {
  stream::Command base;
  if (failed(cast<hyb::CommandOpInterface>(op).setCommand(base)))
    return failure();
  if (base.op == stream::Op::Kernel && failed(checkKernel(op, base)))
    return failure();
  SmallVector<Value> ins, outs;
  return inGroup(op, "ctl", "", [&]() -> LogicalResult {
    for (Value operand : op->getOperands()) {
      auto ref = refOf(operand);
      if (failed(ref))
        return failure();
      ins.push_back(ref->view(builder, op->getLoc()));
    }
    for (Value result : op->getResults()) {
      Ref destination = destinationFor(result);
      refs[result] = destination;
      outs.push_back(destination.view(builder, op->getLoc()));
    }
    SmallVector<NamedAttribute> attrs(
        tile::attributesFromStream(context, base.attrs).getValue());
    StringRef name(stream::specOf(base.op).name.data(),
                   stream::specOf(base.op).name.size());
    emitCommand(op->getLoc(), name, ins, outs, attrs);
    return success();
  });
}
