//===- Progress.cpp - What takes long, on a terminal ----------------------===//
#include "hybridc/Support/Progress.h"

#include <cstdio>
#include <unistd.h>

using namespace hybridc;

Progress::Progress()
    : start(std::chrono::steady_clock::now()), isTerminal(::isatty(2)) {}

Progress::~Progress() { clear(); }

void Progress::show(const std::string &text) {
  auto passed = std::chrono::steady_clock::now() - start;
  if (!isTerminal || passed < std::chrono::seconds(1))
    return;
  fprintf(stderr, "\r\033[K%s", text.substr(0, 100).c_str());
  fflush(stderr);
  isShown = true;
}

void Progress::clear() {
  if (isShown)
    fputs("\r\033[K", stderr);
  isShown = false;
}
