//===- Normalize.cpp - Softmax, log-softmax, mean and variance ------------===//
//
// Rows (all elements of the normalised axes) are brought into a register-form
// buffer, normalised there, and stored. Sums: 16 lanes over blocks of kBlock,
// blocks in double precision, whatever the thread count.
//
//===----------------------------------------------------------------------===//
#include "VecLoops.h"
#include "VecMath.h"

#include <limits>

namespace hybridc::exec {
namespace {

enum class Kind { Softmax, LogSoftmax, MeanVariance };
constexpr int64_t kBlock = 1024, kLanes = 16;

template <typename T, typename F>
HYBRIDC_INLINE double sumOf(int64_t n, const F &value) {
  double total = 0;
  for (int64_t b = 0; b < n; b += kBlock) {
    int64_t e = std::min(b + kBlock, n), i = b;
    T lanes[kLanes] = {};
    for (; i + kLanes <= e; i += kLanes)
      for (int64_t l = 0; l < kLanes; ++l)
        lanes[l] += value(i + l);
    for (int64_t l = 0; i + l < e; ++l)
      lanes[l] += value(i + l);
    for (int64_t half = kLanes / 2; half > 0; half /= 2)
      for (int64_t l = 0; l < half; ++l)
        lanes[l] += lanes[l + half];
    total += lanes[0];
  }
  return total;
}

template <typename T> HYBRIDC_INLINE T largestOf(const T *x, int64_t n) {
  T lanes[kLanes];
  for (int64_t l = 0; l < kLanes; ++l)
    lanes[l] = -std::numeric_limits<T>::infinity();
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int64_t l = 0; l < kLanes; ++l)
      lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
  for (int64_t l = 0; i + l < n; ++l)
    lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
  for (int64_t half = kLanes / 2; half > 0; half /= 2)
    for (int64_t l = 0; l < half; ++l)
      lanes[l] = lanes[l + half] > lanes[l] ? lanes[l + half] : lanes[l];
  return lanes[0];
}

HYBRIDC_INLINE float expOf(float x) { return fastExp(x); }
HYBRIDC_INLINE double expOf(double x) { return std::exp(x); }

/// x → y (may be the same buffer). A row of -inf alone becomes NaN.
template <typename T>
HYBRIDC_INLINE void softmaxRow(const T *x, T *y, int64_t n) {
  T top = largestOf(x, n);
  for (int64_t i = 0; i < n; ++i)
    y[i] = expOf(x[i] - top);
  T scale = static_cast<T>(1 / sumOf<T>(n, [&](int64_t i) { return y[i]; }));
  for (int64_t i = 0; i < n; ++i)
    y[i] *= scale;
}
template <typename T>
HYBRIDC_INLINE void logSoftmaxRow(const T *x, T *y, int64_t n) {
  T top = largestOf(x, n);
  double sum = sumOf<T>(n, [&](int64_t i) { return expOf(x[i] - top); });
  T shift = static_cast<T>(std::log(sum));
  for (int64_t i = 0; i < n; ++i)
    y[i] = (x[i] - top) - shift;
}
template <typename T>
HYBRIDC_INLINE void meanVarianceRow(const T *x, T *y, int64_t n, double eps) {
  T mean = static_cast<T>(sumOf<T>(n, [&](int64_t i) { return x[i]; }) /
                          static_cast<double>(n));
  double square = sumOf<T>(n, [&](int64_t i) {
    T d = x[i] - mean;
    return d * d;
  });
  T scale =
      static_cast<T>(1 / std::sqrt(square / static_cast<double>(n) + eps));
  for (int64_t i = 0; i < n; ++i)
    y[i] = (x[i] - mean) * scale;
}

using Row = void (*)(const void *, void *, int64_t, double);
#define ROWS(T)                                                                \
  HYBRIDC_CLONES void softmax_##T(const void *x, void *y, int64_t n, double) { \
    softmaxRow(static_cast<const T *>(x), static_cast<T *>(y), n);             \
  }                                                                            \
  HYBRIDC_CLONES void logSoftmax_##T(const void *x, void *y, int64_t n,        \
                                     double) {                                 \
    logSoftmaxRow(static_cast<const T *>(x), static_cast<T *>(y), n);          \
  }                                                                            \
  HYBRIDC_CLONES void meanVariance_##T(const void *x, void *y, int64_t n,      \
                                       double eps) {                           \
    meanVarianceRow(static_cast<const T *>(x), static_cast<T *>(y), n, eps);   \
  }
