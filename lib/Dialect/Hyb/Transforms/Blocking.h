//===- Blocking.h - Groups in a channel-blocked layout --------*- C++ -*-===//
#ifndef HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_BLOCKING_H
#define HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_BLOCKING_H

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

namespace hybridc::hyb {

/// Values outside of groups and their packed forms.
class PackedValues {
public:
  explicit PackedValues(int64_t block) : block(block) {}

  /// `value` with dimension `dim` cut into blocks that become innermost:
  /// known already, computed for a constant, or by a new hyb.pack where the
  /// builder stands. Null when a constant's bytes are missing.
  mlir::Value get(mlir::OpBuilder &builder, mlir::Value value, int64_t dim,
                  llvm::StringRef name);
  /// A constant passed through a chain of ops that `build` makes.
  mlir::Value getConstant(
      mlir::OpBuilder &builder, mlir::Value value, llvm::StringRef key,
      llvm::function_ref<mlir::Operation *(mlir::OpBuilder &, mlir::Value)>
          build);
  /// The channels of an image are its dimension 1.
  void setImage(mlir::Value plain, mlir::Value packed) {
    values[{plain, 1}] = packed;
  }
  mlir::Value findImage(mlir::Value plain) const {
    return values.lookup({plain, 1});
  }
  /// The plain form of a packed image, where the builder stands.
  mlir::Value unpack(mlir::OpBuilder &builder, mlir::Value packed,
                     mlir::RankedTensorType plain, llvm::StringRef name);

  mlir::RankedTensorType packedType(mlir::RankedTensorType type,
                                    int64_t dim) const;
  const int64_t block;

private:
  mlir::Value inGroup(mlir::OpBuilder &builder, mlir::Value input,
                      mlir::RankedTensorType type, llvm::StringRef name,
                      bool pack, int64_t dim);

  llvm::DenseMap<std::pair<mlir::Value, int64_t>, mlir::Value> values;
  llvm::StringMap<unsigned> names; ///< given to groups so far
  llvm::DenseMap<std::pair<mlir::Value, mlir::StringAttr>, mlir::Value>
      constants;
};

/// Whether a group's result can be blocked, and should be: it has a
/// convolution that gains, or reads a blocked image.
bool shouldBlock(GroupOp group, const PackedValues &packed);

/// The group with a blocked result, beside the old one. Null (and nothing
/// built) when a weight's bytes are missing.
GroupOp blockGroup(GroupOp group, PackedValues &packed);

} // namespace hybridc::hyb

#endif // HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_BLOCKING_H
