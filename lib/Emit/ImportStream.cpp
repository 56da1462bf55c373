//===- ImportStream.cpp - Command stream → cmd ----------------------------===//
#include "hybridc/Dialect/Tile/IR/Tile.h"
#include "hybridc/Emit/Emit.h"
#include "hybridc/Stream/CommandSpec.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace hybridc;

namespace {
class Importer {
public:
  Importer(MLIRContext *context, const stream::Program &program)
      : builder(context), program(program) {}

  OwningOpRef<ModuleOp> run();

private:
  void importBlock(const stream::Block &block);
  void importItems(const std::vector<stream::Item> &items);
  void importCommand(const stream::Command &command);
  ElementsAttr blobAttr(const stream::DramSegment &segment);
  Attribute viewAttr(const stream::View &view) {
    return cmd::fromStream(builder.getContext(), view);
  }
  template <typename T>
  DenseI32ArrayAttr placesAttr(const std::vector<T> &places) {
    if (places.empty())
      return {};
    return builder.getDenseI32ArrayAttr(
        SmallVector<int32_t>(places.begin(), places.end()));
  }
  ArrayAttr viewsAttr(const std::vector<stream::View> &views) {
    SmallVector<Attribute> list;
    for (const stream::View &view : views)
      list.push_back(viewAttr(view));
    return builder.getArrayAttr(list);
  }
  /// Runs `body` with the builder in a new block of `region`.
  void inside(Region &region, function_ref<void()> body) {
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&region);
    body();
  }
  Location loc() { return builder.getUnknownLoc(); }

  OpBuilder builder;
  const stream::Program &program;
};
} // namespace

static StringRef ref(std::string_view text) {
  return StringRef(text.data(), text.size());
}

ElementsAttr Importer::blobAttr(const stream::DramSegment &segment) {
  const stream::Blob &blob = program.blobs[segment.blob];
  auto type = RankedTensorType::get({static_cast<int64_t>(blob.bytes)},
                                    builder.getIntegerType(8));
  std::shared_ptr<const void> owner = blob.owner;
  AsmResourceBlob data(
      ArrayRef<char>(reinterpret_cast<const char *>(blob.data), blob.bytes),
      /*dataAlignment=*/1, [owner](void *, size_t, size_t) {},
      /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, segment.name, std::move(data));
}

void Importer::importCommand(const stream::Command &command) {
  SmallVector<Attribute> waits;
  for (const stream::Wait &wait : command.waits)
    waits.push_back(cmd::WaitAttr::get(builder.getContext(), wait.id,
                                       wait.value, wait.steps));
  SmallVector<int32_t> signals(command.signals.begin(), command.signals.end());
  cmd::DoOp::create(
      builder, loc(), ref(stream::specOf(command.op).name),
      viewsAttr(command.ins), viewsAttr(command.outs),
      tile::attributesFromStream(builder.getContext(), command.attrs),
      builder.getArrayAttr(waits), signals,
      static_cast<int64_t>(command.origin));
}

void Importer::importItems(const std::vector<stream::Item> &items) {
  for (const stream::Item &item : items) {
    if (auto *command = std::get_if<stream::Command>(&item.node)) {
      importCommand(*command);
      continue;
    }
    const auto &repeat = std::get<stream::Repeat>(item.node);
    auto op = cmd::RepeatOp::create(builder, loc(),
                                    static_cast<int64_t>(repeat.count));
    inside(op.getBody(), [&] { importItems(repeat.body); });
  }
}

void Importer::importBlock(const stream::Block &block) {
  for (const stream::Node &node : block.nodes) {
    if (auto *segment = std::get_if<stream::Segment>(&node.node)) {
      auto op = cmd::SegmentOp::create(builder, loc(),
                                       int64_t(segment->numSemaphores));
      inside(op.getBody(), [&] {
        for (const stream::Queue &queue : segment->queues) {
          auto inner = cmd::QueueOp::create(builder, loc(), queue.engine);
          inside(inner.getBody(), [&] { importItems(queue.items); });
        }
      });
    } else if (auto *branch = std::get_if<stream::If>(&node.node)) {
      auto op = cmd::IfOp::create(
          builder, loc(),
          cmd::fromStream(builder.getContext(), branch->condition),
          int64_t(branch->origin));
      inside(op.getThenBody(), [&] { importBlock(branch->thenBlock); });
      inside(op.getElseBody(), [&] { importBlock(branch->elseBlock); });
    } else {
      const auto &loop = std::get<stream::Loop>(node.node);
      auto op = cmd::LoopOp::create(
          builder, loc(), static_cast<int64_t>(loop.maxTrips),
          viewsAttr(loop.tripCount), viewsAttr(loop.condition),
          int64_t(loop.origin));
      inside(op.getBody(), [&] { importBlock(loop.body); });
    }
  }
}

