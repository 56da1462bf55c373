//===- ConvDepthwise.cpp - One filter for each channel, plain layout ------===//
//
// Each plane is first copied between margins of zeros, its columns dealt out
// by their remainder modulo the stride: then every tap of every output row is
// a contiguous run, without cases at the edges.
//
//===----------------------------------------------------------------------===//
#include "Pieces.h"
#include "hybridc/Kernels/Conv.h"

namespace hybridc::exec {

bool isPlainDepthwise(const Command &command) {
  if (command.op != stream::Op::Conv || command.ins[0].type != DType::F32 ||
      command.intOr("x_block", 0) != 0 || command.intOr("y_block", 0) != 0 ||
      command.intOr("transposed", 0) != 0)
    return false;
  const View &x = command.ins[0], &y = command.outs[0];
  int64_t groups = command.intOr("groups", 1);
  if (groups == 1 || groups != x.shape[1] || groups != y.shape[1] ||
      x.shape.size() > 4)
    return false;
  // The padded plane must stay small: it is meant for the first caches.
  double bytes = 4;
  size_t spatial = x.shape.size() - 2;
  const std::vector<int64_t> &pads = command.ints("pads");
  for (size_t d = 0; d < spatial; ++d)
    bytes *= static_cast<double>(x.shape[2 + d] + pads[d] + pads[spatial + d]);
  return bytes < (1 << 20);
}

namespace {

// Spelled out as vectors: compilers unroll the taps before they see the lanes.
typedef float Lanes __attribute__((vector_size(64)));
constexpr int64_t kLanes = 16;
/// Results of a piece: small planes are taken together.
constexpr int64_t kPieceElements = 2048;

/// A block of output rows: out[r][i] (+)= sum over taps of
/// w[t] * base[r][offsets[t] + i], for n a multiple of kLanes.
struct RowBlock {
  float *out;
  int64_t outStride;
  const float *base;
  int64_t baseStride;
  const int64_t *offsets;
  const float *w;
  int64_t taps, rows, n;
  bool add;
};

template <int fixedTaps> HYBRIDC_INLINE void tapRows(const RowBlock &block) {
  int64_t count = fixedTaps ? fixedTaps : block.taps, n = block.n;
  bool add = block.add;
  // Copies that stores to `out` cannot change.
  int64_t ownOffsets[fixedTaps ? fixedTaps : 1];
  float ownWeights[fixedTaps ? fixedTaps : 1];
  for (int64_t t = 0; t < fixedTaps; ++t) {
    ownOffsets[t] = block.offsets[t];
    ownWeights[t] = block.w[t];
  }
  const int64_t *offsets = fixedTaps ? ownOffsets : block.offsets;
  const float *w = fixedTaps ? ownWeights : block.w;
  for (int64_t r = 0; r < block.rows; ++r) {
    float *out = block.out + r * block.outStride;
    const float *base = block.base + r * block.baseStride;
    for (int64_t i = 0; i < n; i += kLanes) {
      Lanes sum = {}, in;
      if (add)
        std::memcpy(&sum, out + i, sizeof sum);
      for (int64_t t = 0; t < count; ++t) {
        std::memcpy(&in, base + offsets[t] + i, sizeof in);
        sum = sum + w[t] * in;
      }
      std::memcpy(out + i, &sum, sizeof sum);
    }
  }
}
HYBRIDC_CLONES void tapRows9(const RowBlock &block) { tapRows<9>(block); }
HYBRIDC_CLONES void tapRowsAny(const RowBlock &block) { tapRows<0>(block); }
HYBRIDC_CLONES void everySecond(float *out, const float *in, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    out[i] = in[2 * i];
}

class DepthwiseKernel final : public PieceKernel {
public:
  DepthwiseKernel(const Command &command, ConvShape shape, unsigned threads)
      : s(std::move(shape)), x(command.ins[0]), w(command.ins[1]),
        y(command.outs[0]), threads(threads) {
    if (s.kernel.size() == 1) { // one row
      for (auto *v : {&s.in, &s.out, &s.kernel, &s.strides, &s.dilations})
        v->insert(v->begin(), 1);
      for (auto *v : {&s.padsBegin, &s.padsEnd})
        v->insert(v->begin(), 0);
      for (View *view : {&x, &w, &y}) {
        view->shape.insert(view->shape.begin() + 2, 1);
        view->strides.insert(view->strides.begin() + 2, 0);
      }
    }
    taps = s.kernel[0] * s.kernel[1];
    // Columns that any tap of any output touches, by phase.
    int64_t last =
        (s.out[1] - 1) * s.strides[1] + (s.kernel[1] - 1) * s.dilations[1];
    phaseLength = last / s.strides[1] + 1;
    rowLength = phaseLength * s.strides[1];
    rows =
        (s.out[0] - 1) * s.strides[0] + (s.kernel[0] - 1) * s.dilations[0] + 1;
    // Rows are read in whole vectors, the last one past its end.
    planeBytes = alignUp((rows * rowLength + kLanes) * 4);
    lineLength = (s.out[1] + kLanes - 1) / kLanes * kLanes;
    for (int64_t t = 0; t < taps; ++t) {
      int64_t column = t % s.kernel[1] * s.dilations[1];
      offsets.push_back(t / s.kernel[1] * s.dilations[0] * rowLength +
                        column % s.strides[1] * phaseLength +
                        column / s.strides[1]);
    }
    threadBytes = planeBytes + alignUp(taps * 4) + alignUp(lineLength * 4);
    scratchSize = threadBytes * threads;
    int64_t pixels = s.out[0] * s.out[1];
    perPiece =
        std::clamp<int64_t>(kPieceElements / std::max<int64_t>(pixels, 1), 1,
                            std::max<int64_t>(s.inChannels, 1));
    blocks = (s.inChannels + perPiece - 1) / perPiece;
    pieceGrid = {s.batch, s.inChannels, pixels};
  }

