// reduce, pool, normalize against the definition, in double.
#include "Reference.h"

#include <limits>

using namespace hybridc::exec::test;
using namespace hybridc::stream;

namespace {

/// The values of x that fold into y's element `at`.
std::vector<double> slice(const Operand &x, const Shape &axes,
                          const Shape &at) {
  Shape extents(x.view.shape.size(), 1);
  for (int64_t a : axes)
    extents[a] = x.view.shape[a];
  std::vector<double> values;
  forEach(extents, [&](const Shape &i) {
    Shape from = at;
    for (int64_t a : axes)
      from[a] = i[a];
    values.push_back(x.get(from));
  });
  return values;
}

TEST(KernelReduce, EveryKindTypeAndLayout) {
  for (unsigned t = 0; t < kNumDTypes; ++t) {
    DType type = DType(t);
    for (std::string kind :
         {"sum", "mean", "max", "min", "prod", "argmax", "argmin"}) {
      if (type == DType::Bool && kind != "max" && kind != "min")
        continue;
      bool isArg = kind[0] == 'a';
      for (Shape axes : {Shape{2}, Shape{0}, Shape{1, 2}, Shape{0, 2}, Shape{1},
                         Shape{0, 1, 2}}) {
        if (isArg && axes.size() > 1)
          continue;
        for (unsigned layout : {0u, 1u}) {
          Source source(t);
          Operand x = strided({5, 37, 21}, type,
                              layout ? std::vector<size_t>{2, 0, 1}
                                     : std::vector<size_t>{0, 1, 2},
                              layout);
          forEach(x.view.shape, [&](const Shape &i) {
            double v =
                type == DType::Bool ? double(source.integer(0, 1))
                : type <= DType::BF16
                    ? (kind == "prod" ? 1 + double(source.integer(-1, 1)) / 16
                                      : source.value(type))
                    : double(source.integer(kind == "prod", 3));
            x.set(i, v);
          });
          Shape out = x.view.shape;
          for (int64_t a : axes)
            out[a] = 1;
          Operand y = dense(out, isArg ? DType::I64 : type), before = y;
          std::vector<Attr> attrs{ints("axes", axes), text("kind", kind)};
          if (isArg && layout)
            attrs.push_back(ints("select_last", {1}));
          run(Op::Reduce, attrs, {&x}, {&y}, nullptr, 1 + layout * 3);
          bool isFloat = type <= DType::BF16;
          double tolerance = type == DType::F64   ? 1e-12
                             : type == DType::F32 ? 1e-5
                             : isFloat            ? 1e-2
                                                  : 0;
          expectEqual(
              y, before,
              [&](const Shape &i) {
                std::vector<double> v = slice(x, axes, i);
                if (isArg) {
                  size_t best = 0;
                  for (size_t j = 1; j < v.size(); ++j) {
                    bool better =
                        kind == "argmax" ? v[j] > v[best] : v[j] < v[best];
                    if (better || (layout && v[j] == v[best]))
                      best = j;
                  }
                  return double(best);
                }
                double r = v[0];
                uint64_t wrapped =
                    static_cast<uint64_t>(int64_t(isFloat ? 0 : r));
                for (size_t j = 1; j < v.size(); ++j) {
                  uint64_t w =
                      static_cast<uint64_t>(int64_t(isFloat ? 0 : v[j]));
                  if (kind == "max")
                    r = std::max(r, v[j]);
                  else if (kind == "min")
                    r = std::min(r, v[j]);
                  else if (kind == "prod")
                    r *= v[j], wrapped *= w;
                  else
                    r += v[j], wrapped += w;
                }
                if (isFloat)
                  return kind == "mean" ? r / double(v.size()) : r;
                if (kind == "max" || kind == "min")
                  return r;
                Operand one = dense({1}, type);
                std::memcpy(one.bytes.data(), &wrapped, sizeOf(type));
                double total = one.get({0});
                return kind == "mean"
                           ? std::trunc(total / double(int64_t(v.size())))
                           : total;
              },
              tolerance, kind + " of " + std::string(nameOf(type)));
        }
      }
    }
  }
}

TEST(KernelReduce, NanAndInfinity) {
  Operand x = dense({4, 40}, DType::F32);
  Source source(1);
  randomize(x, source);
  x.set({1, 17}, NAN);
  x.set({2, 3}, -INFINITY);
  for (std::string kind : {"max", "min", "argmax", "argmin"}) {
    bool isArg = kind[0] == 'a';
    Operand y = dense({4, 1}, isArg ? DType::I64 : DType::F32);
    run(Op::Reduce, {ints("axes", {1}), text("kind", kind)}, {&x}, {&y});
    if (isArg) {
      EXPECT_EQ(y.get({1, 0}), 17);
    } else {
      EXPECT_TRUE(std::isnan(y.get({1, 0})));
    }
    if (kind == "argmin") {
      EXPECT_EQ(y.get({2, 0}), 3);
    }
  }
}

TEST(KernelReduce, SameBytesForAnyThreadCount) {
  Operand x = dense({64, 1000, 3}, DType::F32);
  Source source(2);
  randomize(x, source);
  for (Shape axes : {Shape{0, 1}, Shape{1}, Shape{2}, Shape{0, 1, 2}}) {
    std::vector<std::byte> first;
    for (unsigned threads : {1u, 2u, 3u, 5u}) {
      Shape out = x.view.shape;
      for (int64_t a : axes)
        out[a] = 1;
      Operand y = dense(out, DType::F32);
      run(Op::Reduce, {ints("axes", axes), text("kind", "sum")}, {&x}, {&y},
          nullptr, threads);
      if (first.empty())
        first = y.bytes;
      EXPECT_TRUE(first == y.bytes);
    }
  }
}

TEST(KernelReduce, LongSumsStayAccurate) {
  Operand x = dense({2000000}, DType::F32), y = dense({1}, DType::F32);
  for (int64_t i = 0; i < 2000000; ++i)
    x.set({i}, 0.1);
  run(Op::Reduce, {ints("axes", {0}), text("kind", "sum")}, {&x}, {&y});
  EXPECT_NEAR(y.get({0}) / (2000000.0 * double(0.1f)), 1, 1e-6);
}

//===----------------------------------------------------------------------===//

struct PoolCase {
  Shape x, window, strides, dilations, pads, y;
};

void checkPool(const PoolCase &c, DType type, const std::string &kind,
               bool countPad, std::vector<size_t> order, int64_t gap) {
  size_t r = c.x.size();
  Source source(31);
  Operand x = strided(c.x, type, order, gap),
          y = strided(c.y, type, order, gap);
  forEach(c.x, [&](const Shape &i) {
    x.set(i, type <= DType::BF16 ? source.value(type)
                                 : double(source.integer(0, 9)));
  });
  Operand before = y;
  run(Op::Pool,
      {ints("count_pad", {countPad}), ints("dilations", c.dilations),
       text("kind", kind), ints("pads", c.pads), ints("strides", c.strides),
       ints("window", c.window)},
      {&x}, {&y}, nullptr, 2);
  expectEqual(
      y, before,
      [&](const Shape &i) {
        double sum = 0, count = 0, padded = 0;
        double top = type <= DType::BF16 ? -INFINITY : -1e30;
        forEach(c.window, [&](const Shape &tap) {
          Shape at(r);
          bool inside = true, inPad = true;
          for (size_t d = 0; d < r; ++d) {
            at[d] = i[d] * c.strides[d] + tap[d] * c.dilations[d] - c.pads[d];
            inside = inside && at[d] >= 0 && at[d] < c.x[d];
            inPad = inPad && at[d] < c.x[d] + c.pads[r + d];
          }
          padded += inPad;
          if (!inside)
            return;
          ++count;
          sum += x.get(at);
          top = std::max(top, x.get(at));
        });
        if (kind == "max")
          return top;
        if (kind == "sum")
          return sum;
        double mean = sum / (countPad ? padded : count);
        return type <= DType::BF16 ? mean : std::trunc(mean);
      },
      type == DType::F64  ? 1e-14
      : sizeOf(type) == 2 ? 2e-2
                          : 1e-6,
      kind + " pool");
}

TEST(KernelPool, LayoutsKindsTypes) {
  const PoolCase cases[] = {
      {{2, 3, 9, 11},
       {1, 1, 3, 3},
       {1, 1, 2, 2},
       {1, 1, 1, 1},
       {0, 0, 1, 1, 0, 0, 1, 1},
       {2, 3, 5, 6}},
      {{1, 2, 7, 8, 16},
       {1, 1, 3, 2, 1},
       {1, 1, 2, 1, 1},
       {1, 1, 1, 3, 1},
       {0, 0, 1, 0, 0, 0, 0, 0, 2, 0},
       {1, 2, 3, 7, 16}},
      // Ceil mode: the last window reaches past the padding.
      {{1, 1, 6, 6},
       {1, 1, 3, 3},
       {1, 1, 2, 2},
       {1, 1, 1, 1},
       {0, 0, 0, 0, 0, 0, 0, 0},
       {1, 1, 3, 3}},
      {{2, 5}, {2, 5}, {1, 1}, {1, 1}, {0, 0, 0, 0}, {1, 1}},
      {{1, 5, 4},
       {1, 3, 1},
       {1, 1, 1},
       {1, 1, 1},
       {0, 1, 0, 0, 1, 0},
       {1, 5, 4}},
  };
  for (const PoolCase &c : cases)
    for (std::string kind : {"max", "sum", "mean"})
      for (DType type :
           {DType::F32, DType::F64, DType::F16, DType::U8, DType::I32})
        for (bool countPad : {false, true}) {
          std::vector<size_t> order(c.x.size());
          for (size_t d = 0; d < order.size(); ++d)
            order[d] = d;
          checkPool(c, type, kind, countPad, order, 0);
          std::reverse(order.begin(), order.end());
          checkPool(c, type, kind, countPad, order, 1);
        }
}

TEST(KernelPool, AWindowOfPaddingAloneIsTheLowestValue) {
  Operand x = dense({1}, DType::F32), y = dense({3}, DType::F32);
  x.set({0}, 5);
  run(Op::Pool,
      {ints("dilations", {1}), text("kind", "max"), ints("pads", {2, 0}),
       ints("strides", {1}), ints("window", {1})},
      {&x}, {&y});
  EXPECT_EQ(y.get({0}), -INFINITY);
  EXPECT_EQ(y.get({2}), 5);
}

//===----------------------------------------------------------------------===//

TEST(KernelNormalize, KindsAxesLayouts) {
  for (DType type : {DType::F32, DType::F64, DType::F16, DType::BF16})
    for (std::string kind : {"softmax", "log_softmax", "mean_variance"})
      for (Shape axes : {Shape{2}, Shape{1}, Shape{1, 2}, Shape{0, 2}})
        for (unsigned layout : {0u, 1u}) {
          Operand x = strided({3, 5, 70}, type,
                              layout ? std::vector<size_t>{2, 1, 0}
                                     : std::vector<size_t>{0, 1, 2},
                              layout);
          Operand y = strided({3, 5, 70}, type, {0, 1, 2}, layout);
          Source source(8);
          forEach(x.view.shape,
                  [&](const Shape &i) { x.set(i, source.value(type) * 4); });
          Operand before = y;
          run(Op::Normalize,
              {ints("axes", axes), floats("epsilon", {1e-3}),
               text("kind", kind)},
              {&x}, {&y}, nullptr, 3);
          expectEqual(
              y, before,
              [&](const Shape &i) {
                Shape at = i;
                for (int64_t a : axes)
                  at[a] = 0;
                std::vector<double> v = slice(x, axes, at);
                double mean = 0, square = 0, top = -INFINITY, sum = 0;
                for (double e : v)
                  mean += e / double(v.size()), top = std::max(top, e);
                for (double e : v) {
                  square += (e - mean) * (e - mean) / double(v.size());
                  sum += std::exp(e - top);
                }
                double own = x.get(i);
                if (kind == "softmax")
                  return std::exp(own - top) / sum;
                if (kind == "log_softmax")
                  return own - top - std::log(sum);
                return (own - mean) / std::sqrt(square + 1e-3);
              },
              type == DType::F64   ? 1e-13
              : type == DType::F32 ? 2e-6
                                   : 1e-2,
              kind);
        }
}

TEST(KernelNormalize, SoftmaxOfHugeValues) {
  Operand x = dense({1, 3}, DType::F32), y = x;
  x.set({0, 0}, 1e30);
  x.set({0, 1}, -1e30);
  x.set({0, 2}, -INFINITY);
  run(Op::Normalize, {ints("axes", {1}), text("kind", "softmax")}, {&x}, {&y});
  EXPECT_EQ(y.get({0, 0}), 1);
  EXPECT_EQ(y.get({0, 1}), 0);
  EXPECT_EQ(y.get({0, 2}), 0);
}

} // namespace
