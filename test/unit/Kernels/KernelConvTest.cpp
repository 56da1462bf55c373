// Convolutions in every layout against the definition, in double.
#include "Reference.h"

using namespace hybridc::exec::test;
using namespace hybridc::stream;

namespace {

struct Case {
  int64_t n, c, m, groups;
  Shape in, kernel, strides, dilations, pads;
  bool transposed = false;
  Shape outputPadding = {};
};

Shape outExtents(const Case &c) {
  Shape out;
  size_t r = c.in.size();
  for (size_t d = 0; d < r; ++d) {
    int64_t span = (c.kernel[d] - 1) * c.dilations[d] + 1;
    int64_t pads = c.pads[d] + c.pads[r + d];
    out.push_back(c.transposed ? (c.in[d] - 1) * c.strides[d] + span - pads
                               : (c.in[d] + pads - span) / c.strides[d] + 1);
  }
  return out;
}

/// A data tensor, plain or in blocks of b channels.
Operand dataOperand(int64_t n, int64_t c, const Shape &spatial, int64_t b,
                    DType type, int64_t gap) {
  Shape shape{n, b ? c / b : c};
  shape.insert(shape.end(), spatial.begin(), spatial.end());
  if (b)
    shape.push_back(b);
  std::vector<size_t> order(shape.size());
  for (size_t d = 0; d < order.size(); ++d)
    order[d] = d;
  return strided(shape, type, order, gap);
}
Shape dataIndex(int64_t n, int64_t c, const Shape &at, int64_t b) {
  Shape i{n, b ? c / b : c};
  i.insert(i.end(), at.begin(), at.end());
  if (b)
    i.push_back(c % b);
  return i;
}

Operand filterOperand(const Case &c, int64_t xb, int64_t yb, DType type) {
  Shape s;
  auto taps = [&] { s.insert(s.end(), c.kernel.begin(), c.kernel.end()); };
  if (!yb) {
    s = c.transposed ? Shape{c.c, c.m / c.groups} : Shape{c.m, c.c / c.groups};
    taps();
  } else if (!xb) {
    s = {c.m / yb};
    taps();
    s.insert(s.end(), {c.c, yb});
  } else if (c.groups == 1) {
    s = {c.m / yb, c.c / xb};
    taps();
    s.insert(s.end(), {xb, yb});
  } else {
    s = {c.groups / yb};
    taps();
    s.push_back(yb);
  }
  return dense(s, type);
}
/// Filter m, channel ch within its group.
Shape filterIndex(const Case &c, int64_t m, int64_t ch, const Shape &tap,
                  int64_t xb, int64_t yb) {
  Shape i;
  int64_t perGroup = c.c / c.groups, outPerGroup = c.m / c.groups;
  auto taps = [&] { i.insert(i.end(), tap.begin(), tap.end()); };
  if (!yb) {
    i = c.transposed ? Shape{m / outPerGroup * perGroup + ch, m % outPerGroup}
                     : Shape{m, ch};
    taps();
  } else if (!xb) {
    i = {m / yb};
    taps();
    i.insert(i.end(), {ch, m % yb});
  } else if (c.groups == 1) {
    i = {m / yb, ch / xb};
    taps();
    i.insert(i.end(), {ch % xb, m % yb});
  } else {
    i = {m / yb};
    taps();
    i.push_back(m % yb);
  }
  return i;
}

void check(const Case &c, int64_t xb, int64_t yb, DType xt, DType wt, DType yt,
           bool accumulate = false, int64_t gap = 0, int64_t xZero = 0,
           int64_t wZero = 0, unsigned threads = 2) {
  Source source(77);
  Shape out = outExtents(c);
  size_t r = c.in.size();
  Operand x = dataOperand(c.n, c.c, c.in, xb, xt, gap);
  Operand w = filterOperand(c, xb, yb, wt);
  Operand y = dataOperand(c.n, c.m, out, yb, yt, gap);
  randomize(x, source);
  randomize(w, source);
  randomize(y, source);
  Operand before = y;
  std::vector<Attr> attrs{ints("accumulate", {accumulate}),
                          ints("dilations", c.dilations),
                          ints("groups", {c.groups}), ints("pads", c.pads),
                          ints("strides", c.strides)};
  if (c.transposed)
    attrs.push_back(ints("transposed", {1}));
  attrs.push_back(ints("w_zero", {wZero}));
  attrs.push_back(ints("x_block", {xb}));
  attrs.push_back(ints("x_zero", {xZero}));
  attrs.push_back(ints("y_block", {yb}));
  run(Op::Conv, attrs, {&x, &w}, {&y}, nullptr, threads);

  int64_t perGroup = c.c / c.groups, outPerGroup = c.m / c.groups;
  double tolerance = xt == DType::F64                      ? 1e-12
                     : sizeOf(yt) == 2                     ? 1e-2
                     : xt == DType::F32 || sizeOf(xt) == 2 ? 3e-5
                                                           : 0;
  expectEqual(
      y, before,
      [&](const Shape &i) {
        int64_t m = yb ? i[1] * yb + i.back() : i[1];
        double sum = accumulate ? before.get(i) : 0;
        forEach(c.kernel, [&](const Shape &tap) {
          Shape at(r);
          for (size_t d = 0; d < r; ++d) {
            if (!c.transposed) {
              at[d] =
                  i[2 + d] * c.strides[d] + tap[d] * c.dilations[d] - c.pads[d];
            } else {
              int64_t t = i[2 + d] + c.pads[d] - tap[d] * c.dilations[d];
              if (t % c.strides[d] != 0)
                return;
              at[d] = t / c.strides[d];
            }
            if (at[d] < 0 || at[d] >= c.in[d])
              return;
          }
          for (int64_t ch = 0; ch < perGroup; ++ch)
            sum += (x.get(dataIndex(i[0], m / outPerGroup * perGroup + ch, at,
                                    xb)) -
                    double(xZero)) *
                   (w.get(filterIndex(c, m, ch, tap, xb, yb)) - double(wZero));
        });
        return sum;
      },
      tolerance, "conv");
}

const DType kF32 = DType::F32;

TEST(KernelConv, PlainF32) {
  check({1, 3, 5, 1, {7, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}}, 0, 0, kF32,
        kF32, kF32);
  check({2, 4, 6, 2, {9, 8}, {3, 2}, {2, 1}, {1, 2}, {0, 2, 1, 0}}, 0, 0, kF32,
        kF32, kF32, true);
  check({2, 8, 8, 8, {6, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}}, 0, 0, kF32,
        kF32, kF32, false, 5);
  check({1, 3, 4, 1, {10}, {4}, {3}, {1}, {2, 1}}, 0, 0, kF32, kF32, kF32);
  check({1,
         2,
         3,
         1,
         {4, 5, 6},
         {2, 3, 2},
         {1, 2, 1},
         {1, 1, 2},
         {1, 0, 1, 0, 1, 2}},
        0, 0, kF32, kF32, kF32, false, 3);
}

TEST(KernelConv, BlockedF32) {
  for (int64_t b : {16, 8}) {
    for (bool accumulate : {false, true}) {
      check({1, 32, 48, 1, {6, 7}, {3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}}, b, b,
            kF32, kF32, kF32, accumulate);
      check({2, 16, 32, 1, {8, 6}, {1, 1}, {2, 2}, {1, 1}, {0, 0, 0, 0}}, b, b,
            kF32, kF32, kF32, accumulate);
      check({1, 32, 32, 32, {7, 5}, {3, 3}, {2, 1}, {1, 1}, {0, 1, 2, 1}}, b, b,
            kF32, kF32, kF32, accumulate);
      check({2, 3, 32, 1, {11, 12}, {7, 7}, {2, 2}, {1, 1}, {3, 3, 2, 3}}, 0, b,
            kF32, kF32, kF32, accumulate);
    }
    check({1, 16, 16, 1, {9}, {3}, {1}, {2}, {2, 1}}, b, b, kF32, kF32, kF32);
    check({1,
           16,
           16,
           1,
           {4, 4, 5},
           {3, 2, 3},
           {1, 1, 1},
           {1, 1, 1},
           {1, 0, 1, 1, 0, 1}},
          b, b, kF32, kF32, kF32);
    // A band of a larger tensor: rows are not dense.
    check({2, 32, 16, 1, {5, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1, 0, 1}}, b, b,
          kF32, kF32, kF32, true, 7);
  }
}

TEST(KernelConv, Transposed) {
  check({1, 3, 5, 1, {4, 5}, {3, 3}, {2, 2}, {1, 1}, {1, 1, 1, 1}, true}, 0, 0,
        kF32, kF32, kF32);
  check({2, 4, 6, 2, {4, 3}, {3, 2}, {2, 3}, {1, 2}, {0, 1, -1, 0}, true}, 0, 0,
        kF32, kF32, kF32, true);
  check({1, 4, 4, 4, {5}, {4}, {2}, {1}, {1, 0}, true}, 0, 0, kF32, kF32, kF32);
  check({1, 4, 6, 2, {4, 3}, {3, 2}, {2, 3}, {1, 2}, {0, 1, -1, 0}, true}, 0, 0,
        DType::F64, DType::F64, DType::F64);
}

TEST(KernelConv, OtherTypes) {
  Case plain{2, 4, 6, 2, {9, 8}, {3, 2}, {2, 1}, {1, 2}, {0, 2, 1, 0}};
  Case blocked{1, 16, 32, 1, {6, 5}, {3, 3}, {1, 2}, {1, 1}, {1, 0, 1, 1}};
  for (bool accumulate : {false, true}) {
    check(plain, 0, 0, DType::F64, DType::F64, DType::F64, accumulate, 2);
    check(plain, 0, 0, DType::I32, DType::I32, DType::I32, accumulate);
    check(plain, 0, 0, DType::I64, DType::I64, DType::I64, accumulate, 1);
    check(plain, 0, 0, DType::F16, DType::F16, DType::F32, accumulate);
    check(blocked, 16, 16, DType::BF16, DType::BF16, DType::BF16, accumulate);
    check(blocked, 16, 16, DType::F64, DType::F64, DType::F64, accumulate);
    check(blocked, 4, 4, kF32, kF32, kF32, accumulate);
  }
}

TEST(KernelConv, Int8IsExact) {
  for (DType x : {DType::U8, DType::I8})
    for (DType w : {DType::I8, DType::U8})
      for (bool accumulate : {false, true}) {
        int64_t xz = x == DType::U8 ? 7 : -3, wz = w == DType::U8 ? 200 : 5;
        check({2, 5, 7, 1, {6, 8}, {3, 3}, {1, 2}, {1, 1}, {1, 1, 0, 1}}, 0, 0,
              x, w, DType::I32, accumulate, 3, xz, wz);
        check({1, 32, 48, 1, {6, 7}, {3, 3}, {1, 1}, {2, 1}, {2, 1, 2, 1}}, 16,
              16, x, w, DType::I32, accumulate, 0, xz, wz);
        check({1, 3, 32, 1, {9, 9}, {3, 3}, {2, 2}, {1, 1}, {1, 1, 1, 1}}, 0,
              16, x, w, DType::I32, accumulate, 0, xz, wz);
        check({1, 32, 32, 32, {7, 5}, {3, 3}, {2, 1}, {1, 1}, {0, 1, 2, 1}}, 16,
              16, x, w, DType::I32, accumulate, 2, xz, wz);
        check({1, 4, 6, 2, {7, 5}, {3, 3}, {2, 1}, {1, 1}, {0, 1, 2, 1}}, 0, 0,
              x, w, DType::I32, accumulate, 2, xz, wz);
      }
}

TEST(KernelConv, SameBytesForAnyThreadCount) {
  for (int64_t c : {16, 256}) {
    Source source(3);
    Operand x = dense({1, c / 16, 14, 14, 16}, kF32);
    Operand w = dense({64 / 16, c / 16, 3, 3, 16, 16}, kF32);
    Operand w1 = dense({64 / 16, c / 16, 1, 1, 16, 16}, kF32);
    randomize(x, source);
    randomize(w, source);
    randomize(w1, source);
    for (bool pointwise : {false, true}) {
      std::vector<std::byte> first;
      for (unsigned threads : {1u, 2u, 3u, 4u, 8u}) {
        Operand y = dense({1, 4, 14, 14, 16}, kF32);
        int64_t pad = pointwise ? 0 : 1;
        run(Op::Conv,
            {ints("dilations", {1, 1}), ints("pads", {pad, pad, pad, pad}),
             ints("strides", {1, 1}), ints("x_block", {16}),
             ints("y_block", {16})},
            {&x, pointwise ? &w1 : &w}, {&y}, nullptr, threads);
        if (first.empty())
          first = y.bytes;
        EXPECT_TRUE(first == y.bytes) << threads << " threads";
      }
    }
  }
}

} // namespace
