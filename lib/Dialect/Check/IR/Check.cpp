//===- Check.cpp - Expected values inside the IR --------------------------===//
#include "hybridc/Dialect/Check/IR/Check.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace hybridc::check;

#include "hybridc/Dialect/Check/IR/CheckDialect.cpp.inc"
#define GET_OP_CLASSES
#include "hybridc/Dialect/Check/IR/CheckOps.cpp.inc"

namespace hybridc::check {
#define GEN_PASS_DEF_CHECKEXPECTATIONS
#include "hybridc/Dialect/Check/IR/Passes.h.inc"
} // namespace hybridc::check

void CheckDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "hybridc/Dialect/Check/IR/CheckOps.cpp.inc"
      >();
}

LogicalResult CloseOp::verify() {
  if (getExpected().getType() != getValue().getType())
    return emitOpError("expects a value of type ") << getExpected().getType();
  return success();
}

/// A constant as a dense attribute; resources are copied out of their blob.
static DenseElementsAttr denseOf(Attribute value) {
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(value))
    return dense;
  auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(value);
  AsmResourceBlob *blob =
      resource ? resource.getRawHandle().getBlob() : nullptr;
  auto type = resource ? cast<ShapedType>(resource.getType()) : ShapedType();
  if (!blob || type.getElementType().isInteger(1))
    return {};
  return DenseElementsAttr::getFromRawBuffer(type, blob->getData());
}

/// The first element that is not as expected, or -1.
static int64_t firstDifference(DenseElementsAttr value,
                               DenseElementsAttr expected, double rtol,
                               double atol) {
  auto elements = value.getValues<Attribute>();
  auto wanted = expected.getValues<Attribute>();
  for (int64_t i = 0; i < expected.getNumElements(); ++i) {
    if (elements[i] == wanted[i])
      continue;
    auto a = dyn_cast<FloatAttr>(elements[i]);
    auto b = dyn_cast<FloatAttr>(wanted[i]);
    if (!a || !b)
      return i;
    double x = a.getValueAsDouble(), y = b.getValueAsDouble();
    if (std::isnan(x) && std::isnan(y))
      continue;
    if (!(std::abs(x - y) <= atol + rtol * std::abs(y)))
      return i;
  }
  return -1;
}

namespace {
struct CheckExpectations
    : hybridc::check::impl::CheckExpectationsBase<CheckExpectations> {
  void runOnOperation() override {
    WalkResult result = getOperation()->walk([](CloseOp op) -> WalkResult {
      Attribute constant;
      if (!matchPattern(op.getValue(), m_Constant(&constant)))
        return op.emitOpError("the value is not a constant; run "
                              "hyb-fold-constants before");
      DenseElementsAttr value = denseOf(constant),
                        expected = denseOf(op.getExpected());
      if (!value || !expected)
        return op.emitOpError("the elements are not at hand");
      int64_t at =
          firstDifference(value, expected, op.getRtol().convertToDouble(),
                          op.getAtol().convertToDouble());
      if (at >= 0)
        return op.emitOpError("element ")
               << at << " is " << value.getValues<Attribute>()[at]
               << ", expected " << expected.getValues<Attribute>()[at];
      op.erase();
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
