//===- Movement.cpp - Data movement as strided copies ---------------------===//
#include "hybridc/Conversion/Movement.h"

#include "hybridc/Conversion/Commands.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static Strides denseStrides(RankedTensorType type) {
  Strides strides(type.getRank(), 1);
  for (int64_t d = type.getRank() - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * type.getDimSize(d + 1);
  return strides;
}

static void addMove(Movement &movement, Move move) {
  if (!llvm::is_contained(move.shape, 0))
    movement.moves.push_back(std::move(move));
}

static Movement moveReshape(ReshapeOp op) {
  Movement movement;
  auto type = typeOf(op.getResult());
  Move move;
  move.shape = llvm::to_vector(type.getShape());
  move.fromStrides = move.toStrides = denseStrides(type);
  addMove(movement, move);
  return movement;
}

static Movement moveTranspose(TransposeOp op, const Strides &from,
                              const Strides &to) {
  Movement movement;
  Move move;
  move.shape = llvm::to_vector(typeOf(op.getResult()).getShape());
  for (int64_t dim : op.getPerm())
    move.fromStrides.push_back(from[dim]);
  move.toStrides = to;
  addMove(movement, move);
  return movement;
}

static Movement moveSlice(SliceOp op, const Strides &from, const Strides &to) {
  Movement movement;
  Move move;
  move.shape = llvm::to_vector(typeOf(op.getResult()).getShape());
  for (auto [stride, offset, step] :
       llvm::zip(from, op.getOffsets(), op.getSteps())) {
    move.fromOffset += stride * offset;
    move.fromStrides.push_back(stride * step);
  }
  move.toStrides = to;
  addMove(movement, move);
  return movement;
}

static Movement moveConcat(ConcatOp op, ArrayRef<Strides> from,
                           const Strides &to) {
  Movement movement;
  int64_t axis = op.getAxis(), start = 0;
  for (auto [i, input] : llvm::enumerate(op.getInputs())) {
    auto type = typeOf(input);
    Move move;
    move.operand = i;
    move.shape = llvm::to_vector(type.getShape());
    move.fromStrides = from[i];
    move.toOffset = start * to[axis];
    move.toStrides = to;
    start += type.getDimSize(axis);
    addMove(movement, move);
  }
  return movement;
}

static Movement movePad(PadOp op, const Strides &from, const Strides &to) {
  Movement movement;
  auto x = typeOf(op.getX());
  Move move;
  bool isWhole = true;
  for (int64_t d = 0; d < x.getRank(); ++d) {
    int64_t low = op.getLow()[d], high = op.getHigh()[d];
    isWhole &= low <= 0 && high <= 0;
    move.shape.push_back(x.getDimSize(d) + std::min<int64_t>(low, 0) +
                         std::min<int64_t>(high, 0));
    move.fromOffset += from[d] * std::max<int64_t>(-low, 0);
    move.toOffset += to[d] * std::max<int64_t>(low, 0);
  }
  move.fromStrides = from;
  move.toStrides = to;
  if (!isWhole)
    movement.fillBits = bitsOf(op.getValue());
  addMove(movement, move);
  return movement;
}

/// Packing and, with `reverse`, unpacking. A dimension that its block does not
/// divide is two boxes, the whole blocks and the rest: 2^k moves in all.
static Movement movePacked(RankedTensorType plain, const Strides &plainStrides,
                           RankedTensorType packed,
                           const Strides &packedStrides, ArrayRef<int64_t> dims,
                           ArrayRef<int64_t> blocks, bool reverse) {
  Movement movement;
  int64_t rank = plain.getRank();
  unsigned choices = 1u << dims.size();
  for (unsigned choice = 0; choice < choices; ++choice) {
    Move move;
    move.shape = llvm::to_vector(packed.getShape());
    Strides onPlain(plainStrides), onPacked(packedStrides);
    int64_t plainOffset = 0, packedOffset = 0;
    for (auto [i, dim, block] : llvm::enumerate(dims, blocks)) {
      int64_t extent = plain.getDimSize(dim), whole = extent / block;
      bool isRest = choice & (1u << i);
      move.shape[dim] = isRest ? 1 : whole;
      move.shape[rank + i] = isRest ? extent - whole * block : block;
      if (isRest) {
        plainOffset += plainStrides[dim] * whole * block;
        packedOffset += packedStrides[dim] * whole;
      }
      onPlain[dim] = plainStrides[dim] * block;
      onPlain.push_back(plainStrides[dim]);
    }
    move.fromOffset = reverse ? packedOffset : plainOffset;
    move.toOffset = reverse ? plainOffset : packedOffset;
    move.fromStrides = reverse ? onPacked : onPlain;
    move.toStrides = reverse ? onPlain : onPacked;
    addMove(movement, std::move(move));
  }
  if (!reverse)
    for (auto [dim, block] : llvm::zip(dims, blocks))
      if (plain.getDimSize(dim) % block)
        movement.fillBits = 0;
  return movement;
}

std::optional<Movement> hybridc::hyb::movementOf(Operation *op) {
  if (auto reshape = dyn_cast<ReshapeOp>(op))
    return moveReshape(reshape);
  if (op->getNumResults() != 1 ||
      !isa<RankedTensorType>(op->getResult(0).getType()))
    return std::nullopt;
  SmallVector<Strides> from;
  for (Value operand : op->getOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    from.push_back(type ? denseStrides(type) : Strides());
  }
  return movementOf(op, from, denseStrides(typeOf(op->getResult(0))));
}

std::optional<Movement> hybridc::hyb::movementOf(Operation *op,
                                                 ArrayRef<Strides> from,
                                                 const Strides &to) {
  return llvm::TypeSwitch<Operation *, std::optional<Movement>>(op)
      .Case([&](TransposeOp transpose) {
        return moveTranspose(transpose, from[0], to);
      })
      .Case([&](SliceOp slice) { return moveSlice(slice, from[0], to); })
      .Case([&](ConcatOp concat) { return moveConcat(concat, from, to); })
      .Case([&](PadOp pad) { return movePad(pad, from[0], to); })
      .Case([&](PackOp pack) {
        return movePacked(typeOf(pack.getX()), from[0],
                          typeOf(pack.getResult()), to, pack.getDims(),
                          pack.getBlocks(), false);
      })
      .Case([&](UnpackOp unpack) {
        return movePacked(typeOf(unpack.getResult()), to, typeOf(unpack.getX()),
                          from[0], unpack.getDims(), unpack.getBlocks(), true);
      })
      .Default([](Operation *) { return std::nullopt; });
}