OwningOpRef<ModuleOp> Importer::run() {
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc());
  builder.setInsertionPointToEnd(module->getBody());
  auto top = cmd::ProgramOp::create(
      builder, loc(), program.model, program.target, program.precision,
      static_cast<int64_t>(program.dramBytes),
      static_cast<int64_t>(program.sramBytes),
      static_cast<int64_t>(program.sramLowerBoundBytes), program.chipYaml,
      nullptr, nullptr, nullptr);
  if (!program.faults.empty())
    top.setFaults(program.faults);
  if (program.horizon_s > 0)
    top.setHorizonSAttr(builder.getF64FloatAttr(program.horizon_s));
  SmallVector<NamedAttribute> recalibrations;
  for (const stream::Recalibration &r : program.recalibrations)
    recalibrations.push_back(
        builder.getNamedAttr(r.entry, builder.getDenseF64ArrayAttr(r.at_s)));
  if (!recalibrations.empty())
    top.setRecalibrateSAttr(builder.getDictionaryAttr(recalibrations));
  builder.createBlock(&top.getBody());
  for (const stream::DramSegment &segment : program.segments) {
    StringRef kind = segment.kind == stream::SegmentKind::Constant ? "constant"
                     : segment.kind == stream::SegmentKind::State  ? "state"
                                                                   : "scratch";
    cmd::SegmentDataOp::create(builder, loc(), segment.name, kind,
                               static_cast<int64_t>(segment.address),
                               static_cast<int64_t>(segment.bytes),
                               segment.blob >= 0 ? blobAttr(segment)
                                                 : ElementsAttr());
  }
  for (const stream::VecProgram &vec : program.vecPrograms) {
    SmallVector<StringRef> registers;
    SmallVector<std::string> code;
    for (stream::DType type : vec.registers)
      registers.push_back(ref(stream::nameOf(type)));
    for (const stream::VecInstr &instr : vec.instrs)
      code.push_back(tile::printInstr(instr));
    cmd::VecProgramOp::create(builder, loc(), vec.name, int64_t(vec.numIns),
                              int64_t(vec.numOuts),
                              builder.getStrArrayAttr(registers),
                              builder.getStrArrayAttr(SmallVector<StringRef>(
                                  code.begin(), code.end())));
  }
  for (const stream::ArrayTile &array : program.arrays)
    cmd::ArrayOp::create(
        builder, loc(), array.name, array.engine, int64_t(array.rows),
        int64_t(array.cols), int64_t(array.slices), int64_t(array.cellBits),
        array.mapping ? "offset" : "differential", int64_t(array.physical),
        int64_t(array.origin), placesAttr(array.rowMap),
        placesAttr(array.colMap), placesAttr(array.flipped));
  for (const stream::Origin &origin : program.origins)
    cmd::OriginOp::create(builder, loc(), origin.node, origin.op, origin.group,
                          origin.engine, origin.precision, origin.reason,
                          APFloat(origin.estimatedLatency_ns),
                          APFloat(origin.estimatedEnergy_pj));
  for (const stream::Entry &entry : program.entries) {
    auto op = cmd::EntryOp::create(builder, loc(), entry.name);
    inside(op.getBody(), [&] {
      for (auto [list, direction] : {std::pair(&entry.inputs, "input"),
                                     std::pair(&entry.outputs, "output")})
        for (const stream::Binding &binding : *list)
          cmd::BindingOp::create(
              builder, loc(), direction, binding.name,
              cmd::fromStream(builder.getContext(), binding.view));
      importBlock(entry.body);
    });
  }
  return module;
}

OwningOpRef<ModuleOp> hybridc::importStream(MLIRContext *context,
                                            const stream::Program &program) {
  context->loadDialect<cmd::CmdDialect>();
  return Importer(context, program).run();
}
