//===- Model.h - A model as read from its files ---------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_IMPORT_MODEL_H
#define HYBRIDC_LIB_IMPORT_MODEL_H

#include "Onnx.h"

#include "hybridc/Import/Import.h"
#include "hybridc/Support/Process.h"

#include <deque>
#include <map>
#include <memory>
#include <string>

namespace hybridc::import {

/// The parsed model and the files its weights lie in. Shared with the blobs
/// that point into it.
struct Model {
  std::string path;      ///< as given
  std::string directory; ///< of the file; external data lies below it
  onnx::ModelProto proto;
  /// What the model says of its outputs; its own copy has no extents.
  std::vector<onnx::TypeProto> declared;
  /// External data files by location, opened on first use.
  std::map<std::string, std::shared_ptr<InputFile>> externals;
  /// Standard ops that were taken apart, and their bodies; blobs may point
  /// into both.
  std::deque<onnx::FunctionProto> bodies;
  std::deque<onnx::NodeProto> calls;
};

/// Opens (once) the external data file `location` of `model`, after checking
/// that it lies inside the model's folder or, where the model's file is a link,
/// inside the folder that this leads to; neither "..", nor an absolute path,
/// nor a link may leave it. `tensor` names the tensor in messages.
std::shared_ptr<InputFile> openExternal(Model &model,
                                        const std::string &location,
                                        const std::string &tensor);

/// Where the bytes of an external tensor lie.
struct ExternalData {
  std::shared_ptr<InputFile> file;
  const char *data;
  size_t size;
};
/// Checks location, offset and length. `expected`: bytes that the tensor's
/// shape and type ask for.
ExternalData locateExternal(Model &model, const onnx::TensorProto &tensor,
                            size_t expected);

/// Reads and parses the file. Throws Failure.
std::shared_ptr<Model> loadModel(const std::string &path);

/// Binds the inputs by `options` and checks the model with ONNX's checker and
/// its inference of element types. Every graph input that is not an
/// initialiser then has a static shape. Throws Failure.
void prepareModel(Model &model, const ImportOptions &options,
                  std::vector<std::string> &remarks);

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_MODEL_H
