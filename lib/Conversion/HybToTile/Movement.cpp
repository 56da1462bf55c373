//===- Movement.cpp - Views, copies, and commands on whole tensors --------===//
#include "Lowering.h"

#include "hybridc/Conversion/Commands.h"
#include "hybridc/Dialect/Hyb/IR/Refuse.h"

#include "llvm/ADT/TypeSwitch.h"

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

/// The part of a packed tensor that holds `full` whole blocks (or the last,
/// partial one) of each packed dimension, with the plain tensor's dimensions
/// split as [blocks, within].
static void copyPacked(const Ref &plain, const Ref &packed,
                       ArrayRef<int64_t> dims, ArrayRef<int64_t> blocks,
                       size_t at, SmallVectorImpl<int64_t> &firstBlock,
                       SmallVectorImpl<int64_t> &numBlocks,
                       SmallVectorImpl<int64_t> &within,
                       function_ref<void(const Ref &, const Ref &)> emit) {
  if (at < dims.size()) {
    int64_t extent = plain.shape[dims[at]], block = blocks[at];
    auto descend = [&](int64_t first, int64_t count, int64_t inside) {
      firstBlock[at] = first;
      numBlocks[at] = count;
      within[at] = inside;
      copyPacked(plain, packed, dims, blocks, at + 1, firstBlock, numBlocks,
                 within, emit);
    };
    if (extent / block)
      descend(0, extent / block, block);
    if (extent % block)
      descend(extent / block, 1, extent % block);
    return;
  }
  Ref from = plain, to = packed;
  size_t rank = plain.shape.size();
  from.shape.resize(rank + dims.size());
  from.strides.resize(rank + dims.size());
  for (size_t i = 0; i < dims.size(); ++i) {
    int64_t d = dims[i];
    from.offset += firstBlock[i] * blocks[i] * plain.strides[d];
    from.shape[d] = numBlocks[i];
    from.strides[d] = blocks[i] * plain.strides[d];
    from.shape[rank + i] = within[i];
    from.strides[rank + i] = plain.strides[d];
    to.offset += firstBlock[i] * packed.strides[d];
    to.shape[d] = numBlocks[i];
    to.shape[rank + i] = within[i];
  }
  emit(from, to);
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
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case([&](hyb::ConcatOp concat) {
          Box box = Box::whole(destination.shape);
          int64_t axis = concat.getAxis();
          for (const Ref &source : sources) {
            box.size[axis] = source.shape[axis];
            emitCopy(loc, source, destination.boxed(box));
            box.lo[axis] += source.shape[axis];
          }
          return success();
        })
        .Case([&](hyb::PadOp pad) {
          emitFill(loc, destination, hyb::bitsOf(pad.getValue()));
          // What is left of x, and where it goes.
          Box from = Box::whole(sources[0].shape);
          Box to = Box::whole(destination.shape);
          for (size_t d = 0; d < from.lo.size(); ++d) {
            int64_t low = pad.getLow()[d], high = pad.getHigh()[d];
            from.lo[d] = std::max<int64_t>(0, -low);
            from.size[d] = sources[0].shape[d] + std::min<int64_t>(low, 0) +
                           std::min<int64_t>(high, 0);
            to.lo[d] = std::max<int64_t>(0, low);
            to.size[d] = from.size[d];
          }
          emitCopy(loc, sources[0].boxed(from), destination.boxed(to));
          return success();
        })
        .Case([&](hyb::PackOp pack) {
          bool partial = false;
          for (auto [dim, block] : llvm::zip(pack.getDims(), pack.getBlocks()))
            partial |= sources[0].shape[dim] % block != 0;
          if (partial)
            emitFill(loc, destination, 0);
          SmallVector<int64_t> first(pack.getDims().size()), count(first),
              within(first);
          copyPacked(sources[0], destination, pack.getDims(), pack.getBlocks(),
                     0, first, count, within,
                     [&](const Ref &plain, const Ref &packed) {
                       emitCopy(loc, plain, packed);
                     });
          return success();
        })
        .Case([&](hyb::UnpackOp unpack) {
          SmallVector<int64_t> first(unpack.getDims().size()), count(first),
              within(first);
          copyPacked(destination, sources[0], unpack.getDims(),
                     unpack.getBlocks(), 0, first, count, within,
                     [&](const Ref &plain, const Ref &packed) {
                       emitCopy(loc, packed, plain);
                     });
          return success();
        })
        .Case([&](hyb::InsertAtOp insert) {
          if (sources[1].buffer != destination.buffer)
            emitCopy(loc, sources[1], destination);
          emitCopy(loc, sources[0],
                   destination.indexed(insert.getAxis(),
                                       counterOf(insert.getAt()),
                                       insert.getReversed()));
          return success();
        })
        .Default([&](Operation *other) -> LogicalResult {
          return hyb::refuseUnsupported(other)
                 << "no way is known to move its elements";
        });
  });
}

/// Gather and host kernels: one command on whole tensors in DRAM.
LogicalResult Lowering::lowerUntiled(Operation *op) {
  stream::Command base;
  if (failed(hyb::setAttributes(op, base)))
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
