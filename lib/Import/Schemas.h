//===- Schemas.h - ONNX's schemas, as models are checked ------*- C++ -*-===//
//
// ONNX's own inference is right about element types and sometimes wrong about
// extents (pools with ceil_mode, its function bodies of some ops), and a wrong
// extent spoils all that follow. The importer knows every extent anyway: it
// builds values whose types are static. So models are checked with schemas
// that infer element types alone.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_IMPORT_SCHEMAS_H
#define HYBRIDC_LIB_IMPORT_SCHEMAS_H

#include "Onnx.h"

#include "onnx/defs/schema.h"

#include <memory>
#include <unordered_map>

namespace hybridc::import {

/// The schema of an op in `opset`, or null. Deprecated where the op is, except
/// where onnxruntime runs it nevertheless.
const onnx::OpSchema *findSchema(const std::string &name, int opset,
                                 const std::string &domain = "");

class Schemas final : public onnx::ISchemaRegistry {
public:
  const onnx::OpSchema *GetSchema(const std::string &name, int opset,
                                  const std::string &domain) const override;

private:
  mutable std::unordered_map<const onnx::OpSchema *,
                             std::unique_ptr<onnx::OpSchema>>
      adapted;
};

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_SCHEMAS_H
