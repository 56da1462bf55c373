//===- Loops.cpp - Loops with a known number of turns ---------------------===//

#include "Loops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace hybridc::import {

Value pick(Node &n, const Turn &turn, Value x, int64_t axis, bool reversed) {
  Ints shape(Node::shapeOf(x));
  shape[axis] = 1;
  Value one;
  if (turn.counter) {
    one = n.emit<hyb::SliceAtOp>(n.tensor(shape, Node::elem(x)), x,
                                 turn.counter, axis, reversed);
  } else {
    int64_t at = reversed ? turn.count - 1 - turn.number : turn.number;
    one = n.sliceAxis(x, axis, at, 1);
  }
  return n.withoutAxis(one, axis);
}

static std::string typeChange(size_t index, Value before, Value after) {
  std::string text;
  llvm::raw_string_ostream(text)
      << "state " << index << " changes its type from " << before.getType()
      << " to " << after.getType();
  return text;
}

static SmallVector<Value> unroll(Node &n, int64_t count, ArrayRef<Value> states,
                                 const LoopBody &body) {
  SmallVector<Value> current(states);
  SmallVector<Collected> kinds;
  std::vector<SmallVector<Value>> parts;
  for (int64_t i = 0; i < count; ++i) {
    Step step = body({{}, i, count}, current);
    current = step.states;
    kinds = step.collected;
    parts.resize(kinds.size());
    for (auto [part, item] : llvm::zip(parts, step.collected))
      part.insert(item.reversed ? part.begin() : part.end(),
                  n.withAxis(item.value, item.axis));
  }
  for (auto [part, kind] : llvm::zip(parts, kinds))
    current.push_back(n.concat(part, kind.axis));
  return current;
}

std::optional<SmallVector<Value>> buildLoop(Node &n, int64_t count,
                                            ArrayRef<Value> states,
                                            const LoopBody &body,
                                            std::string &reason) {
  if (count >= 1 && count <= 2)
    return unroll(n, count, states, body);
  // The body first: what it collects decides the loop's further states.
  OpBuilder &b = n.b;
  Region region;
  Block &block = region.emplaceBlock();
  SmallVector<Value> initial(states), yielded;
  SmallVector<int64_t> empty;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(&block);
    Value counter = block.addArgument(b.getIndexType(), n.loc);
    SmallVector<Value> arguments;
    for (Value state : states)
      arguments.push_back(block.addArgument(state.getType(), n.loc));
    Step step = body({counter, 0, count}, arguments);
    for (auto [i, pair] : llvm::enumerate(llvm::zip(states, step.states))) {
      auto [before, after] = pair;
      if (before.getType() != after.getType()) {
        reason = typeChange(i, before, after);
        return std::nullopt;
      }
      yielded.push_back(after);
    }
    for (const Collected &item : step.collected) {
      Ints shape(Node::shapeOf(item.value));
      shape.insert(shape.begin() + item.axis, count);
      Value all = n.splat(shape, Node::elem(item.value), 0);
      initial.push_back(all);
      Value into = block.addArgument(all.getType(), n.loc);
      if (count > 0)
        into = n.emit<hyb::InsertAtOp>(Node::typeOf(all),
                                       n.withAxis(item.value, item.axis), into,
                                       counter, item.axis, item.reversed);
      yielded.push_back(into);
    }
    scf::YieldOp::create(b, n.loc, yielded);
  }
  if (count == 0)
    return initial;
  Value from = arith::ConstantIndexOp::create(b, n.loc, 0);
  Value to = arith::ConstantIndexOp::create(b, n.loc, count);
  Value by = arith::ConstantIndexOp::create(b, n.loc, 1);
  auto loop = scf::ForOp::create(b, n.loc, from, to, by, initial);
  loop.getRegion().takeBody(region);
  return SmallVector<Value>(loop.getResults());
}

} // namespace hybridc::import
