//===- HybToTile.cpp - Tensors become buffers -----------------------------===//
#include "Lowering.h"

#include "hybridc/Conversion/Passes.h"
#include "hybridc/Dialect/Hyb/IR/Commands.h"
#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Dialect/Hyb/IR/PhaseMark.h"
#include "hybridc/Dialect/Hyb/IR/Refuse.h"
#include "hybridc/Dialect/Hyb/Transforms/Homes.h"
#include "hybridc/Dialect/Refusal.h"
#include "hybridc/Dialect/Tile/IR/Facts.h"
#include "hybridc/Dialect/Tile/Transforms/FitsScratchpad.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

Lowering::Lowering(ModuleOp module, const chip::Chip &chip, ArrayPolicy policy)
    : module(module), chip(chip), context(module.getContext()),
      top(module.getContext()), builder(module.getContext()),
      pool(std::move(policy)) {}

//===----------------------------------------------------------------------===//
// Building blocks
//===----------------------------------------------------------------------===//

Value Lowering::newBuffer(StringRef space, Type element,
                          ArrayRef<int64_t> shape, StringRef name) {
  auto type = tile::ViewType::getDense(space, element, shape);
  // DRAM buffers belong to the module: several entries may share them.
  OpBuilder &where = space == "dram" ? top : builder;
  return tile::BufferOp::create(where, where.getUnknownLoc(), type, "scratch",
                                (name + Twine(nextBuffer++)).str(),
                                IntegerAttr());
}

void Lowering::emitCommand(Location loc, StringRef name, ValueRange ins,
                           ValueRange outs, ArrayRef<NamedAttribute> attrs) {
  tile::DoOp::create(builder, loc, name, ins, outs,
                     builder.getDictionaryAttr(attrs), StringAttr());
}

void Lowering::emitCopy(Location loc, const Ref &from, const Ref &to) {
  for (int64_t extent : to.shape)
    if (extent == 0)
      return;
  Value source = from.view(builder, loc), target = to.view(builder, loc);
  emitCommand(loc, "copy", source, target, {});
}

void Lowering::emitFill(Location loc, const Ref &to, uint64_t bits) {
  for (int64_t extent : to.shape)
    if (extent == 0)
      return;
  emitCommand(loc, "fill", {}, to.view(builder, loc),
              {builder.getNamedAttr("bits", builder.getI64IntegerAttr(
                                                static_cast<int64_t>(bits)))});
}

FailureOr<FlatSymbolRefAttr> Lowering::programFor(Operation *op) {
  auto program = cast<hyb::CommandOpInterface>(op).buildProgram();
  if (failed(program))
    return failure();
  if (!*program)
    return FlatSymbolRefAttr();
  stream::VecProgram &code = **program;
  // Programs of equal code are one.
  std::string key = llvm::formatv("{0},{1};", code.numIns, code.numOuts);
  for (stream::DType type : code.registers)
    key += stream::nameOf(type);
  for (const stream::VecInstr &instr : code.instrs)
    key += tile::printInstr(instr) + ";";
  std::string &symbol = programs[key];
  if (symbol.empty()) {
    symbol = llvm::formatv("v{0}", programs.size() - 1);
    code.name = symbol;
    tile::createVecProgram(top, op->getLoc(), symbol, code);
  }
  return FlatSymbolRefAttr::get(context, symbol);
}

LogicalResult Lowering::inGroup(Operation *op, StringRef engine,
                                StringRef precision,
                                function_ref<LogicalResult()> body) {
  std::string name = hyb::nodeNameOf(op->getLoc());
  std::string reason;
  double latency = 0, energy = 0;
  if (auto group = dyn_cast<hyb::GroupOp>(op)) {
    name = group.getName().str();
    reason = group.getReason().value_or("").str();
    if (auto cost = group.getCost()) {
      latency = cost->getLatencyNs().getValueAsDouble();
      energy = cost->getEnergyPj().getValueAsDouble();
    }
  }
  auto group =
      tile::GroupOp::create(builder, op->getLoc(), name, engine, precision,
                            reason, APFloat(latency), APFloat(energy));
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&group.getBody());
  return body();
}

