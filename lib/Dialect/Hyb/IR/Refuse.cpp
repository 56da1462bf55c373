//===- Refuse.cpp - Errors that know their exit code ----------------------===//
#include "hybridc/Dialect/Hyb/IR/Refuse.h"

#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Dialect/Refusal.h"

using namespace mlir;

InFlightDiagnostic hybridc::hyb::refuse(Operation *op, ExitCode code) {
  InFlightDiagnostic diagnostic = hybridc::refuse(op, code);
  std::string node = nodeNameOf(op->getLoc()), type = opTypeOf(op->getLoc());
  if (!node.empty())
    diagnostic << "node '" << node << "' ("
               << (type.empty() ? op->getName().getStringRef()
                                : StringRef(type))
               << "): ";
  else
    diagnostic << "'" << op->getName() << "': ";
  return diagnostic;
}
