//===- Process.h - How a program ends early -------------------*- C++ -*-===//
#ifndef HYBRIDC_SUPPORT_PROCESS_H
#define HYBRIDC_SUPPORT_PROCESS_H

#include "hybridc/Support/Result.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace hybridc {

/// For main(): SIGINT and SIGTERM remove temporary files and end the program
/// as they would have; running out of memory anywhere, also in a thread, ends
/// it with ExitCode::DoesNotFit; a mapped file that somebody truncates, with
/// ExitCode::InvalidInput. `program` begins the message. SIGPIPE is ignored.
void guardProcess(const char *program);

/// Says "program: error: …" on stderr, behind what stdout holds; gives the
/// code.
int failWith(const char *program, const Error &error);

/// The rest of main(): runs `body`, which returns the exit code, and ends with
/// an error and its documented code where memory runs out, standard output
/// cannot be written, or anything else is thrown (ExitCode::Internal).
int runGuarded(const char *program, const std::function<int()> &body);

/// Temporary files to remove at the end by a signal. At most 64 at once; others
/// are not remembered (-1).
int rememberTemporary(const std::string &path);
void forgetTemporary(int slot);

/// The bytes of a whole regular file, aligned to a page: read into memory up to
/// 1 GiB, mapped beyond. What was read is safe from whoever truncates the file;
/// where several threads meet the missing bytes of a mapping at once, some
/// kernels end the process before guardProcess() can say why.
class InputFile {
public:
  /// Fails with ExitCode::InvalidInput, naming the file. `follow`: the last
  /// component may be a symbolic link.
  static Result<std::shared_ptr<InputFile>> open(const std::string &path,
                                                 bool follow = true);
  ~InputFile();
  InputFile(const InputFile &) = delete;
  InputFile &operator=(const InputFile &) = delete;

  const std::byte *data() const { return bytes; }
  size_t size() const { return length; }

private:
  InputFile() = default;
  friend Status checkInputFiles();
  bool isUnchanged() const;
  Status readInto(std::byte *to) const; ///< all of it

  std::string path;
  int fd = -1;
  const std::byte *bytes = nullptr;
  size_t length = 0;
  long long seconds = 0, nanoseconds = 0; ///< of its last change
};

/// Whether all files that are held now are as they were when they were
/// opened; else ExitCode::InvalidInput with the name of one: what was computed
/// of it is worth nothing.
Status checkInputFiles();

} // namespace hybridc

#endif // HYBRIDC_SUPPORT_PROCESS_H
