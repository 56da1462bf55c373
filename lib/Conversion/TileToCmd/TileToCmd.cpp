//===- TileToCmd.cpp - Buffers become addresses ---------------------------===//
//
// Straight runs of groups become segments with queues and semaphores; branches
// and loops stay what they are, with a barrier around each.
//
//===----------------------------------------------------------------------===//
#include "Sync.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Conversion/Passes.h"
#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Dialect/Hyb/IR/PhaseMark.h"
#include "hybridc/Dialect/Refusal.h"
#include "hybridc/Dialect/Tile/IR/Facts.h"
#include "hybridc/Stream/CommandSpec.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

namespace hybridc {
#define GEN_PASS_DEF_TILETOCMD
#include "hybridc/Conversion/Passes.h.inc"
} // namespace hybridc

namespace {
class Converter {
public:
  Converter(ModuleOp module, StringRef precision, const chip::Chip &chip)
      : module(module), precision(precision), chip(chip),
        builder(module.getContext()) {}

  LogicalResult run();

private:
  FailureOr<int64_t> addressOf(Value view, Operation *user);
  FailureOr<stream::View> viewOf(Value view, Operation *user,
                                 uint64_t *base = nullptr);
  FailureOr<cmd::ViewAttr> attrOf(Value view, Operation *user);
  int64_t originOf(tile::GroupOp group);
  int64_t originOf(Location loc);
  int64_t addOrigin(Location loc, StringRef group, StringRef engine,
                    StringRef precision, StringRef reason, double latency_ns,
                    double energy_pj);
  LogicalResult convertBlock(Block &block);
  LogicalResult convertRun(ArrayRef<Operation *> run);
  FailureOr<Step> stepOf(tile::DoOp op, int64_t origin);
  LogicalResult checkEntryOf(tile::BufferOp buffer);
  bool isBoundTo(tile::BufferOp buffer, tile::EntryOp entry);
  void emitTables();

  ModuleOp module;
  StringRef precision;
  const chip::Chip &chip;
  OpBuilder builder;
  SmallVector<Value> counters; ///< of the enclosing loops, outermost first
  llvm::StringMap<int64_t> vecPrograms, arrays;
  DenseMap<Attribute, int64_t> originNumbers;
  Block *originBlock = nullptr;   ///< holds the cmd.origin ops until the end
  bool hasSeveralEntries = false; ///< that compute
  int64_t numOrigins = 0;
};
} // namespace

FailureOr<int64_t> Converter::addressOf(Value view, Operation *user) {
  Operation *root = tile::rootOf(view);
  auto address =
      root ? root->getAttrOfType<IntegerAttr>("address") : IntegerAttr();
  if (!address)
    return user->emitOpError("an operand's buffer has no address; run "
                             "tile-allocate before");
  return address.getInt();
}

FailureOr<stream::View> Converter::viewOf(Value view, Operation *user,
                                          uint64_t *base) {
  auto address = addressOf(view, user);
  if (failed(address))
    return failure();
  if (base)
    *base = static_cast<uint64_t>(*address);
  auto type = cast<tile::ViewType>(view.getType());
  int64_t size = tile::sizeOf(type.getElementType());
  stream::View out;
  out.space = type.isDram() ? stream::Space::Dram : stream::Space::Sram;
  out.type = *tryDTypeOf(type.getElementType());
  out.address = static_cast<uint64_t>(*address + type.getOffset() * size);
  out.shape.assign(type.getShape().begin(), type.getShape().end());
  out.strides.assign(type.getStrides().begin(), type.getStrides().end());
  std::vector<int64_t> steps(counters.size(), 0);
  Value at = view;
  while (auto subview = at.getDefiningOp<tile::SubviewOp>()) {
    at = subview.getSource();
    for (auto [counter, amount] :
         llvm::zip(subview.getCounters(), subview.getSteps())) {
      auto *found = llvm::find(counters, counter);
      if (found == counters.end())
        return user->emitOpError("a view moves with a counter of no enclosing "
                                 "loop");
      steps[found - counters.begin()] += amount * size;
    }
  }
  while (!steps.empty() && steps.back() == 0)
    steps.pop_back();
  out.steps = std::move(steps);
  return out;
}

