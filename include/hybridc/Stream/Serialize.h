//===- Serialize.h - Command streams as files -----------------*- C++ -*-===//
//
// A `.hyb` file (docs/CommandStream.md) is a 64-byte header, a FlatBuffers
// table (lib/Stream/stream.fbs) and the blobs, each at a multiple of 64 bytes.
// Equal programs give equal bytes, and what is written reads back equal.
//
// Reading checks what the format says (bounds, enumerations, no shared parts),
// so that any bytes give either a Program or an error. It does not check what
// the program means: verifyProgram (Stream/Verify.h) does, and must be called
// before a program that was read is run.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STREAM_SERIALIZE_H
#define HYBRIDC_STREAM_SERIALIZE_H

#include "hybridc/Stream/Program.h"
#include "hybridc/Support/Result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc::stream {

/// The version of the format. A reader accepts its own major number with a
/// minor number up to its own.
constexpr uint16_t kFormatMajor = 1;
constexpr uint16_t kFormatMinor = 3;

/// Blocks (If, Loop) and Repeats may nest this deep.
constexpr unsigned kMaxBlockDepth = 16;
constexpr unsigned kMaxRepeatDepth = 8;

/// Blobs start at multiples of this in the file, and so in the mapping.
constexpr size_t kBlobAlignment = 64;

/// Writes `program` to `path`, by way of a temporary file in the same folder,
/// so that `path` is never half written. The program is not verified.
Status writeProgram(const Program &program, const std::string &path);

/// The bytes that writeProgram writes.
Result<std::vector<std::byte>> writeProgramBytes(const Program &program);

/// Maps `path`. Blobs point into the mapping, which they keep alive.
Result<Program> readProgram(const std::string &path);

/// Reads from memory. The bytes are copied once (aligned); blobs point into
/// the copy. `name` stands for the file in errors.
Result<Program> readProgramBytes(const std::byte *data, size_t size,
                                 std::string_view name = "<memory>");

} // namespace hybridc::stream

#endif // HYBRIDC_STREAM_SERIALIZE_H
