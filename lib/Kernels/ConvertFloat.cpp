//===- ConvertFloat.cpp - bf16, which NumPy does not have -----------------===//
#include "hybridc/Kernels/Tensor.h"

#include "hybridc/Kernels/Common.h"

namespace hybridc::exec {

Tensor convertFloat(const Tensor &tensor, stream::DType type) {
  if (tensor.type == type)
    return tensor;
  Tensor out{type, tensor.shape, {}};
  size_t count = tensor.bytes.size() / stream::sizeOf(tensor.type);
  out.bytes.resize(count * stream::sizeOf(type));
  for (size_t i = 0; i < count; ++i)
    if (type == stream::DType::F32)
      storeAs(&out.bytes[i * 4],
              bf16ToFloat(loadAs<uint16_t>(&tensor.bytes[i * 2])));
    else
      storeAs(&out.bytes[i * 2],
              floatToBf16(loadAs<float>(&tensor.bytes[i * 4])));
  return out;
}

} // namespace hybridc::exec
