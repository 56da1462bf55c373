//===- VecFloat.h - Tables of loops by kind of register -------*- C++ -*-===//
#ifndef HYBRIDC_LIB_KERNELS_VECFLOAT_H
#define HYBRIDC_LIB_KERNELS_VECFLOAT_H

#include "VecLoops.h"

namespace hybridc::exec {

VecLoop findFloatLoop(stream::VecOp op, bool isDouble);
VecLoop findIntLoop(stream::VecOp op, DType type);
VecLoop findBoolLoop(stream::VecOp op);

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_KERNELS_VECFLOAT_H
