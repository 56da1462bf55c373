//===- HybData.cpp - Data movement ----------------------------------------===//
#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace hybridc::hyb;

static LogicalResult verifySameElement(Operation *op) {
  Type element = tensorTypeOf(op->getResult(0)).getElementType();
  for (Value operand : op->getOperands())
    if (auto type = dyn_cast<RankedTensorType>(operand.getType()))
      if (type.getElementType() != element && !isa<GatherOp>(op))
        return op->emitOpError("moves elements of one type only");
  return success();
}

//===----------------------------------------------------------------------===//
// Reshape, transpose
//===----------------------------------------------------------------------===//

LogicalResult ReshapeOp::verify() {
  if (tensorTypeOf(getX()).getNumElements() !=
      tensorTypeOf(getResult()).getNumElements())
    return emitOpError("must keep the number of elements");
  return verifySameElement(*this);
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  if (auto inner = getX().getDefiningOp<ReshapeOp>()) {
    setOperand(inner.getX());
    return getResult();
  }
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(adaptor.getX()))
    return dense.reshape(cast<ShapedType>(getType()));
  // A resource is bytes with a type: another shape, the same blob.
  if (auto resource =
          dyn_cast_or_null<DenseResourceElementsAttr>(adaptor.getX()))
    return DenseResourceElementsAttr::get(cast<ShapedType>(getType()),
                                          resource.getRawHandle());
  return {};
}

