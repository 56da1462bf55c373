//===- Reference.h - Straightforward references for kernels ---*- C++ -*-===//
//
// Tensors as vectors of double, with the index arithmetic written out. Nothing
// of the executor's own is used but the entry point under test.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_TEST_UNIT_EXECUTOR_REFERENCE_H
#define HYBRIDC_TEST_UNIT_EXECUTOR_REFERENCE_H

#include "hybridc/Kernels/Kernels.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace hybridc::exec::test {

using namespace stream;
using Shape = std::vector<int64_t>;

inline int64_t product(const Shape &shape) {
  int64_t n = 1;
  for (int64_t e : shape)
    n *= e;
  return n;
}

/// Calls f with every index of a shape, in row-major order.
inline void forEach(const Shape &shape,
                    const std::function<void(const Shape &)> &f) {
  Shape index(shape.size(), 0);
  for (int64_t i = 0, n = product(shape); i < n; ++i) {
    f(index);
    for (size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < shape[d])
        break;
      index[d] = 0;
    }
  }
}

inline double halfToDouble(uint16_t h) {
  int e = h >> 10 & 31, m = h & 1023;
  double v = e == 0 ? std::ldexp(m, -24) : std::ldexp(1024 + m, e - 25);
  if (e == 31)
    v = m ? NAN : INFINITY;
  return h & 0x8000 ? -v : v;
}
/// Nearest half to a double (exhaustive search by bisection on the ordered
/// bit patterns; ties to even).
inline uint16_t doubleToHalf(double v) {
  uint16_t sign = std::signbit(v) ? 0x8000 : 0;
  double a = std::fabs(v);
  if (std::isnan(a))
    return 0x7e00;
  if (a >= 65520)
    return sign | 0x7c00;
  int low = 0, high = 0x7c00;
  while (high - low > 1) {
    int mid = (low + high) / 2;
    (halfToDouble(static_cast<uint16_t>(mid)) <= a ? low : high) = mid;
  }
  double below = halfToDouble(static_cast<uint16_t>(low));
  double above = high == 0x7c00 ? 65536 : halfToDouble(uint16_t(high));
  double d = (a - below) - (above - a);
  int best = d < 0 ? low : d > 0 ? high : low & 1 ? high : low;
  return static_cast<uint16_t>(best | sign);
}

/// One operand: a view and the bytes under it.
struct Operand {
  View view;
  std::vector<std::byte> bytes;
  int64_t origin = 0; ///< element number of (0, 0, …)

  std::byte *data() { return bytes.data() + origin * sizeOf(view.type); }

  int64_t offsetOf(const Shape &index) const {
    int64_t at = origin;
    for (size_t d = 0; d < index.size(); ++d)
      at += index[d] * view.strides[d];
    return at;
  }
  double get(const Shape &index) const { return getRaw(offsetOf(index)); }
  void set(const Shape &index, double v) { setRaw(offsetOf(index), v); }

  double getRaw(int64_t at) const {
    const std::byte *p = bytes.data() + at * sizeOf(view.type);
    auto as = [&](auto t) {
      std::memcpy(&t, p, sizeof t);
      return t;
    };
    switch (view.type) {
    case DType::F32:
      return as(float());
    case DType::F64:
      return as(double());
    case DType::F16:
      return halfToDouble(as(uint16_t()));
    case DType::BF16: {
      uint32_t bits = uint32_t(as(uint16_t())) << 16;
      float f;
      std::memcpy(&f, &bits, 4);
      return f;
    }
    case DType::I8:
      return as(int8_t());
    case DType::I16:
      return as(int16_t());
    case DType::I32:
      return as(int32_t());
    case DType::I64:
      return static_cast<double>(as(int64_t()));
    case DType::U16:
      return as(uint16_t());
    case DType::U32:
      return as(uint32_t());
    case DType::U64:
      return static_cast<double>(as(uint64_t()));
    default:
      return as(uint8_t());
    }
  }
  void setRaw(int64_t at, double v) {
    std::byte *p = bytes.data() + at * sizeOf(view.type);
    auto put = [&](auto t) { std::memcpy(p, &t, sizeof t); };
    switch (view.type) {
    case DType::F32:
      return put(static_cast<float>(v));
    case DType::F64:
      return put(v);
    case DType::F16:
      return put(doubleToHalf(v));
    case DType::BF16: {
      float f = static_cast<float>(v);
      uint32_t bits;
      std::memcpy(&bits, &f, 4);
      bits += 0x7fff + (bits >> 16 & 1);
      return put(static_cast<uint16_t>(bits >> 16));
    }
    case DType::I8:
      return put(static_cast<int8_t>(v));
    case DType::I16:
      return put(static_cast<int16_t>(v));
    case DType::I32:
      return put(static_cast<int32_t>(v));
    case DType::I64:
      return put(static_cast<int64_t>(v));
    case DType::U16:
      return put(static_cast<uint16_t>(v));
    case DType::U32:
      return put(static_cast<uint32_t>(v));
    case DType::U64:
      return put(static_cast<uint64_t>(v));
    default:
      return put(static_cast<uint8_t>(v));
    }
  }
};

