//===- Describe.cpp - A command's work, for the cost function -------------===//

#include "hybridc/Clock/Describe.h"

#include "Saturate.h"

#include "hybridc/Stream/VecIsa.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace hybridc::exec {

using namespace stream;
using chip::Work;
using chip::WorkKind;
using clock::magnitude;
using clock::times;

namespace {

uint64_t extent(const std::vector<int64_t> &shape, size_t dim) {
  return dim < shape.size() && shape[dim] > 0 ? uint64_t(shape[dim]) : 0;
}

/// Product of the extents from `first` up to `last` (not included).
uint64_t productOf(const std::vector<int64_t> &shape, size_t first,
                   size_t last) {
  uint64_t product = 1;
  for (size_t i = first; i < last; ++i)
    product = times(product, extent(shape, i));
  return product;
}

uint64_t elementsOf(const View &view) {
  return productOf(view.shape, 0, view.shape.size());
}

void addRead(Work &work, const View &view, uint64_t bytes) {
  (view.space == Space::Dram ? work.dramReadBytes : work.sramReadBytes) +=
      bytes;
}
void addWrite(Work &work, const View &view, uint64_t bytes) {
  (view.space == Space::Dram ? work.dramWriteBytes : work.sramWriteBytes) +=
      bytes;
}

/// Contiguous runs of `view` when visited in the best order; with `other`,
/// runs that are contiguous in both.
uint64_t runsOf(const View &view, const View *other) {
  struct Dim {
    uint64_t stride, extent, otherStride;
  };
  // Ranks are small; a hostile one only ends the run early.
  std::array<Dim, 16> dims;
  size_t rank = 0;
  for (size_t i = 0; i < view.shape.size() && rank < dims.size(); ++i) {
    int64_t stride = i < view.strides.size() ? view.strides[i] : 0;
    if (view.shape[i] <= 1 || (stride == 0 && !other))
      continue;
    int64_t otherStride =
        other && i < other->strides.size() ? other->strides[i] : stride;
    dims[rank++] = {magnitude(stride), uint64_t(view.shape[i]),
                    magnitude(otherStride)};
  }
  std::sort(dims.begin(), dims.begin() + rank,
            [](const Dim &a, const Dim &b) { return a.stride < b.stride; });
  uint64_t run = 1, runs = 1;
  bool inRun = true;
  for (size_t i = 0; i < rank; ++i) {
    inRun &= dims[i].stride == run && dims[i].otherStride == run;
    (inRun ? run : runs) = times(inRun ? run : runs, dims[i].extent);
  }
  return runs;
}

void describeTransfer(const Command &command, Work &work) {
  work.kind = WorkKind::Transfer;
  work.engine = "dma";
  const View *in = command.ins.empty() ? nullptr : &command.ins[0];
  for (const View &view : command.ins)
    addRead(work, view, footprintBytes(view));
  for (const View &view : command.outs) {
    addWrite(work, view, footprintBytes(view));
    work.format = nameOf(view.type);
    work.runs = std::max(work.runs, runsOf(view, in));
    if (view.space == Space::Dram)
      work.dramRuns = std::max(work.dramRuns, runsOf(view, nullptr));
  }
  if (in && in->space == Space::Dram)
    work.dramRuns = std::max(work.dramRuns, runsOf(*in, nullptr));
}

void addOperands(const Command &command, Work &work) {
  for (const View &view : command.ins)
    addRead(work, view, footprintBytes(view));
  for (const View &view : command.outs)
    addWrite(work, view, footprintBytes(view));
  if (command.intOr("accumulate", 0) != 0)
    for (const View &view : command.outs)
      addRead(work, view, footprintBytes(view));
}

uint32_t small(uint64_t value) {
  return uint32_t(std::min<uint64_t>(value, UINT32_MAX));
}

void countMacs(Work &work) {
  work.macs = times(times(work.m, work.n), times(work.k, work.batch));
}

void setProductOperands(const Command &command, Work &work) {
  work.inputBytes = footprintBytes(command.ins[0]);
  work.weightBytes = footprintBytes(command.ins[1]);
  work.inputFromDram = command.ins[0].space == Space::Dram;
  work.weightsFromDram = command.ins[1].space == Space::Dram;
  work.outputToDram =
      !command.outs.empty() && command.outs[0].space == Space::Dram;
}

void describeMatmul(const Command &command, Work &work) {
  work.kind = WorkKind::Matrix;
  work.engine = "mac";
  addOperands(command, work);
  if (command.ins.size() < 2)
    return;
  setProductOperands(command, work);
  const auto &a = command.ins[0].shape, &b = command.ins[1].shape;
  work.format = nameOf(command.ins[0].type);
  if (a.size() < 2 || b.size() < 2)
    return;
  work.batch = productOf(a, 0, a.size() - 2);
  work.m = extent(a, a.size() - 2);
  work.k = extent(a, a.size() - 1);
  work.n = extent(b, b.size() - 1);
  // Matrices of weights that differ; one for all is broadcast over the batch.
  uint64_t matrix = times(times(work.k, work.n), sizeOf(command.ins[1].type));
  work.groups = small(matrix ? work.weightBytes / matrix : 1);
  countMacs(work);
}

/// Where the spatial extents of a convolution's tensor lie, and its channels.
struct ImageDims {
  size_t first = 0, last = 0; ///< spatial dimensions
  uint64_t images = 0, channels = 0;
  uint64_t pixels = 0;
};

ImageDims imageDims(const View &view, int64_t block) {
  ImageDims dims;
  size_t rank = view.shape.size();
  dims.first = std::min<size_t>(2, rank);
  dims.last = std::max(dims.first, block > 0 && rank > 2 ? rank - 1 : rank);
  dims.images = extent(view.shape, 0);
  dims.channels = extent(view.shape, 1);
  if (block > 0 && rank > 2)
    dims.channels = times(dims.channels, extent(view.shape, rank - 1));
  dims.pixels = productOf(view.shape, dims.first, dims.last);
  return dims;
}

void describeConv(const Command &command, Work &work) {
  work.kind = WorkKind::Matrix;
  work.engine = "mac";
  addOperands(command, work);
  if (command.ins.size() < 2 || command.outs.empty())
    return;
  setProductOperands(command, work);
  const View &x = command.ins[0], &w = command.ins[1], &y = command.outs[0];
  work.format = nameOf(x.type);
  ImageDims in = imageDims(x, command.intOr("x_block", 0));
  ImageDims out = imageDims(y, command.intOr("y_block", 0));
  uint64_t groups = uint64_t(std::max<int64_t>(1, command.intOr("groups", 1)));
  uint64_t channels = std::max<uint64_t>(1, in.channels / groups);
  uint64_t filters = std::max<uint64_t>(1, out.channels / groups);
  // The weights hold taps × channels × filters, whatever their layout.
  uint64_t taps =
      elementsOf(w) /
      std::max<uint64_t>(1, times(times(channels, filters), groups));
  taps = std::max<uint64_t>(1, taps);
  work.batch = times(out.images, groups);
  work.groups = small(groups);
  if (command.intOr("transposed", 0) != 0) {
    // Each input pixel meets all taps of all filters.
    work.m = in.pixels;
    work.n = times(filters, taps);
    work.k = channels;
    countMacs(work);
    return;
  }
  work.m = out.pixels;
  work.n = filters;
  work.k = times(taps, channels);
  countMacs(work);
  if (out.last - out.first == 2) {
    work.outH = small(extent(y.shape, out.first));
    work.outW = small(extent(y.shape, out.first + 1));
    // The kernel's height and width stand together in every layout: after
    // two dimensions, or after one when only the filters are blocked.
    bool oneBefore = command.intOr("y_block", 0) > 0 &&
                     (command.intOr("x_block", 0) == 0 || w.shape.size() == 4);
    size_t first = oneBefore ? 1 : 2;
    work.kernelH = small(extent(w.shape, first));
    work.kernelW = small(extent(w.shape, first + 1));
    const auto &strides = command.ints("strides");
    if (!strides.empty())
      work.stride = small(uint64_t(std::max<int64_t>(1, strides[0])));
  }
}

/// One array more at work.
void addTile(const ArrayTile &tile, Work &work) {
  work.engine = tile.engine;
  work.slices = std::max(1u, tile.slices);
  work.arrays.push_back({tile.rows, tile.cols});
  work.places.push_back(tile.physical);
}

/// The tiles of a command on W, as mvm names them.
void addTiles(const Command &command, const Program &program, Work &work) {
  for (int64_t index : command.ints("arrays"))
    if (index >= 0 && uint64_t(index) < program.arrays.size())
      addTile(program.arrays[size_t(index)], work);
}

void describeMvm(const Command &command, const Program &program, Work &work) {
  work.kind = WorkKind::Analog;
  if (command.ins.empty() || command.outs.empty())
    return;
  const View &x = command.ins[0], &y = command.outs[0];
  work.format = nameOf(x.type);
  const auto &kernel = command.ints("kernel");
  uint64_t fetched = footprintBytes(x);
  if (kernel.empty()) {
    work.vectors =
        productOf(y.shape, 0, y.shape.empty() ? 0 : y.shape.size() - 1);
  } else {
    ImageDims out = imageDims(y, command.intOr("y_block", 0));
    work.vectors = times(out.images, out.pixels);
    // Rows of inputs: those of the kernel, for each row of outputs.
    ImageDims in = imageDims(x, command.intOr("x_block", 0));
    uint64_t inRows = extent(x.shape, in.first);
    uint64_t rows = std::max<uint64_t>(1, extent(y.shape, out.first));
    uint64_t taps = uint64_t(std::max<int64_t>(1, kernel.front()));
    if (inRows > 0)
      fetched = std::min(times(fetched, taps),
                         times(fetched, times(rows, taps)) / inRows);
  }
  addRead(work, x, fetched);
  addWrite(work, y, footprintBytes(y));
  if (command.intOr("accumulate", 0) != 0)
    addRead(work, y, footprintBytes(y));
  addTiles(command, program, work);
  for (auto &[rows, cols] : work.arrays) {
    work.macs += times(work.vectors, times(rows, cols));
    // Driven from the columns, the rows are what converters read.
    if (command.intOr("transposed", 0) != 0)
      std::swap(rows, cols);
  }
}

/// One outer product after the other; each is a multiply-add for each cell.
void describePulsedUpdate(const Command &command, const Program &program,
                          Work &work) {
  work.kind = WorkKind::PulsedUpdate;
  work.format = "f32";
  addOperands(command, work);
  if (!command.ins.empty() && !command.ins[0].shape.empty())
    work.vectors =
        productOf(command.ins[0].shape, 0, command.ins[0].shape.size() - 1);
  addTiles(command, program, work);
  for (const auto &[rows, cols] : work.arrays)
    work.macs += times(work.vectors, times(rows, cols));
}

/// Every row is driven alone, those of tiles side by side at once.
void describeReadWeights(const Command &command, const Program &program,
                         Work &work) {
  work.kind = WorkKind::Analog;
  work.format = "f32";
  addOperands(command, work);
  addTiles(command, program, work);
  uint64_t rows = 0;
  for (const auto &[tileRows, cols] : work.arrays)
    rows = std::max<uint64_t>(rows, tileRows);
  work.vectors =
      times(rows, uint64_t(std::max<int64_t>(1, command.intOr("reads", 1))));
}

/// The array that a command names; null when there is none.
const ArrayTile *tileOf(const Command &command, const Program &program) {
  int64_t index = command.intOr("array", -1);
  return index < 0 || uint64_t(index) >= program.arrays.size()
             ? nullptr
             : &program.arrays[size_t(index)];
}

/// The work is on the whole of the array that a command names.
const ArrayTile *wholeArray(const Command &command, const Program &program,
                            Work &work) {
  const ArrayTile *tile = tileOf(command, program);
  if (!tile)
    return nullptr;
  addTile(*tile, work);
  return tile;
}

void describeProgramArray(const Command &command, const Program &program,
                          Work &work) {
  work.kind = WorkKind::ProgramArray;
  addOperands(command, work);
  work.format = command.ins.empty() ? "f32" : nameOf(command.ins[0].type);
  wholeArray(command, program, work);
}

/// Every row is driven alone, as often as asked for.
void describeReadArray(const Command &command, const Program &program,
                       Work &work) {
  work.kind = WorkKind::Analog;
  work.format = "f32";
  const ArrayTile *tile = wholeArray(command, program, work);
  if (!tile)
    return;
  work.vectors = times(
      tile->rows, uint64_t(std::max<int64_t>(1, command.intOr("reads", 16))));
}

/// Both cells of every pair are read, row by row.
void describeRefresh(const Command &command, const Program &program,
                     Work &work) {
  work.kind = WorkKind::RefreshPairs;
  work.format = "f32";
  const ArrayTile *tile = wholeArray(command, program, work);
  if (!tile)
    return;
  work.vectors = times(tile->rows, 2);
  work.pulses = uint32_t(std::max<int64_t>(0, command.intOr("pulses", 0)));
}

/// One division a column, by the array's own digital side.
void describeSetGain(const Command &command, const Program &program,
                     Work &work) {
  work.kind = WorkKind::ArrayGain;
  work.format = "f32";
  if (const ArrayTile *tile = tileOf(command, program)) {
    work.engine = tile->engine;
    work.elements = tile->cols;
  }
}

bool isFree(VecOp op) {
  return op == VecOp::Load || op == VecOp::Store || op == VecOp::Const ||
         op == VecOp::Mov;
}

bool isSpecial(VecOp op) {
  switch (op) {
  case VecOp::Div:
  case VecOp::Rem:
  case VecOp::Mod:
  case VecOp::Pow:
  case VecOp::Sigmoid:
    return true;
  default:
    return op >= VecOp::Exp && op <= VecOp::Atanh;
  }
}

void describeVec(const Command &command, const Program &program, Work &work) {
  work.kind = WorkKind::Vector;
  work.engine = "vec";
  addOperands(command, work);
  work.format = "i8";
  work.opsPerElement = 0;
  if (!command.outs.empty())
    work.elements = elementsOf(command.outs[0]);
  int64_t index = command.intOr("program", -1);
  if (index < 0 || uint64_t(index) >= program.vecPrograms.size())
    return;
  unsigned widest = 0;
  for (const VecInstr &instr : program.vecPrograms[size_t(index)].instrs) {
    VecOp op = static_cast<VecOp>(instr.op);
    if (isFree(op))
      continue;
    work.opsPerElement += 1;
    if (isSpecial(op))
      work.specialPerElement += 1;
    if (sizeOf(instr.type) > widest) {
      widest = sizeOf(instr.type);
      work.format = nameOf(instr.type);
    }
  }
  if (widest == 0) // only moves what it loads
    for (const View &view : command.outs)
      if (sizeOf(view.type) > widest) {
        widest = sizeOf(view.type);
        work.format = nameOf(view.type);
      }
  work.opsPerElement = std::max(1.0, work.opsPerElement);
}

/// Reduce, pool, normalize.
void describeDense(const Command &command, Work &work) {
  work.kind = WorkKind::Vector;
  work.engine = "vec";
  addOperands(command, work);
  if (command.ins.empty() || command.outs.empty())
    return;
  work.format = nameOf(command.ins[0].type);
  work.elements = elementsOf(command.ins[0]);
  if (command.op == Op::Pool) {
    uint64_t window = 1;
    for (int64_t size : command.ints("window"))
      window = times(window, uint64_t(std::max<int64_t>(1, size)));
    work.elements = times(elementsOf(command.outs[0]), window);
  } else if (command.op == Op::Normalize) {
    work.opsPerElement = 5;
    work.specialPerElement = 1;
  }
}

void describeControl(const Command &command, Work &work) {
  work.kind = WorkKind::Control;
  work.engine = "ctl";
  work.format = command.outs.empty() ? "i8" : nameOf(command.outs[0].type);
  if (command.op == Op::Gather && command.ins.size() == 2 &&
      !command.outs.empty()) {
    // Only the rows that are picked are read.
    uint64_t picked = footprintBytes(command.outs[0]);
    addRead(work, command.ins[0], picked);
    addRead(work, command.ins[1], footprintBytes(command.ins[1]));
    addWrite(work, command.outs[0], picked);
    work.elements = elementsOf(command.ins[1]);
    return;
  }
  addOperands(command, work);
  for (const View &view : command.ins)
    work.elements = std::max(work.elements, elementsOf(view));
  for (const View &view : command.outs)
    work.elements = std::max(work.elements, elementsOf(view));
  work.opsPerElement = 4;
}

} // namespace

