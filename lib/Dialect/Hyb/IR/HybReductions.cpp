//===- HybReductions.cpp - Reductions, pools, normalisations --------------===//
#include "hybridc/Dialect/Hyb/IR/Hyb.h"

using namespace mlir;
using namespace hybridc::hyb;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Axes must be sorted, unique and within the rank.
static LogicalResult verifyAxes(Operation *op, ArrayRef<int64_t> axes,
                                int64_t rank) {
  for (size_t i = 0; i < axes.size(); ++i)
    if (axes[i] < 0 || axes[i] >= rank || (i && axes[i] <= axes[i - 1]))
      return op->emitOpError("axes must be ascending and below the rank ")
             << rank;
  return success();
}

LogicalResult ReduceOp::verify() {
  auto x = typeOf(getX()), y = typeOf(getResult());
  if (failed(verifyAxes(*this, getAxes(), x.getRank())))
    return failure();
  bool isArg =
      getKind() == ReduceKind::ArgMax || getKind() == ReduceKind::ArgMin;
  if (isArg && getAxes().size() != 1)
    return emitOpError("argmax and argmin take one axis");
  SmallVector<int64_t> shape(x.getShape());
  for (int64_t axis : getAxes()) {
    if (shape[axis] == 0 && getKind() != ReduceKind::Sum &&
        getKind() != ReduceKind::Prod)
      return emitOpError("reduces an empty axis");
    shape[axis] = 1;
  }
  if (y.getShape() != ArrayRef<int64_t>(shape))
    return emitOpError("the result keeps the reduced axes with extent 1");
  Type element =
      isArg ? Type(IntegerType::get(getContext(), 64)) : x.getElementType();
  if (y.getElementType() != element)
    return emitOpError("the result must have elements of type ") << element;
  return success();
}

LogicalResult PoolOp::verify() {
  auto x = typeOf(getX()), y = typeOf(getResult());
  size_t rank = x.getRank();
  if (getWindow().size() != rank || getStrides().size() != rank ||
      getDilations().size() != rank || getPads().size() != 2 * rank)
    return emitOpError("window, strides and dilations need ")
           << rank << " entries, pads twice as many";
  if (y.getRank() != x.getRank() || y.getElementType() != x.getElementType())
    return emitOpError("the result must have the rank and element type of x");
  for (size_t d = 0; d < rank; ++d) {
    if (getWindow()[d] < 1 || getStrides()[d] < 1 || getDilations()[d] < 1)
      return emitOpError("window, strides and dilations must be positive");
    int64_t taps = (getWindow()[d] - 1) * getDilations()[d] + 1;
    int64_t padded = x.getDimSize(d) + getPads()[d] + getPads()[rank + d];
    int64_t expected =
        padded < taps ? 0 : (padded - taps) / getStrides()[d] + 1;
    if (y.getDimSize(d) != expected)
      return emitOpError("extent ") << d << " of the result must be "
                                    << expected << ", is " << y.getDimSize(d);
  }
  return success();
}

LogicalResult NormalizeOp::verify() {
  if (getX().getType() != getResult().getType())
    return emitOpError("the result must have the type of x");
  if (!isa<FloatType>(typeOf(getX()).getElementType()))
    return emitOpError("needs float elements");
  return verifyAxes(*this, getAxes(), typeOf(getX()).getRank());
}
