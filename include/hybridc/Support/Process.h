//===- Process.h - How a program ends early -------------------*- C++ -*-===//
#ifndef HYBRIDC_SUPPORT_PROCESS_H
#define HYBRIDC_SUPPORT_PROCESS_H

#include "hybridc/Support/Result.h"

#include <cstddef>
#include <memory>
#include <string>

namespace hybridc {

/// For main(): SIGINT and SIGTERM remove temporary files and end the program
/// as they would have; running out of memory anywhere, also in a thread, ends
/// it with ExitCode::DoesNotFit; a mapped file that somebody truncates, with
/// ExitCode::InvalidInput. `program` begins the message. SIGPIPE is ignored.
void guardProcess(const char *program);

/// Temporary files to remove at the end by a signal. At most 64 at once; others
/// are not remembered (-1).
int rememberTemporary(const std::string &path);
void forgetTemporary(int slot);

/// A read-only mapping of a whole regular file.
class MappedFile {
public:
  /// Fails with ExitCode::InvalidInput, naming the file. `follow`: the last
  /// component may be a symbolic link.
  static Result<std::shared_ptr<MappedFile>> open(const std::string &path,
                                                  bool follow = true);
  ~MappedFile();
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;

  const std::byte *data() const { return bytes; }
  size_t size() const { return length; }

private:
  MappedFile() = default;
  friend Status checkMappedFiles();
  bool isUnchanged() const;

  std::string path;
  int fd = -1;
  const std::byte *bytes = nullptr;
  size_t length = 0;
  long long seconds = 0, nanoseconds = 0; ///< of its last change
};

/// Whether all files that are mapped now are as they were when they were
/// opened; else ExitCode::InvalidInput with the name of one: what was computed
/// of it is worth nothing.
Status checkMappedFiles();

} // namespace hybridc

#endif // HYBRIDC_SUPPORT_PROCESS_H
