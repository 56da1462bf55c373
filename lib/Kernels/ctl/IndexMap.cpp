#include "IndexMap.h"

namespace hybridc::exec::ctl {
namespace {

class IndexMapKernel final : public Kernel {
public:
  IndexMapKernel(const View &x, const View &y,
                 std::vector<std::vector<int64_t>> indexMaps, uint64_t bits,
                 unsigned threads)
      : maps(std::move(indexMaps)), bytes(stream::sizeOf(x.type)), bits(bits),
        threads(threads) {
    View from = x, to = y;
    if (maps.empty()) { // rank 0
      maps.push_back({0});
      from.strides = to.strides = {1};
      to.shape = {1};
    }
    // Byte offsets in place of indices; constants stay at -1, so real offsets
    // are kept apart from them by `inside`.
    std::vector<int64_t> xs = byteStrides(from);
    for (size_t d = 0; d < maps.size(); ++d) {
      inside.emplace_back();
      for (int64_t &i : maps[d]) {
        inside[d].push_back(i >= 0);
        i = i >= 0 ? i * xs[d] : 0;
      }
    }
    out.extents = to.shape;
    out.strides = {byteStrides(to)};
  }

  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *) override {
    size_t last = maps.size() - 1;
    int64_t n = out.extents[last], total = out.total();
    if (total == 0)
      return {};
    parallelFor(total / n, std::max<int64_t>(1, 16384 / n), threads,
                [&](int64_t b, int64_t e) {
                  Odometer at;
                  at.seek(out, last, b);
                  for (int64_t i = b; i < e; ++i, at.next(out, last)) {
                    const std::byte *from = ins[0];
                    bool real = true;
                    for (size_t d = 0; d < last; ++d) {
                      from += maps[d][at.index[d]];
                      real = real && inside[d][at.index[d]];
                    }
                    row(real ? from : nullptr, outs[0] + at.offset[0]);
                  }
                });
    return {};
  }

private:
  void row(const std::byte *from, std::byte *to) const {
    switch (bytes) {
    case 1:
      return typedRow<uint8_t>(from, to);
    case 2:
      return typedRow<uint16_t>(from, to);
    case 4:
      return typedRow<uint32_t>(from, to);
    default:
      return typedRow<uint64_t>(from, to);
    }
  }
  template <typename T>
  void typedRow(const std::byte *from, std::byte *to) const {
    size_t last = maps.size() - 1;
    int64_t n = out.extents[last], stride = out.strides[0][last];
    T constant = static_cast<T>(bits);
    for (int64_t i = 0; i < n; ++i)
      storeAs<T>(to + i * stride, from && inside[last][i]
                                      ? loadAs<T>(from + maps[last][i])
                                      : constant);
  }

  std::vector<std::vector<int64_t>> maps;
  std::vector<std::vector<uint8_t>> inside;
  Nest out;
  unsigned bytes;
  uint64_t bits;
  unsigned threads;
};

} // namespace

std::unique_ptr<Kernel> makeIndexMap(const View &x, const View &y,
                                     std::vector<std::vector<int64_t>> maps,
                                     uint64_t bits, unsigned threads) {
  return std::make_unique<IndexMapKernel>(x, y, std::move(maps), bits, threads);
}

} // namespace hybridc::exec::ctl
