//===- Blocking.cpp - Groups in a channel-blocked layout ------------------===//
//
// A group is rewritten from its result backwards: what form a value is needed
// in follows from its users. The form of a value is the dimension of it that
// is cut into blocks (1 for images), or -1 for plain.
//
//===----------------------------------------------------------------------===//
#include "Blocking.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

static constexpr int64_t kPlain = -1, kImage = 1;

static int64_t channelsOf(Value image) {
  return tensorTypeOf(image).getDimSize(1);
}

/// Depthwise: each channel has one filter of its own.
static bool isDepthwise(ConvOp conv) {
  int64_t groups = conv.getGroups();
  return groups > 1 && groups == channelsOf(conv.getX()) &&
         groups == channelsOf(conv.getResult());
}

/// A convolution reads blocks when its channels come near to filling one.
static bool readsBlocks(ConvOp conv, int64_t block) {
  return isDepthwise(conv) || channelsOf(conv.getX()) >= block;
}

/// Finite inputs give finite results, for zeros in the padded lanes, too.
static bool staysFinite(MapOp map) {
  for (Operation &op : map.getBody().front().without_terminator()) {
    if (isa<arith::DivFOp>(op)) {
      APFloat divisor(0.0f);
      if (!matchPattern(op.getOperand(1), m_ConstantFloat(&divisor)) ||
          divisor.isZero())
        return false;
      continue;
    }
    if (!isa<arith::ConstantOp, arith::AddFOp, arith::SubFOp, arith::MulFOp,
             arith::NegFOp, arith::MaximumFOp, arith::MinimumFOp, arith::CmpFOp,
             arith::SelectOp, arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp,
             arith::FPToUIOp, arith::ExtFOp, arith::TruncFOp, arith::AddIOp,
             arith::SubIOp, arith::MulIOp, arith::MaxSIOp, arith::MinSIOp,
             arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::CmpIOp,
             math::RoundEvenOp, math::TanhOp, math::ErfOp, math::AbsFOp,
             math::FloorOp, math::CeilOp>(op))
      return false;
  }
  return true;
}

namespace {

/// Asks whether the result of a group can be had in a form.
class Checker {
public:
  Checker(const PackedValues &packed) : packed(packed) {}

  bool check(Value value, int64_t form);
  bool hasConv = false, readsBlockedImage = false;

private:
  bool checkConv(ConvOp conv);
  bool checkMap(MapOp map);

  const PackedValues &packed;
};

bool Checker::checkConv(ConvOp conv) {
  int64_t block = packed.block;
  if (conv.getStrides().size() != 2 || conv.getXBlock() || conv.getYBlock())
    return false;
  if (conv.getGroups() != 1 && !isDepthwise(conv))
    return false;
  int64_t channels = channelsOf(conv.getX()), filters = channelsOf(conv);
  // No more than half of the last block may be waste.
  if (filters % block && filters < block)
    return false;
  bool isPadded =
      filters % block || (readsBlocks(conv, block) && channels % block);
  if (isPadded && conv.getWZero())
    return false;
  auto weights = dyn_cast<BlockArgument>(conv.getW());
  auto group = conv->getParentOfType<GroupOp>();
  if (!weights || !constantOf(group.getInputs()[weights.getArgNumber()]))
    return false;
  hasConv = true;
  return check(conv.getX(), readsBlocks(conv, block) ? kImage : kPlain);
}

bool Checker::checkMap(MapOp map) {
  auto type = tensorTypeOf(map);
  if (type.getDimSize(1) % packed.block && !staysFinite(map))
    return false;
  for (IndexOp index : map.getBody().getOps<IndexOp>())
    if (index.getDim() == 1)
      return false;
  for (auto [input, indexing] :
       llvm::zip(map.getInputs(), map.getIndexingMaps())) {
    int64_t form = kPlain;
    for (auto [d, expr] : llvm::enumerate(indexing.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr);
          dim && dim.getPosition() == 1) {
        if (form != kPlain)
          return false;
        form = d;
      }
    if (!check(input, form))
      return false;
  }
  return true;
}

bool Checker::check(Value value, int64_t form) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto group = cast<GroupOp>(argument.getOwner()->getParentOp());
    if (form == kImage && tensorTypeOf(value).getRank() == 4 &&
        packed.findImage(group.getInputs()[argument.getArgNumber()]))
      readsBlockedImage = true;
    return true;
  }
  Operation *op = value.getDefiningOp();
  if (form == kPlain) {
    // Ahead of a convolution that reads plain channels: any map.
    auto map = dyn_cast<MapOp>(op);
    return map && llvm::all_of(map.getInputs(), [](Value input) {
             return isa<BlockArgument>(input);
           });
  }
  if (form != kImage || tensorTypeOf(value).getRank() != 4)
    return false;
  bool isWhole = channelsOf(value) % packed.block == 0;
  if (auto conv = dyn_cast<ConvOp>(op))
    return checkConv(conv);
  if (auto map = dyn_cast<MapOp>(op))
    return checkMap(map);
  if (auto pool = dyn_cast<PoolOp>(op))
    return pool.getWindow()[1] == 1 && pool.getStrides()[1] == 1 &&
           pool.getPads()[1] == 0 && pool.getPads()[5] == 0 &&
           check(pool.getX(), kImage);
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return !llvm::is_contained(reduce.getAxes(), 1) &&
           check(reduce.getX(), kImage);
  if (auto normalize = dyn_cast<NormalizeOp>(op))
    return isWhole && !llvm::is_contained(normalize.getAxes(), 1) &&
           check(normalize.getX(), kImage);
  if (auto pad = dyn_cast<PadOp>(op))
    return isWhole && pad.getLow()[1] == 0 && pad.getHigh()[1] == 0 &&
           check(pad.getX(), kImage);
  if (auto concat = dyn_cast<ConcatOp>(op))
    return llvm::all_of(concat.getInputs(), [&](Value input) {
      bool isBlock =
          concat.getAxis() != 1 || channelsOf(input) % packed.block == 0;
      return isBlock && check(input, kImage);
    });
  return false;
}

} // namespace

