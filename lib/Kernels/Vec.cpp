//===- Vec.cpp - Vector programs, chunk by chunk --------------------------===//
//
// The iteration space is cut into boxes of at most kMaxChunk elements: some
// steps of one dimension times all the dimensions inside it. For each box, the
// program's instructions run one after the other over whole registers, which
// stay in the first cache. A contiguous operand is used where it lies; an
// operand that only repeats (a bias, a scale) is loaded once and kept until
// its address changes.
//
//===----------------------------------------------------------------------===//
#include "VecLoops.h"

#include <fmt/format.h>
#include <limits>

namespace hybridc::exec {
namespace {

using stream::VecInstr;
using stream::VecOp;
using stream::VecProgram;

constexpr int64_t kMaxChunk = 1024, kMinChunk = 128;
constexpr size_t kRegisterBudget = 32768; // bytes of a first-level cache
constexpr size_t kMaxViews = 256;         // operands plus indices

struct Step {
  VecOp op = VecOp::Mov;
  VecLoop loop = nullptr;  ///< compute
  VecLoop round = nullptr; ///< after it, to f16 or bf16
  uint16_t dst = 0, a = 0, b = 0, c = 0;
  unsigned bytes = 4; ///< of a register element (Load, Store, Const)
  size_t view = 0;    ///< Load, Store, Index: which column of the nest
  LoadRow load = nullptr;
  StoreRow store = nullptr;
  bool sticky = false; ///< Const, Load: the only writer of its register
  bool narrow = false; ///< Load, Store: memory form differs from register's
  uint64_t imm = 0;
  /// Compute: the store that follows may be done by writing there at once.
  int directView = -1;
  /// … even if that output is also an input (nothing reads it afterwards).
  bool lastReader = false;
  bool elided = false; ///< Store that some compute step has done
};

/// How a view covers a box.
enum class Cover : uint8_t { Contiguous, Uniform, Nested };

class VecKernel final : public Kernel {
public:
  Status prepare(const Command &command, const VecProgram &program,
                 unsigned numThreads);
  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override;

private:
  struct Thread {
    std::byte *slots;
    void **registers;
    const std::byte **lastAddress; ///< by step: what a sticky load holds
    int64_t *lastCount;
  };

  Status addSteps(const Command &command, const VecProgram &program);
  void planDirectStores();
  void planSlots(const VecProgram &program);
  void planBoxes();
  void runBoxes(const std::byte *const *bases, std::byte *scratch,
                int64_t begin, int64_t end, bool direct, bool inPlace) const;
  void loadBox(const Step &step, const std::byte *from, std::byte *to,
               size_t dim, int64_t count) const;
  void storeBox(const Step &step, std::byte *to, const std::byte *from,
                size_t dim, int64_t count) const;
  void indexBox(size_t view, int64_t base, int64_t *to, size_t dim,
                int64_t count) const;
  bool overlaps(const std::byte *const *bases, bool &identical) const;

