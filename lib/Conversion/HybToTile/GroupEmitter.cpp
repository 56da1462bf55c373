//===- GroupEmitter.cpp - The tiles of a group ----------------------------===//
//
// For each tile: load what it needs (what the tile before left is kept),
// one command an op, store the result (but for what stays in the scratchpad).
// Buffers are made anew for each tile; `allocate` decides which of them share
// bytes, and thereby how far the tiles overlap.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "hybridc/Dialect/Hyb/IR/Commands.h"
#include "hybridc/Dialect/Hyb/IR/Refuse.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

namespace {
/// A value in the scratchpad: the box of it that is there, and where.
struct Resident {
  Box box;
  Ref lies;

  /// The part `want` of it, in the value's own dimensions.
  Ref part(const Box &want) const {
    Ref ref = lies;
    for (size_t d = 0; d < want.lo.size(); ++d) {
      ref.offset += (want.lo[d] - box.lo[d]) * ref.strides[d];
      ref.shape[d] = want.size[d];
    }
    return ref;
  }
  static Resident whole(const Ref &ref) { return {Box::whole(ref.shape), ref}; }
};

/// Describes the command of one op of a tile.
class TileEmitter {
public:
  TileEmitter(MLIRContext *context, const TilePlan &plan,
              const DenseMap<Value, Resident> &resident)
      : builder(context), plan(plan), resident(resident) {}

  /// Operand views and attributes of `op`, writing into `out`.
  LogicalResult describe(Operation *op, const Resident &out);
  /// The mvm command of a contraction on arrays.
  void describeAnalog(Operation *op, const Resident &out,
                      const OnArrays &arrays);

  SmallVector<Ref> ins, outs;
  SmallVector<NamedAttribute> attrs;
  StringRef command;

private:
  Ref operand(Operation *op, unsigned index) {
    const OpRegions &regions = plan.regions.find(op)->second;
    return resident.find(op->getOperand(index))
        ->second.part(regions.inputs[index]);
  }
  /// Its name and its attributes.
  void setFrom(const stream::Command &written);

  Builder builder;
  const TilePlan &plan;
  const DenseMap<Value, Resident> &resident;
};
} // namespace

void TileEmitter::setFrom(const stream::Command &written) {
  const stream::CommandSpec &spec = stream::specOf(written.op);
  command = StringRef(spec.name.data(), spec.name.size());
  llvm::append_range(
      attrs, tile::attributesFromStream(builder.getContext(), written.attrs));
}

LogicalResult TileEmitter::describe(Operation *op, const Resident &out) {
  const OpRegions &regions = plan.regions.find(op)->second;
  auto tileable = cast<hyb::TileableOpInterface>(op);
  stream::Command written;
  if (failed(cast<hyb::CommandOpInterface>(op).setCommand(written)))
    return failure();
  tileable.narrowCommand(regions, written);
  setFrom(written);
  outs = {out.part(regions.computed)};
  SmallVector<Strided, 2> operands;
  for (unsigned i = 0; i < op->getNumOperands(); ++i) {
    ins.push_back(operand(op, i));
    operands.push_back(ins.back());
  }
  tileable.arrangeOperands(operands, outs[0]);
  for (auto [in, arranged] : llvm::zip(ins, operands))
    in = in.with(arranged);
  return success();
}

void TileEmitter::describeAnalog(Operation *op, const Resident &out,
                                 const OnArrays &arrays) {
  const OpRegions &regions = plan.regions.find(op)->second;
  stream::Command written;
  written.op = stream::Op::Mvm;
  hyb::setInts(written, "k_offsets", arrays.set.kOffsets);
  hyb::setInts(written, "n_offsets", arrays.set.nOffsets);
  hyb::setFloats(written, "input_range", arrays.inputRange);
  hyb::setUnlessZero(written, "ideal", arrays.ideal);
  cast<hyb::ContractionOpInterface>(op).setArrayCommand(regions, written);
  setFrom(written);
  attrs.push_back(
      builder.getNamedAttr("arrays", builder.getArrayAttr(arrays.set.symbols)));
  ins = {operand(op, 0)};
  outs = {out.part(regions.computed)};
}

namespace hybridc::lower {
/// Writes the tiles of one group.
class GroupEmitter {
public:
  GroupEmitter(Lowering &lowering, GroupBody body, const Tiling &tiling,
               const Ref &destination, Operation *anchor,
               const std::optional<OnArrays> &arrays)
      : lowering(lowering), body(std::move(body)), tiling(tiling),
        destination(destination), anchor(anchor), arrays(arrays) {}

