//===- HybContractions.cpp - Matrix products and convolutions -------------===//
#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/Dialect/Traits.h"

using namespace mlir;
using namespace hybridc::hyb;

/// Operand types of a contraction and what they may give.
static LogicalResult verifyElementTypes(Operation *op, Value a, Value b,
                                        Value result) {
  Type left = tensorTypeOf(a).getElementType(),
       right = tensorTypeOf(b).getElementType();
  Type out = tensorTypeOf(result).getElementType();
  if (left.isInteger(8) && right.isInteger(8)) {
    if (out.isSignlessInteger(32))
      return success();
    return op->emitOpError("8-bit operands give i32");
  }
  if (left != right)
    return op->emitOpError("operands have different element types ")
           << left << " and " << right;
  if (out == left)
    return success();
  if ((left.isBF16() || left.isF16()) && out.isF32())
    return success();
  return op->emitOpError("cannot give elements of type ") << out;
}

//===----------------------------------------------------------------------===//
// MatmulOp
//===----------------------------------------------------------------------===//

LogicalResult MatmulOp::verify() {
  auto a = tensorTypeOf(getA()), b = tensorTypeOf(getB()),
       c = tensorTypeOf(getResult());
  if (a.getRank() < 2 || b.getRank() < 2)
    return emitOpError("operands must have rank 2 or more");
  if (a.getShape().back() != b.getDimSize(b.getRank() - 2))
    return emitOpError("contracts ")
           << a.getShape().back() << " with " << b.getDimSize(b.getRank() - 2);
  SmallVector<int64_t> batch;
  if (!OpTrait::util::getBroadcastedShape(a.getShape().drop_back(2),
                                          b.getShape().drop_back(2), batch))
    return emitOpError("batch dimensions do not broadcast");
  batch.push_back(a.getDimSize(a.getRank() - 2));
  batch.push_back(b.getShape().back());
  if (c.getShape() != ArrayRef<int64_t>(batch))
    return emitOpError("result has the wrong shape");
  return verifyElementTypes(*this, getA(), getB(), getResult());
}

//===----------------------------------------------------------------------===//
// ConvOp
//===----------------------------------------------------------------------===//

static LogicalResult verifyWindows(Operation *op, int64_t spatial,
                                   ArrayRef<int64_t> strides,
                                   ArrayRef<int64_t> pads,
                                   ArrayRef<int64_t> dilations,
                                   int64_t groups) {
  if (spatial < 1 || spatial > 3)
    return op->emitOpError("needs one, two or three spatial dimensions, has ")
           << spatial;
  if (static_cast<int64_t>(strides.size()) != spatial ||
      static_cast<int64_t>(dilations.size()) != spatial ||
      static_cast<int64_t>(pads.size()) != 2 * spatial)
    return op->emitOpError("strides and dilations need ")
           << spatial << " entries, pads twice as many";
  if (llvm::any_of(strides, [](int64_t s) { return s < 1; }) ||
      llvm::any_of(dilations, [](int64_t d) { return d < 1; }))
    return op->emitOpError("strides and dilations must be positive");
  if (groups < 1)
    return op->emitOpError("groups must be positive");
  return success();
}

