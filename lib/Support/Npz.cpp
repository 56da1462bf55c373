//===- Npz.cpp - Archives of arrays (ZIP), reading and writing files ------===//
//
// ZIP as PKWARE's APPNOTE 6.3 describes it: end record, central directory,
// local headers; the 64-bit forms of numpy's larger files. Sizes are believed
// only after they were checked against the file, and an entry that claims to
// unpack to more than deflate can reach is refused before memory is taken.
//
//===----------------------------------------------------------------------===//
#include "NpzImpl.h"

#include "hybridc/Support/OutputFile.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <set>
#include <unistd.h>
#include <zlib.h>

namespace hybridc {
namespace {

using Bytes = std::span<const std::byte>;

/// Little-endian numbers; the caller has checked the range.
uint64_t number(Bytes file, size_t at, unsigned bytes) {
  uint64_t v = 0;
  for (unsigned i = 0; i < bytes; ++i)
    v |= std::to_integer<uint64_t>(file[at + i]) << (8 * i);
  return v;
}

constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50,
                   kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                   kLocator64 = 0x07064b50;
constexpr unsigned kUtf8Name = 0x800; ///< of the flags of an entry

struct Entry {
  std::string name;
  unsigned method = 0;
  uint32_t crc = 0;
  uint64_t packed = 0, unpacked = 0, local = 0;
};

class Archive {
public:
  Archive(Bytes file, const std::string &what) : file(file), what(what) {}

  Result<std::vector<Entry>> entries() {
    size_t end;
    if (!findEnd(end))
      return bad("not a .npz archive (no end record)");
    uint64_t count = number(file, end + 10, 2);
    uint64_t size = number(file, end + 12, 4), at = number(file, end + 16, 4);
    if (end >= 20 && number(file, end - 20, 4) == kLocator64) {
      uint64_t end64 = number(file, end - 12, 8);
      if (end64 > file.size() || file.size() - end64 < 56 ||
          number(file, end64, 4) != kEnd64)
        return bad("its 64-bit end record is damaged");
      count = number(file, end64 + 32, 8);
      size = number(file, end64 + 40, 8);
      at = number(file, end64 + 48, 8);
    }
    if (at > file.size() || size > file.size() - at || count > size / 46)
      return bad("its directory lies outside the file");
    std::vector<Entry> all;
    std::set<std::string> names;
    uint64_t limit = at + size;
    for (uint64_t i = 0; i < count; ++i) {
      if (limit - at < 46 || number(file, at, 4) != kCentral)
        return bad("its directory is damaged");
      Entry entry;
      unsigned flags = static_cast<unsigned>(number(file, at + 8, 2));
      entry.method = static_cast<unsigned>(number(file, at + 10, 2));
      entry.crc = static_cast<uint32_t>(number(file, at + 16, 4));
      entry.packed = number(file, at + 20, 4);
      entry.unpacked = number(file, at + 24, 4);
      uint64_t name = number(file, at + 28, 2),
               extra = number(file, at + 30, 2);
      uint64_t comment = number(file, at + 32, 2);
      entry.local = number(file, at + 42, 4);
      if (limit - at - 46 < name + extra + comment)
        return bad("its directory is damaged");
      entry.name.assign(reinterpret_cast<const char *>(file.data()) + at + 46,
                        name);
      wide(entry, at + 46 + name, extra);
      at += 46 + name + extra + comment;
      if (flags & 1)
        return bad(fmt::format("'{}' is encrypted", entry.name));
      if (!names.insert(entry.name).second)
        return bad(fmt::format("'{}' occurs twice", entry.name));
      all.push_back(std::move(entry));
    }
    return all;
  }

  Result<std::vector<std::byte>> unpack(const Entry &entry) {
    if (entry.local > file.size() || file.size() - entry.local < 30 ||
        number(file, entry.local, 4) != kLocal)
      return bad(
          fmt::format("'{}' is not where the directory says", entry.name));
    uint64_t data = entry.local + 30 + number(file, entry.local + 26, 2) +
                    number(file, entry.local + 28, 2);
    if (data > file.size() || entry.packed > file.size() - data)
      return bad(fmt::format("'{}' is cut off", entry.name));
    Bytes packed = file.subspan(data, entry.packed);
    std::vector<std::byte> out;
    if (entry.method == 0) {
      if (entry.packed != entry.unpacked)
        return bad(
            fmt::format("'{}': sizes contradict each other", entry.name));
      out.assign(packed.begin(), packed.end());
    } else if (entry.method == 8) {
      // Deflate yields at most 1032 bytes for one.
      if (entry.unpacked / 1032 > entry.packed)
        return bad(fmt::format("'{}' claims to unpack to {} bytes from {}",
                               entry.name, entry.unpacked, entry.packed));
      out.resize(entry.unpacked);
      if (!inflateInto(packed, out))
        return bad(fmt::format("'{}' does not unpack", entry.name));
    } else {
      return bad(fmt::format("'{}': compression method {} is not supported",
                             entry.name, entry.method));
    }
    if (crcOf(out) != entry.crc)
      return bad(fmt::format("'{}': its checksum is wrong", entry.name));
    return out;
  }

