//===- Write.cpp - Program → FlatBuffers ----------------------------------===//
#include "FileFormat.h"

#include "hybridc/Stream/Serialize.h"

#include "stream_generated.h"

#include <cstring>

#include <fmt/format.h>

namespace hybridc::stream {

namespace {

using flatbuffers::Offset;

/// Builds the table children first, in one fixed order: equal programs give
/// equal bytes. Nothing is shared, not even equal strings (the reader relies
/// on it to bound what it allocates).
class Writer {
public:
  /// Empty and `error` set when the program has no file form.
  std::vector<std::byte> run(const Program &program) {
    std::vector<Offset<fb::DramSegment>> segments;
    for (const DramSegment &s : program.segments)
      segments.push_back(fb::CreateDramSegment(builder, text(s.name),
                                               static_cast<uint8_t>(s.kind),
                                               s.address, s.bytes, s.blob));
    std::vector<Offset<fb::Blob>> blobs;
    uint64_t offset = 0;
    for (const Blob &b : program.blobs) {
      blobs.push_back(fb::CreateBlob(builder, offset, b.bytes));
      offset = alignUp(offset + b.bytes, kBlobAlignment);
    }
    std::vector<Offset<fb::VecProgram>> vecs;
    for (const VecProgram &v : program.vecPrograms)
      vecs.push_back(vecProgram(v));
    std::vector<Offset<fb::ArrayTile>> arrays;
    for (const ArrayTile &a : program.arrays) {
      auto name = text(a.name), engine = text(a.engine);
      auto rowMap = optional(a.rowMap), colMap = optional(a.colMap);
      auto flipped = optional(a.flipped);
      arrays.push_back(fb::CreateArrayTile(
          builder, name, engine, a.rows, a.cols, a.slices, a.cellBits,
          a.mapping, a.physical, a.origin, rowMap, colMap, flipped));
    }
    std::vector<Offset<fb::Origin>> origins;
    for (const Origin &o : program.origins) {
      auto node = text(o.node), op = text(o.op), group = text(o.group),
           engine = text(o.engine), precision = text(o.precision),
           reason = text(o.reason);
      origins.push_back(
          fb::CreateOrigin(builder, node, op, group, engine, precision, reason,
                           o.estimatedLatency_ns, o.estimatedEnergy_pj));
    }
    std::vector<Offset<fb::Entry>> entries;
    for (const Entry &e : program.entries) {
      auto name = text(e.name);
      auto inputs = bindings(e.inputs), outputs = bindings(e.outputs);
      auto body = block(e.body, 0);
      entries.push_back(fb::CreateEntry(builder, name, inputs, outputs, body));
    }
    std::vector<Offset<fb::Recalibration>> recalibrations;
    for (const Recalibration &r : program.recalibrations) {
      auto entry = text(r.entry);
      recalibrations.push_back(
          fb::CreateRecalibration(builder, entry, optional(r.at_s)));
    }
    if (failed())
      return {};
    auto model = text(program.model), target = text(program.target),
         yaml = text(program.chipYaml), precision = text(program.precision);
    auto segmentList = list(segments);
    auto blobList = list(blobs);
    auto vecList = list(vecs);
    auto arrayList = list(arrays);
    auto originList = list(origins);
    auto entryList = list(entries);
    auto faults = program.faults.empty() ? 0 : text(program.faults);
    auto recalibrationList = recalibrations.empty() ? 0 : list(recalibrations);
    auto root = fb::CreateProgram(
        builder, model, target, yaml, precision, program.dramBytes,
        program.sramBytes, program.sramLowerBoundBytes, segmentList, blobList,
        vecList, arrayList, originList, entryList, faults, program.horizon_s,
        recalibrationList);
    fb::FinishProgramBuffer(builder, root);
    std::vector<std::byte> bytes(builder.GetSize());
    std::memcpy(bytes.data(), builder.GetBufferPointer(), bytes.size());
    return bytes;
  }

