//===- Sample.cpp ---------------------------------------------------------===//
#include "Sample.h"

#include "hybridc/Stream/VecIsa.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hybridc::stream::sample {

View view(Space space, uint64_t address, std::vector<int64_t> shape, DType type,
          std::vector<int64_t> steps) {
  std::vector<int64_t> strides = rowMajorStrides(shape);
  return {space,           type, address, std::move(shape), std::move(strides),
          std::move(steps)};
}
View dram(uint64_t address, std::vector<int64_t> shape, DType type,
          std::vector<int64_t> steps) {
  return view(Space::Dram, address, std::move(shape), type, std::move(steps));
}
View sram(uint64_t address, std::vector<int64_t> shape, DType type,
          std::vector<int64_t> steps) {
  return view(Space::Sram, address, std::move(shape), type, std::move(steps));
}

Attr ints(std::string name, std::vector<int64_t> values) {
  return {std::move(name), AttrKind::Ints, std::move(values), {}, {}};
}
Attr floats(std::string name, std::vector<double> values) {
  return {std::move(name), AttrKind::Floats, {}, std::move(values), {}};
}
Attr text(std::string name, std::string value) {
  return {std::move(name), AttrKind::Text, {}, {}, std::move(value)};
}

Command command(Op op, std::vector<View> ins, std::vector<View> outs,
                std::vector<Attr> attrs) {
  Command result;
  result.op = op;
  result.ins = std::move(ins);
  result.outs = std::move(outs);
  result.attrs = std::move(attrs);
  return result;
}
Command waiting(Command command, std::vector<Wait> waits) {
  command.waits = std::move(waits);
  return command;
}
Command signalling(Command command, std::vector<uint32_t> signals) {
  command.signals = std::move(signals);
  return command;
}

Blob blob(size_t bytes) {
  auto owner = std::make_shared<std::vector<std::byte>>(bytes);
  for (size_t i = 0; i < bytes; ++i)
    (*owner)[i] = static_cast<std::byte>(i % 120);
  return {owner->data(), bytes, owner};
}

namespace {

VecInstr instr(VecOp op, uint16_t dst, uint16_t a, uint16_t b, uint64_t imm) {
  return {static_cast<uint8_t>(op), DType::F32, dst, a, b, 0, imm};
}

VecProgram addRelu() {
  return {"add_relu",
          2,
          1,
          std::vector<DType>(5, DType::F32),
          {instr(VecOp::Load, 0, 0, 0, 0), instr(VecOp::Load, 1, 0, 0, 1),
           instr(VecOp::Add, 2, 0, 1, 0), instr(VecOp::Const, 3, 0, 0, 0),
           instr(VecOp::Max, 4, 2, 3, 0), instr(VecOp::Store, 0, 4, 0, 0)}};
}

Program base() {
  Program program;
  program.model = "sample.onnx";
  program.target = "test-chip";
  program.chipYaml = "name: test-chip\n";
  program.precision = "exact";
  program.dramBytes = 4096;
  program.sramBytes = 2048;
  program.segments = {{"x", SegmentKind::Scratch, 0, 512, -1},
                      {"y", SegmentKind::Scratch, 512, 512, -1},
                      {"c", SegmentKind::Constant, 1024, 64, 0}};
  program.blobs = {blob(64)};
  program.vecPrograms = {addRelu()};
  program.origins = {
      {"add+relu", "Add+Relu", "add", "vec", "f32", "only one", 10, 20}};
  return program;
}

Entry infer() {
  Entry entry;
  entry.name = "infer";
  entry.inputs = {{"x", dram(0, {8, 16})}};
  entry.outputs = {{"y", dram(512, {8, 16})}};
  return entry;
}

} // namespace

