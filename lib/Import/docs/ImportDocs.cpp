//===- ImportDocs.cpp - Prints docs/SupportedOps.md -----------------------===//

#include "hybridc/Import/Import.h"

#include <cstdio>

int main() {
  std::string text = hybridc::supportedOpsMarkdown();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0
                                                                         : 1;
}
