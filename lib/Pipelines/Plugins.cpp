//===- Plugins.cpp - What others add to the compiler ----------------------===//
#include "hybridc/Pipelines/Plugins.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace hybridc;

Status hybridc::loadPlugins(const std::vector<std::string> &files,
                            DialectRegistry *dialects) {
  for (const std::string &file : files) {
    if (!llvm::sys::fs::exists(file))
      return invalidInput("plug-in '" + file + "': there is no such file");
    llvm::Expected<PassPlugin> passes = PassPlugin::load(file);
    std::string why;
    if (passes)
      passes->registerPassRegistryCallbacks();
    else
      why = llvm::toString(passes.takeError());
    llvm::Expected<DialectPlugin> plugin = DialectPlugin::load(file);
    if (!plugin)
      llvm::consumeError(plugin.takeError());
    else if (dialects)
      plugin->registerDialectRegistryCallbacks(*dialects);
    if (!passes && !plugin)
      return invalidInput("plug-in '" + file + "': " + why);
  }
  return {};
}
