//===- Progress.h - What takes long, on a terminal ------------*- C++ -*-===//
#ifndef HYBRIDC_SUPPORT_PROGRESS_H
#define HYBRIDC_SUPPORT_PROGRESS_H

#include <chrono>
#include <string>

namespace hybridc {

/// One line on stderr about what takes long: only on a terminal, and only
/// after a second.
class Progress {
public:
  Progress();
  ~Progress();
  void show(const std::string &text);
  /// Removes the line.
  void clear();

private:
  std::chrono::steady_clock::time_point start;
  bool isTerminal, isShown = false;
};

} // namespace hybridc

#endif // HYBRIDC_SUPPORT_PROGRESS_H
