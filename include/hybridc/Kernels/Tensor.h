//===- Tensor.h - A tensor in host memory ---------------------*- C++ -*-===//
#ifndef HYBRIDC_KERNELS_TENSOR_H
#define HYBRIDC_KERNELS_TENSOR_H

#include "hybridc/Stream/Program.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hybridc::exec {

/// A dense row-major tensor in host memory.
struct Tensor {
  stream::DType type = stream::DType::F32;
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;
};

/// The same values in another floating type, rounded to nearest even; only
/// between f32 and bf16.
Tensor convertFloat(const Tensor &tensor, stream::DType type);

} // namespace hybridc::exec

#endif // HYBRIDC_KERNELS_TENSOR_H
