//===- hybrid-opt.cpp - Runs passes on a file -----------------------------===//
#include "hybridc/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  hybridc::registerAllDialects(registry);
  hybridc::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "hybridc: any pass, on any level\n", registry));
}
