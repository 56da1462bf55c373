//===- Ref.cpp - Tensors as strided boxes of buffers ----------------------===//
#include "Ref.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

Ref Ref::of(Value buffer) {
  auto type = cast<tile::ViewType>(buffer.getType());
  Ref ref;
  ref.buffer = buffer;
  ref.element = type.getElementType();
  ref.shape.assign(type.getShape().begin(), type.getShape().end());
  ref.strides.assign(type.getStrides().begin(), type.getStrides().end());
  ref.offset = type.getOffset();
  return ref;
}

bool Ref::isWhole() const {
  auto type = cast<tile::ViewType>(buffer.getType());
  return steps.empty() && offset == type.getOffset() &&
         ArrayRef<int64_t>(shape) == type.getShape() &&
         ArrayRef<int64_t>(strides) == type.getStrides();
}

Ref Ref::with(Strided other) const {
  Ref out = *this;
  static_cast<Strided &>(out) = std::move(other);
  return out;
}

Value Ref::view(OpBuilder &builder, Location loc) const {
  if (isWhole())
    return buffer;
  auto from = cast<tile::ViewType>(buffer.getType());
  auto to = tile::ViewType::get(builder.getContext(), from.getSpace(), element,
                                shape, strides, offset);
  SmallVector<Value> counters;
  SmallVector<int64_t> amounts;
  for (auto [counter, amount] : steps) {
    counters.push_back(counter);
    amounts.push_back(amount);
  }
  return tile::SubviewOp::create(builder, loc, to, buffer, counters,
                                 builder.getDenseI64ArrayAttr(amounts));
}