  static uint32_t crcOf(Bytes data) {
    uLong crc = crc32(0, nullptr, 0);
    return static_cast<uint32_t>(crc32_z(
        crc, reinterpret_cast<const Bytef *>(data.data()), data.size()));
  }

private:
  Error bad(const std::string &why) const {
    return invalidInput(fmt::format("{}: {}", what, why));
  }

  bool findEnd(size_t &at) const {
    if (file.size() < 22)
      return false;
    size_t last = file.size() - 22;
    for (size_t back = 0; back <= std::min<size_t>(last, 65535); ++back)
      if (number(file, last - back, 4) == kEnd &&
          number(file, last - back + 20, 2) == back) {
        at = last - back;
        return true;
      }
    return false;
  }

  /// Sizes that did not fit 32 bits stand in an extra field.
  void wide(Entry &entry, size_t at, size_t extra) const {
    size_t end = at + extra;
    while (end - at >= 4) {
      uint64_t id = number(file, at, 2), size = number(file, at + 2, 2);
      at += 4;
      if (size > end - at)
        return;
      if (id == 1) {
        size_t field = at;
        for (uint64_t *value : {&entry.unpacked, &entry.packed, &entry.local})
          if (*value == 0xffffffff && at + size - field >= 8) {
            *value = number(file, field, 8);
            field += 8;
          }
        return;
      }
      at += size;
    }
  }

  static bool inflateInto(Bytes packed, std::vector<std::byte> &out) {
    z_stream stream{};
    if (inflateInit2(&stream, -15) != Z_OK) // raw deflate
      return false;
    const std::byte *in = packed.data();
    size_t inLeft = packed.size(), outLeft = out.size();
    std::byte *to = out.data();
    std::byte none;
    stream.next_out = reinterpret_cast<Bytef *>(outLeft ? to : &none);
    int status = Z_OK;
    constexpr size_t piece = size_t(1) << 30; // zlib counts in 32 bits
    while (status == Z_OK) {
      if (stream.avail_in == 0 && inLeft > 0) {
        size_t n = std::min(inLeft, piece);
        stream.next_in = reinterpret_cast<Bytef *>(const_cast<std::byte *>(in));
        stream.avail_in = static_cast<uInt>(n);
        in += n;
        inLeft -= n;
      }
      if (stream.avail_out == 0 && outLeft > 0) {
        size_t n = std::min(outLeft, piece);
        stream.next_out = reinterpret_cast<Bytef *>(to);
        stream.avail_out = static_cast<uInt>(n);
        to += n;
        outLeft -= n;
      }
      status = inflate(&stream, Z_NO_FLUSH);
    }
    bool complete =
        status == Z_STREAM_END && stream.avail_out == 0 && outLeft == 0;
    inflateEnd(&stream);
    return complete;
  }

  Bytes file;
  const std::string &what;
};

Result<std::vector<std::byte>> readFile(const std::string &path) {
  std::error_code status;
  if (!std::filesystem::is_regular_file(path, status))
    return invalidInput(fmt::format(
        "{}: {}", path, status ? status.message() : "is not a regular file"));
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : -1;
  if (size < 0)
    return invalidInput(
        fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  std::vector<std::byte> bytes(static_cast<size_t>(size));
  in.seekg(0);
  if (!in.read(reinterpret_cast<char *>(bytes.data()), size))
    return invalidInput(fmt::format("{}: cannot be read", path));
  return bytes;
}

Bytes bytesOf(const std::string &text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// Whether `text` is UTF-8 as ZIP's flag bit 11 promises it.
bool isUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    unsigned char lead = static_cast<unsigned char>(text[at++]);
    unsigned more = lead < 0x80             ? 0
                    : (lead & 0xe0) == 0xc0 ? 1
                    : (lead & 0xf0) == 0xe0 ? 2
                    : (lead & 0xf8) == 0xf0 ? 3
                                            : 4;
    if (more == 4 || more > text.size() - at)
      return false;
    uint32_t code = more ? lead & (0x3fu >> more) : lead;
    for (unsigned i = 0; i < more; ++i) {
      unsigned char next = static_cast<unsigned char>(text[at++]);
      if ((next & 0xc0) != 0x80)
        return false;
      code = code << 6 | (next & 0x3f);
    }
    static constexpr uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (code < least[more] || code > 0x10ffff ||
        (code >= 0xd800 && code < 0xe000))
      return false;
  }
  return true;
}

/// Bit 11: the name is UTF-8. Without it readers take names as code page 437,
/// which agrees on ASCII.
unsigned nameFlags(const std::string &name) {
  bool isAscii = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  });
  return !isAscii && isUtf8(name) ? kUtf8Name : 0;
}

void put(std::string &out, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i)
    out += static_cast<char>(value >> (8 * i) & 0xff);
}

} // namespace

