//===- Matmul.cpp - Batched matrix products -------------------------------===//
#include "Gemm.h"
#include "Pieces.h"
#include "VecLoops.h"
#include "hybridc/Kernels/OneDnn.h"

#include <atomic>
#include <fmt/format.h>

namespace hybridc::exec {
namespace {

/// A view whose broadcast dimensions have extent 1, so that packing it does
/// not multiply them; `strides` of the dense copy, zero where broadcast.
View withoutBroadcast(const View &view, std::vector<int64_t> &strides) {
  View once = view;
  for (size_t d = 0; d < view.shape.size(); ++d)
    if (view.strides[d] == 0)
      once.shape[d] = 1;
  strides = stream::rowMajorStrides(once.shape);
  for (size_t d = 0; d < view.shape.size(); ++d)
    if (once.shape[d] == 1)
      strides[d] = 0;
  return once;
}

bool isByte(DType type) { return stream::sizeOf(type) == 1; }

class MatmulKernel final : public PieceKernel {
public:
  Status prepare(const Command &command, unsigned numThreads);
  Status runPieces(const std::byte *const *ins, std::byte *const *outs,
                   std::byte *scratch, const After *after) override;
  int64_t numPieces() const override { return batch.total() * gemm.tasks(); }
  Piece piece(int64_t i) const override {
    Gemm::Borders part = gemm.bordersOf(i % gemm.tasks());
    return {i / gemm.tasks(), part.row, part.rows, part.col, part.cols};
  }

private:
  /// An operand that is packed before the product, and maybe converted.
  struct Pack {
    bool needed = false;
    Packer packer;
    size_t offset = 0;
    bool flip = false;     ///< u8 → i8 by subtracting 128
    VecLoop cvt = nullptr; ///< to i32, where int8 products are not exact
    int64_t elements = 0, zero = 0;
    size_t narrowOffset = 0;
    DType type = DType::F32;
  };
  const std::byte *packOperand(const Pack &pack, const std::byte *data,
                               std::byte *scratch) const;

