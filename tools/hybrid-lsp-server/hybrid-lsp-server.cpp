//===- hybrid-lsp-server.cpp - The levels in an editor --------------------===//
//
// MLIR's language server, which knows an op's operands and form, but not what
// it is for: that has been compiled away. A relay in front of it adds the op's
// page to what hovering shows.
//
//===----------------------------------------------------------------------===//
#include "HoverRelay.h"

#include "hybridc/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/LogicalResult.h"

#include <algorithm>

/// Whether the server talks to a test or answers a question of the command
/// line.
static bool isPlain(llvm::StringRef argument) {
  argument = argument.ltrim('-');
  return argument.starts_with("lit-test") ||
         argument.starts_with("input-style") || argument.starts_with("help") ||
         argument.starts_with("version");
}

int main(int argc, char **argv) {
  auto serve = [&] {
    mlir::DialectRegistry registry;
    hybridc::registerAllDialects(registry);
    return int(llvm::failed(mlir::MlirLspServerMain(argc, argv, registry)));
  };
  if (std::any_of(argv + 1, argv + argc, isPlain))
    return serve();
  return hybridc::lsp::relay(serve);
}
