//===- Read.cpp - FlatBuffers → Program -----------------------------------===//
//
// The FlatBuffers verifier has checked every offset before decoding starts.
// What it cannot see is sharing: a few bytes that many parts point at would
// decode into far more memory than the file has. (F5) forbids it: the decoded
// values may not exceed the bytes of the table.
//
//===----------------------------------------------------------------------===//
#include "FileFormat.h"

#include "hybridc/Stream/Serialize.h"

#include "stream_generated.h"

#include <cstring>

#include <fmt/format.h>

namespace hybridc::stream {

namespace {

class Reader {
public:
  explicit Reader(uint64_t tableBytes) : budget(tableBytes) {}

  std::string error;

  Program program(const fb::Program &p, const std::byte *blobArea,
                  uint64_t blobBytes,
                  const std::shared_ptr<const void> &owner) {
    Program out;
    out.model = text(p.model());
    out.target = text(p.target());
    out.chipYaml = text(p.chip_yaml());
    out.precision = text(p.precision());
    out.dramBytes = p.dram_bytes();
    out.sramBytes = p.sram_bytes();
    out.sramLowerBoundBytes = p.sram_lower_bound_bytes();
    each(p.segments(), [&](const fb::DramSegment &s) {
      out.segments.push_back(
          {text(s.name()),
           enumeration<SegmentKind>(s.kind(), unsigned(SegmentKind::State) + 1,
                                    "kind of DRAM segment"),
           s.address(), s.bytes(), s.blob()});
    });
    blobs(p, out, blobArea, blobBytes, owner);
    each(p.vec_programs(), [&](const fb::VecProgram &v) {
      out.vecPrograms.push_back(vecProgram(v));
    });
    each(p.arrays(), [&](const fb::ArrayTile &a) {
      out.arrays.push_back({text(a.name()), text(a.engine()), a.rows(),
                            a.cols(), a.slices(), a.cell_bits(), a.mapping(),
                            a.physical(), a.origin(), numbers(a.row_map()),
                            numbers(a.col_map()), numbers(a.flipped())});
    });
    each(p.origins(), [&](const fb::Origin &o) {
      out.origins.push_back({text(o.node()), text(o.op()), text(o.group()),
                             text(o.engine()), text(o.precision()),
                             text(o.reason()), o.estimated_latency_ns(),
                             o.estimated_energy_pj()});
    });
    each(p.entries(), [&](const fb::Entry &e) {
      out.entries.push_back(
          {text(e.name()), bindings(e.inputs()), bindings(e.outputs()),
           block(required(e.body(), "the body of an entry"), 0)});
    });
    out.faults = text(p.faults());
    out.horizon_s = p.horizon_s();
    each(p.recalibrations(), [&](const fb::Recalibration &r) {
      out.recalibrations.push_back({text(r.entry()), numbers(r.at_s())});
    });
    return out;
  }

private:
  void fail(std::string message) {
    if (error.empty())
      error = std::move(message);
  }

  /// (F5) Takes `bytes` of what the table may decode into.
  bool spend(uint64_t bytes) {
    if (bytes > budget) {
      fail("parts of its table are shared");
      return false;
    }
    budget -= bytes;
    return true;
  }

  /// (F6) A number that an enumeration has.
  template <typename E>
  E enumeration(uint8_t value, unsigned count, const char *what) {
    if (value >= count)
      fail(fmt::format("{} is no {}", value, what));
    return static_cast<E>(value);
  }

  std::string text(const flatbuffers::String *value) {
    if (!value || !spend(value->size()))
      return {};
    return value->str();
  }

  /// Copies elements as bytes: FlatBuffers' verifier checks where a vector
  /// starts, but not that its elements are aligned.
  template <typename T, typename Vector>
  std::vector<T> copied(const Vector *values) {
    static_assert(FLATBUFFERS_LITTLEENDIAN, "files are little-endian");
    if (!values || !spend(uint64_t(values->size()) * sizeof(T)))
      return {};
    std::vector<T> out(values->size());
    if (!out.empty())
      std::memcpy(static_cast<void *>(out.data()), values->Data(),
                  out.size() * sizeof(T));
    return out;
  }

  template <typename T>
  std::vector<T> numbers(const flatbuffers::Vector<T> *values) {
    return copied<T>(values);
  }