Program pipeline() {
  // Semaphores: 0, 1 x of buffer 0, 1 filled; 2 x consumed (by vec); 3 y of a
  // buffer filled; 4 y stored; 5 c loaded. Each is signalled by one queue.
  Program program = base();
  Queue load{"dma0", {}}, compute{"vec", {}}, store{"dma1", {}};
  load.items.push_back({signalling(
      command(Op::Copy, {dram(1024, {16})}, {sram(256, {16})}), {5})});
  Repeat loads{4, {}}, computes{4, {}}, stores{4, {}};
  for (uint64_t half = 0; half < 2; ++half) {
    auto xRow = sram(64 * half, {16}), yRow = sram(128 + 64 * half, {16});
    // Row n = 2 i + half goes into buffer `half` once row n - 2 was consumed.
    // The first round waits for a count of 0 or less: nothing.
    Wait free{2, half, {2}};
    free.value = 2 * 0 + half; // after row n - 1 is consumed
    loads.body.push_back({signalling(
        waiting(command(Op::Copy, {dram(64 * half, {16}, DType::F32, {128})},
                        {xRow}),
                {free}),
        {static_cast<uint32_t>(half)})});
    Command vec = command(Op::Vec, {xRow, sram(256, {16})}, {yRow},
                          {ints("program", {0})});
    vec.waits = {
        {static_cast<uint32_t>(half), 1, {1}}, {4, half, {2}}, {5, 1, {}}};
    vec.signals = {2, 3};
    computes.body.push_back({vec});
    stores.body.push_back({signalling(
        waiting(command(Op::Copy, {yRow},
                        {dram(512 + 64 * half, {16}, DType::F32, {128})}),
                {{3, 1 + half, {2}}}),
        {4})});
  }
  load.items.push_back({loads});
  compute.items.push_back({computes});
  store.items.push_back({stores});
  Entry entry = infer();
  entry.body.nodes.push_back({Segment{{load, store, compute}, 6}});
  program.entries.push_back(entry);
  return program;
}

Program analog() {
  Program program = base();
  program.arrays = {{"w_k0_n0", "pcm", 8, 4, 1, 0, 0, 0, 0},
                    {"w_k8_n0", "pcm", 8, 4, 1, 0, 0, 1, 0}};
  program.segments = {{"x", SegmentKind::Scratch, 0, 64, -1},
                      {"y", SegmentKind::Scratch, 64, 16, -1},
                      {"w", SegmentKind::Constant, 256, 256, 0}};
  program.blobs = {blob(256)};
  Entry write;
  write.name = "program";
  Queue arrays{"pcm", {}};
  for (int64_t i = 0; i < 2; ++i)
    arrays.items.push_back(
        {command(Op::ProgramArray, {dram(256 + 128 * i, {8, 4})}, {},
                 {ints("array", {i}), floats("scale", {1.0})})});
  write.body.nodes.push_back({Segment{{arrays}, 0}});
  program.entries.push_back(write);

  Entry entry;
  entry.name = "infer";
  entry.inputs = {{"x", dram(0, {1, 16})}};
  entry.outputs = {{"y", dram(64, {1, 4})}};
  Queue load{"dma0", {}}, compute{"pcm", {}}, store{"dma1", {}};
  load.items.push_back({signalling(
      command(Op::Copy, {dram(0, {1, 16})}, {sram(0, {1, 16})}), {0})});
  compute.items.push_back({signalling(
      waiting(command(Op::Mvm, {sram(0, {1, 16})}, {sram(64, {1, 4})},
                      {ints("arrays", {0, 1}), ints("k_offsets", {0, 8}),
                       ints("n_offsets", {0, 0})}),
              {{0, 1, {}}}),
      {1})});
  store.items.push_back(
      {waiting(command(Op::Copy, {sram(64, {1, 4})}, {dram(64, {1, 4})}),
               {{1, 1, {}}})});
  entry.body.nodes.push_back({Segment{{load, store, compute}, 2}});
  program.entries.push_back(entry);
  return program;
}

