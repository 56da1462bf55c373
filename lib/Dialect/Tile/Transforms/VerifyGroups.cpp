//===- VerifyGroups.cpp - What groups say of themselves -------------------===//
//
// A tile.group has no meaning for what is computed, but reports show it: text
// written by hand must not say of commands what is not so.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Dialect/Refusal.h"
#include "hybridc/Dialect/Tile/IR/Tile.h"
#include "hybridc/Dialect/Tile/Transforms/Passes.h"
#include "hybridc/Stream/CommandSpec.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace hybridc;

namespace hybridc::tile {
#define GEN_PASS_DEF_VERIFYGROUPS
#include "hybridc/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace hybridc::tile

namespace {
struct VerifyGroups : hybridc::tile::impl::VerifyGroupsBase<VerifyGroups> {
  void runOnOperation() override {
    bool isFine = true;
    llvm::StringSet<> kinds;
    for (auto array : getOperation().getOps<tile::ArrayOp>())
      kinds.insert(array.getKind());
    getOperation().walk([&](tile::GroupOp group) {
      stream::DType type;
      StringRef format = group.getPrecision();
      if (!format.empty() && format != "analog" && format != "ideal" &&
          !stream::parseDType({format.data(), format.size()}, type)) {
        refuse(group, ExitCode::InvalidInput)
            << "group '" << group.getName() << "' says that it computes in '"
            << format << "', which is no format";
        isFine = false;
      }
      llvm::StringSet<> engines;
      group.walk([&](tile::DoOp command) {
        stream::Op op;
        if (!stream::parseOp(command.getCommand(), op))
          return;
        stream::EngineKind kind = stream::specOf(op).engine;
        if (kind == stream::EngineKind::Array)
          for (const auto &entry : kinds)
            engines.insert(entry.getKey());
        else
          engines.insert(
              {stream::nameOf(kind).data(), stream::nameOf(kind).size()});
      });
      if (engines.empty() || engines.contains(group.getEngine()))
        return;
      refuse(group, ExitCode::InvalidInput)
          << "group '" << group.getName() << "' says that it runs on '"
          << group.getEngine() << "', none of its commands does";
      isFine = false;
    });
    if (!isFine)
      signalPassFailure();
  }
};
} // namespace
