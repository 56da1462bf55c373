//===- Copy.cpp - Strided copies and fills --------------------------------===//
#include "hybridc/Kernels/Common.h"

#include <numeric>

namespace hybridc::exec {
namespace {

/// Copies `rows` × `cols` elements; out[r][c] has unit stride in c, in[r][c]
/// in r: a transposition, done in tiles that fit the first cache.
template <typename T>
HYBRIDC_INLINE void transposeTile(const T *in, T *out, int64_t rows,
                                  int64_t cols, int64_t inCol, int64_t outRow) {
  constexpr int64_t tile = 16;
  for (int64_t r0 = 0; r0 < rows; r0 += tile)
    for (int64_t c0 = 0; c0 < cols; c0 += tile) {
      int64_t re = std::min(r0 + tile, rows), ce = std::min(c0 + tile, cols);
      if (re - r0 == tile && ce - c0 == tile) {
        // Full tiles by way of a buffer: both loops have known bounds.
        T buffer[tile][tile];
        for (int64_t c = 0; c < tile; ++c)
          for (int64_t r = 0; r < tile; ++r)
            buffer[r][c] = in[r0 + r + (c0 + c) * inCol];
        for (int64_t r = 0; r < tile; ++r)
          std::memcpy(out + (r0 + r) * outRow + c0, buffer[r],
                      sizeof buffer[r]);
        continue;
      }
      for (int64_t r = r0; r < re; ++r)
        for (int64_t c = c0; c < ce; ++c)
          out[r * outRow + c] = in[r + c * inCol];
    }
}
#define TRANSPOSE(T)                                                           \
  HYBRIDC_CLONES void transpose_##T(const std::byte *in, std::byte *out,       \
                                    int64_t rows, int64_t cols, int64_t inCol, \
                                    int64_t outRow) {                          \
    transposeTile(reinterpret_cast<const T *>(in), reinterpret_cast<T *>(out), \
                  rows, cols, inCol / int64_t(sizeof(T)),                      \
                  outRow / int64_t(sizeof(T)));                                \
  }
TRANSPOSE(uint8_t)
TRANSPOSE(uint16_t)
TRANSPOSE(uint32_t)
TRANSPOSE(uint64_t)
#undef TRANSPOSE

template <typename T>
HYBRIDC_INLINE void copyRow(const std::byte *in, std::byte *out, int64_t n,
                            int64_t inStride, int64_t outStride) {
  if (inStride == 0 && outStride == sizeof(T)) {
    std::fill_n(reinterpret_cast<T *>(out), n,
                *reinterpret_cast<const T *>(in));
    return;
  }
  for (int64_t i = 0; i < n; ++i)
    *reinterpret_cast<T *>(out + i * outStride) =
        *reinterpret_cast<const T *>(in + i * inStride);
}

template <typename F> auto bySize(unsigned bytes, const F &f) {
  switch (bytes) {
  // NOLINTNEXTLINE(bugprone-branch-clone): each branch is of another type.
  case 1:
    return f(uint8_t());
  case 2:
    return f(uint16_t());
  case 4:
    return f(uint32_t());
  default:
    return f(uint64_t());
  }
}

class CopyKernel final : public Kernel {
public:
  CopyKernel(const View &from, const View &to, unsigned threads)
      : size(stream::sizeOf(from.type)), threads(threads) {
    // Dimensions by descending stride of the target: it is written in order.
    std::vector<size_t> order(from.shape.size());
    std::iota(order.begin(), order.end(), size_t(0));
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return std::abs(to.strides[a]) > std::abs(to.strides[b]);
    });
    std::vector<int64_t> extents, in, out;
    for (size_t d : order) {
      extents.push_back(from.shape[d]);
      in.push_back(from.strides[d] * size);
      out.push_back(to.strides[d] * size);
    }
    nest = makeNest(extents, {in, out});
    choose();
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    const std::byte *in = ins[0];
    std::byte *out = outs[0];
    int64_t total = nest.total();
    if (total == 0)
      return {};
    if (mode == Mode::Linear) { // one run, cut into pieces
      parallelFor(total * size, 1 << 18, threads, [&](int64_t b, int64_t e) {
        std::memmove(out + b, in + b, e - b);
      });
      return {};
    }
    int64_t outer = 1;
    for (size_t d = 0; d < outerDims; ++d)
      outer *= nest.extents[d];
    int64_t inner = total / outer * size;
    parallelFor(outer, std::max<int64_t>(1, (1 << 16) / inner), threads,
                [&](int64_t b, int64_t e) {
                  Odometer at;
                  at.seek(nest, outerDims, b);
                  for (int64_t i = b; i < e; ++i) {
                    runInner(in + at.offset[0], out + at.offset[1]);
                    at.next(nest, outerDims);
                  }
                });
    return {};
  }

