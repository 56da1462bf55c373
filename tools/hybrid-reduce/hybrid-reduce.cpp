//===- hybrid-reduce.cpp - Makes a failing file small ---------------------===//
#include "hybridc/Dialect/Hyb/Transforms/Reduction.h"
#include "hybridc/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "llvm/Support/raw_ostream.h"

int main(int argc, char **argv) {
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
