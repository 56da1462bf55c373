//===- Fold.cpp - Constants while importing -------------------------------===//

#include "Fold.h"
#include "FoldScalar.h"

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/IR/DialectResourceBlobManager.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;

namespace hybridc::import {

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

static double toDouble(llvm::APFloat value) {
  bool lost;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven,
                &lost);
  return value.convertToDouble();
}

static llvm::APFloat toFloat(FloatType type, double value) {
  llvm::APFloat result(value);
  bool lost;
  result.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                 &lost);
  return result;
}

Scalar roundTo(Type type, Scalar value) {
  if (auto floating = dyn_cast<FloatType>(type)) {
    if (floating.isF32())
      value.f = static_cast<float>(value.f);
    else if (!floating.isF64())
      value.f = toDouble(toFloat(floating, value.f));
    return value;
  }
  unsigned width = type.getIntOrFloatBitWidth();
  if (width < 64) {
    uint64_t bits = static_cast<uint64_t>(value.i) & ((1ull << width) - 1);
    bool negative =
        !type.isUnsignedInteger() && width > 1 && (bits >> (width - 1));
    value.i = static_cast<int64_t>(negative ? bits | (~0ull << width) : bits);
  }
  return value;
}

std::optional<std::vector<Scalar>> readConstant(ElementsAttr value,
                                                int64_t limit) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getNumElements() > limit)
    return std::nullopt;
  Type element = type.getElementType();
  std::vector<Scalar> scalars;
  scalars.reserve(type.getNumElements());
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    if (isa<FloatType>(element)) {
      for (llvm::APFloat v : dense.getValues<llvm::APFloat>())
        scalars.push_back({0, toDouble(v)});
    } else {
      bool zero = element.isUnsignedInteger() || element.isInteger(1);
      for (const llvm::APInt &v : dense.getValues<llvm::APInt>())
        scalars.push_back(
            {zero ? static_cast<int64_t>(v.getZExtValue()) : v.getSExtValue(),
             0});
    }
    return scalars;
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(value);
  if (!resource || !resource.getRawHandle().getBlob())
    return std::nullopt;
  ArrayRef<char> bytes = resource.getData();
  size_t size = (element.getIntOrFloatBitWidth() + 7) / 8;
  if (bytes.size() != size * type.getNumElements())
    return std::nullopt;
  for (const char *at = bytes.begin(); at != bytes.end(); at += size) {
    uint64_t bits = 0;
    std::memcpy(&bits, at, size);
    if (auto floating = dyn_cast<FloatType>(element))
      scalars.push_back(
          {0, toDouble(llvm::APFloat(floating.getFloatSemantics(),
                                     llvm::APInt(floating.getWidth(), bits)))});
    else
      scalars.push_back(roundTo(element, {static_cast<int64_t>(bits), 0}));
  }
  return scalars;
}

