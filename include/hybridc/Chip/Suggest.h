//===- Suggest.h - "did you mean …?" --------------------------*- C++ -*-===//
#ifndef HYBRIDC_CHIP_SUGGEST_H
#define HYBRIDC_CHIP_SUGGEST_H

#include <string>
#include <string_view>
#include <vector>

namespace hybridc::chip {

/// Whether `typed` looks like a misspelling of `meant`.
bool isCloseTo(std::string_view typed, std::string_view meant);

/// "; did you mean 'x'?" with the nearest of `names`, or, when none is near
/// and they are few, "; known: a, b, c". May be empty.
std::string suggest(std::string_view typed,
                    const std::vector<std::string_view> &names);

} // namespace hybridc::chip

#endif // HYBRIDC_CHIP_SUGGEST_H