FailureOr<Ref> Lowering::refOf(Value value) {
  auto found = refs.find(value);
  if (found != refs.end())
    return found->second;
  if (auto constant = value.getDefiningOp<hyb::ConstantOp>()) {
    Value &buffer =
        constants[{constant.getValue(), constant.getValue().getType()}];
    if (!buffer) {
      auto type = cast<RankedTensorType>(constant.getType());
      std::string name = hyb::nodeNameOf(constant.getLoc());
      // Names are unique in a stream; a node may hold several constants.
      name += llvm::formatv("{0}c{1}", name.empty() ? "" : ".",
                            constants.size() - 1);
      buffer = tile::ConstantOp::create(
          top, constant.getLoc(),
          tile::ViewType::getDense("dram", type.getElementType(),
                                   type.getShape()),
          name, constant.getValue(), IntegerAttr());
    }
    return refs[value] = Ref::of(buffer);
  }
  if (Operation *op = value.getDefiningOp())
    return hyb::refuseUnsupported(op) << "its value was not lowered";
  return hyb::refuseUnsupported(value.getParentBlock()->getParentOp())
         << "a block argument was not lowered";
}

Ref Lowering::destinationFor(Value value) {
  auto chosen = outputs.find(value);
  if (chosen != outputs.end())
    return chosen->second;
  auto type = cast<RankedTensorType>(value.getType());
  bool stays = homes.contains(value);
  return Ref::of(newBuffer(stays ? "sram" : "dram", type.getElementType(),
                           type.getShape(), stays ? "home" : "t"));
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

LogicalResult Lowering::lowerGroup(hyb::GroupOp group) {
  Block &block = group.getBlock();
  GroupBody body;
  llvm::SaveAndRestore restored(homeBytes, int64_t(homesAt.lookup(group)));
  for (auto [number, pair] : llvm::enumerate(
           llvm::zip(group.getOutputs(), group.getYield().getValues())))
    if (hyb::isHome(group, unsigned(number)))
      homes.insert_range(ArrayRef<Value>{std::get<0>(pair), std::get<1>(pair)});
  // What the inside sees of the outside.
  for (auto [argument, input] :
       llvm::zip(block.getArguments(), group.getInputs())) {
    if (!isa<RankedTensorType>(input.getType()))
      continue; // loop counters: counterOf()
    auto ref = refOf(input);
    if (failed(ref))
      return failure();
    refs[argument] = *ref;
  }
  bool untiled = false;
  for (Operation &op : block.without_terminator()) {
    if (isa<hyb::ConstantOp>(op))
      continue;
    // Views of what lies in DRAM are access patterns inside a group too.
    if (isa<hyb::AccessOpInterface>(op) && refs.contains(op.getOperand(0))) {
      if (failed(lowerView(&op)))
        return failure();
      continue;
    }
    if (!isa<hyb::TileableOpInterface>(op))
      untiled = true;
    body.ops.push_back(&op);
  }
  auto place = group.getPlace();
  StringRef engine = place ? place->getEngine() : "";
  StringRef format = place ? place->getFormat() : "";
  if (untiled) {
    if (body.ops.size() != 1)
      return hyb::refuseUnsupported(group)
             << "'" << body.ops[0]->getName()
             << "' cannot share a group; --no-fuse would help";
    Operation *op = body.ops[0];
    for (auto [inner, outer] :
         llvm::zip(group.getYield().getValues(), group.getOutputs()))
      // A copy: the map may grow, and move what it holds.
      if (auto chosen = outputs.find(outer); chosen != outputs.end())
        outputs.try_emplace(inner, Ref(chosen->second));
    if (failed(isa<hyb::CommandOpInterface>(op) ? lowerUntiled(op)
                                                : lowerMovement(op)))
      return failure();
    for (auto [inner, outer] :
         llvm::zip(group.getYield().getValues(), group.getOutputs())) {
      auto ref = refOf(inner);
      if (failed(ref))
        return failure();
      refs[outer] = *ref;
    }
    return success();
  }

  for (auto [number, outer] : llvm::enumerate(group.getOutputs())) {
    body.result = group.getYield().getValues()[number];
    if (body.ops.empty() || refs.contains(body.result)) {
      auto ref = refOf(body.result); // nothing but a view
      if (failed(ref))
        return failure();
      refs[outer] = *ref;
      continue;
    }
    body.args.clear();
    std::optional<OnArrays> arrays;
    Operation *contraction = group.getContraction();
    if (engine == "array") {
      auto weights = refOf(contraction->getOperand(1));
      if (failed(weights))
        return failure();
      auto placed =
          placeWeights(contraction, *weights, place->getKind(), group);
      if (failed(placed))
        return failure();
      arrays.emplace();
      arrays->set = std::move(*placed);
      if (auto range = group->getAttrOfType<FloatAttr>(hyb::kInputRangeAttr))
        arrays->inputRange = range.getValueAsDouble();
      arrays->ideal = format == "ideal";
      body.analog = contraction;
    }
    for (Operation *op : body.ops)
      for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
        if (op == body.analog && index == 1)
          continue;
        Operation *producer = operand.getDefiningOp();
        if (producer && llvm::is_contained(body.ops, producer))
          continue;
        auto ref = refOf(operand);
        if (failed(ref))
          return failure();
        body.args.insert({operand, *ref});
      }
    Ref destination = destinationFor(outer);
    refs[outer] = destination;
    StringRef where = engine == "array" ? place->getKind() : engine;
    if (failed(inGroup(group, where, format, [&] {
          return emitTiles(body, destination, group, arrays);
        })))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

LogicalResult Lowering::lowerOp(Operation *op) {
  if (auto group = dyn_cast<hyb::GroupOp>(op))
    return lowerGroup(group);
  if (isa<hyb::ConstantOp>(op))
    return success(); // on first use
  if (isa<hyb::AccessOpInterface>(op))
    return lowerView(op);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return lowerIf(branch);
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return lowerSelect(select);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return lowerFor(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return lowerWhile(loop);
  // Scalars are read where they are used.
  if (isa<tensor::ExtractOp, arith::ConstantOp>(op))
    return success();
  if (isa<hyb::TileableOpInterface>(op)) {
    GroupBody body;
    body.ops = {op};
    body.result = op->getResult(0);
    for (Value operand : op->getOperands()) {
      auto ref = refOf(operand);
      if (failed(ref))
        return failure();
      body.args.insert({operand, *ref});
    }
    Ref destination = destinationFor(body.result);
    refs[body.result] = destination;
    return inGroup(op, cast<hyb::CommandOpInterface>(op).getEngine(), "", [&] {
      return emitTiles(body, destination, op, std::nullopt);
    });
  }
  if (isa<hyb::CommandOpInterface>(op))
    return lowerUntiled(op);
  if (isa<hyb::MovementOpInterface>(op))
    return lowerMovement(op);
  return hyb::refuseUnsupported(op)
         << "'" << op->getName() << "' has no lowering to the chip";
}

LogicalResult Lowering::lowerBlock(Block &block) {
  for (Operation &op : block)
    if (!op.hasTrait<OpTrait::IsTerminator>())
      if (failed(lowerOp(&op)))
        return failure();
  return success();
}

/// No tensor may be larger than the DRAM: before anything counts its elements.
LogicalResult Lowering::checkExtents(func::FuncOp func) {
  auto check = [&](Operation *op, Type type) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !tensor.hasStaticShape())
      return success();
    std::optional<stream::DType> dtype = tryDTypeOf(tensor.getElementType());
    // An empty tensor has no bytes, however large its other extents.
    uint64_t bytes = dtype ? stream::sizeOf(*dtype) : 8;
    bool isEmpty = llvm::is_contained(tensor.getShape(), 0);
    for (int64_t extent : tensor.getShape())
      bytes = isEmpty ? 0 : llvm::SaturatingMultiply(bytes, uint64_t(extent));
    if (bytes <= chip.dram.bytes)
      return success();
    return hyb::refuseTooLarge(op)
           << type << " alone is larger than the " << chip.dram.bytes
           << " bytes of DRAM of chip '" << chip.name << "'";
  };
  WalkResult walked = func.walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      if (failed(check(op, type)))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  for (Type type : func.getArgumentTypes())
    if (!walked.wasInterrupted() && failed(check(func, type)))
      return failure();
  return failure(walked.wasInterrupted());
}

LogicalResult Lowering::lowerFunction(func::FuncOp func) {
  if (!llvm::hasSingleElement(func.getBody()))
    return hyb::refuseUnsupported(func) << "an entry is one block";
  if (failed(checkExtents(func)))
    return failure();
  homesAt = hyb::homeBytesAt(func);
  top.setInsertionPoint(func);
  auto nameOf = [&](DictionaryAttr attrs, const char *fallback, size_t number) {
    if (attrs)
      if (auto name = attrs.getAs<StringAttr>(hyb::kNameAttr))
        return name.str();
    return (fallback + Twine(number)).str();
  };
  llvm::StringSet<> inputNames, outputNames;
  auto isNew = [&](llvm::StringSet<> &names, StringRef what, StringRef name) {
    if (names.insert(name).second)
      return success();
    return LogicalResult(refuse(func.getOperation(), ExitCode::InvalidInput)
                         << "two " << what << " are called '" << name
                         << "' (hyb.name)");
  };
  auto edge = [&](RankedTensorType type, StringRef kind, StringRef name) {
    auto view = tile::ViewType::getDense("dram", type.getElementType(),
                                         type.getShape());
    auto buffer = tile::BufferOp::create(top, func.getLoc(), view, kind, name,
                                         IntegerAttr());
    if (!llvm::hasSingleElement(module.getOps<func::FuncOp>()))
      buffer->setAttr(tile::kEntryAttr, func.getSymNameAttr());
    return buffer;
  };
  for (auto [number, argument] : llvm::enumerate(func.getArguments())) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type || !type.hasStaticShape() || !tryDTypeOf(type.getElementType()))
      return hyb::refuseUnsupported(func)
             << "input " << number << " has type " << argument.getType()
             << ", which no memory of the chip holds";
    std::string name = nameOf(func.getArgAttrDict(number), "x", number);
    if (failed(isNew(inputNames, "inputs", name)))
      return failure();
    refs[argument] = Ref::of(edge(type, "input", name));
  }
  auto ret = cast<func::ReturnOp>(func.getBody().front().getTerminator());
  SmallVector<std::pair<Value, Ref>> results;
  for (auto [number, value] : llvm::enumerate(ret.getOperands())) {
    auto type = cast<RankedTensorType>(value.getType());
    std::string name = nameOf(func.getResultAttrDict(number), "y", number);
    if (failed(isNew(outputNames, "outputs", name)))
      return failure();
    Ref output = Ref::of(edge(type, "output", name));
    // The first use of a group's result may be computed in place.
    bool computed =
        value.getDefiningOp() &&
        !isa<hyb::AccessOpInterface>(value.getDefiningOp()) &&
        !isa<hyb::ConstantOp>(value.getDefiningOp()) &&
        value.getDefiningOp()->getBlock() == ret->getBlock() &&
        !isa<scf::IfOp, scf::ForOp, scf::WhileOp>(value.getDefiningOp());
    if (computed)
      outputs.try_emplace(value, output);
    results.push_back({value, output});
  }
  auto entry = tile::EntryOp::create(top, func.getLoc(), func.getSymName());
  // The tables go before the entry, whatever is lowered later.
  top.setInsertionPoint(entry);
  builder.setInsertionPointToEnd(&entry.getBody().emplaceBlock());
  if (failed(lowerBlock(func.getBody().front())))
    return failure();
  for (auto &[value, output] : results) {
    auto ref = refOf(value);
    if (failed(ref))
      return failure();
    // Computed in place, unless it turned out to be a view of something else.
    if (ref->buffer == output.buffer)
      continue;
    Operation *anchor = value.getDefiningOp() ? value.getDefiningOp() : ret;
    if (failed(inGroup(anchor, "dma", "", [&, to = output] {
          emitCopy(anchor->getLoc(), *ref, to);
          return success();
        })))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace hybridc {
#define GEN_PASS_DEF_HYBTOTILE
#include "hybridc/Conversion/Passes.h.inc"
} // namespace hybridc

/// What the stream has to say about its arrays: only if it has any.
static void recordPolicy(ModuleOp module, const lower::ArrayPolicy &policy) {
  bool hasArrays = !module.getOps<tile::ArrayOp>().empty();
  Builder builder(module.getContext());
  if (hasArrays && !policy.faults.empty())
    module->setAttr(tile::kFaultsAttr,
                    builder.getStringAttr(chip::printFaults(policy.faults)));
  if (hasArrays && policy.horizon_s > 0)
    module->setAttr(tile::kHorizonAttr,
                    builder.getF64FloatAttr(policy.horizon_s));
  SmallVector<NamedAttribute> again;
  auto add = [&](StringRef entry, const std::vector<double> &at_s) {
    if (!at_s.empty())
      again.push_back(
          builder.getNamedAttr(entry, builder.getDenseF64ArrayAttr(at_s)));
  };
  add("program", policy.programAt_s);
  add("recalibrate", policy.gainAt_s);
  if (hasArrays && !again.empty())
    module->setAttr(tile::kRecalibrateAttr, builder.getDictionaryAttr(again));
}

static LogicalResult lowerAll(ModuleOp module, const chip::Chip &chip,
                              const ArrayPolicy &policy) {
  Lowering lowering(module, chip, policy);
  SmallVector<func::FuncOp> functions(module.getOps<func::FuncOp>());
  for (func::FuncOp func : functions)
    if (failed(lowering.lowerFunction(func)))
      return failure();
  for (func::FuncOp func : functions)
    func.erase();
  return success();
}

/// A lowered copy of the module as it is planned; null where that fails or
/// `allocate` would find no room.
static OwningOpRef<ModuleOp> tryLower(ModuleOp planned, const chip::Chip &chip,
                                      const ArrayPolicy &policy) {
  OwningOpRef<ModuleOp> trial = planned.clone();
  ScopedDiagnosticHandler quiet(planned.getContext(),
                                [](Diagnostic &) { return success(); });
  if (failed(lowerAll(*trial, chip, policy)) ||
      !tile::fitsScratchpad(*trial, int64_t(chip.sram.bytes)))
    return {};
  return trial;
}

/// A plan counts bytes, allocate must find addresses: where it cannot, homes
/// are planned anew with less, in the end none. Null where it is not for want
/// of room that the module cannot be lowered: it has no homes then.
static OwningOpRef<ModuleOp> lowerWithRoom(ModuleOp module,
                                           const chip::Chip &chip,
                                           const ArrayPolicy &policy) {
  if (OwningOpRef<ModuleOp> lowered = tryLower(module, chip, policy))
    return lowered;
  auto tryWith = [&](int tenths) {
    for (auto func : module.getOps<func::FuncOp>())
      hyb::planHomes(func, chip.sram.bytes / 10 * tenths);
    return tryLower(module, chip, policy);
  };
  OwningOpRef<ModuleOp> without = tryWith(0);
  if (!without)
    return {};
  OwningOpRef<ModuleOp> lowered;
  int tenths = 10;
  while (!lowered && (tenths -= 2) > 0)
    lowered = tryWith(tenths);
  emitRemark(module.getLoc())
      << "the homes as planned find no room in the scratchpad; planned again "
         "with "
      << 10 * tenths << " % of it";
  return lowered ? std::move(lowered) : std::move(without);
}

/// Homes first: their lowering is kept where it finds room.
static LogicalResult lowerModule(ModuleOp module, const chip::Chip &chip,
                                 const ArrayPolicy &policy) {
  bool hasHomes = module
                      .walk([](hyb::GroupOp group) {
                        return group->hasAttr(hyb::kHomesAttr)
                                   ? WalkResult::interrupt()
                                   : WalkResult::advance();
                      })
                      .wasInterrupted();
  OwningOpRef<ModuleOp> lowered;
  if (hasHomes)
    lowered = lowerWithRoom(module, chip, policy);
  if (!lowered)
    return lowerAll(module, chip, policy);
  module.getBodyRegion().takeBody(lowered->getBodyRegion());
  return success();
}

namespace {
struct HybToTile : hybridc::impl::HybToTileBase<HybToTile> {
  using HybToTileBase::HybToTileBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto chip = valueOrRefuse(module, chip::loadChip(target));
    if (failed(chip))
      return signalPassFailure();
    auto broken = valueOrRefuse(module, chip::loadFaults(faults, *chip));
    if (failed(broken))
      return signalPassFailure();
    ArrayPolicy policy{*broken, mapAround, {}, {}, horizon};
    llvm::append_range(policy.gainAt_s, gainAt);
    llvm::append_range(policy.programAt_s, programAt);
    for (auto func : module.getOps<func::FuncOp>())
      if (failed(hyb::checkHomes(func, chip->sram.bytes)))
        return signalPassFailure();
    if (failed(lowerModule(module, *chip, policy)))
      return signalPassFailure();
    recordPolicy(module, policy);
    hyb::markPhase(module, "lower");
  }
};
} // namespace
