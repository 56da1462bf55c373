//===- InitAll.cpp - What the tools register ------------------------------===//
#include "hybridc/InitAll.h"

#include "hybridc/Conversion/Passes.h"
#include "hybridc/Dialect/Check/IR/Check.h"
#include "hybridc/Dialect/Cmd/IR/Cmd.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"
#include "hybridc/Dialect/Tile/IR/Tile.h"
#include "hybridc/Dialect/Tile/Transforms/Passes.h"
#include "hybridc/InitAll/Phases.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Transforms/Passes.h"

void hybridc::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<hyb::HybDialect, tile::TileDialect, cmd::CmdDialect,
                  check::CheckDialect>();
  registry.insert<mlir::arith::ArithDialect, mlir::func::FuncDialect,
                  mlir::math::MathDialect, mlir::scf::SCFDialect,
                  mlir::tensor::TensorDialect>();
  mlir::func::registerInlinerExtension(registry);
}

void hybridc::registerAllPasses() {
  hyb::registerHybPasses();
  tile::registerTilePasses();
  registerConversionPasses();
  registerPipelines();
  check::registerCheckPasses();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  mlir::registerInlinerPass();
  mlir::registerSymbolDCEPass();
  mlir::registerStripDebugInfoPass();
}