  Pack a, b, c;
  Gemm gemm;
  Nest batch; ///< operands a, b, c in bytes
  bool swapped = false;
  bool accumulate = false;
  unsigned threads = 1;
};

Status MatmulKernel::prepare(const Command &command, unsigned numThreads) {
  threads = numThreads;
  accumulate = command.intOr("accumulate", 0) != 0;
  View views[3] = {command.ins[0], command.ins[1], command.outs[0]};
  size_t rank = views[0].shape.size(), rows = rank - 2, cols = rank - 1;
  int64_t m = views[2].shape[rows], n = views[2].shape[cols];
  int64_t k = views[0].shape[cols];
  int64_t aZero = command.intOr("a_zero", 0),
          bZero = command.intOr("b_zero", 0);
  GemmShape shape;
  bool int8 = isByte(views[0].type);
  if (!int8 && (aZero || bZero))
    return unsupported("zero points of a matrix product of type " +
                       std::string(stream::nameOf(views[0].type)));
  auto zeroFits = [](DType type, int64_t zero) {
    return type == DType::U8 ? zero >= 0 && zero <= 255
                             : zero >= -128 && zero <= 127;
  };
  if (int8 &&
      (!zeroFits(views[0].type, aZero) || !zeroFits(views[1].type, bZero)))
    return invalidInput(fmt::format(
        "zero points {} and {} lie outside their types {} and {}", aZero, bZero,
        stream::nameOf(views[0].type), stream::nameOf(views[1].type)));

  // The type that is computed in, and what has to be packed for it.
  bool widens[3], halves[3];
  for (int i = 0; i < 3; ++i)
    halves[i] = widens[i] =
        views[i].type == DType::F16 || views[i].type == DType::BF16;
  bool exactInt8 = int8 && dnnlInt8IsExact();
  switch (views[2].type) {
  case DType::F64:
    shape.type = DType::F64;
    break;
  case DType::I64:
  case DType::U64:
    shape.type = DType::I64;
    break;
  case DType::I32:
  case DType::U32:
    shape.type = DType::I32;
    break;
  default:
    shape.type = DType::F32;
    break;
  }
  shape.aType = shape.bType = shape.type;
  if (exactInt8) {
    shape.aType = views[0].type;
    shape.bType = DType::I8;
  }
  Pack *packs[3] = {&a, &b, &c};
  std::vector<int64_t> strides[3]; // of what the product sees
  unsigned bytes[3];
  for (int i = 0; i < 3; ++i) {
    Pack &pack = *packs[i];
    int64_t r = views[i].shape[rows], q = views[i].shape[cols];
    bytes[i] = halves[i] ? 4 : stream::sizeOf(views[i].type);
    Matrix matrix{views[i].strides[rows], views[i].strides[cols]};
    bool readable = Gemm::readable(matrix, r, q);
    for (int64_t s : views[i].strides)
      readable &= s >= 0;
    // int8 operands of different signedness cannot be exchanged to compute a
    // column-major result.
    if (i == 2 && exactInt8)
      readable &= matrix.colStride == 1 || q == 1;
    pack.type = views[i].type;
    pack.flip = i == 1 && exactInt8 && views[1].type == DType::U8;
    if (i < 2 && int8 && !exactInt8) {
      pack.cvt = findCvtLoop(views[i].type, DType::I32);
      pack.zero = i ? bZero : aZero;
      bytes[i] = 4;
    }
    pack.needed = !readable || halves[i] || pack.flip || pack.cvt;
    strides[i] = views[i].strides;
    if (!pack.needed)
      continue;
    View once = withoutBroadcast(views[i], strides[i]);
    pack.packer = Packer(once, threads, true);
    pack.elements = stream::numElements(once);
    pack.offset = scratchSize;
    scratchSize += pack.packer.bytes();
    if (pack.cvt) {
      pack.narrowOffset = pack.offset;
      pack.offset = scratchSize;
      scratchSize += alignUp(pack.elements * 4);
    }
  }
  // Packed extents of 1 keep stride 0: give the matrix part usable strides.
  for (int i = 0; i < 3; ++i)
    if (packs[i]->needed) {
      int64_t q = views[i].shape[cols];
      bool rowsOnce = strides[i][rows] == 0, colsOnce = strides[i][cols] == 0;
      if ((rowsOnce && views[i].shape[rows] > 1) || (colsOnce && q > 1)) {
        // Broadcast inside the matrix: pack it in full.
        View full = views[i];
        for (size_t d = 0; d < rows; ++d)
          if (full.strides[d] == 0)
            full.shape[d] = 1;
        packs[i]->packer = Packer(full, threads, true);
        packs[i]->elements = stream::numElements(full);
        strides[i] = stream::rowMajorStrides(full.shape);
        for (size_t d = 0; d < rows; ++d)
          if (full.shape[d] == 1)
            strides[i][d] = 0;
        if (packs[i]->cvt) {
          packs[i]->narrowOffset = scratchSize;
          scratchSize += packs[i]->packer.bytes();
          packs[i]->offset = scratchSize;
          scratchSize += alignUp(packs[i]->elements * 4);
        } else {
          packs[i]->offset = scratchSize;
          scratchSize += packs[i]->packer.bytes();
        }
      }
    }

  // Batch dimensions that b does not see become rows.
  std::vector<int64_t> extents(views[2].shape.begin(),
                               views[2].shape.begin() + rows);
  std::vector<std::vector<int64_t>> nestStrides;
  for (int i = 0; i < 3; ++i) {
    nestStrides.emplace_back(strides[i].begin(), strides[i].begin() + rows);
    nestStrides.back().push_back(i == 1 ? 0 : strides[i][rows]);
    for (int64_t &s : nestStrides.back())
      s *= bytes[i];
  }
  extents.push_back(m);
  batch = makeNest(extents, nestStrides);
  Matrix am{strides[0][rows], strides[0][cols]};
  Matrix bm{strides[1][rows], strides[1][cols]};
  Matrix cm{strides[2][rows], strides[2][cols]};
  size_t last = batch.rank() - 1;
  bool foldable = batch.strides[1][last] == 0 &&
                  (cm.colStride == 1 || n == 1) &&
                  (n == 1 || batch.strides[2][last] >= n * bytes[2]) &&
                  batch.strides[0][last] % bytes[0] == 0;
  Matrix folded{batch.strides[0][last] / int64_t(bytes[0]), am.colStride};
  if (foldable && Gemm::readable(folded, batch.extents[last], k)) {
    m = batch.extents[last];
    am.rowStride = folded.rowStride;
    cm.rowStride = batch.strides[2][last] / bytes[2];
    batch.extents[last] = 1;
    for (std::vector<int64_t> &s : batch.strides)
      s[last] = 0;
  } else { // rows stay rows
    extents.pop_back();
    for (std::vector<int64_t> &s : nestStrides)
      s.pop_back();
    batch = makeNest(extents, nestStrides);
  }

  shape.accumulate = accumulate;
  shape.k = k;
  if (exactInt8) {
    shape.aZero = static_cast<int32_t>(aZero);
    shape.bZero = static_cast<int32_t>(b.flip ? bZero - 128 : bZero);
  }
  // A result stored by columns is the product of the transposed operands.
  swapped = cm.colStride != 1 && n != 1;
  if (swapped) {
    std::swap(am, bm);
    std::swap(am.rowStride, am.colStride);
    std::swap(bm.rowStride, bm.colStride);
    std::swap(cm.rowStride, cm.colStride);
    std::swap(m, n);
    std::swap(shape.aZero, shape.bZero);
  }
  shape.m = m;
  shape.n = n;
  shape.a = am;
  shape.b = bm;
  shape.c = cm;
  gemm = Gemm(shape);
  if (!swapped && !c.needed)
    pieceGrid = {batch.total(), m, n};
  return {};
}

const std::byte *MatmulKernel::packOperand(const Pack &pack,
                                           const std::byte *data,
                                           std::byte *scratch) const {
  if (!pack.needed)
    return data;
  std::byte *dense = scratch + pack.offset;
  if (pack.cvt) {
    std::byte *narrow = scratch + pack.narrowOffset;
    pack.packer.pack(data, narrow);
    pack.cvt(dense, narrow, nullptr, nullptr, pack.elements);
    int32_t *values = reinterpret_cast<int32_t *>(dense);
    for (int64_t i = 0; i < pack.elements; ++i)
      values[i] -= static_cast<int32_t>(pack.zero);
    return dense;
  }
  pack.packer.pack(data, dense);
  if (pack.flip)
    for (int64_t i = 0; i < pack.elements; ++i)
      dense[i] ^= std::byte(0x80);
  return dense;
}

Status MatmulKernel::runPieces(const std::byte *const *ins,
                               std::byte *const *outs, std::byte *scratch,
                               const After *after) {
  const std::byte *pa = packOperand(a, ins[0], scratch);
  const std::byte *pb = packOperand(b, ins[1], scratch);
  std::byte *pc = outs[0];
  if (c.needed) {
    pc = scratch + c.offset;
    if (accumulate)
      c.packer.pack(outs[0], pc);
  }
  int64_t perProduct = gemm.tasks(), total = batch.total() * perProduct;
  std::atomic<bool> failed = false;
  parallelFor(total, 1, threads, [&](int64_t begin, int64_t end) {
    Odometer at;
    at.seek(batch, batch.rank(), begin / perProduct);
    for (int64_t t = begin; t < end; ++t) {
      const std::byte *x = pa + at.offset[0], *y = pb + at.offset[1];
      if (!gemm.runTask(t % perProduct, swapped ? y : x, swapped ? x : y,
                        pc + at.offset[2]))
        failed = true;
      if (after)
        (*after)(t);
      if ((t + 1) % perProduct == 0)
        at.next(batch, batch.rank());
    }
  });
  if (failed)
    return Error{ExitCode::Internal, "oneDNN's gemm failed"};
  if (c.needed)
    c.packer.unpack(pc, outs[0]);
  return {};
}

} // namespace

Prepared prepareMatmul(const Command &command, const PrepareOptions &options) {
  return makeReady<MatmulKernel>(command, options.threads);
}

} // namespace hybridc::exec
