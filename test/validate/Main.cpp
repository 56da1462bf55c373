//===- Main.cpp - hybridc-validate ----------------------------------------===//
//
// Prints every row and how many there are of each kind; --markdown prints
// docs/Validation.md instead. Exit code 1 when a row is outside of its bound, 2
// for wrong usage.
//
//===----------------------------------------------------------------------===//
#include "Validate.h"

#include <fmt/format.h>

#include <string_view>

using namespace hybridc::validate;

int main(int argc, char **argv) {
  bool asMarkdown = false;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) != "--markdown") {
      fmt::print(stderr, "usage: hybridc-validate [--markdown]\n");
      return 2;
    }
    asMarkdown = true;
  }
  if (asMarkdown)
    fmt::print("{}", markdown());
  bool within = true;
  for (const Area &area : areas())
    for (const Row &row : rowsOf(area)) {
      within = within && row.within();
      if (!asMarkdown)
        fmt::print("{}\n", textOf(row));
    }
  if (!asMarkdown)
    fmt::print("\n{}", countsText());
  return within ? 0 : 1;
}
