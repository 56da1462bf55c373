//===- EmitDense.cpp - Movement, contraction, reduction -----------------===//

#include "Importer.h"
#include "Node.h"

using namespace mlir;

namespace hybridc::import {

Value Node::reshape(Value x, ArrayRef<int64_t> shape) {
  auto type = tensor(shape, elem(x));
  if (type == x.getType())
    return x;
  if (type.getNumElements() != typeOf(x).getNumElements())
    invalid(fmt::format("{} elements cannot take a shape of {}",
                        typeOf(x).getNumElements(), type.getNumElements()));
  return emit<hyb::ReshapeOp>(type, x);
}

Value Node::transpose(Value x, ArrayRef<int64_t> perm) {
  Ints shape, seen(perm.size(), 0);
  if (static_cast<int64_t>(perm.size()) != rankOf(x))
    invalid("perm must have one entry a dimension");
  for (int64_t p : perm) {
    if (p < 0 || p >= rankOf(x) || seen[p]++)
      invalid("perm is not a permutation of the dimensions");
    shape.push_back(shapeOf(x)[p]);
  }
  return emit<hyb::TransposeOp>(tensor(shape, elem(x)), x, perm);
}

Value Node::expand(Value x, ArrayRef<int64_t> shape) {
  auto type = tensor(shape, elem(x));
  if (type == x.getType())
    return x;
  return map(type, x, [](Scalars &, ValueRange v) { return v[0]; });
}

Value Node::withAxis(Value x, int64_t axis) {
  Ints shape(shapeOf(x));
  shape.insert(shape.begin() + axis, 1);
  return reshape(x, shape);
}

Value Node::withoutAxis(Value x, int64_t axis) {
  Ints shape(shapeOf(x));
  shape.erase(shape.begin() + axis);
  return reshape(x, shape);
}

Value Node::slice(Value x, ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes,
                  ArrayRef<int64_t> steps) {
  Ints ones(rankOf(x), 1);
  if (steps.empty())
    steps = ones;
  return emit<hyb::SliceOp>(tensor(sizes, elem(x)), x, offsets, steps);
}

Value Node::sliceAxis(Value x, int64_t axis, int64_t from, int64_t size) {
  Ints offsets(rankOf(x), 0), sizes(shapeOf(x));
  offsets[axis] = from;
  sizes[axis] = size;
  return slice(x, offsets, sizes);
}

Value Node::concat(ValueRange values, int64_t axis) {
  Ints shape(shapeOf(values[0]));
  shape[axis] = 0;
  SmallVector<Value> parts;
  for (Value value : values) {
    if (rankOf(value) != static_cast<int64_t>(shape.size()))
      invalid("inputs have different ranks");
    shape[axis] += shapeOf(value)[axis];
    if (shapeOf(value)[axis] > 0)
      parts.push_back(value);
  }
  if (parts.empty())
    return values[0];
  if (parts.size() == 1 && shapeOf(parts[0]) == ArrayRef<int64_t>(shape))
    return parts[0];
  return emit<hyb::ConcatOp>(tensor(shape, elem(values[0])), parts, axis);
}

Value Node::matmul(Value x, Value y, Type element) {
  if (!element)
    element = elem(x);
  if (rankOf(x) < 2 || rankOf(y) < 2)
    invalid("operands of a matrix product need rank 2 or more");
  int64_t rank = std::max(rankOf(x), rankOf(y));
  Ints shape(rank, 1);
  for (Value operand : {x, y})
    for (int64_t d = 0; d < rankOf(operand) - 2; ++d) {
      int64_t extent = shapeOf(operand)[d];
      int64_t &own = shape[rank - rankOf(operand) + d];
      if (own != 1 && extent != 1 && own != extent)
        invalid("batch dimensions do not broadcast");
      own = own == 1 ? extent : own;
    }
  shape[rank - 2] = shapeOf(x)[rankOf(x) - 2];
  shape[rank - 1] = shapeOf(y).back();
  if (shapeOf(x).back() != shapeOf(y)[rankOf(y) - 2])
    invalid(fmt::format("contracts extent {} with {}", shapeOf(x).back(),
                        shapeOf(y)[rankOf(y) - 2]));
  auto type = tensor(shape, element);
  if (shapeOf(x).back() == 0 || type.getNumElements() == 0)
    return splat(shape, element, 0); // sums of nothing
  return emit<hyb::MatmulOp>(type, x, y);
}

Value Node::reduce(hyb::ReduceKind kind, Value x, ArrayRef<int64_t> axes,
                   bool keep) {
  bool index =
      kind == hyb::ReduceKind::ArgMax || kind == hyb::ReduceKind::ArgMin;
  Ints kept(shapeOf(x)), dropped;
  for (int64_t d = 0; d < rankOf(x); ++d) {
    if (llvm::is_contained(axes, d))
      kept[d] = 1;
    else
      dropped.push_back(kept[d]);
  }
  Value result = x;
  auto type = tensor(kept, index ? i64() : elem(x));
  if (typeOf(x).getNumElements() == 0 && type.getNumElements() > 0) {
    // Sums and products of nothing; other reductions have no such value.
    if (kind != hyb::ReduceKind::Sum && kind != hyb::ReduceKind::Prod)
      unsupported("the mean or extreme of no elements is not defined");
    return splat(keep ? kept : dropped, elem(x),
                 kind == hyb::ReduceKind::Sum ? 0 : 1);
  }
  if (!axes.empty() || index)
    result = emit<hyb::ReduceOp>(type, kind, x, axes, /*select_last=*/false);
  return keep ? result : reshape(result, dropped);
}

Value Node::pad(Value x, ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                double value) {
  Ints shape(shapeOf(x));
  bool nothing = true;
  for (size_t d = 0; d < shape.size(); ++d) {
    shape[d] += low[d] + high[d];
    nothing &= low[d] == 0 && high[d] == 0;
  }
  if (nothing)
    return x;
  if (typeOf(x).getNumElements() == 0)
    return splat(shape, elem(x), value);
  Type scalar = hyb::scalarTypeOf(elem(x));
  TypedAttr fill;
  if (isa<FloatType>(scalar))
    fill = b.getFloatAttr(scalar, value);
  else
    fill = b.getIntegerAttr(
        scalar, llvm::APInt(scalar.getIntOrFloatBitWidth(),
                            static_cast<uint64_t>(static_cast<int64_t>(value)),
                            false, /*implicitTrunc=*/true));
  return emit<hyb::PadOp>(tensor(shape, elem(x)), x, low, high, fill);
}

} // namespace hybridc::import