  LogicalResult run();

private:
  using Residents = DenseMap<Value, Resident>;

  Resident load(const Box &box, const Ref &from);
  Resident newResult(Operation *op, const OpRegions &regions);
  LogicalResult emitOne(Operation *op, const TilePlan &plan,
                        const Residents &resident, const Resident &out,
                        bool accumulates);
  /// Of what is summed up in parts: for each, what it is made from, then the
  /// sum onto the same result, which joins `resident`.
  LogicalResult emitParts(const Box &request, Residents &resident);
  LogicalResult emitTile(const Box &request);

  Lowering &lowering;
  GroupBody body;
  const Tiling &tiling;
  const Ref &destination;
  Operation *anchor;
  const std::optional<OnArrays> &arrays;
  Residents kept; ///< loaded operands of the tile before
};
} // namespace hybridc::lower

Resident GroupEmitter::load(const Box &box, const Ref &from) {
  Ref to = Ref::of(lowering.newBuffer("sram", from.element, box.size, "in"));
  lowering.emitCopy(anchor->getLoc(), from.boxed(box), to);
  return {box, to};
}

Resident GroupEmitter::newResult(Operation *op, const OpRegions &regions) {
  Value result = op->getResult(0);
  if (result == body.result && body.inPlace.contains(result))
    return Resident::whole(destination);
  Type element = hyb::tensorTypeOf(result).getElementType();
  return {regions.computed,
          Ref::of(lowering.newBuffer("sram", element, regions.computed.size,
                                     "out"))};
}

LogicalResult GroupEmitter::emitOne(Operation *op, const TilePlan &plan,
                                    const Residents &resident,
                                    const Resident &out, bool accumulates) {
  OpBuilder &builder = lowering.builder;
  TileEmitter emitter(lowering.context, plan, resident);
  if (op == body.analog) {
    emitter.describeAnalog(op, out, *arrays);
  } else {
    if (failed(emitter.describe(op, out)))
      return failure();
    auto program = lowering.programFor(op);
    if (failed(program))
      return failure();
    if (*program)
      emitter.attrs.push_back(builder.getNamedAttr("program", *program));
  }
  if (accumulates)
    emitter.attrs.push_back(
        builder.getNamedAttr("accumulate", builder.getI64IntegerAttr(1)));
  SmallVector<Value> ins, outs;
  for (const Ref &ref : emitter.ins)
    ins.push_back(ref.view(builder, op->getLoc()));
  for (const Ref &ref : emitter.outs)
    outs.push_back(ref.view(builder, op->getLoc()));
  lowering.emitCommand(op->getLoc(), emitter.command, ins, outs, emitter.attrs);
  return success();
}

LogicalResult GroupEmitter::emitParts(const Box &request, Residents &resident) {
  std::optional<Resident> sums;
  for (int64_t part = 0; body.split && part < body.parts; ++part) {
    auto plan = planTile(body, request, part);
    if (failed(plan))
      break; // the parts before were rounded up
    Residents local;
    for (auto &[value, ref] : body.args)
      if (body.splitArgs.contains(value))
        local[value] = body.inPlace.contains(value)
                           ? Resident::whole(ref)
                           : load(plan->boxes.find(value)->second, ref);
    for (Operation *op : body.ops) {
      auto regions = plan->regions.find(op);
      if (!body.splitOps.contains(op) || regions == plan->regions.end())
        continue;
      Resident out =
          op == body.split && sums ? *sums : newResult(op, regions->second);
      if (failed(emitOne(op, *plan, local, out,
                         /*accumulates=*/op == body.split && sums)))
        return failure();
      local[op->getResult(0)] = out;
      if (op == body.split)
        sums = resident[op->getResult(0)] = out;
    }
  }
  return success();
}

