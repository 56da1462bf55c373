//===- Version.h - The version that the tools print -----------*- C++ -*-===//
#ifndef HYBRIDC_SUPPORT_VERSION_H
#define HYBRIDC_SUPPORT_VERSION_H

#include <string_view>

namespace hybridc {
std::string_view version();
} // namespace hybridc

#endif // HYBRIDC_SUPPORT_VERSION_H
