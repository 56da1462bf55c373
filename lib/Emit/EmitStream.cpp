//===- EmitStream.cpp - cmd → command stream ------------------------------===//
#include "hybridc/Dialect/Tile/IR/Tile.h"
#include "hybridc/Emit/Emit.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/JSON.h"

#include <cstring>
#include <limits>

using namespace mlir;
using namespace hybridc;

/// A name as the stream takes it: models may hold bytes that are no UTF-8, and
/// control characters.
static std::string textOf(StringRef name) {
  std::string text = llvm::json::fixUTF8(name);
  for (char &c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = ' ';
  return text;
}

/// The bytes of a constant; splats and bools are spelled out.
static FailureOr<stream::Blob> blobOf(ElementsAttr value, int64_t bytes,
                                      Operation *op) {
  stream::Blob blob;
  blob.bytes = static_cast<uint64_t>(bytes);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *data = resource.getRawHandle().getBlob();
    if (!data || data->getData().size() != blob.bytes)
      return op->emitOpError("the bytes of resource '")
             << resource.getRawHandle().getKey() << "' are not at hand";
    blob.data = reinterpret_cast<const std::byte *>(data->getData().data());
    return blob;
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return op->emitOpError("holds neither a dense constant nor a resource");
  ArrayRef<char> raw = dense.getRawData();
  bool isBool = dense.getElementType().isInteger(1);
  if (!dense.isSplat() && !isBool) {
    if (raw.size() != blob.bytes)
      return op->emitOpError("has a constant of another size");
    blob.data = reinterpret_cast<const std::byte *>(raw.data());
    return blob;
  }
  auto owned = std::make_shared<std::vector<std::byte>>(bytes);
  if (isBool) {
    if (static_cast<int64_t>(owned->size()) != dense.getNumElements())
      return op->emitOpError("has a constant of another size");
    size_t at = 0;
    for (bool element : dense.getValues<bool>())
      (*owned)[at++] = static_cast<std::byte>(element);
  } else {
    for (size_t at = 0; at + raw.size() <= owned->size(); at += raw.size())
      std::memcpy(owned->data() + at, raw.data(), raw.size());
  }
  blob.data = owned->data();
  blob.owner = owned;
  return blob;
}

/// A number as wide as the stream has it; larger ones, and those below 0, are
/// refused by name.
template <typename T>
static LogicalResult narrow(Operation *op, StringRef name, int64_t value,
                            T &out) {
  if (value < 0 || static_cast<uint64_t>(value) > std::numeric_limits<T>::max())
    return op->emitOpError()
           << name << " is " << value << ", it must be from 0 to "
           << uint64_t(std::numeric_limits<T>::max());
  out = static_cast<T>(value);
  return success();
}

static LogicalResult emitItems(Block &block, std::vector<stream::Item> &items) {
  for (Operation &op : block) {
    stream::Item item;
    if (auto command = dyn_cast<cmd::DoOp>(op)) {
      auto converted = cmd::toStream(command);
      if (failed(converted))
        return failure();
      item.node = std::move(*converted);
    } else if (auto repeat = dyn_cast<cmd::RepeatOp>(op)) {
      stream::Repeat out;
      if (failed(narrow(repeat, "count", repeat.getCount(), out.count)) ||
          failed(emitItems(repeat.getBody().front(), out.body)))
        return failure();
      item.node = std::move(out);
    } else {
      return op.emitOpError("does not belong into a queue");
    }
    items.push_back(std::move(item));
  }
  return success();
}

static LogicalResult emitBlock(Region &region, stream::Block &out) {
  if (region.empty())
    return success();
  for (Operation &op : region.front()) {
    if (isa<cmd::BindingOp>(op))
      continue;
    stream::Node node;
    if (auto segment = dyn_cast<cmd::SegmentOp>(op)) {
      stream::Segment converted;
      if (failed(narrow(segment, "semaphores", segment.getSemaphores(),
                        converted.numSemaphores)))
        return failure();
      for (Operation &inner : segment.getBody().front()) {
        auto queue = dyn_cast<cmd::QueueOp>(inner);
        if (!queue)
          return inner.emitOpError("does not belong into a segment");
        stream::Queue &added = converted.queues.emplace_back();
        added.engine = queue.getEngine().str();
        if (failed(emitItems(queue.getBody().front(), added.items)))
          return failure();
      }
      node.node = std::move(converted);
    } else if (auto branch = dyn_cast<cmd::IfOp>(op)) {
      stream::If converted;
      converted.condition = cmd::toStream(branch.getCondition());
      if (failed(
              narrow(branch, "origin", branch.getOrigin(), converted.origin)) ||
          failed(emitBlock(branch.getThenBody(), converted.thenBlock)) ||
          failed(emitBlock(branch.getElseBody(), converted.elseBlock)))
        return failure();
      node.node = std::move(converted);
    } else if (auto loop = dyn_cast<cmd::LoopOp>(op)) {
      stream::Loop converted;
      if (failed(narrow(loop, "max", loop.getMax(), converted.maxTrips)) ||
          failed(narrow(loop, "origin", loop.getOrigin(), converted.origin)))
        return failure();
      for (Attribute view : loop.getTrip())
        converted.tripCount.push_back(cmd::toStream(cast<cmd::ViewAttr>(view)));
      for (Attribute view : loop.getCondition())
        converted.condition.push_back(cmd::toStream(cast<cmd::ViewAttr>(view)));
      if (failed(emitBlock(loop.getBody(), converted.body)))
        return failure();
      node.node = std::move(converted);
    } else {
      return op.emitOpError("does not belong into an entry");
    }
    out.nodes.push_back(std::move(node));
  }
  return success();
}

static LogicalResult emitTable(Operation &op, stream::Program &program) {
  if (auto segment = dyn_cast<cmd::SegmentDataOp>(op)) {
    stream::DramSegment out;
    out.name = textOf(segment.getName());
    out.kind = segment.getKind() == "constant" ? stream::SegmentKind::Constant
               : segment.getKind() == "state"  ? stream::SegmentKind::State
                                               : stream::SegmentKind::Scratch;
    if (failed(narrow(segment, "address", segment.getAddress(), out.address)) ||
        failed(narrow(segment, "bytes", segment.getBytes(), out.bytes)))
      return failure();
    if (auto value = segment.getBlob()) {
      auto blob = blobOf(*value, segment.getBytes(), segment);
      if (failed(blob))
        return failure();
      out.blob = static_cast<int32_t>(program.blobs.size());
      program.blobs.push_back(std::move(*blob));
    }
    program.segments.push_back(std::move(out));
    return success();
  }
  if (auto vec = dyn_cast<cmd::VecProgramOp>(op)) {
    stream::VecProgram out;
    out.name = vec.getName().str();
    if (failed(narrow(vec, "ins", vec.getNumIns(), out.numIns)) ||
        failed(narrow(vec, "outs", vec.getNumOuts(), out.numOuts)))
      return failure();
    for (auto name : vec.getRegisters().getAsValueRange<StringAttr>()) {
      stream::DType type;
      if (!stream::parseDType({name.data(), name.size()}, type))
        return vec.emitOpError("unknown register type '") << name << "'";
      out.registers.push_back(type);
    }
    for (auto line : vec.getCode().getAsValueRange<StringAttr>()) {
      stream::VecInstr instr;
      if (!tile::parseInstr(line, instr))
        return vec.emitOpError("cannot read the instruction '") << line << "'";
      out.instrs.push_back(instr);
    }
    program.vecPrograms.push_back(std::move(out));
    return success();
  }
  if (auto array = dyn_cast<cmd::ArrayOp>(op)) {
    stream::ArrayTile out;
    out.name = textOf(array.getName());
    out.engine = array.getKind().str();
    if (failed(narrow(array, "rows", array.getRows(), out.rows)) ||
        failed(narrow(array, "cols", array.getCols(), out.cols)) ||
        failed(narrow(array, "slices", array.getSlices(), out.slices)) ||
        failed(narrow(array, "cell_bits", array.getCellBits(), out.cellBits)) ||
        failed(narrow(array, "at", array.getPhysical(), out.physical)) ||
        failed(narrow(array, "origin", array.getOrigin(), out.origin)))
      return failure();
    if (array.getMapping() != "offset" && array.getMapping() != "differential")
      return array.emitOpError("mapping '")
             << array.getMapping() << "' is neither differential nor offset";
    out.mapping = array.getMapping() == "offset";
    auto places = [](std::optional<ArrayRef<int32_t>> map) {
      std::vector<uint32_t> list;
      for (int32_t place : map.value_or(ArrayRef<int32_t>()))
        list.push_back(static_cast<uint32_t>(place));
      return list;
    };
    out.rowMap = places(array.getRowMap());
    out.colMap = places(array.getColMap());
    for (uint32_t flip : places(array.getFlipped()))
      out.flipped.push_back(static_cast<uint8_t>(std::min(flip, 255u)));
    program.arrays.push_back(std::move(out));
    return success();
  }
  if (auto origin = dyn_cast<cmd::OriginOp>(op)) {
    stream::Origin out;
    out.node = textOf(origin.getNode());
    out.op = textOf(origin.getOpType());
    out.group = textOf(origin.getGroup());
    out.engine = origin.getEngine().str();
    out.precision = origin.getPrecision().str();
    out.reason = textOf(origin.getReason());
    out.estimatedLatency_ns = origin.getLatencyNs().convertToDouble();
    out.estimatedEnergy_pj = origin.getEnergyPj().convertToDouble();
    program.origins.push_back(std::move(out));
    return success();
  }
  auto entry = dyn_cast<cmd::EntryOp>(op);
  if (!entry)
    return op.emitOpError("does not belong into a program");
  stream::Entry out;
  out.name = entry.getName().str();
  for (auto bind : entry.getBody().front().getOps<cmd::BindingOp>())
    (bind.getDirection() == "input" ? out.inputs : out.outputs)
        .push_back({textOf(bind.getName()), cmd::toStream(bind.getView())});
  if (failed(emitBlock(entry.getBody(), out.body)))
    return failure();
  program.entries.push_back(std::move(out));
  return success();
}

FailureOr<stream::Program> hybridc::emitStream(ModuleOp module) {
  auto programs = module.getOps<cmd::ProgramOp>();
  if (!llvm::hasSingleElement(programs))
    return module.emitError("a stream is made of one cmd.program");
  cmd::ProgramOp op = *programs.begin();
  stream::Program program;
  program.model = textOf(op.getModel());
  program.target = op.getTarget().str();
  program.precision = op.getPrecision().str();
  program.chipYaml = op.getChip().str();
  program.faults = op.getFaults().value_or("").str();
  program.horizon_s =
      op.getHorizonS() ? op.getHorizonS()->convertToDouble() : 0;
  if (DictionaryAttr recalibrate = op.getRecalibrateSAttr())
    for (NamedAttribute each : recalibrate) {
      auto at = dyn_cast<DenseF64ArrayAttr>(each.getValue());
      if (!at)
        return op.emitOpError("recalibrate_s holds something else than "
                              "entries with their times");
      program.recalibrations.push_back(
          {each.getName().str(), at.asArrayRef().vec()});
    }
  if (failed(narrow(op, "dram", op.getDramBytes(), program.dramBytes)) ||
      failed(narrow(op, "sram", op.getSramBytes(), program.sramBytes)) ||
      failed(narrow(op, "sram_lower_bound", op.getSramLowerBoundBytes(),
                    program.sramLowerBoundBytes)))
    return failure();
  for (Operation &inner : op.getBody().front())
    if (failed(emitTable(inner, program)))
      return failure();
  return program;
}
