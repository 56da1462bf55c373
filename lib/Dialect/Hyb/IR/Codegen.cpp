//===- Codegen.cpp - Boxes, strided tensors, moves ------------------------===//
#include "hybridc/Dialect/Hyb/IR/Codegen.h"

#include "hybridc/Stream/Program.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace hybridc::hyb;

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

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

void Box::widen(ArrayRef<int64_t> shape, ArrayRef<int64_t> dims) {
  for (int64_t d : dims) {
    lo[d] = 0;
    size[d] = shape[d];
  }
}

FailureOr<WindowInput> hybridc::hyb::windowInput(int64_t lo, int64_t size,
                                                 int64_t extent, int64_t taps,
                                                 int64_t stride,
                                                 int64_t dilation,
                                                 int64_t padBegin) {
  int64_t first = lo * stride - padBegin;
  int64_t end = (lo + size - 1) * stride - padBegin + (taps - 1) * dilation + 1;
  WindowInput in;
  in.before = std::max<int64_t>(0, -first);
  in.after = std::max<int64_t>(0, end - extent);
  in.lo = std::max<int64_t>(0, first);
  in.size = std::min(end, extent) - in.lo;
  if (in.size <= 0)
    return failure();
  return in;
}

//===----------------------------------------------------------------------===//
// Strided tensors
//===----------------------------------------------------------------------===//

Strided Strided::dense(ArrayRef<int64_t> shape) {
  Strided out;
  out.shape.assign(shape.begin(), shape.end());
  llvm::append_range(out.strides, stream::rowMajorStrides(shape.vec()));
  return out;
}

Strided Strided::transposed(ArrayRef<int64_t> perm) const {
  Strided out = *this;
  for (size_t d = 0; d < perm.size(); ++d) {
    out.shape[d] = shape[perm[d]];
    out.strides[d] = strides[perm[d]];
  }
  return out;
}

Strided Strided::sliced(ArrayRef<int64_t> offsets, ArrayRef<int64_t> stepSizes,
                        ArrayRef<int64_t> newShape) const {
  Strided out = *this;
  for (size_t d = 0; d < shape.size(); ++d) {
    // An empty slice may start past the end: it has no first element.
    if (newShape[d])
      out.offset += offsets[d] * strides[d];
    out.strides[d] *= stepSizes[d];
    out.shape[d] = newShape[d];
  }
  return out;
}

Strided Strided::boxed(const Box &box) const {
  SmallVector<int64_t> ones(shape.size(), 1);
  return sliced(box.lo, ones, box.size);
}

std::optional<Strided> Strided::reshaped(ArrayRef<int64_t> newShape) const {
  Strided out = *this;
  out.shape.assign(newShape.begin(), newShape.end());
  out.strides.assign(newShape.size(), 1);
  if (llvm::is_contained(newShape, 0)) {
    out.strides = dense(newShape).strides;
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

Strided Strided::indexed(int64_t axis, Value counter, bool reversed) const {
  Strided out = *this;
  if (reversed)
    out.offset += (shape[axis] - 1) * strides[axis];
  out.steps.push_back({counter, reversed ? -strides[axis] : strides[axis]});
  out.shape[axis] = 1;
  return out;
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

void Movement::add(Move move) {
  if (!llvm::is_contained(move.to.shape, 0))
    moves.push_back(std::move(move));
}
