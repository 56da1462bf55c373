//===- Describe.h - A command's work, for the cost function ---*- C++ -*-===//
//
// What the clock asks chip::cost() about: the operands' views give bytes and
// contiguous runs, the attributes give the GEMM, the array tiles or the vector
// program. The compiler's partitioner builds the same chip::Work from tensor
// shapes before there are commands.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CLOCK_DESCRIBE_H
#define HYBRIDC_CLOCK_DESCRIBE_H

#include "hybridc/Chip/Work.h"
#include "hybridc/Stream/Program.h"

namespace hybridc::exec {

/// The work of `command`, which need not be well formed: what its operands do
/// not say counts as zero. Bytes are those of distinct elements (a broadcast
/// dimension is read once).
///  matmul, conv   M, N, K, batch and groups of the GEMM; the operands' format
///  mvm            vectors, used rows and columns of each tile; a row of
///                 outputs fetches as many rows of inputs as the kernel has
///  vec            instructions but Load, Store, Const and Mov; `special` are
///                 divisions, roots and transcendental functions; the widest
///                 type that is computed in
///  reduce, pool   one operation per input, per window element
///  normalize      five operations per element, one special
///  gather, kernel one operation per index; four per element
chip::Work describe(const stream::Command &command,
                    const stream::Program &program);

/// Distinct elements of a view, in bytes.
uint64_t footprintBytes(const stream::View &view);

} // namespace hybridc::exec

#endif // HYBRIDC_CLOCK_DESCRIBE_H
