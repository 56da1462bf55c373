//===- Refuse.cpp - Errors that know their exit code ----------------------===//
#include "hybridc/Dialect/Hyb/IR/Refuse.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

InFlightDiagnostic hybridc::hyb::refuse(Operation *op, ExitCode code) {
  Operation *top = op;
  while (Operation *parent = top->getParentOp())
    top = parent;
  top->setAttr(kExitCodeAttr, Builder(op->getContext())
                                  .getI32IntegerAttr(static_cast<int>(code)));
  InFlightDiagnostic diagnostic = emitError(op->getLoc());
  std::string node = nodeNameOf(op->getLoc()), type = opTypeOf(op->getLoc());
  if (!node.empty())
    diagnostic << "node '" << node << "' ("
               << (type.empty() ? op->getName().getStringRef() : StringRef(type))
               << "): ";
  else
    diagnostic << "'" << op->getName() << "': ";
  return diagnostic;
}
