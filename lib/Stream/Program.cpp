//===- Program.cpp - Element types, views, attributes ---------------------===//
#include "hybridc/Stream/Program.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace hybridc::stream {

namespace {

struct DTypeInfo {
  std::string_view name;
  unsigned bytes;
};

/// Indexed by DType.
constexpr std::array<DTypeInfo, kNumDTypes> kDTypes{{
    {"f32", 4},
    {"f64", 8},
    {"f16", 2},
    {"bf16", 2},
    {"i8", 1},
    {"i16", 2},
    {"i32", 4},
    {"i64", 8},
    {"u8", 1},
    {"u16", 2},
    {"u32", 4},
    {"u64", 8},
    {"bool", 1},
}};

} // namespace

unsigned sizeOf(DType type) {
  auto index = static_cast<size_t>(type);
  return index < kDTypes.size() ? kDTypes[index].bytes : 1;
}

std::string_view nameOf(DType type) {
  auto index = static_cast<size_t>(type);
  return index < kDTypes.size() ? kDTypes[index].name : "<unknown type>";
}

bool parseDType(std::string_view name, DType &type) {
  for (size_t i = 0; i < kDTypes.size(); ++i)
    if (kDTypes[i].name == name) {
      type = static_cast<DType>(i);
      return true;
    }
  return false;
}

int64_t numElements(const View &view) {
  // Saturates instead of wrapping, so that a hostile shape stays "too large".
  int64_t product = 1;
  bool saturated = false;
  for (int64_t extent : view.shape) {
    if (extent == 0)
      return 0;
    saturated |= __builtin_mul_overflow(product, extent, &product);
    if (saturated)
      product = INT64_MAX;
  }
  return product;
}

std::vector<int64_t> rowMajorStrides(const std::vector<int64_t> &shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    if (__builtin_mul_overflow(stride, std::max<int64_t>(shape[i], 1), &stride))
      stride = INT64_MAX;
  }
  return strides;
}

const Attr *Command::find(std::string_view name) const {
  for (const Attr &attr : attrs)
    if (attr.name == name)
      return &attr;
  return nullptr;
}

int64_t Command::intOr(std::string_view name, int64_t fallback) const {
  const Attr *attr = find(name);
  return attr && !attr->ints.empty() ? attr->ints.front() : fallback;
}

double Command::floatOr(std::string_view name, double fallback) const {
  const Attr *attr = find(name);
  return attr && !attr->floats.empty() ? attr->floats.front() : fallback;
}

std::string_view Command::textOr(std::string_view name,
                                 std::string_view fallback) const {
  const Attr *attr = find(name);
  return attr && attr->kind == AttrKind::Text ? std::string_view(attr->text)
                                              : fallback;
}

const std::vector<int64_t> &Command::ints(std::string_view name) const {
  static const std::vector<int64_t> kNone;
  const Attr *attr = find(name);
  return attr ? attr->ints : kNone;
}

const std::vector<double> &Command::floats(std::string_view name) const {
  static const std::vector<double> kNone;
  const Attr *attr = find(name);
  return attr ? attr->floats : kNone;
}

bool Blob::operator==(const Blob &other) const {
  return bytes == other.bytes &&
         (bytes == 0 || data == other.data ||
          (data && other.data && std::memcmp(data, other.data, bytes) == 0));
}

const Entry *Program::findEntry(std::string_view name) const {
  for (const Entry &entry : entries)
    if (entry.name == name)
      return &entry;
  return nullptr;
}

} // namespace hybridc::stream
