//===- MergeMaps.cpp - Two maps become one --------------------------------===//
#include "MergeMaps.h"

#include "hybridc/Dialect/Hyb/IR/Utils.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace hybridc::hyb;

/// The producer's scalars, at the place where the consumer reads it by `use`.
static Value cloneBody(OpBuilder &body, MapOp producer, AffineMap use,
                       ArrayRef<unsigned> inputs, ValueRange arguments) {
  IRMapping mapping;
  Block &block = producer.getBody().front();
  for (auto [argument, input] : llvm::zip(block.getArguments(), inputs))
    mapping.map(argument, arguments[input]);
  for (Operation &op : block.without_terminator()) {
    auto index = dyn_cast<IndexOp>(op);
    if (!index) {
      body.clone(op, mapping);
      continue;
    }
    // The producer's index in terms of the consumer's.
    AffineExpr expr = use.getResult(index.getDim());
    Value value;
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      value = IndexOp::create(body, op.getLoc(), body.getI64Type(),
                              dim.getPosition());
    else
      value = arith::ConstantOp::create(body, op.getLoc(),
                                        body.getI64IntegerAttr(0));
    mapping.map(index.getResult(), value);
  }
  return mapping.lookupOrDefault(producer.getYielded());
}

MapOp hybridc::hyb::mergeMaps(MapOp producer, MapOp consumer) {
  OpBuilder builder(consumer);
  SmallVector<AffineMap> consumerMaps = consumer.getIndexingMaps();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  auto addInput = [&](Value value, AffineMap map) -> unsigned {
    for (auto [i, other, otherMap] : llvm::enumerate(inputs, maps))
      if (other == value && otherMap == map)
        return i;
    inputs.push_back(value);
    maps.push_back(map);
    return inputs.size() - 1;
  };
  // For each input of the consumer, which new input it is, or by which map
  // it reads the producer.
  SmallVector<unsigned> kept(consumer.getInputs().size());
  SmallVector<AffineMap> uses;
  SmallVector<SmallVector<unsigned>> useInputs;
  for (auto [i, input] : llvm::enumerate(consumer.getInputs())) {
    if (input != producer.getResult()) {
      kept[i] = addInput(input, consumerMaps[i]);
      continue;
    }
    auto at = llvm::find(uses, consumerMaps[i]);
    kept[i] = at - uses.begin();
    if (at != uses.end())
      continue;
    uses.push_back(consumerMaps[i]);
    useInputs.emplace_back();
    for (auto [value, map] :
         llvm::zip(producer.getInputs(), producer.getIndexingMaps()))
      useInputs.back().push_back(addInput(value, map.compose(consumerMaps[i])));
  }
  Location loc = builder.getFusedLoc({producer.getLoc(), consumer.getLoc()});
  auto fused = MapOp::create(
      builder, loc, cast<RankedTensorType>(consumer.getType()), inputs, maps,
      [&](OpBuilder &body, Location, ValueRange arguments) -> Value {
        SmallVector<Value> produced;
        for (auto [use, inputsOfUse] : llvm::zip(uses, useInputs))
          produced.push_back(
              cloneBody(body, producer, use, inputsOfUse, arguments));
        IRMapping mapping;
        Block &block = consumer.getBody().front();
        for (auto [i, argument] : llvm::enumerate(block.getArguments()))
          mapping.map(argument, consumer.getInputs()[i] == producer.getResult()
                                    ? produced[kept[i]]
                                    : arguments[kept[i]]);
        for (Operation &op : block.without_terminator())
          body.clone(op, mapping);
        return mapping.lookup(consumer.getYielded());
      });
  // Notes of passes (dialect attributes) of the consumer stay.
  fused->setDiscardableAttrs(consumer->getDiscardableAttrDictionary());
  consumer.replaceAllUsesWith(fused.getResult());
  consumer.erase();
  // At once: a dead user would keep the producer's own producers from fusing.
  if (producer.use_empty())
    producer.erase();
  return fused;
}
