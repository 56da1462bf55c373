//===- ConvPlain.cpp - Convolutions of any type by loops over rows --------===//
//
// Operands are packed into dense plain arrays of the type that is computed in
// ([N,C,s…], [M,C/g,k…]), less their zero points; each filter tap then adds a
// scaled row of x to a row of y.
//
//===----------------------------------------------------------------------===//
#include "VecLoops.h"
#include "hybridc/Kernels/Conv.h"
#include "hybridc/Kernels/OneDnn.h"

#include <fmt/format.h>

namespace hybridc::exec {
namespace {

/// The two innermost loops, for every type: out[i·os] += f · in[i·is].
template <typename T>
HYBRIDC_INLINE void addScaled(T *out, const T *in, T f, int64_t n, int64_t os,
                              int64_t is) {
  if (os == 1 && is == 1)
    for (int64_t i = 0; i < n; ++i)
      out[i] += f * in[i];
  else
    for (int64_t i = 0; i < n; ++i)
      out[i * os] += f * in[i * is];
}
#define ADD_SCALED(T)                                                          \
  HYBRIDC_CLONES void add_##T(void *out, const void *in, const void *f,        \
                              int64_t n, int64_t os, int64_t is) {             \
    addScaled(static_cast<T *>(out), static_cast<const T *>(in),               \
              *static_cast<const T *>(f), n, os, is);                          \
  }
ADD_SCALED(float)
ADD_SCALED(double)
ADD_SCALED(uint32_t) // wraps; same bits as signed
ADD_SCALED(uint64_t)
using AddScaled = void (*)(void *, const void *, const void *, int64_t, int64_t,
                           int64_t);

class ConvPlainKernel final : public Kernel {
public:
  Status prepare(const Command &command, const ConvShape &shape,
                 unsigned numThreads);
  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override;

private:
  struct Operand {
    Packer packer;
    VecLoop cvt = nullptr;
    int64_t elements = 0, zero = 0;
    size_t narrow = 0, dense = 0;
  };
  void bring(const Operand &o, const std::byte *data, std::byte *scratch) const;
  void plane(const std::byte *x, const std::byte *w, std::byte *y, int64_t n,
             int64_t m) const;

