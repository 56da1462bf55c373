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

  struct Plan;
  static Status checkZeros(const Plan &plan);
  void reserve(Pack &pack);
  void planPack(Plan &plan, int i);
  void packInFull(Plan &plan, int i);
  void foldBatch(Plan &plan);
  static void swapOperands(GemmShape &shape);

  Pack a, b, c;
  Pack *const packs[3] = {&a, &b, &c};
  Gemm gemm;
  Nest batch; ///< operands a, b, c in bytes
  bool swapped = false;
  bool accumulate = false;
  unsigned threads = 1;
};

/// What prepare() finds out step by step: of a, b and c.
struct MatmulKernel::Plan {
  View views[3];
  std::vector<int64_t> strides[3] = {}; ///< of what the product sees
  unsigned bytes[3] = {};               ///< of its elements
  int64_t zeros[2] = {};
  size_t rows = 0, cols = 0; ///< dimensions of the matrices
  bool int8 = false, exactInt8 = false;
  GemmShape shape = {};
};

Status MatmulKernel::checkZeros(const Plan &plan) {
  const View *views = plan.views;
  const int64_t *zeros = plan.zeros;
  if (!plan.int8 && (zeros[0] || zeros[1]))
    return unsupported("zero points of a matrix product of type " +
                       std::string(stream::nameOf(views[0].type)));
  auto zeroFits = [](DType type, int64_t zero) {
    return type == DType::U8 ? zero >= 0 && zero <= 255
                             : zero >= -128 && zero <= 127;
  };
  if (plan.int8 && (!zeroFits(views[0].type, zeros[0]) ||
                    !zeroFits(views[1].type, zeros[1])))
    return invalidInput(
        fmt::format("zero points {} and {} lie outside their types {} and {}",
                    zeros[0], zeros[1], stream::nameOf(views[0].type),
                    stream::nameOf(views[1].type)));
  return {};
}

/// The type that is computed in, for a result of `type`.
DType computedIn(DType type) {
  switch (type) {
  case DType::F64:
    return DType::F64;
  case DType::I64:
  case DType::U64:
    return DType::I64;
  case DType::I32:
  case DType::U32:
    return DType::I32;
  default:
    return DType::F32;
  }
}

void MatmulKernel::reserve(Pack &pack) {
  pack.offset = scratchSize;
  scratchSize += pack.packer.bytes();
  if (!pack.cvt)
    return;
  pack.narrowOffset = pack.offset;
  pack.offset = scratchSize;
  scratchSize += alignUp(pack.elements * 4);
}

/// Whether operand `i` has to be packed, and how.
void MatmulKernel::planPack(Plan &plan, int i) {
  const View &view = plan.views[i];
  Pack &pack = *packs[i];
  int64_t r = view.shape[plan.rows], q = view.shape[plan.cols];
  bool half = view.type == DType::F16 || view.type == DType::BF16;
  plan.bytes[i] = half ? 4 : stream::sizeOf(view.type);
  Matrix matrix{view.strides[plan.rows], view.strides[plan.cols]};
  bool readable = Gemm::readable(matrix, r, q);
  for (int64_t s : view.strides)
    readable &= s >= 0;
  // int8 operands of different signedness cannot be exchanged to compute a
  // column-major result.
  if (i == 2 && plan.exactInt8)
    readable &= matrix.colStride == 1 || q == 1;
  pack.type = view.type;
  pack.flip = i == 1 && plan.exactInt8 && view.type == DType::U8;
  if (i < 2 && plan.int8 && !plan.exactInt8) {
    pack.cvt = findCvtLoop(view.type, DType::I32);
    pack.zero = plan.zeros[i];
    plan.bytes[i] = 4;
  }
  pack.needed = !readable || half || pack.flip || pack.cvt;
  plan.strides[i] = view.strides;
  if (!pack.needed)
    return;
  View once = withoutBroadcast(view, plan.strides[i]);
  pack.packer = Packer(once, threads, true);
  pack.elements = stream::numElements(once);
  reserve(pack);
}

/// Packed extents of 1 keep stride 0: gives the matrix part of operand `i`
/// usable strides.
void MatmulKernel::packInFull(Plan &plan, int i) {
  Pack &pack = *packs[i];
  const View &view = plan.views[i];
  std::vector<int64_t> &strides = plan.strides[i];
  bool rowsOnce = strides[plan.rows] == 0, colsOnce = strides[plan.cols] == 0;
  if (!pack.needed || !((rowsOnce && view.shape[plan.rows] > 1) ||
                        (colsOnce && view.shape[plan.cols] > 1)))
    return;
  // Broadcast inside the matrix: pack it in full.
  View full = view;
  for (size_t d = 0; d < plan.rows; ++d)
    if (full.strides[d] == 0)
      full.shape[d] = 1;
  pack.packer = Packer(full, threads, true);
  pack.elements = stream::numElements(full);
  strides = stream::rowMajorStrides(full.shape);
  for (size_t d = 0; d < plan.rows; ++d)
    if (full.shape[d] == 1)
      strides[d] = 0;
  reserve(pack);
}

