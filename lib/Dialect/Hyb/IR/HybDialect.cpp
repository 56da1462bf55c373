//===- HybDialect.cpp - The tensor level ----------------------------------===//
#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace hybridc::hyb;

#include "hybridc/Dialect/Hyb/IR/HybDialect.cpp.inc"
#include "hybridc/Dialect/Hyb/IR/HybEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "hybridc/Dialect/Hyb/IR/HybAttrs.cpp.inc"

namespace {
/// hyb ops have value semantics: all of them may be inlined anywhere.
struct HybInliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void HybDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "hybridc/Dialect/Hyb/IR/HybOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "hybridc/Dialect/Hyb/IR/HybAttrs.cpp.inc"
      >();
  addInterfaces<HybInliner>();
}

Operation *HybDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                           Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type || !isa<RankedTensorType>(type))
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

Type hybridc::hyb::scalarTypeOf(Type elementType) {
  if (auto integer = dyn_cast<IntegerType>(elementType))
    return IntegerType::get(integer.getContext(), integer.getWidth());
  return elementType;
}

AffineMap hybridc::hyb::broadcastMap(RankedTensorType input,
                                     RankedTensorType result) {
  MLIRContext *context = result.getContext();
  int64_t offset = result.getRank() - input.getRank();
  SmallVector<AffineExpr> exprs;
  for (int64_t d = 0; d < input.getRank(); ++d) {
    bool repeats = input.getDimSize(d) == 1;
    exprs.push_back(repeats ? getAffineConstantExpr(0, context)
                            : getAffineDimExpr(offset + d, context));
  }
  return AffineMap::get(result.getRank(), 0, exprs, context);
}
