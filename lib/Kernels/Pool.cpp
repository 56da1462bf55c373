//===- Pool.cpp - Reductions over sliding windows -------------------------===//
//
// Taps are visited in row-major order for every output element, so the order
// of summation is fixed. Rows of outputs along the innermost dimension are
// computed at once; where that dimension is not windowed (blocked channels),
// a row is one block and stays in registers.
//
//===----------------------------------------------------------------------===//
#include "VecLoops.h"

#include <limits>
#include <type_traits>

namespace hybridc::exec {
namespace {

enum class Kind { Max, Sum, Mean };

template <typename C> HYBRIDC_INLINE C lowest() {
  if constexpr (std::is_floating_point_v<C>)
    return -std::numeric_limits<C>::infinity();
  else
    return std::numeric_limits<C>::lowest();
}

template <typename C> HYBRIDC_INLINE C maxOf(C a, C b) {
  C r = a > b ? a : b;
  return a != a ? a : r;
}

// Sums of integers wrap.
template <typename C> HYBRIDC_INLINE C sumOf(C a, C b) {
  if constexpr (std::is_integral_v<C>)
    return static_cast<C>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  else
    return a + b;
}

/// acc[i] = op(acc[i], in[i * stride]) (stride in elements).
template <bool isMax, typename T>
HYBRIDC_INLINE void accumulate(void *accumulators, const std::byte *from,
                               int64_t n, int64_t stride) {
  using C = typename Element<T>::Compute;
  C *acc = static_cast<C *>(accumulators);
  const T *in = reinterpret_cast<const T *>(from);
  auto step = [](C a, C b) { return isMax ? maxOf(a, b) : sumOf(a, b); };
  if (stride == 1 && n == 16)
    for (int i = 0; i < 16; ++i)
      acc[i] = step(acc[i], Element<T>::widen(in[i]));
  else if (stride == 1)
    for (int64_t i = 0; i < n; ++i)
      acc[i] = step(acc[i], Element<T>::widen(in[i]));
  else
    for (int64_t i = 0; i < n; ++i)
      acc[i] = step(acc[i], Element<T>::widen(in[i * stride]));
}

/// One block of 16 f32 channels over all taps of a window.
typedef float Block16 __attribute__((vector_size(64)));
template <bool isMax>
HYBRIDC_INLINE void block16(float *acc, const std::byte *base,
                            const int64_t *offsets, int64_t count) {
  Block16 r, in;
  std::memcpy(&r, acc, sizeof r);
  for (int64_t t = 0; t < count; ++t) {
    std::memcpy(&in, base + offsets[t], sizeof in);
    if constexpr (isMax) {
      Block16 larger = r > in ? r : in; // NaN if either is
      r = r != r ? r : larger;
    } else {
      r = r + in;
    }
  }
  std::memcpy(acc, &r, sizeof r);
}

using Accumulate = void (*)(void *, const std::byte *, int64_t, int64_t);
#define TYPED(T)                                                               \
  HYBRIDC_CLONES void max_##T(void *a, const std::byte *b, int64_t n,          \
                              int64_t s) {                                     \
    accumulate<true, T>(a, b, n, s);                                           \
  }                                                                            \
  HYBRIDC_CLONES void sum_##T(void *a, const std::byte *b, int64_t n,          \
                              int64_t s) {                                     \
    accumulate<false, T>(a, b, n, s);                                          \
  }
TYPED(float)
TYPED(double)
TYPED(Half)
TYPED(BFloat)
TYPED(int8_t)
TYPED(int16_t)
TYPED(int32_t)
TYPED(int64_t)
TYPED(uint8_t)
TYPED(uint16_t)
TYPED(uint32_t)
TYPED(uint64_t)
HYBRIDC_CLONES void maxBlock16(float *a, const std::byte *b, const int64_t *o,
                               int64_t n) {
  block16<true>(a, b, o, n);
}
HYBRIDC_CLONES void sumBlock16(float *a, const std::byte *b, const int64_t *o,
                               int64_t n) {
  block16<false>(a, b, o, n);
}