  std::vector<Step> steps;
  std::vector<unsigned> slotOf; ///< by register
  unsigned numSlots = 0;
  size_t numRegisters = 0, numIns = 0, numOuts = 0;
  Nest nest; ///< views: inputs, outputs, then indices (strides in elements)
  std::vector<Cover> covers;
  std::vector<unsigned> elementBytes;
  std::vector<int64_t> lowest, highest; ///< byte offsets touched, by view
  size_t splitDim = 0;                  ///< the dimension that boxes cut
  int64_t innerCount = 1;               ///< elements inside it
  int64_t boxCount = 1;                 ///< of its steps in one box
  int64_t boxesPerRow = 1, numBoxes = 1, chunk = kMaxChunk;
  size_t threadBytes = 0, slotBytes = 0;
  unsigned threads = 1;
  bool inPlaceSafe = true;
};

Status VecKernel::prepare(const Command &command, const VecProgram &program,
                          unsigned numThreads) {
  threads = numThreads;
  numIns = command.ins.size();
  numOuts = command.outs.size();
  if (numIns != program.numIns || numOuts != program.numOuts)
    return invalidInput(fmt::format(
        "vector program '{}' has {} inputs and {} outputs, the command {} and "
        "{}",
        program.name, program.numIns, program.numOuts, numIns, numOuts));
  for (const VecInstr &instr : program.instrs) {
    VecOp op = VecOp(instr.op);
    if (op == VecOp::Index && instr.imm >= command.outs[0].shape.size())
      return invalidInput(fmt::format(
          "vector program '{}': index of dimension {} in a space of rank {}",
          program.name, instr.imm, command.outs[0].shape.size()));
    if (op != VecOp::Load && op != VecOp::Store)
      continue;
    const View &view =
        (op == VecOp::Load ? command.ins : command.outs)[instr.imm];
    if (view.type != instr.type)
      return invalidInput(
          fmt::format("vector program '{}': {} of {} on an operand of {}",
                      program.name, stream::infoOf(op).name,
                      stream::nameOf(instr.type), stream::nameOf(view.type)));
  }
  numRegisters = program.registers.size();
  std::vector<std::vector<int64_t>> strides;
  for (const auto *views : {&command.ins, &command.outs})
    for (const View &view : *views) {
      strides.push_back(byteStrides(view));
      elementBytes.push_back(stream::sizeOf(view.type));
      int64_t low = 0, high = elementBytes.back();
      for (size_t d = 0; d < view.shape.size(); ++d) {
        int64_t span = (view.shape[d] - 1) * strides.back()[d];
        (span < 0 ? low : high) += span;
      }
      lowest.push_back(low);
      highest.push_back(high);
    }
  const std::vector<int64_t> &shape = command.outs[0].shape;
  for (const VecInstr &instr : program.instrs)
    if (VecOp(instr.op) == VecOp::Index) {
      strides.emplace_back(shape.size(), 0);
      strides.back()[instr.imm] = 1;
    }
  if (strides.size() > kMaxViews)
    return unsupported(fmt::format(
        "a vector program with {} operands and indices (at most {})",
        strides.size(), kMaxViews));
  nest = makeNest(shape, std::move(strides));
  // At least one dimension outside the one that boxes cut is not needed, but
  // the cut one must exist: makeNest yields one dimension at least.
  if (Status s = addSteps(command, program); !s)
    return s;
  planDirectStores();
  planSlots(program);
  planBoxes();
  size_t pointers = numRegisters * sizeof(void *) +
                    steps.size() * (sizeof(void *) + sizeof(int64_t));
  threadBytes = alignUp(numSlots * slotBytes) + alignUp(pointers);
  scratchSize = threadBytes * threads;
  return {};
}

Status VecKernel::addSteps(const Command &command, const VecProgram &program) {
  std::vector<unsigned> writers(numRegisters, 0);
  std::vector<const VecInstr *> constOf(numRegisters, nullptr);
  for (const VecInstr &instr : program.instrs)
    if (VecOp(instr.op) != VecOp::Store) {
      ++writers[instr.dst];
      constOf[instr.dst] = VecOp(instr.op) == VecOp::Const ? &instr : nullptr;
    }
  size_t nextIndex = numIns + numOuts;
  for (const VecInstr &instr : program.instrs) {
    Step step;
    step.op = VecOp(instr.op);
    step.dst = instr.dst;
    step.a = instr.a;
    step.b = instr.b;
    step.c = instr.c;
    step.imm = instr.imm;
    DType dstType = program.registers[instr.dst];
    switch (step.op) {
    case VecOp::Load: {
      DType type = command.ins[instr.imm].type;
      step.view = instr.imm;
      step.load = findLoadRow(type);
      step.bytes = registerBytes(type);
      step.narrow = step.bytes != stream::sizeOf(type);
      step.sticky = writers[instr.dst] == 1;
      break;
    }
    case VecOp::Store: {
      DType type = command.outs[instr.imm].type;
      step.view = numIns + instr.imm;
      step.store = findStoreRow(type);
      step.bytes = registerBytes(type);
      step.narrow = step.bytes != stream::sizeOf(type);
      break;
    }
    case VecOp::Const:
      step.bytes = registerBytes(dstType);
      if (dstType == DType::F16)
        step.imm = floatToBits(f16ToFloat(static_cast<uint16_t>(instr.imm)));
      if (dstType == DType::BF16)
        step.imm = floatToBits(bf16ToFloat(static_cast<uint16_t>(instr.imm)));
      step.sticky = writers[instr.dst] == 1;
      break;
    case VecOp::Index:
      step.view = nextIndex++;
      break;
    case VecOp::Cvt:
      step.loop = findCvtLoop(instr.type, dstType);
      step.round = findRoundLoop(dstType);
      break;
    default:
      step.loop = findVecLoop(step.op, instr.type);
      if (step.op == VecOp::Pow && writers[instr.b] == 1 && constOf[instr.b]) {
        uint64_t bits = constOf[instr.b]->imm;
        double exponent = 0;
        if (instr.type == DType::F64)
          std::memcpy(&exponent, &bits, 8);
        else if (instr.type == DType::F16)
          exponent = f16ToFloat(static_cast<uint16_t>(bits));
        else if (instr.type == DType::BF16)
          exponent = bf16ToFloat(static_cast<uint16_t>(bits));
        else if (instr.type == DType::F32)
          exponent = bitsToFloat(static_cast<uint32_t>(bits));
        if (VecLoop fast = findPowLoop(instr.type, exponent))
          step.loop = fast;
      }
      if (stream::infoOf(step.op).result != stream::VecOpInfo::ResultType::Bool)
        step.round = findRoundLoop(instr.type);
      if (!step.loop)
        return unsupported(fmt::format(
            "vector program '{}': no '{}' on {}", program.name,
            stream::infoOf(step.op).name, stream::nameOf(instr.type)));
    }
    steps.push_back(step);
  }
  return {};
}

/// Lets the instruction that computes a stored register write to the output
/// itself.
void VecKernel::planDirectStores() {
  auto reads = [&](const Step &step, unsigned reg) {
    unsigned n = stream::infoOf(step.op).numOperands;
    return (n > 0 && step.a == reg) || (n > 1 && step.b == reg) ||
           (n > 2 && step.c == reg);
  };
  for (size_t s = 0; s < steps.size(); ++s) {
    Step &store = steps[s];
    if (store.op != VecOp::Store || store.narrow)
      continue;
    // The latest writer, with no other store of the same output.
    size_t end = s;
    while (end > 0 &&
           (steps[end - 1].op == VecOp::Store || steps[end - 1].dst != store.a))
      --end;
    if (end == 0)
      continue;
    size_t w = end - 1;
    if (!steps[w].loop || steps[w].directView >= 0)
      continue;
    bool once = true;
    for (size_t t = 0; t < steps.size(); ++t)
      once &=
          t == s || steps[t].op != VecOp::Store || steps[t].view != store.view;
    if (!once)
      continue;
    // Loads between the two would see the output early.
    bool lastReader = true;
    for (size_t t = w + 1; t < steps.size(); ++t) {
      lastReader &= steps[t].op != VecOp::Load;
      for (const Step &load : steps)
        if (load.op == VecOp::Load && reads(steps[t], load.dst))
          lastReader = false;
    }
    steps[w].directView = static_cast<int>(store.view);
    steps[w].lastReader = lastReader;
    inPlaceSafe &= lastReader;
    store.elided = true;
  }
}

/// Registers that are never alive together share a slot.
void VecKernel::planSlots(const VecProgram &program) {
  std::vector<size_t> first(numRegisters, SIZE_MAX), last(numRegisters, 0);
  auto touch = [&](unsigned reg, size_t at) {
    first[reg] = std::min(first[reg], at);
    last[reg] = std::max(last[reg], at);
  };
  unsigned widest = 4;
  for (size_t s = 0; s < steps.size(); ++s) {
    const Step &step = steps[s];
    unsigned n = stream::infoOf(step.op).numOperands;
    if (n > 0)
      touch(step.a, s);
    if (n > 1)
      touch(step.b, s);
    if (n > 2)
      touch(step.c, s);
    if (step.op != VecOp::Store) {
      touch(step.dst, s);
      widest = std::max(widest, registerBytes(program.registers[step.dst]));
    }
    if (step.sticky) { // outlives the box
      touch(step.dst, 0);
      touch(step.dst, steps.size());
    }
  }
  slotOf.assign(numRegisters, 0);
  std::vector<size_t> freeAt; // by slot: the step after which it is free
  for (size_t s = 0; s < steps.size(); ++s)
    for (size_t r = 0; r < numRegisters; ++r) {
      if (first[r] != s)
        continue;
      size_t slot = 0;
      while (slot < freeAt.size() && freeAt[slot] >= s)
        ++slot;
      if (slot == freeAt.size())
        freeAt.push_back(0);
      freeAt[slot] = last[r];
      slotOf[r] = static_cast<unsigned>(slot);
    }
  numSlots = static_cast<unsigned>(freeAt.size());
  chunk = kMaxChunk;
  while (chunk > kMinChunk &&
         size_t(chunk) * widest * numSlots > kRegisterBudget)
    chunk /= 2;
  slotBytes = alignUp(chunk * widest);
}

void VecKernel::planBoxes() {
  // As many whole inner dimensions as fit, then a piece of the next one.
  splitDim = nest.rank() - 1;
  innerCount = 1;
  while (splitDim > 0 && innerCount * nest.extents[splitDim] <= chunk)
    innerCount *= nest.extents[splitDim--];
  boxCount = std::clamp<int64_t>(chunk / innerCount, 1, nest.extents[splitDim]);
  boxesPerRow = (nest.extents[splitDim] + boxCount - 1) / boxCount;
  numBoxes = boxesPerRow;
  for (size_t d = 0; d < splitDim; ++d)
    numBoxes *= nest.extents[d];
  for (size_t v = 0; v < nest.strides.size(); ++v) {
    const std::vector<int64_t> &stride = nest.strides[v];
    int64_t unit = stride.back();
    bool uniform = true;
    int64_t expected = unit;
    for (size_t d = nest.rank(); d-- > splitDim;) {
      uniform &= stride[d] == expected;
      expected *= nest.extents[d];
    }
    bool element = v < elementBytes.size() && unit == elementBytes[v];
    covers.push_back(uniform && element ? Cover::Contiguous
                     : uniform          ? Cover::Uniform
                                        : Cover::Nested);
  }
}

/// Whether an output shares bytes with an input; `identical`: only ever as the
/// very same view, so that each element is read before it is written.
bool VecKernel::overlaps(const std::byte *const *bases, bool &identical) const {
  bool any = false;
  identical = true;
  for (size_t o = numIns; o < numIns + numOuts; ++o)
    for (size_t i = 0; i < o; ++i) {
      if (bases[i] + highest[i] <= bases[o] + lowest[o] ||
          bases[o] + highest[o] <= bases[i] + lowest[i])
        continue;
      any = true;
      identical &= i < numIns && bases[i] == bases[o] &&
                   elementBytes[i] == elementBytes[o] &&
                   nest.strides[i] == nest.strides[o];
    }
  return any;
}

Status VecKernel::run(const std::byte *const *ins, std::byte *const *outs,
                      std::byte *scratch) {
  const std::byte *bases[kMaxViews];
  for (size_t i = 0; i < numIns; ++i)
    bases[i] = ins[i];
  for (size_t o = 0; o < numOuts; ++o)
    bases[numIns + o] = outs[o];
  if (nest.total() == 0)
    return {};
  bool identical = true, inPlace = overlaps(bases, identical);
  bool direct = !inPlace || (identical && inPlaceSafe);
  unsigned pieces = inPlace && !identical ? 1 : threads;
  int64_t perBox = boxCount * innerCount;
  // Long programs are worth a thread sooner.
  int64_t cost = std::max<int64_t>(1, perBox * int64_t(steps.size()));
  parallelFor(numBoxes, std::max<int64_t>(1, (1 << 16) / cost), pieces,
              [&](int64_t b, int64_t e) {
                runBoxes(bases, scratch + omp_get_thread_num() * threadBytes, b,
                         e, direct, inPlace);
              });
  return {};
}

void VecKernel::runBoxes(const std::byte *const *bases, std::byte *scratch,
                         int64_t begin, int64_t end, bool direct,
                         bool inPlace) const {
  std::byte *slots = scratch;
  void **registers =
      reinterpret_cast<void **>(scratch + alignUp(numSlots * slotBytes));
  const std::byte **lastAddress = reinterpret_cast<const std::byte **>(
      scratch + alignUp(numSlots * slotBytes) + numRegisters * sizeof(void *));
  int64_t *lastCount = reinterpret_cast<int64_t *>(lastAddress + steps.size());
  for (size_t s = 0; s < steps.size(); ++s)
    lastAddress[s] = nullptr;
  int64_t filled = std::min(chunk, (end - begin) * boxCount * innerCount);
  for (const Step &step : steps)
    if (step.op == VecOp::Const && step.sticky) {
      std::byte *slot = slots + slotOf[step.dst] * slotBytes;
      findLoadRow(step.bytes == 1   ? DType::U8
                  : step.bytes == 2 ? DType::U16
                  : step.bytes == 4 ? DType::U32
                                    : DType::U64)(
          slot, reinterpret_cast<const std::byte *>(&step.imm), filled, 0);
      registers[step.dst] = slot;
    }

  int64_t offsets[kMaxViews];
  size_t numViews = nest.strides.size();
  for (int64_t box = begin; box < end; ++box) {
    int64_t rest = box / boxesPerRow;
    int64_t at = box % boxesPerRow * boxCount;
    int64_t count = std::min(boxCount, nest.extents[splitDim] - at);
    int64_t n = count * innerCount;
    for (size_t v = 0; v < numViews; ++v)
      offsets[v] = at * nest.strides[v][splitDim];
    for (size_t d = splitDim; d-- > 0;) {
      int64_t index = rest % nest.extents[d];
      rest /= nest.extents[d];
      for (size_t v = 0; v < numViews; ++v)
        offsets[v] += index * nest.strides[v][d];
    }

    for (size_t s = 0; s < steps.size(); ++s) {
      const Step &step = steps[s];
      std::byte *slot = slots + slotOf[step.dst] * slotBytes;
      switch (step.op) {
      case VecOp::Load: {
        const std::byte *from = bases[step.view] + offsets[step.view];
        // In place, only what is read before anything is written may be used
        // where it lies.
        if (covers[step.view] == Cover::Contiguous && !step.narrow && direct) {
          registers[step.dst] = const_cast<std::byte *>(from);
          break;
        }
        registers[step.dst] = slot;
        bool repeats =
            step.sticky && !inPlace && nest.strides[step.view][splitDim] == 0;
        if (repeats && lastAddress[s] == from && lastCount[s] >= count)
          break;
        lastAddress[s] = repeats ? from : nullptr;
        lastCount[s] = count;
        if (covers[step.view] == Cover::Nested)
          loadBox(step, from, slot, splitDim, count);
        else
          step.load(slot, from, n, nest.strides[step.view].back());
        break;
      }
      case VecOp::Store: {
        if (step.elided && direct && covers[step.view] == Cover::Contiguous)
          break;
        std::byte *to =
            const_cast<std::byte *>(bases[step.view]) + offsets[step.view];
        const std::byte *from =
            static_cast<const std::byte *>(registers[step.a]);
        if (covers[step.view] == Cover::Nested)
          storeBox(step, to, from, splitDim, count);
        else
          step.store(to, from, n, nest.strides[step.view].back());
        break;
      }
      case VecOp::Const:
        if (!step.sticky) {
          findLoadRow(step.bytes == 1   ? DType::U8
                      : step.bytes == 2 ? DType::U16
                      : step.bytes == 4 ? DType::U32
                                        : DType::U64)(
              slot, reinterpret_cast<const std::byte *>(&step.imm), n, 0);
          registers[step.dst] = slot;
        }
        break;
      case VecOp::Index:
        indexBox(step.view, offsets[step.view],
                 reinterpret_cast<int64_t *>(slot), splitDim, count);
        registers[step.dst] = slot;
        break;
      default: {
        void *to = slot;
        if (step.directView >= 0 && direct &&
            covers[step.directView] == Cover::Contiguous)
          to = const_cast<std::byte *>(bases[step.directView]) +
               offsets[step.directView];
        step.loop(to, registers[step.a], registers[step.b], registers[step.c],
                  n);
        if (step.round)
          step.round(to, to, nullptr, nullptr, n);
        registers[step.dst] = to;
      }
      }
    }
  }
}

void VecKernel::loadBox(const Step &step, const std::byte *from, std::byte *to,
                        size_t dim, int64_t count) const {
  const std::vector<int64_t> &stride = nest.strides[step.view];
  if (dim + 1 == nest.rank()) {
    step.load(to, from, count, stride[dim]);
    return;
  }
  int64_t block = step.bytes;
  for (size_t d = dim + 1; d < nest.rank(); ++d)
    block *= nest.extents[d];
  int64_t loaded = stride[dim] == 0 ? 1 : count;
  for (int64_t i = 0; i < loaded; ++i)
    loadBox(step, from + i * stride[dim], to + i * block, dim + 1,
            nest.extents[dim + 1]);
  // Repetitions are copied from the register itself, doubling.
  while (loaded < count) {
    int64_t more = std::min(loaded, count - loaded);
    std::memcpy(to + loaded * block, to, more * block);
    loaded += more;
  }
}

void VecKernel::storeBox(const Step &step, std::byte *to, const std::byte *from,
                         size_t dim, int64_t count) const {
  const std::vector<int64_t> &stride = nest.strides[step.view];
  if (dim + 1 == nest.rank()) {
    step.store(to, from, count, stride[dim]);
    return;
  }
  int64_t block = step.bytes;
  for (size_t d = dim + 1; d < nest.rank(); ++d)
    block *= nest.extents[d];
  for (int64_t i = 0; i < count; ++i)
    storeBox(step, to + i * stride[dim], from + i * block, dim + 1,
             nest.extents[dim + 1]);
}

void VecKernel::indexBox(size_t view, int64_t base, int64_t *to, size_t dim,
                         int64_t count) const {
  int64_t stride = nest.strides[view][dim], block = 1;
  for (size_t d = dim + 1; d < nest.rank(); ++d)
    block *= nest.extents[d];
  for (int64_t i = 0; i < count; ++i) {
    if (dim + 1 == nest.rank())
      to[i] = base + i * stride;
    else
      indexBox(view, base + i * stride, to + i * block, dim + 1,
               nest.extents[dim + 1]);
  }
}

} // namespace

Prepared prepareVec(const Command &command, const PrepareOptions &options) {
  if (!options.vec)
    return invalidInput("a vec command without its vector program");
  return makeReady<VecKernel>(command, *options.vec, options.threads);
}

} // namespace hybridc::exec
