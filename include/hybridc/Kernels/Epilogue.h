//===- Epilogue.h - A vector program in the wake of a product -*- C++ -*-===//
#ifndef HYBRIDC_KERNELS_EPILOGUE_H
#define HYBRIDC_KERNELS_EPILOGUE_H

#include "hybridc/Kernels/Common.h"

#include <memory>

namespace hybridc::exec {

/// One kernel for `producer` (prepared as `kernel`) and the vector command
/// that follows it: each piece of the product goes through `program` by the
/// thread that made it, while it is in the cache. Operands: those of the
/// producer, then those of `vec`. The values in memory afterwards are the same
/// as without; null where that is not certain or where nothing is gained.
/// Neither command is in a loop (addresses are final).
std::shared_ptr<Kernel> fuseEpilogue(const Command &producer,
                                     const std::shared_ptr<Kernel> &kernel,
                                     const Command &vec,
                                     const stream::VecProgram &program,
                                     unsigned threads);

} // namespace hybridc::exec

#endif // HYBRIDC_KERNELS_EPILOGUE_H