  template <typename T, typename F>
  void each(const flatbuffers::Vector<flatbuffers::Offset<T>> *values, F body) {
    if (!values || !spend(uint64_t(values->size()) * 4))
      return;
    for (const T *value : *values) {
      if (!error.empty())
        return;
      body(*value);
    }
  }

  /// (F7) A part that must be there.
  template <typename T> const T *required(const T *part, const char *what) {
    if (!part)
      fail(fmt::format("{} is missing", what));
    return part;
  }

  View view(const fb::View *v) {
    if (!v)
      return {};
    return {enumeration<Space>(v->space(), 2, "memory space"),
            enumeration<DType>(v->type(), kNumDTypes, "element type"),
            v->address(),
            numbers(v->shape()),
            numbers(v->strides()),
            numbers(v->steps())};
  }

  std::vector<View>
  views(const flatbuffers::Vector<flatbuffers::Offset<fb::View>> *values) {
    std::vector<View> out;
    each(values, [&](const fb::View &v) { out.push_back(view(&v)); });
    return out;
  }

  Command command(const fb::Command &c) {
    Command out;
    out.op = enumeration<Op>(c.op(), kNumOps, "command");
    out.ins = views(c.ins());
    out.outs = views(c.outs());
    each(c.attrs(), [&](const fb::Attr &a) {
      out.attrs.push_back(
          {text(a.name()), enumeration<AttrKind>(a.kind(), 3, "attribute kind"),
           numbers(a.ints()), numbers(a.floats()), text(a.text())});
    });
    each(c.waits(), [&](const fb::Wait &w) {
      out.waits.push_back({w.id(), w.value(), numbers(w.steps())});
    });
    out.signals = numbers(c.signals());
    out.origin = c.origin();
    return out;
  }

  /// (F8) Nesting is limited, so that no reader needs a deep stack.
  std::vector<Item>
  items(const flatbuffers::Vector<flatbuffers::Offset<fb::Item>> *values,
        unsigned depth) {
    std::vector<Item> out;
    if (depth > kMaxRepeatDepth) {
      fail(fmt::format("nests more than {} hardware loops", kMaxRepeatDepth));
      return out;
    }
    each(values, [&](const fb::Item &item) {
      if (bool(item.command()) == bool(item.repeat()))
        fail("an item is not exactly one of command and repeat");
      else if (item.command())
        out.push_back({command(*item.command())});
      else
        out.push_back({Repeat{item.repeat()->count(),
                              items(item.repeat()->body(), depth + 1)}});
    });
    return out;
  }

  Segment segment(const fb::Segment &s) {
    Segment out;
    each(s.queues(), [&](const fb::Queue &q) {
      out.queues.push_back({text(q.engine()), items(q.items(), 0)});
    });
    out.numSemaphores = s.num_semaphores();
    return out;
  }

  Block block(const fb::Block *b, unsigned depth) {
    Block out;
    if (depth > kMaxBlockDepth)
      fail(fmt::format("nests more than {} blocks", kMaxBlockDepth));
    if (!b || !error.empty())
      return out;
    each(b->nodes(), [&](const fb::Node &n) {
      if (bool(n.segment()) + bool(n.branch()) + bool(n.loop()) != 1)
        return fail("a node is not exactly one of segment, branch and loop");
      if (n.segment()) {
        out.nodes.push_back({segment(*n.segment())});
      } else if (const fb::If *branch = n.branch()) {
        If node;
        node.condition = view(required(branch->condition(), "a condition"));
        node.thenBlock =
            block(required(branch->then_block(), "a then block"), depth + 1);
        node.elseBlock =
            block(required(branch->else_block(), "an else block"), depth + 1);
        node.origin = branch->origin();
        out.nodes.push_back({std::move(node)});
      } else {
        const fb::Loop &loop = *n.loop();
        Loop node;
        node.maxTrips = loop.max_trips();
        node.tripCount = views(loop.trip_count());
        node.condition = views(loop.condition());
        node.body =
            block(required(loop.body(), "the body of a loop"), depth + 1);
        node.origin = loop.origin();
        out.nodes.push_back({std::move(node)});
      }
    });
    return out;
  }

