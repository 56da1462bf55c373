//===- Emit.cpp - Emitting hyb ops for an ONNX node -----------------------===//

#include "Importer.h"
#include "Node.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace hybridc::import {

//===----------------------------------------------------------------------===//
// Checking and folding
//===----------------------------------------------------------------------===//

void Node::check(Operation *op) {
  std::string said;
  bool failed = false;
  {
    ScopedDiagnosticHandler handler(b.getContext(),
                                    [&](Diagnostic &diagnostic) {
                                      if (said.empty())
                                        said = diagnostic.str();
                                      return success();
                                    });
    failed = mlir::failed(mlir::verify(op));
  }
  if (failed) {
    op->erase();
    invalid(said.empty() ? "its operands do not fit together" : said);
  }
}

Value Node::finish(Operation *op) {
  check(op);
  if (op->getNumResults() == 1) {
    Value nothing = importer.emptyAsConstant(op->getResult(0), loc);
    if (nothing != op->getResult(0)) {
      op->erase();
      return nothing;
    }
  }
  SmallVector<ElementsAttr> known;
  SmallVector<Attribute> attributes;
  for (Value operand : op->getOperands()) {
    ElementsAttr value = constantOf(operand);
    attributes.push_back(value);
    if (value)
      known.push_back(value);
  }
  if (op->getNumResults() != 1)
    return op->getNumResults() ? op->getResult(0) : Value();
  SmallVector<OpFoldResult> folded;
  if (succeeded(op->fold(attributes, folded)) && !folded.empty()) {
    if (auto value = dyn_cast<Value>(folded[0])) {
      if (value != op->getResult(0)) {
        op->erase();
        return value;
      }
    } else if (auto value =
                   dyn_cast<ElementsAttr>(mlir::cast<Attribute>(folded[0]))) {
      op->erase();
      return constant(value);
    }
  }
  if (known.size() == op->getNumOperands() && op->getNumOperands() > 0)
    if (ElementsAttr value = foldOp(op, known)) {
      op->erase();
      return constant(value);
    }
  return op->getResult(0);
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Value Node::constant(ElementsAttr value) {
  return importer.constant(value, loc);
}

Value Node::splat(ArrayRef<int64_t> shape, Type element, double value) {
  Scalar scalar{static_cast<int64_t>(value), value};
  return constant(makeConstant(tensor(shape, element), scalar));
}

Value Node::ints(ArrayRef<int64_t> values) {
  auto type = tensor(static_cast<int64_t>(values.size()), i64());
  return constant(DenseElementsAttr::get(type, values));
}

Value Node::floats(ArrayRef<double> values, Type element) {
  SmallVector<Scalar> scalars;
  for (double value : values)
    scalars.push_back({0, value});
  return constant(makeConstant(
      tensor(static_cast<int64_t>(values.size()), element), scalars));
}

//===----------------------------------------------------------------------===//
// Kernels of the control core
//===----------------------------------------------------------------------===//

SmallVector<Value> Node::host(llvm::StringRef kernel, ValueRange inputs,
                              ArrayRef<RankedTensorType> results,
                              ArrayRef<NamedAttribute> attributes) {
  SmallVector<Type> types(results.begin(), results.end());
  auto op = hyb::HostOp::create(b, loc, types, b.getStringAttr(kernel), inputs);
  for (NamedAttribute attribute : attributes)
    op->setAttr(attribute.getName(), attribute.getValue());
  check(op);
  SmallVector<Value> values;
  for (Value value : op.getResults())
    values.push_back(importer.emptyAsConstant(value, loc));
  return values;
}

NamedAttribute Node::named(llvm::StringRef key, int64_t value) {
  return b.getNamedAttr(key, b.getI64IntegerAttr(value));
}
NamedAttribute Node::named(llvm::StringRef key, double value) {
  return b.getNamedAttr(key, b.getF64FloatAttr(value));
}
NamedAttribute Node::named(llvm::StringRef key, llvm::StringRef value) {
  return b.getNamedAttr(key, b.getStringAttr(value));
}
NamedAttribute Node::named(llvm::StringRef key, ArrayRef<int64_t> value) {
  return b.getNamedAttr(key, b.getDenseI64ArrayAttr(value));
}
NamedAttribute Node::named(llvm::StringRef key, ArrayRef<double> value) {
  return b.getNamedAttr(key, b.getDenseF64ArrayAttr(value));
}

} // namespace hybridc::import
