// A vector command run in the wake of its product changes no value: random
// products, layouts and overlaps.
#include "RunOnce.h"

#include "Sample.h"

#include <gtest/gtest.h>
#include <random>

using namespace hybridc;
using namespace hybridc::stream;
using exec::ExecOptions;

namespace {

constexpr int64_t kSram = 1 << 18, kFloats = kSram / 4;

class Maker {
public:
  explicit Maker(unsigned seed) : random(seed) {}

  /// Everything is one queue: load the scratchpad, product, epilogue, store.
  Program program() {
    Program p = sample::pipeline(); // for its vector program relu(a + b)
    p.sramBytes = kSram;
    p.dramBytes = 2 * kSram;
    p.segments = {{"x", SegmentKind::Scratch, 0, kSram, -1},
                  {"y", SegmentKind::Scratch, kSram, kSram, -1}};
    p.blobs.clear();
    Entry entry;
    entry.name = "infer";
    entry.inputs = {{"x", sample::dram(0, {kFloats})}};
    entry.outputs = {{"y", sample::dram(kSram, {kFloats})}};
    Segment segment;
    segment.queues = {{"dma0", {}}, {"mac", {}}, {"vec", {}}};
    segment.numSemaphores = 3;
    chain.append(segment, 0,
                 sample::command(Op::Copy, {sample::dram(0, {kFloats})},
                                 {sample::sram(0, {kFloats})}));
    for (int i = 0, n = 1 + int(below(3)); i < n; ++i) {
      Command product = below(2) ? conv() : matmul();
      chain.append(segment, 1, product);
      chain.append(segment, 2, epilogue(product));
    }
    chain.append(segment, 0,
                 sample::command(Op::Copy, {sample::sram(0, {kFloats})},
                                 {sample::dram(kSram, {kFloats})}));
    entry.body.nodes = {{segment}};
    p.entries = {entry};
    return p;
  }

private:
  uint64_t below(uint64_t n) { return random() % n; }
  int64_t from(int64_t low, int64_t high) {
    return low + int64_t(below(uint64_t(high - low + 1)));
  }

  /// Anywhere in the scratchpad.
  View place(std::vector<int64_t> shape) {
    View view = sample::sram(0, shape);
    if (below(3) == 0 && shape.size() > 1) { // as a box of a larger tensor
      std::vector<int64_t> whole = shape;
      whole[1 + below(shape.size() - 1)] += 4;
      view.strides = rowMajorStrides(whole);
    }
    int64_t floats = 1;
    for (size_t d = 0; d < shape.size(); ++d)
      floats += (shape[d] - 1) * view.strides[d];
    EXPECT_LE(floats, kFloats);
    view.address = below(uint64_t(kFloats - floats) / 64 + 1) * 256;
    return view;
  }
  static bool overlap(const View &a, const View &b) {
    auto end = [](const View &v) {
      int64_t n = 1;
      for (size_t d = 0; d < v.shape.size(); ++d)
        n += (v.shape[d] - 1) * v.strides[d];
      return v.address + uint64_t(n) * 4;
    };
    return a.address < end(b) && b.address < end(a);
  }
  View placeApart(const std::vector<int64_t> &shape,
                  const std::vector<View> &others) {
    for (;;) {
      View view = place(shape);
      bool apart = true;
      for (const View &other : others)
        apart &= !overlap(view, other);
      if (apart)
        return view;
    }
  }

  Command conv() {
    bool depthwise = below(2);
    int64_t channels = from(1, 40),
            filters = depthwise ? channels : from(1, 40);
    int64_t h = from(1, 9), w = from(1, 9), k = depthwise ? 3 : 1;
    int64_t pad = k / 2, stride = from(1, 2);
    auto outOf = [&](int64_t n) { return (n + 2 * pad - k) / stride + 1; };
    int64_t n = from(1, 2);
    if (channels == 1)
      depthwise = false;
    View x = place({n, channels, h, w});
    View f = place({filters, depthwise ? 1 : channels, k, k});
    View y = placeApart({n, filters, outOf(h), outOf(w)}, {x, f});
    return sample::command(Op::Conv, {x, f}, {y},
                           {sample::ints("dilations", {1, 1}),
                            sample::ints("groups", {depthwise ? channels : 1}),
                            sample::ints("pads", {pad, pad, pad, pad}),
                            sample::ints("strides", {stride, stride})});
  }

  Command matmul() {
    int64_t b = from(1, 3), m = from(1, 70), k = from(1, 30), n = from(1, 60);
    View x = place({b, m, k}), f = place({b, k, n});
    if (below(2)) { // one for all
      f = place({1, k, n});
      f.shape[0] = b;
      f.strides[0] = 0;
    }
    View y = placeApart({b, m, n}, {x, f});
    return sample::command(Op::Matmul, {x, f}, {y});
  }

  Command epilogue(const Command &product) {
    const View &y = product.outs[0];
    for (;;) {
      View a = y, b, out;
      if (y.shape.size() == 4 && below(2)) { // by channel
        b = place({y.shape[1]});
        b.shape = y.shape;
        b.strides = {0, 1, 0, 0};
      } else if (below(2)) { // by column
        b = place({y.shape.back()});
        b.strides = std::vector<int64_t>(y.shape.size(), 0);
        b.strides.back() = 1;
        b.shape = y.shape;
      } else if (below(4) == 0) {
        b = y;
      } else {
        b = place(y.shape);
      }
      if (below(8) == 0)
        a.address += 256; // not quite the product
      switch (below(4)) {
      case 0:
        out = y;
        break;
      case 1:
        out = b;
        break;
      default:
        out = place(y.shape); // perhaps over the product's own inputs
      }
      bool writes = true; // one element, one write; in place as the same view
      for (size_t d = 0; d < out.shape.size(); ++d)
        writes &= out.shape[d] == 1 || out.strides[d] != 0;
      for (const View &in : {a, b})
        writes &= in == out || !overlap(in, out);
      auto inside = [](const View &v) {
        int64_t n = 1;
        for (size_t d = 0; d < v.shape.size(); ++d)
          n += (v.shape[d] - 1) * v.strides[d];
        return int64_t(v.address) / 4 + n <= kFloats;
      };
      if (writes && inside(a))
        return sample::command(Op::Vec, {a, b}, {out},
                               {sample::ints("program", {0})});
    }
  }

  std::mt19937_64 random;
  exec::test::Chain chain;
};

TEST(Epilogue, ChangesNoValue) {
  uint64_t apart = 0, fused = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    Program program = Maker(seed).program();
    std::vector<std::byte> reference;
    for (unsigned threads : {0u, 1u, 3u}) { // 0: not fused
      ExecOptions options;
      options.threads = std::max(1u, threads);
      options.fuse = threads > 0;
      auto outcome = exec::test::runOnce(program, options, kFloats, seed);
      ASSERT_TRUE(outcome.has_value());
      if (threads == 0)
        reference = outcome->bytes;
      ASSERT_TRUE(outcome->bytes == reference)
          << "seed " << seed << ", " << threads << " threads";
      (threads ? fused : apart) += outcome->executed;
    }
  }
  // And it does something: of 2 + 2n commands, many of the n pairs are one.
  RecordProperty("commands_apart", std::to_string(apart));
  EXPECT_LT(double(fused) / 2, 0.9 * double(apart));
}

} // namespace
