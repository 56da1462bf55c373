//===- Plugins.h - What others add to the compiler ------------*- C++ -*-===//
#ifndef HYBRIDC_PIPELINES_PLUGINS_H
#define HYBRIDC_PIPELINES_PLUGINS_H

#include "hybridc/Support/Result.h"

#include "mlir/IR/DialectRegistry.h"

#include <string>
#include <vector>

namespace hybridc {

/// Loads shared libraries: their passes and rules (mlirGetPassPluginInfo), and,
/// into `dialects` unless it is null, their dialects
/// (mlirGetDialectPluginInfo). A library has one of the two or both.
/// InvalidInput for one that is not there or has neither.
Status loadPlugins(const std::vector<std::string> &files,
                   mlir::DialectRegistry *dialects);

} // namespace hybridc

#endif // HYBRIDC_PIPELINES_PLUGINS_H
