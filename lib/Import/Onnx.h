//===- Onnx.h - What the importer uses of ONNX's C++ library --*- C++ -*-===//
#ifndef HYBRIDC_LIB_IMPORT_ONNX_H
#define HYBRIDC_LIB_IMPORT_ONNX_H

#include "onnx/onnx_pb.h"

namespace hybridc::import {
namespace onnx = ONNX_NAMESPACE;
} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_ONNX_H
