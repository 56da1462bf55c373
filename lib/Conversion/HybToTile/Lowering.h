//===- Lowering.h - The state of lowering one module ----------*- C++ -*-===//
//
// Shared by the files of this folder: HybToTile.cpp walks the function,
// GroupEmitter.cpp writes the tiles of a group, Movement.cpp the copies,
// Arrays.cpp places weights, Control.cpp branches and loops.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CONVERSION_HYBTOTILE_LOWERING_H
#define HYBRIDC_LIB_CONVERSION_HYBTOTILE_LOWERING_H

#include "ArrayPool.h"
#include "Tiling.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"

namespace hybridc::lower {

/// The arrays that hold one weight matrix.
struct ArraySet {
  llvm::SmallVector<mlir::Attribute> symbols;
  llvm::SmallVector<int64_t> kOffsets, nOffsets;
};

/// A contraction whose weights stand in arrays.
struct OnArrays {
  ArraySet set;
  double inputRange = 0;
  bool ideal = false; ///< without noise, in the format `ideal`
};

class Lowering {
public:
  Lowering(mlir::ModuleOp module, const chip::Chip &chip, ArrayPolicy policy);

  /// Lowers one entry function; the module's arrays and programs grow.
  mlir::LogicalResult lowerFunction(mlir::func::FuncOp func);

private:
  friend class GroupEmitter;

  // HybToTile.cpp
  mlir::LogicalResult checkExtents(mlir::func::FuncOp func);
  mlir::LogicalResult lowerBlock(mlir::Block &block);
  mlir::LogicalResult lowerOp(mlir::Operation *op);
  mlir::LogicalResult lowerGroup(hyb::GroupOp group);
  /// Where a value lies; for constants, on first use.
  mlir::FailureOr<Ref> refOf(mlir::Value value);
  /// A new buffer for a value: the entry's output where it becomes one, its
  /// home.
  Ref destinationFor(mlir::Value value);
  mlir::Value newBuffer(llvm::StringRef space, mlir::Type element,
                        llvm::ArrayRef<int64_t> shape, llvm::StringRef name);
  /// Runs `body` with the builder inside a new tile.group for `op`.
  mlir::LogicalResult inGroup(mlir::Operation *op, llvm::StringRef engine,
                              llvm::StringRef precision,
                              llvm::function_ref<mlir::LogicalResult()> body);
  void emitCommand(mlir::Location loc, llvm::StringRef name,
                   mlir::ValueRange ins, mlir::ValueRange outs,
                   llvm::ArrayRef<mlir::NamedAttribute> attrs);
  void emitCopy(mlir::Location loc, const Ref &from, const Ref &to);
  void emitFill(mlir::Location loc, const Ref &to, uint64_t bits);
  /// The vector program of a command; null when it needs none.
  mlir::FailureOr<mlir::FlatSymbolRefAttr> programFor(mlir::Operation *op);

  // GroupEmitter.cpp
  mlir::LogicalResult emitTiles(GroupBody body, const Ref &destination,
                                mlir::Operation *anchor,
                                const std::optional<OnArrays> &arrays);

  // Movement.cpp
  mlir::LogicalResult lowerView(mlir::Operation *op);
  mlir::LogicalResult lowerMovement(mlir::Operation *op);
  mlir::LogicalResult lowerUntiled(mlir::Operation *op);

  // Arrays.cpp
  mlir::FailureOr<ArraySet> placeWeights(mlir::Operation *contraction,
                                         const Ref &weights,
                                         llvm::StringRef kind,
                                         mlir::Operation *anchor);
  /// One array, and the command of `program` that writes `part` into it.
  mlir::FlatSymbolRefAttr makeArray(const chip::ArrayKind &kind,
                                    const ArrayPlace &place, const Ref &part,
                                    mlir::Operation *anchor);
  /// Where gains are set again: reads the arrays out and does so.
  mlir::LogicalResult
  addRecalibration(llvm::ArrayRef<mlir::FlatSymbolRefAttr> arrays,
                   llvm::StringRef kind, mlir::Operation *anchor);
  /// The entry of that name that serves all arrays, made on first use.
  tile::EntryOp entryOfArrays(tile::EntryOp &entry, llvm::StringRef name,
                              mlir::Operation *anchor);

  // Control.cpp
  mlir::LogicalResult lowerIf(mlir::scf::IfOp op);
  mlir::LogicalResult lowerSelect(mlir::arith::SelectOp op);
  mlir::LogicalResult lowerFor(mlir::scf::ForOp op);
  mlir::LogicalResult lowerWhile(mlir::scf::WhileOp op);
  mlir::LogicalResult copyCarried(mlir::Location loc, mlir::ValueRange from,
                                  llvm::ArrayRef<Ref> to);
  /// The rank-0 view of the tensor that a scalar was extracted from.
  mlir::FailureOr<mlir::Value> scalarView(mlir::Value scalar,
                                          mlir::Operation *user);

  mlir::ModuleOp module;
  const chip::Chip &chip;
  mlir::MLIRContext *context;
  mlir::OpBuilder top;     ///< at the end of the module's tables
  mlir::OpBuilder builder; ///< inside the entry
  llvm::DenseMap<mlir::Value, Ref> refs;
  llvm::DenseMap<mlir::Value, Ref> outputs; ///< destinations chosen ahead
  llvm::DenseSet<mlir::Value> homes; ///< results that stay in the scratchpad
  llvm::DenseMap<mlir::Operation *, uint64_t> homesAt; ///< bytes, by group
  int64_t homeBytes = 0; ///< while the group at hand runs
  llvm::DenseMap<std::pair<mlir::Attribute, mlir::Type>, mlir::Value> constants;
  llvm::StringMap<std::string> programs; ///< code → symbol
  ArrayPool pool;
  tile::EntryOp programEntry, recalibrateEntry;
  int64_t nextArray = 0, nextBuffer = 0;
};

} // namespace hybridc::lower

#endif // HYBRIDC_LIB_CONVERSION_HYBTOTILE_LOWERING_H
