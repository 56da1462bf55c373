//===- FileFormat.h - The header of a command stream file -----*- C++ -*-===//
//
// Bytes 0-3 "HYBC", 4-5 major, 6-7 minor, 8-15 offset and 16-23 size of the
// table, 24-31 size of the file, 32-63 zero; all little-endian.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_STREAM_FILEFORMAT_H
#define HYBRIDC_LIB_STREAM_FILEFORMAT_H

#include "hybridc/Stream/Program.h"
#include "hybridc/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hybridc::stream {

constexpr char kMagic[4] = {'H', 'Y', 'B', 'C'};
constexpr size_t kHeaderBytes = 64;
/// FlatBuffers addresses with 32 bits; stay well below.
constexpr uint64_t kMaxTableBytes = uint64_t(1) << 30;

inline uint64_t alignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

inline void storeLittle(std::byte *to, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i)
    to[i] = static_cast<std::byte>(value >> (8 * i));
}

inline uint64_t loadLittle(const std::byte *from, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i)
    value |= static_cast<uint64_t>(from[i]) << (8 * i);
  return value;
}

/// Header and table, padded to where the first blob starts.
Result<std::vector<std::byte>> buildHead(const Program &program);

/// Reads a whole file. `data` is aligned to kBlobAlignment and kept alive by
/// `owner`; errors start with `name`.
Result<Program> parseFile(const std::byte *data, size_t size,
                          const std::shared_ptr<const void> &owner,
                          std::string_view name);

} // namespace hybridc::stream

#endif // HYBRIDC_LIB_STREAM_FILEFORMAT_H
