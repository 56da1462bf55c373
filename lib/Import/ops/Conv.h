//===- Conv.h - Windows of convolutions and pools -------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_IMPORT_OPS_CONV_H
#define HYBRIDC_LIB_IMPORT_OPS_CONV_H

#include "../Node.h"

namespace hybridc::import {

/// The attributes kernel_shape, strides, dilations, pads, auto_pad and
/// ceil_mode, resolved for the spatial extents `in`.
struct Window {
  Ints kernel, strides, dilations;
  Ints begin, end; ///< padding; `end` includes what ceil_mode adds
  Ints out;        ///< extents of the result
  Ints ceiled;     ///< of `end`, the part that ceil_mode added
};

/// `kernel` when it is known from the weights, else empty.
Window windowOf(Node &n, llvm::ArrayRef<int64_t> in,
                llvm::ArrayRef<int64_t> kernel);

/// Conv without bias, by the node's attributes.
mlir::Value convolve(Node &n, mlir::Value x, mlir::Value w, mlir::Type element,
                     int64_t xZero, int64_t wZero);

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_OPS_CONV_H