FailureOr<cmd::ViewAttr> Converter::attrOf(Value view, Operation *user) {
  auto out = viewOf(view, user);
  if (failed(out))
    return failure();
  return cmd::fromStream(builder.getContext(), *out);
}

int64_t Converter::addOrigin(Location loc, StringRef group, StringRef engine,
                             StringRef format, StringRef reason,
                             double latency_ns, double energy_pj) {
  std::string node = hyb::nodeNameOf(loc), type = hyb::opTypeOf(loc);
  Attribute key =
      builder.getStrArrayAttr({node, type, group, engine, format, reason});
  auto [entry, isNew] = originNumbers.try_emplace(key, numOrigins);
  if (!isNew)
    return entry->second;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(originBlock);
  cmd::OriginOp::create(builder, loc, node, type, group, engine, format, reason,
                        APFloat(latency_ns), APFloat(energy_pj));
  return numOrigins++;
}

int64_t Converter::originOf(tile::GroupOp group) {
  return addOrigin(group.getLoc(), group.getName(), group.getEngine(),
                   group.getPrecision(), group.getReason(),
                   group.getLatencyNs().convertToDouble(),
                   group.getEnergyPj().convertToDouble());
}

int64_t Converter::originOf(Location loc) {
  return addOrigin(loc, hyb::nodeNameOf(loc), "ctl", "", "", 0, 0);
}

FailureOr<Step> Converter::stepOf(tile::DoOp op, int64_t origin) {
  Step step;
  if (!op.getQueue())
    return op.emitOpError("has no queue; run tile-schedule before");
  if (!stream::parseOp(op.getCommand(), step.command.op))
    return op.emitOpError("unknown command");
  auto operands = [&](OperandRange views, std::vector<stream::View> &out) {
    for (Value view : views) {
      uint64_t base = 0;
      auto converted = viewOf(view, op, &base);
      if (failed(converted))
        return failure();
      out.push_back(std::move(*converted));
      step.bases.push_back(base);
    }
    return success();
  };
  if (failed(operands(op.getIns(), step.command.ins)) ||
      failed(operands(op.getOuts(), step.command.outs)) ||
      failed(tile::attributesToStream(op.getAttrs(), step.command.attrs,
                                      [&] { return op.emitOpError(); })))
    return failure();
  auto numberOf = [&](StringRef name, Attribute attr) -> FailureOr<int64_t> {
    auto symbol = dyn_cast<FlatSymbolRefAttr>(attr);
    auto &table = name == "program" ? vecPrograms : arrays;
    auto found = symbol ? table.find(symbol.getValue()) : table.end();
    if (found == table.end())
      return op.emitOpError("'") << name << "' names nothing in this module";
    return found->second;
  };
  for (NamedAttribute named : op.getAttrs()) {
    stream::Attr attr;
    attr.name = named.getName().str();
    SmallVector<Attribute> symbols;
    if (isa<SymbolRefAttr>(named.getValue()))
      symbols.push_back(named.getValue());
    else if (auto list = dyn_cast<ArrayAttr>(named.getValue()))
      symbols.append(list.begin(), list.end());
    if (symbols.empty())
      continue;
    for (Attribute symbol : symbols) {
      auto number = numberOf(named.getName(), symbol);
      if (failed(number))
        return failure();
      attr.ints.push_back(*number);
    }
    step.command.attrs.push_back(std::move(attr));
  }
  llvm::sort(step.command.attrs,
             [](const auto &a, const auto &b) { return a.name < b.name; });
  step.command.origin = static_cast<uint32_t>(origin);
  return step;
}