LogicalResult GroupEmitter::emitTile(const Box &request) {
  auto plan = planTile(body, request);
  if (failed(plan))
    return hyb::refuseUnsupported(anchor)
           << "a window lies wholly in its padding; smaller pads would help";
  Residents resident;
  for (auto &[value, ref] : body.args) {
    auto box = plan->boxes.find(value);
    if (box == plan->boxes.end() || body.splitArgs.contains(value))
      continue;
    if (body.inPlace.contains(value)) {
      resident[value] = Resident::whole(ref);
      continue;
    }
    auto before = kept.find(value);
    if (before != kept.end() && before->second.box == box->second) {
      resident[value] = before->second;
      continue;
    }
    resident[value] = load(box->second, ref);
  }
  kept = resident;
  if (failed(emitParts(request, resident)))
    return failure();
  for (Operation *op : body.ops) {
    auto regions = plan->regions.find(op);
    if (regions == plan->regions.end() || body.splitOps.contains(op))
      continue;
    Resident out = newResult(op, regions->second);
    if (failed(emitOne(op, *plan, resident, out, /*accumulates=*/false)))
      return failure();
    resident[op->getResult(0)] = out;
  }
  if (!body.inPlace.contains(body.result))
    lowering.emitCopy(anchor->getLoc(),
                      resident.find(body.result)->second.part(request),
                      destination.boxed(request));
  return success();
}

LogicalResult GroupEmitter::run() {
  ArrayRef<int64_t> shape = hyb::tensorTypeOf(body.result).getShape();
  // Odometer over the tiles, the innermost of `order` fastest.
  SmallVector<int64_t> index(shape.size(), 0);
  for (bool done = false; !done;) {
    Box request;
    for (auto [d, extent] : llvm::enumerate(shape)) {
      request.lo.push_back(index[d] * tiling.tile[d]);
      request.size.push_back(
          std::min(tiling.tile[d], extent - request.lo.back()));
    }
    if (failed(emitTile(request)))
      return failure();
    done = true;
    for (int64_t d : llvm::reverse(tiling.order)) {
      if (++index[d] * tiling.tile[d] < shape[d]) {
        done = false;
        break;
      }
      index[d] = 0;
    }
  }
  return success();
}

static bool isInScratchpad(const Ref &ref) {
  return !cast<tile::ViewType>(ref.buffer.getType()).isDram();
}

/// Whether engines read a value where it lies: in the scratchpad, neighbours
/// beside each other. Others are copied, as they are from DRAM.
static bool isReadInPlace(const Ref &ref) {
  if (!isInScratchpad(ref) || !ref.steps.empty())
    return false;
  if (llvm::any_of(ref.strides, [](int64_t stride) { return stride < 0; }))
    return false;
  for (size_t d = ref.shape.size(); d-- > 0;)
    if (ref.shape[d] > 1)
      return ref.strides[d] == 1;
  return true;
}

/// Half of what homes leave for a tile, so that the next one can be loaded;
/// where tiles of half of the scratchpad are much better, those.
static Tiling chooseBudget(GroupBody &body, int64_t left, int64_t all) {
  // Overlap hides loads behind work, and rarely more than a quarter of both.
  constexpr double kWorthOfOverlap = 1.25;
  if (left == all)
    return chooseSplit(body, left * 45 / 100);
  GroupBody roomy = body;
  Tiling half = chooseSplit(roomy, left * 45 / 100);
  Tiling large = chooseSplit(body, std::min(left, all * 45 / 100));
  if (half.bytes <= left &&
      (large.bytes > left || half.score <= kWorthOfOverlap * large.score)) {
    body = std::move(roomy);
    return half;
  }
  return large;
}

LogicalResult Lowering::emitTiles(GroupBody body, const Ref &destination,
                                  Operation *anchor,
                                  const std::optional<OnArrays> &arrays) {
  if (hyb::tensorTypeOf(body.result).getNumElements() == 0)
    return success();
  int64_t capacity = static_cast<int64_t>(chip.sram.bytes) - homeBytes;
  for (auto &[value, ref] : body.args)
    if (isReadInPlace(ref))
      body.inPlace.insert(value);
  if (isInScratchpad(destination) && body.result.getDefiningOp())
    body.inPlace.insert(body.result);
  Tiling tiling = chooseBudget(body, capacity, int64_t(chip.sram.bytes));
  if (tiling.bytes > capacity)
    return hyb::refuseTooLarge(anchor)
           << "its smallest tile needs " << tiling.bytes
           << " bytes of scratchpad, chip '" << chip.name << "' has "
           << capacity << (homeBytes ? " beside what stays there" : "")
           << "; a target with a larger scratchpad or a smaller --dim would "
              "help";
  return GroupEmitter(*this, std::move(body), tiling, destination, anchor,
                      arrays)
      .run();
}
