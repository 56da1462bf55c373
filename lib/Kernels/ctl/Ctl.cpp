#include "Ctl.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hybridc::exec::ctl {

std::string checkAxis(const Command &command, const View &view,
                      std::string_view name) {
  int64_t axis = command.intOr(name, 0);
  if (axis >= 0 && axis < static_cast<int64_t>(view.shape.size()))
    return {};
  return fmt::format("attribute '{}': {} is not a dimension of {}", name, axis,
                     describe(view));
}

std::string checkIndexExtents(const Command &command, const View &index,
                              const View &data) {
  for (size_t d = 0; d < index.shape.size(); ++d)
    if (static_cast<int64_t>(d) != command.intOr("axis", 0) &&
        index.shape[d] > data.shape[d])
      return fmt::format("indices {} exceed data {} in dimension {}",
                         describe(index), describe(data), d);
  return {};
}

std::string checkText(const Command &command, std::string_view name,
                      std::initializer_list<std::string_view> values) {
  std::string_view value = command.textOr(name, *values.begin());
  for (std::string_view v : values)
    if (v == value)
      return {};
  return fmt::format("attribute '{}': '{}' is none of {}", name, value,
                     fmt::join(values, ", "));
}

std::string checkSame(const View &a, const View &b, std::string_view what) {
  if (a.type == b.type && a.shape == b.shape)
    return {};
  return fmt::format("{}: {} and {} must be equal", what, describe(a),
                     describe(b));
}

std::string checkIndex(const View &index) {
  if (index.type == DType::I64 || index.type == DType::I32)
    return {};
  return fmt::format("indices must be i32 or i64, are {}", describe(index));
}

Rows::Rows(const std::vector<const View *> &views, size_t axis) {
  std::vector<int64_t> extents = views[0]->shape;
  extents.erase(extents.begin() + axis);
  std::vector<std::vector<int64_t>> strides;
  for (const View *view : views) {
    strides.push_back(byteStrides(*view));
    strides.back().erase(strides.back().begin() + axis);
  }
  nest = makeNest(extents, std::move(strides));
}

} // namespace hybridc::exec::ctl