/// Extents and strides of the product; batch dimensions that b does not see
/// become rows.
void MatmulKernel::foldBatch(Plan &plan) {
  GemmShape &shape = plan.shape;
  size_t rows = plan.rows, cols = plan.cols;
  const std::vector<int64_t> &result = plan.views[2].shape;
  int64_t m = result[rows], n = result[cols];
  std::vector<int64_t> extents(result.begin(), result.begin() + rows);
  std::vector<std::vector<int64_t>> nestStrides;
  for (int i = 0; i < 3; ++i) {
    const std::vector<int64_t> &strides = plan.strides[i];
    nestStrides.emplace_back(strides.begin(), strides.begin() + rows);
    nestStrides.back().push_back(i == 1 ? 0 : strides[rows]);
    for (int64_t &s : nestStrides.back())
      s *= plan.bytes[i];
  }
  extents.push_back(m);
  batch = makeNest(extents, nestStrides);
  Matrix am{plan.strides[0][rows], plan.strides[0][cols]};
  Matrix bm{plan.strides[1][rows], plan.strides[1][cols]};
  Matrix cm{plan.strides[2][rows], plan.strides[2][cols]};
  size_t last = batch.rank() - 1;
  bool foldable = batch.strides[1][last] == 0 &&
                  (cm.colStride == 1 || n == 1) &&
                  (n == 1 || batch.strides[2][last] >= n * plan.bytes[2]) &&
                  batch.strides[0][last] % plan.bytes[0] == 0;
  Matrix folded{batch.strides[0][last] / int64_t(plan.bytes[0]), am.colStride};
  if (foldable && Gemm::readable(folded, batch.extents[last], shape.k)) {
    m = batch.extents[last];
    am.rowStride = folded.rowStride;
    cm.rowStride = batch.strides[2][last] / plan.bytes[2];
    batch.extents[last] = 1;
    for (std::vector<int64_t> &s : batch.strides)
      s[last] = 0;
  } else { // rows stay rows
    extents.pop_back();
    for (std::vector<int64_t> &s : nestStrides)
      s.pop_back();
    batch = makeNest(extents, nestStrides);
  }
  shape.m = m;
  shape.n = n;
  shape.a = am;
  shape.b = bm;
  shape.c = cm;
}

/// A result stored by columns is the product of the transposed operands.
void MatmulKernel::swapOperands(GemmShape &shape) {
  std::swap(shape.a, shape.b);
  for (Matrix *matrix : {&shape.a, &shape.b, &shape.c})
    std::swap(matrix->rowStride, matrix->colStride);
  std::swap(shape.m, shape.n);
  std::swap(shape.aZero, shape.bZero);
}

Status MatmulKernel::prepare(const Command &command, unsigned numThreads) {
  threads = numThreads;
  accumulate = command.intOr("accumulate", 0) != 0;
  Plan plan{.views = {command.ins[0], command.ins[1], command.outs[0]},
            .zeros = {command.intOr("a_zero", 0), command.intOr("b_zero", 0)}};
  size_t rank = plan.views[0].shape.size();
  plan.rows = rank - 2;
  plan.cols = rank - 1;
  plan.int8 = isByte(plan.views[0].type);
  if (Status status = checkZeros(plan); !status)
    return status;
  plan.exactInt8 = plan.int8 && dnnlInt8IsExact();
  GemmShape &shape = plan.shape;
  shape.type = shape.aType = shape.bType = computedIn(plan.views[2].type);
  if (plan.exactInt8) {
    shape.aType = plan.views[0].type;
    shape.bType = DType::I8;
  }
  for (int i = 0; i < 3; ++i)
    planPack(plan, i);
  for (int i = 0; i < 3; ++i)
    packInFull(plan, i);
  shape.accumulate = accumulate;
  shape.k = plan.views[0].shape[plan.cols];
  foldBatch(plan);
  if (plan.exactInt8) {
    shape.aZero = static_cast<int32_t>(plan.zeros[0]);
    shape.bZero =
        static_cast<int32_t>(b.flip ? plan.zeros[1] - 128 : plan.zeros[1]);
  }
  swapped = shape.c.colStride != 1 && shape.n != 1;
  if (!swapped && !c.needed)
    pieceGrid = {batch.total(), shape.m, shape.n};
  if (swapped)
    swapOperands(shape);
  gemm = Gemm(shape);
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
