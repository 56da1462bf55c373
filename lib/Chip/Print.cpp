//===- Print.cpp - A chip description as YAML -----------------------------===//

#include "Schema.h"

#include <fmt/format.h>

namespace hybridc::chip {
namespace {

/// Double-quoted: every text reads back as text, whatever it holds.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

/// Writes the members of one struct as `key: value` lines.
class Printer {
public:
  std::string out;
  unsigned indent = 0;

  template <typename T>
  void number(std::string_view key, T &value, Need, Range, std::string_view) {
    line(key, fmt::format("{}", value));
  }
  void flag(std::string_view key, bool &value, Need, std::string_view) {
    line(key, value ? "true" : "false");
  }
  void text(std::string_view key, std::string &value, Need, const Choices &,
            std::string_view) {
    line(key, quoted(value));
  }
  void numbers(std::string_view key, std::map<std::string, double> &values,
               Need, const Choices &, Range, std::string_view) {
    if (values.empty())
      return;
    std::string inside;
    for (const auto &[name, value] : values)
      inside += fmt::format("{}{}: {}", inside.empty() ? "" : ", ",
                            quoted(name), value);
    line(key, "{" + inside + "}");
  }
  void texts(std::string_view key, std::map<std::string, std::string> &values,
             const Choices &, std::string_view) {
    if (values.empty())
      return;
    line(key, "");
    for (const auto &[name, value] : values)
      out += fmt::format("  {}: {}\n", quoted(name), quoted(value));
  }
  template <typename T>
  void section(std::string_view key, T &value, Need, bool present,
               std::string_view) {
    if (!present)
      return;
    line(key, "");
    indent += 2;
    visitFields(*this, value);
    indent -= 2;
  }
  template <typename T>
  void list(std::string_view key, std::vector<T> &values, std::string_view) {
    if (values.empty())
      return;
    line(key, "");
    indent += 4;
    for (T &value : values) {
      size_t start = out.size();
      visitFields(*this, value);
      out[start + indent - 2] = '-'; // "    name" → "  - name"
    }
    indent -= 4;
  }

private:
  void line(std::string_view key, std::string_view value) {
    out.append(indent, ' ');
    out += key;
    out += value.empty() ? ":" : ": ";
    out += value;
    out += '\n';
  }
};

/// Writes the table of docs/Targets.md.
class Describer {
public:
  std::string out =
      "| field | value | default | meaning |\n|---|---|---|---|\n";

  template <typename T>
  void number(std::string_view key, T &value, Need need, Range range,
              std::string_view doc) {
    std::string type = std::is_integral_v<T> ? "whole number" : "number";
    if (range.open)
      type += fmt::format(" > {}", range.low);
    else if (range.low > -1e18)
      type += fmt::format(" ≥ {}", range.low);
    if (range.high < 1e18)
      type += fmt::format(", ≤ {}", range.high);
    row(key, type, need, fmt::format("{}", value), doc);
  }
  void flag(std::string_view key, bool &value, Need need,
            std::string_view doc) {
    row(key, "true, false", need, value ? "true" : "false", doc);
  }
  void text(std::string_view key, std::string &value, Need need,
            const Choices &choices, std::string_view doc) {
    row(key, choices.empty() ? "text" : join(choices), need,
        value.empty() ? "empty" : value, doc);
  }
  void numbers(std::string_view key, std::map<std::string, double> &, Need need,
               const Choices &keys, Range, std::string_view doc) {
    row(key, keys.empty() ? "map of numbers" : "map: " + join(keys), need,
        "empty", doc);
  }
  void texts(std::string_view key, std::map<std::string, std::string> &,
             const Choices &values, std::string_view doc) {
    row(key, values.empty() ? "map of texts" : "map to: " + join(values),
        Need::Optional, "empty", doc);
  }
  template <typename T>
  void section(std::string_view key, T &value, Need need, bool,
               std::string_view doc) {
    row(key, "section", need, "absent", doc);
    std::string outer = path;
    path += std::string(key) + ".";
    visitFields(*this, value);
    path = outer;
  }
  template <typename T>
  void list(std::string_view key, std::vector<T> &, std::string_view doc) {
    row(key, "list", Need::Optional, "empty", doc);
    std::string outer = path;
    path += std::string(key) + "[].";
    T defaults;
    visitFields(*this, defaults);
    path = outer;
  }

private:
  std::string path;

  static std::string join(const Choices &choices) {
    std::string all;
    for (std::string_view choice : choices)
      all += fmt::format("{}{}", all.empty() ? "" : ", ", choice);
    return all;
  }
  void row(std::string_view key, const std::string &type, Need need,
           const std::string &value, std::string_view doc) {
    out += fmt::format("| `{}{}` | {} | {} | {} |\n", path, key, type,
                       need == Need::Required ? "**required**" : value, doc);
  }
};

} // namespace

std::string printChip(const Chip &chip) {
  Printer printer;
  Chip copy = chip; // one list of fields serves readers and writers
  visitFields(printer, copy);
  return std::move(printer.out);
}

std::string describeFields() {
  Describer describer;
  Chip defaults;
  visitFields(describer, defaults);
  return std::move(describer.out);
}

} // namespace hybridc::chip
