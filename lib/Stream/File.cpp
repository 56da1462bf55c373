//===- File.cpp - Command streams on disk ---------------------------------===//
#include "FileFormat.h"

#include "hybridc/Stream/Serialize.h"
#include "hybridc/Support/OutputFile.h"
#include "hybridc/Support/Process.h"

#include <cstring>
#include <new>

#include <fmt/format.h>

namespace hybridc::stream {

Status writeProgram(const Program &program, const std::string &path) {
  auto head = buildHead(program);
  if (!head)
    return Error{head.error().code,
                 fmt::format("{}: {}", path, head.error().message)};
  OutputFile file;
  if (Status status = file.open(path); !status)
    return status;
  if (Status status = file.write(head->data(), head->size()); !status)
    return status;
  static constexpr std::byte kZeros[kBlobAlignment] = {};
  uint64_t position = head->size();
  for (const Blob &blob : program.blobs) {
    uint64_t start = alignUp(position, kBlobAlignment);
    if (Status status = file.write(kZeros, start - position); !status)
      return status;
    if (Status status = file.write(blob.data, blob.bytes); !status)
      return status;
    position = start + blob.bytes;
  }
  return file.keep();
}

Result<Program> readProgram(const std::string &path) {
  auto file = InputFile::open(path);
  if (!file)
    return file.error();
  if ((*file)->size() < kHeaderBytes)
    return invalidInput(fmt::format(
        "{}: is not a command stream: {} bytes are less than its header", path,
        (*file)->size()));
  return parseFile((*file)->data(), (*file)->size(), *file, path);
}

Result<Program> readProgramBytes(const std::byte *data, size_t size,
                                 std::string_view name) {
  constexpr auto kAlign = std::align_val_t(kBlobAlignment);
  auto *copy = static_cast<std::byte *>(
      ::operator new(size > 0 ? size : 1, kAlign, std::nothrow));
  if (!copy)
    return invalidInput(fmt::format("{}: no memory for {} bytes", name, size));
  std::shared_ptr<const void> owner(
      copy, [=](const void *) { ::operator delete(copy, kAlign); });
  if (size > 0)
    std::memcpy(copy, data, size);
  return parseFile(copy, size, owner, name);
}

} // namespace hybridc::stream
