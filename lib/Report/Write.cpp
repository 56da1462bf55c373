//===- Write.cpp - Reports as files ---------------------------------------===//
#include "hybridc/Report/Report.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hybridc::report {

static Error cannotWrite(const std::string &path, int reason) {
  return {ExitCode::Usage,
          fmt::format("cannot write '{}': {}", path, std::strerror(reason))};
}

static bool writeAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    ssize_t done = ::write(descriptor, text.data(), text.size());
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return false;
    text.remove_prefix(static_cast<size_t>(done));
  }
  return true;
}

Status writeTextFile(const std::string &path, std::string_view text) {
  struct stat info = {};
  bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && !S_ISREG(info.st_mode)) {
    int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
      return cannotWrite(path, errno);
    bool isDone = writeAll(descriptor, text);
    int reason = errno;
    if (::close(descriptor) != 0 && isDone) {
      isDone = false;
      reason = errno;
    }
    return isDone ? Status() : Status(cannotWrite(path, reason));
  }
  std::string temporary = path + ".XXXXXX";
  int descriptor = ::mkstemp(temporary.data());
  if (descriptor < 0)
    return cannotWrite(path, errno);
  // mkstemp makes it for the owner alone; a report is an ordinary file.
  mode_t mask = ::umask(0);
  ::umask(mask);
  bool isDone =
      ::fchmod(descriptor, exists ? info.st_mode & 0777 : 0666 & ~mask) == 0 &&
      writeAll(descriptor, text);
  int reason = errno;
  if (::close(descriptor) != 0 && isDone) {
    isDone = false;
    reason = errno;
  }
  if (isDone && ::rename(temporary.c_str(), path.c_str()) != 0) {
    isDone = false;
    reason = errno;
  }
  if (!isDone) {
    ::unlink(temporary.c_str());
    return cannotWrite(path, reason);
  }
  return {};
}

static constexpr struct {
  std::string_view ending;
  std::string (*view)(const Results &);
} kViews[] = {
    {".txt", toTable}, {".json", toJson}, {".csv", toCsv}, {".html", toHtml}};

Status checkReportPath(const std::string &path) {
  for (const auto &view : kViews)
    if (path.ends_with(view.ending))
      return {};
  return Error{ExitCode::Usage,
               fmt::format("report '{}': the ending says the form, one of "
                           ".txt, .json, .csv, .html",
                           path)};
}

Status writeReport(const Results &results, const std::string &path) {
  for (const auto &view : kViews)
    if (path.ends_with(view.ending))
      return writeTextFile(path, view.view(results));
  return checkReportPath(path);
}

} // namespace hybridc::report