ROWS(float)
ROWS(double)
#undef ROWS

class NormalizeKernel final : public Kernel {
public:
  NormalizeKernel(const Command &command, unsigned numThreads)
      : type(command.ins[0].type), threads(numThreads) {
    const View &x = command.ins[0], &y = command.outs[0];
    std::string_view kind = command.textOr("kind", "");
    bool wide = type == DType::F64;
    row = kind == "softmax" ? (wide ? softmax_double : softmax_float)
          : kind == "log_softmax"
              ? (wide ? logSoftmax_double : logSoftmax_float)
              : (wide ? meanVariance_double : meanVariance_float);
    epsilon = command.floatOr("epsilon", 0);
    std::vector<bool> inside(x.shape.size(), false);
    for (int64_t axis : command.ints("axes"))
      inside[axis] = true;
    std::vector<int64_t> xs = byteStrides(x), ys = byteStrides(y);
    std::vector<int64_t> e[2], sx[2], sy[2];
    for (size_t d = 0; d < x.shape.size(); ++d) {
      e[inside[d]].push_back(x.shape[d]);
      sx[inside[d]].push_back(xs[d]);
      sy[inside[d]].push_back(ys[d]);
    }
    kept = makeNest(e[0], {sx[0], sy[0]});
    normal = makeNest(e[1], {sx[1], sy[1]});
    count = normal.total();
    bytes = registerBytes(type);
    unsigned memory = stream::sizeOf(type);
    direct = bytes == memory && normal.rank() == 1 &&
             (count == 1 || (normal.strides[0][0] == memory &&
                             normal.strides[1][0] == memory));
    threadBytes = direct ? 0 : alignUp(count * bytes);
    scratchSize = threadBytes * threads;
    load = findLoadRow(type);
    store = findStoreRow(type);
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override {
    int64_t rows = kept.total();
    parallelFor(rows, std::max<int64_t>(1, 8192 / count), threads,
                [&](int64_t b, int64_t e) {
                  std::byte *own = scratch + omp_get_thread_num() * threadBytes;
                  Odometer at;
                  at.seek(kept, kept.rank(), b);
                  for (int64_t i = b; i < e; ++i) {
                    runRow(ins[0] + at.offset[0], outs[0] + at.offset[1], own);
                    at.next(kept, kept.rank());
                  }
                });
    return {};
  }

private:
  void runRow(const std::byte *x, std::byte *y, std::byte *own) const {
    if (direct) {
      row(x, y, count, epsilon);
      return;
    }
    size_t last = normal.rank() - 1;
    int64_t n = normal.extents[last], parts = count / n;
    Odometer at;
    at.seek(normal, last, 0);
    for (int64_t p = 0; p < parts; ++p, at.next(normal, last))
      load(own + p * n * bytes, x + at.offset[0], n, normal.strides[0][last]);
    row(own, own, count, epsilon);
    at.seek(normal, last, 0);
    for (int64_t p = 0; p < parts; ++p, at.next(normal, last))
      store(y + at.offset[1], own + p * n * bytes, n, normal.strides[1][last]);
  }

  Nest kept, normal;
  int64_t count = 1;
  DType type;
  unsigned threads, bytes = 4;
  Row row;
  double epsilon = 0;
  bool direct = false;
  size_t threadBytes = 0;
  LoadRow load;
  StoreRow store;
};

} // namespace

Prepared prepareNormalize(const Command &command,
                          const PrepareOptions &options) {
  return std::unique_ptr<Kernel>(
      std::make_unique<NormalizeKernel>(command, options.threads));
}

} // namespace hybridc::exec
