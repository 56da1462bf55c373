//===- FuseMaps.cpp - Merges element-wise chains --------------------------===//
#include "MergeMaps.h"

#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_FUSEMAPS
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {

/// A map that is as cheap to repeat as to read: a conversion, a broadcast.
bool isCheap(MapOp map) {
  Block &block = map.getBody().front();
  unsigned ops = 0;
  for (Operation &op : block.without_terminator()) {
    if (!isa<CastOpInterface>(op))
      return false;
    ++ops;
  }
  return ops <= 1 && map.getInputs().size() == 1;
}

unsigned countOps(MapOp map) {
  return map.getBody().front().getOperations().size();
}

/// Every element of the input is read once: no element would be computed
/// twice.
bool readsOnce(MapOp consumer, AffineMap map, RankedTensorType input) {
  auto result = cast<RankedTensorType>(consumer.getType());
  if (result.getNumElements() != input.getNumElements())
    return false;
  llvm::SmallBitVector seen(map.getNumDims());
  for (AffineExpr expr : map.getResults())
    if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
      if (seen.test(dim.getPosition()))
        return false;
      seen.set(dim.getPosition());
    }
  return true;
}

struct FuseMaps : impl::FuseMapsBase<FuseMaps> {
  using FuseMapsBase::FuseMapsBase;

  void runOnOperation() override {
    SmallVector<MapOp> maps;
    // Inside groups as well: `precision` puts conversions beside epilogues.
    getOperation()->walk([&](MapOp map) { maps.push_back(map); });
    for (MapOp map : maps)
      while (MapOp fused = fuseOne(map))
        map = fused;
  }

private:
  bool canFuse(MapOp producer, MapOp consumer) {
    if (producer->getBlock() != consumer->getBlock())
      return false;
    if (countOps(producer) + countOps(consumer) > maxOps ||
        producer.getInputs().size() + consumer.getInputs().size() >
            maxInputs + 1u)
      return false;
    if (isCheap(producer))
      return true;
    for (Operation *user : producer->getUsers())
      if (user != consumer)
        return false;
    for (auto [input, map] :
         llvm::zip(consumer.getInputs(), consumer.getIndexingMaps()))
      if (input == producer.getResult() &&
          !readsOnce(consumer, map, tensorTypeOf(input)))
        return false;
    return true;
  }

  /// Merges one producer; the new consumer, or null.
  MapOp fuseOne(MapOp consumer) {
    for (Value input : consumer.getInputs())
      if (auto producer = input.getDefiningOp<MapOp>())
        if (canFuse(producer, consumer)) {
          ++numFused;
          return mergeMaps(producer, consumer);
        }
    return {};
  }
};
} // namespace
} // namespace hybridc::hyb