Accumulate accumulateOf(DType type, bool isMax) {
#define PICK(D, T)                                                             \
  case DType::D:                                                               \
    return isMax ? max_##T : sum_##T
  switch (type) {
    PICK(F32, float);
    PICK(F64, double);
    PICK(F16, Half);
    PICK(BF16, BFloat);
    PICK(I8, int8_t);
    PICK(I16, int16_t);
    PICK(I32, int32_t);
    PICK(I64, int64_t);
    PICK(U8, uint8_t);
    PICK(U16, uint16_t);
    PICK(U32, uint32_t);
    PICK(U64, uint64_t);
    PICK(Bool, uint8_t);
  }
#undef PICK
  return nullptr;
}

class PoolKernel final : public Kernel {
public:
  PoolKernel(const Command &command, unsigned numThreads);
  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override;

private:
  struct Dim {
    int64_t in, out, window, stride, dilation, padBegin, padEnd;
    int64_t xStride, yStride; ///< bytes
    /// Taps [first, last) that lie inside the input for output o.
    void taps(int64_t o, int64_t &first, int64_t &last) const {
      int64_t start = o * stride - padBegin;
      first = start < 0 ? (-start + dilation - 1) / dilation : 0;
      last = in - start <= 0 ? 0 : (in - start + dilation - 1) / dilation;
      last = std::min(last, window);
      first = std::min(first, last);
    }
    /// Taps that lie inside the input with its stated padding.
    int64_t padded(int64_t o) const {
      int64_t room = in + padBegin + padEnd - o * stride;
      return std::clamp<int64_t>((room + dilation - 1) / dilation, 0, window);
    }
    bool windowed() const {
      return window != 1 || stride != 1 || padBegin != 0 || in != out;
    }
  };

  /// What output o of an outer dimension sees: taps [first, last), the bytes
  /// to its first tap, how many taps its padding has.
  struct Reach {
    int64_t first, last, offset, padded;
  };
  void runRow(const std::byte *x, std::byte *y, int64_t row,
              std::byte *own) const;
  void runBlock16(const std::byte *x, std::byte *y, int64_t row,
                  std::byte *own) const;
  /// Row `row`'s position: its reach in each outer dimension; moves y there.
  int64_t locate(int64_t row, const Reach **reach, std::byte *&y,
                 int64_t &count, int64_t &padded) const;
  void finishRow(std::byte *y, const std::byte *acc, int64_t n,
                 int64_t outerCount, int64_t outerPadded) const;
  template <typename C> void clear(std::byte *acc, int64_t n) const {
    std::fill_n(reinterpret_cast<C *>(acc), n,
                kind == Kind::Max ? lowest<C>() : C(0));
  }

  std::vector<Dim> outer;                  ///< all but the innermost
  std::vector<std::vector<Reach>> reaches; ///< by outer dimension
  Dim inner{};
  Kind kind;
  bool countPad;
  DType type;
  unsigned threads, bytes = 4;
  int64_t rows = 1, chunk = 0, maxTaps = 1;
  Accumulate step;
  bool blocks16 = false;
  size_t threadBytes = 0;
};

