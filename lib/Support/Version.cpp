//===- Version.cpp - The version that the tools print ---------------------===//
#include "hybridc/Support/Version.h"

std::string_view hybridc::version() { return "0.1.0"; }
