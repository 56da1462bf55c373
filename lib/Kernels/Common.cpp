#include "hybridc/Kernels/Common.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hybridc::exec {

Nest makeNest(const std::vector<int64_t> &extents,
              std::vector<std::vector<int64_t>> strides) {
  Nest nest;
  nest.strides.resize(strides.size());
  for (size_t d = 0; d < extents.size(); ++d) {
    if (extents[d] == 1)
      continue;
    bool merges = !nest.extents.empty();
    for (size_t o = 0; merges && o < strides.size(); ++o)
      merges = nest.strides[o].back() == strides[o][d] * extents[d];
    if (merges) {
      nest.extents.back() *= extents[d];
      for (size_t o = 0; o < strides.size(); ++o)
        nest.strides[o].back() = strides[o][d];
      continue;
    }
    nest.extents.push_back(extents[d]);
    for (size_t o = 0; o < strides.size(); ++o)
      nest.strides[o].push_back(strides[o][d]);
  }
  if (nest.extents.empty()) {
    nest.extents.push_back(1);
    for (std::vector<int64_t> &s : nest.strides)
      s.push_back(0);
  }
  return nest;
}

std::vector<int64_t> byteStrides(const View &view) {
  std::vector<int64_t> strides = view.strides;
  for (int64_t &s : strides)
    s *= stream::sizeOf(view.type);
  return strides;
}

bool isDense(const View &view) {
  int64_t expected = 1;
  for (size_t d = view.shape.size(); d-- > 0;) {
    if (view.shape[d] != 1 && view.strides[d] != expected)
      return false;
    expected *= std::max<int64_t>(view.shape[d], 1);
  }
  return true;
}

std::string describe(const View &view) {
  return fmt::format("[{}]x{}", fmt::join(view.shape, ","),
                     stream::nameOf(view.type));
}

} // namespace hybridc::exec
