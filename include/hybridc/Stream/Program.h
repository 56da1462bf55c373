//===- Program.h - A command stream in memory -----------------*- C++ -*-===//
//
// What a `.hyb` file says, as plain structs. The writer and reader
// (Stream/Serialize.h) convert to and from FlatBuffers + blobs; the verifier
// (Stream/Verify.h) says whether a program is well formed; the hazard checker
// (Stream/Hazards.h) proves that its semaphores order every conflict; the
// executor (Executor/) runs it. Nothing here needs MLIR or LLVM.
//
// Memories
//   DRAM is one address space of `Program::dramBytes`, covered by disjoint
//   segments; a view lies inside one segment. SRAM is one address space of the
//   chip's scratchpad size. Arrays are numbered 0 .. number of arrays - 1.
//
// Control
//   An entry is a block: a list of nodes that run one after the other with a
//   full barrier between them (all queues drained, semaphores back at zero).
//   A `Segment` node is a set of in-order queues that run at once and meet at
//   semaphores; `If` and `Loop` nodes hold blocks and are decided by `ctl`.
//   Inside a queue, `Repeat` items are hardware loops.
//
// Semaphores
//   Timeline semaphores: a counter that starts at zero with its segment, is
//   incremented by `signals` when a command has finished and, by the
//   verifier's rule, signalled from one queue only. A command starts when
//   each of its `waits` holds: counter >= value.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STREAM_PROGRAM_H
#define HYBRIDC_STREAM_PROGRAM_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hybridc::stream {

/// Element types. Sub-byte types are stored one element a byte.
enum class DType : uint8_t {
  F32,
  F64,
  F16,
  BF16,
  I8,
  I16,
  I32,
  I64,
  U8,
  U16,
  U32,
  U64,
  Bool,
};
constexpr unsigned kNumDTypes = 13;

/// Bytes of one element.
unsigned sizeOf(DType type);
/// "f32", "i8", "bool", …
std::string_view nameOf(DType type);
/// True and `type` set when `name` is one of nameOf()'s.
bool parseDType(std::string_view name, DType &type);

enum class Space : uint8_t { Dram, Sram };

/// A strided box of elements in a memory. Element (i0, i1, …) lies at byte
///   address + sizeOf(type) * sum(i_d * strides[d]) + sum(iv_l * steps[l])
/// where iv_l are the counters of the enclosing loops, outermost first (block
/// loops, then the queue's Repeats). Strides are in elements and may be zero
/// (broadcast, inputs only) or negative; steps are in bytes. Rank 0 is one
/// element. `steps` may be shorter than the nest: missing ones are zero.
struct View {
  Space space = Space::Dram;
  DType type = DType::F32;
  uint64_t address = 0;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
  std::vector<int64_t> steps;

  bool operator==(const View &) const = default;
};

/// Number of elements of a view.
int64_t numElements(const View &view);
/// Row-major strides of a shape, in elements.
std::vector<int64_t> rowMajorStrides(const std::vector<int64_t> &shape);

/// What a command does. One row of `commandSpecs()` each: its name, its
/// operands, its attributes; docs/CommandStream.md is generated from that
/// table and says what each computes.
enum class Op : uint8_t {
  Copy,         ///< strided copy, any memory to any memory
  Fill,         ///< constant into a view
  Matmul,       ///< batched matrix product on `mac`
  Conv,         ///< convolution or transposed convolution on `mac`
  Mvm,          ///< analog contraction on a set of arrays
  ProgramArray, ///< writes weights into one array
  Vec,          ///< runs a vector program element by element
  Reduce,       ///< reduction over axes
  Pool,         ///< reduction over a sliding window
  Normalize,    ///< softmax, log-softmax, mean-variance normalisation
  Gather,       ///< rows picked by an index tensor
  Kernel,       ///< a named kernel of the control core
  ReadArray,    ///< reads an array out, row by row, to see its drift
  SetGain,      ///< sets an array's output gain from its last read-out
  PulsedUpdate, ///< outer products, pulsed into arrays that train
  ReadWeights,  ///< reads what a set of arrays holds, row by row
  RefreshPairs, ///< resets and rewrites one-sided pairs that have grown
};
constexpr unsigned kNumOps = 17;

