//===- SetPackage.cpp - One field of a package by name --------------------===//

#include "Schema.h"
#include "hybridc/Chip/Suggest.h"

#include <fmt/format.h>

namespace hybridc::chip {
namespace {

/// Sets the one number whose key it looks for.
class Setter {
public:
  Setter(std::string_view key, double value) : key(key), value(value) {}

  std::string problem;
  bool isFound = false;
  std::vector<std::string_view> keys;

  template <typename T>
  void number(std::string_view name, T &member, Need, Range range,
              std::string_view) {
    keys.push_back(name);
    if (name != key)
      return;
    isFound = true;
    bool tooLow = range.open ? value <= range.low : value < range.low;
    if (tooLow || !(value <= range.high))
      problem =
          fmt::format("{} is {}, out of range: it must be {} {}", key, value,
                      tooLow ? (range.open ? "above" : "at least") : "at most",
                      tooLow ? range.low : range.high);
    else
      member = static_cast<T>(value);
  }
  void text(std::string_view, std::string &, Need, const Choices &,
            std::string_view) {}

private:
  std::string_view key;
  double value;
};

} // namespace

Status setPackageField(Thermal &thermal, std::string_view field, double value) {
  Setter setter(field, value);
  visitFields(setter, thermal);
  if (!setter.isFound)
    return Error{ExitCode::Usage,
                 fmt::format("'{}' is no number of a package{}", field,
                             suggest(field, setter.keys))};
  if (!setter.problem.empty())
    return Error{ExitCode::Usage, setter.problem};
  return {};
}

} // namespace hybridc::chip