  std::string error;

private:
  bool failed() {
    if (error.empty() && builder.GetSize() > kMaxTableBytes / 2)
      error = "has more commands than a command stream can hold";
    return !error.empty();
  }

  // Children are built in named steps, never inside an argument list, whose
  // order of evaluation is the host compiler's choice.
  template <typename T>
  Offset<flatbuffers::Vector<T>> list(const std::vector<T> &values) {
    return builder.CreateVector(values);
  }
  /// Absent when empty: what most programs do not have costs nothing.
  template <typename T>
  Offset<flatbuffers::Vector<T>> optional(const std::vector<T> &values) {
    return values.empty() ? 0 : numbers(values);
  }

  template <typename T>
  Offset<flatbuffers::Vector<T>> numbers(const std::vector<T> &values) {
    return values.empty() ? 0 : builder.CreateVector(values);
  }
  Offset<flatbuffers::String> text(const std::string &value) {
    if (value.size() > kMaxTableBytes / 8)
      error = "has a text that is too long";
    return value.empty() || failed() ? 0 : builder.CreateString(value);
  }

  Offset<fb::View> view(const View &v) {
    auto shape = numbers(v.shape), strides = numbers(v.strides),
         steps = numbers(v.steps);
    return fb::CreateView(builder, static_cast<uint8_t>(v.space),
                          static_cast<uint8_t>(v.type), v.address, shape,
                          strides, steps);
  }

  Offset<flatbuffers::Vector<Offset<fb::View>>>
  views(const std::vector<View> &values) {
    if (values.empty())
      return 0;
    std::vector<Offset<fb::View>> offsets;
    for (const View &v : values)
      offsets.push_back(view(v));
    return list(offsets);
  }

  Offset<fb::Command> command(const Command &c) {
    auto ins = views(c.ins), outs = views(c.outs);
    std::vector<Offset<fb::Attr>> attrs;
    for (const Attr &a : c.attrs) {
      auto name = text(a.name);
      auto ints = numbers(a.ints);
      auto floats = numbers(a.floats);
      auto value = text(a.text);
      attrs.push_back(fb::CreateAttr(
          builder, name, static_cast<uint8_t>(a.kind), ints, floats, value));
    }
    std::vector<Offset<fb::Wait>> waits;
    for (const Wait &w : c.waits)
      waits.push_back(fb::CreateWait(builder, w.id, w.value, numbers(w.steps)));
    auto attrList = attrs.empty() ? 0 : list(attrs);
    auto waitList = waits.empty() ? 0 : list(waits);
    return fb::CreateCommand(builder, static_cast<uint8_t>(c.op), ins, outs,
                             attrList, waitList, numbers(c.signals), c.origin);
  }

  Offset<flatbuffers::Vector<Offset<fb::Item>>>
  items(const std::vector<Item> &values, unsigned depth) {
    std::vector<Offset<fb::Item>> offsets;
    if (depth > kMaxRepeatDepth)
      error = fmt::format("nests more than {} hardware loops", kMaxRepeatDepth);
    for (const Item &item : values) {
      if (failed())
        break;
      Offset<fb::Command> c = 0;
      Offset<fb::Repeat> r = 0;
      if (auto *repeat = std::get_if<Repeat>(&item.node))
        r = fb::CreateRepeat(builder, repeat->count,
                             items(repeat->body, depth + 1));
      else
        c = command(*std::get_if<Command>(&item.node));
      offsets.push_back(fb::CreateItem(builder, c, r));
    }
    return list(offsets);
  }