bool hybridc::hyb::shouldBlock(GroupOp group, const PackedValues &packed) {
  if (!isa<func::FuncOp>(group->getParentOp()) ||
      group.getOutputs().size() != 1)
    return false;
  PlaceAttr place = group.getPlace().value_or(PlaceAttr());
  if (!place || !llvm::is_contained({"mac", "vec", "dma"}, place.getEngine()))
    return false;
  auto type = dyn_cast<RankedTensorType>(group.getOutputs()[0].getType());
  if (!type || type.getRank() != 4 || type.getDimSize(1) < packed.block)
    return false;
  Checker checker(packed);
  return checker.check(group.getYield().getOperand(0), kImage) &&
         (checker.hasConv || checker.readsBlockedImage);
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

namespace {

class Rewriter {
public:
  Rewriter(GroupOp old, PackedValues &packed)
      : old(old), packed(packed), outside(old), inside(old.getContext()) {}

  GroupOp run();

private:
  Value get(Value value, int64_t form);
  Value getInput(Value outer);
  Value buildConv(ConvOp conv);
  Value buildMap(MapOp map);
  Value build(Operation *op);
  Value packWeights(ConvOp conv);

  GroupOp old, group;
  PackedValues &packed;
  OpBuilder outside, inside;
  bool failed = false;
  SmallVector<Value> inputs;
  llvm::DenseMap<std::pair<Value, int64_t>, Value> done;
};

/// The argument of the new group for a value from outside.
Value Rewriter::getInput(Value outer) {
  Block &block = group.getBlock();
  for (auto [i, input] : llvm::enumerate(inputs))
    if (input == outer)
      return block.getArgument(i);
  inputs.push_back(outer);
  return block.addArgument(outer.getType(), outer.getLoc());
}

Value Rewriter::packWeights(ConvOp conv) {
  auto argument = cast<BlockArgument>(conv.getW());
  Value weights = old.getInputs()[argument.getArgNumber()];
  int64_t block = packed.block;
  auto type = tensorTypeOf(weights);
  Type element = type.getElementType();
  int64_t m = type.getDimSize(0), c = type.getDimSize(1),
          kh = type.getDimSize(2), kw = type.getDimSize(3);
  int64_t mBlocks = llvm::divideCeil(m, block),
          cBlocks = llvm::divideCeil(c, block);
  auto tensor = [&](ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, element);
  };
  if (isDepthwise(conv))
    return packed.getConstant(
        outside, weights, "depthwise",
        [&](OpBuilder &b, Value v) -> Operation * {
          Value flat = ReshapeOp::create(b, v.getLoc(), tensor({m, kh, kw}), v);
          return PackOp::create(b, v.getLoc(), tensor({mBlocks, kh, kw, block}),
                                flat, int64_t(0), block);
        });
  if (!readsBlocks(conv, block))
    return packed.getConstant(
        outside, weights, "plain", [&](OpBuilder &b, Value v) -> Operation * {
          Value last =
              TransposeOp::create(b, v.getLoc(), tensor({m, kh, kw, c}), v,
                                  ArrayRef<int64_t>{0, 2, 3, 1});
          return PackOp::create(b, v.getLoc(),
                                tensor({mBlocks, kh, kw, c, block}), last,
                                int64_t(0), block);
        });
  return packed.getConstant(
      outside, weights, "blocked", [&](OpBuilder &b, Value v) -> Operation * {
        return PackOp::create(
            b, v.getLoc(), tensor({mBlocks, cBlocks, kh, kw, block, block}), v,
            ArrayRef<int64_t>{1, 0}, ArrayRef<int64_t>{block, block});
      });
}

Value Rewriter::buildConv(ConvOp conv) {
  bool isBlocked = readsBlocks(conv, packed.block);
  Value weights = packWeights(conv);
  if (!weights) {
    failed = true;
    return {};
  }
  Value x = get(conv.getX(), isBlocked ? kImage : kPlain);
  if (failed)
    return {};
  int64_t groups = conv.getGroups();
  if (isDepthwise(conv))
    groups = tensorTypeOf(weights).getDimSize(0) * packed.block;
  return ConvOp::create(
      inside, conv.getLoc(), packed.packedType(tensorTypeOf(conv), 1), x,
      getInput(weights), conv.getStrides(), conv.getPads(), conv.getDilations(),
      groups, conv.getXZero(), conv.getWZero(), isBlocked ? packed.block : 0,
      packed.block);
}

Value Rewriter::buildMap(MapOp map) {
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
  for (auto [input, indexing] :
       llvm::zip(map.getInputs(), map.getIndexingMaps())) {
    int64_t form = kPlain;
    SmallVector<AffineExpr> exprs(indexing.getResults());
    for (auto [d, expr] : llvm::enumerate(exprs))
      if (auto dim = dyn_cast<AffineDimExpr>(expr);
          dim && dim.getPosition() == 1)
        form = d;
    if (form != kPlain)
      exprs.push_back(inside.getAffineDimExpr(4));
    values.push_back(get(input, form));
    maps.push_back(AffineMap::get(5, 0, exprs, map.getContext()));
    if (failed)
      return {};
  }
  OperationState state(map.getLoc(), MapOp::getOperationName());
  MapOp::build(inside, state, packed.packedType(tensorTypeOf(map), 1), values,
               inside.getAffineMapArrayAttr(maps));
  auto blocked = cast<MapOp>(inside.create(state));
  IRMapping mapping;
  map.getBody().cloneInto(&blocked.getBody(), mapping);
  return blocked;
}

Value Rewriter::build(Operation *op) {
  if (auto conv = dyn_cast<ConvOp>(op))
    return buildConv(conv);
  if (auto map = dyn_cast<MapOp>(op))
    return buildMap(map);
  // The others take one more dimension, in which they do nothing.
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(get(operand, kImage));
  if (failed)
    return {};
  Operation *blocked = inside.clone(*op);
  blocked->setOperands(operands);
  blocked->getResult(0).setType(
      packed.packedType(tensorTypeOf(op->getResult(0)), 1));
  auto append = [](ArrayRef<int64_t> values, int64_t value) {
    SmallVector<int64_t> result(values);
    result.push_back(value);
    return result;
  };
  if (auto pool = dyn_cast<PoolOp>(blocked)) {
    SmallVector<int64_t> pads(pool.getPads());
    pads.insert(pads.begin() + 4, 0);
    pads.push_back(0);
    pool.setWindow(append(pool.getWindow(), 1));
    pool.setStrides(append(pool.getStrides(), 1));
    pool.setDilations(append(pool.getDilations(), 1));
    pool.setPads(pads);
  } else if (auto pad = dyn_cast<PadOp>(blocked)) {
    pad.setLow(append(pad.getLow(), 0));
    pad.setHigh(append(pad.getHigh(), 0));
  }
  return blocked->getResult(0);
}

Value Rewriter::get(Value value, int64_t form) {
  // No reference into the table: it grows in between.
  if (Value known = done.lookup({value, form}))
    return known;
  Value result;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Value outer = old.getInputs()[argument.getArgNumber()];
    if (form != kPlain)
      outer = packed.get(outside, outer, form, (old.getName() + ".pack").str());
    if (outer)
      result = getInput(outer);
    else
      failed = true;
  } else if (form == kPlain) {
    auto map = cast<MapOp>(value.getDefiningOp());
    IRMapping mapping;
    for (Value input : map.getInputs())
      mapping.map(input, get(input, kPlain));
    result = inside.clone(*map, mapping)->getResult(0);
  } else {
    result = build(value.getDefiningOp());
  }
  done[{value, form}] = result;
  return result;
}

GroupOp Rewriter::run() {
  auto type = packed.packedType(tensorTypeOf(old.getOutputs()[0]), 1);
  group = GroupOp::create(outside, old.getLoc(), TypeRange(type),
                          old.getNameAttr(), ValueRange(), old.getPlaceAttr(),
                          old.getReasonAttr(), old.getCostAttr());
  outside.setInsertionPoint(group);
  Block *body = inside.createBlock(&group.getBody());
  inside.setInsertionPointToEnd(body);
  Value result = get(old.getYield().getOperand(0), kImage);
  if (failed) {
    group.erase();
    return {};
  }
  YieldOp::create(inside, old.getYield().getLoc(), result);
  group.getInputsMutable().assign(inputs);
  for (NamedAttribute named : old->getDiscardableAttrs())
    group->setDiscardableAttr(named.getName(), named.getValue());
  return group;
}

} // namespace

GroupOp hybridc::hyb::blockGroup(GroupOp group, PackedValues &packed) {
  return Rewriter(group, packed).run();
}