  ConvShape s; // padded to three spatial dimensions
  Operand x, w, y;
  AddScaled add = nullptr;
  unsigned bytes = 4, threads = 1;
};

Status ConvPlainKernel::prepare(const Command &command, const ConvShape &shape,
                                unsigned numThreads) {
  s = shape;
  threads = numThreads;
  switch (command.outs[0].type) {
  case DType::F64:
    add = add_double;
    break;
  case DType::I64:
  case DType::U64:
    add = add_uint64_t;
    break;
  case DType::I32:
  case DType::U32:
    add = add_uint32_t;
    break;
  default:
    add = add_float;
    break;
  }
  bytes = add == add_double || add == add_uint64_t ? 8 : 4;
  size_t spatial = s.kernel.size();
  auto setUp = [&](Operand &o, const View &view, std::vector<size_t> order,
                   int64_t zero) {
    o.packer = Packer(view, threads, true, std::move(order));
    o.elements = stream::numElements(view);
    o.zero = zero;
    o.dense = scratchSize;
    scratchSize += alignUp(o.elements * bytes);
    if (stream::sizeOf(view.type) == 1) {
      o.cvt = findCvtLoop(view.type, DType::I32);
      o.narrow = scratchSize;
      scratchSize += o.packer.bytes();
    }
  };
  setUp(x, command.ins[0], plainDataOrder(spatial, s.xBlock != 0), s.xZero);
  setUp(w, command.ins[1], plainFilterOrder(s), s.wZero);
  setUp(y, command.outs[0], plainDataOrder(spatial, s.yBlock != 0), 0);
  auto prepend = [&](std::vector<int64_t> &v, int64_t value) {
    v.insert(v.begin(), 3 - spatial, value);
  };
  for (auto *v : {&s.in, &s.out, &s.kernel, &s.strides, &s.dilations})
    prepend(*v, 1);
  for (auto *v : {&s.padsBegin, &s.padsEnd})
    prepend(*v, 0);
  return {};
}

void ConvPlainKernel::bring(const Operand &o, const std::byte *data,
                            std::byte *scratch) const {
  std::byte *dense = scratch + o.dense;
  o.packer.pack(data, o.cvt ? scratch + o.narrow : dense);
  if (o.cvt)
    o.cvt(dense, scratch + o.narrow, nullptr, nullptr, o.elements);
  if (o.zero == 0)
    return;
  // Wider integers wrap, like everything here.
  for (int64_t i = 0; i < o.elements; ++i) {
    if (bytes == 4)
      reinterpret_cast<uint32_t *>(dense)[i] -= static_cast<uint32_t>(o.zero);
    else
      reinterpret_cast<uint64_t *>(dense)[i] -= static_cast<uint64_t>(o.zero);
  }
}

/// The output plane of image n, filter m.
void ConvPlainKernel::plane(const std::byte *px, const std::byte *pw,
                            std::byte *py, int64_t n, int64_t m) const {
  int64_t inPlane = s.in[0] * s.in[1] * s.in[2];
  int64_t outPlane = s.out[0] * s.out[1] * s.out[2];
  int64_t taps = s.kernel[0] * s.kernel[1] * s.kernel[2];
  int64_t group = m / s.outPerGroup(), within = m % s.outPerGroup();
  std::byte *out = py + (n * s.outChannels + m) * outPlane * bytes;
  for (int64_t c = 0; c < s.inPerGroup(); ++c) {
    int64_t channel = group * s.inPerGroup() + c;
    const std::byte *in = px + (n * s.inChannels + channel) * inPlane * bytes;
    int64_t filter = s.transposed ? channel * s.outPerGroup() + within
                                  : m * s.inPerGroup() + c;
    const std::byte *taps0 = pw + filter * taps * bytes;
    for (int64_t tap = 0; tap < taps; ++tap) {
      int64_t k[3] = {tap / s.kernel[2] / s.kernel[1],
                      tap / s.kernel[2] % s.kernel[1], tap % s.kernel[2]};
      // "small" runs over y (or, transposed, over x); "large" is the other
      // side: large = small · stride + shift. [first, last): small in range.
      int64_t shift[3], first[3], last[3];
      for (int d = 0; d < 3; ++d) {
        shift[d] = k[d] * s.dilations[d] - s.padsBegin[d];
        int64_t small = s.transposed ? s.in[d] : s.out[d];
        int64_t large = s.transposed ? s.out[d] : s.in[d];
        int64_t st = s.strides[d];
        first[d] = shift[d] < 0 ? (-shift[d] + st - 1) / st : 0;
        last[d] = large - shift[d] <= 0 ? 0 : (large - shift[d] + st - 1) / st;
        last[d] = std::min(last[d], small);
      }
      int64_t count = last[2] - first[2];
      if (count <= 0)
        continue;
      const std::vector<int64_t> &small = s.transposed ? s.in : s.out;
      const std::vector<int64_t> &large = s.transposed ? s.out : s.in;
      for (int64_t a = first[0]; a < last[0]; ++a)
        for (int64_t b = first[1]; b < last[1]; ++b) {
          int64_t smallAt = (a * small[1] + b) * small[2] + first[2];
          int64_t largeAt = ((a * s.strides[0] + shift[0]) * large[1] +
                             b * s.strides[1] + shift[1]) *
                                large[2] +
                            first[2] * s.strides[2] + shift[2];
          if (s.transposed)
            add(out + largeAt * bytes, in + smallAt * bytes,
                taps0 + tap * bytes, count, s.strides[2], 1);
          else
            add(out + smallAt * bytes, in + largeAt * bytes,
                taps0 + tap * bytes, count, 1, s.strides[2]);
        }
    }
  }
}

Status ConvPlainKernel::run(const std::byte *const *ins, std::byte *const *outs,
                            std::byte *scratch) {
  bring(x, ins[0], scratch);
  bring(w, ins[1], scratch);
  if (s.accumulate)
    y.packer.pack(outs[0], scratch + y.dense);
  else
    std::memset(scratch + y.dense, 0, y.elements * bytes);
  parallelFor(s.batch * s.outChannels, 1, threads, [&](int64_t b, int64_t e) {
    for (int64_t i = b; i < e; ++i)
      plane(scratch + x.dense, scratch + w.dense, scratch + y.dense,
            i / s.outChannels, i % s.outChannels);
  });
  y.packer.unpack(scratch + y.dense, outs[0]);
  return {};
}

} // namespace

Prepared prepareConvPlain(const Command &command, const ConvShape &shape,
                          const PrepareOptions &options) {
  return makeReady<ConvPlainKernel>(command, shape, options.threads);
}

} // namespace hybridc::exec
