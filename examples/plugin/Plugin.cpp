//===- Plugin.cpp - What the tools call when they load it -----------------===//
#include "Blur.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "ExamplePlugin", "0.1", [] {
            example::registerEngineSummary();
            example::registerFindBlur();
            example::registerRules();
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "ExamplePlugin", "0.1",
          [](mlir::DialectRegistry *registry) {
            registry->insert<example::ExampleDialect>();
          }};
}
