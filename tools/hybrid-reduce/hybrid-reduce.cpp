//===- hybrid-reduce.cpp - Makes a failing file small ---------------------===//
#include "hybridc/Dialect/Hyb/Transforms/Reduction.h"
#include "hybridc/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

/// The script that an argument names, "…test=SCRIPT …"; empty: none.
static llvm::StringRef scriptOf(llvm::StringRef argument) {
  for (size_t at = argument.find("test="); at != argument.npos;
       at = argument.find("test=", at + 1))
    if (at == 0 || argument[at - 1] == ' ' || argument[at - 1] == '=' ||
        argument[at - 1] == '\'' || argument[at - 1] == '{')
      return argument.substr(at + 5).take_until(
          [](char c) { return c == ' ' || c == '\'' || c == '}'; });
  return {};
}

int main(int argc, char **argv) {
  // The reducer aborts on a script that it cannot start.
  for (int i = 1; i < argc; ++i)
    if (llvm::StringRef script = scriptOf(argv[i]);
        !script.empty() && !llvm::sys::fs::can_execute(script)) {
      llvm::errs() << "hybrid-reduce: error: test script '" << script << "': "
                   << (llvm::sys::fs::exists(script)
                           ? "it is not executable (chmod +x would help)"
                           : "there is no such file")
                   << "\n";
      return 2;
    }
  mlir::DialectRegistry registry;
  hybridc::registerAllDialects(registry);
  hybridc::hyb::registerReductionPatterns(registry);
  hybridc::registerAllPasses();
  mlir::MLIRContext context(registry);
  if (mlir::succeeded(mlir::mlirReduceMain(argc, argv, context)))
    return 0;
  // The reducer itself is silent about a script that says no from the start.
  llvm::errs() << "hybrid-reduce: error: nothing was written; unless something "
                  "was reported above, the script did not find the whole file "
                  "interesting (it exits with 0 for what is not, else with "
                  "another code)\n";
  return 1;
}
