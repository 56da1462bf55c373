//===- Locate.h - Where a chip description says something -----*- C++ -*-===//
#ifndef HYBRIDC_CHIP_LOCATE_H
#define HYBRIDC_CHIP_LOCATE_H

#include <string>
#include <string_view>
#include <vector>

namespace hybridc::chip {

/// "file:line:column" of the value of a field of a preset or file, for what is
/// found wrong after reading. `path` are keys from the outside in, entries of
/// a list by their `name`: {"arrays", "pcm", "device"}. As far as it leads; of
/// what cannot be read, `nameOrPath` alone.
std::string locate(std::string_view nameOrPath,
                   const std::vector<std::string> &path);

} // namespace hybridc::chip

#endif // HYBRIDC_CHIP_LOCATE_H