LogicalResult Converter::convertRun(ArrayRef<Operation *> run) {
  std::vector<Step> steps;
  std::vector<std::string> queues;
  auto append = [&](tile::DoOp op, int64_t origin) -> LogicalResult {
    auto step = stepOf(op, origin);
    if (failed(step))
      return failure();
    std::string name = op.getQueue()->str();
    auto found = llvm::find(queues, name);
    step->queue = static_cast<unsigned>(found - queues.begin());
    if (found == queues.end())
      queues.push_back(name);
    steps.push_back(std::move(*step));
    return success();
  };
  for (Operation *op : run) {
    if (auto command = dyn_cast<tile::DoOp>(op)) {
      if (failed(append(command, originOf(op->getLoc()))))
        return failure();
      continue;
    }
    auto group = dyn_cast<tile::GroupOp>(op);
    if (!group)
      continue; // buffers and views say nothing by themselves
    int64_t origin = originOf(group);
    for (auto command : group.getBody().front().getOps<tile::DoOp>())
      if (failed(append(command, origin)))
        return failure();
  }
  if (steps.empty())
    return success();
  // Queues in a fixed order, whatever came first.
  std::vector<std::string> sorted(queues);
  llvm::sort(sorted);
  for (Step &step : steps)
    step.queue = static_cast<unsigned>(llvm::find(sorted, queues[step.queue]) -
                                       sorted.begin());
  synchronize(steps, static_cast<unsigned>(sorted.size()));

  MLIRContext *context = builder.getContext();
  auto segment = cmd::SegmentOp::create(builder, run[0]->getLoc(),
                                        static_cast<int64_t>(sorted.size()));
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&segment.getBody());
  for (auto [number, name] : llvm::enumerate(sorted)) {
    auto queue = cmd::QueueOp::create(builder, run[0]->getLoc(), name);
    OpBuilder::InsertionGuard inner(builder);
    builder.createBlock(&queue.getBody());
    for (const Step &step : steps) {
      if (step.queue != number)
        continue;
      SmallVector<Attribute> ins, outs, waits;
      SmallVector<int32_t> signals;
      for (const stream::View &view : step.command.ins)
        ins.push_back(cmd::fromStream(context, view));
      for (const stream::View &view : step.command.outs)
        outs.push_back(cmd::fromStream(context, view));
      for (const stream::Wait &wait : step.command.waits)
        waits.push_back(
            cmd::WaitAttr::get(context, wait.id, wait.value, wait.steps));
      for (uint32_t id : step.command.signals)
        signals.push_back(static_cast<int32_t>(id));
      std::string_view name = stream::specOf(step.command.op).name;
      cmd::DoOp::create(builder, builder.getUnknownLoc(),
                        StringRef(name.data(), name.size()),
                        builder.getArrayAttr(ins), builder.getArrayAttr(outs),
                        tile::attributesFromStream(context, step.command.attrs),
                        builder.getArrayAttr(waits), signals,
                        static_cast<int64_t>(step.command.origin));
    }
  }
  return success();
}

LogicalResult Converter::convertBlock(Block &block) {
  SmallVector<Operation *> run;
  auto flush = [&]() {
    LogicalResult status = run.empty() ? success() : convertRun(run);
    run.clear();
    return status;
  };
  auto inside = [&](Region &from, Region &to) -> LogicalResult {
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&to);
    return from.empty() ? success() : convertBlock(from.front());
  };
  for (Operation &op : block) {
    if (auto branch = dyn_cast<tile::IfOp>(op)) {
      if (failed(flush()))
        return failure();
      auto condition = attrOf(branch.getCondition(), branch);
      if (failed(condition))
        return failure();
      auto out = cmd::IfOp::create(builder, op.getLoc(), *condition,
                                   originOf(op.getLoc()));
      if (failed(inside(branch.getThenBody(), out.getThenBody())) ||
          failed(inside(branch.getElseBody(), out.getElseBody())))
        return failure();
    } else if (auto loop = dyn_cast<tile::LoopOp>(op)) {
      if (failed(flush()))
        return failure();
      SmallVector<Attribute> trip, condition;
      for (auto [views, list] : {std::pair(loop.getTrip(), &trip),
                                 std::pair(loop.getCondition(), &condition)})
        for (Value view : views) {
          auto attr = attrOf(view, loop);
          if (failed(attr))
            return failure();
          list->push_back(*attr);
        }
      auto out = cmd::LoopOp::create(
          builder, op.getLoc(), static_cast<int64_t>(loop.getMax()),
          builder.getArrayAttr(trip), builder.getArrayAttr(condition),
          originOf(op.getLoc()));
      counters.push_back(loop.getBody().getArgument(0));
      if (failed(inside(loop.getBody(), out.getBody())))
        return failure();
      counters.pop_back();
    } else {
      run.push_back(&op);
    }
  }
  return flush();
}

/// `program` and `recalibrate` serve the arrays; the others compute, with
/// inputs and outputs of their own.
static bool isComputing(tile::EntryOp entry) {
  return entry.getSymName() != "program" && entry.getSymName() != "recalibrate";
}