ElementsAttr makeConstant(RankedTensorType type, ArrayRef<Scalar> values) {
  Type element = type.getElementType();
  if (auto floating = dyn_cast<FloatType>(element)) {
    SmallVector<llvm::APFloat> elements;
    for (Scalar value : values)
      elements.push_back(toFloat(floating, value.f));
    return DenseElementsAttr::get(type, elements);
  }
  SmallVector<llvm::APInt> elements;
  unsigned width = element.getIntOrFloatBitWidth();
  for (Scalar value : values)
    elements.push_back(llvm::APInt(width, static_cast<uint64_t>(value.i),
                                   /*isSigned=*/false,
                                   /*implicitTrunc=*/true));
  return DenseElementsAttr::get(type, elements);
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

namespace {
using Elements = std::vector<Scalar>;

/// Calls `visit` with each index tuple of `shape` in row-major order.
template <typename Visit>
void forEachIndex(ArrayRef<int64_t> shape, Visit visit) {
  SmallVector<int64_t> index(shape.size(), 0);
  if (llvm::is_contained(shape, 0))
    return;
  while (true) {
    visit(ArrayRef<int64_t>(index));
    int64_t d = static_cast<int64_t>(shape.size()) - 1;
    for (; d >= 0; --d) {
      if (++index[d] < shape[d])
        break;
      index[d] = 0;
    }
    if (d < 0)
      return;
  }
}

int64_t linear(ArrayRef<int64_t> index, ArrayRef<int64_t> shape) {
  int64_t at = 0;
  for (auto [i, extent] : llvm::zip(index, shape))
    at = at * extent + i;
  return at;
}

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

class Folder {
public:
  Folder(Operation *op, std::vector<Elements> operands)
      : op(op), operands(std::move(operands)),
        type(cast<RankedTensorType>(op->getResult(0).getType())) {}

  std::optional<Elements> run() {
    if (isa<hyb::ReshapeOp>(op))
      return operands[0];
    std::optional<Elements> result;
    llvm::TypeSwitch<Operation *>(op)
        .Case<hyb::MapOp, hyb::TransposeOp, hyb::SliceOp, hyb::ConcatOp,
              hyb::PadOp, hyb::GatherOp, hyb::ReduceOp>(
            [&](auto typed) { result = fold(typed); });
    return result;
  }

private:
  Operation *op;
  std::vector<Elements> operands;
  RankedTensorType type;

  std::optional<Elements> fold(hyb::MapOp map) {
    SmallVector<AffineMap> maps = map.getIndexingMaps();
    Elements result;
    bool known = true;
    forEachIndex(type.getShape(), [&](ArrayRef<int64_t> index) {
      if (!known)
        return;
      SmallVector<Scalar> arguments;
      for (auto [i, indexMap] : llvm::enumerate(maps)) {
        SmallVector<int64_t> at = indexMap.compose(index);
        arguments.push_back(
            operands[i][linear(at, shapeOf(map.getInputs()[i]))]);
      }
      if (auto value = evaluateBody(map.getBody().front(), arguments, index))
        result.push_back(*value);
      else
        known = false;
    });
    if (!known)
      return std::nullopt;
    // Scalars of the region are signless; the tensor says what they mean.
    for (Scalar &value : result)
      value = roundTo(type.getElementType(), value);
    return result;
  }

  std::optional<Elements> fold(hyb::TransposeOp transpose) {
    Elements result;
    SmallVector<int64_t> from(type.getRank());
    forEachIndex(type.getShape(), [&](ArrayRef<int64_t> index) {
      for (auto [d, p] : llvm::enumerate(transpose.getPerm()))
        from[p] = index[d];
      result.push_back(operands[0][linear(from, shapeOf(transpose.getX()))]);
    });
    return result;
  }

  std::optional<Elements> fold(hyb::SliceOp slice) {
    Elements result;
    SmallVector<int64_t> from(type.getRank());
    forEachIndex(type.getShape(), [&](ArrayRef<int64_t> index) {
      for (size_t d = 0; d < from.size(); ++d)
        from[d] = slice.getOffsets()[d] + index[d] * slice.getSteps()[d];
      result.push_back(operands[0][linear(from, shapeOf(slice.getX()))]);
    });
    return result;
  }

  std::optional<Elements> fold(hyb::ConcatOp concat) {
    Elements result;
    int64_t axis = concat.getAxis();
    SmallVector<int64_t> from(type.getRank());
    forEachIndex(type.getShape(), [&](ArrayRef<int64_t> index) {
      from.assign(index.begin(), index.end());
      size_t source = 0;
      while (from[axis] >= shapeOf(concat.getInputs()[source])[axis])
        from[axis] -= shapeOf(concat.getInputs()[source++])[axis];
      result.push_back(
          operands[source][linear(from, shapeOf(concat.getInputs()[source]))]);
    });
    return result;
  }

  std::optional<Elements> fold(hyb::PadOp pad) {
    Scalar fill;
    if (auto value = dyn_cast<FloatAttr>(pad.getValue()))
      fill.f = value.getValueAsDouble();
    else if (auto value = dyn_cast<IntegerAttr>(pad.getValue()))
      fill =
          roundTo(type.getElementType(),
                  {static_cast<int64_t>(value.getValue().getZExtValue()), 0});
    Elements result;
    ArrayRef<int64_t> source = shapeOf(pad.getX());
    SmallVector<int64_t> from(type.getRank());
    forEachIndex(type.getShape(), [&](ArrayRef<int64_t> index) {
      bool inside = true;
      for (size_t d = 0; d < from.size(); ++d) {
        from[d] = index[d] - pad.getLow()[d];
        inside &= from[d] >= 0 && from[d] < source[d];
      }
      result.push_back(inside ? operands[0][linear(from, source)] : fill);
    });
    return result;
  }

  std::optional<Elements> fold(hyb::GatherOp gather) {
    ArrayRef<int64_t> data = shapeOf(gather.getData());
    ArrayRef<int64_t> indices = shapeOf(gather.getIndices());
    size_t axis = gather.getAxis();
    Elements result;
    bool inside = true;
    forEachIndex(type.getShape(), [&](ArrayRef<int64_t> index) {
      int64_t picked =
          operands[1][linear(index.slice(axis, indices.size()), indices)].i;
      if (picked < 0)
        picked += data[axis];
      if (picked < 0 || picked >= data[axis]) {
        inside = false;
        return;
      }
      SmallVector<int64_t> from(index.take_front(axis));
      from.push_back(picked);
      llvm::append_range(from, index.drop_front(axis + indices.size()));
      result.push_back(operands[0][linear(from, data)]);
    });
    if (!inside) // the executor says so when it runs
      return std::nullopt;
    return result;
  }

  std::optional<Elements> fold(hyb::ReduceOp reduce) {
    Type element = type.getElementType();
    hyb::ReduceKind kind = reduce.getKind();
    // Sums of floats depend on their order: left to the executor.
    if (isa<FloatType>(element) && kind != hyb::ReduceKind::Max &&
        kind != hyb::ReduceKind::Min)
      return std::nullopt;
    if (kind != hyb::ReduceKind::Sum && kind != hyb::ReduceKind::Prod &&
        kind != hyb::ReduceKind::Max && kind != hyb::ReduceKind::Min)
      return std::nullopt;
    Scalar start;
    start.i = kind == hyb::ReduceKind::Prod;
    Elements result(type.getNumElements(), start);
    std::vector<bool> seen(result.size());
    ArrayRef<int64_t> source = shapeOf(reduce.getX());
    size_t next = 0;
    SmallVector<int64_t> to;
    forEachIndex(source, [&](ArrayRef<int64_t> index) {
      to.assign(index.begin(), index.end());
      for (int64_t axis : reduce.getAxes())
        to[axis] = 0;
      size_t at = linear(to, type.getShape());
      Scalar value = operands[0][next++];
      Scalar &sum = result[at];
      if (kind == hyb::ReduceKind::Sum)
        sum.i = static_cast<int64_t>(static_cast<uint64_t>(sum.i) + value.i);
      else if (kind == hyb::ReduceKind::Prod)
        sum.i = static_cast<int64_t>(static_cast<uint64_t>(sum.i) * value.i);
      else if (!seen[at])
        sum = value;
      else
        sum = pick(element, kind == hyb::ReduceKind::Max, sum, value);
      seen[at] = true;
    });
    for (Scalar &value : result)
      value = roundTo(element, value);
    return result;
  }

  static Scalar pick(Type element, bool largest, Scalar a, Scalar b) {
    if (isa<FloatType>(element)) {
      if (std::isnan(a.f) || std::isnan(b.f))
        return {0, std::numeric_limits<double>::quiet_NaN()};
      return (a.f < b.f) == largest ? b : a;
    }
    bool less = element.isUnsignedInteger()
                    ? static_cast<uint64_t>(a.i) < static_cast<uint64_t>(b.i)
                    : a.i < b.i;
    return less == largest ? b : a;
  }
};
} // namespace

ElementsAttr foldOp(Operation *op, ArrayRef<ElementsAttr> constants) {
  if (op->getNumResults() != 1)
    return {};
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || type.getNumElements() > maxFoldedElements)
    return {};
  std::vector<Elements> operands;
  for (ElementsAttr constant : constants) {
    auto elements = readConstant(constant);
    if (!elements)
      return {};
    operands.push_back(std::move(*elements));
  }
  auto result = Folder(op, std::move(operands)).run();
  if (!result)
    return {};
  return makeConstant(type, *result);
}

} // namespace hybridc::import