Program recalibrated() {
  Program program = analog();
  program.chipYaml = "name: test-chip\nclock_ghz: 1\n"
                     "dram: {bytes: 4096, bandwidth_gb_s: 1}\n"
                     "sram: {bytes: 2048, bytes_per_cycle: 16}\n"
                     "dma: {bytes_per_cycle: 16}\nvec: {lanes: 8}\n"
                     "arrays:\n  - {name: pcm, device: pcm, count: 4, rows: 16,"
                     " cols: 16, mvm_ns: 100, endurance_writes: 2}\n";
  program.arrays[0].rowMap = {0, 1, 2, 3, 5, 4, 6, 9};
  program.arrays[0].colMap = {3, 0, 1, 7};
  program.arrays[0].flipped = {0, 1, 1, 0};
  program.faults = "rates: {stuck_min: 0.001, seed: 1}\narrays:\n"
                   "  - kind: \"pcm\"\n    array: 0\n    dead_rows: [7, 8]\n";
  program.horizon_s = 1000;
  program.recalibrations = {{"program", {500}}, {"recalibrate", {30, 200}}};
  Entry entry;
  entry.name = "recalibrate";
  Queue arrays{"pcm", {}};
  for (int64_t i = 0; i < 2; ++i) {
    arrays.items.push_back({command(
        Op::ReadArray, {}, {}, {ints("array", {i}), ints("reads", {i + 1})})});
    arrays.items.push_back(
        {command(Op::SetGain, {}, {},
                 {ints("array", {i}), text("kind", i ? "column" : "global")})});
  }
  entry.body.nodes.push_back({Segment{{arrays}, 0}});
  program.entries.push_back(entry);
  return program;
}

Program training() {
  Program program = base();
  program.chipYaml =
      "name: test-chip\nclock_ghz: 1\n"
      "dram: {bytes: 8192, bandwidth_gb_s: 16}\n"
      "sram: {bytes: 2048, bytes_per_cycle: 16}\n"
      "dma: {bytes_per_cycle: 16}\nvec: {lanes: 8}\n"
      "arrays:\n  - {name: ecram, device: ecram-li, purpose: training,"
      " count: 2, rows: 16, cols: 16, mapping: offset, mvm_ns: 100,"
      " mvm_energy_pj: 8, adc_energy_pj: 2, dac_energy_pj: 1, pulse_ns: 8,"
      " pulse_energy_pj: 0.5, endurance_writes: 1e9}\n"
      "  - {name: pcm, device: pcm, count: 2, rows: 16, cols: 16, mvm_ns: 9}\n";
  program.dramBytes = 8192;
  program.arrays = {{"w_k0", "ecram", 8, 4, 1, 0, 1, 0, 0},
                    {"w_k8", "ecram", 8, 4, 1, 0, 1, 1, 0}};
  program.segments = {{"x", SegmentKind::Scratch, 0, 512, -1},
                      {"t", SegmentKind::Scratch, 512, 128, -1},
                      {"lr", SegmentKind::Scratch, 640, 64, -1},
                      {"w", SegmentKind::Constant, 1024, 256, 0},
                      {"y", SegmentKind::Scratch, 2048, 128, -1},
                      {"g", SegmentKind::Scratch, 2560, 512, -1},
                      {"w_out", SegmentKind::Scratch, 4096, 256, -1}};
  program.blobs = {blob(256)};
  for (size_t i = 0; i < 64; ++i) { // weights of the size that cells hold
    float w = float(i % 7) / 10 - 0.3f;
    std::memcpy(const_cast<std::byte *>(program.blobs[0].data) + 4 * i, &w, 4);
  }
  Entry write;
  write.name = "program";
  Queue arrays{"ecram", {}};
  for (int64_t i = 0; i < 2; ++i)
    arrays.items.push_back(
        {command(Op::ProgramArray, {dram(1024 + 128 * uint64_t(i), {8, 4})}, {},
                 {ints("array", {i}), floats("scale", {1.0})})});
  write.body.nodes.push_back({Segment{{arrays}, 0}});
  program.entries.push_back(write);

  // Semaphores: 0 loaded; 1 of the arrays: y is there, then the rest; 2 d is
  // there. x at 0, y at 256, d at 320, t at 384, lr at 448, g at 512, w at 768.
  std::vector<Attr> group{ints("arrays", {0, 1}), ints("k_offsets", {0, 8}),
                          ints("n_offsets", {0, 0})};
  auto with = [&](std::vector<Attr> more) {
    more.insert(more.end(), group.begin(), group.end());
    std::sort(more.begin(), more.end(),
              [](const Attr &a, const Attr &b) { return a.name < b.name; });
    return more;
  };
  View x = sram(0, {4, 16}), y = sram(256, {4, 4}), d = sram(320, {4, 4});
  View t = sram(384, {4, 4}), lr = sram(448, {}), g = sram(512, {4, 16});
  View w = sram(768, {16, 4});
  Entry entry;
  entry.name = "infer";
  entry.inputs = {
      {"x", dram(0, {4, 16})}, {"t", dram(512, {4, 4})}, {"lr", dram(640, {})}};
  entry.outputs = {{"y", dram(2048, {4, 4})},
                   {"g", dram(2560, {4, 16})},
                   {"w", dram(4096, {16, 4})}};
  Queue load{"dma0", {}}, store{"dma1", {}}, vec{"vec", {}},
      compute{"ecram", {}};
  for (size_t i = 0; i < 3; ++i)
    load.items.push_back({signalling(command(Op::Copy, {entry.inputs[i].view},
                                             {i == 0   ? x
                                              : i == 1 ? t
                                                       : lr}),
                                     {0})});
  compute.items.push_back({signalling(
      waiting(command(Op::Mvm, {x}, {y}, group), {{0, 3, {}}}), {1})});
  vec.items.push_back(
      {signalling(waiting(command(Op::Vec, {y, t}, {d}, {ints("program", {0})}),
                          {{1, 1, {}}}),
                  {2})});
  Repeat updates{3,
                 {{waiting(command(Op::PulsedUpdate, {x, d}, {},
                                   with({floats("learning_rate", {0.01})})),
                           {{2, 1, {}}})}}};
  compute.items.push_back({updates});
  compute.items.push_back({command(Op::PulsedUpdate, {x, d, lr}, {}, group)});
  compute.items.push_back(
      {command(Op::Mvm, {d}, {g}, with({ints("transposed", {1})}))});
  compute.items.push_back({signalling(
      command(Op::ReadWeights, {}, {w}, with({ints("reads", {4})})), {1})});
  store.items.push_back(
      {waiting(command(Op::Copy, {y}, {entry.outputs[0].view}), {{1, 1, {}}})});
  store.items.push_back(
      {waiting(command(Op::Copy, {g}, {entry.outputs[1].view}), {{1, 2, {}}})});
  store.items.push_back({command(Op::Copy, {w}, {entry.outputs[2].view})});
  entry.body.nodes.push_back({Segment{{load, store, compute, vec}, 3}});
  program.entries.push_back(entry);
  return program;
}

