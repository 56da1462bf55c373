//===- SinkConversions.cpp - Conversions go to where values come from -----===//
#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OperationSupport.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_SINKCONVERSIONS
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {

/// The map by which a group converts one of its arguments, when that is all
/// that it does with it: elementwise, of this argument alone, to fewer bits.
MapOp conversionOf(BlockArgument argument) {
  if (!argument.hasOneUse())
    return {};
  auto map = dyn_cast<MapOp>(*argument.user_begin());
  if (!map || map.getInputs().size() != 1 ||
      !map.getIndexingMaps()[0].isIdentity() ||
      bytesOf(map.getType()) >= bytesOf(argument.getType()))
    return {};
  return map;
}

/// The same computation on the same elements, whatever their shape.
bool isSame(MapOp a, MapOp b) {
  if (a.getType().getElementType() != b.getType().getElementType())
    return false;
  return OperationEquivalence::isRegionEquivalentTo(
      &a.getBody(), &b.getBody(), OperationEquivalence::IgnoreLocations);
}

struct SinkConversions : impl::SinkConversionsBase<SinkConversions> {
  void runOnOperation() override {
    SmallVector<GroupOp> groups;
    getOperation()->walk([&](GroupOp group) { groups.push_back(group); });
    for (GroupOp group : groups)
      for (OpResult result : group->getResults())
        sink(group, result);
    for (GroupOp group : llvm::reverse(groups))
      bypass(group);
  }

  /// What a group hands through as it is needs no group.
  void bypass(GroupOp group) {
    for (auto [result, yielded] :
         llvm::zip(group.getOutputs(), group.getYield().getValues()))
      if (auto argument = dyn_cast<BlockArgument>(yielded))
        result.replaceAllUsesWith(group.getInputs()[argument.getArgNumber()]);
    if (group.getBlock().without_terminator().empty() && group.use_empty())
      group.erase();
  }

  /// The group arguments that read a value, through views; false when
  /// something else reads it.
  bool collect(Value value, SmallVectorImpl<BlockArgument> &readers,
               SmallVectorImpl<Operation *> &views) {
    for (OpOperand &use : value.getUses()) {
      if (auto user = dyn_cast<GroupOp>(use.getOwner())) {
        readers.push_back(user.getBlock().getArgument(use.getOperandNumber()));
      } else if (isView(use.getOwner())) {
        views.push_back(use.getOwner());
        if (!collect(use.getOwner()->getResult(0), readers, views))
          return false;
      } else {
        return false;
      }
    }
    return true;
  }

  void sink(GroupOp producer, OpResult result) {
    SmallVector<BlockArgument> readers;
    SmallVector<Operation *> views;
    if (result.use_empty() || !collect(result, readers, views))
      return;
    SmallVector<MapOp> conversions;
    for (BlockArgument reader : readers) {
      MapOp conversion = conversionOf(reader);
      if (!conversion)
        return;
      if (!conversions.empty() && !isSame(conversion, conversions.front()))
        return;
      conversions.push_back(conversion);
    }
    // Moving a view of a copy made by `dma` would give that group arithmetic.
    if (PlaceAttr place = producer.getPlace().value_or(PlaceAttr()))
      if (place.getEngine() == "dma" || place.getEngine() == "ctl")
        return;

    // In the producer: the conversion of what it yields.
    YieldOp yield = producer.getYield();
    OpBuilder builder(yield);
    Value old = yield.getOperand(result.getResultNumber());
    Type element = conversions.front().getType().getElementType();
    auto type = withElement(tensorTypeOf(old), element);
    MapOp first = conversions.front();
    MapOp sunk =
        MapOp::create(builder, first.getLoc(), type, {old},
                      {builder.getMultiDimIdentityMap(type.getRank())},
                      [&](OpBuilder &body, Location, ValueRange v) -> Value {
                        IRMapping mapping;
                        Block &block = first.getBody().front();
                        mapping.map(block.getArgument(0), v[0]);
                        for (Operation &op : block.without_terminator())
                          body.clone(op, mapping);
                        return mapping.lookup(first.getYielded());
                      });
    yield.setOperand(result.getResultNumber(), sunk.getResult());
    result.setType(type);
    for (Operation *view : views)
      view->getResult(0).setType(
          withElement(tensorTypeOf(view->getResult(0)), element));
    for (auto [reader, conversion] : llvm::zip(readers, conversions)) {
      conversion.getResult().replaceAllUsesWith(reader);
      conversion.erase();
      reader.setType(withElement(tensorTypeOf(reader), element));
    }
    ++numSunk;
  }
};
} // namespace
} // namespace hybridc::hyb
