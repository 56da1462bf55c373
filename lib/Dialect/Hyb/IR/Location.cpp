//===- Location.cpp - ONNX node names as locations ------------------------===//
#include "hybridc/Dialect/Hyb/IR/Location.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Operation.h"

#include <algorithm>

using namespace mlir;

Location hybridc::hyb::nodeLoc(MLIRContext *context, StringRef node,
                               StringRef op) {
  return NameLoc::get(StringAttr::get(context, node),
                      NameLoc::get(StringAttr::get(context, op)));
}

static void collect(Location loc,
                    std::vector<std::pair<std::string, std::string>> &nodes) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      collect(part, nodes);
    return;
  }
  if (auto call = dyn_cast<CallSiteLoc>(loc)) {
    collect(call.getCallee(), nodes);
    return;
  }
  auto name = dyn_cast<NameLoc>(loc);
  if (!name)
    return;
  std::string op;
  if (auto child = dyn_cast<NameLoc>(name.getChildLoc()))
    op = child.getName().str();
  std::pair<std::string, std::string> entry(name.getName().str(), op);
  if (std::find(nodes.begin(), nodes.end(), entry) == nodes.end())
    nodes.push_back(std::move(entry));
}

std::vector<std::pair<std::string, std::string>>
hybridc::hyb::nodesOf(Location loc) {
  std::vector<std::pair<std::string, std::string>> nodes;
  collect(loc, nodes);
  return nodes;
}

static std::string join(Location loc, bool names) {
  std::string text;
  for (auto &[node, op] : hybridc::hyb::nodesOf(loc)) {
    const std::string &part = names ? node : op;
    if (part.empty())
      continue;
    if (!text.empty())
      text += '+';
    text += part;
  }
  return text;
}

std::string hybridc::hyb::nodeNameOf(Location loc) { return join(loc, true); }
std::string hybridc::hyb::opTypeOf(Location loc) { return join(loc, false); }

std::string hybridc::hyb::nodePrefix(Operation *op) {
  std::string node = nodeNameOf(op->getLoc());
  if (node.empty())
    return {};
  std::string type = opTypeOf(op->getLoc());
  return "node '" + node + "'" + (type.empty() ? "" : " (" + type + ")") + ": ";
}