enum class AttrKind : uint8_t { Ints, Floats, Text };

/// One attribute. Which of the fields counts is said by the command's spec.
struct Attr {
  std::string name;
  AttrKind kind = AttrKind::Ints;
  std::vector<int64_t> ints;
  std::vector<double> floats;
  std::string text;

  bool operator==(const Attr &) const = default;
};

/// Start only when semaphore `id` has counted to `value` (+ sum(iv_l *
/// steps[l]) over the queue's own Repeats, outermost first).
struct Wait {
  uint32_t id = 0;
  uint64_t value = 0;
  std::vector<int64_t> steps;

  bool operator==(const Wait &) const = default;
};

struct Command {
  Op op = Op::Copy;
  std::vector<View> ins, outs;
  std::vector<Attr> attrs; ///< sorted by name
  std::vector<Wait> waits;
  std::vector<uint32_t> signals; ///< each + 1 when the command has finished
  uint32_t origin = 0;           ///< index into Program::origins

  const Attr *find(std::string_view name) const;
  /// First integer of attribute `name`, or `fallback` when absent.
  int64_t intOr(std::string_view name, int64_t fallback) const;
  double floatOr(std::string_view name, double fallback) const;
  std::string_view textOr(std::string_view name,
                          std::string_view fallback) const;
  /// All integers of attribute `name`; empty when absent.
  const std::vector<int64_t> &ints(std::string_view name) const;
  const std::vector<double> &floats(std::string_view name) const;

  bool operator==(const Command &) const = default;
};

struct Item;

/// A hardware loop of a queue: `body` runs `count` times.
struct Repeat {
  uint64_t count = 0;
  std::vector<Item> body;

  bool operator==(const Repeat &) const = default;
};

/// What a queue holds: commands and hardware loops.
struct Item {
  std::variant<Command, Repeat> node;

  bool operator==(const Item &) const = default;
};

/// The in-order queue of one engine instance, named as in the chip
/// description: "dma0", "dma1", "mac", "vec", "ctl", "pcm", …
struct Queue {
  std::string engine;
  std::vector<Item> items;

  bool operator==(const Queue &) const = default;
};

struct Node;
struct Block {
  std::vector<Node> nodes;

  bool operator==(const Block &) const = default;
};

struct Segment {
  std::vector<Queue> queues;
  uint32_t numSemaphores = 0;

  bool operator==(const Segment &) const = default;
};

/// Runs `thenBlock` when the Bool element at `condition` is true.
struct If {
  View condition; ///< rank 0, Bool
  Block thenBlock, elseBlock;
  uint32_t origin = 0;

  bool operator==(const If &) const = default;
};

/// Runs `body` while iteration < min(maxTrips, *tripCount) and *condition
/// (read before each iteration) is true. Absent views do not limit. The
/// loop's counter is iv of the body's views.
struct Loop {
  uint64_t maxTrips = 0;
  std::vector<View> tripCount; ///< none or one, rank 0, I64
  std::vector<View> condition; ///< none or one, rank 0, Bool
  Block body;
  uint32_t origin = 0;

  bool operator==(const Loop &) const = default;
};

struct Node {
  std::variant<Segment, If, Loop> node;

  bool operator==(const Node &) const = default;
};

/// A named tensor at an entry's edge: dense row-major at `view`.
struct Binding {
  std::string name;
  View view;

  bool operator==(const Binding &) const = default;
};

/// What can be run: "program" writes the arrays, "infer" runs the model.
struct Entry {
  std::string name;
  std::vector<Binding> inputs, outputs;
  Block body;

  bool operator==(const Entry &) const = default;
};

enum class SegmentKind : uint8_t {
  Scratch,  ///< activations; contents undefined when an entry starts
  Constant, ///< initial contents from a blob; never written
  State,    ///< survives from entry to entry; starts from a blob or as zeros
};

/// A range of DRAM. Ranges are disjoint.
struct DramSegment {
  std::string name;
  SegmentKind kind = SegmentKind::Scratch;
  uint64_t address = 0;
  uint64_t bytes = 0;
  int32_t blob = -1; ///< index into Program::blobs, or -1

  bool operator==(const DramSegment &) const = default;
};

