//===- Process.cpp - How a program ends early -----------------------------===//
#include "hybridc/Support/Process.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <new>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hybridc {
namespace {

// All that a signal handler touches is here, made before a signal can come.
constexpr int kSlots = 64;
constexpr size_t kLongest = 4096;
char temporaries[kSlots][kLongest];
std::atomic<int> states[kSlots]; ///< 0 free, 1 being filled, 2 in use
const char *programName = "hybridc";

void removeTemporaries() {
  for (int i = 0; i < kSlots; ++i)
    if (states[i].load() == 2)
      ::unlink(temporaries[i]);
}

/// Writes "program: error: what" without allocating, and ends.
[[noreturn]] void endWith(const char *what, ExitCode code) {
  // Threads that share a loop meet the same end at once: one of them says so.
  static std::atomic_flag isTold;
  if (isTold.test_and_set())
    for (;;)
      ::pause();
  removeTemporaries();
  for (const char *part : {programName, ": error: ", what, "\n"})
    if (::write(2, part, std::strlen(part)) < 0)
      break;
  ::_exit(static_cast<int>(code));
}

extern "C" void onStop(int signal) {
  removeTemporaries();
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

extern "C" void onBus(int) {
  endWith("a file was truncated while it was read", ExitCode::InvalidInput);
}

void onNoMemory() {
  endWith("not enough memory on this machine", ExitCode::DoesNotFit);
}

/// Larger files are mapped: of a model with gigabytes of weights a command may
/// need a few.
constexpr size_t kLargestCopy = size_t(1) << 30;

std::mutex heldMutex;
std::set<InputFile *> &heldFiles() {
  static std::set<InputFile *> all;
  return all;
}

} // namespace

void guardProcess(const char *program) {
  programName = program;
  std::signal(SIGPIPE, SIG_IGN);
  std::set_new_handler(onNoMemory);
  struct sigaction action = {};
  action.sa_handler = onBus;
  ::sigaction(SIGBUS, &action, nullptr);
  action.sa_handler = onStop;
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    // What a caller told us to ignore (nohup) stays ignored.
    if (::sigaction(signal, nullptr, &before) == 0 &&
        before.sa_handler != SIG_IGN)
      ::sigaction(signal, &action, nullptr);
  }
}

int failWith(const char *program, const Error &error) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s: error: %s\n", program, error.message.c_str());
  return static_cast<int>(error.code);
}

int runGuarded(const char *program, const std::function<int()> &body) {
  auto fail = [&](const Error &error) { return failWith(program, error); };
  try {
    int code = body();
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
      return fail(usage("cannot write to standard output"));
    return code;
  } catch (const std::bad_alloc &) {
    return fail(doesNotFit("not enough memory on this machine"));
  } catch (const std::system_error &error) {
    // What prints throws where its reader is gone or the disk is full.
    if (std::ferror(stdout))
      return fail(
          usage("cannot write to standard output: " + error.code().message()));
    return fail(
        {ExitCode::Internal, std::string("internal error: ") + error.what()});
  } catch (const std::exception &error) {
    return fail(
        {ExitCode::Internal, std::string("internal error: ") + error.what()});
  }
}

int rememberTemporary(const std::string &path) {
  if (path.size() + 1 > kLongest)
    return -1;
  for (int i = 0; i < kSlots; ++i) {
    int expected = 0;
    if (!states[i].compare_exchange_strong(expected, 1))
      continue;
    std::memcpy(temporaries[i], path.c_str(), path.size() + 1);
    states[i].store(2);
    return i;
  }
  return -1;
}

void forgetTemporary(int slot) {
  if (slot >= 0)
    states[slot].store(0);
}

Result<std::shared_ptr<InputFile>> InputFile::open(const std::string &path,
                                                   bool follow) {
  auto failure = [&](const char *what) {
    return invalidInput(
        fmt::format("{}: cannot be {}: {}", path, what, std::strerror(errno)));
  };
  std::shared_ptr<InputFile> file(new InputFile());
  file->path = path;
  // O_NONBLOCK: a FIFO must not make us wait for a writer.
  file->fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK |
                                      (follow ? 0 : O_NOFOLLOW));
  if (file->fd < 0)
    return failure("opened");
  struct stat info;
  if (::fstat(file->fd, &info) != 0 || !S_ISREG(info.st_mode))
    return invalidInput(fmt::format("{}: is not a regular file", path));
  file->length = static_cast<size_t>(info.st_size);
  file->seconds = info.st_mtim.tv_sec;
  file->nanoseconds = info.st_mtim.tv_nsec;
  if (file->length > 0) {
    bool copied = file->length <= kLargestCopy;
    void *data = copied ? ::mmap(nullptr, file->length, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                        : ::mmap(nullptr, file->length, PROT_READ, MAP_PRIVATE,
                                 file->fd, 0);
    if (data == MAP_FAILED && copied)
      return doesNotFit(
          fmt::format("{}: no memory for its {} bytes", path, file->length));
    if (data == MAP_FAILED)
      return failure("mapped");
    file->bytes = static_cast<const std::byte *>(data);
    if (copied)
      if (Status status = file->readInto(static_cast<std::byte *>(data));
          !status)
        return status.error();
  }
  std::lock_guard lock(heldMutex);
  heldFiles().insert(file.get());
  return file;
}

Status InputFile::readInto(std::byte *to) const {
  for (size_t done = 0; done < length;) {
    ssize_t got = ::pread(fd, to + done, length - done, off_t(done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return invalidInput(
          fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    if (got == 0)
      return invalidInput(path + ": was truncated while it was read");
    done += size_t(got);
  }
  return {};
}

InputFile::~InputFile() {
  {
    std::lock_guard lock(heldMutex);
    heldFiles().erase(this);
  }
  if (bytes)
    ::munmap(const_cast<std::byte *>(bytes), length);
  if (fd >= 0)
    ::close(fd);
}

bool InputFile::isUnchanged() const {
  struct stat now;
  return ::fstat(fd, &now) == 0 && static_cast<size_t>(now.st_size) == length &&
         now.st_mtim.tv_sec == seconds && now.st_mtim.tv_nsec == nanoseconds;
}

Status checkInputFiles() {
  std::lock_guard lock(heldMutex);
  for (const InputFile *file : heldFiles())
    if (!file->isUnchanged())
      return invalidInput(file->path +
                          ": was changed while it was in use; "
                          "what was computed of it is worth nothing");
  return {};
}

} // namespace hybridc
