//===- GroupEmitter.cpp - The tiles of a group ----------------------------===//
//
// For each tile: load what it needs (what the tile before left is kept),
// one command an op, store the result. Buffers are made anew for each tile;
// `allocate` decides which of them share bytes, and thereby how far the tiles
// overlap.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "hybridc/Conversion/Commands.h"
#include "hybridc/Dialect/Hyb/IR/Refuse.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

namespace {
/// A value in the scratchpad: the box of it that is there.
struct Resident {
  Box box;
  Value buffer;

  /// The part `want` of it, in the value's own dimensions.
  Ref part(const Box &want) const {
    Ref ref = Ref::of(buffer);
    for (size_t d = 0; d < want.lo.size(); ++d) {
      ref.offset += (want.lo[d] - box.lo[d]) * ref.strides[d];
      ref.shape[d] = want.size[d];
    }
    return ref;
  }
};

/// Emits the commands of one tile.
class TileEmitter {
public:
  TileEmitter(MLIRContext *context, const TilePlan &plan,
              const DenseMap<Value, Resident> &resident)
      : builder(context), plan(plan), resident(resident) {}

  /// Operand views and attributes of `op`, writing into `out`.
  LogicalResult describe(Operation *op, const Resident &out);

  SmallVector<Ref> ins, outs;
  SmallVector<NamedAttribute> attrs;
  StringRef command;

private:
  Ref operand(Operation *op, unsigned index) {
    const OpRegions &regions = plan.regions.find(op)->second;
    return resident.find(op->getOperand(index))
        ->second.part(regions.inputs[index]);
  }
  void set(StringRef name, Attribute value) {
    attrs.push_back(builder.getNamedAttr(name, value));
  }
  void setInts(StringRef name, ArrayRef<int64_t> values) {
    set(name, builder.getDenseI64ArrayAttr(values));
  }

  Builder builder;
  const TilePlan &plan;
  const DenseMap<Value, Resident> &resident;
};
} // namespace

/// A view of an operand whose dimensions are those of the iteration space:
/// stride 0 where it broadcasts.
static Ref alongMap(const Ref &ref, AffineMap map, ArrayRef<int64_t> space) {
  Ref out = ref;
  out.shape.assign(space.begin(), space.end());
  out.strides.assign(space.size(), 0);
  for (auto [d, expr] : llvm::enumerate(map.getResults()))
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      out.strides[dim.getPosition()] += ref.strides[d];
  return out;
}

/// Leading batch dimensions of a matmul operand, broadcast onto the result's.
static Ref withBatch(const Ref &ref, ArrayRef<int64_t> batch) {
  Ref out = ref;
  size_t own = ref.shape.size() - 2;
  out.shape.assign(batch.begin(), batch.end());
  out.strides.assign(batch.size(), 0);
  for (size_t d = 0; d < own; ++d)
    if (ref.shape[d] != 1)
      out.strides[batch.size() - own + d] = ref.strides[d];
  out.shape.append(ref.shape.end() - 2, ref.shape.end());
  out.strides.append(ref.strides.end() - 2, ref.strides.end());
  return out;
}

LogicalResult TileEmitter::describe(Operation *op, const Resident &out) {
  const OpRegions &regions = plan.regions.find(op)->second;
  Ref result = out.part(regions.computed);
  stream::Command base;
  if (failed(hyb::setAttributes(op, base)))
    return failure();
  command = StringRef(stream::specOf(base.op).name.data(),
                      stream::specOf(base.op).name.size());
  for (NamedAttribute attr :
       tile::attributesFromStream(builder.getContext(), base.attrs))
    if (attr.getName() != "pads" && attr.getName() != "groups")
      attrs.push_back(attr);
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](hyb::MapOp map) {
        for (auto [index, affine] : llvm::enumerate(map.getIndexingMaps()))
          ins.push_back(alongMap(operand(op, index), affine, result.shape));
      })
      .Case([&](hyb::MatmulOp) {
        ArrayRef<int64_t> batch = ArrayRef<int64_t>(result.shape).drop_back(2);
        ins.push_back(withBatch(operand(op, 0), batch));
        ins.push_back(withBatch(operand(op, 1), batch));
      })
      .Case([&](hyb::ConvOp) {
        ins = {operand(op, 0), operand(op, 1)};
        setInts("pads", regions.pads);
        set("groups", builder.getI64IntegerAttr(regions.groups));
      })
      .Case([&](hyb::ConvTransposeOp) {
        ins = {operand(op, 0), operand(op, 1)};
        for (const stream::Attr &attr : base.attrs)
          if (attr.name == "pads")
            setInts("pads", attr.ints);
        set("groups", builder.getI64IntegerAttr(regions.groups));
      })
      .Case([&](hyb::PoolOp) {
        ins = {operand(op, 0)};
        setInts("pads", regions.pads);
      })
      .Default([&](Operation *) { ins = {operand(op, 0)}; });
  outs = {result};
  return success();
}

