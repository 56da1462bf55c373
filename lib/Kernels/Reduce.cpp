//===- Reduce.cpp - Reductions over axes ----------------------------------===//
//
// Two ways, chosen by the shape alone: when the innermost dimension in memory
// is reduced, rows are summed in 16 lanes (blocks of kBlock elements, whose
// sums are added in double precision); when it is kept, rows are added onto a
// row of accumulators, again in blocks. Neither depends on the threads.
//
//===----------------------------------------------------------------------===//
#include "VecLoops.h"

#include <limits>
#include <numeric>
#include <type_traits>

namespace hybridc::exec {
namespace {

enum class Kind { Sum, Mean, Max, Min, Prod, ArgMax, ArgMin };
constexpr int64_t kBlock = 1024, kRowBlock = 64, kLanes = 16, kColumns = 256;

template <typename T> HYBRIDC_INLINE bool isNan(T v) { return v != v; }

/// Neutral element and step of each kind. Wrapping types are unsigned here.
template <Kind K, typename T> struct Step {
  HYBRIDC_INLINE static T neutral() {
    if constexpr (K == Kind::Prod)
      return T(1);
    else if constexpr (K == Kind::Max)
      return std::numeric_limits<T>::has_infinity
                 ? -std::numeric_limits<T>::infinity()
                 : std::numeric_limits<T>::lowest();
    else if constexpr (K == Kind::Min)
      return std::numeric_limits<T>::has_infinity
                 ? std::numeric_limits<T>::infinity()
                 : std::numeric_limits<T>::max();
    else
      return T(0);
  }
  HYBRIDC_INLINE static T apply(T a, T b) {
    if constexpr (K == Kind::Max) {
      T r = a > b ? a : b; // NaN if either is
      return isNan(a) ? a : r;
    } else if constexpr (K == Kind::Min) {
      T r = a < b ? a : b;
      return isNan(a) ? a : r;
    } else if constexpr (K == Kind::Prod) {
      return static_cast<T>(1u * a * b); // never a signed overflow
    } else {
      return static_cast<T>(a + b);
    }
  }
};

/// Type of the sums of blocks.
template <Kind K, typename T>
using Total = std::conditional_t<
    std::is_same_v<T, float> && (K == Kind::Sum || K == Kind::Prod), double, T>;

template <Kind K, typename T>
HYBRIDC_INLINE Total<K, T> reduceRow(const T *in, int64_t n,
                                     Total<K, T> total) {
  using S = Step<K, T>;
  for (int64_t b = 0; b < n; b += kBlock) {
    int64_t e = std::min(b + kBlock, n), i = b;
    T lanes[kLanes];
    for (int64_t l = 0; l < kLanes; ++l)
      lanes[l] = S::neutral();
    for (; i + kLanes <= e; i += kLanes)
      for (int64_t l = 0; l < kLanes; ++l)
        lanes[l] = S::apply(lanes[l], in[i + l]);
    for (int64_t l = 0; i + l < e; ++l)
      lanes[l] = S::apply(lanes[l], in[i + l]);
    for (int64_t half = kLanes / 2; half > 0; half /= 2)
      for (int64_t l = 0; l < half; ++l)
        lanes[l] = S::apply(lanes[l], lanes[l + half]);
    total = Step<K, Total<K, T>>::apply(total, lanes[0]);
  }
  return total;
}

template <Kind K, typename T>
HYBRIDC_INLINE void addRow(T *acc, const T *in, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    acc[i] = Step<K, T>::apply(acc[i], in[i]);
}

#define TYPED(T, K)                                                            \
  HYBRIDC_CLONES void row##K##_##T(const void *in, int64_t n, void *total) {   \
    auto *t = static_cast<Total<Kind::K, T> *>(total);                         \
    *t = reduceRow<Kind::K, T>(static_cast<const T *>(in), n, *t);             \
  }                                                                            \
  HYBRIDC_CLONES void add##K##_##T(void *acc, const void *in, int64_t n) {     \
    addRow<Kind::K, T>(static_cast<T *>(acc), static_cast<const T *>(in), n);  \
  }
#define WRAPPING(K)                                                            \
  TYPED(float, K)                                                              \
  TYPED(double, K)                                                             \
  TYPED(uint8_t, K)                                                            \
  TYPED(uint16_t, K)                                                           \
  TYPED(uint32_t, K)                                                           \
  TYPED(uint64_t, K)
