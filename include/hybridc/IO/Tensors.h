//===- Tensors.h - Tensors in files ---------------------------*- C++ -*-===//
//
// What goes into and comes out of a program: .npz archives, single .npy files,
// and folders in the layout of ONNX's own test data (input_0.pb, output_0.pb,
// …, one TensorProto each). NumPy has no bf16: such outputs become f32 there.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_IO_TENSORS_H
#define HYBRIDC_IO_TENSORS_H

#include "hybridc/Kernels/Tensor.h"
#include "hybridc/Support/Npz.h"
#include "hybridc/Support/Result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc::io {

struct NamedTensor {
  std::string name; ///< may be empty in a .pb: then `position` counts
  exec::Tensor tensor;
  int position = -1;  ///< number of the file in a folder, or -1
  std::string source; ///< file, for messages
  /// What a .pb holds instead of numbers ("a sequence or optional with 2
  /// tensors"); then `tensor` is empty. Whoever knows what belongs there
  /// refuses it: the model, if its input is no tensor either, says so best.
  std::string notNumbers = {};
};

/// InvalidInput for what is no tensor of numbers; `wanted` says what the place
/// takes ("input 'x' is f32 4").
Status checkNumbers(const NamedTensor &tensor, const std::string &wanted);

/// "f32 1x3x224x224"
std::string typeText(stream::DType type, const std::vector<int64_t> &shape);

Result<NamedTensor> fromNpy(NpyArray array, const std::string &source);
/// bf16 becomes f32.
NpyArray toNpy(const NamedTensor &tensor);

/// Reads "FILE.npz", "NAME=FILE.npy" or a folder with `prefix`_0.pb …; appends.
Status readTensors(const std::string &text, std::string_view prefix,
                   std::vector<NamedTensor> &tensors);
/// Writes a .npz, or a folder with `prefix`_0.pb …
Status writeTensors(const std::string &path, std::string_view prefix,
                    const std::vector<NamedTensor> &tensors);

/// ONNX's TensorProto (onnx.proto of ONNX 1.23). A SequenceProto, an
/// OptionalProto and a tensor of strings are recognised:
/// NamedTensor::notNumbers.
Result<NamedTensor> parseTensorProto(std::span<const std::byte> bytes,
                                     const std::string &source);
std::string printTensorProto(const NamedTensor &tensor);

/// Every element as a double, whatever the type.
std::vector<double> asDoubles(const exec::Tensor &tensor);

} // namespace hybridc::io

#endif // HYBRIDC_IO_TENSORS_H