/// The mvm command of a contraction on arrays.
static void describeAnalog(Operation *op, const OpRegions &regions,
                           const ArraySet &arrays, double inputRange,
                           bool ideal, MLIRContext *context,
                           SmallVectorImpl<NamedAttribute> &attrs) {
  Builder builder(context);
  auto set = [&](StringRef name, Attribute value) {
    attrs.push_back(builder.getNamedAttr(name, value));
  };
  auto ints = [&](StringRef name, ArrayRef<int64_t> values) {
    set(name, builder.getDenseI64ArrayAttr(values));
  };
  set("arrays", builder.getArrayAttr(arrays.symbols));
  ints("k_offsets", arrays.kOffsets);
  ints("n_offsets", arrays.nOffsets);
  set("input_range", builder.getF64FloatAttr(inputRange));
  if (ideal)
    set("ideal", builder.getI64IntegerAttr(1));
  auto conv = dyn_cast<hyb::ConvOp>(op);
  if (!conv)
    return;
  auto w = cast<RankedTensorType>(conv.getW().getType());
  ints("kernel", w.getShape().drop_front(2));
  ints("strides", conv.getStrides());
  ints("dilations", conv.getDilations());
  ints("pads", regions.pads);
  if (conv.getXBlock())
    set("x_block", builder.getI64IntegerAttr(conv.getXBlock()));
  if (conv.getYBlock())
    set("y_block", builder.getI64IntegerAttr(conv.getYBlock()));
}