  Offset<fb::Node> node(const Node &n, unsigned depth) {
    if (auto *segment = std::get_if<Segment>(&n.node)) {
      std::vector<Offset<fb::Queue>> queues;
      for (const Queue &q : segment->queues) {
        auto engine = text(q.engine);
        queues.push_back(fb::CreateQueue(builder, engine, items(q.items, 0)));
      }
      return fb::CreateNode(builder, fb::CreateSegment(builder, list(queues),
                                                       segment->numSemaphores));
    }
    if (auto *branch = std::get_if<If>(&n.node)) {
      auto condition = view(branch->condition);
      auto thenBlock = block(branch->thenBlock, depth + 1);
      auto elseBlock = block(branch->elseBlock, depth + 1);
      return fb::CreateNode(builder, 0,
                            fb::CreateIf(builder, condition, thenBlock,
                                         elseBlock, branch->origin));
    }
    const Loop &loop = *std::get_if<Loop>(&n.node);
    auto trips = views(loop.tripCount), condition = views(loop.condition);
    auto body = block(loop.body, depth + 1);
    return fb::CreateNode(builder, 0, 0,
                          fb::CreateLoop(builder, loop.maxTrips, trips,
                                         condition, body, loop.origin));
  }

  Offset<fb::Block> block(const Block &b, unsigned depth) {
    std::vector<Offset<fb::Node>> nodes;
    if (depth > kMaxBlockDepth)
      error = fmt::format("nests more than {} blocks", kMaxBlockDepth);
    for (const Node &n : b.nodes) {
      if (failed())
        break;
      nodes.push_back(node(n, depth));
    }
    return fb::CreateBlock(builder, list(nodes));
  }

  Offset<flatbuffers::Vector<Offset<fb::Binding>>>
  bindings(const std::vector<Binding> &values) {
    std::vector<Offset<fb::Binding>> offsets;
    for (const Binding &b : values) {
      auto name = text(b.name);
      offsets.push_back(fb::CreateBinding(builder, name, view(b.view)));
    }
    return list(offsets);
  }

  Offset<fb::VecProgram> vecProgram(const VecProgram &v) {
    std::vector<uint8_t> registers;
    for (DType type : v.registers)
      registers.push_back(static_cast<uint8_t>(type));
    std::vector<fb::VecInstr> instrs;
    for (const VecInstr &i : v.instrs)
      instrs.emplace_back(i.imm, i.dst, i.a, i.b, i.c, i.op,
                          static_cast<uint8_t>(i.type));
    auto name = text(v.name);
    auto registerList = numbers(registers);
    auto instrList = builder.CreateVectorOfStructs(instrs);
    return fb::CreateVecProgram(builder, name, v.numIns, v.numOuts,
                                registerList, instrList);
  }

  flatbuffers::FlatBufferBuilder builder{1 << 16};
};

} // namespace

Result<std::vector<std::byte>> buildHead(const Program &program) {
  for (size_t i = 0; i < program.blobs.size(); ++i)
    if (program.blobs[i].bytes != 0 && !program.blobs[i].data)
      return invalidInput(fmt::format("blob {} has no data", i));
  Writer writer;
  std::vector<std::byte> table = writer.run(program);
  if (!writer.error.empty())
    return unsupported(
        fmt::format("the program for '{}' {}", program.model, writer.error));

  std::vector<std::byte> head(
      alignUp(kHeaderBytes + table.size(), kBlobAlignment));
  uint64_t total = head.size(), next = total;
  for (const Blob &b : program.blobs) {
    total = next + b.bytes;
    next = alignUp(total, kBlobAlignment);
  }
  std::memcpy(head.data(), kMagic, sizeof(kMagic));
  storeLittle(&head[4], kFormatMajor, 2);
  storeLittle(&head[6], kFormatMinor, 2);
  storeLittle(&head[8], kHeaderBytes, 8);
  storeLittle(&head[16], table.size(), 8);
  storeLittle(&head[24], total, 8);
  std::memcpy(&head[kHeaderBytes], table.data(), table.size());
  return head;
}

Result<std::vector<std::byte>> writeProgramBytes(const Program &program) {
  auto head = buildHead(program);
  if (!head)
    return head.error();
  std::vector<std::byte> bytes = std::move(*head);
  for (const Blob &b : program.blobs) {
    bytes.resize(alignUp(bytes.size(), kBlobAlignment));
    if (b.bytes != 0)
      bytes.insert(bytes.end(), b.data, b.data + b.bytes);
  }
  return bytes;
}

} // namespace hybridc::stream
