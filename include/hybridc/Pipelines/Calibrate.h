//===- Calibrate.h - Value ranges from given inputs -----------*- C++ -*-===//
#ifndef HYBRIDC_PIPELINES_CALIBRATE_H
#define HYBRIDC_PIPELINES_CALIBRATE_H

#include "hybridc/Pipelines/Compile.h"

namespace hybridc {

/// Takes a module after phase `fuse` through all further phases, with every
/// verifier, beside the compilation that it comes from.
using BuildAside = llvm::function_ref<Result<stream::Program>(
    mlir::ModuleOp module, const CompileOptions &options)>;

/// Runs the model of `module` (after phase `fuse`), as it is, on the inputs in
/// `options.calibration` and leaves on each group with a contraction
/// `hyb.ranges`: [minimum, maximum] of each of its inputs, empty (inf, -inf)
/// of those that no contraction multiplies with its weights. The .npz file, or
/// each .npz file of the folder, holds an array a model input; its first
/// dimension may be another one than the model's batch and is then taken in
/// pieces, each sample once.
Status calibrate(mlir::ModuleOp module, const CompileOptions &options,
                 const BuildAside &build);

} // namespace hybridc

#endif // HYBRIDC_PIPELINES_CALIBRATE_H
