//===- Contraction.cpp - matmul, conv -------------------------------------===//
#include "Checks.h"

#include <algorithm>

#include <fmt/format.h>

namespace hybridc::stream::checks {

namespace {

bool isByte(DType type) { return type == DType::I8 || type == DType::U8; }

/// Extents must be equal; `a` and `b` say what they are.
std::string sameExtent(const char *a, int64_t va, const char *b, int64_t vb) {
  if (va == vb)
    return {};
  return fmt::format("{} is {}, {} is {}", a, va, b, vb);
}

std::string blockAttr(const Command &command, const char *name) {
  int64_t block = command.intOr(name, 0);
  if (block != 0 && (block < 2 || block > 4096))
    return fmt::format("attribute '{}': must be 0 or within 2 to 4096, is {}",
                       name, block);
  return {};
}

/// What the filter's shape must be, given the layouts.
std::vector<int64_t> filterShape(int64_t channels, int64_t filters,
                                 int64_t groups, bool transposed,
                                 int64_t xBlock, int64_t yBlock,
                                 const std::vector<int64_t> &kernel) {
  std::vector<int64_t> shape;
  auto taps = [&] { shape.insert(shape.end(), kernel.begin(), kernel.end()); };
  if (yBlock == 0) {
    shape = transposed ? std::vector<int64_t>{channels, filters / groups}
                       : std::vector<int64_t>{filters, channels / groups};
    taps();
  } else if (xBlock == 0) {
    shape = {filters / yBlock};
    taps();
    shape.insert(shape.end(), {channels, yBlock});
  } else if (groups == 1) {
    shape = {filters / yBlock, channels / xBlock};
    taps();
    shape.insert(shape.end(), {xBlock, yBlock});
  } else {
    shape = {groups / yBlock};
    taps();
    shape.push_back(yBlock);
  }
  return shape;
}

/// First dimension of the taps in the filter's shape.
size_t firstTap(bool xBlocked, bool yBlocked, int64_t groups) {
  if (!yBlocked)
    return 2;
  return xBlocked && groups == 1 ? 2 : 1;
}

} // namespace

std::string contractionTypes(const Command &, DType a, DType b, DType c) {
  bool fine = false;
  if (isByte(a) && isByte(b))
    fine = c == DType::I32;
  else if (a == b && (a == DType::F16 || a == DType::BF16))
    fine = c == a || c == DType::F32;
  else if (a == b && (a == DType::F32 || a == DType::F64 || a == DType::I32 ||
                      a == DType::I64 || a == DType::U32 || a == DType::U64))
    fine = c == a;
  if (fine)
    return {};
  return fmt::format("types {} x {} -> {}: must be f32 or f64 -> same, f16 or "
                     "bf16 -> same or f32, i8 or u8 -> i32, i32 i64 u32 u64 "
                     "-> same",
                     nameOf(a), nameOf(b), nameOf(c));
}

std::string zeroPoint(const Command &command, const char *name, DType type) {
  int64_t value = command.intOr(name, 0);
  if (value == 0)
    return {};
  if (isFloat(type))
    return fmt::format("attribute '{}': must be 0 for {}", name, nameOf(type));
  unsigned bits = sizeOf(type) * 8;
  bool fits = isSigned(type)
                  ? bits == 64 || (value >= -(int64_t(1) << (bits - 1)) &&
                                   value < (int64_t(1) << (bits - 1)))
                  : value >= 0 && (bits == 64 || value < (int64_t(1) << bits));
  if (!fits)
    return fmt::format("attribute '{}': {} does not fit {}", name, value,
                       nameOf(type));
  return {};
}

// matmul (C1) rank at least 2, equal (C2) equal batch extents (C3) M, K, N
// agree (C4) types (C5) zero points fit.
std::string checkMatmul(const Command &command) {
  const View &a = command.ins[0], &b = command.ins[1], &c = command.outs[0];
  size_t rank = c.shape.size();
  if (rank < 2 || a.shape.size() != rank || b.shape.size() != rank)
    return fmt::format("a {}, b {}, c {}: ranks must be equal and at least 2",
                       shapeText(a.shape), shapeText(b.shape),
                       shapeText(c.shape));
  for (size_t i = 0; i + 2 < rank; ++i)
    if (a.shape[i] != c.shape[i] || b.shape[i] != c.shape[i])
      return fmt::format("batch dimension {}: a {}, b {}, c {} must be equal "
                         "(broadcast by stride 0)",
                         i, a.shape[i], b.shape[i], c.shape[i]);
  std::string error =
      sameExtent("M of c", c.shape[rank - 2], "M of a", a.shape[rank - 2]);
  if (error.empty())
    error =
        sameExtent("N of c", c.shape[rank - 1], "N of b", b.shape[rank - 1]);
  if (error.empty())
    error =
        sameExtent("K of a", a.shape[rank - 1], "K of b", b.shape[rank - 2]);
  if (error.empty())
    error = nonEmpty(command);
  if (error.empty())
    error = contractionTypes(command, a.type, b.type, c.type);
  if (error.empty())
    error = flags(command, {"accumulate"});
  if (error.empty())
    error = zeroPoint(command, "a_zero", a.type);
  if (error.empty())
    error = zeroPoint(command, "b_zero", b.type);
  return error;
}

// conv (C6) 1 to 3 spatial dimensions (C7) blocks: none, both equal, or y alone
// (C8) groups divide channels and filters; blocked: 1 or depthwise (C9) the
// filter's shape (C10) output extents (C4) types (C5) zero points fit.
std::string checkConv(const Command &command) {
  const View &x = command.ins[0], &w = command.ins[1], &y = command.outs[0];
  std::string error = flags(command, {"accumulate", "transposed"});
  if (error.empty())
    error = nonEmpty(command);
  if (error.empty())
    error = blockAttr(command, "x_block");
  if (error.empty())
    error = blockAttr(command, "y_block");
  if (!error.empty())
    return error;

  int64_t xBlock = command.intOr("x_block", 0);
  int64_t yBlock = command.intOr("y_block", 0);
  bool transposed = command.intOr("transposed", 0) != 0;
  int64_t groups = command.intOr("groups", 1);
  if (xBlock != 0 && xBlock != yBlock)
    return fmt::format("x_block {} needs an equal y_block, has {}", xBlock,
                       yBlock);
  if (transposed && yBlock != 0)
    return "a transposed convolution has no blocked layout";
  size_t xExtra = xBlock != 0, yExtra = yBlock != 0;
  if (x.shape.size() < 3 + xExtra || x.shape.size() > 5 + xExtra)
    return fmt::format("x: shape {} must have 1 to 3 spatial dimensions",
                       shapeText(x.shape));
  size_t spatial = x.shape.size() - 2 - xExtra;
  if (y.shape.size() != spatial + 2 + yExtra)
    return fmt::format("y: shape {} must have rank {}", shapeText(y.shape),
                       spatial + 2 + yExtra);
  if (xBlock != 0 && x.shape.back() != xBlock)
    return fmt::format("x: innermost extent {} is not x_block {}",
                       x.shape.back(), xBlock);
  if (yBlock != 0 && y.shape.back() != yBlock)
    return fmt::format("y: innermost extent {} is not y_block {}",
                       y.shape.back(), yBlock);
  if (x.shape[0] != y.shape[0])
    return fmt::format("batch of x is {}, of y {}", x.shape[0], y.shape[0]);

  // Extents are at most 2^34 and blocks at most 2^12: no product wraps.
  int64_t channels = x.shape[1] * std::max<int64_t>(xBlock, 1);
  int64_t filters = y.shape[1] * std::max<int64_t>(yBlock, 1);
  if (groups < 1 || channels % groups != 0 || filters % groups != 0)
    return fmt::format("groups {} must divide {} channels and {} filters",
                       groups, channels, filters);
  if (yBlock != 0 && groups != 1 &&
      (xBlock == 0 || groups != channels || groups != filters))
    return fmt::format("blocked with {} groups: must be 1 group, or depthwise "
                       "(groups = {} channels = {} filters) with x_block",
                       groups, channels, filters);
  if (error = windowAttrs(command, spatial, transposed); !error.empty())
    return error;

  size_t tap = firstTap(xBlock != 0, yBlock != 0, groups);
  if (w.shape.size() < tap + spatial)
    return fmt::format("w: shape {} lacks spatial dimensions",
                       shapeText(w.shape));
  std::vector<int64_t> kernel(w.shape.begin() + tap,
                              w.shape.begin() + tap + spatial);
  std::vector<int64_t> expected = filterShape(
      channels, filters, groups, transposed, xBlock, yBlock, kernel);
  if (w.shape != expected)
    return fmt::format("w: shape {} must be {}", shapeText(w.shape),
                       shapeText(expected));
  for (size_t i = 0; i < spatial; ++i) {
    Window window = windowOf(command, i, spatial, x.shape[2 + i],
                             y.shape[2 + i], kernel[i]);
    if (error = windowExtent(window, i, transposed); !error.empty())
      return error;
  }
  error = contractionTypes(command, x.type, w.type, y.type);
  if (error.empty())
    error = zeroPoint(command, "x_zero", x.type);
  if (error.empty())
    error = zeroPoint(command, "w_zero", w.type);
  return error;
}

} // namespace hybridc::stream::checks
