//===- Ref.cpp - Tensors as strided boxes of buffers ----------------------===//
#include "Ref.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

Box Box::whole(ArrayRef<int64_t> shape) {
  Box box;
  box.lo.assign(shape.size(), 0);
  box.size.assign(shape.begin(), shape.end());
  return box;
}

int64_t Box::numElements() const {
  int64_t count = 1;
  for (int64_t extent : size)
    count *= extent;
  return count;
}

void Box::include(const Box &other) {
  for (size_t d = 0; d < lo.size(); ++d) {
    int64_t end = std::max(lo[d] + size[d], other.lo[d] + other.size[d]);
    lo[d] = std::min(lo[d], other.lo[d]);
    size[d] = end - lo[d];
  }
}

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

Ref Ref::transposed(ArrayRef<int64_t> perm) const {
  Ref out = *this;
  for (size_t d = 0; d < perm.size(); ++d) {
    out.shape[d] = shape[perm[d]];
    out.strides[d] = strides[perm[d]];
  }
  return out;
}

Ref Ref::sliced(ArrayRef<int64_t> offsets, ArrayRef<int64_t> stepSizes,
                ArrayRef<int64_t> newShape) const {
  Ref out = *this;
  for (size_t d = 0; d < shape.size(); ++d) {
    // An empty slice may start past the end: it has no first element.
    if (newShape[d])
      out.offset += offsets[d] * strides[d];
    out.strides[d] *= stepSizes[d];
    out.shape[d] = newShape[d];
  }
  return out;
}

Ref Ref::boxed(const Box &box) const {
  SmallVector<int64_t> ones(shape.size(), 1);
  return sliced(box.lo, ones, box.size);
}

std::optional<Ref> Ref::reshaped(ArrayRef<int64_t> newShape) const {
  Ref out = *this;
  out.shape.assign(newShape.begin(), newShape.end());
  out.strides.assign(newShape.size(), 1);
  if (llvm::is_contained(newShape, 0)) {
    int64_t stride = 1;
    for (size_t d = newShape.size(); d-- > 0;) {
      out.strides[d] = stride;
      stride *= std::max<int64_t>(newShape[d], 1);
    }
    return out;
  }
  // Walk both shapes from the inside; each run of new dimensions must lie in
  // a run of old ones whose strides chain.
  SmallVector<std::pair<int64_t, int64_t>> old; // extent, stride; no ones
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1)
      continue;
    if (!old.empty() && old.back().second == strides[d] * shape[d])
      old.back() = {old.back().first * shape[d], strides[d]};
    else
      old.push_back({shape[d], strides[d]});
  }
  size_t at = old.size();
  int64_t left = 1, stride = 1;
  for (size_t d = newShape.size(); d-- > 0;) {
    if (newShape[d] == 1) {
      out.strides[d] = stride;
      continue;
    }
    if (left == 1) {
      if (at == 0)
        return std::nullopt;
      --at;
      left = old[at].first;
      stride = old[at].second;
    }
    if (left % newShape[d])
      return std::nullopt;
    out.strides[d] = stride;
    stride *= newShape[d];
    left /= newShape[d];
  }
  return out;
}

Ref Ref::indexed(int64_t axis, Value counter, bool reversed) const {
  Ref out = *this;
  if (reversed)
    out.offset += (shape[axis] - 1) * strides[axis];
  out.steps.push_back({counter, reversed ? -strides[axis] : strides[axis]});
  out.shape[axis] = 1;
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
