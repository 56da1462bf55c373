// Vector programs: every instruction, broadcasting, in-place operation.
#include "Reference.h"

#include "hybridc/Stream/VecIsa.h"

#include <limits>

using namespace hybridc::exec::test;
using namespace hybridc::stream;

namespace {

/// out = op(in…), all of type `type` but for the result's own.
VecProgram single(VecOp op, DType type, DType result) {
  const VecOpInfo &info = infoOf(op);
  VecProgram p;
  p.name = std::string(info.name);
  p.numOuts = 1;
  for (unsigned i = 0; i < info.numOperands; ++i) {
    DType t = op == VecOp::Select && i == 0 ? DType::Bool : type;
    p.registers.push_back(t);
    p.instrs.push_back({uint8_t(VecOp::Load), t, uint16_t(i), 0, 0, 0, i});
    ++p.numIns;
  }
  p.registers.push_back(result);
  uint16_t r = uint16_t(info.numOperands);
  p.instrs.push_back({uint8_t(op), type, r, 0, uint16_t(info.numOperands > 1),
                      uint16_t(info.numOperands > 2 ? 2 : 0), 0});
  p.instrs.push_back({uint8_t(VecOp::Store), result, 0, r, 0, 0, 0});
  return p;
}

double ulp(double v, DType type) {
  if (type == DType::F64)
    return std::fabs(v) * 0x1p-52 + 1e-300;
  return std::max(std::fabs(v) * 0x1p-23, 0x1p-149);
}

using Unary = double (*)(double);
struct UnaryCase {
  VecOp op;
  Unary reference;
  double low, high, ulps;
};
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double rsqrtOf(double x) { return 1 / std::sqrt(x); }
double signOf(double x) { return (x > 0) - (x < 0); }
const UnaryCase kUnary[] = {
    {VecOp::Exp, std::exp, -87, 88, 2},
    {VecOp::Exp, std::exp, -1, 1, 2},
    {VecOp::Log, std::log, 1e-6, 100, 2},
    {VecOp::Log, std::log, 0.5, 2, 2},
    {VecOp::Log1p, std::log1p, -0.9, 10, 3},
    {VecOp::Log1p, std::log1p, -1e-3, 1e-3, 3},
    {VecOp::Expm1, std::expm1, -3, 3, 3},
    {VecOp::Expm1, std::expm1, -1e-3, 1e-3, 2},
    {VecOp::Sqrt, std::sqrt, 0, 100, 0.5},
    {VecOp::Rsqrt, rsqrtOf, 1e-3, 100, 1.5},
    {VecOp::Erf, std::erf, -5, 5, 2},
    {VecOp::Erf, std::erf, -0.1, 0.1, 2},
    {VecOp::Tanh, std::tanh, -10, 10, 2},
    {VecOp::Tanh, std::tanh, -0.5, 0.5, 2},
    {VecOp::Sigmoid, sigmoid, -80, 80, 3},
    {VecOp::Sin, std::sin, -100, 100, 2},
    {VecOp::Cos, std::cos, -100, 100, 2},
    {VecOp::Sin, std::sin, -1e8, 1e8, 2},
    {VecOp::Tan, std::tan, -1.5, 1.5, 1},
    {VecOp::Asin, std::asin, -1, 1, 1},
    {VecOp::Acos, std::acos, -1, 1, 1},
    {VecOp::Atan, std::atan, -10, 10, 1},
    {VecOp::Sinh, std::sinh, -10, 10, 1},
    {VecOp::Cosh, std::cosh, -10, 10, 1},
    {VecOp::Asinh, std::asinh, -10, 10, 1},
    {VecOp::Acosh, std::acosh, 1, 10, 1},
    {VecOp::Atanh, std::atanh, -0.99, 0.99, 1},
    {VecOp::Floor, std::floor, -10, 10, 0},
    {VecOp::Ceil, std::ceil, -10, 10, 0},
    {VecOp::Trunc, std::trunc, -10, 10, 0},
    {VecOp::Round, std::nearbyint, -10, 10, 0},
    {VecOp::Abs, std::fabs, -10, 10, 0},
    {VecOp::Sign, signOf, -10, 10, 0},
};

TEST(KernelVec, FloatFunctions) {
  constexpr int64_t n = 20001;
  for (const UnaryCase &c : kUnary)
    for (DType type : {DType::F32, DType::F64}) {
      Operand x = dense({n}, type), y = dense({n}, type);
      for (int64_t i = 0; i < n; ++i)
        x.set({i}, static_cast<float>(c.low +
                                      (c.high - c.low) * double(i) / (n - 1)));
      VecProgram p = single(c.op, type, type);
      run(Op::Vec, {ints("program", {0})}, {&x}, {&y}, &p);
      double worst = 0, at = 0;
      for (int64_t i = 0; i < n; ++i) {
        // Rounding the argument is the test's, not the function's.
        double want = c.reference(x.get({i})), got = y.get({i});
        double error =
            got == want ? 0 : std::fabs(got - want) / ulp(want, type);
        if (!(error <= worst)) {
          worst = error;
          at = x.get({i});
        }
      }
      EXPECT_LE(worst, type == DType::F64 ? 2 : c.ulps)
          << infoOf(c.op).name << " of " << nameOf(type) << " at " << at;
    }
}

TEST(KernelVec, FloatFunctionsAtTheEdges) {
  const float inf = INFINITY, nan = NAN;
  const float xs[] = {0.0f,    -0.0f, inf,     -inf, nan,   1e-40f,
                      -1e-40f, 3e38f, -3e38f,  1.0f, -1.0f, 88.8f,
                      -104.0f, 89.5f, -110.0f, 0.5f};
  constexpr int64_t n = std::size(xs);
  for (VecOp op : {VecOp::Exp, VecOp::Log, VecOp::Log1p, VecOp::Expm1,
                   VecOp::Erf, VecOp::Tanh, VecOp::Sigmoid, VecOp::Sin,
                   VecOp::Cos, VecOp::Sqrt, VecOp::Sign}) {
    Unary f = nullptr;
    for (const UnaryCase &c : kUnary)
      if (c.op == op)
        f = c.reference;
    Operand x = dense({n}, DType::F32), y = dense({n}, DType::F32);
    for (int64_t i = 0; i < n; ++i)
      x.set({i}, xs[i]);
    VecProgram p = single(op, DType::F32, DType::F32);
    run(Op::Vec, {ints("program", {0})}, {&x}, {&y}, &p);
    for (int64_t i = 0; i < n; ++i) {
      double wide = f(xs[i]);
      float want = static_cast<float>(wide), got = float(y.get({i}));
      if (op == VecOp::Sign && std::isnan(xs[i]))
        want = nan;
      bool same = std::isnan(want) ? std::isnan(got)
                  : std::isinf(want)
                      ? got == want
                      : std::fabs(got - want) <= 3 * ulp(want, DType::F32);
      EXPECT_TRUE(same) << infoOf(op).name << "(" << xs[i] << ") = " << got
                        << ", expected " << want;
    }
  }
}

using Binary = double (*)(double, double);
double pyMod(double a, double b) {
  double r = std::fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
const std::pair<VecOp, Binary> kBinary[] = {
    {VecOp::Add, [](double a, double b) { return a + b; }},
    {VecOp::Sub, [](double a, double b) { return a - b; }},
    {VecOp::Mul, [](double a, double b) { return a * b; }},
    {VecOp::Div, [](double a, double b) { return a / b; }},
    {VecOp::Rem, [](double a, double b) { return std::fmod(a, b); }},
    {VecOp::Mod, pyMod},
    {VecOp::Min, [](double a, double b) { return a < b ? a : b; }},
    {VecOp::Max, [](double a, double b) { return a > b ? a : b; }},
    {VecOp::Eq, [](double a, double b) { return double(a == b); }},
    {VecOp::Ne, [](double a, double b) { return double(a != b); }},
    {VecOp::Lt, [](double a, double b) { return double(a < b); }},
    {VecOp::Le, [](double a, double b) { return double(a <= b); }},
    {VecOp::Gt, [](double a, double b) { return double(a > b); }},
    {VecOp::Ge, [](double a, double b) { return double(a >= b); }},
};

double wrap(double v, DType type) {
  int64_t i = static_cast<int64_t>(v);
  switch (type) {
  case DType::I8:
    return static_cast<int8_t>(i);
  case DType::U8:
    return static_cast<uint8_t>(i);
  case DType::I16:
    return static_cast<int16_t>(i);
  case DType::U16:
    return static_cast<uint16_t>(i);
  case DType::I32:
    return static_cast<int32_t>(i);
  case DType::U32:
    return static_cast<uint32_t>(i);
  default:
    return v;
  }
}

TEST(KernelVec, BinaryOnEveryType) {
  for (unsigned t = 0; t < kNumDTypes; ++t) {
    DType type = DType(t);
    if (type == DType::Bool || type == DType::U64)
      continue; // negative results of U64 leave double
    bool isFloat = type <= DType::BF16;
    for (const auto &[op, reference] : kBinary) {
      bool compares = infoOf(op).result == VecOpInfo::ResultType::Bool;
      Source source(t * 100 + unsigned(op));
      Operand a = dense({1500}, type), b = dense({1500}, type);
      Operand y = dense({1500}, compares ? DType::Bool : type), before = y;
      randomize(a, source);
      randomize(b, source);
      for (int64_t i = 0; i < 1500; i += 5) // equal pairs, zero divisors
        b.set({i}, i % 2 ? a.get({i}) : 0);
      VecProgram p = single(op, type, y.view.type);
      run(Op::Vec, {ints("program", {0})}, {&a, &b}, {&y}, &p, 2);
      expectEqual(
          y, before,
          [&, op = op, reference = reference](const Shape &i) {
            double x = a.get(i), z = b.get(i);
            if (!isFloat && z == 0 &&
                (op == VecOp::Div || op == VecOp::Rem || op == VecOp::Mod))
              return 0.0;
            double want = reference(x, z);
            if (compares)
              return want;
            if (!isFloat)
              return wrap(std::trunc(want), type);
            Operand rounded = dense({1}, type); // f16, bf16 round
            rounded.set({0}, static_cast<float>(want));
            if (type == DType::F64)
              return want;
            return std::isnan(want) ? want : rounded.get({0});
          },
          type == DType::F64 ? 1e-15 : 1e-7,
          std::string(infoOf(op).name) + " of " + std::string(nameOf(type)));
    }
  }
}

TEST(KernelVec, IntegerDivisionNeverTraps) {
  for (DType type : {DType::I8, DType::I16, DType::I32, DType::I64})
    for (VecOp op : {VecOp::Div, VecOp::Rem, VecOp::Mod, VecOp::Pow, VecOp::Shl,
                     VecOp::Shr}) {
      Operand a = dense({4}, type), b = dense({4}, type), y = dense({4}, type);
      double lowest = -std::ldexp(1.0, int(sizeOf(type)) * 8 - 1);
      for (int64_t i = 0; i < 4; ++i) {
        a.set({i}, lowest);
        b.set({i}, i == 0 ? -1 : i == 1 ? 0 : i == 2 ? 100 : -2);
      }
      VecProgram p = single(op, type, type);
      run(Op::Vec, {ints("program", {0})}, {&a, &b}, {&y}, &p);
      if (op == VecOp::Div) {
        EXPECT_EQ(y.get({0}), lowest); // wraps
        EXPECT_EQ(y.get({1}), 0);
      }
      if (op == VecOp::Shr) {
        EXPECT_EQ(y.get({2}), -1); // arithmetic
      }
    }
}

TEST(KernelVec, Conversions) {
  const double values[] = {
      0,    -1.5,  1.5, 2.5,      300,       -300,  70000, -7e4,   3e9, -3e9,
      1e20, -1e20, NAN, INFINITY, -INFINITY, 127.9, 255.5, -128.9, 0.4, -0.4};
  constexpr int64_t n = std::size(values);
  for (DType from : {DType::F32, DType::F64})
    for (unsigned t = 0; t < kNumDTypes; ++t) {
      DType to = DType(t);
      Operand x = dense({n}, from), y = dense({n}, to);
      for (int64_t i = 0; i < n; ++i)
        x.set({i}, values[i]);
      VecProgram p = single(VecOp::Cvt, from, to);
      run(Op::Vec, {ints("program", {0})}, {&x}, {&y}, &p);
      unsigned bits = sizeOf(to) * 8;
      bool isSigned = to >= DType::I8 && to <= DType::I64;
      for (int64_t i = 0; i < n; ++i) {
        double v = x.get({i}), want;
        if (to == DType::Bool)
          want = v != 0;
        else if (to <= DType::BF16) {
          Operand r = dense({1}, to);
          r.set({0}, to == DType::F64 ? v : static_cast<float>(v));
          want = std::isnan(v) ? v : r.get({0});
        } else {
          double high = std::ldexp(1.0, int(bits) - isSigned);
          double low = isSigned ? -high : 0;
          double truncated = std::trunc(v);
          want = std::isnan(v)       ? 0
                 : truncated >= high ? (bits == 64 ? high : high - 1)
                 : truncated < low   ? low
                                     : truncated;
        }
        double got = y.get({i});
        EXPECT_TRUE(std::isnan(want) ? std::isnan(got) : got == want)
            << nameOf(from) << " " << v << " to " << nameOf(to) << ": " << got
            << ", expected " << want;
      }
    }
}

TEST(KernelVec, EveryHalfSurvivesALoadAndStore) {
  Operand x = dense({65536}, DType::F16), y = dense({65536}, DType::F32);
  Operand z = dense({65536}, DType::F16);
  for (int i = 0; i < 65536; ++i) {
    uint16_t bits = uint16_t(i);
    std::memcpy(x.bytes.data() + i * 2, &bits, 2);
  }
  VecProgram up = single(VecOp::Cvt, DType::F16, DType::F32);
  VecProgram down = single(VecOp::Cvt, DType::F32, DType::F16);
  run(Op::Vec, {ints("program", {0})}, {&x}, {&y}, &up);
  run(Op::Vec, {ints("program", {0})}, {&y}, {&z}, &down);
  for (int64_t i = 0; i < 65536; ++i) {
    double want = halfToDouble(uint16_t(i));
    if (std::isnan(want)) {
      EXPECT_TRUE(std::isnan(y.get({i})) && std::isnan(z.get({i})));
      continue;
    }
    ASSERT_EQ(y.get({i}), want);
    ASSERT_EQ(z.get({i}), want);
  }
}

TEST(KernelVec, HalvesRoundToEven) {
  constexpr int64_t n = 100000;
  Operand x = dense({n}, DType::F32), y = dense({n}, DType::F16);
  Source source(17);
  for (int64_t i = 0; i < n; ++i)
    x.set({i}, std::ldexp(source.real(-2, 2), int(source.integer(-30, 17))));
  VecProgram p = single(VecOp::Cvt, DType::F32, DType::F16);
  run(Op::Vec, {ints("program", {0})}, {&x}, {&y}, &p);
  for (int64_t i = 0; i < n; ++i)
    ASSERT_EQ(y.get({i}), halfToDouble(doubleToHalf(x.get({i})))) << x.get({i});
}

/// y = max(a * scale + bias, 0), u = index along dimension `dim` as f32.
VecProgram chain(uint64_t dim) {
  VecProgram p;
  p.numIns = 3;
  p.numOuts = 2;
  p.registers = {DType::F32, DType::F32, DType::F32, DType::F32,
                 DType::I64, DType::F32, DType::F32};
  auto add = [&](VecOp op, DType t, uint16_t d, uint16_t a, uint16_t b,
                 uint64_t imm) {
    p.instrs.push_back({uint8_t(op), t, d, a, b, 0, imm});
  };
  add(VecOp::Load, DType::F32, 0, 0, 0, 0);
  add(VecOp::Load, DType::F32, 1, 0, 0, 1);
  add(VecOp::Load, DType::F32, 2, 0, 0, 2);
  add(VecOp::Const, DType::F32, 3, 0, 0, 0);
  add(VecOp::Mul, DType::F32, 0, 0, 1, 0);
  add(VecOp::Add, DType::F32, 0, 0, 2, 0);
  add(VecOp::Max, DType::F32, 6, 0, 3, 0);
  add(VecOp::Index, DType::I64, 4, 0, 0, dim);
  add(VecOp::Cvt, DType::I64, 5, 4, 0, 0);
  add(VecOp::Store, DType::F32, 0, 6, 0, 0);
  add(VecOp::Store, DType::F32, 0, 5, 0, 1);
  return p;
}

TEST(KernelVec, BroadcastsAndStrides) {
  struct Case {
    Shape shape;
    Shape scaleStrides, biasStrides;
    std::vector<size_t> xOrder, yOrder;
  };
  const Case cases[] = {
      {{4, 37, 16}, {16, 0, 1}, {16, 0, 1}, {0, 1, 2}, {0, 1, 2}},
      {{2, 3, 700}, {0, 1, 0}, {3, 1, 0}, {0, 1, 2}, {0, 1, 2}},
      {{2, 3, 5, 7}, {0, 0, 0, 0}, {0, 1, 3, 0}, {0, 2, 3, 1}, {0, 1, 2, 3}},
      {{5, 9, 11}, {0, 0, 1}, {1, 0, 0}, {0, 1, 2}, {2, 0, 1}},
      {{3000}, {0}, {1}, {0}, {0}},
      {{1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0, 1, 2}, {0, 1, 2}},
      {{}, {}, {}, {}, {}},
      {{70, 70}, {-1, 0}, {0, -1}, {0, 1}, {1, 0}},
  };
  for (const Case &c : cases)
    for (int64_t gap : {0, 3})
      for (unsigned threads : {1u, 4u})
        for (size_t dim = 0; dim < std::max<size_t>(1, c.shape.size()); ++dim) {
          if (c.shape.empty())
            continue;
          Source source(6);
          Operand x = strided(c.shape, DType::F32, c.xOrder, gap);
          Operand scale = dense({4000}, DType::F32), bias = scale;
          randomize(x, source);
          randomize(scale, source);
          randomize(bias, source);
          scale.view.shape = bias.view.shape = c.shape;
          scale.view.strides = c.scaleStrides;
          bias.view.strides = c.biasStrides;
          scale.origin = bias.origin = 200;
          Operand y = strided(c.shape, DType::F32, c.yOrder, gap), u = y;
          Operand before = y;
          VecProgram p = chain(dim);
          run(Op::Vec, {ints("program", {0})}, {&x, &scale, &bias}, {&y, &u},
              &p, threads);
          expectEqual(
              y, before,
              [&](const Shape &i) {
                float v = float(x.get(i)) * float(scale.get(i));
                v = v + float(bias.get(i));
                return v > 0 ? v : 0.0f;
              },
              0, "chain");
          expectEqual(
              u, before, [&](const Shape &i) { return double(i[dim]); }, 0,
              "index");
        }
}

TEST(KernelVec, InPlace) {
  // y overwrites x; the second output still needs x afterwards.
  for (bool readsLater : {false, true}) {
    VecProgram p;
    p.numIns = 1;
    p.numOuts = 2;
    p.registers = {DType::F32, DType::F32, DType::F32};
    auto add = [&](VecOp op, uint16_t d, uint16_t a, uint16_t b, uint64_t imm) {
      p.instrs.push_back({uint8_t(op), DType::F32, d, a, b, 0, imm});
    };
    add(VecOp::Load, 0, 0, 0, 0);
    add(VecOp::Neg, 1, 0, 0, 0);
    add(VecOp::Store, 0, 1, 0, 0);
    add(VecOp::Mul, 2, readsLater ? 0 : 1, readsLater ? 0 : 1, 0);
    add(VecOp::Store, 0, 2, 0, 1);
    Operand x = dense({5000}, DType::F32), y = dense({5000}, DType::F32);
    Source source(8);
    randomize(x, source);
    Operand old = x;
    Command command;
    command.op = Op::Vec;
    command.attrs = {ints("program", {0})};
    command.ins = {x.view};
    command.outs = {x.view, y.view};
    const void *ins[] = {x.data()};
    void *outs[] = {x.data(), y.data()};
    ASSERT_TRUE(static_cast<bool>(
        hybridc::exec::runCommand(command, ins, outs, &p, 3)));
    for (int64_t i = 0; i < 5000; ++i) {
      ASSERT_EQ(x.get({i}), -old.get({i}));
      ASSERT_EQ(float(y.get({i})), float(old.get({i})) * float(old.get({i})));
    }
  }
}

TEST(KernelVec, RefusesWhatDoesNotFitTogether) {
  VecProgram p = single(VecOp::Add, DType::F32, DType::F32);
  Operand a = dense({4}, DType::F32), b = dense({4}, DType::I32);
  Operand y = dense({4}, DType::F32);
  auto refuse = [&](std::vector<Operand *> ins, const VecProgram *program) {
    hybridc::Status s =
        tryRun(Op::Vec, {ints("program", {0})}, ins, {&y}, program);
    EXPECT_FALSE(static_cast<bool>(s));
  };
  refuse({&a, &b}, &p);
  refuse({&a}, &p);
  refuse({&a, &a}, nullptr);
  VecProgram index = chain(5);
  refuse({&a, &a, &a}, &index);
}

} // namespace