LogicalResult TransposeOp::verify() {
  auto x = tensorTypeOf(getX()), y = tensorTypeOf(getResult());
  if (static_cast<int64_t>(getPerm().size()) != x.getRank() ||
      !isPermutationVector(getPerm()))
    return emitOpError("perm must be a permutation of the dimensions of x");
  if (y.getRank() != x.getRank())
    return emitOpError("result has the wrong rank");
  for (int64_t d = 0; d < x.getRank(); ++d)
    if (y.getDimSize(d) != x.getDimSize(getPerm()[d]))
      return emitOpError("result has the wrong shape");
  return verifySameElement(*this);
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  if (isIdentityPermutation(getPerm()))
    return getX();
  if (auto inner = getX().getDefiningOp<TransposeOp>()) {
    SmallVector<int64_t> perm;
    for (int64_t p : getPerm())
      perm.push_back(inner.getPerm()[p]);
    setOperand(inner.getX());
    setPerm(perm);
    return getResult();
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Slice, concat, pad
//===----------------------------------------------------------------------===//

LogicalResult SliceOp::verify() {
  auto x = tensorTypeOf(getX()), y = tensorTypeOf(getResult());
  size_t rank = x.getRank();
  if (getOffsets().size() != rank || getSteps().size() != rank ||
      y.getRank() != x.getRank())
    return emitOpError("offsets and steps need one entry a dimension");
  for (size_t d = 0; d < rank; ++d) {
    if (getSteps()[d] == 0)
      return emitOpError("a step is zero");
    if (y.getDimSize(d) == 0)
      continue;
    int64_t last;
    int64_t first = getOffsets()[d];
    if (llvm::MulOverflow(getSteps()[d], y.getDimSize(d) - 1, last) ||
        llvm::AddOverflow(last, first, last) || first < 0 ||
        first >= x.getDimSize(d) || last < 0 || last >= x.getDimSize(d))
      return emitOpError("leaves dimension ")
             << d << ", which has extent " << x.getDimSize(d);
  }
  return verifySameElement(*this);
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  if (getX().getType() == getType() &&
      llvm::all_of(getOffsets(), [](int64_t o) { return o == 0; }) &&
      llvm::all_of(getSteps(), [](int64_t s) { return s == 1; }))
    return getX();
  return {};
}

LogicalResult ConcatOp::verify() {
  auto y = tensorTypeOf(getResult());
  int64_t axis = getAxis(), extent = 0;
  if (getInputs().empty())
    return emitOpError("needs an input");
  if (axis < 0 || axis >= y.getRank())
    return emitOpError("axis is beyond the rank");
  for (Value input : getInputs()) {
    auto x = tensorTypeOf(input);
    if (x.getRank() != y.getRank())
      return emitOpError("inputs must have the result's rank");
    for (int64_t d = 0; d < y.getRank(); ++d)
      if (d != axis && x.getDimSize(d) != y.getDimSize(d))
        return emitOpError("inputs differ in dimension ") << d;
    extent += x.getDimSize(axis);
  }
  if (extent != y.getDimSize(axis))
    return emitOpError("the inputs' extents sum to ") << extent;
  return verifySameElement(*this);
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getInputs().size() == 1 && getInputs()[0].getType() == getType())
    return getInputs()[0];
  return {};
}

LogicalResult PadOp::verify() {
  auto x = tensorTypeOf(getX()), y = tensorTypeOf(getResult());
  size_t rank = x.getRank();
  if (getLow().size() != rank || getHigh().size() != rank ||
      y.getRank() != x.getRank())
    return emitOpError("low and high need one entry a dimension");
  for (size_t d = 0; d < rank; ++d) {
    if (y.getDimSize(d) != x.getDimSize(d) + getLow()[d] + getHigh()[d])
      return emitOpError("result has the wrong shape");
    if (x.getDimSize(d) + std::min<int64_t>(getLow()[d], 0) +
            std::min<int64_t>(getHigh()[d], 0) <
        0)
      return emitOpError("crops more than there is in dimension ") << d;
  }
  if (cast<TypedAttr>(getValue()).getType() != scalarTypeOf(x.getElementType()))
    return emitOpError("the value must have type ")
           << scalarTypeOf(x.getElementType());
  return verifySameElement(*this);
}

//===----------------------------------------------------------------------===//
// Pack, unpack
//===----------------------------------------------------------------------===//

static LogicalResult verifyPacking(Operation *op, RankedTensorType plain,
                                   RankedTensorType packed,
                                   ArrayRef<int64_t> dims,
                                   ArrayRef<int64_t> blocks) {
  if (dims.size() != blocks.size() || dims.empty())
    return op->emitOpError("needs as many blocks as dims, at least one");
  SmallVector<int64_t> shape(plain.getShape());
  llvm::SmallBitVector seen(plain.getRank());
  for (auto [dim, block] : llvm::zip(dims, blocks)) {
    if (dim < 0 || dim >= plain.getRank() || block < 1 || seen.test(dim))
      return op->emitOpError(
          "dims must be distinct dimensions, blocks positive");
    seen.set(dim);
    shape[dim] = llvm::divideCeil(shape[dim], block);
  }
  llvm::append_range(shape, blocks);
  if (packed.getShape() != ArrayRef<int64_t>(shape))
    return op->emitOpError(
        "the packed shape does not follow from the plain one");
  return verifySameElement(op);
}

LogicalResult PackOp::verify() {
  return verifyPacking(*this, tensorTypeOf(getX()), tensorTypeOf(getResult()),
                       getDims(), getBlocks());
}

LogicalResult UnpackOp::verify() {
  return verifyPacking(*this, tensorTypeOf(getResult()), tensorTypeOf(getX()),
                       getDims(), getBlocks());
}

//===----------------------------------------------------------------------===//
// Gather, slice_at, insert_at, host
//===----------------------------------------------------------------------===//

LogicalResult GatherOp::verify() {
  auto data = tensorTypeOf(getData()), indices = tensorTypeOf(getIndices());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= data.getRank())
    return emitOpError("axis is beyond the rank");
  Type element = indices.getElementType();
  if (!element.isSignlessInteger(32) && !element.isSignlessInteger(64))
    return emitOpError("indices must be i32 or i64");
  SmallVector<int64_t> shape(data.getShape().take_front(axis));
  llvm::append_range(shape, indices.getShape());
  llvm::append_range(shape, data.getShape().drop_front(axis + 1));
  if (tensorTypeOf(getResult()) !=
      RankedTensorType::get(shape, data.getElementType()))
    return emitOpError("result has the wrong type");
  return success();
}

static LogicalResult verifyOneOf(Operation *op, RankedTensorType whole,
                                 RankedTensorType part, int64_t axis) {
  if (axis < 0 || axis >= whole.getRank())
    return op->emitOpError("axis is beyond the rank");
  SmallVector<int64_t> shape(whole.getShape());
  shape[axis] = 1;
  if (part != RankedTensorType::get(shape, whole.getElementType()))
    return op->emitOpError("the part must have extent 1 along the axis");
  return success();
}

LogicalResult SliceAtOp::verify() {
  return verifyOneOf(*this, tensorTypeOf(getX()), tensorTypeOf(getResult()),
                     getAxis());
}

LogicalResult InsertAtOp::verify() {
  if (getInto().getType() != getResult().getType())
    return emitOpError("the result must have the type of `into`");
  return verifyOneOf(*this, tensorTypeOf(getInto()), tensorTypeOf(getValue()),
                     getAxis());
}

LogicalResult HostOp::verify() {
  if (getKernel().empty())
    return emitOpError("names no kernel");
  return success();
}
