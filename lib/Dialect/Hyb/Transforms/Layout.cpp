//===- Layout.cpp - Channel-blocked layouts -------------------------------===//
#include "Blocking.h"

#include "hybridc/Dialect/Hyb/IR/PhaseMark.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"
#include "hybridc/Dialect/Refusal.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_LAYOUT
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {
struct Layout : impl::LayoutBase<Layout> {
  using LayoutBase::LayoutBase;

  void runOnOperation() override {
    if (block < 0 || block > 1024) {
      refuse(getOperation(), ExitCode::Usage)
          << "block must be from 0 to 1024, is " << int64_t(block);
      return signalPassFailure();
    }
    markPhase(getOperation(), "layout");
    if (block == 0)
      return;
    SmallVector<GroupOp> groups;
    getOperation()->walk([&](GroupOp group) { groups.push_back(group); });
    PackedValues packed(block);
    SmallVector<std::pair<GroupOp, GroupOp>> replaced;
    for (GroupOp group : groups) {
      if (!shouldBlock(group, packed))
        continue;
      GroupOp blocked = blockGroup(group, packed);
      if (!blocked)
        continue;
      packed.setImage(group.getOutputs()[0], blocked.getOutputs()[0]);
      replaced.emplace_back(group, blocked);
      ++numBlocked;
    }
    // Last first: what is then still read is read in the plain form.
    for (auto [group, blocked] : llvm::reverse(replaced)) {
      Value plain = group.getOutputs()[0];
      if (!plain.use_empty()) {
        OpBuilder builder(&getContext());
        builder.setInsertionPointAfter(blocked);
        plain.replaceAllUsesWith(
            packed.unpack(builder, blocked.getOutputs()[0], tensorTypeOf(plain),
                          (group.getName() + ".unpack").str()));
      }
      group.erase();
    }
    getOperation()->walk([](ConstantOp constant) {
      if (constant->use_empty())
        constant->erase();
    });
  }
};
} // namespace
} // namespace hybridc::hyb
