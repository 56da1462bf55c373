//===- Pad.cpp - Padding by reflection, edges, wrapping, a constant -------===//
#include "IndexMap.h"

#include <fmt/format.h>

namespace hybridc::exec::ctl {
namespace {

/// Where element i of a padded axis of `n` elements comes from; -1: constant.
int64_t sourceOf(int64_t i, int64_t n, std::string_view mode) {
  if (i >= 0 && i < n)
    return i;
  if (mode == "constant")
    return -1;
  if (mode == "edge")
    return i < 0 ? 0 : n - 1;
  if (mode == "wrap")
    return (i % n + n) % n;
  // Reflection about the edge elements, as often as needed.
  if (n == 1)
    return 0;
  int64_t period = 2 * (n - 1);
  int64_t r = (i % period + period) % period;
  return r < n ? r : period - r;
}

std::string check(const Command &command) {
  const View &x = command.ins[0], &y = command.outs[0];
  std::string error =
      checkText(command, "mode", {"constant", "reflect", "edge", "wrap"});
  if (!error.empty())
    return error;
  const std::vector<int64_t> &pads = command.ints("pads");
  size_t rank = x.shape.size();
  if (pads.size() != 2 * rank || y.shape.size() != rank || y.type != x.type)
    return fmt::format("{} → {} with {} pads: needs equal types and ranks and "
                       "two pads for each dimension",
                       describe(x), describe(y), pads.size());
  for (size_t d = 0; d < rank; ++d) {
    // Pads beyond any extent are refused before they are added.
    constexpr int64_t limit = int64_t(1) << 40;
    if (pads[d] < -limit || pads[d] > limit || pads[rank + d] < -limit ||
        pads[rank + d] > limit ||
        x.shape[d] + pads[d] + pads[rank + d] != y.shape[d])
      return fmt::format("dimension {}: {} elements padded by {} and {} are "
                         "not {}",
                         d, x.shape[d], pads[d], pads[rank + d], y.shape[d]);
    if (x.shape[d] == 0 && y.shape[d] != 0 &&
        command.textOr("mode", "constant") != "constant")
      return fmt::format("dimension {}: nothing to pad with", d);
  }
  return {};
}

Prepared prepare(const Command &command, const PrepareOptions &options) {
  const View &x = command.ins[0], &y = command.outs[0];
  std::vector<std::vector<int64_t>> maps;
  for (size_t d = 0; d < x.shape.size(); ++d) {
    maps.emplace_back();
    for (int64_t i = 0; i < y.shape[d]; ++i)
      maps.back().push_back(sourceOf(i - command.ints("pads")[d], x.shape[d],
                                     command.textOr("mode", "constant")));
  }
  return makeIndexMap(x, y, std::move(maps),
                      static_cast<uint64_t>(command.intOr("bits", 0)),
                      options.threads);
}

} // namespace

void addPad(std::vector<KernelSpec> &rows) {
  rows.push_back(
      {"pad",
       1,
       1,
       {{"bits", kInts, false, "bit pattern of the constant element (0)"},
        {"mode", kText, false, "constant|reflect|edge|wrap (constant)"},
        {"pads", kInts, true, "begins, then ends; negative crops"}},
       "x with its edges continued",
       check,
       prepare});
}

} // namespace hybridc::exec::ctl
