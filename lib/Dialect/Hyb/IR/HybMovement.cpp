//===- HybMovement.cpp - What passes ask of moving ops --------------------===//
#include "hybridc/Dialect/Hyb/IR/Commands.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

//===----------------------------------------------------------------------===//
// Other addresses
//===----------------------------------------------------------------------===//

std::optional<Strided> ReshapeOp::getView(const Strided &source) {
  return source.reshaped(tensorTypeOf(getResult()).getShape());
}

std::optional<Strided> TransposeOp::getView(const Strided &source) {
  return source.transposed(getPerm());
}

std::optional<Strided> SliceOp::getView(const Strided &source) {
  return source.sliced(getOffsets(), getSteps(),
                       tensorTypeOf(getResult()).getShape());
}

Value hybridc::hyb::counterOf(Value at) {
  while (auto argument = dyn_cast<BlockArgument>(at)) {
    auto group = dyn_cast<GroupOp>(argument.getOwner()->getParentOp());
    if (!group)
      break;
    at = group.getInputs()[argument.getArgNumber()];
  }
  return at;
}

std::optional<Strided> SliceAtOp::getView(const Strided &source) {
  return source.indexed(getAxis(), counterOf(getAt()), getReversed());
}

bool SliceAtOp::isFixed() { return false; }

bool hybridc::hyb::isView(Operation *op) {
  auto access = dyn_cast<AccessOpInterface>(op);
  return access && access.isFixed();
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

Movement InsertAtOp::getMovement(ArrayRef<Strided> from, const Strided &to) {
  Movement movement;
  movement.add({1, from[1], to});
  movement.add(
      {0, from[0], to.indexed(getAxis(), counterOf(getAt()), getReversed())});
  return movement;
}

Movement ConcatOp::getMovement(ArrayRef<Strided> from, const Strided &to) {
  Movement movement;
  int64_t axis = getAxis(), start = 0;
  for (auto [i, source] : llvm::enumerate(from)) {
    Move move{static_cast<unsigned>(i), source, to};
    move.to.shape = source.shape;
    move.to.offset += start * to.strides[axis];
    start += source.shape[axis];
    movement.add(std::move(move));
  }
  return movement;
}

Movement PadOp::getMovement(ArrayRef<Strided> from, const Strided &to) {
  Movement movement;
  Move move{0, from[0], to};
  bool isWhole = true;
  for (size_t d = 0; d < to.shape.size(); ++d) {
    int64_t low = getLow()[d], high = getHigh()[d];
    isWhole &= low <= 0 && high <= 0;
    move.from.shape[d] +=
        std::min<int64_t>(low, 0) + std::min<int64_t>(high, 0);
    move.from.offset += from[0].strides[d] * std::max<int64_t>(-low, 0);
    move.to.offset += to.strides[d] * std::max<int64_t>(low, 0);
  }
  move.to.shape = move.from.shape;
  if (!isWhole)
    movement.fillBits = bitsOf(getValue());
  movement.add(std::move(move));
  return movement;
}

/// Packing and, with `reverse`, unpacking. A dimension that its block does not
/// divide is two boxes, the whole blocks and the rest: 2^k moves in all.
static Movement movePacked(const Strided &plain, const Strided &packed,
                           ArrayRef<int64_t> dims, ArrayRef<int64_t> blocks,
                           bool reverse) {
  Movement movement;
  size_t rank = plain.shape.size();
  unsigned choices = 1u << dims.size();
  for (unsigned choice = 0; choice < choices; ++choice) {
    Strided onPlain = plain, onPacked = packed;
    SmallVector<int64_t> &shape = onPacked.shape;
    for (auto [i, dim, block] : llvm::enumerate(dims, blocks)) {
      int64_t extent = plain.shape[dim], whole = extent / block;
      bool isRest = choice & (1u << i);
      shape[dim] = isRest ? 1 : whole;
      shape[rank + i] = isRest ? extent - whole * block : block;
      if (isRest) {
        onPlain.offset += plain.strides[dim] * whole * block;
        onPacked.offset += packed.strides[dim] * whole;
      }
      onPlain.strides[dim] = plain.strides[dim] * block;
      onPlain.strides.push_back(plain.strides[dim]);
    }
    onPlain.shape = shape;
    if (reverse)
      std::swap(onPlain, onPacked);
    movement.add({0, std::move(onPlain), std::move(onPacked)});
  }
  if (!reverse)
    for (auto [dim, block] : llvm::zip(dims, blocks))
      if (plain.shape[dim] % block)
        movement.fillBits = 0;
  return movement;
}

Movement PackOp::getMovement(ArrayRef<Strided> from, const Strided &to) {
  return movePacked(from[0], to, getDims(), getBlocks(), false);
}

Movement UnpackOp::getMovement(ArrayRef<Strided> from, const Strided &to) {
  return movePacked(to, from[0], getDims(), getBlocks(), true);
}

std::optional<Movement> hybridc::hyb::movementOf(Operation *op) {
  SmallVector<Strided, 2> from;
  for (Value operand : op->getOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    if (!type)
      return std::nullopt; // a loop counter
    from.push_back(Strided::dense(type.getShape()));
  }
  if (op->getNumResults() != 1)
    return std::nullopt;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type)
    return std::nullopt;
  Strided to = Strided::dense(type.getShape());
  if (auto movement = dyn_cast<MovementOpInterface>(op))
    return movement.getMovement(from, to);
  if (!isView(op))
    return std::nullopt;
  std::optional<Strided> view = cast<AccessOpInterface>(op).getView(from[0]);
  if (!view)
    return std::nullopt;
  Movement movement;
  movement.add({0, std::move(*view), std::move(to)});
  return movement;
}
