//===- Movement.cpp - Views, copies, and commands on whole tensors --------===//
#include "Lowering.h"

#include "hybridc/Conversion/Commands.h"
#include "hybridc/Conversion/Movement.h"
#include "hybridc/Conversion/Refusal.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Dialect/Hyb/IR/Refuse.h"
#include "hybridc/Kernels/KernelTable.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

/// Ops that are access patterns rather than work.
bool Lowering::isView(Operation *op) {
  return isa<hyb::ReshapeOp, hyb::TransposeOp, hyb::SliceOp, hyb::SliceAtOp>(
      op);
}

/// A loop counter, seen through the groups that it was handed into.
static Value counterOf(Value at) {
  while (auto argument = dyn_cast<BlockArgument>(at)) {
    auto group = dyn_cast<hyb::GroupOp>(argument.getOwner()->getParentOp());
    if (!group)
      break;
    at = group.getInputs()[argument.getArgNumber()];
  }
  return at;
}

LogicalResult Lowering::lowerView(Operation *op) {
  auto source = refOf(op->getOperand(0));
  if (failed(source))
    return failure();
  Value result = op->getResult(0);
  ArrayRef<int64_t> shape = cast<RankedTensorType>(result.getType()).getShape();
  if (auto transpose = dyn_cast<hyb::TransposeOp>(op)) {
    refs[result] = source->transposed(transpose.getPerm());
  } else if (auto slice = dyn_cast<hyb::SliceOp>(op)) {
    refs[result] = source->sliced(slice.getOffsets(), slice.getSteps(), shape);
  } else if (auto slice = dyn_cast<hyb::SliceAtOp>(op)) {
    refs[result] = source->indexed(slice.getAxis(), counterOf(slice.getAt()),
                                   slice.getReversed());
  } else if (auto reshaped = source->reshaped(shape)) {
    refs[result] = *reshaped;
  } else {
    // The strides do not chain: one copy makes them.
    Ref dense =
        Ref::of(newBuffer("dram", source->element, source->shape, "reshape"));
    if (failed(inGroup(op, "dma", "", [&] {
          emitCopy(op->getLoc(), *source, dense);
          return success();
        })))
      return failure();
    refs[result] = *dense.reshaped(shape);
  }
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
    if (auto insert = dyn_cast<hyb::InsertAtOp>(op)) {
      if (sources[1].buffer != destination.buffer)
        emitCopy(loc, sources[1], destination);
      emitCopy(loc, sources[0],
               destination.indexed(insert.getAxis(), counterOf(insert.getAt()),
                                   insert.getReversed()));
      return success();
    }
    SmallVector<hyb::Strides> strides;
    for (const Ref &source : sources)
      strides.push_back(source.strides);
    auto movement = hyb::movementOf(op, strides, destination.strides);
    if (!movement)
      return hyb::refuseUnsupported(op)
             << "no way is known to move its elements";
    if (movement->fillBits)
      emitFill(loc, destination, *movement->fillBits);
    for (const hyb::Move &move : movement->moves) {
      Ref from = sources[move.operand], to = destination;
      from.shape = to.shape = move.shape;
      from.strides = move.fromStrides;
      to.strides = move.toStrides;
      from.offset += move.fromOffset;
      to.offset += move.toOffset;
      emitCopy(loc, from, to);
    }
    return success();
  });
}

/// Whether the control core has the kernel that an op names, for such operands.
static LogicalResult checkHost(hyb::HostOp host, stream::Command command) {
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
  views(host->getOperandTypes(), command.ins);
  views(host->getResultTypes(), command.outs);
  std::string problem = exec::checkKernel(command);
  if (problem.empty())
    return success();
  return hybridc::refuse(host.getOperation(), ExitCode::InvalidInput)
         << hyb::nodePrefix(host) << "hyb.host: " << problem;
}

/// Gather and host kernels: one command on whole tensors in DRAM.
LogicalResult Lowering::lowerUntiled(Operation *op) {
  stream::Command base;
  if (failed(hyb::setAttributes(op, base)))
    return failure();
  if (auto host = dyn_cast<hyb::HostOp>(op))
    if (failed(checkHost(host, base)))
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
