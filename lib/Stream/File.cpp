//===- File.cpp - Command streams on disk ---------------------------------===//
#include "FileFormat.h"

#include "hybridc/Stream/Serialize.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace hybridc::stream {

namespace {

/// A descriptor that is closed, and a temporary file that is removed unless
/// it was kept.
class OutputFile {
public:
  ~OutputFile() {
    if (fd >= 0)
      ::close(fd);
    if (!temporary.empty())
      ::unlink(temporary.c_str());
  }

  Error failure(std::string_view what) const {
    return invalidInput(
        fmt::format("{}: cannot {}: {}", target, what, std::strerror(errno)));
  }

  Status open(const std::string &path) {
    target = path;
    struct stat info;
    if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
      // A device or a pipe must not be replaced by a file.
      fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
      return fd >= 0 ? Status() : Status(failure("write"));
    }
    std::string name = path + ".tmpXXXXXX";
    fd = ::mkstemp(name.data());
    if (fd < 0)
      return failure("create a temporary file beside it");
    temporary = name;
    // mkstemp creates for the owner alone; a program is an ordinary file.
    mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(fd, 0666 & ~mask);
    return {};
  }

  Status write(const std::byte *data, uint64_t size) {
    while (size > 0) {
      ssize_t done = ::write(fd, data, size);
      if (done < 0 && errno == EINTR)
        continue;
      if (done < 0)
        return failure("write");
      data += done;
      size -= static_cast<uint64_t>(done);
    }
    return {};
  }

  Status keep() {
    int closed = ::close(fd);
    fd = -1;
    if (closed != 0)
      return failure("write");
    if (!temporary.empty() && ::rename(temporary.c_str(), target.c_str()) != 0)
      return failure("replace");
    temporary.clear();
    return {};
  }

private:
  std::string target, temporary;
  int fd = -1;
};

/// A read-only mapping of a whole file.
struct Mapping {
  ~Mapping() {
    if (data)
      ::munmap(data, size);
  }
  void *data = nullptr;
  size_t size = 0;
};

} // namespace

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
  auto failure = [&](const char *what) {
    return invalidInput(
        fmt::format("{}: cannot {}: {}", path, what, std::strerror(errno)));
  };
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return failure("open");
  struct stat info;
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    return invalidInput(fmt::format("{}: is not a regular file", path));
  }
  auto mapping = std::make_shared<Mapping>();
  mapping->size = static_cast<size_t>(info.st_size);
  if (mapping->size < kHeaderBytes) {
    ::close(fd);
    return invalidInput(fmt::format(
        "{}: is not a command stream: {} bytes are less than its header", path,
        mapping->size));
  }
  void *data = ::mmap(nullptr, mapping->size, PROT_READ, MAP_PRIVATE, fd, 0);
  ::close(fd);
  if (data == MAP_FAILED)
    return failure("map");
  mapping->data = data;
  return parseFile(static_cast<const std::byte *>(data), mapping->size, mapping,
                   path);
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
