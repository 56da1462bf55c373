//===- FieldUnit.cpp - Units that people type into descriptions -----------===//
#include "FieldUnit.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace hybridc::chip {
namespace {

/// A unit as a multiple of the one without a prefix: 2^binary * 10^decimal.
struct Unit {
  std::string_view base; ///< "Hz", "B", "B/s", "s", "J", "W", "m", "V"
  int decimal = 0, binary = 0;
};

struct FieldUnit {
  std::string_view suffix, shown;
  Unit unit;
};

constexpr FieldUnit kFieldUnits[] = {{"ghz", "GHz", {"Hz", 9}},
                                     {"gb_s", "GB/s", {"B/s", 9}},
                                     {"bytes", "bytes", {"B"}},
                                     {"ns", "ns", {"s", -9}},
                                     {"pj", "pJ", {"J", -12}},
                                     {"w", "W", {"W"}},
                                     {"nm", "nm", {"m", -9}},
                                     {"mm", "mm", {"m", -3}},
                                     {"v", "V", {"V"}},
                                     {"pj_per_bit", "pJ", {"J", -12}},
                                     {"pj_per_op", "pJ", {"J", -12}},
                                     {"pj_per_byte", "pJ", {"J", -12}}};

/// Splits "clock_ghz" into its stem and its unit.
const FieldUnit *fieldUnitOf(std::string_view key, std::string_view &stem) {
  for (const FieldUnit &field : kFieldUnits) {
    if (key == field.suffix && field.unit.base == "B") {
      stem = {};
      return &field;
    }
    if (key.size() > field.suffix.size() && key.ends_with(field.suffix) &&
        key[key.size() - field.suffix.size() - 1] == '_') {
      stem = key.substr(0, key.size() - field.suffix.size() - 1);
      return &field;
    }
  }
  return nullptr;
}

/// "M", "Mi", "µ", "": false when it is no prefix.
bool readPrefix(std::string_view text, Unit &unit) {
  constexpr std::pair<std::string_view, int> prefixes[] = {
      {"f", -15}, {"p", -12}, {"n", -9}, {"u", -6}, {"µ", -6},
      {"μ", -6},  {"m", -3},  {"", 0},   {"k", 3},  {"K", 3},
      {"M", 6},   {"G", 9},   {"T", 12}};
  bool isBinary = text.size() == 2 && text[1] == 'i';
  for (auto [name, exponent] : prefixes)
    if (name == (isBinary ? text.substr(0, 1) : text)) {
      if (isBinary && exponent < 3)
        return false;
      (isBinary ? unit.binary : unit.decimal) =
          isBinary ? exponent / 3 * 10 : exponent;
      return true;
    }
  return false;
}

/// "MHz", "GiB/s", "bytes", "us".
std::optional<Unit> readUnit(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> ends[] = {
      {"Hz", "Hz"},  {"B/s", "B/s"}, {"Bps", "B/s"}, {"bytes", "B"},
      {"byte", "B"}, {"B", "B"},     {"J/bit", "J"}, {"J/byte", "J"},
      {"J/op", "J"}, {"J", "J"},     {"W", "W"},     {"V", "V"},
      {"s", "s"},    {"m", "m"}};
  for (auto [end, base] : ends) {
    if (!text.ends_with(end))
      continue;
    Unit unit{base};
    if (readPrefix(text.substr(0, text.size() - end.size()), unit))
      return unit;
  }
  return std::nullopt;
}

std::optional<double> convert(double value, const Unit &from, const Unit &to) {
  if (from.base != to.base)
    return std::nullopt;
  // Multiplied or divided by a whole number: 500 MHz are 0.5 GHz, exactly.
  int decimal = from.decimal - to.decimal;
  value = decimal < 0 ? value / std::pow(10, -decimal)
                      : value * std::pow(10, decimal);
  return std::ldexp(value, from.binary - to.binary);
}

std::string lowered(std::string_view text) {
  std::string low(text);
  for (char &c : low)
    c = char(std::tolower(static_cast<unsigned char>(c)));
  return low;
}

} // namespace

std::string unitOf(std::string_view key) {
  std::string_view stem;
  const FieldUnit *field = fieldUnitOf(key, stem);
  return field ? std::string(field->shown) : std::string();
}

std::optional<double> inUnitOf(std::string_view key, double value,
                               std::string_view unit) {
  std::string_view stem;
  const FieldUnit *field = fieldUnitOf(key, stem);
  if (unit == "%")
    return field ? std::nullopt : std::optional(value / 100);
  auto from = readUnit(unit);
  if (!field || !from)
    return std::nullopt;
  return convert(value, *from, field->unit);
}

std::optional<double> fromField(std::string_view typed, double value,
                                std::string_view key) {
  std::string_view stem;
  const FieldUnit *field = fieldUnitOf(key, stem);
  if (!field || stem.empty() || typed.size() <= stem.size() + 1 ||
      !typed.starts_with(stem) || typed[stem.size()] != '_')
    return std::nullopt;
  // A letter short of the key itself is a slip, not another unit: sink_m.
  if (key.starts_with(typed))
    return std::nullopt;
  // Keys are in small letters: M and m are told apart by what is likely.
  std::string suffix = lowered(typed.substr(stem.size() + 1));
  std::replace(suffix.begin(), suffix.end(), '_', '/');
  for (std::string_view name :
       {"THz",   "GHz",   "MHz", "kHz", "Hz", "TB/s", "GB/s", "MB/s",
        "GiB/s", "MiB/s", "s",   "ms",  "us", "ns",   "ps",   "J",
        "uJ",    "nJ",    "pJ",  "fJ",  "kW", "W",    "mW",   "uW",
        "m",     "mm",    "um",  "nm",  "V",  "mV",   "B",    "kB",
        "MB",    "GB",    "KiB", "MiB", "GiB"})
    if (lowered(name) == suffix)
      if (auto unit = readUnit(name))
        if (auto converted = convert(value, *unit, field->unit))
          return converted;
  return std::nullopt;
}

} // namespace hybridc::chip
