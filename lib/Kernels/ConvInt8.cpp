//===- ConvInt8.cpp - int8 convolutions as exact matrix products ----------===//
//
// For a chunk of output pixels, the patches of x under the filter are gathered
// into a matrix [pixels, K] (padding holds x's zero point) and multiplied by
// the filters [K, M]. K runs over (channel block, taps, channel in block), or
// (taps, channels), or (channels, taps), whichever w's layout has.
//
//===----------------------------------------------------------------------===//
#include "Gemm.h"
#include "hybridc/Kernels/Conv.h"
#include "hybridc/Kernels/OneDnn.h"

#include <atomic>

namespace hybridc::exec {
namespace {

class ConvInt8Kernel final : public Kernel {
public:
  Status prepare(const Command &command, const ConvShape &shape,
                 unsigned numThreads);
  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override;

private:
  void gather(const std::byte *image, std::byte *patches, int64_t pixel,
              int64_t count) const;
  void scatter(const int32_t *result, std::byte *image, int64_t pixel,
               int64_t count) const;

  ConvShape s; // padded to three spatial dimensions
  View xv, yv;
  Packer xPacker, wPacker;
  bool packsX = false, flipW = false;
  size_t xAt = 0, wAt = 0, threadAt = 0, threadBytes = 0;
  int64_t k = 0, pixels = 0, chunk = 0;
  // K as nested loops: `runs` of `run` contiguous channels for each tap.
  int64_t runs = 0, run_ = 0, taps = 0;
  bool tapsOutermost = false;
  int64_t runStride = 0;   ///< of x between runs, elements
  int64_t spatial[3] = {}; ///< strides of x
  int64_t ySpatial[3] = {};
  Gemm full, tail;
  unsigned threads = 1;
};

Status ConvInt8Kernel::prepare(const Command &command, const ConvShape &shape,
                               unsigned numThreads) {
  s = shape;
  threads = numThreads;
  xv = command.ins[0];
  yv = command.outs[0];
  const View &w = command.ins[1];
  size_t rank = s.kernel.size();

  // Filters: [K, M], or [M, K] as they are.
  Matrix wMatrix;
  std::vector<size_t> order;
  taps = 1;
  for (int64_t t : s.kernel)
    taps *= t;
  k = s.inChannels * taps;
  if (s.yBlock == 0) {
    wMatrix = {1, k};
    runs = s.inChannels;
    run_ = 1;
  } else {
    wMatrix = {s.outChannels, 1};
    if (s.xBlock != 0) {
      order.push_back(1);
      for (size_t d = 0; d < rank; ++d)
        order.push_back(2 + d);
      order.insert(order.end(), {rank + 2, 0, rank + 3});
      runs = s.inChannels / s.xBlock;
      run_ = s.xBlock;
    } else {
      for (size_t d = 0; d < rank; ++d)
        order.push_back(1 + d);
      order.insert(order.end(), {rank + 1, 0, rank + 2});
      runs = s.inChannels;
      run_ = 1;
      tapsOutermost = true;
    }
  }
  wPacker = Packer(w, threads, false, order);
  flipW = w.type == DType::U8;
  wAt = scratchSize;
  scratchSize += wPacker.bytes();

  // x with contiguous channel blocks.
  packsX = s.xBlock != 0 && xv.strides.back() != 1;
  if (packsX) {
    xPacker = Packer(xv, threads, false);
    xAt = scratchSize;
    scratchSize += xPacker.bytes();
    xv.strides = stream::rowMajorStrides(xv.shape);
  }
  runStride = xv.strides[1];
  for (size_t d = 0; d < rank; ++d) {
    spatial[3 - rank + d] = xv.strides[2 + d];
    ySpatial[3 - rank + d] = yv.strides[2 + d];
  }
  auto prepend = [&](std::vector<int64_t> &v, int64_t value) {
    v.insert(v.begin(), 3 - rank, value);
  };
  for (auto *v : {&s.in, &s.out, &s.kernel, &s.strides, &s.dilations})
    prepend(*v, 1);
  for (auto *v : {&s.padsBegin, &s.padsEnd})
    prepend(*v, 0);
  pixels = s.out[0] * s.out[1] * s.out[2];
  chunk = std::clamp<int64_t>((1 << 18) / k, 16, 512);
  // Enough chunks for a few threads.
  chunk = std::min(chunk, std::max<int64_t>(16, s.batch * pixels / 16));
  chunk = std::min(chunk, pixels);

  GemmShape gemm;
  gemm.type = DType::I32;
  gemm.aType = xv.type;
  gemm.bType = DType::I8;
  gemm.n = s.outChannels;
  gemm.k = k;
  gemm.a = {k, 1};
  gemm.b = wMatrix;
  gemm.c = {s.outChannels, 1};
  gemm.aZero = static_cast<int32_t>(s.xZero);
  gemm.bZero = static_cast<int32_t>(flipW ? s.wZero - 128 : s.wZero);
  gemm.m = chunk;
  full = Gemm(gemm);
  gemm.m = pixels % chunk;
  tail = Gemm(gemm);
  threadAt = scratchSize;
  threadBytes = alignUp(chunk * k) + alignUp(chunk * s.outChannels * 4);
  scratchSize += threadBytes * threads;
  return {};
}

void ConvInt8Kernel::gather(const std::byte *image, std::byte *patches,
                            int64_t pixel, int64_t count) const {
  int zero = static_cast<int>(s.xZero & 0xff);
  for (int64_t p = pixel; p < pixel + count; ++p, patches += k) {
    int64_t at[3] = {p / s.out[2] / s.out[1], p / s.out[2] % s.out[1],
                     p % s.out[2]};
    for (int64_t tap = 0; tap < taps; ++tap) {
      int64_t t[3] = {tap / s.kernel[2] / s.kernel[1],
                      tap / s.kernel[2] % s.kernel[1], tap % s.kernel[2]};
      int64_t offset = 0;
      bool inside = true;
      for (int d = 0; d < 3; ++d) {
        int64_t i =
            at[d] * s.strides[d] + t[d] * s.dilations[d] - s.padsBegin[d];
        inside &= i >= 0 && i < s.in[d];
        offset += i * spatial[d];
      }
      std::byte *to = patches + tap * (tapsOutermost ? runs : run_);
      int64_t step = tapsOutermost ? 1 : taps * run_;
      for (int64_t r = 0; r < runs; ++r, to += step) {
        if (!inside)
          std::memset(to, zero, run_);
        else if (run_ == 1)
          *to = image[offset + r * runStride];
        else if (run_ == 16)
          std::memcpy(to, image + offset + r * runStride, 16);
        else
          std::memcpy(to, image + offset + r * runStride, run_);
      }
    }
  }
}

void ConvInt8Kernel::scatter(const int32_t *result, std::byte *image,
                             int64_t pixel, int64_t count) const {
  int64_t block = std::max<int64_t>(s.yBlock, 1);
  int64_t blockStride = yv.strides[1];
  int64_t inner = s.yBlock ? yv.strides.back() : 0;
  // Filters outside, so that plain rows are written one after the other.
  for (int64_t m = 0; m < s.outChannels; m += block)
    for (int64_t i = 0; i < count; ++i) {
      int64_t p = pixel + i;
      int64_t offset = p / s.out[2] / s.out[1] * ySpatial[0] +
                       p / s.out[2] % s.out[1] * ySpatial[1] +
                       p % s.out[2] * ySpatial[2];
      uint32_t *out = reinterpret_cast<uint32_t *>(image) + offset +
                      m / block * blockStride;
      const uint32_t *in =
          reinterpret_cast<const uint32_t *>(result) + i * s.outChannels + m;
      for (int64_t j = 0; j < block; ++j)
        out[j * inner] = s.accumulate ? out[j * inner] + in[j] : in[j];
    }
}

Status ConvInt8Kernel::run(const std::byte *const *ins, std::byte *const *outs,
                           std::byte *scratch) {
  std::byte *w = scratch + wAt;
  wPacker.pack(ins[1], w);
  if (flipW)
    for (int64_t i = 0; i < k * s.outChannels; ++i)
      w[i] ^= std::byte(0x80);
  const std::byte *x = ins[0];
  if (packsX) {
    xPacker.pack(x, scratch + xAt);
    x = scratch + xAt;
  }
  int64_t chunks = (pixels + chunk - 1) / chunk;
  std::atomic<bool> failed = false;
  parallelFor(s.batch * chunks, 1, threads, [&](int64_t b, int64_t e) {
    std::byte *patches =
        scratch + threadAt + omp_get_thread_num() * threadBytes;
    std::byte *result = patches + alignUp(chunk * k);
    for (int64_t i = b; i < e; ++i) {
      int64_t n = i / chunks, pixel = i % chunks * chunk;
      int64_t count = std::min(chunk, pixels - pixel);
      gather(x + n * xv.strides[0], patches, pixel, count);
      const Gemm &gemm = count == chunk ? full : tail;
      for (int64_t t = 0; t < gemm.tasks(); ++t)
        if (!gemm.runTask(t, patches, w, result))
          failed = true;
      scatter(reinterpret_cast<const int32_t *>(result),
              outs[0] + n * yv.strides[0] * 4, pixel, count);
    }
  });
  if (failed)
    return Error{ExitCode::Internal, "oneDNN's int8 product failed"};
  return {};
}

} // namespace

Prepared prepareConvInt8(const Command &command, const ConvShape &shape,
                         const PrepareOptions &options) {
  return makeReady<ConvInt8Kernel>(command, shape, options.threads);
}

} // namespace hybridc::exec
