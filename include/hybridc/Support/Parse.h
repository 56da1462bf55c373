//===- Parse.h - What options and fields say ------------------*- C++ -*-===//
#ifndef HYBRIDC_SUPPORT_PARSE_H
#define HYBRIDC_SUPPORT_PARSE_H

#include "hybridc/Support/Result.h"

#include <string>
#include <vector>

namespace hybridc {

/// Seconds of "20s", "3m", "1h", "1d", "1y".
Result<double> parseDuration(const std::string &text);
/// The pieces between separators: one for a text without any, none behind one
/// at the end.
std::vector<std::string> splitText(const std::string &text, char separator);
/// Numbers between commas.
Result<std::vector<double>> parseNumbers(const std::string &text);

} // namespace hybridc

#endif // HYBRIDC_SUPPORT_PARSE_H