  std::vector<Binding> bindings(
      const flatbuffers::Vector<flatbuffers::Offset<fb::Binding>> *values) {
    std::vector<Binding> out;
    each(values, [&](const fb::Binding &b) {
      out.push_back({text(b.name()), view(required(b.view(), "a view"))});
    });
    return out;
  }

  VecProgram vecProgram(const fb::VecProgram &v) {
    VecProgram out;
    out.name = text(v.name());
    out.numIns = v.num_ins();
    out.numOuts = v.num_outs();
    for (uint8_t type : numbers(v.registers()))
      out.registers.push_back(
          enumeration<DType>(type, kNumDTypes, "element type"));
    for (const fb::VecInstr &i : copied<fb::VecInstr>(v.instrs()))
      // Which instructions there are is checkVecProgram's rule.
      out.instrs.push_back(
          {i.op(), enumeration<DType>(i.type(), kNumDTypes, "element type"),
           i.dst(), i.a(), i.b(), i.c(), i.imm()});
    return out;
  }

  /// (F4) Blobs lie one after the other in the blob area, aligned, and end
  /// with the file.
  void blobs(const fb::Program &p, Program &out, const std::byte *area,
             uint64_t areaBytes, const std::shared_ptr<const void> &owner) {
    uint64_t next = 0, end = 0;
    each(p.blobs(), [&](const fb::Blob &b) {
      if (b.offset() != next || b.offset() > areaBytes ||
          b.bytes() > areaBytes - b.offset())
        return fail(fmt::format("blob {} is misplaced", out.blobs.size()));
      out.blobs.push_back({area + b.offset(), b.bytes(), owner});
      end = b.offset() + b.bytes();
      next = alignUp(end, kBlobAlignment);
    });
    if (end != areaBytes)
      fail("the file's size does not follow from its blobs");
  }

  uint64_t budget;
};

} // namespace

Result<Program> parseFile(const std::byte *data, size_t size,
                          const std::shared_ptr<const void> &owner,
                          std::string_view name) {
  auto failure = [&](std::string_view why) {
    return invalidInput(fmt::format("{}: {}", name, why));
  };
  // (F1) Magic and version.
  if (size < kHeaderBytes || std::memcmp(data, kMagic, sizeof(kMagic)) != 0)
    return failure("is not a command stream (.hyb)");
  uint64_t major = loadLittle(data + 4, 2), minor = loadLittle(data + 6, 2);
  if (major != kFormatMajor || minor > kFormatMinor)
    return failure(fmt::format("is of format {}.{}, this reads {}.0 to {}.{}: "
                               "compile the model again",
                               major, minor, kFormatMajor, kFormatMajor,
                               kFormatMinor));
  // (F2) Table and file sizes.
  uint64_t offset = loadLittle(data + 8, 8), bytes = loadLittle(data + 16, 8);
  if (uint64_t total = loadLittle(data + 24, 8); total != size)
    return failure(fmt::format("has {} bytes, its header says {}: the file is "
                               "cut off or damaged",
                               size, total));
  for (size_t i = 32; i < kHeaderBytes; ++i)
    if (data[i] != std::byte(0))
      return failure("its header is damaged");
  if (offset != kHeaderBytes || bytes > size - kHeaderBytes ||
      bytes > kMaxTableBytes)
    return failure("its table lies outside of the file");
  uint64_t blobArea = alignUp(kHeaderBytes + bytes, kBlobAlignment);
  if (blobArea > size)
    return failure("is cut off after its table");
  // (F3) Every offset and vector of the table.
  flatbuffers::Verifier::Options options;
  options.max_depth = 4 * kMaxBlockDepth + 3 * kMaxRepeatDepth + 16;
  options.max_tables = static_cast<flatbuffers::uoffset_t>(bytes / 4 + 1);
  flatbuffers::Verifier verifier(
      reinterpret_cast<const uint8_t *>(data + kHeaderBytes), bytes, options);
  if (bytes < 16 || !fb::VerifyProgramBuffer(verifier))
    return failure("its table is damaged");

  Reader reader(bytes);
  Program program = reader.program(*fb::GetProgram(data + kHeaderBytes),
                                   data + blobArea, size - blobArea, owner);
  if (!reader.error.empty())
    return failure(reader.error);
  return program;
}

} // namespace hybridc::stream