Program control() {
  Program program = base();
  program.segments.push_back({"flag", SegmentKind::State, 2048, 16, -1});
  auto fill = [](View to, int64_t bits) {
    Queue queue{
        "dma0",
        {{command(Op::Fill, {}, {std::move(to)}, {ints("bits", {bits})})}}};
    return Node{Segment{{queue}, 0}};
  };
  Entry entry = infer();
  If branch;
  branch.condition = dram(2048, {}, DType::Bool);
  branch.thenBlock.nodes = {fill(dram(512, {8, 16}), 0)};
  branch.elseBlock.nodes = {fill(dram(512, {8, 16}), 0x3f800000)};
  entry.body.nodes.push_back({branch});
  Loop loop;
  loop.maxTrips = 8;
  loop.tripCount = {dram(2056, {}, DType::I64)};
  Queue copy{"dma0",
             {{command(Op::Copy, {dram(0, {16}, DType::F32, {64})},
                       {dram(512, {16}, DType::F32, {64})})}}};
  loop.body.nodes = {{Segment{{copy}, 0}}};
  entry.body.nodes.push_back({loop});
  program.entries.push_back(entry);
  return program;
}

Segment &segment(Program &program, std::string_view entry) {
  for (Entry &e : program.entries)
    if (e.name == entry)
      for (Node &node : e.body.nodes)
        if (auto *s = std::get_if<Segment>(&node.node))
          return *s;
  static Segment none;
  return none;
}

Queue &queue(Program &program, std::string_view engine,
             std::string_view entry) {
  for (Queue &q : segment(program, entry).queues)
    if (q.engine == engine)
      return q;
  static Queue none;
  return none;
}

std::vector<Command *> commands(std::vector<Item> &items) {
  std::vector<Command *> result;
  for (Item &item : items) {
    if (auto *c = std::get_if<Command>(&item.node)) {
      result.push_back(c);
      continue;
    }
    for (Command *c : commands(std::get_if<Repeat>(&item.node)->body))
      result.push_back(c);
  }
  return result;
}

} // namespace hybridc::stream::sample
