//===- SetField.cpp - Another value for one field of a chip ---------------===//

#include "Schema.h"
#include "hybridc/Chip/Suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <type_traits>

namespace hybridc::chip {
namespace {

/// Visits all fields and gives one of them its new value.
class Setter {
public:
  Setter(std::string_view target, std::string_view value)
      : target(target), value(value) {}

  bool found = false;
  std::string problem;
  std::vector<std::string> paths;

  template <typename T>
  void number(std::string_view key, T &field, Need, Range range,
              std::string_view) {
    double parsed = 0;
    if (!isTarget(path + std::string(key)) || !parse(parsed, range))
      return;
    if (std::is_integral_v<T> && parsed != double(static_cast<T>(parsed)))
      problem = "a whole number";
    else
      field = static_cast<T>(parsed);
  }
  void flag(std::string_view key, bool &field, Need, std::string_view) {
    if (!isTarget(path + std::string(key)))
      return;
    if (value != "true" && value != "false")
      problem = "true or false";
    field = value == "true";
  }
  void text(std::string_view key, std::string &field, Need,
            const Choices &choices, std::string_view) {
    if (!isTarget(path + std::string(key)))
      return;
    field = value;
    for (std::string_view choice : choices)
      if (value == choice)
        return;
    if (!choices.empty())
      problem = fmt::format("one of {}", fmt::join(choices, ", "));
  }
  void numbers(std::string_view key, std::map<std::string, double> &fields,
               Need, const Choices &keys, Range range, std::string_view) {
    std::vector<std::string> names(keys.begin(), keys.end());
    for (const auto &[name, old] : fields)
      if (keys.empty())
        names.push_back(name);
    double parsed = 0;
    for (const std::string &name : names)
      if (isTarget(fmt::format("{}{}.{}", path, key, name)) &&
          parse(parsed, range))
        fields[name] = parsed;
  }
  void texts(std::string_view, std::map<std::string, std::string> &,
             const Choices &, std::string_view) {}
  template <typename T>
  void section(std::string_view key, T &field, Need, bool, std::string_view) {
    inside(key, field);
  }
  template <typename T>
  void list(std::string_view key, std::vector<T> &fields, std::string_view) {
    for (size_t i = 0; i < fields.size(); ++i) {
      std::string name = std::to_string(i);
      if constexpr (requires { fields[i].name; })
        name = fields[i].name;
      inside(fmt::format("{}.{}", key, name), fields[i]);
    }
  }

private:
  std::string_view target, value;
  std::string path;

  template <typename T> void inside(std::string_view key, T &field) {
    std::string outer = path;
    path += fmt::format("{}.", key);
    visitFields(*this, field);
    path = outer;
  }
  bool isTarget(std::string full) {
    bool is = full == target;
    found |= is;
    paths.push_back(std::move(full));
    return is;
  }
  bool parse(double &parsed, const Range &range) {
    const char *end = value.data() + value.size();
    auto [stop, failed] = std::from_chars(value.data(), end, parsed);
    if (failed != std::errc() || stop != end)
      problem = "a number";
    else if (range.open ? parsed <= range.low : parsed < range.low)
      problem =
          fmt::format("{} {}", range.open ? "above" : "at least", range.low);
    else if (!(parsed <= range.high))
      problem = fmt::format("at most {}", range.high);
    return problem.empty();
  }
};

} // namespace

Status setField(Chip &chip, std::string_view path, std::string_view value) {
  Chip changed = chip;
  Setter setter(path, value);
  visitFields(setter, changed);
  if (!setter.found)
    return Error{
        ExitCode::Usage,
        fmt::format("'{}' names no field of a chip description{}", path,
                    suggest(std::string(path),
                            {setter.paths.begin(), setter.paths.end()}))};
  if (!setter.problem.empty())
    return Error{ExitCode::Usage, fmt::format("'{}' is {}; it must be {}", path,
                                              value, setter.problem)};
  // What fields demand of each other is the reader's to check.
  auto checked = parseChip(printChip(changed), std::string(path));
  if (!checked)
    return Error{ExitCode::Usage, checked.error().message};
  chip = std::move(*checked);
  return {};
}

} // namespace hybridc::chip