/// Whether an op of the entry touches a view of the buffer.
static bool isUsedIn(Value view, tile::EntryOp entry) {
  return llvm::any_of(view.getUsers(), [&](Operation *user) {
    auto subview = dyn_cast<tile::SubviewOp>(user);
    return subview ? isUsedIn(subview.getView(), entry)
                   : user->getParentOfType<tile::EntryOp>() == entry;
  });
}

/// `tile.entry` names an entry that computes.
LogicalResult Converter::checkEntryOf(tile::BufferOp buffer) {
  Attribute attr = buffer->getAttr(tile::kEntryAttr);
  auto named = dyn_cast_if_present<StringAttr>(attr);
  bool isThere =
      named &&
      llvm::any_of(module.getOps<tile::EntryOp>(), [&](tile::EntryOp entry) {
        return isComputing(entry) && entry.getSymName() == named;
      });
  if (!attr || isThere)
    return success();
  return buffer.emitOpError("tile.entry names no entry that computes: ")
         << attr;
}

/// A tensor at the edge belongs to the entry that it names (`tile.entry`), else
/// to those that use it; to all where there is one entry, or none uses it.
bool Converter::isBoundTo(tile::BufferOp buffer, tile::EntryOp entry) {
  if (auto named = buffer->getAttrOfType<StringAttr>(tile::kEntryAttr))
    return named.getValue() == entry.getSymName();
  if (!hasSeveralEntries || isUsedIn(buffer.getView(), entry))
    return true;
  return llvm::none_of(module.getOps<tile::EntryOp>(), [&](auto other) {
    return isUsedIn(buffer.getView(), other);
  });
}

/// DRAM segments, vector programs and arrays, in the order of their numbers.
void Converter::emitTables() {
  SmallVector<std::pair<int64_t, Operation *>> placed;
  for (Operation &op : *module.getBody()) {
    auto address = op.getAttrOfType<IntegerAttr>("address");
    if (!address)
      continue;
    auto buffer = dyn_cast<tile::BufferOp>(op);
    if (!buffer || buffer.getKind() != "scratch")
      placed.push_back({address.getInt(), &op});
  }
  llvm::sort(placed, llvm::less_first());
  for (auto &[address, op] : placed) {
    auto type = cast<tile::ViewType>(op->getResult(0).getType());
    auto constant = dyn_cast<tile::ConstantOp>(op);
    auto buffer = dyn_cast<tile::BufferOp>(op);
    // An input and an output may have the same name; segments may not.
    std::string name = constant
                           ? constant.getName().str()
                           : (buffer.getKind() + " " + buffer.getName()).str();
    // Nor may the inputs of two entries.
    if (auto entry = op->getAttrOfType<StringAttr>(tile::kEntryAttr))
      name = entry.str() + " " + name;
    StringRef kind = constant                      ? "constant"
                     : buffer.getKind() == "state" ? "state"
                                                   : "scratch";
    // A tensor without elements still has a place, which nothing reads.
    bool isEmpty = type.getDenseBytes() == 0;
    cmd::SegmentDataOp::create(
        builder, op->getLoc(), name, isEmpty ? "scratch" : kind, address,
        isEmpty ? 1 : type.getDenseBytes(),
        constant && !isEmpty ? constant.getValue() : ElementsAttr());
  }
  auto bytes = module->getAttrOfType<IntegerAttr>(tile::kScratchBytesAttr);
  if (bytes && bytes.getInt())
    cmd::SegmentDataOp::create(
        builder, module.getLoc(), "scratch", "scratch",
        module->getAttrOfType<IntegerAttr>(tile::kScratchAddressAttr).getInt(),
        bytes.getInt(), ElementsAttr());
  for (auto op : module.getOps<tile::VecProgramOp>()) {
    int64_t number = vecPrograms.size();
    vecPrograms[op.getSymName()] = number;
    cmd::VecProgramOp::create(builder, op.getLoc(), op.getSymName(),
                              static_cast<int64_t>(op.getNumIns()),
                              static_cast<int64_t>(op.getNumOuts()),
                              op.getRegisters(), op.getCode());
  }
}

