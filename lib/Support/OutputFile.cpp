//===- OutputFile.cpp - Files written whole or not at all -----------------===//
#include "hybridc/Support/OutputFile.h"

#include "hybridc/Support/Process.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hybridc {

static Error cannotWrite(const std::string &path, int reason) {
  return {ExitCode::Usage,
          fmt::format("cannot write '{}': {}", path, std::strerror(reason))};
}

Error OutputFile::failure() const { return cannotWrite(target, errno); }

OutputFile::~OutputFile() {
  if (fd >= 0)
    ::close(fd);
  if (!temporary.empty())
    ::unlink(temporary.c_str());
  forgetTemporary(slot);
}

Status OutputFile::open(const std::string &path) {
  target = path;
  struct stat info = {};
  bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && !S_ISREG(info.st_mode)) {
    // A device or a pipe must not be replaced by a file.
    fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    return fd >= 0 ? Status() : Status(failure());
  }
  std::string name = path + ".tmpXXXXXX";
  fd = ::mkstemp(name.data());
  if (fd < 0)
    return failure();
  temporary = name;
  slot = rememberTemporary(temporary);
  // mkstemp creates for the owner alone; ours are ordinary files.
  mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(fd, exists ? info.st_mode & 0777 : 0666 & ~mask) != 0)
    return failure();
  return {};
}

Status OutputFile::write(const std::byte *data, uint64_t size) {
  while (size > 0) {
    ssize_t done = ::write(fd, data, size);
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return failure();
    data += done;
    size -= static_cast<uint64_t>(done);
  }
  return {};
}

Status OutputFile::keep() {
  int closed = ::close(fd);
  fd = -1;
  if (closed != 0)
    return failure();
  if (!temporary.empty() && ::rename(temporary.c_str(), target.c_str()) != 0)
    return failure();
  temporary.clear();
  forgetTemporary(slot);
  slot = -1;
  return {};
}

/// The folder that a path is made in.
static std::string folderOf(const std::string &path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// Whether `path` could be written, without touching it.
static Status checkWritable(const std::string &path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) == 0) {
    bool isFile = S_ISREG(info.st_mode);
    // A file is replaced: its folder must allow that.
    std::string what = isFile ? folderOf(path) : path;
    if (::access(what.c_str(), W_OK) != 0)
      return cannotWrite(path, errno);
    return {};
  }
  std::string folder = folderOf(path);
  if (::access(folder.c_str(), W_OK) != 0)
    return cannotWrite(path, errno);
  if (::stat(folder.c_str(), &info) == 0 && !S_ISDIR(info.st_mode))
    return cannotWrite(path, ENOTDIR);
  return {};
}

Status writeFile(const std::string &path,
                 const std::vector<std::span<const std::byte>> &parts) {
  OutputFile file;
  if (Status status = file.open(path); !status)
    return status;
  for (std::span<const std::byte> part : parts)
    if (Status status = file.write(part.data(), part.size()); !status)
      return status;
  return file.keep();
}

Status writeTextFile(const std::string &path, std::string_view text) {
  return writeFile(path, {std::as_bytes(std::span(text.data(), text.size()))});
}

Status checkOutputs(const std::vector<std::string> &outputs,
                    const std::vector<std::string> &inputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string &output = outputs[i];
    if (output.empty() || output == "-")
      continue;
    if (Status status = checkWritable(output); !status)
      return status;
    std::error_code failed;
    for (const std::string &input : inputs)
      if (!input.empty() && std::filesystem::is_regular_file(output, failed) &&
          std::filesystem::equivalent(output, input, failed) && !failed)
        return Error{
            ExitCode::Usage,
            fmt::format("'{}' is an input; it would be overwritten", output)};
    for (size_t j = 0; j < i; ++j)
      if (!outputs[j].empty() && outputs[j] != "-" &&
          std::filesystem::weakly_canonical(outputs[j], failed) ==
              std::filesystem::weakly_canonical(output, failed) &&
          output.rfind("/dev/", 0) != 0)
        return Error{ExitCode::Usage,
                     fmt::format("'{}' is to be written twice", output)};
  }
  return {};
}

} // namespace hybridc