Result<std::vector<NpyArray>> parseNpz(Bytes file, const std::string &what) {
  Archive archive(file, what);
  Result<std::vector<Entry>> entries = archive.entries();
  if (!entries)
    return entries.error();
  std::vector<NpyArray> arrays;
  for (const Entry &entry : *entries) {
    if (entry.name.ends_with("/") && entry.unpacked == 0)
      continue; // a folder, as archivers add them for names with a slash
    if (!entry.name.ends_with(".npy"))
      return invalidInput(
          fmt::format("{}: '{}' is not an array", what, entry.name));
    Result<std::vector<std::byte>> data = archive.unpack(entry);
    if (!data)
      return data.error();
    Result<NpyArray> array =
        parseNpy(*data, fmt::format("{}: '{}'", what, entry.name));
    if (!array)
      return array.error();
    array->name = entry.name.substr(0, entry.name.size() - 4);
    arrays.push_back(std::move(*array));
  }
  return arrays;
}

Result<NpyArray> readNpy(const std::string &path) {
  Result<std::vector<std::byte>> file = readFile(path);
  if (!file)
    return file.error();
  return parseNpy(*file, path);
}

Result<std::vector<NpyArray>> readNpz(const std::string &path) {
  Result<std::vector<std::byte>> file = readFile(path);
  if (!file)
    return file.error();
  return parseNpz(*file, path);
}

Status writeNpy(const std::string &path, const NpyArray &array) {
  std::string header = npyHeader(array);
  return writeFile(path, {bytesOf(header), array.bytes});
}

Status writeNpz(const std::string &path, std::span<const NpyArray> arrays) {
  std::vector<std::unique_ptr<std::string>> texts;
  std::vector<Bytes> parts;
  std::string directory;
  std::set<std::string> names;
  uint64_t at = 0;
  for (const NpyArray &array : arrays) {
    std::string name = array.name + ".npy", header = npyHeader(array);
    if (name.size() > 0xffff || name.find('\0') != std::string::npos)
      return invalidInput(fmt::format("{}: '{:.64}' cannot be the name of an "
                                      "array in it",
                                      path, array.name));
    if (!names.insert(name).second)
      return invalidInput(
          fmt::format("{}: two arrays are called '{}'", path, array.name));
    uint64_t size = header.size() + array.bytes.size();
    uLong crc = Archive::crcOf(bytesOf(header));
    if (!array.bytes.empty()) // zlib takes no data for "start anew"
      crc = crc32_z(crc, reinterpret_cast<const Bytef *>(array.bytes.data()),
                    array.bytes.size());
    // Both headers carry the sizes in 64 bits; a second extra field moves the
    // data to a multiple of 64. The date is the first that ZIP knows.
    uint64_t fixed = at + 30 + name.size() + 20 + 4;
    uint64_t padding = (64 - fixed % 64) % 64;
    auto local = std::make_unique<std::string>();
    put(*local, kLocal, 4);
    put(*local, 45, 2);
    put(*local, nameFlags(name), 2);
    put(*local, 0, 2); // stored
    put(*local, 0x00210000, 4);
    put(*local, crc, 4);
    put(*local, 0xffffffff, 4);
    put(*local, 0xffffffff, 4);
    put(*local, name.size(), 2);
    put(*local, 20 + 4 + padding, 2);
    *local += name;
    put(*local, 1, 2);
    put(*local, 16, 2);
    put(*local, size, 8);
    put(*local, size, 8);
    put(*local, 0x4c41, 2); // padding, no registered meaning
    put(*local, padding, 2);
    local->append(padding, '\0');
    *local += header;

    put(directory, kCentral, 4);
    put(directory, 45, 2);
    put(directory, 45, 2);
    put(directory, nameFlags(name), 2);
    put(directory, 0, 2);
    put(directory, 0x00210000, 4);
    put(directory, crc, 4);
    put(directory, 0xffffffff, 4);
    put(directory, 0xffffffff, 4);
    put(directory, name.size(), 2);
    put(directory, 28, 2);
    put(directory, 0, 6); // comment, disk, internal attributes
    put(directory, 0, 4);
    put(directory, 0xffffffff, 4);
    directory += name;
    put(directory, 1, 2);
    put(directory, 24, 2);
    put(directory, size, 8);
    put(directory, size, 8);
    put(directory, at, 8);

    at += local->size() + array.bytes.size();
    parts.push_back(bytesOf(*local));
    parts.push_back(array.bytes);
    texts.push_back(std::move(local));
  }
  uint64_t directorySize = directory.size(), end64 = at + directorySize;
  put(directory, kEnd64, 4);
  put(directory, 44, 8);
  put(directory, 45, 2);
  put(directory, 45, 2);
  put(directory, 0, 8);
  put(directory, arrays.size(), 8);
  put(directory, arrays.size(), 8);
  put(directory, directorySize, 8);
  put(directory, at, 8);
  put(directory, kLocator64, 4);
  put(directory, 0, 4);
  put(directory, end64, 8);
  put(directory, 1, 4);
  put(directory, kEnd, 4);
  put(directory, 0, 4);
  put(directory, 0xffff, 2);
  put(directory, 0xffff, 2);
  put(directory, 0xffffffff, 4);
  put(directory, 0xffffffff, 4);
  put(directory, 0, 2);
  parts.push_back(bytesOf(directory));
  return writeFile(path, parts);
}

} // namespace hybridc