private:
  enum class Mode { Linear, Runs, Transpose, Rows } mode = Mode::Rows;

  void choose() {
    size_t last = nest.rank() - 1;
    outerDims = last;
    if (nest.strides[0][last] == size && nest.strides[1][last] == size) {
      mode = last == 0 ? Mode::Linear : Mode::Runs;
      return;
    }
    if (nest.strides[1][last] != size || nest.strides[0][last] <= 0)
      return;
    // A dimension along which the source is contiguous becomes the partner.
    for (size_t d = last; d-- > 0;) {
      if (nest.strides[0][d] != size || nest.strides[1][d] <= 0)
        continue;
      for (auto *v : {&nest.extents, &nest.strides[0], &nest.strides[1]})
        std::rotate(v->begin() + d, v->begin() + d + 1, v->begin() + last);
      mode = Mode::Transpose;
      outerDims = last - 1;
      return;
    }
  }

  void runInner(const std::byte *in, std::byte *out) const {
    size_t last = nest.rank() - 1;
    int64_t n = nest.extents[last];
    int64_t inStride = nest.strides[0][last], outStride = nest.strides[1][last];
    if (mode == Mode::Runs) {
      std::memmove(out, in, n * size);
      return;
    }
    if (mode == Mode::Transpose) {
      int64_t rows = nest.extents[last - 1], outRow = nest.strides[1][last - 1];
      switch (size) {
      case 1:
        return transpose_uint8_t(in, out, rows, n, inStride, outRow);
      case 2:
        return transpose_uint16_t(in, out, rows, n, inStride, outRow);
      case 4:
        return transpose_uint32_t(in, out, rows, n, inStride, outRow);
      default:
        return transpose_uint64_t(in, out, rows, n, inStride, outRow);
      }
    }
    bySize(size, [&](auto t) {
      copyRow<decltype(t)>(in, out, n, inStride, outStride);
    });
  }

  Nest nest;
  size_t outerDims = 0;
  int64_t size;
  unsigned threads;
};

class FillKernel final : public Kernel {
public:
  FillKernel(const View &to, uint64_t bits, unsigned threads)
      : nest(makeNest(to.shape, {byteStrides(to)})),
        size(stream::sizeOf(to.type)), bits(bits), threads(threads) {}

  Status run(const std::byte *const *, std::byte *const *outs,
             std::byte *) override {
    size_t last = nest.rank() - 1;
    int64_t n = nest.extents[last], stride = nest.strides[0][last];
    int64_t total = nest.total();
    if (total == 0)
      return {};
    if (last == 0) { // one run, cut into pieces
      parallelFor(n, (1 << 18) / size, threads, [&](int64_t b, int64_t e) {
        fillRow(outs[0] + b * stride, e - b, stride);
      });
      return {};
    }
    parallelFor(total / n, std::max<int64_t>(1, (1 << 16) / (n * size)),
                threads, [&](int64_t b, int64_t e) {
                  Odometer at;
                  at.seek(nest, last, b);
                  for (int64_t i = b; i < e; ++i) {
                    fillRow(outs[0] + at.offset[0], n, stride);
                    at.next(nest, last);
                  }
                });
    return {};
  }

private:
  void fillRow(std::byte *out, int64_t n, int64_t stride) const {
    if (bits == 0 && stride == size) {
      std::memset(out, 0, n * size);
      return;
    }
    bySize(size, [&](auto t) {
      using T = decltype(t);
      T value = static_cast<T>(bits);
      copyRow<T>(reinterpret_cast<const std::byte *>(&value), out, n, 0,
                 stride);
    });
  }

  Nest nest;
  int64_t size;
  uint64_t bits;
  unsigned threads;
};

} // namespace

std::unique_ptr<Kernel> makeCopy(const View &from, const View &to,
                                 unsigned threads) {
  return std::make_unique<CopyKernel>(from, to, threads);
}

Prepared prepareCopy(const Command &command, const PrepareOptions &options) {
  return makeCopy(command.ins[0], command.outs[0], options.threads);
}

Prepared prepareFill(const Command &command, const PrepareOptions &options) {
  uint64_t bits = static_cast<uint64_t>(command.intOr("bits", 0));
  return std::unique_ptr<Kernel>(
      std::make_unique<FillKernel>(command.outs[0], bits, options.threads));
}

} // namespace hybridc::exec
