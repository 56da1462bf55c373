//===- Prepare.h - The steps between reading and importing ----*- C++ -*-===//
#ifndef HYBRIDC_LIB_IMPORT_PREPARE_H
#define HYBRIDC_LIB_IMPORT_PREPARE_H

#include "Model.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace hybridc::import {

using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

/// Calls `visit` on each node, nodes of subgraphs included.
void walkNodes(const NodeList &nodes,
               const std::function<void(const onnx::NodeProto &)> &visit);

/// "node 'n' (Op)".
std::string describe(const onnx::NodeProto &node);

/// One line of what ONNX says on several.
std::string oneLine(std::string_view text);

/// ONNX's own domain has two names.
inline std::string standardDomain(const std::string &domain) {
  return domain == "ai.onnx" ? "" : domain;
}

/// By which calls find a model-local function.
inline std::string functionKey(const std::string &domain,
                               const std::string &name,
                               const std::string &overload) {
  return standardDomain(domain) + ":" + name + ":" + overload;
}

/// Of the standard domain; 0 when it is not imported.
template <typename Imports> int opsetOf(const Imports &imports) {
  int opset = 0;
  for (const auto &import : imports)
    if (standardDomain(import.domain()).empty())
      opset = static_cast<int>(std::clamp<int64_t>(
          import.version(), -1, std::numeric_limits<int>::max()));
  return opset;
}

/// Fixes inputs to values (--value) and binds the open extents of the others:
/// every input that stays has a static shape then. What was decided for the
/// user is told in `remarks`. Bind.cpp.
void bindInputs(Model &model, const ImportOptions &options,
                std::vector<std::string> &remarks);

/// Whether the model's versions are read. Check.cpp.
void checkVersions(Model &model);

/// Ops, external data, ONNX's own checks. Check.cpp.
void checkModel(Model &model);

/// Refuse models with ops that neither ONNX nor anyone else defines, or with
/// ops that are not supported; the error names all of these. UnsupportedOps.cpp
void refuseUnknownOps(const Model &model);
void refuseUnsupportedOps(const Model &model);

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_PREPARE_H
