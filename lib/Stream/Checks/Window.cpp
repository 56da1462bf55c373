//===- Window.cpp - Sliding windows: attributes, extents, pool ------------===//
#include "Checks.h"

#include <fmt/format.h>

namespace hybridc::stream::checks {

namespace {

/// Far more than any tensor needs, far less than where products wrap.
constexpr int64_t kMaxStep = int64_t(1) << 31;

std::string listWithin(const Command &command, const char *name, size_t length,
                       int64_t min, int64_t max) {
  const std::vector<int64_t> &values = command.ints(name);
  if (values.size() != length)
    return fmt::format("attribute '{}': must have {} values, has {}", name,
                       length, values.size());
  for (int64_t value : values)
    if (value < min || value > max)
      return fmt::format("attribute '{}': {} is not within {} to {}", name,
                         value, min, max);
  return {};
}

} // namespace

std::string windowAttrs(const Command &command, size_t rank, bool negativeEnd) {
  std::string error = listWithin(command, "strides", rank, 1, kMaxStep);
  if (error.empty())
    error = listWithin(command, "dilations", rank, 1, kMaxStep);
  if (error.empty())
    error = listWithin(command, "pads", 2 * rank, negativeEnd ? -kMaxStep : 0,
                       kMaxStep);
  if (!error.empty())
    return error;
  const std::vector<int64_t> &pads = command.ints("pads");
  for (size_t i = 0; i < rank; ++i)
    if (pads[i] < 0)
      return fmt::format("attribute 'pads': begin {} is negative", pads[i]);
  return {};
}

Window windowOf(const Command &command, size_t dim, size_t rank, int64_t in,
                int64_t out, int64_t kernel) {
  const std::vector<int64_t> &pads = command.ints("pads");
  return {in,
          out,
          kernel,
          command.ints("strides")[dim],
          command.ints("dilations")[dim],
          pads[dim],
          pads[rank + dim]};
}

std::string windowExtent(const Window &window, size_t dim, bool transposed) {
  __int128 span =
      static_cast<__int128>(window.kernel - 1) * window.dilation + 1;
  __int128 pads = static_cast<__int128>(window.padBegin) + window.padEnd;
  __int128 expected;
  if (transposed) {
    expected =
        static_cast<__int128>(window.in - 1) * window.stride + span - pads;
    if (expected <= 0)
      return fmt::format("spatial dimension {}: the pads leave no output", dim);
  } else {
    __int128 room = window.in + pads - span;
    if (room < 0)
      return fmt::format("spatial dimension {}: input {} with its pads is "
                         "smaller than the dilated filter",
                         dim, window.in);
    expected = room / window.stride + 1;
  }
  if (expected == window.out)
    return {};
  if (expected > kMaxExtent)
    return fmt::format("spatial dimension {}: the output extent {} does not "
                       "follow from its attributes",
                       dim, window.out);
  return fmt::format("y: extent {} of spatial dimension {} must be {}",
                     window.out, dim, static_cast<int64_t>(expected));
}

// pool (C15) full rank (C16) window, strides, pads, dilations per dimension
// (C17) every window starts within the padded input: the last one may reach
// past it (ceil mode), what lies past it never counts (C18) types equal.
std::string checkPool(const Command &command) {
  const View &x = command.ins[0], &y = command.outs[0];
  std::string error = kindAmong(command, {"max", "sum", "mean"});
  if (error.empty())
    error = flags(command, {"count_pad"});
  if (error.empty())
    error = nonEmpty(command);
  size_t rank = x.shape.size();
  if (error.empty() && (rank == 0 || y.shape.size() != rank))
    error = fmt::format("x {}, y {}: ranks must be equal and at least 1",
                        shapeText(x.shape), shapeText(y.shape));
  if (error.empty())
    error = windowAttrs(command, rank, /*negativeEnd=*/false);
  if (error.empty())
    error = listWithin(command, "window", rank, 1, kMaxStep);
  if (!error.empty())
    return error;
  for (size_t i = 0; i < rank; ++i) {
    Window window = windowOf(command, i, rank, x.shape[i], y.shape[i],
                             command.ints("window")[i]);
    __int128 padded =
        static_cast<__int128>(window.in) + window.padBegin + window.padEnd;
    __int128 lastStart = static_cast<__int128>(window.out - 1) * window.stride;
    if (lastStart >= padded)
      return fmt::format("y: extent {} of dimension {}: its last window starts "
                         "past the padded input",
                         window.out, i);
  }
  if (x.type != y.type || x.type == DType::Bool)
    return fmt::format("types {} -> {} must be equal and not bool",
                       nameOf(x.type), nameOf(y.type));
  return {};
}

} // namespace hybridc::stream::checks
