//===- Parse.cpp - What options and fields say ----------------------------===//
#include "hybridc/Support/Parse.h"

#include <algorithm>
#include <charconv>
#include <cmath>

using namespace hybridc;

Result<double> hybridc::parseDuration(const std::string &text) {
  double value = 0;
  auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit(end, text.data() + text.size());
  double factor = unit == "s" || unit.empty() ? 1
                  : unit == "m"               ? 60
                  : unit == "h"               ? 3600
                  : unit == "d"               ? 86400
                  : unit == "y"               ? 31536000
                                              : 0;
  if (failed != std::errc() || factor == 0 || !(value >= 0) ||
      value * factor > 1e12)
    return usage("'" + text + "' is no time; write 20s, 5m, 1h, 1d or 1y");
  return value * factor;
}

std::vector<std::string> hybridc::splitText(const std::string &text,
                                            char separator) {
  std::vector<std::string> pieces;
  size_t at = 0;
  do {
    size_t end = std::min(text.find(separator, at), text.size());
    pieces.push_back(text.substr(at, end - at));
    at = end + 1;
  } while (at < text.size());
  return pieces;
}

Result<std::vector<double>> hybridc::parseNumbers(const std::string &text) {
  std::vector<double> numbers;
  for (const char *at = text.data(), *last = at + text.size(); at <= last;) {
    double value = 0;
    auto [end, failed] = std::from_chars(at, last, value);
    if (failed != std::errc() || (end != last && *end != ',') ||
        !std::isfinite(value))
      return usage("'" + text + "' is no list of numbers like 0,0.5,1");
    numbers.push_back(value);
    if (end == last)
      break;
    at = end + 1;
  }
  return numbers;
}
