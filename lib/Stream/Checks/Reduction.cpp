//===- Reduction.cpp - reduce, normalize ----------------------------------===//
#include "Checks.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace hybridc::stream::checks {

// reduce (C28) axes ascending within x (C29) y is x with extent 1 at the axes
// (C30) arg*: y is i64 and there is an element to pick; otherwise equal types,
// bool for max and min alone.
std::string checkReduce(const Command &command) {
  const View &x = command.ins[0], &y = command.outs[0];
  std::string error = kindAmong(
      command, {"sum", "mean", "max", "min", "prod", "argmax", "argmin"});
  if (error.empty())
    error = axes(command, x.shape.size());
  if (error.empty())
    error = flags(command, {"select_last"});
  if (!error.empty())
    return error;

  std::string_view kind = command.textOr("kind", "");
  bool isArg = kind == "argmax" || kind == "argmin";
  std::vector<int64_t> expected = x.shape;
  for (int64_t axis : command.ints("axes")) {
    if (isArg && x.shape[axis] == 0)
      return fmt::format("x: has no elements along axis {}", axis);
    expected[axis] = 1;
  }
  if (y.shape != expected)
    return fmt::format("y: shape {} must be {}", shapeText(y.shape),
                       shapeText(expected));
  if (isArg && command.ints("axes").size() != 1)
    return fmt::format("{} takes one axis", kind);
  DType type = isArg ? DType::I64 : x.type;
  if (y.type != type)
    return fmt::format("y: type {} must be {}", nameOf(y.type), nameOf(type));
  if (x.type == DType::Bool && kind != "max" && kind != "min")
    return fmt::format("x: {} of bool", kind);
  return {};
}

// normalize (C31) equal shapes and float types (C28) axes (C32) epsilon finite
// and not negative.
std::string checkNormalize(const Command &command) {
  const View &x = command.ins[0], &y = command.outs[0];
  std::string error =
      kindAmong(command, {"softmax", "log_softmax", "mean_variance"});
  if (error.empty())
    error = axes(command, x.shape.size());
  if (error.empty())
    error = nonEmpty(command);
  if (!error.empty())
    return error;
  if (x.shape != y.shape)
    return fmt::format("shape of x is {}, of y {}", shapeText(x.shape),
                       shapeText(y.shape));
  if (x.type != y.type || !isFloat(x.type))
    return fmt::format("types {} -> {} must be equal and floats",
                       nameOf(x.type), nameOf(y.type));
  double epsilon = command.floatOr("epsilon", 0);
  if (!std::isfinite(epsilon) || epsilon < 0)
    return "attribute 'epsilon': must be finite and not negative";
  return {};
}

} // namespace hybridc::stream::checks
