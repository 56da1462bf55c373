//===- Taps.cpp - Intermediate values as further results ------------------===//
#include "hybridc/Pipelines/Taps.h"

#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

#include <map>

using namespace mlir;
using namespace hybridc;

void hybridc::appendResults(func::FuncOp func, ArrayRef<Value> values,
                            StringRef prefix) {
  auto ret = cast<func::ReturnOp>(func.getBody().front().getTerminator());
  SmallVector<Type> types(func.getResultTypes());
  SmallVector<Value> returned(ret.getOperands());
  size_t first = returned.size();
  for (Value value : values) {
    returned.push_back(value);
    types.push_back(value.getType());
  }
  Builder builder(func.getContext());
  func.setType(builder.getFunctionType(func.getArgumentTypes(), types));
  for (size_t i = 0; i < values.size(); ++i)
    func.setResultAttr(unsigned(first + i), hyb::kNameAttr,
                       builder.getStringAttr(prefix + Twine(i)));
  ret->setOperands(returned);
}

/// The op that computes a result: inside of its group, if it is one's.
static Operation *computationOf(OpResult result) {
  Operation *op = result.getOwner();
  auto group = dyn_cast<hyb::GroupOp>(op);
  if (!group)
    return op;
  Operation *inside =
      group.getYield().getOperand(result.getResultNumber()).getDefiningOp();
  return inside ? inside : op;
}

static std::string keyOf(OpResult result) {
  auto nodes = hyb::nodesOf(computationOf(result)->getLoc());
  if (nodes.empty())
    return {};
  std::string key;
  llvm::raw_string_ostream(key)
      << nodes.back().first << " : " << result.getType();
  return key;
}

std::vector<Tap> hybridc::addTaps(ModuleOp module) {
  std::vector<Tap> taps;
  auto funcs = module.getOps<func::FuncOp>();
  if (!llvm::hasSingleElement(funcs))
    return taps;
  func::FuncOp func = *funcs.begin();
  SmallVector<Value> values;
  for (Operation &op : func.getBody().front()) {
    auto group = dyn_cast<hyb::GroupOp>(op);
    if (!group && !isa<scf::IfOp, scf::ForOp, scf::WhileOp>(op))
      continue;
    for (OpResult result : op.getResults()) {
      auto type = dyn_cast<RankedTensorType>(result.getType());
      if (!type || !type.hasStaticShape() ||
          !type.getElementType().isIntOrFloat())
        continue;
      Tap tap;
      tap.output = "hyb.tap." + std::to_string(taps.size());
      tap.node = hyb::nodeNameOf(op.getLoc());
      tap.op = hyb::opTypeOf(op.getLoc());
      if (group) {
        tap.group = group.getName().str();
        if (tap.node.empty())
          tap.node = tap.group;
        if (hyb::PlaceAttr place = group.getPlaceAttr()) {
          tap.engine = place.getEngine().str();
          tap.kind = place.getKind().str();
          tap.format = place.getFormat().str();
        }
      }
      tap.key = keyOf(result);
      values.push_back(result);
      taps.push_back(std::move(tap));
    }
  }
  appendResults(func, values, "hyb.tap.");
  return taps;
}

std::vector<std::pair<size_t, size_t>>
hybridc::matchTaps(const std::vector<Tap> &a, const std::vector<Tap> &b) {
  auto byKey = [](const std::vector<Tap> &taps) {
    std::map<std::string, std::vector<size_t>> table;
    for (size_t i = 0; i < taps.size(); ++i)
      if (!taps[i].key.empty())
        table[taps[i].key].push_back(i);
    return table;
  };
  auto ofA = byKey(a), ofB = byKey(b);
  std::vector<std::pair<size_t, size_t>> pairs;
  for (const auto &[key, indices] : ofA) {
    auto found = ofB.find(key);
    if (found == ofB.end() || found->second.size() != indices.size())
      continue;
    for (size_t i = 0; i < indices.size(); ++i)
      pairs.emplace_back(indices[i], found->second[i]);
  }
  llvm::sort(pairs);
  return pairs;
}
