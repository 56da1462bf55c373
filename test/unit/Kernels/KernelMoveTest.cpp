// copy, fill, gather and the control core's kernels against the definition.
#include "Reference.h"

#include "hybridc/Kernels/KernelTable.h"

using namespace hybridc::exec::test;
using namespace hybridc::stream;

namespace {

std::vector<size_t> orderOf(size_t rank, unsigned permutation) {
  std::vector<size_t> order(rank);
  for (size_t d = 0; d < rank; ++d)
    order[d] = d;
  while (permutation--)
    std::next_permutation(order.begin(), order.end());
  return order;
}

TEST(KernelCopy, EveryPermutation) {
  for (Shape shape :
       {Shape{2, 3, 37, 16}, Shape{5, 40, 33, 2}, Shape{1, 64, 64, 3}})
    for (DType type : {DType::F32, DType::U8, DType::F16, DType::F64})
      for (unsigned permutation = 0; permutation < 24; permutation += 5)
        for (int64_t gap : {0, 1}) {
          Source source(permutation);
          Operand x = strided(shape, type, orderOf(4, permutation), gap);
          Operand y =
              strided(shape, type, orderOf(4, (permutation * 7) % 24), gap * 2);
          randomize(x, source);
          Operand before = y;
          run(Op::Copy, {}, {&x}, {&y}, nullptr, 1 + permutation % 4);
          expectEqual(
              y, before, [&](const Shape &i) { return x.get(i); }, 0, "copy");
        }
}

TEST(KernelCopy, BroadcastAndReverse) {
  Operand x = dense({50}, DType::I32), y = dense({7, 50}, DType::I32);
  Source source(1);
  randomize(x, source);
  Operand before = y;
  x.view.shape = {7, 50};
  x.view.strides = {0, -1};
  x.origin = 49;
  run(Op::Copy, {}, {&x}, {&y});
  expectEqual(
      y, before, [&](const Shape &i) { return x.getRaw(49 - i[1]); }, 0,
      "copy");
}

TEST(KernelFill, PatternsAndGaps) {
  for (DType type : {DType::U8, DType::I16, DType::F32, DType::I64})
    for (int64_t bits : {0, 7}) {
      Operand y = strided({3, 4, 50}, type, {1, 0, 2}, 3), before = y;
      run(Op::Fill, {ints("bits", {bits})}, {}, {&y}, nullptr, 3);
      double want = bits;
      if (type == DType::F32) {
        float f;
        uint32_t b = uint32_t(bits);
        std::memcpy(&f, &b, 4);
        want = f;
      }
      expectEqual(y, before, [&](const Shape &) { return want; }, 0, "fill");
    }
}

TEST(KernelGather, AnyAxis) {
  for (int64_t axis = 0; axis < 3; ++axis)
    for (DType indexType : {DType::I32, DType::I64}) {
      Shape shape{4, 5, 6};
      Operand data = strided(shape, DType::F32, {1, 0, 2}, 2);
      Operand index = dense({2, 3}, indexType);
      Source source(4);
      randomize(data, source);
      for (int64_t i = 0; i < 6; ++i)
        index.setRaw(i, double(source.integer(-shape[axis], shape[axis] - 1)));
      Shape out(shape.begin(), shape.begin() + axis);
      out.insert(out.end(), {2, 3});
      out.insert(out.end(), shape.begin() + axis + 1, shape.end());
      Operand y = dense(out, DType::F32), before = y;
      run(Op::Gather, {ints("axis", {axis})}, {&data, &index}, {&y}, nullptr,
          2);
      expectEqual(
          y, before,
          [&](const Shape &i) {
            Shape from(i.begin(), i.begin() + axis);
            int64_t k = int64_t(index.get({i[axis], i[axis + 1]}));
            from.push_back(k < 0 ? k + shape[axis] : k);
            from.insert(from.end(), i.begin() + axis + 2, i.end());
            return data.get(from);
          },
          0, "gather");
      index.setRaw(3, double(shape[axis]));
      hybridc::Status s =
          tryRun(Op::Gather, {ints("axis", {axis})}, {&data, &index}, {&y});
      ASSERT_FALSE(static_cast<bool>(s));
      EXPECT_EQ(s.error().code, hybridc::ExitCode::InvalidInput);
      EXPECT_NE(s.error().message.find("out of range"), std::string::npos);
    }
}

//===----------------------------------------------------------------------===//
// Named kernels
//===----------------------------------------------------------------------===//

TEST(KernelCtl, TopK) {
  for (bool largest : {true, false})
    for (int64_t axis : {0, 1}) {
      Operand x = strided({6, 9}, DType::F32, {0, 1}, 2);
      Source source(2);
      forEach({6, 9}, [&](const Shape &i) {
        x.set(i, double(source.integer(0, 4))); // many ties
      });
      x.set({2, 2}, NAN);
      Shape out = x.view.shape;
      out[axis] = 3;
      Operand v = dense(out, DType::F32), n = dense(out, DType::I64);
      run(Op::Kernel,
          {ints("axis", {axis}), ints("largest", {largest}),
           text("name", "topk")},
          {&x}, {&v, &n}, nullptr, 2);
      forEach(out, [&](const Shape &i) {
        // Rank of the chosen element: how many come before it.
        Shape chosen = i;
        chosen[axis] = int64_t(n.get(i));
        double value = x.get(chosen);
        int before = 0;
        for (int64_t j = 0; j < x.view.shape[axis]; ++j) {
          Shape other = i;
          other[axis] = j;
          double o = x.get(other);
          bool better = std::isnan(value) ? false
                        : std::isnan(o)   ? largest
                        : largest         ? o > value
                                          : o < value;
          if (std::isnan(value) && !std::isnan(o))
            better = !largest;
          bool tie = o == value || (std::isnan(o) && std::isnan(value));
          before += better || (tie && j < chosen[axis]);
        }
        EXPECT_EQ(before, i[axis]);
        EXPECT_TRUE(v.get(i) == value ||
                    (std::isnan(value) && std::isnan(v.get(i))));
      });
    }
}

TEST(KernelCtl, Pad) {
  // By mode: what numpy.pad gives for [1, 2, 3] with pads (4, 5).
  struct Case {
    std::string mode;
    std::vector<double> want;
  };
  for (const Case &c : {Case{"constant", {7, 7, 7, 7, 1, 2, 3, 7, 7, 7, 7, 7}},
                        Case{"edge", {1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3}},
                        Case{"reflect", {1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2}},
                        Case{"wrap", {3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2}}}) {
    Operand x = dense({2, 3}, DType::I32), y = dense({1, 12}, DType::I32);
    for (int64_t i = 0; i < 6; ++i)
      x.setRaw(i, double(i < 3 ? 99 : i - 2));
    Operand before = y;
    run(Op::Kernel,
        {ints("bits", {7}), text("mode", c.mode), text("name", "pad"),
         ints("pads", {-1, 4, 0, 5})},
        {&x}, {&y});
    expectEqual(
        y, before, [&](const Shape &i) { return c.want[i[1]]; }, 0, c.mode);
  }
}

TEST(KernelCtl, CumSum) {
  for (bool exclusive : {false, true})
    for (bool reverse : {false, true})
      for (DType type : {DType::F32, DType::I32, DType::F16}) {
        Operand x = dense({3, 5, 4}, type), y = x;
        Source source(3);
        randomize(x, source);
        Operand before = y;
        run(Op::Kernel,
            {ints("axis", {1}), ints("exclusive", {exclusive}),
             text("name", "cumsum"), ints("reverse", {reverse})},
            {&x}, {&y});
        expectEqual(
            y, before,
            [&](const Shape &i) {
              double sum = 0;
              for (int64_t j = 0; j < 5; ++j) {
                bool counts = reverse ? j > i[1] : j < i[1];
                if (counts || (!exclusive && j == i[1]))
                  sum += x.get({i[0], j, i[2]});
              }
              return sum;
            },
            1e-3, "cumsum");
      }
}

TEST(KernelCtl, ScatterNd) {
  for (std::string reduction : {"none", "add", "mul", "max", "min"}) {
    Operand data = dense({4, 5, 3}, DType::F32), y = data, before = y;
    Operand index = dense({6, 2}, DType::I64);
    Operand updates = dense({6, 3}, DType::F32);
    Source source(11);
    randomize(data, source);
    randomize(updates, source);
    for (int64_t i = 0; i < 6; ++i) {
      index.set({i, 0}, double(source.integer(-4, 3)));
      index.set({i, 1}, double(source.integer(-5, 1)));
    }
    index.set({5, 0}, index.get({0, 0})); // a duplicate
    index.set({5, 1}, index.get({0, 1}));
    Operand want = data;
    for (int64_t i = 0; i < 6; ++i)
      for (int64_t j = 0; j < 3; ++j) {
        int64_t a = int64_t(index.get({i, 0})), b = int64_t(index.get({i, 1}));
        Shape at{a < 0 ? a + 4 : a, b < 0 ? b + 5 : b, j};
        double u = updates.get({i, j}), o = want.get(at);
        want.set(at, reduction == "none"  ? u
                     : reduction == "add" ? float(o) + float(u)
                     : reduction == "mul" ? float(o) * float(u)
                     : reduction == "max" ? std::max(o, u)
                                          : std::min(o, u));
      }
    run(Op::Kernel, {text("name", "scatter_nd"), text("reduction", reduction)},
        {&data, &index, &updates}, {&y});
    expectEqual(
        y, before, [&](const Shape &i) { return want.get(i); }, 0, reduction);
    index.set({2, 1}, 5);
    EXPECT_FALSE(static_cast<bool>(tryRun(
        Op::Kernel, {text("name", "scatter_nd"), text("reduction", reduction)},
        {&data, &index, &updates}, {&y})));
  }
}

TEST(KernelCtl, ScatterAndGatherElements) {
  Operand data = dense({3, 4}, DType::I32), y = data, before = y;
  Operand index = dense({2, 4}, DType::I64),
          updates = dense({2, 4}, DType::I32);
  Source source(5);
  randomize(data, source);
  randomize(updates, source);
  forEach({2, 4}, [&](const Shape &i) {
    index.set(i, double(i[0] == 0 ? i[1] % 3 : -1 - i[1] % 2));
  });
  Operand want = data;
  forEach({2, 4}, [&](const Shape &i) {
    int64_t k = int64_t(index.get(i));
    Shape at{k < 0 ? k + 3 : k, i[1]};
    want.set(at, want.get(at) + updates.get(i));
  });
  run(Op::Kernel,
      {ints("axis", {0}), text("name", "scatter_elements"),
       text("reduction", "add")},
      {&data, &index, &updates}, {&y});
  expectEqual(
      y, before, [&](const Shape &i) { return want.get(i); }, 0, "scatter");

  Operand picked = dense({2, 4}, DType::I32), old = picked;
  run(Op::Kernel, {ints("axis", {0}), text("name", "gather_elements")},
      {&data, &index}, {&picked});
  expectEqual(
      picked, old,
      [&](const Shape &i) {
        int64_t k = int64_t(index.get(i));
        return data.get({k < 0 ? k + 3 : k, i[1]});
      },
      0, "gather");
}

TEST(KernelCtl, GatherNdWithBatch) {
  Operand data = dense({2, 3, 4, 5}, DType::F32);
  Operand index = dense({2, 6, 2}, DType::I64);
  Operand y = dense({2, 6, 5}, DType::F32), before = y;
  Source source(5);
  randomize(data, source);
  forEach({2, 6, 2}, [&](const Shape &i) {
    index.set(i, double(i[2] ? source.integer(-4, 3) : source.integer(-3, 2)));
  });
  run(Op::Kernel, {ints("batch_dims", {1}), text("name", "gather_nd")},
      {&data, &index}, {&y});
  expectEqual(
      y, before,
      [&](const Shape &i) {
        int64_t a = int64_t(index.get({i[0], i[1], 0}));
        int64_t b = int64_t(index.get({i[0], i[1], 1}));
        return data.get({i[0], a < 0 ? a + 3 : a, b < 0 ? b + 4 : b, i[2]});
      },
      0, "gather_nd");
}

TEST(KernelCtl, ReverseSequenceAndOneHot) {
  Operand x = dense({4, 3, 2}, DType::F32), y = x, before = y;
  Operand lengths = dense({3}, DType::I64);
  Source source(5);
  randomize(x, source);
  const int64_t n[3] = {1, 4, 2};
  for (int64_t i = 0; i < 3; ++i)
    lengths.set({i}, double(n[i]));
  run(Op::Kernel,
      {ints("batch_axis", {1}), text("name", "reverse_sequence"),
       ints("time_axis", {0})},
      {&x, &lengths}, {&y});
  expectEqual(
      y, before,
      [&](const Shape &i) {
        int64_t t = i[0] < n[i[1]] ? n[i[1]] - 1 - i[0] : i[0];
        return x.get({t, i[1], i[2]});
      },
      0, "reverse_sequence");

  Operand index = dense({3}, DType::I64), values = dense({2}, DType::F32);
  Operand hot = dense({4, 3}, DType::F32), old = hot;
  index.set({0}, 2);
  index.set({1}, -1);
  index.set({2}, 4); // out of range: all off
  values.set({0}, 0.5);
  values.set({1}, 3);
  run(Op::Kernel, {ints("axis", {0}), text("name", "one_hot")},
      {&index, &values}, {&hot});
  expectEqual(
      hot, old,
      [&](const Shape &i) {
        bool on = (i[1] == 0 && i[0] == 2) || (i[1] == 1 && i[0] == 3);
        return on ? 3.0 : 0.5;
      },
      0, "one_hot");
}

TEST(KernelCtl, ResizeNearest) {
  // numpy: [1,2,3,4] to 8 (asymmetric, floor) and to 2 (half_pixel).
  Operand x = dense({1, 4}, DType::I64), y = dense({2, 8}, DType::I64);
  for (int64_t i = 0; i < 4; ++i)
    x.set({0, i}, double(i + 1));
  Operand before = y;
  run(Op::Kernel,
      {text("coordinates", "asymmetric"), text("name", "resize"),
       text("nearest", "floor")},
      {&x}, {&y});
  expectEqual(
      y, before, [&](const Shape &i) { return double(i[1] / 2 + 1); }, 0, "up");
  Operand small = dense({1, 2}, DType::I64), old = small;
  run(Op::Kernel, {text("name", "resize")}, {&x}, {&small});
  // 0.5 and 2.5 round to the floor.
  expectEqual(
      small, old, [&](const Shape &i) { return i[1] ? 3.0 : 1.0; }, 0, "down");
}

TEST(KernelCtl, ResizeLinearAndCubic) {
  // Separable by definition: each output is the weighted sum over a window.
  for (std::string mode : {"linear", "cubic"})
    for (std::string coordinates :
         {"half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"})
      for (Shape out : {Shape{2, 3, 9, 4}, Shape{2, 3, 3, 11}}) {
        Shape in{2, 3, 5, 6};
        Operand x = dense(in, DType::F32),
                y = strided(out, DType::F32, {0, 2, 3, 1}, 0);
        Source source(21);
        randomize(x, source);
        Operand before = y;
        run(Op::Kernel,
            {text("coordinates", coordinates), text("mode", mode),
             text("name", "resize")},
            {&x}, {&y}, nullptr, 2);
        auto weight = [&](double t) {
          t = std::fabs(t);
          if (mode == "linear")
            return std::max(0.0, 1 - t);
          double a = -0.75;
          if (t <= 1)
            return (a + 2) * t * t * t - (a + 3) * t * t + 1;
          return t < 2 ? a * t * t * t - 5 * a * t * t + 8 * a * t - 4 * a : 0;
        };
        auto source1 = [&](int64_t i, int64_t n, int64_t m) {
          double s = double(m) / double(n);
          if (coordinates == "align_corners")
            return m == 1 ? 0.0 : double(i) * double(n - 1) / double(m - 1);
          if (coordinates == "asymmetric")
            return double(i) / s;
          return (double(i) + 0.5) / s - 0.5;
        };
        expectEqual(
            y, before,
            [&](const Shape &i) {
              double sum = 0, r = source1(i[2], in[2], out[2]);
              double c = source1(i[3], in[3], out[3]);
              for (int64_t a = -3; a < in[2] + 3; ++a)
                for (int64_t b = -3; b < in[3] + 3; ++b)
                  sum +=
                      weight(double(a) - r) * weight(double(b) - c) *
                      x.get({i[0], i[1], std::clamp<int64_t>(a, 0, in[2] - 1),
                             std::clamp<int64_t>(b, 0, in[3] - 1)});
              return sum;
            },
            2e-6, mode + " " + coordinates);
      }
}

TEST(KernelCtl, ResizeCropsWithExtrapolation) {
  Operand x = dense({4}, DType::F32), y = dense({3}, DType::F32), before = y;
  for (int64_t i = 0; i < 4; ++i)
    x.set({i}, double(i));
  run(Op::Kernel,
      {text("coordinates", "tf_crop_and_resize"), floats("extrapolation", {9}),
       text("mode", "linear"), text("name", "resize"),
       floats("roi", {0.5, 1.5})},
      {&x}, {&y});
  // Coordinates 1.5, 3, 4.5 of [0, 3].
  const double want[] = {1.5, 3, 9};
  expectEqual(
      y, before, [&](const Shape &i) { return want[i[0]]; }, 1e-6, "crop");
}

TEST(KernelCtl, EveryKernelRefusesNonsense) {
  for (const hybridc::exec::KernelSpec &spec : hybridc::exec::kernelSpecs()) {
    Operand scalar = dense({}, DType::Bool);
    std::vector<Operand> ins(spec.numIns, scalar), outs(spec.numOuts, scalar);
    std::vector<Operand *> in, out;
    for (Operand &o : ins)
      in.push_back(&o);
    for (Operand &o : outs)
      out.push_back(&o);
    std::vector<Attr> attrs;
    for (const auto &attr : spec.attrs)
      if (attr.required)
        attrs.push_back(ints(std::string(attr.name), {77}));
    attrs.push_back(text("name", std::string(spec.name)));
    std::sort(attrs.begin(), attrs.end(),
              [](const Attr &a, const Attr &b) { return a.name < b.name; });
    if (attrs.size() > 1) {
      EXPECT_FALSE(static_cast<bool>(tryRun(Op::Kernel, attrs, in, out)))
          << spec.name;
    }
    in.push_back(&scalar);
    EXPECT_FALSE(static_cast<bool>(tryRun(Op::Kernel, attrs, in, out)))
        << spec.name;
  }
  Operand x = dense({4}, DType::F32);
  EXPECT_FALSE(static_cast<bool>(
      tryRun(Op::Kernel, {text("name", "no-such")}, {&x}, {&x})));
}

} // namespace
