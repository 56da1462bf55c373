//===- Kernels.h - The numeric implementation of each command -*- C++ -*-===//
//
// One numeric implementation of each op: the executor runs streams with it,
// the compiler folds constants with it.
//
// Operands are given by the host address of element (0, 0, …) of each view;
// the view's own address, space and steps are not looked at. Shapes, strides
// and types are the views'.
//
// Rounding, where it is not evident
//  - matmul, conv on f32: products and sums in f32 (fused multiply-add where
//    the host has it), order of summation fixed by the shape alone.
//  - bf16 and f16 operands: widened to f32, computed as f32, the result
//    rounded once (half to even) when it is stored as bf16 or f16.
//  - int8: exact in int32, wrapping.
//  - vec: as Stream/VecIsa.h; never contracted to fused multiply-adds; f32
//    functions within 2 ulp (own polynomials), f64 by the C library.
//  - reduce: sum, mean and prod of f32, f16 and bf16 in f32 by blocks (1024
//    elements in 16 lanes, or 64 rows), the blocks in f64; f64 in f64;
//    integers wrap, means of integers truncate.
//  - normalize: as reduce; exp as in vec.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_KERNELS_KERNELS_H
#define HYBRIDC_KERNELS_KERNELS_H

#include "hybridc/Stream/CommandSpec.h"
#include "hybridc/Stream/Program.h"
#include "hybridc/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace hybridc::exec {

/// A command made ready to run any number of times.
class Kernel {
public:
  virtual ~Kernel() = default;

  /// `ins`, `outs`: address of element (0, 0, …) of each operand; `scratch`:
  /// scratchBytes() bytes aligned to 64, contents undefined. Allocates
  /// nothing. Fails only for what is known at run time alone (an index out of
  /// range): InvalidInput, without naming the origin.
  virtual Status run(const std::byte *const *ins, std::byte *const *outs,
                     std::byte *scratch) = 0;

  size_t scratchBytes() const { return scratchSize; }

protected:
  size_t scratchSize = 0;
};

/// Told of each value that passes through a kernel `observe`: the number that
/// the command gives it, and its elements in row-major order.
using Observer = std::function<void(int64_t, std::span<const float>)>;

struct PrepareOptions {
  /// The vector program of a Vec command.
  const stream::VecProgram *vec = nullptr;
  /// Threads the kernel may use.
  unsigned threads = 1;
  /// The second input (a filter) if its values never change: the kernel may
  /// then bring it into a better layout once, and must only be used with it.
  const std::byte *constantFilter = nullptr;
  /// Outlives the kernel.
  const Observer *observer = nullptr;
};

/// Checks a command (stream::checkCommand, checkKernel) and prepares it. Not
/// for Mvm and ProgramArray, which need arrays (the executor has them).
Result<std::unique_ptr<Kernel>> prepareKernel(const stream::Command &command,
                                              const PrepareOptions &options);

/// Prepares and runs `command` once. `threads` 0: as many as OpenMP offers.
Status runCommand(const stream::Command &command,
                  std::span<const void *const> ins, std::span<void *const> outs,
                  const stream::VecProgram *vec = nullptr,
                  unsigned threads = 0);

/// Elementary steps that `command` takes (multiply-adds, elements visited):
/// a bound to refuse programs that would run for ever. Infinite on overflow.
double workOf(const stream::Command &command, const stream::VecProgram *vec);

} // namespace hybridc::exec

#endif // HYBRIDC_KERNELS_KERNELS_H
