//===- FormGroups.cpp - Puts every op into a group ------------------------===//
//
// An anchor (contraction, normalisation, reduction, pool) takes what follows
// it, then what precedes it. Members are linked by values with one use, so no
// path leaves a group and comes back; a group stands where its last member
// stood.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Dialect/Hyb/IR/PhaseMark.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_FORMGROUPS
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {

/// Gives each group a name of its own.
class Names {
public:
  std::string get(Location loc, StringRef fallback) {
    auto nodes = nodesOf(loc);
    std::string base = nodes.empty() || nodes.front().first.empty()
                           ? fallback.str()
                           : nodes.front().first;
    std::string name = base;
    for (unsigned &n = counts[base]; !taken.insert({name, 0}).second;)
      name = base + "." + std::to_string(++n + 1);
    return name;
  }

private:
  llvm::StringMap<unsigned> counts, taken;
};

/// What runs alone or as part of a group.
bool isGroupable(Operation *op) {
  return isa<CommandOpInterface, MovementOpInterface, AccessOpInterface>(op) &&
         !isView(op);
}

/// The only user of a value, when it is in the same block.
Operation *soleUser(Value value) {
  if (!value.hasOneUse())
    return nullptr;
  Operation *user = *value.user_begin();
  return user->getBlock() == value.getParentBlock() ? user : nullptr;
}

/// Whether a map walks over `value` element by element, at the same index.
bool isElementwiseOn(MapOp map, Value value) {
  if (tensorTypeOf(value).getShape() !=
      cast<RankedTensorType>(map.getType()).getShape())
    return false;
  for (auto [input, indexing] :
       llvm::zip(map.getInputs(), map.getIndexingMaps()))
    if (input == value && !indexing.isIdentity())
      return false;
  return true;
}

class BlockGrouper {
public:
  BlockGrouper(Block &block, Names &names, bool attention, bool pools)
      : block(block), names(names), attention(attention), pools(pools) {}

  void fuse();
  void close();

private:
  using Members = SmallVector<Operation *>;

  bool isFree(Operation *op) const {
    return op && op->getBlock() == &block && isGroupable(op) &&
           !grouped.contains(op);
  }
  void take(Members members) {
    for (Operation *op : members)
      grouped.insert(op);
    groups.push_back(std::move(members));
  }
  /// Appends the maps that follow the last member; gives the last value.
  void takeEpilogue(Members &members);
  /// Prepends maps before operand 0 of the first member.
  void takePrologue(Members &members);
  void matchAttention(MatmulOp first);
  void build(Members &members);

  Block &block;
  Names &names;
  bool attention, pools;
  llvm::SmallPtrSet<Operation *, 16> grouped;
  SmallVector<Members> groups;
};

void BlockGrouper::takeEpilogue(Members &members) {
  while (true) {
    Value value = members.back()->getResult(0);
    auto map = dyn_cast_or_null<MapOp>(soleUser(value));
    if (!map || !isFree(map) || !isElementwiseOn(map, value))
      return;
    members.push_back(map);
  }
}

void BlockGrouper::takePrologue(Members &members) {
  while (true) {
    Value value = members.front()->getOperand(0);
    auto map = value.getDefiningOp<MapOp>();
    // One use only: the map is computed once, where it is needed.
    if (!map || !isFree(map) || soleUser(value) != members.front())
      return;
    auto isWhole = [&](AffineMap indexing) { return indexing.isIdentity(); };
    if (llvm::none_of(map.getIndexingMaps(), isWhole))
      return;
    members.insert(members.begin(), map);
    // A chain goes on through the first input only when that is elementwise.
    if (!map.getIndexingMaps().front().isIdentity())
      return;
  }
}

/// matmul, maps, softmax over the last axis, maps, matmul.
void BlockGrouper::matchAttention(MatmulOp first) {
  Members members{first};
  takeEpilogue(members);
  Value scores = members.back()->getResult(0);
  auto softmax = dyn_cast_or_null<NormalizeOp>(soleUser(scores));
  if (!isFree(softmax) || softmax.getKind() != NormalizeKind::Softmax ||
      softmax.getAxes() !=
          ArrayRef<int64_t>{tensorTypeOf(scores).getRank() - 1})
    return;
  members.push_back(softmax);
  takeEpilogue(members);
  Value weights = members.back()->getResult(0);
  auto second = dyn_cast_or_null<MatmulOp>(soleUser(weights));
  if (!isFree(second) || second.getA() != weights)
    return;
  members.push_back(second);
  takeEpilogue(members);
  take(std::move(members));
}

void BlockGrouper::fuse() {
  SmallVector<Operation *> ops;
  for (Operation &op : block)
    ops.push_back(&op);
  if (attention)
    for (Operation *op : ops)
      if (auto matmul = dyn_cast<MatmulOp>(op); matmul && isFree(op))
        matchAttention(matmul);
  // Later contractions first: of two that meet in one addition, the later one
  // takes it, when the other's result is there.
  for (Operation *op : llvm::reverse(ops)) {
    if (!isContraction(op) || !isFree(op))
      continue;
    Members members{op};
    takeEpilogue(members);
    if (pools)
      if (auto next = dyn_cast_or_null<TileableOpInterface>(
              soleUser(members.back()->getResult(0)));
          next && isFree(next) && next.joinsContraction())
        members.push_back(next);
    take(std::move(members));
  }
  for (Operation *op : ops) {
    auto tileable = dyn_cast<TileableOpInterface>(op);
    if (!tileable || !tileable.leadsGroup() || !isFree(op))
      continue;
    Members members{op};
    takePrologue(members);
    takeEpilogue(members);
    take(std::move(members));
  }
}

void BlockGrouper::close() {
  for (Operation &op : llvm::make_early_inc_range(block))
    if (isFree(&op))
      take({&op});
  for (Members &members : groups)
    build(members);
}

void BlockGrouper::build(Members &members) {
  llvm::sort(members,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  llvm::SetVector<Value> inputs, results;
  llvm::SmallPtrSet<Operation *, 8> inside(members.begin(), members.end());
  SmallVector<Location> locs;
  for (Operation *op : members) {
    locs.push_back(op->getLoc());
    for (Value operand : op->getOperands())
      if (!operand.getDefiningOp() || !inside.contains(operand.getDefiningOp()))
        inputs.insert(operand);
  }
  for (Operation *op : members)
    for (Value result : op->getResults()) {
      bool isNeeded = result.use_empty()
                          ? op == members.back()
                          : llvm::any_of(result.getUsers(), [&](Operation *u) {
                              return !inside.contains(u);
                            });
      if (isNeeded)
        results.insert(result);
    }

  OpBuilder builder(members.back());
  Location loc = builder.getFusedLoc(locs);
  std::string name = names.get(loc, members.front()->getName().stripDialect());
  SmallVector<Type> types;
  for (Value result : results)
    types.push_back(result.getType());
  auto group = GroupOp::create(builder, loc, types, builder.getStringAttr(name),
                               inputs.getArrayRef(), PlaceAttr(), StringAttr(),
                               CostAttr());
  Block *body = builder.createBlock(&group.getBody());
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body->addArgument(input.getType(), loc));
  SmallVector<Value> yielded;
  for (Operation *op : members)
    builder.clone(*op, mapping);
  for (Value result : results)
    yielded.push_back(mapping.lookup(result));
  YieldOp::create(builder, loc, yielded);
  for (auto [result, output] :
       llvm::zip(results.takeVector(), group.getOutputs()))
    result.replaceAllUsesWith(output);
  for (Operation *op : llvm::reverse(members))
    op->erase();
}

struct FormGroups : impl::FormGroupsBase<FormGroups> {
  using FormGroupsBase::FormGroupsBase;

  void runOnOperation() override {
    Names names;
    SmallVector<Block *> blocks;
    getOperation()->walk([&](Operation *op) {
      // The regions of maps and groups are no code of their own.
      if (isa<MapOp, GroupOp>(op))
        return;
      for (Region &region : op->getRegions())
        for (Block &block : region)
          blocks.push_back(&block);
    });
    for (Block *block : blocks) {
      BlockGrouper grouper(*block, names, attention, pools);
      if (!noFuse)
        grouper.fuse();
      grouper.close();
    }
    markPhase(getOperation(), "fuse");
  }
};
} // namespace
} // namespace hybridc::hyb