PoolKernel::PoolKernel(const Command &command, unsigned numThreads)
    : type(command.ins[0].type), threads(numThreads) {
  const View &x = command.ins[0], &y = command.outs[0];
  std::string_view name = command.textOr("kind", "");
  kind = name == "max" ? Kind::Max : name == "sum" ? Kind::Sum : Kind::Mean;
  countPad = command.intOr("count_pad", 0) != 0;
  step = accumulateOf(type, kind == Kind::Max);
  bytes = registerBytes(type);
  std::vector<int64_t> xs = byteStrides(x), ys = byteStrides(y);
  size_t rank = x.shape.size();
  const auto &pads = command.ints("pads");
  for (size_t d = 0; d < rank; ++d) {
    Dim dim{x.shape[d],
            y.shape[d],
            command.ints("window")[d],
            command.ints("strides")[d],
            command.ints("dilations")[d],
            pads[d],
            pads[rank + d],
            xs[d],
            ys[d]};
    if (dim.in == 1 && dim.out == 1 && !dim.windowed())
      continue;
    // Unwindowed neighbours that lie densely become one.
    if (!outer.empty() && !dim.windowed() && !outer.back().windowed() &&
        outer.back().xStride == dim.xStride * dim.in &&
        outer.back().yStride == dim.yStride * dim.out) {
      outer.back().in *= dim.in;
      outer.back().out *= dim.out;
      outer.back().xStride = dim.xStride;
      outer.back().yStride = dim.yStride;
      continue;
    }
    outer.push_back(dim);
  }
  if (outer.empty())
    outer.push_back({1, 1, 1, 1, 1, 0, 0, 0, 0});
  inner = outer.back();
  outer.pop_back();
  for (const Dim &d : outer) {
    rows *= d.out;
    maxTaps *= std::min(d.window, d.in); // taps inside the input
    reaches.emplace_back();
    for (int64_t o = 0; o < d.out; ++o) {
      Reach r{};
      d.taps(o, r.first, r.last);
      r.offset = (o * d.stride - d.padBegin + r.first * d.dilation) * d.xStride;
      r.padded = d.padded(o);
      reaches.back().push_back(r);
    }
  }
  blocks16 = type == DType::F32 && !inner.windowed() && inner.in == 16 &&
             inner.xStride == 4 && inner.yStride == 4 && maxTaps <= 1024;
  chunk = inner.out;
  threadBytes = alignUp(chunk * bytes) + alignUp(blocks16 ? maxTaps * 8 : 0);
  scratchSize = threadBytes * threads;
}

Status PoolKernel::run(const std::byte *const *ins, std::byte *const *outs,
                       std::byte *scratch) {
  int64_t perRow = inner.out * maxTaps * inner.window;
  parallelFor(rows, std::max<int64_t>(1, 16384 / (perRow + 1)), threads,
              [&](int64_t b, int64_t e) {
                std::byte *own = scratch + omp_get_thread_num() * threadBytes;
                for (int64_t r = b; r < e; ++r)
                  blocks16 ? runBlock16(ins[0], outs[0], r, own)
                           : runRow(ins[0], outs[0], r, own);
              });
  return {};
}

int64_t PoolKernel::locate(int64_t row, const Reach **reach, std::byte *&y,
                           int64_t &count, int64_t &padded) const {
  int64_t base = 0;
  for (size_t d = outer.size(); d-- > 0;) {
    int64_t next = row / outer[d].out, o = row - next * outer[d].out;
    row = next;
    reach[d] = &reaches[d][o];
    count *= reach[d]->last - reach[d]->first;
    padded *= reach[d]->padded;
    base += reach[d]->offset;
    y += o * outer[d].yStride;
  }
  return base;
}

/// One block of 16 f32 channels: the accumulators stay in registers.
void PoolKernel::runBlock16(const std::byte *x, std::byte *y, int64_t row,
                            std::byte *own) const {
  const Reach *reach[kMaxRank];
  int64_t count = 1, padded = 1;
  int64_t base = locate(row, reach, y, count, padded);
  int64_t *offsets = reinterpret_cast<int64_t *>(own);
  int64_t n = 1;
  offsets[0] = base;
  for (size_t d = 0; d < outer.size() && count > 0; ++d) {
    int64_t taps = reach[d]->last - reach[d]->first;
    int64_t move = outer[d].dilation * outer[d].xStride;
    if (taps == 1)
      continue;
    // Later dimensions vary fastest, so expand from the back.
    for (int64_t i = n; i-- > 0;)
      for (int64_t t = taps; t-- > 0;)
        offsets[i * taps + t] = offsets[i] + t * move;
    n *= taps;
  }
  alignas(64) float acc[16];
  clear<float>(reinterpret_cast<std::byte *>(acc), 16);
  (kind == Kind::Max ? maxBlock16 : sumBlock16)(acc, x, offsets,
                                                count > 0 ? n : 0);
  if (kind == Kind::Mean) {
    float divisor = static_cast<float>(countPad ? padded : count);
    for (float &v : acc)
      v /= divisor;
  }
  std::memcpy(y, acc, sizeof acc);
}

