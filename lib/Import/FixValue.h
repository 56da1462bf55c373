//===- FixValue.h - An input that becomes a constant ----------*- C++ -*-===//
#ifndef HYBRIDC_LIB_IMPORT_FIXVALUE_H
#define HYBRIDC_LIB_IMPORT_FIXVALUE_H

#include "Failure.h"
#include "Model.h"

namespace hybridc::import {

/// The initialiser that `--value` makes of `input`, whose shape is known:
/// one number everywhere, or the elements of a file. Throws Failure.
onnx::TensorProto fixedValue(const Model &model,
                             const onnx::ValueInfoProto &input,
                             const FixedValue &value);

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_FIXVALUE_H
