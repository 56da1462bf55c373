//===- VerifyPhases.cpp - What each phase promises ------------------------===//
//
// One pass a phase; the labels are those of Passes.td. A failure is a defect
// of the pass before it: the error names the op and its node.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/Transforms/Alternatives.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"
#include "hybridc/Dialect/Refusal.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_VERIFYIMPORTED
#define GEN_PASS_DEF_VERIFYSIMPLIFIED
#define GEN_PASS_DEF_VERIFYFUSED
#define GEN_PASS_DEF_VERIFYPARTITIONED
#define GEN_PASS_DEF_VERIFYPRECISE
#define GEN_PASS_DEF_VERIFYLAIDOUT
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {

InFlightDiagnostic broken(Operation *op, StringRef phase) {
  return refuse(op, ExitCode::Internal)
         << nodePrefix(op) << "'" << op->getName() << "' after " << phase
         << ": ";
}

/// Ops of the tensor level, of plug-ins too: not the scalars inside of maps.
bool isTensorOp(Operation *op) {
  return isa<ConstantOp, GroupOp, CommandOpInterface, MovementOpInterface,
             AccessOpInterface>(op);
}

//===----------------------------------------------------------------------===//
// import
//===----------------------------------------------------------------------===//

struct VerifyImported : impl::VerifyImportedBase<VerifyImported> {
  void runOnOperation() override {
    bool isFine = true;
    getOperation()->walk([&](Operation *op) {
      Dialect *dialect = op->getDialect();
      // (I1)
      if (!isa<ModuleOp>(op) &&
          !isa_and_nonnull<HybDialect, func::FuncDialect, scf::SCFDialect,
                           arith::ArithDialect, math::MathDialect,
                           tensor::TensorDialect>(dialect) &&
          !isTensorOp(op)) {
        broken(op, "import") << "is of no dialect of this level";
        isFine = false;
      }
      // (I2)
      if (isTensorOp(op) && !isa<ConstantOp>(op) &&
          nodesOf(op->getLoc()).empty()) {
        broken(op, "import") << "its location names no ONNX node";
        isFine = false;
      }
    });
    if (!isFine)
      signalPassFailure();
  }
};

//===----------------------------------------------------------------------===//
// simplify
//===----------------------------------------------------------------------===//

struct VerifySimplified : impl::VerifySimplifiedBase<VerifySimplified> {
  void runOnOperation() override {
    bool isFine = true;
    getOperation()->walk([&](Operation *op) {
      if (!isa<MapOp, PackOp, UnpackOp>(op) && !isView(op))
        return;
      // (S1)
      bool isConstant = true;
      uint64_t operands = 0;
      for (Value operand : op->getOperands()) {
        ElementsAttr value = constantOf(operand);
        isConstant &= bool(value);
        if (value && !isa<SplatElementsAttr>(value))
          operands += bytesOf(operand.getType());
      }
      if (isConstant && bytesOf(op->getResult(0).getType()) <=
                            std::max<uint64_t>(65536, 2 * operands)) {
        broken(op, "simplify") << "could be folded";
        isFine = false;
      }
      // (S2)
      auto map = dyn_cast<MapOp>(op);
      if (!map)
        return;
      for (BlockArgument argument : map.getBody().getArguments())
        if (argument.use_empty()) {
          broken(op, "simplify")
              << "input " << argument.getArgNumber() << " is unused";
          isFine = false;
        }
      auto yielded = dyn_cast<BlockArgument>(map.getYielded());
      if (yielded &&
          map.getIndexingMaps()[yielded.getArgNumber()].isIdentity() &&
          map.getInputs()[yielded.getArgNumber()].getType() == map.getType()) {
        broken(op, "simplify") << "yields its input as it is";
        isFine = false;
      }
    });
    if (!isFine)
      signalPassFailure();
  }
};

//===----------------------------------------------------------------------===//
// fuse
//===----------------------------------------------------------------------===//

struct VerifyFused : impl::VerifyFusedBase<VerifyFused> {
  void runOnOperation() override {
    bool isFine = true;
    llvm::StringMap<unsigned> names;
    getOperation()->walk([&](Operation *op) {
      // (F1)
      if (isTensorOp(op) && !isa<ConstantOp, GroupOp>(op) && !isView(op) &&
          !op->getParentOfType<GroupOp>()) {
        broken(op, "fuse") << "is in no group";
        isFine = false;
      }
      auto group = dyn_cast<GroupOp>(op);
      if (!group)
        return;
      // (F2)
      if (names[group.getName()]++ == 1) {
        broken(op, "fuse") << "another group is called '" << group.getName()
                           << "', too";
        isFine = false;
      }
      // (F3)
      if (group.getBlock().without_terminator().empty()) {
        broken(op, "fuse") << "the group is empty";
        isFine = false;
      }
    });
    if (!isFine)
      signalPassFailure();
  }
};

//===----------------------------------------------------------------------===//
// partition
//===----------------------------------------------------------------------===//

/// The engine of a place is one that runs what is in the group.
std::string wrongEngine(GroupOp group, PlaceAttr place) {
  std::string engine = engineOf(group);
  bool isArray = place.getEngine() == "array";
  if (place.getEngine() == engine || (isArray && group.getContraction()))
    return {};
  return "is placed on '" + place.getEngine().str() + "', its ops run on '" +
         engine + "'";
}

struct VerifyPartitioned : impl::VerifyPartitionedBase<VerifyPartitioned> {
  void runOnOperation() override {
    bool isFine = true;
    getOperation()->walk([&](GroupOp group) {
      auto fail = [&]() {
        isFine = false;
        return broken(group, "partition");
      };
      // (P1)
      PlaceAttr place = group.getPlace().value_or(PlaceAttr());
      if (!place || !group.getReason()) {
        fail() << "has no " << (place ? "reason" : "place");
        return;
      }
      // (P2)
      Operation *contraction = group.getContraction();
      bool isArray = place.getEngine() == "array";
      if (std::string wrong = wrongEngine(group, place); !wrong.empty())
        fail() << wrong;
      // (P3)
      if (isArray && contraction &&
          !traceConstant(
              cast<ContractionOpInterface>(contraction).getGemm().weights))
        fail() << "is placed on arrays, but its weights are not constant";
      // (P4)
      std::string native = nativeFormat(group);
      StringRef format = place.getFormat();
      bool canConvert = contraction && native == "f32" &&
                        llvm::is_contained({"bf16", "i8"}, format);
      if (!isArray && format != native && !canConvert)
        fail() << "is to compute in " << format << ", its ops compute in "
               << native;
    });
    if (!isFine)
      signalPassFailure();
  }
};

//===----------------------------------------------------------------------===//
// precision
//===----------------------------------------------------------------------===//

struct VerifyPrecise : impl::VerifyPreciseBase<VerifyPrecise> {
  void runOnOperation() override {
    bool isFine = true;
    getOperation()->walk([&](GroupOp group) {
      auto fail = [&]() {
        isFine = false;
        return broken(group, "precision");
      };
      // (Q3)
      if (group->hasAttr(kRangesAttr))
        fail() << "calibrated ranges are left over";
      PlaceAttr place = group.getPlace().value_or(PlaceAttr());
      if (!place)
        return;
      // (P2)
      if (std::string wrong = wrongEngine(group, place); !wrong.empty())
        fail() << wrong;
      for (Operation &op : group.getBlock()) {
        if (!isContraction(&op))
          continue;
        Type element = tensorTypeOf(op.getOperand(0)).getElementType();
        std::string actual = nativeFormat(group);
        // (Q2)
        if (place.getEngine() == "array" && !element.isF32())
          fail() << "arrays read f32, not " << element;
        // (Q1)
        if (place.getEngine() == "mac" && actual != place.getFormat())
          fail() << "its format is " << place.getFormat()
                 << ", its contraction computes in " << actual;
      }
    });
    if (!isFine)
      signalPassFailure();
  }
};

//===----------------------------------------------------------------------===//
// layout
//===----------------------------------------------------------------------===//

struct VerifyLaidOut : impl::VerifyLaidOutBase<VerifyLaidOut> {
  void runOnOperation() override {
    bool isFine = true;
    auto fail = [&](Operation *op) {
      isFine = false;
      return broken(op, "layout");
    };
    getOperation()->walk([&](GroupOp group) {
      auto ops = group.getBlock().without_terminator();
      // (P2)
      if (PlaceAttr place = group.getPlace().value_or(PlaceAttr()))
        if (std::string wrong = wrongEngine(group, place); !wrong.empty())
          fail(group) << wrong;
      for (Operation &op : ops) {
        // (L1)
        if (isa<PackOp, UnpackOp>(op) &&
            std::distance(ops.begin(), ops.end()) != 1)
          fail(group) << "changes a layout beside other work";
        // (L2)
        auto conv = dyn_cast<ConvOp>(op);
        if (conv && conv.getYBlock()) {
          PlaceAttr place = group.getPlace().value_or(PlaceAttr());
          if (place && place.getEngine() != "mac")
            fail(group) << "has a blocked convolution on '" << place.getEngine()
                        << "'";
          if (!traceConstant(conv.getW()))
            fail(group) << "has a blocked convolution whose weights are not "
                           "constant";
        }
        // (L3)
        auto pack = dyn_cast<PackOp>(op);
        auto argument =
            pack ? dyn_cast<BlockArgument>(pack.getX()) : BlockArgument();
        if (!argument)
          continue;
        Value input = group.getInputs()[argument.getArgNumber()];
        auto producer = input.getDefiningOp<GroupOp>();
        auto unpack =
            producer
                ? producer.getYield().getOperand(0).getDefiningOp<UnpackOp>()
                : UnpackOp();
        if (unpack && unpack.getDims() == pack.getDims() &&
            unpack.getBlocks() == pack.getBlocks())
          fail(group) << "packs what '" << producer.getName() << "' unpacks";
      }
    });
    if (!isFine)
      signalPassFailure();
  }
};

} // namespace
} // namespace hybridc::hyb