/// A weight blob: bytes kept alive by `owner` (a mapped file, a buffer).
struct Blob {
  const std::byte *data = nullptr;
  uint64_t bytes = 0;
  std::shared_ptr<const void> owner;

  /// Equal bytes; who owns them does not matter.
  bool operator==(const Blob &other) const;
};

/// One instruction of a vector program. `dst`, `a`, `b`, `c` are registers.
struct VecInstr {
  uint8_t op = 0;          ///< VecOp (Stream/VecIsa.h)
  DType type = DType::F32; ///< type of the operands (Cvt: of the source)
  uint16_t dst = 0, a = 0, b = 0, c = 0;
  uint64_t imm = 0; ///< Const: bits of the value; Load/Store: operand number;
                    ///< Index: dimension

  bool operator==(const VecInstr &) const = default;
};

/// A vector program, run for every element of the iteration space: the shape
/// of the command's first output. Operand views of the Vec command have that
/// shape (strides 0 broadcast).
struct VecProgram {
  std::string name;
  uint16_t numIns = 0, numOuts = 0;
  std::vector<DType> registers; ///< the type of each register
  std::vector<VecInstr> instrs;

  bool operator==(const VecProgram &) const = default;
};

/// What an array holds after the "program" entry; ProgramArray fills it.
struct ArrayTile {
  std::string name;
  std::string engine; ///< the chip's array kind: "pcm", "ecram", …
  uint32_t rows = 0;  ///< used rows (K) and columns (N, logical weights)
  uint32_t cols = 0;
  uint32_t slices = 1;   ///< cells that hold one weight, most significant first
  uint32_t cellBits = 0; ///< bits of a cell; 0 = analog (one cell, no slicing)
  uint8_t mapping = 0;   ///< 0 differential pair, 1 offset
  uint32_t physical = 0; ///< first physical array of that kind, for the clock
  uint32_t origin = 0;
  /// Physical line of each logical row and column, where the tile is mapped
  /// around faults: then its cells are also written around those of
  /// Program::faults that are stuck. Empty: logical is physical.
  std::vector<uint32_t> rowMap = {}, colMap = {};
  /// 1 for each column that is stored negated; empty: none.
  std::vector<uint8_t> flipped = {};

  bool operator==(const ArrayTile &) const = default;
};

/// Where a command comes from: a group and the ONNX nodes in it.
struct Origin {
  std::string node; ///< ONNX node name (several joined by '+')
  std::string op;   ///< ONNX operator ("Conv+Relu")
  std::string group;
  std::string engine;             ///< engine kind chosen by `partition`
  std::string precision;          ///< format chosen by `precision`
  std::string reason;             ///< why that engine and format
  double estimatedLatency_ns = 0; ///< the partitioner's own estimate
  double estimatedEnergy_pj = 0;

  bool operator==(const Origin &) const = default;
};

/// An entry without inputs and outputs that is to run at given times after the
/// arrays were first programmed.
struct Recalibration {
  std::string entry;        ///< "recalibrate" (gains), "program" (weights anew)
  std::vector<double> at_s; ///< ascending

  bool operator==(const Recalibration &) const = default;
};

struct Program {
  std::string model;     ///< file name of the model, without folders
  std::string target;    ///< name of the chip
  std::string chipYaml;  ///< the resolved chip description
  std::string precision; ///< as given: "exact", "auto", "int8", …
  uint64_t dramBytes = 0;
  uint64_t sramBytes = 0;
  uint64_t sramLowerBoundBytes = 0;  ///< largest set of bytes live at once
  std::vector<DramSegment> segments; ///< by address
  std::vector<Blob> blobs;
  std::vector<VecProgram> vecPrograms;
  std::vector<ArrayTile> arrays;
  std::vector<Origin> origins;
  std::vector<Entry> entries;
  /// What was known to be broken when it was compiled: a fault map
  /// (Chip/Faults.h) as text; empty: nothing.
  std::string faults;
  double horizon_s = 0; ///< how long it is to be used; 0: not stated
  std::vector<Recalibration> recalibrations;

  const Entry *findEntry(std::string_view name) const;

  bool operator==(const Program &) const = default;
};

} // namespace hybridc::stream

#endif // HYBRIDC_STREAM_PROGRAM_H