void PoolKernel::runRow(const std::byte *x, std::byte *y, int64_t row,
                        std::byte *own) const {
  size_t dims = outer.size();
  const Reach *reach[kMaxRank];
  int64_t tap[kMaxRank];
  int64_t count = 1, padded = 1;
  int64_t base = locate(row, reach, y, count, padded);
  for (size_t d = 0; d < dims; ++d)
    tap[d] = reach[d]->first;
  std::byte *acc = own;
  dispatch(type, [&](auto t) {
    clear<typename Element<decltype(t)>::Compute>(acc, inner.out);
  });
  // Where taps start for each output of the row, if it is windowed.
  bool windowed = inner.windowed();
  int64_t elementBytes = stream::sizeOf(type);
  for (int64_t i = 0; i < count; ++i) {
    if (!windowed) {
      step(acc, x + base, inner.out, inner.xStride / elementBytes);
    } else {
      for (int64_t k = 0; k < inner.window; ++k) {
        // Outputs o with 0 <= o * stride + shift < in.
        int64_t shift = k * inner.dilation - inner.padBegin;
        int64_t begin =
            shift < 0 ? (-shift + inner.stride - 1) / inner.stride : 0;
        int64_t end =
            inner.in - shift <= 0
                ? 0
                : (inner.in - shift + inner.stride - 1) / inner.stride;
        end = std::min(end, inner.out);
        if (begin < end)
          step(acc + begin * bytes,
               x + base + (begin * inner.stride + shift) * inner.xStride,
               end - begin, inner.stride * inner.xStride / elementBytes);
        if (shift >= inner.in)
          break;
      }
    }
    for (size_t d = dims; d-- > 0;) { // next tap
      int64_t move = outer[d].dilation * outer[d].xStride;
      base += move;
      if (++tap[d] < reach[d]->last)
        break;
      base -= (reach[d]->last - reach[d]->first) * move;
      tap[d] = reach[d]->first;
    }
  }
  finishRow(y, acc, inner.out, count, padded);
}

void PoolKernel::finishRow(std::byte *y, const std::byte *acc, int64_t n,
                           int64_t outerCount, int64_t outerPadded) const {
  if (kind == Kind::Mean && type == DType::F32 && !inner.windowed() &&
      inner.yStride == 4) {
    float count = static_cast<float>(countPad ? outerPadded : outerCount);
    const float *in = reinterpret_cast<const float *>(acc);
    float *out = reinterpret_cast<float *>(y);
    for (int64_t i = 0; i < n; ++i)
      out[i] = in[i] / count;
    return;
  }
  if (kind != Kind::Mean) {
    findStoreRow(type)(y, acc, n, inner.yStride);
    return;
  }
  dispatch(type, [&](auto t) {
    using T = decltype(t);
    using C = typename Element<T>::Compute;
    for (int64_t i = 0; i < n; ++i) {
      int64_t first, last;
      inner.taps(i, first, last);
      int64_t count = countPad ? outerPadded * inner.padded(i)
                               : outerCount * (last - first);
      C sum = reinterpret_cast<const C *>(acc)[i];
      C mean;
      if constexpr (std::is_floating_point_v<C>)
        mean = sum / static_cast<C>(count);
      else // counts beyond the type cannot occur with sums in it
        mean = count > 0 ? static_cast<C>(static_cast<__int128>(sum) / count)
                         : C(0);
      storeAs<T>(y + i * inner.yStride, Element<T>::narrow(mean));
    }
  });
}

} // namespace

Prepared preparePool(const Command &command, const PrepareOptions &options) {
  return std::unique_ptr<Kernel>(
      std::make_unique<PoolKernel>(command, options.threads));
}

} // namespace hybridc::exec