  /// Outputs and paddings so large that the plane would not fit are left to
  /// others.
  bool isSmall() const { return planeBytes < (size_t(8) << 20); }

  int64_t numPieces() const override { return s.batch * blocks; }
  Piece piece(int64_t i) const override {
    int64_t first = i % blocks * perPiece;
    return {i / blocks, first, std::min(perPiece, s.inChannels - first), 0,
            pieceGrid.cols};
  }

  Status runPieces(const std::byte *const *ins, std::byte *const *outs,
                   std::byte *scratch, const After *after) override {
    int64_t work = s.out[0] * s.out[1] * taps * perPiece;
    parallelFor(numPieces(), std::max<int64_t>(1, 65536 / work), threads,
                [&](int64_t b, int64_t e) {
                  std::byte *own = scratch + omp_get_thread_num() * threadBytes;
                  std::memset(own, 0, planeBytes);
                  for (int64_t p = b; p < e; ++p) {
                    Piece part = piece(p);
                    for (int64_t c = part.row; c < part.row + part.rows; ++c)
                      plane(reinterpret_cast<const float *>(ins[0]),
                            reinterpret_cast<const float *>(ins[1]),
                            reinterpret_cast<float *>(outs[0]), part.batch, c,
                            own);
                    if (after)
                      (*after)(p);
                  }
                });
    return {};
  }

private:
  void compute(const RowBlock &block) const {
    taps == 9 ? tapRows9(block) : tapRowsAny(block);
  }

  void plane(const float *px, const float *pw, float *py, int64_t n, int64_t c,
             std::byte *own) const {
    float *padded = reinterpret_cast<float *>(own);
    float *weights = reinterpret_cast<float *>(own + planeBytes);
    float *line =
        reinterpret_cast<float *>(own + planeBytes + alignUp(taps * 4));
    px += n * x.strides[0] + c * x.strides[1];
    py += n * y.strides[0] + c * y.strides[1];
    pw += c * w.strides[0];
    // Margins stay zero from plane to plane.
    int64_t top = s.padsBegin[0], left = s.padsBegin[1], phases = s.strides[1];
    for (int64_t r = 0; r < s.in[0] && r + top < rows; ++r) {
      const float *from = px + r * x.strides[2];
      float *to = padded + (r + top) * rowLength;
      int64_t width = std::min(s.in[1], rowLength - left);
      if (phases == 1 && x.strides[3] == 1) {
        if (width > 0)
          std::memcpy(to + left, from, width * 4);
        continue;
      }
      for (int64_t phase = 0; phase < phases; ++phase) {
        // The first column of this phase that is not in the margin.
        int64_t first = (left - phase + phases - 1) / phases;
        float *run = to + phase * phaseLength;
        int64_t start = first * phases + phase - left;
        if (phases == 2 && x.strides[3] == 1) {
          if (start < width)
            everySecond(run + first, from + start, (width - start + 1) / 2);
          continue;
        }
        for (int64_t k = std::max<int64_t>(first, 0);
             k * phases + phase - left < width; ++k)
          run[k] = from[(k * phases + phase - left) * x.strides[3]];
      }
    }
    for (int64_t t = 0; t < taps; ++t)
      weights[t] =
          pw[t / s.kernel[1] * w.strides[2] + t % s.kernel[1] * w.strides[3]];
    // Whole vectors go straight to y. A row's last, partial vector does so too
    // where what it writes too much is overwritten by the rows that follow;
    // else it goes by way of `line`.
    int64_t height = s.out[0], width = s.out[1];
    bool direct = y.strides[3] == 1;
    bool spills = direct && !s.accumulate &&
                  (y.strides[2] == width || width == lineLength);
    int64_t easy =
        spills ? std::max<int64_t>(0, (height * width - lineLength) / width + 1)
               : 0;
    easy = std::min(easy, height);
    if (height * width < lineLength)
      easy = 0;
    int64_t step = s.strides[0] * rowLength;
    compute({py, y.strides[2], padded, step, offsets.data(), weights, taps,
             easy, lineLength, false});
    for (int64_t o = easy; o < height; ++o) {
      float *out = py + o * y.strides[2];
      const float *base = padded + o * step;
      int64_t whole = direct ? width / kLanes * kLanes : 0;
      compute({out, 0, base, 0, offsets.data(), weights, taps, 1, whole,
               s.accumulate});
      if (whole == width)
        continue;
      compute({line, 0, base + whole, 0, offsets.data(), weights, taps, 1,
               lineLength - whole, false});
      for (int64_t i = whole; i < width; ++i) {
        float &element = out[i * y.strides[3]];
        float value = line[i - whole];
        element = s.accumulate ? element + value : value;
      }
    }
  }

  ConvShape s;
  View x, w, y;
  unsigned threads;
  std::vector<int64_t> offsets; ///< of each tap from a row's start
  int64_t taps = 1, phaseLength = 0, rowLength = 0, rows = 0, lineLength = 0;
  size_t planeBytes = 0, threadBytes = 0;
  int64_t perPiece = 1, blocks = 1; ///< channels of a piece, pieces of an image
};

} // namespace

Prepared prepareConvDepthwise(const Command &command, const ConvShape &shape,
                              const PrepareOptions &options) {
  auto kernel =
      std::make_unique<DepthwiseKernel>(command, shape, options.threads);
  if (!kernel->isSmall())
    return unsupported("planes that large");
  return std::unique_ptr<Kernel>(std::move(kernel));
}

} // namespace hybridc::exec
