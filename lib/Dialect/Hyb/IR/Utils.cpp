//===- Utils.cpp - Small questions that many passes ask -------------------===//
#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/IR/Commands.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <cstring>

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

ElementsAttr hybridc::hyb::constantOf(Value value) {
  if (auto constant = value.getDefiningOp<ConstantOp>())
    return constant.getValue();
  return {};
}

std::optional<ArrayRef<char>>
hybridc::hyb::bytesOf(DenseResourceElementsAttr resource) {
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  if (!blob)
    return std::nullopt;
  return blob->getData();
}

uint64_t hybridc::hyb::bytesOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return 0;
  std::optional<stream::DType> dtype = tryDTypeOf(type);
  return tensor.getNumElements() * (dtype ? stream::sizeOf(*dtype) : 8);
}

std::optional<SmallVector<int64_t>> hybridc::hyb::integersOf(ElementsAttr value,
                                                             int64_t limit) {
  if (!value || !isa<IntegerType>(value.getElementType()) ||
      value.getNumElements() > limit)
    return std::nullopt;
  bool isUnsigned = value.getElementType().isUnsignedInteger();
  SmallVector<int64_t> result;
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    for (const APInt &element : dense.getValues<APInt>())
      result.push_back(isUnsigned || element.getBitWidth() == 1
                           ? element.getZExtValue()
                           : element.getSExtValue());
    return result;
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(value);
  std::optional<ArrayRef<char>> bytes;
  if (resource)
    bytes = bytesOf(resource);
  unsigned size = stream::sizeOf(dtypeOf(value.getElementType()));
  if (!bytes || bytes->size() != size_t(value.getNumElements()) * size)
    return std::nullopt;
  for (int64_t i = 0; i < value.getNumElements(); ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, bytes->data() + i * size, size);
    APInt element(8 * size, bits);
    result.push_back(isUnsigned ? element.getZExtValue()
                                : element.getSExtValue());
  }
  return result;
}

static Value behind(Value value, function_ref<bool(Operation *)> isPassed) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isPassed(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

Value hybridc::hyb::behindViews(Value value) { return behind(value, isView); }

Value hybridc::hyb::behindAccesses(Value value) {
  return behind(value, llvm::IsaPred<AccessOpInterface>);
}

std::optional<SmallVector<int64_t>>
hybridc::hyb::matchUnitReshape(RankedTensorType from, RankedTensorType to) {
  SmallVector<int64_t> dims;
  int64_t next = 0;
  auto skipUnits = [&]() {
    while (next < to.getRank() && to.getDimSize(next) == 1)
      ++next;
  };
  for (int64_t extent : from.getShape()) {
    if (extent == 1) {
      dims.push_back(-1);
      continue;
    }
    skipUnits();
    if (next == to.getRank() || to.getDimSize(next) != extent)
      return std::nullopt;
    dims.push_back(next++);
  }
  skipUnits();
  if (next != to.getRank())
    return std::nullopt;
  return dims;
}

RankedTensorType hybridc::hyb::withElement(RankedTensorType type,
                                           Type element) {
  return RankedTensorType::get(type.getShape(), element);
}

/// Constants up to this many bytes are printed with their values.
static constexpr size_t kDenseBytes = 1024;

ElementsAttr hybridc::hyb::constantFromBytes(RankedTensorType type,
                                             ArrayRef<char> bytes) {
  size_t size = stream::sizeOf(dtypeOf(type));
  size_t count = type.getNumElements();
  bool isSplat = count > 0;
  for (size_t i = 1; i < count && isSplat; ++i)
    isSplat = std::memcmp(bytes.data(), bytes.data() + i * size, size) == 0;
  if (type.getElementType().isInteger(1)) {
    // Only bools: a dense attribute may keep them otherwise than as bytes.
    if (isSplat || count <= kDenseBytes) {
      SmallVector<bool> values(
          llvm::map_range(isSplat ? bytes.take_front(1) : bytes,
                          [](char c) { return c != 0; }));
      return DenseElementsAttr::get(type, values);
    }
  } else if (isSplat || bytes.size() <= kDenseBytes) {
    return DenseElementsAttr::getFromRawBuffer(
        type, isSplat ? bytes.take_front(size) : bytes);
  }
  return DenseResourceElementsAttr::get(
      type, "folded", HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 64));
}
