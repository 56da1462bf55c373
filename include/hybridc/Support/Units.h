//===- Units.h - Numbers and names as text --------------------*- C++ -*-===//
#ifndef HYBRIDC_SUPPORT_UNITS_H
#define HYBRIDC_SUPPORT_UNITS_H

#include <string>
#include <string_view>

namespace hybridc {

/// Three significant digits of what is below 1000, for people: "1.04", "23.5".
std::string digits(double value);
/// "12.3 us", "4.56 kB": three digits and a prefix.
std::string withUnit(double value, std::string_view unit);
/// The same of nanoseconds, picojoules.
std::string timeText(double ns);
std::string energyText(double pj);
/// Powers of 1024.
std::string bytesText(double bytes);
/// "1,234,567"
std::string groupedText(double value);
/// A cell of a CSV file, in quotes where RFC 4180 wants them.
std::string csvQuoted(const std::string &text);

} // namespace hybridc

#endif // HYBRIDC_SUPPORT_UNITS_H