#define TYPES(K)                                                               \
  WRAPPING(K)                                                                  \
  TYPED(int8_t, K)                                                             \
  TYPED(int16_t, K)                                                            \
  TYPED(int32_t, K)                                                            \
  TYPED(int64_t, K)
TYPES(Max)
TYPES(Min)
#undef TYPES
// Sums and products of signed integers wrap: computed unsigned.
WRAPPING(Sum)
WRAPPING(Prod)
#undef WRAPPING
#undef TYPED

/// What one output needs, by register type.
struct Functions {
  void (*row)(const void *, int64_t, void *) = nullptr;
  void (*add)(void *, const void *, int64_t) = nullptr;
};
Functions functionsOf(Kind kind, DType type) {
#define PICK(T)                                                                \
  switch (kind) {                                                              \
  case Kind::Max:                                                              \
    return {rowMax_##T, addMax_##T};                                           \
  case Kind::Min:                                                              \
    return {rowMin_##T, addMin_##T};                                           \
  case Kind::Prod:                                                             \
    return {rowProd_##T, addProd_##T};                                         \
  default:                                                                     \
    return {rowSum_##T, addSum_##T};                                           \
  }
#define PICK_INT(S, U)                                                         \
  if (kind == Kind::Max)                                                       \
    return {rowMax_##S, addMax_##S};                                           \
  if (kind == Kind::Min)                                                       \
    return {rowMin_##S, addMin_##S};                                           \
  PICK(U)
  switch (type) {
  case DType::F32:
  case DType::F16:
  case DType::BF16:
    PICK(float)
  case DType::F64:
    PICK(double)
  case DType::I8:
    PICK_INT(int8_t, uint8_t)
  case DType::I16:
    PICK_INT(int16_t, uint16_t)
  case DType::I32:
    PICK_INT(int32_t, uint32_t)
  case DType::I64:
    PICK_INT(int64_t, uint64_t)
  case DType::U8:
  case DType::Bool:
    PICK(uint8_t)
  case DType::U16:
    PICK(uint16_t)
  case DType::U32:
    PICK(uint32_t)
  case DType::U64:
    PICK(uint64_t)
  }
#undef PICK
#undef PICK_INT
  return {};
}

/// Splits x's dimensions into kept and reduced ones.
struct Plan {
  Nest kept;    ///< operands x, y
  Nest reduced; ///< operand x
  int64_t count = 1;
};
Plan planOf(const Command &command) {
  const View &x = command.ins[0], &y = command.outs[0];
  std::vector<bool> isReduced(x.shape.size(), false);
  for (int64_t axis : command.ints("axes"))
    isReduced[axis] = true;
  std::vector<int64_t> xs = byteStrides(x), ys = byteStrides(y);
  std::vector<int64_t> keptExtents, keptX, keptY, redExtents, redX;
  for (size_t d = 0; d < x.shape.size(); ++d) {
    if (isReduced[d]) {
      redExtents.push_back(x.shape[d]);
      redX.push_back(xs[d]);
    } else {
      keptExtents.push_back(x.shape[d]);
      keptX.push_back(xs[d]);
      keptY.push_back(ys[d]);
    }
  }
  Plan plan;
  plan.kept = makeNest(keptExtents, {keptX, keptY});
  plan.reduced = makeNest(redExtents, {redX});
  plan.count = plan.reduced.total();
  return plan;
}

class ReduceKernel final : public Kernel {
public:
  ReduceKernel(const Command &command, Kind kind, unsigned threads)
      : plan(planOf(command)), kind(kind), type(command.ins[0].type),
        functions(functionsOf(kind, type)), load(findLoadRow(type)),
        store(findStoreRow(type)), threads(threads) {
    bytes = registerBytes(type);
    int64_t memoryBytes = stream::sizeOf(type);
    converts = bytes != memoryBytes;
    // Columns if the kept dimension is the one that lies densely.
    size_t lastKept = plan.kept.rank() - 1, lastRed = plan.reduced.rank() - 1;
    columns = plan.kept.strides[0][lastKept] == memoryBytes &&
              plan.kept.extents[lastKept] >= 4 &&
              plan.reduced.strides[0][lastRed] != memoryBytes;
    direct = !converts &&
             (columns || plan.reduced.strides[0][lastRed] == memoryBytes);
    threadBytes = alignUp(kBlock * 8) + 4 * alignUp(kColumns * 8);
    scratchSize = threadBytes * threads;
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override {
    int64_t outer = plan.kept.total();
    size_t dims = plan.kept.rank();
    if (columns) {
      --dims;
      int64_t pieces = (plan.kept.extents[dims] + kColumns - 1) / kColumns;
      outer = outer / std::max<int64_t>(plan.kept.extents[dims], 1) * pieces;
    }
    int64_t perItem = plan.count * (columns ? kColumns : 1);
    parallelFor(outer, std::max<int64_t>(1, 32768 / (perItem + 1)), threads,
                [&](int64_t b, int64_t e) {
                  std::byte *own = scratch + omp_get_thread_num() * threadBytes;
                  for (int64_t i = b; i < e; ++i)
                    columns ? runColumns(ins[0], outs[0], i, own)
                            : runRow(ins[0], outs[0], i, own);
                });
    return {};
  }

private:
  // Totals: double for sums and products of f32, the register type otherwise.
  bool inDouble() const {
    return bytes == 4 && (type == DType::F32 || converts) &&
           (kind == Kind::Sum || kind == Kind::Mean || kind == Kind::Prod);
  }
  void neutral(void *total) const {
    if (inDouble()) {
      *static_cast<double *>(total) = kind == Kind::Prod ? 1 : 0;
      return;
    }
    dispatch(type, [&](auto t) {
      using C = typename Element<decltype(t)>::Compute;
      *static_cast<C *>(total) =
          kind == Kind::Max   ? Step<Kind::Max, C>::neutral()
          : kind == Kind::Min ? Step<Kind::Min, C>::neutral()
                              : C(kind == Kind::Prod);
    });
  }
  /// Divides by the count (Mean) and stores.
  void finish(std::byte *out, const void *total) const {
    dispatch(type, [&](auto t) {
      using T = decltype(t);
      using C = typename Element<T>::Compute;
      C value;
      if (inDouble()) {
        double v = *static_cast<const double *>(total);
        value = static_cast<C>(kind == Kind::Mean ? v / double(plan.count) : v);
      } else {
        value = *static_cast<const C *>(total);
        if (kind == Kind::Mean) {
          if constexpr (std::is_floating_point_v<C>)
            value /= static_cast<C>(plan.count);
          else // the wrapped sum, truncated; of nothing: 0
            value =
                plan.count
                    ? static_cast<C>(static_cast<__int128>(value) / plan.count)
                    : C(0);
        }
      }
      storeAs<T>(out, Element<T>::narrow(value));
    });
  }

  void runRow(const std::byte *x, std::byte *y, int64_t item,
              std::byte *own) const {
    Odometer kept, at;
    kept.seek(plan.kept, plan.kept.rank(), item);
    const std::byte *base = x + kept.offset[0];
    alignas(8) std::byte total[8];
    neutral(total);
    size_t last = plan.reduced.rank() - 1;
    int64_t n = plan.reduced.extents[last],
            stride = plan.reduced.strides[0][last];
    int64_t rows = n ? plan.count / n : 0;
    if (plan.count > 0) {
      at.seek(plan.reduced, last, 0);
      for (int64_t r = 0; r < rows; ++r, at.next(plan.reduced, last)) {
        const std::byte *row = base + at.offset[0];
        if (direct) {
          functions.row(row, n, total);
          continue;
        }
        for (int64_t i = 0; i < n; i += kBlock) {
          int64_t part = std::min(kBlock, n - i);
          load(own, row + i * stride, part, stride);
          functions.row(own, part, total);
        }
      }
    }
    finish(y + kept.offset[1], total);
  }

  void runColumns(const std::byte *x, std::byte *y, int64_t item,
                  std::byte *own) const {
    size_t dims = plan.kept.rank() - 1;
    int64_t extent = plan.kept.extents[dims];
    int64_t pieces = (extent + kColumns - 1) / kColumns;
    Odometer kept, at;
    kept.seek(plan.kept, dims, item / pieces);
    int64_t first = item % pieces * kColumns;
    int64_t n = std::min(kColumns, extent - first);
    const std::byte *base =
        x + kept.offset[0] + first * plan.kept.strides[0][dims];
    std::byte *acc = own, *row = own + alignUp(kColumns * 8);
    double *totals = reinterpret_cast<double *>(row + alignUp(kColumns * 8));
    bool blocks = inDouble();
    auto clear = [&] {
      alignas(8) std::byte one[8];
      if (blocks) {
        float v = kind == Kind::Prod ? 1.0f : 0.0f;
        std::memcpy(one, &v, 4);
      } else {
        neutral(one);
      }
      for (int64_t i = 0; i < n; ++i)
        std::memcpy(acc + i * bytes, one, bytes);
    };
    auto flush = [&] {
      const float *sums = reinterpret_cast<const float *>(acc);
      for (int64_t i = 0; i < n; ++i)
        totals[i] =
            kind == Kind::Prod ? totals[i] * sums[i] : totals[i] + sums[i];
    };
    clear();
    if (blocks)
      for (int64_t i = 0; i < n; ++i)
        totals[i] = kind == Kind::Prod ? 1 : 0;
    at.seek(plan.reduced, plan.reduced.rank(), 0);
    for (int64_t r = 0; r < plan.count; ++r) {
      const std::byte *from = base + at.offset[0];
      if (converts) {
        load(row, from, n, stream::sizeOf(type));
        from = row;
      }
      functions.add(acc, from, n);
      if (blocks && (r + 1) % kRowBlock == 0) {
        flush();
        clear();
      }
      at.next(plan.reduced, plan.reduced.rank());
    }
    if (blocks)
      flush();
    std::byte *out = y + kept.offset[1] + first * plan.kept.strides[1][dims];
    for (int64_t i = 0; i < n; ++i)
      finish(out + i * plan.kept.strides[1][dims],
             blocks ? static_cast<const void *>(totals + i) : acc + i * bytes);
  }

  Plan plan;
  Kind kind;
  DType type;
  Functions functions;
  LoadRow load;
  StoreRow store;
  unsigned threads, bytes = 4;
  bool converts = false, columns = false, direct = false;
  size_t threadBytes = 0;
};

class ArgKernel final : public Kernel {
public:
  ArgKernel(const Command &command, bool largest, unsigned threads)
      : plan(planOf(command)), type(command.ins[0].type), largest(largest),
        last(command.intOr("select_last", 0) != 0), threads(threads) {}

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    int64_t n = plan.count;
    int64_t stride = plan.reduced.strides[0][0];
    parallelFor(plan.kept.total(), std::max<int64_t>(1, 16384 / (n + 1)),
                threads, [&](int64_t b, int64_t e) {
                  Odometer at;
                  at.seek(plan.kept, plan.kept.rank(), b);
                  for (int64_t i = b; i < e; ++i) {
                    const std::byte *row = ins[0] + at.offset[0];
                    storeAs<int64_t>(outs[0] + at.offset[1],
                                     dispatch(type, [&](auto t) {
                                       return pick<decltype(t)>(row, n, stride);
                                     }));
                    at.next(plan.kept, plan.kept.rank());
                  }
                });
    return {};
  }

private:
  /// NaN counts as the largest (argmax) or the smallest (argmin).
  template <typename T>
  int64_t pick(const std::byte *row, int64_t n, int64_t stride) const {
    auto value = [&](int64_t i) {
      return Element<T>::widen(loadAs<T>(row + i * stride));
    };
    int64_t best = 0;
    auto top = value(0);
    for (int64_t i = 1; i < n; ++i) {
      auto v = value(i);
      bool equal = v == top || (isNan(v) && isNan(top));
      bool better =
          isNan(v) ? !isNan(top) : !isNan(top) && (largest ? v > top : v < top);
      if (better || (last && equal)) {
        best = i;
        top = v;
      }
    }
    return best;
  }

  Plan plan;
  DType type;
  bool largest, last;
  unsigned threads;
};

} // namespace

Prepared prepareReduce(const Command &command, const PrepareOptions &options) {
  std::string_view name = command.textOr("kind", "");
  unsigned threads = options.threads;
  if (name == "argmax" || name == "argmin")
    return std::unique_ptr<Kernel>(
        std::make_unique<ArgKernel>(command, name == "argmax", threads));
  Kind kind = name == "mean"   ? Kind::Mean
              : name == "max"  ? Kind::Max
              : name == "min"  ? Kind::Min
              : name == "prod" ? Kind::Prod
                               : Kind::Sum;
  return std::unique_ptr<Kernel>(
      std::make_unique<ReduceKernel>(command, kind, threads));
}

} // namespace hybridc::exec
