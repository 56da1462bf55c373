//===- NpzNpy.cpp - The .npy format ---------------------------------------===//
#include "NpzImpl.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <fmt/format.h>

namespace hybridc {

static_assert(std::endian::native == std::endian::little,
              "arrays are kept little endian");

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

/// Reads the header's dictionary: a Python literal with three known keys.
class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : rest(text) {}

  bool parse() {
    if (!take('{'))
      return false;
    while (!take('}')) {
      std::string key;
      if (!quoted(key) || !take(':'))
        return false;
      bool fine = key == "descr"           ? quoted(descr)
                  : key == "fortran_order" ? boolean(fortran)
                  : key == "shape"         ? tuple()
                                           : false;
      if (!fine)
        return false;
      ++keys;
      take(',');
    }
    skip();
    return keys == 3 && rest.empty();
  }

  std::string descr;
  bool fortran = false;
  std::vector<int64_t> shape;

private:
  void skip() {
    while (!rest.empty() &&
           (rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\t'))
      rest.remove_prefix(1);
  }
  bool take(char c) {
    skip();
    if (rest.empty() || rest[0] != c)
      return false;
    rest.remove_prefix(1);
    return true;
  }
  bool quoted(std::string &out) {
    skip();
    if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
      return false;
    size_t end = rest.find(rest[0], 1);
    if (end == rest.npos)
      return false;
    out = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return true;
  }
  bool boolean(bool &out) {
    skip();
    for (auto [word, value] :
         {std::pair<std::string_view, bool>{"True", true}, {"False", false}})
      if (rest.starts_with(word)) {
        rest.remove_prefix(word.size());
        out = value;
        return true;
      }
    return false;
  }
  bool tuple() {
    if (!take('('))
      return false;
    shape.clear();
    while (!take(')')) {
      skip();
      int64_t extent = 0;
      auto [end, error] =
          std::from_chars(rest.data(), rest.data() + rest.size(), extent);
      if (error != std::errc() || extent < 0 || shape.size() >= 32)
        return false;
      rest.remove_prefix(end - rest.data());
      if (!rest.empty() && rest[0] == 'L') // Python 2 wrote 3L
        rest.remove_prefix(1);
      shape.push_back(extent);
      take(',');
    }
    return true;
  }

  std::string_view rest;
  unsigned keys = 0;
};

/// From Fortran order to C order.
void reorder(NpyArray &array) {
  size_t rank = array.shape.size(), item = array.itemBytes;
  if (rank < 2 || array.bytes.empty())
    return;
  std::vector<std::byte> out(array.bytes.size());
  std::vector<int64_t> index(rank, 0), strides(rank, 1);
  for (size_t d = 1; d < rank; ++d)
    strides[d] = strides[d - 1] * array.shape[d - 1];
  for (size_t i = 0, n = out.size() / item; i < n; ++i) {
    int64_t from = 0;
    for (size_t d = 0; d < rank; ++d)
      from += index[d] * strides[d];
    std::memcpy(out.data() + i * item, array.bytes.data() + from * item, item);
    for (size_t d = rank; d-- > 0;) {
      if (++index[d] < array.shape[d])
        break;
      index[d] = 0;
    }
  }
  array.bytes = std::move(out);
}

} // namespace

Result<NpyArray> parseNpy(std::span<const std::byte> file,
                          const std::string &what) {
  auto bad = [&](const std::string &why) {
    return invalidInput(fmt::format("{}: {}", what, why));
  };
  auto at = [&](size_t i) { return std::to_integer<unsigned>(file[i]); };
  if (file.size() < 10 ||
      std::memcmp(file.data(), kMagic.data(), kMagic.size()) != 0)
    return bad("not a .npy array");
  unsigned major = at(6);
  if (major < 1 || major > 3)
    return bad(fmt::format("version {} of .npy is not known", major));
  size_t prefix = major == 1 ? 10 : 12;
  if (file.size() < prefix)
    return bad("the header is cut off");
  size_t length = at(8) | at(9) << 8;
  if (major > 1)
    length |= static_cast<size_t>(at(10)) << 16 | static_cast<size_t>(at(11))
                                                      << 24;
  if (length > file.size() - prefix)
    return bad("the header is cut off");
  HeaderParser header(std::string_view(
      reinterpret_cast<const char *>(file.data()) + prefix, length));
  if (!header.parse())
    return bad("the header is not a dictionary of descr, fortran_order, shape");

  NpyArray array;
  const std::string &descr = header.descr;
  auto among = [](char c, std::string_view all) {
    return all.find(c) != all.npos;
  };
  bool known = descr.size() == 3 && among(descr[0], "<>|=") &&
               among(descr[1], "fiub") && among(descr[2], "1248");
  if (known) {
    array.kind = descr[1];
    array.itemBytes = static_cast<unsigned>(descr[2] - '0');
    known = array.kind == 'f'   ? array.itemBytes != 1
            : array.kind == 'b' ? array.itemBytes == 1
                                : true;
  }
  if (!known)
    return bad(fmt::format("element type '{}' is not supported; use f2 f4 f8, "
                           "i1 to i8, u1 to u8 or b1",
                           descr));
  array.shape = header.shape;
  size_t bytes = array.itemBytes, room = file.size() - prefix - length;
  bool empty =
      std::find(array.shape.begin(), array.shape.end(), 0) != array.shape.end();
  for (int64_t extent : array.shape) {
    if (empty)
      break;
    if (static_cast<size_t>(extent) > room / bytes)
      return bad("the shape is larger than the data");
    bytes *= static_cast<size_t>(extent);
  }
  if (empty)
    bytes = 0;
  if (bytes != room)
    return bad(
        fmt::format("{} bytes of data, the shape takes {}", room, bytes));
  array.bytes.assign(file.end() - static_cast<std::ptrdiff_t>(bytes),
                     file.end());
  if (descr[0] == '>')
    for (size_t i = 0; i + array.itemBytes <= bytes; i += array.itemBytes)
      std::reverse(array.bytes.begin() + static_cast<std::ptrdiff_t>(i),
                   array.bytes.begin() +
                       static_cast<std::ptrdiff_t>(i + array.itemBytes));
  if (array.kind == 'b')
    for (std::byte &b : array.bytes)
      b = std::byte(b != std::byte(0));
  if (header.fortran)
    reorder(array);
  return array;
}

std::string npyHeader(const NpyArray &array) {
  std::string shape;
  for (int64_t extent : array.shape)
    shape += fmt::format("{}, ", extent);
  if (array.shape.size() > 1)
    shape.resize(shape.size() - 2); // (3, 4), but (3,)
  else if (!shape.empty())
    shape.pop_back();
  std::string dict = fmt::format(
      "{{'descr': '{}{}{}', 'fortran_order': False, 'shape': ({}), }}",
      array.itemBytes == 1 ? '|' : '<', array.kind, array.itemBytes, shape);
  // Data starts at a multiple of 64.
  size_t total = (10 + dict.size() + 1 + 63) / 64 * 64;
  dict.resize(total - 11, ' ');
  dict += '\n';
  std::string header(kMagic);
  header += '\x01';
  header += '\0';
  header += static_cast<char>(dict.size() & 0xff);
  header += static_cast<char>(dict.size() >> 8);
  return header + dict;
}

} // namespace hybridc