LogicalResult ConvOp::verify() {
  auto x = tensorTypeOf(getX()), w = tensorTypeOf(getW()),
       y = tensorTypeOf(getResult());
  int64_t xBlock = getXBlock(), yBlock = getYBlock(), groups = getGroups();
  if (xBlock < 0 || yBlock < 0 || (xBlock && xBlock != yBlock))
    return emitOpError("x_block must be 0 or equal to y_block");
  int64_t spatial = x.getRank() - 2 - (xBlock ? 1 : 0);
  if (y.getRank() != spatial + 2 + (yBlock ? 1 : 0))
    return emitOpError("result has the wrong rank");
  if (failed(verifyWindows(*this, spatial, getStrides(), getPads(),
                           getDilations(), groups)))
    return failure();
  if ((xBlock && x.getShape().back() != xBlock) ||
      (yBlock && y.getShape().back() != yBlock))
    return emitOpError("the innermost extent must be the block");

  // Where the kernel's extents start in w, and what stands around them.
  int64_t firstTap = 2;
  int64_t channels = x.getDimSize(1), filters = y.getDimSize(1);
  bool depthwise = xBlock && groups > 1;
  if (!yBlock) {
    if (channels % groups || filters % groups)
      return emitOpError("groups must divide the channels and the filters");
    if (w.getRank() != spatial + 2 || w.getDimSize(0) != filters ||
        w.getDimSize(1) != channels / groups)
      return emitOpError("weights must be [")
             << filters << ", " << channels / groups << ", taps…]";
  } else if (depthwise) {
    firstTap = 1;
    if (groups != channels * xBlock || filters != channels ||
        w.getRank() != spatial + 2 || w.getDimSize(0) != channels ||
        w.getShape().back() != xBlock)
      return emitOpError("a blocked depthwise convolution needs weights [")
             << channels << ", taps…, " << xBlock << "]";
  } else if (groups != 1) {
    return emitOpError("a blocked convolution has one group or is depthwise");
  } else if (xBlock) {
    if (w.getRank() != spatial + 4 || w.getDimSize(0) != filters ||
        w.getDimSize(1) != channels || w.getShape().back() != yBlock ||
        w.getDimSize(spatial + 2) != xBlock)
      return emitOpError("blocked weights must be [")
             << filters << ", " << channels << ", taps…, " << xBlock << ", "
             << yBlock << "]";
  } else {
    firstTap = 1;
    if (w.getRank() != spatial + 3 || w.getDimSize(0) != filters ||
        w.getDimSize(spatial + 1) != channels || w.getShape().back() != yBlock)
      return emitOpError("weights must be [")
             << filters << ", taps…, " << channels << ", " << yBlock << "]";
  }
  if (y.getDimSize(0) != x.getDimSize(0))
    return emitOpError("batch differs between x and the result");
  for (int64_t d = 0; d < spatial; ++d) {
    int64_t taps = (w.getDimSize(firstTap + d) - 1) * getDilations()[d] + 1;
    int64_t padded =
        x.getDimSize(2 + d) + getPads()[d] + getPads()[spatial + d];
    int64_t expected =
        padded < taps ? 0 : (padded - taps) / getStrides()[d] + 1;
    if (y.getDimSize(2 + d) != expected)
      return emitOpError("spatial extent ")
             << d << " of the result must be " << expected << ", is "
             << y.getDimSize(2 + d);
  }
  return verifyElementTypes(*this, getX(), getW(), getResult());
}

LogicalResult ConvTransposeOp::verify() {
  auto x = tensorTypeOf(getX()), w = tensorTypeOf(getW()),
       y = tensorTypeOf(getResult());
  int64_t spatial = x.getRank() - 2, groups = getGroups();
  if (failed(verifyWindows(*this, spatial, getStrides(), getPads(),
                           getDilations(), groups)))
    return failure();
  if (w.getRank() != x.getRank() || y.getRank() != x.getRank() ||
      w.getDimSize(0) != x.getDimSize(1) || x.getDimSize(1) % groups ||
      y.getDimSize(1) != w.getDimSize(1) * groups ||
      y.getDimSize(0) != x.getDimSize(0))
    return emitOpError("shapes of x, w and the result do not agree");
  for (int64_t d = 0; d < spatial; ++d) {
    int64_t taps = (w.getDimSize(2 + d) - 1) * getDilations()[d] + 1;
    int64_t least = (x.getDimSize(2 + d) - 1) * getStrides()[d] + taps -
                    getPads()[d] - getPads()[spatial + d];
    int64_t extra = y.getDimSize(2 + d) - least;
    if (extra < 0 || extra >= std::max(getStrides()[d], getDilations()[d]))
      return emitOpError("spatial extent ")
             << d << " of the result must be " << least
             << " plus an output padding below the stride, is "
             << y.getDimSize(2 + d);
  }
  return verifyElementTypes(*this, getX(), getW(), getResult());
}
