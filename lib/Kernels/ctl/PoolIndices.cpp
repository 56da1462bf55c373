//===- PoolIndices.cpp - Where the largest element of each window is ------===//
#include "Ctl.h"

#include <fmt/format.h>

namespace hybridc::exec::ctl {
namespace {

/// x[N, C, s…] → index of the window's maximum in all of x.
class PoolIndicesKernel final : public Kernel {
public:
  PoolIndicesKernel(const Command &command, unsigned numThreads)
      : x(command.ins[0]), y(command.outs[0]), window(command.ints("window")),
        steps(command.ints("strides")), gaps(command.ints("dilations")),
        pads(command.ints("pads")), threads(numThreads) {
    // Weight of each coordinate in the index.
    size_t spatial = window.size();
    weights.assign(spatial, 1);
    bool columns = command.intOr("column_major", 0) != 0;
    for (size_t i = 0; i < spatial; ++i) {
      size_t d = columns ? i : spatial - 1 - i;
      weights[d] = plane;
      plane *= x.shape[2 + d];
    }
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    parallelFor(y.shape[0] * y.shape[1], 1, threads, [&](int64_t b, int64_t e) {
      for (int64_t p = b; p < e; ++p)
        dispatch(x.type,
                 [&](auto t) { onePlane<decltype(t)>(ins[0], outs[0], p); });
    });
    return {};
  }

private:
  template <typename T>
  void onePlane(const std::byte *px, std::byte *py, int64_t p) const {
    int64_t n = p / y.shape[1], c = p % y.shape[1];
    size_t spatial = window.size();
    px += (n * x.strides[0] + c * x.strides[1]) * int64_t(sizeof(T));
    py += (n * y.strides[0] + c * y.strides[1]) * 8;
    int64_t out[kMaxRank] = {}, total = 1;
    for (size_t d = 0; d < spatial; ++d)
      total *= y.shape[2 + d];
    for (int64_t i = 0; i < total; ++i) {
      // The taps that lie inside of x, in every dimension.
      int64_t first[kMaxRank], last[kMaxRank], tap[kMaxRank], offset = 0;
      bool any = true;
      for (size_t d = 0; d < spatial; ++d) {
        int64_t start = out[d] * steps[d] - pads[d];
        int64_t extent = x.shape[2 + d];
        first[d] = start >= 0 ? 0 : (-start + gaps[d] - 1) / gaps[d];
        last[d] = start >= extent
                      ? -1
                      : std::min(window[d] - 1, (extent - 1 - start) / gaps[d]);
        any &= first[d] <= last[d];
        tap[d] = first[d];
        offset += out[d] * y.strides[2 + d];
      }
      int64_t best = -1;
      typename Element<T>::Compute most{};
      while (any) {
        int64_t at = 0, index = 0;
        for (size_t d = 0; d < spatial; ++d) {
          int64_t k = out[d] * steps[d] - pads[d] + tap[d] * gaps[d];
          at += k * x.strides[2 + d];
          index += k * weights[d];
        }
        auto value = Element<T>::widen(loadAs<T>(px + at * int64_t(sizeof(T))));
        // The first of equal ones; NaN counts as the largest.
        if (best < 0 || value > most || (value != value && most == most)) {
          best = index;
          most = value;
        }
        any = advance(tap, first, last, spatial);
      }
      storeAs<int64_t>(py + offset * 8, p * plane + std::max<int64_t>(best, 0));
      int64_t zeros[kMaxRank] = {}, ends[kMaxRank];
      for (size_t d = 0; d < spatial; ++d)
        ends[d] = y.shape[2 + d] - 1;
      advance(out, zeros, ends, spatial);
    }
  }

  /// The next of the numbers first…last, the last digit counting fastest.
  static bool advance(int64_t *at, const int64_t *first, const int64_t *last,
                      size_t digits) {
    for (size_t d = digits; d-- > 0;) {
      if (++at[d] <= last[d])
        return true;
      at[d] = first[d];
    }
    return false;
  }

  View x, y;
  std::vector<int64_t> window, steps, gaps, pads, weights;
  int64_t plane = 1; ///< elements
  unsigned threads;
};

std::string check(const Command &command) {
  const View &x = command.ins[0], &y = command.outs[0];
  size_t rank = x.shape.size();
  if (rank < 3 || rank > kMaxRank || y.shape.size() != rank ||
      y.shape[0] != x.shape[0] || y.shape[1] != x.shape[1] ||
      y.type != DType::I64)
    return fmt::format("{} → {}: must be [N, C, s…] and i64 [N, C, o…]",
                       describe(x), describe(y));
  constexpr int64_t most = int64_t(1) << 31;
  for (const char *name : {"window", "strides", "dilations", "pads"}) {
    const std::vector<int64_t> &values = command.ints(name);
    if (values.size() != rank - 2)
      return fmt::format("'{}' must have {} elements", name, rank - 2);
    for (int64_t v : values)
      if (v < (std::string_view(name) == "pads" ? 0 : 1) || v > most)
        return fmt::format("{} in '{}' is out of range", v, name);
  }
  for (size_t d = 2; d < rank; ++d)
    if (x.shape[d] > most || y.shape[d] > most)
      return "more elements along a dimension than are supported";
  return {};
}

} // namespace

void addPoolIndices(std::vector<KernelSpec> &rows) {
  rows.push_back(
      {"pool_indices",
       1,
       1,
       {{"column_major", kInts, false,
         "1: the first coordinate counts fastest"},
        {"dilations", kInts, true, "gaps between taps, 1 = none"},
        {"pads", kInts, true, "padding before each dimension"},
        {"strides", kInts, true, "from window to window"},
        {"window", kInts, true, "taps"}},
       "the index, in all of x, of the largest element of each window",
       check,
       [](const Command &command, const PrepareOptions &options) -> Prepared {
         return std::unique_ptr<Kernel>(
             std::make_unique<PoolIndicesKernel>(command, options.threads));
       }});
}

} // namespace hybridc::exec::ctl
