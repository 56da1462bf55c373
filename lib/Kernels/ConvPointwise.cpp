//===- ConvPointwise.cpp - 1×1 filters on plain layouts -------------------===//
//
// y[n] = W · x[n], with pixels as columns: an ordinary matrix product, which
// reads and writes the plain layout as it is.
//
//===----------------------------------------------------------------------===//
#include "Pieces.h"
#include "hybridc/Kernels/Conv.h"
#include "hybridc/Kernels/OneDnn.h"

namespace hybridc::exec {

/// Whether dimensions from 2 on lie like one dimension of stride `stride`.
static bool spatialMerges(const View &view, int64_t &stride) {
  stride = 1;
  int64_t expected = -1;
  for (size_t d = view.shape.size(); d-- > 2;) {
    if (view.shape[d] == 1)
      continue;
    if (expected < 0)
      stride = view.strides[d];
    else if (view.strides[d] != expected)
      return false;
    expected = view.strides[d] * view.shape[d];
  }
  return true;
}

bool isPointwise(const Command &command) {
  if (command.op != stream::Op::Conv || command.ins[0].type != DType::F32 ||
      command.intOr("groups", 1) != 1 || command.intOr("x_block", 0) != 0 ||
      command.intOr("y_block", 0) != 0 || command.intOr("transposed", 0) != 0)
    return false;
  for (int64_t pad : command.ints("pads"))
    if (pad != 0)
      return false;
  const View &w = command.ins[1];
  for (size_t d = 2; d < w.shape.size(); ++d)
    if (w.shape[d] != 1)
      return false;
  int64_t stride;
  return spatialMerges(command.outs[0], stride) && stride == 1;
}

namespace {

class PointwiseKernel final : public PieceKernel {
public:
  Status prepare(const Command &command, const PrepareOptions &options) {
    View x = command.ins[0];
    const View &w = command.ins[1], &y = command.outs[0];
    // The pixels that are looked at.
    const std::vector<int64_t> &strides = command.ints("strides");
    bool whole = true;
    for (size_t d = 2; d < x.shape.size(); ++d) {
      whole &= x.shape[d] == y.shape[d] && strides[d - 2] == 1;
      x.shape[d] = y.shape[d];
      x.strides[d] *= strides[d - 2];
    }
    int64_t pixels = 1, xStride = 1, yStride = 1;
    for (size_t d = 2; d < y.shape.size(); ++d)
      pixels *= y.shape[d];
    packs = !(whole && spatialMerges(x, xStride) && xStride == 1);
    if (packs) {
      packer = Packer(x, options.threads, false);
      at = packer.bytes();
      x.strides = stream::rowMajorStrides(x.shape);
      xStride = 1;
    }
    spatialMerges(y, yStride);
    Command product;
    product.op = stream::Op::Matmul;
    View a, b, c;
    a.shape = {x.shape[0], w.shape[0], w.shape[1]};
    a.strides = {0, w.strides[0], w.strides[1]};
    b.shape = {x.shape[0], x.shape[1], pixels};
    b.strides = {x.strides[0], x.strides[1], xStride};
    c.shape = {y.shape[0], y.shape[1], pixels};
    c.strides = {y.strides[0], y.strides[1], yStride};
    product.ins = {a, b};
    product.outs = {c};
    if (const stream::Attr *accumulate = command.find("accumulate"))
      product.attrs.push_back(*accumulate);
    Prepared made = prepareMatmul(product, options);
    if (!made)
      return made.error();
    matmul.reset(static_cast<PieceKernel *>(made->release()));
    pieceGrid = matmul->grid();
    scratchSize = at + matmul->scratchBytes();
    return {};
  }

  int64_t numPieces() const override { return matmul->numPieces(); }
  Piece piece(int64_t i) const override { return matmul->piece(i); }
  Status runPieces(const std::byte *const *ins, std::byte *const *outs,
                   std::byte *scratch, const After *after) override {
    const std::byte *x = ins[0];
    if (packs) {
      packer.pack(x, scratch);
      x = scratch;
    }
    const std::byte *operands[2] = {ins[1], x};
    return matmul->runPieces(operands, outs, scratch + at, after);
  }

private:
  std::unique_ptr<PieceKernel> matmul;
  Packer packer;
  bool packs = false;
  size_t at = 0;
};

} // namespace

Prepared prepareConvPointwise(const Command &command,
                              const PrepareOptions &options) {
  return makeReady<PointwiseKernel>(command, options);
}

} // namespace hybridc::exec
