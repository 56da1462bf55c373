//===- Import.cpp - The importer's public border --------------------------===//

#include "hybridc/Import/Import.h"
#include "Failure.h"
#include "Importer.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"

#include <exception>
#include <filesystem>
#include <new>

using namespace mlir;

namespace hybridc {

void loadImportDialects(MLIRContext &context) {
  context
      .loadDialect<hyb::HybDialect, func::FuncDialect, arith::ArithDialect,
                   math::MathDialect, scf::SCFDialect, tensor::TensorDialect>();
}

static OwningOpRef<ModuleOp> importOrThrow(MLIRContext &context,
                                           const std::string &path,
                                           const ImportOptions &options,
                                           std::vector<std::string> &remarks) {
  loadImportDialects(context);
  std::shared_ptr<import::Model> model = import::loadModel(path);
  import::prepareModel(*model, options, remarks);
  OwningOpRef<ModuleOp> module =
      import::Importer(&context, model, remarks).run();
  std::string said;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (said.empty()) {
      llvm::raw_string_ostream stream(said);
      stream << diagnostic.getLocation() << ": " << diagnostic;
    }
    return success();
  });
  if (failed(verify(*module)))
    throw import::Failure{
        {ExitCode::Internal,
         fmt::format("{}: the imported module is not well formed: {}", path,
                     said)}};
  return module;
}

Result<OwningOpRef<ModuleOp>> importModel(MLIRContext &context,
                                          llvm::StringRef path,
                                          const ImportOptions &options,
                                          std::vector<std::string> *remarks) {
  std::vector<std::string> unread;
  std::string file = path.str();
  try {
    return importOrThrow(context, file, options, remarks ? *remarks : unread);
  } catch (const import::Failure &failure) {
    return failure.error;
  } catch (const std::bad_alloc &) {
    return invalidInput(file + ": asks for more memory than there is");
  } catch (const std::exception &error) {
    // ONNX's parser and schema functions, on what its checker let through.
    return invalidInput(file + ": " + error.what());
  }
}

} // namespace hybridc