LogicalResult Converter::run() {
  auto integer = [&](StringRef name) -> int64_t {
    auto attr = module->getAttrOfType<IntegerAttr>(name);
    return attr ? attr.getInt() : 0;
  };
  auto model = module->getAttrOfType<StringAttr>(hyb::kModelAttr);
  int64_t scratchEnd =
      integer(tile::kScratchAddressAttr) + integer(tile::kScratchBytesAttr);
  builder.setInsertionPointToEnd(module.getBody());
  auto program = cmd::ProgramOp::create(
      builder, module.getLoc(), model ? model.getValue() : StringRef(""),
      chip.name, precision, scratchEnd, integer(tile::kSramBytesAttr),
      integer(tile::kSramLowerBoundAttr), chip::printChip(chip),
      module->getAttrOfType<StringAttr>(tile::kFaultsAttr),
      module->getAttrOfType<FloatAttr>(tile::kHorizonAttr),
      module->getAttrOfType<DictionaryAttr>(tile::kRecalibrateAttr));
  SmallVector<Operation *> old;
  for (Operation &op : *module.getBody())
    if (&op != program)
      old.push_back(&op);
  for (auto buffer : module.getOps<tile::BufferOp>())
    if (failed(checkEntryOf(buffer)))
      return failure();
  Block *body = builder.createBlock(&program.getBody());
  hasSeveralEntries =
      llvm::count_if(module.getOps<tile::EntryOp>(), isComputing) > 1;
  emitTables();
  Block origins;
  originBlock = &origins;
  for (auto op : module.getOps<tile::ArrayOp>()) {
    int64_t number = arrays.size();
    arrays[op.getSymName()] = number;
    builder.setInsertionPointToEnd(body);
    cmd::ArrayOp::create(
        builder, op.getLoc(), op.getSymName(), op.getKind(),
        static_cast<int64_t>(op.getRows()), static_cast<int64_t>(op.getCols()),
        static_cast<int64_t>(op.getSlices()),
        static_cast<int64_t>(op.getCellBits()), op.getMapping(),
        static_cast<int64_t>(op.getPhysical()), originOf(op.getLoc()),
        op.getRowMapAttr(), op.getColMapAttr(), op.getFlippedAttr());
  }
  for (auto entry : module.getOps<tile::EntryOp>()) {
    builder.setInsertionPointToEnd(body);
    auto out =
        cmd::EntryOp::create(builder, entry.getLoc(), entry.getSymName());
    builder.createBlock(&out.getBody());
    if (isComputing(entry))
      for (auto buffer : module.getOps<tile::BufferOp>()) {
        if (buffer.getKind() != "input" && buffer.getKind() != "output")
          continue;
        if (!isBoundTo(buffer, entry))
          continue;
        auto view = attrOf(buffer.getView(), buffer);
        if (failed(view))
          return failure();
        cmd::BindingOp::create(builder, buffer.getLoc(), buffer.getKind(),
                               buffer.getName(), *view);
      }
    if (failed(convertBlock(entry.getBody().front())))
      return failure();
  }
  // Origins stand before the entries.
  Operation *firstEntry = nullptr;
  for (Operation &op : *body)
    if (isa<cmd::EntryOp>(op) && !firstEntry)
      firstEntry = &op;
  while (!origins.empty()) {
    Operation &op = origins.front();
    if (firstEntry)
      op.moveBefore(firstEntry);
    else
      op.moveBefore(body, body->end());
  }
  for (Operation *op : old)
    op->dropAllReferences();
  for (Operation *op : old)
    op->erase();
  for (StringRef name :
       {tile::kScratchAddressAttr, tile::kScratchBytesAttr,
        tile::kSramBytesAttr, tile::kSramLowerBoundAttr, tile::kFaultsAttr,
        tile::kHorizonAttr, tile::kRecalibrateAttr})
    module->removeAttr(name);
  return success();
}

namespace {
struct TileToCmd : hybridc::impl::TileToCmdBase<TileToCmd> {
  using TileToCmdBase::TileToCmdBase;

  void runOnOperation() override {
    auto chip = valueOrRefuse(getOperation(), chip::loadChip(target));
    if (failed(chip))
      return signalPassFailure();
    Converter converter(getOperation(), precision, *chip);
    if (failed(converter.run()))
      return signalPassFailure();
    hyb::markPhase(getOperation(), "emit");
  }
};
} // namespace
