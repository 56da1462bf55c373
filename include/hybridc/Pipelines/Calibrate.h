//===- Calibrate.h - Value ranges from given inputs -----------*- C++ -*-===//
#ifndef HYBRIDC_PIPELINES_CALIBRATE_H
#define HYBRIDC_PIPELINES_CALIBRATE_H

#include "hybridc/Pipelines/Compile.h"

namespace hybridc {

/// Runs the model of `module` (after phase `fuse`), as it is, on the inputs in
/// `options.calibration` and leaves on each group `hyb.ranges`: [minimum,
/// maximum] of each of its inputs. The .npz file, or each .npz file of the
/// folder, holds an array a model input; its first dimension may be larger
/// than the model's batch and is then taken in pieces.
Status calibrate(mlir::ModuleOp module, const CompileOptions &options);

} // namespace hybridc

#endif // HYBRIDC_PIPELINES_CALIBRATE_H