uint64_t footprintBytes(const View &view) {
  uint64_t elements = 1;
  for (size_t i = 0; i < view.shape.size(); ++i) {
    int64_t stride = i < view.strides.size() ? view.strides[i] : 0;
    if (view.shape[i] <= 0)
      return 0;
    if (stride != 0)
      elements = times(elements, uint64_t(view.shape[i]));
  }
  return times(elements, sizeOf(view.type));
}

Work describe(const Command &command, const Program &program) {
  Work work;
  switch (command.op) {
  case Op::Copy:
  case Op::Fill:
    describeTransfer(command, work);
    break;
  case Op::Matmul:
    describeMatmul(command, work);
    break;
  case Op::Conv:
    describeConv(command, work);
    break;
  case Op::Mvm:
    describeMvm(command, program, work);
    break;
  case Op::ProgramArray:
    describeProgramArray(command, program, work);
    break;
  case Op::ReadArray:
    describeReadArray(command, program, work);
    break;
  case Op::SetGain:
    describeSetGain(command, program, work);
    break;
  case Op::RefreshPairs:
    describeRefresh(command, program, work);
    break;
  case Op::PulsedUpdate:
    describePulsedUpdate(command, program, work);
    break;
  case Op::ReadWeights:
    describeReadWeights(command, program, work);
    break;
  case Op::Vec:
    describeVec(command, program, work);
    break;
  case Op::Reduce:
  case Op::Pool:
  case Op::Normalize:
    describeDense(command, work);
    break;
  case Op::Gather:
  case Op::Kernel:
    describeControl(command, work);
    break;
  }
  return work;
}

} // namespace hybridc::exec