class Source {
public:
  explicit Source(unsigned seed) : engine(seed) {}
  double real(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(engine);
  }
  int64_t integer(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine);
  }
  /// A value that the type holds exactly.
  double value(DType type) {
    switch (type) {
    case DType::F32:
    case DType::F64:
      return static_cast<float>(real(-2, 2));
    case DType::F16:
    case DType::BF16:
      return static_cast<double>(integer(-64, 64)) / 32;
    case DType::I8:
      return static_cast<double>(integer(-128, 127));
    case DType::U8:
      return static_cast<double>(integer(0, 255));
    case DType::Bool:
      return static_cast<double>(integer(0, 1));
    case DType::U16:
    case DType::U32:
    case DType::U64:
      return static_cast<double>(integer(0, 1000));
    default:
      return static_cast<double>(integer(-1000, 1000));
    }
  }

private:
  std::mt19937_64 engine;
};

inline Operand dense(const Shape &shape, DType type) {
  Operand o;
  o.view.type = type;
  o.view.shape = shape;
  o.view.strides = rowMajorStrides(shape);
  o.bytes.resize(std::max<int64_t>(1, product(shape)) * sizeOf(type));
  return o;
}
/// Memory order `order` (outermost first) and `gap` unused elements at the end
/// of each innermost row; canaries stay in the gaps.
inline Operand strided(const Shape &shape, DType type,
                       const std::vector<size_t> &order, int64_t gap) {
  Operand o;
  o.view.type = type;
  o.view.shape = shape;
  o.view.strides.resize(shape.size());
  int64_t stride = 1;
  for (size_t d = order.size(); d-- > 0;) {
    o.view.strides[order[d]] = stride;
    stride *= shape[order[d]];
    stride += d + 1 == order.size() ? gap : 0;
  }
  o.origin = 3;
  o.bytes.assign((stride + 8) * sizeOf(type), std::byte(0x5a));
  return o;
}
inline void randomize(Operand &o, Source &source) {
  forEach(o.view.shape,
          [&](const Shape &i) { o.set(i, source.value(o.view.type)); });
}

inline Attr ints(std::string name, std::vector<int64_t> values) {
  Attr a;
  a.name = std::move(name);
  a.kind = AttrKind::Ints;
  a.ints = std::move(values);
  return a;
}
inline Attr floats(std::string name, std::vector<double> values) {
  Attr a;
  a.name = std::move(name);
  a.kind = AttrKind::Floats;
  a.floats = std::move(values);
  return a;
}
inline Attr text(std::string name, std::string value) {
  Attr a;
  a.name = std::move(name);
  a.kind = AttrKind::Text;
  a.text = std::move(value);
  return a;
}

inline Status tryRun(Op op, std::vector<Attr> attrs, std::vector<Operand *> ins,
                     std::vector<Operand *> outs,
                     const VecProgram *vec = nullptr, unsigned threads = 1) {
  Command command;
  command.op = op;
  command.attrs = std::move(attrs);
  std::vector<const void *> in;
  std::vector<void *> out;
  for (Operand *o : ins) {
    command.ins.push_back(o->view);
    in.push_back(o->data());
  }
  for (Operand *o : outs) {
    command.outs.push_back(o->view);
    out.push_back(o->data());
  }
  return runCommand(command, in, out, vec, threads);
}
inline void run(Op op, std::vector<Attr> attrs, std::vector<Operand *> ins,
                std::vector<Operand *> outs, const VecProgram *vec = nullptr,
                unsigned threads = 1) {
  Status s = tryRun(op, std::move(attrs), ins, outs, vec, threads);
  ASSERT_TRUE(static_cast<bool>(s)) << s.error().message;
}

/// Every element within `tolerance` of expected (absolute, or relative above
/// 1); everything outside the view untouched since `before`.
inline void expectEqual(const Operand &y, const Operand &before,
                        const std::function<double(const Shape &)> &expected,
                        double tolerance, const std::string &what) {
  std::vector<std::byte> rest = y.bytes;
  unsigned size = sizeOf(y.view.type);
  int shown = 0;
  forEach(y.view.shape, [&](const Shape &i) {
    double want = expected(i), got = y.get(i);
    double scale = std::max(1.0, std::fabs(want));
    bool same = std::isnan(want)
                    ? std::isnan(got)
                    : got == want || std::fabs(got - want) <= tolerance * scale;
    std::memcpy(rest.data() + y.offsetOf(i) * size,
                before.bytes.data() + y.offsetOf(i) * size, size);
    if (same || ++shown > 3)
      return;
    std::string at;
    for (int64_t e : i)
      at += std::to_string(e) + " ";
    ADD_FAILURE() << what << " at " << at << ": " << got << ", expected "
                  << want;
  });
  EXPECT_TRUE(rest == before.bytes) << what << ": wrote outside its view";
}

} // namespace hybridc::exec::test

#endif // HYBRIDC_TEST_UNIT_EXECUTOR_REFERENCE_H
