//===- Weights.h - ONNX tensors as attributes -----------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_IMPORT_WEIGHTS_H
#define HYBRIDC_LIB_IMPORT_WEIGHTS_H

#include "Model.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

#include <map>
#include <vector>

namespace hybridc::import {

/// Tensors of at most this many elements are written into the IR.
constexpr int64_t maxInlineElements = 64;

/// The element type for an ONNX one, or null: strings, complex numbers, and
/// what is narrower than a byte.
mlir::Type elementTypeOf(mlir::MLIRContext *context, int onnxType);
/// "FLOAT8E4M3FN", for messages.
std::string nameOfElementType(int onnxType);

/// Turns tensors into attributes. Large ones become blobs that point into the
/// model or its mapped files; equal ones share one blob.
class Weights {
public:
  Weights(mlir::MLIRContext *context, std::shared_ptr<Model> model)
      : context(context), model(std::move(model)) {}

  /// `name` is a hint for the resource's name. Throws Failure.
  mlir::ElementsAttr convert(const onnx::TensorProto &tensor,
                             llvm::StringRef name);
  /// Written out densely.
  mlir::ElementsAttr convert(const onnx::SparseTensorProto &sparse);

private:
  struct Bytes {
    const char *data;
    size_t size;
    std::shared_ptr<const void> owner;
  };

  mlir::MLIRContext *context;
  std::shared_ptr<Model> model;
  std::map<std::pair<uint64_t, size_t>,
           std::vector<mlir::DenseResourceElementsHandle>>
      known;

  mlir::RankedTensorType typeOf(const onnx::TensorProto &tensor,
                                const std::string &name);
  Bytes bytesOf(const onnx::TensorProto &tensor, mlir::RankedTensorType type,
                const std::string &name);
  mlir::DenseResourceElementsHandle blobFor(const Bytes &bytes, size_t align,
                                            llvm::StringRef name);
};

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_WEIGHTS_H
