//===- Schemas.h - ONNX's schemas, as models are checked ------*- C++ -*-===//
//
// ONNX's own inference is right about element types and sometimes wrong about
// extents (pools with ceil_mode, function bodies of some ops), and a wrong
// extent spoils all that follow. Such ops, and all inside the branches of an
// If, which need not fit the extents at hand, are checked for element types
// alone; the importer, which builds values of static types, does the rest.
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

/// Whether ONNX's inference, its text and runtimes differ in how an op rounds
/// extents.
bool hasDisputedExtents(const std::string &op);

class Schemas final : public onnx::ISchemaRegistry {
public:
  const onnx::OpSchema *GetSchema(const std::string &name, int opset,
                                  const std::string &domain) const override;

private:
  std::unique_ptr<onnx::OpSchema> adapt(const onnx::OpSchema &schema) const;

  mutable int branches = 0; ///< of an If that inference is inside of
  mutable std::unordered_map<const onnx::OpSchema *,
                             std::unique_ptr<onnx::OpSchema>>
      adapted;
};

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_SCHEMAS_H