LogicalResult Lowering::emitTiles(const GroupBody &whole,
                                  const Ref &destination, Operation *anchor,
                                  std::optional<ArraySet> arrays,
                                  double inputRange, bool ideal) {
  auto resultType = cast<RankedTensorType>(whole.result.getType());
  ArrayRef<int64_t> shape = resultType.getShape();
  if (resultType.getNumElements() == 0)
    return success();
  // Half of the scratchpad a tile, so that the next one can be loaded; if
  // nothing that small exists, all of it.
  int64_t capacity = static_cast<int64_t>(chip.sram.bytes);
  GroupBody body = whole;
  Tiling tiling = chooseSplit(body, capacity * 45 / 100);
  if (tiling.bytes > capacity)
    return hyb::refuseTooLarge(anchor)
           << "its smallest tile needs " << tiling.bytes
           << " bytes of scratchpad, chip '" << chip.name << "' has "
           << capacity
           << "; a target with a larger scratchpad or a smaller --dim would "
              "help";

  auto load = [&](const Box &box, const Ref &from) {
    Resident loaded{box, newBuffer("sram", from.element, box.size, "in")};
    emitCopy(anchor->getLoc(), from.boxed(box), Ref::of(loaded.buffer));
    return loaded;
  };

  auto newResult = [&](Operation *op, const OpRegions &regions) {
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    return Resident{regions.computed, newBuffer("sram", type.getElementType(),
                                                regions.computed.size, "out")};
  };
  auto emitOne = [&](Operation *op, const TilePlan &plan,
                     const DenseMap<Value, Resident> &resident,
                     const Resident &out, bool accumulates) -> LogicalResult {
    TileEmitter emitter(context, plan, resident);
    if (op == body.analog) {
      const OpRegions &regions = plan.regions.find(op)->second;
      emitter.command = "mvm";
      emitter.ins = {
          resident.find(op->getOperand(0))->second.part(regions.inputs[0])};
      emitter.outs = {out.part(regions.computed)};
      describeAnalog(op, regions, *arrays, inputRange, ideal, context,
                     emitter.attrs);
    } else if (failed(emitter.describe(op, out))) {
      return failure();
    }
    if (auto map = dyn_cast<hyb::MapOp>(op)) {
      auto program = programFor(map);
      if (!program)
        return failure();
      emitter.attrs.push_back(builder.getNamedAttr("program", program));
    }
    if (accumulates)
      emitter.attrs.push_back(
          builder.getNamedAttr("accumulate", builder.getI64IntegerAttr(1)));
    SmallVector<Value> ins, outs;
    for (const Ref &ref : emitter.ins)
      ins.push_back(ref.view(builder, op->getLoc()));
    for (const Ref &ref : emitter.outs)
      outs.push_back(ref.view(builder, op->getLoc()));
    emitCommand(op->getLoc(), emitter.command, ins, outs, emitter.attrs);
    return success();
  };

  // Odometer over the tiles, the innermost of `order` fastest.
  SmallVector<int64_t> count;
  for (auto [d, extent] : llvm::enumerate(shape))
    count.push_back(llvm::divideCeil(extent, tiling.tile[d]));
  SmallVector<int64_t> index(shape.size(), 0);
  DenseMap<Value, Resident> kept; // loaded operands of the tile before
  for (bool done = false; !done;) {
    Box request;
    for (auto [d, extent] : llvm::enumerate(shape)) {
      request.lo.push_back(index[d] * tiling.tile[d]);
      request.size.push_back(
          std::min(tiling.tile[d], extent - request.lo.back()));
    }
    auto plan = planTile(body, request);
    if (failed(plan))
      return hyb::refuseUnsupported(anchor)
             << "a window lies wholly in its padding; smaller pads would help";
    DenseMap<Value, Resident> resident;
    for (auto &[value, ref] : body.args) {
      auto box = plan->boxes.find(value);
      if (box == plan->boxes.end() || body.splitArgs.contains(value))
        continue;
      auto before = kept.find(value);
      if (before != kept.end() && before->second.box == box->second) {
        resident[value] = before->second;
        continue;
      }
      resident[value] = load(box->second, ref);
    }
    kept = resident;
    // Of what is summed up in parts: for each, what it is made from, then the
    // sum onto the same result.
    std::optional<Resident> sums;
    for (int64_t part = 0; body.split && part < body.parts; ++part) {
      auto partPlan = planTile(body, request, part);
      if (failed(partPlan))
        break; // the parts before were rounded up
      DenseMap<Value, Resident> local;
      for (auto &[value, ref] : body.args)
        if (body.splitArgs.contains(value))
          local[value] = load(partPlan->boxes.find(value)->second, ref);
      for (Operation *op : body.ops) {
        auto regions = partPlan->regions.find(op);
        if (!body.splitOps.contains(op) || regions == partPlan->regions.end())
          continue;
        Resident out =
            op == body.split && sums ? *sums : newResult(op, regions->second);
        if (failed(emitOne(op, *partPlan, local, out,
                           /*accumulates=*/op == body.split && sums)))
          return failure();
        local[op->getResult(0)] = out;
        if (op == body.split)
          sums = resident[op->getResult(0)] = out;
      }
    }
    for (Operation *op : body.ops) {
      auto regions = plan->regions.find(op);
      if (regions == plan->regions.end() || body.splitOps.contains(op))
        continue;
      Resident out = newResult(op, regions->second);
      if (failed(emitOne(op, *plan, resident, out, /*accumulates=*/false)))
        return failure();
      resident[op->getResult(0)] = out;
    }
    emitCopy(anchor->getLoc(), resident.find(body.result)->second.part(request),
             destination.boxed(request));
    done = true;
    for (int64_t d : llvm::reverse(tiling.order)) {
      if (++index[d] < count[d]) {
        done = false;
        break;
      }
      index[d] = 0;
    }
  }
  return success();
}
