// Matrix products against triple loops in double.
#include "Reference.h"

using namespace hybridc::exec::test;
using namespace hybridc::stream;

namespace {

struct Case {
  Shape batch;
  int64_t m, k, n;
};
const Case kCases[] = {{{}, 1, 1, 1},     {{}, 5, 7, 3},   {{}, 33, 65, 50},
                       {{}, 1, 150, 40},  {{3}, 4, 9, 16}, {{2, 3}, 7, 12, 5},
                       {{}, 70, 24, 130}, {{4}, 1, 40, 33}};

Shape join(const Shape &batch, int64_t a, int64_t b) {
  Shape s = batch;
  s.push_back(a);
  s.push_back(b);
  return s;
}

std::vector<size_t> memoryOrder(size_t rank, bool transposed) {
  std::vector<size_t> order(rank);
  for (size_t d = 0; d < rank; ++d)
    order[d] = d;
  if (transposed)
    std::swap(order[rank - 1], order[rank - 2]);
  return order;
}

void check(const Case &c, DType in, DType inB, DType out, unsigned layout,
           bool accumulate, int64_t aZero, int64_t bZero, unsigned threads) {
  Source source(1234 + layout);
  size_t rank = c.batch.size() + 2;
  Operand a = strided(join(c.batch, c.m, c.k), in,
                      memoryOrder(rank, layout & 1), layout & 1 ? 3 : 0);
  Operand b = strided(join(c.batch, c.k, c.n), inB,
                      memoryOrder(rank, layout & 2), layout & 2 ? 2 : 0);
  Operand y = strided(join(c.batch, c.m, c.n), out,
                      memoryOrder(rank, layout & 4), layout & 4 ? 5 : 0);
  if (layout & 8) // b is shared by the batch
    for (size_t d = 0; d + 2 < rank; ++d)
      b.view.strides[d] = 0;
  randomize(a, source);
  randomize(b, source);
  randomize(y, source);
  Operand before = y;
  std::vector<Attr> attrs;
  if (aZero)
    attrs.push_back(ints("a_zero", {aZero}));
  attrs.push_back(ints("accumulate", {accumulate}));
  if (bZero)
    attrs.push_back(ints("b_zero", {bZero}));
  run(Op::Matmul, attrs, {&a, &b}, {&y}, nullptr, threads);
  bool isFloat = in == DType::F32 || in == DType::F16 || in == DType::BF16;
  double tolerance = isFloat ? 1e-5 : in == DType::F64 ? 1e-13 : 0;
  if (out == DType::F16)
    tolerance = 1e-3;
  if (out == DType::BF16)
    tolerance = 1e-2;
  expectEqual(
      y, before,
      [&](const Shape &i) {
        double sum = accumulate ? before.get(i) : 0;
        for (int64_t k = 0; k < c.k; ++k) {
          Shape ia = i, ib = i;
          ia[rank - 1] = k;
          ib[rank - 2] = k;
          double term =
              (a.get(ia) - double(aZero)) * (b.get(ib) - double(bZero));
          sum += term;
        }
        return sum;
      },
      tolerance * 4, "matmul");
}

TEST(KernelMatmul, F32AllLayouts) {
  for (const Case &c : kCases)
    for (unsigned layout = 0; layout < 16; ++layout)
      check(c, DType::F32, DType::F32, DType::F32, layout, layout % 3 == 0, 0,
            0, 1 + layout % 3);
}

TEST(KernelMatmul, OtherFloats) {
  for (const Case &c : kCases) {
    for (unsigned layout : {0u, 7u, 8u, 10u}) {
      check(c, DType::F64, DType::F64, DType::F64, layout, false, 0, 0, 2);
      check(c, DType::F16, DType::F16, DType::F32, layout, false, 0, 0, 2);
      check(c, DType::F16, DType::F16, DType::F16, layout, true, 0, 0, 2);
      check(c, DType::BF16, DType::BF16, DType::F32, layout, true, 0, 0, 2);
      check(c, DType::BF16, DType::BF16, DType::BF16, layout, false, 0, 0, 2);
    }
  }
}

TEST(KernelMatmul, IntegersAreExact) {
  for (const Case &c : kCases)
    for (unsigned layout = 0; layout < 16; layout += 3) {
      check(c, DType::U8, DType::I8, DType::I32, layout, false, 3, -7, 2);
      check(c, DType::U8, DType::U8, DType::I32, layout, true, 128, 255, 2);
      check(c, DType::I8, DType::I8, DType::I32, layout, true, 0, 0, 2);
      check(c, DType::I8, DType::U8, DType::I32, layout, false, -128, 1, 2);
      check(c, DType::I32, DType::I32, DType::I32, layout, false, 0, 0, 2);
      check(c, DType::I64, DType::I64, DType::I64, layout, true, 0, 0, 2);
      check(c, DType::U32, DType::U32, DType::U32, layout, false, 0, 0, 2);
    }
}

TEST(KernelMatmul, BroadcastInsideTheMatrix) {
  Operand a = dense({1, 8}, DType::F32), b = dense({8, 1}, DType::F32);
  Source source(5);
  randomize(a, source);
  randomize(b, source);
  a.view.shape = {6, 8};
  a.view.strides = {0, 1};
  b.view.shape = {8, 5};
  b.view.strides = {1, 0};
  Operand y = dense({6, 5}, DType::F32), before = y;
  run(Op::Matmul, {}, {&a, &b}, {&y});
  double sum = 0;
  for (int64_t k = 0; k < 8; ++k)
    sum += a.get({0, k}) * b.get({k, 0});
  expectEqual(y, before, [&](const Shape &) { return sum; }, 1e-6, "matmul");
}

TEST(KernelMatmul, SameBytesForAnyThreadCount) {
  for (Case c : {Case{{}, 33, 771, 129}, Case{{}, 1, 2048, 1000},
                 Case{{}, 8, 16384, 8}, Case{{5}, 64, 64, 64}}) {
    Source source(9);
    Operand a = dense(join(c.batch, c.m, c.k), DType::F32);
    Operand b = dense(join(c.batch, c.k, c.n), DType::F32);
    randomize(a, source);
    randomize(b, source);
    std::vector<std::byte> first;
    for (unsigned threads : {1u, 2u, 3u, 4u, 7u}) {
      Operand y = dense(join(c.batch, c.m, c.n), DType::F32);
      run(Op::Matmul, {}, {&a, &b}, {&y}, nullptr, threads);
      if (first.empty())
        first = y.bytes;
      EXPECT_TRUE(first == y.bytes) << threads << " threads";
    }
  }
}

} // namespace
