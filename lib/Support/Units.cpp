//===- Units.cpp - Numbers and names as text ------------------------------===//
#include "hybridc/Support/Units.h"

#include <fmt/format.h>

#include <cmath>

namespace hybridc {

std::string digits(double value) {
  double size = std::fabs(value);
  return fmt::format("{:.{}f}", value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

std::string withUnit(double value, std::string_view unit) {
  static constexpr const char *prefixes[] = {"f", "p", "n", "u", "m", "",
                                             "k", "M", "G", "T", "P"};
  if (value == 0 || !std::isfinite(value))
    return fmt::format("{} {}", value, unit);
  int step = 5;
  while (std::fabs(value) >= 999.5 && step < 10) {
    value /= 1000;
    ++step;
  }
  while (std::fabs(value) < 0.9995 && step > 0) {
    value *= 1000;
    --step;
  }
  return fmt::format("{} {}{}", digits(value), prefixes[step], unit);
}

std::string timeText(double ns) { return withUnit(ns * 1e-9, "s"); }
std::string energyText(double pj) { return withUnit(pj * 1e-12, "J"); }

std::string bytesText(double bytes) {
  static constexpr const char *units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  int step = 0;
  while (bytes >= 1023.5 && step < 4) {
    bytes /= 1024;
    ++step;
  }
  return step ? fmt::format("{} {}", digits(bytes), units[step])
              : fmt::format("{:.0f} B", bytes);
}

std::string groupedText(double value) {
  std::string text = fmt::format("{:.0f}", value);
  size_t first = text.starts_with('-') ? 1 : 0;
  for (size_t at = text.size(); at > first + 3;)
    text.insert(at -= 3, ",");
  return text;
}

std::string csvQuoted(const std::string &text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos)
    return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"')
      out += '"';
    out += c;
  }
  return out + '"';
}

} // namespace hybridc
