//===- Codegen.h - What op interfaces speak of ----------------*- C++ -*-===//
//
// Plain structs for what passes ask an op of the tensor level: boxes of
// indices, strided tensors, moves of elements, matrix products. Extents,
// offsets and strides are in elements.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_HYB_IR_CODEGEN_H
#define HYBRIDC_DIALECT_HYB_IR_CODEGEN_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace hybridc::hyb {

/// A box of indices: per dimension the first one and how many.
struct Box {
  llvm::SmallVector<int64_t> lo, size;

  static Box whole(llvm::ArrayRef<int64_t> shape);
  int64_t numElements() const;
  bool operator==(const Box &) const = default;
  /// The smallest box around both.
  void include(const Box &other);
  /// Makes the given dimensions, of a tensor with this shape, whole.
  void widen(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> dims);
};

/// How a tensor lies in memory: a strided box, perhaps moved by loop counters.
struct Strided {
  llvm::SmallVector<int64_t> shape, strides;
  int64_t offset = 0;
  /// Loop counters, and what one step of each adds to the offset.
  llvm::SmallVector<std::pair<mlir::Value, int64_t>> steps;

  /// Row-major, from offset 0.
  static Strided dense(llvm::ArrayRef<int64_t> shape);

  Strided transposed(llvm::ArrayRef<int64_t> perm) const;
  Strided sliced(llvm::ArrayRef<int64_t> offsets,
                 llvm::ArrayRef<int64_t> stepSizes,
                 llvm::ArrayRef<int64_t> newShape) const;
  Strided boxed(const Box &box) const;
  /// None when the strides do not allow it.
  std::optional<Strided> reshaped(llvm::ArrayRef<int64_t> newShape) const;
  /// One index of `axis`, moved by `counter` (from the end when reversed).
  Strided indexed(int64_t axis, mlir::Value counter, bool reversed) const;
  bool operator==(const Strided &) const = default;
};

/// To compute a box of an op's result.
struct OpRegions {
  Box computed;                     ///< what is computed: contains the request
  llvm::SmallVector<Box, 4> inputs; ///< what is read, one an operand
  /// Windows (conv, pool): the padding that this box meets, begins then ends.
  llvm::SmallVector<int64_t> pads;
  int64_t groups = 1; ///< conv: groups within the computed box
  /// Multiply-accumulates (or scalar steps) of the computed box.
  double work = 0;
};

/// The inputs of outputs [lo, lo + size) of a window along one dimension, and
/// the padding that they meet.
struct WindowInput {
  int64_t lo = 0, size = 0, before = 0, after = 0;
};
/// Of a window of `taps` that starts `padBegin` before an input of `extent`.
/// Fails where nothing but padding is read.
mlir::FailureOr<WindowInput> windowInput(int64_t lo, int64_t size,
                                         int64_t extent, int64_t taps,
                                         int64_t stride, int64_t dilation,
                                         int64_t padBegin);

/// A box of elements from one operand into the result. Strides may be negative
/// in `from`.
struct Move {
  unsigned operand = 0; ///< among the op's tensor operands
  Strided from, to;
};

struct Movement {
  /// Set when the result has elements that no move writes: the bits of the
  /// element that the whole result is filled with first.
  std::optional<uint64_t> fillBits;
  llvm::SmallVector<Move, 1> moves;

  /// Moves without elements are left out.
  void add(Move move);
};

/// A contraction as matrix products: `batch` times M × K × N.
struct Gemm {
  uint64_t batch = 1, m = 0, n = 0, k = 0;
  uint64_t groups = 1; ///< of the batch: matrices of weights
  /// Convolutions: extents of the kernel, the result and the input; else 0.
  uint32_t kernelH = 0, kernelW = 0, outH = 0, outW = 0, inH = 0, stride = 1;
  mlir::Value weights; ///< operand w or b
  bool grouped = false, transposed = false;
  uint64_t macs() const { return batch * m * n * k; }
};

/// Where a contraction's output channels are.
struct ChannelDims {
  int64_t weights = 0, result = 0; ///< dimensions of operand 1, of the result
  int64_t repeats = 1;    ///< how often the result's channels go through them
  bool isBlocked = false; ///< another dimension holds a part of the channels
};

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_IR_CODEGEN_H
