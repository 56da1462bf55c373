//===- ReadFaults.cpp - Fault maps and rates from text --------------------===//
#include "YamlTree.h"
#include "hybridc/Chip/Suggest.h"

#include "hybridc/Chip/Faults.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <tuple>

namespace hybridc::chip {
namespace {

/// The rates by name, for every reader and the printer.
struct RateField {
  std::string_view name;
  double FaultRates::*member;
};
constexpr RateField kRates[] = {
    {"stuck_min", &FaultRates::stuck_min},
    {"stuck_max", &FaultRates::stuck_max},
    {"dead_row", &FaultRates::dead_row},
    {"dead_column", &FaultRates::dead_column},
    {"broken_adc", &FaultRates::broken_adc},
    {"dead_array", &FaultRates::dead_array},
};
constexpr double kMaxSeed = 1e15;

bool parseDouble(std::string_view text, double &value) {
  auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() &&
         std::isfinite(value);
}

/// Carries the first problem out of the reader; never crosses parseFaults.
struct Refusal {
  const YamlNode *at;
  std::string message;
};
[[noreturn]] void refuse(const YamlNode &at, std::string message) {
  throw Refusal{&at, std::move(message)};
}

/// The members of one map, each asked for by name.
class Fields {
public:
  Fields(const YamlNode &map, std::string what,
         std::vector<std::string_view> names)
      : map(map), what(std::move(what)) {
    if (map.kind != YamlNode::Kind::Map)
      refuse(map, fmt::format("{} must be a map, not {}", this->what,
                              map.describe()));
    for (const auto &[key, value] : map.entries)
      if (std::find(names.begin(), names.end(), key.text) == names.end())
        refuse(key, fmt::format("unknown key '{}' in {}{}", key.text,
                                this->what, suggest(key.text, names)));
  }

  const YamlNode *find(std::string_view key) const { return map.find(key); }
  const YamlNode &need(std::string_view key) const {
    if (const YamlNode *node = map.find(key))
      return *node;
    refuse(map, fmt::format("{} needs '{}'", what, key));
  }
  double number(const YamlNode &node, std::string_view key, double low,
                double high) const {
    double value = 0;
    if (node.kind != YamlNode::Kind::Scalar || node.quoted ||
        !parseDouble(node.text, value))
      refuse(node, fmt::format("'{}' must be a number, not {}", key,
                               node.describe()));
    if (value < low || value > high)
      refuse(node, fmt::format("'{}' is {}; it must be within {} and {}", key,
                               node.text, low, high));
    return value;
  }
  /// A number below `count`, of which the chip has `count`.
  uint32_t index(const YamlNode &node, std::string_view key,
                 uint32_t count) const {
    double value = number(node, key, 0, double(count) - 1);
    if (value != std::floor(value))
      refuse(node, fmt::format("'{}' must be a whole number, not {}", key,
                               node.describe()));
    return static_cast<uint32_t>(value);
  }
  std::vector<uint32_t> indices(std::string_view key, uint32_t count) const {
    std::vector<uint32_t> values;
    const YamlNode *node = find(key);
    if (!node)
      return values;
    for (const YamlNode &item : listOf(*node, key))
      values.push_back(index(item, key, count));
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
  }
  static const std::vector<YamlNode> &listOf(const YamlNode &node,
                                             std::string_view key) {
    if (node.kind != YamlNode::Kind::Sequence)
      refuse(node,
             fmt::format("'{}' must be a list, not {}", key, node.describe()));
    return node.items;
  }
  bool choice(const YamlNode &node, std::string_view key,
              std::string_view ifTrue, std::string_view ifFalse) const {
    if (node.kind != YamlNode::Kind::Scalar ||
        (node.text != ifTrue && node.text != ifFalse))
      refuse(node, fmt::format("'{}' must be {} or {}, not {}", key, ifTrue,
                               ifFalse, node.describe()));
    return node.text == ifTrue;
  }

private:
  const YamlNode &map;
  std::string what;
};

FaultRates readRates(const YamlNode &node) {
  std::vector<std::string_view> names{"seed"};
  for (const RateField &field : kRates)
    names.push_back(field.name);
  Fields fields(node, "'rates'", names);
  FaultRates rates;
  for (const RateField &field : kRates)
    if (const YamlNode *value = fields.find(field.name))
      rates.*field.member = fields.number(*value, field.name, 0, 1);
  if (const YamlNode *seed = fields.find("seed")) {
    double value = fields.number(*seed, "seed", 0, kMaxSeed);
    if (value != std::floor(value))
      refuse(*seed, fmt::format("'seed' must be a whole number, not {}",
                                seed->describe()));
    rates.seed = static_cast<uint64_t>(value);
  }
  return rates;
}

StuckCell readStuck(const YamlNode &node, const ArrayKind &kind) {
  Fields fields(node, "a stuck cell", {"row", "column", "side", "at"});
  StuckCell cell;
  cell.row = fields.index(fields.need("row"), "row", kind.physicalRows());
  cell.column =
      fields.index(fields.need("column"), "column", kind.physicalCols());
  const YamlNode &at = fields.need("at");
  double part = 0;
  if (at.kind == YamlNode::Kind::Scalar && !at.quoted &&
      parseDouble(at.text, part))
    cell.at = fields.number(at, "at", 0, 1);
  else if (at.text == "min" || at.text == "max")
    cell.at = at.text == "max";
  else
    refuse(at, fmt::format("'at' must be min, max or a part of the range of "
                           "conductance, 0 to 1, not {}",
                           at.describe()));
  if (const YamlNode *side = fields.find("side")) {
    cell.negative = fields.choice(*side, "side", "negative", "positive");
    if (cell.negative && kind.mapping != "differential")
      refuse(*side, fmt::format("'{}' holds a weight in one cell: there is no "
                                "negative one",
                                kind.name));
  }
  return cell;
}

ArrayFaults readArray(const YamlNode &node, const Chip &chip) {
  Fields fields(node, "an entry of 'arrays'",
                {"kind", "array", "dead", "dead_rows", "dead_columns", "stuck",
                 "broken_adcs"});
  const YamlNode &name = fields.need("kind");
  const ArrayKind *kind = chip.findArray(name.text);
  if (!kind) {
    std::vector<std::string_view> names;
    for (const ArrayKind &other : chip.arrays)
      names.push_back(other.name);
    refuse(name, fmt::format("chip '{}' has no arrays of kind '{}'{}",
                             chip.name, name.text, suggest(name.text, names)));
  }
  ArrayFaults out;
  out.kind = kind->name;
  out.array = fields.index(fields.need("array"), "array", kind->count);
  if (const YamlNode *dead = fields.find("dead"))
    out.dead = fields.choice(*dead, "dead", "true", "false");
  out.deadRows = fields.indices("dead_rows", kind->physicalRows());
  out.deadColumns = fields.indices("dead_columns", kind->physicalCols());
  if (const YamlNode *stuck = fields.find("stuck"))
    for (const YamlNode &cell : Fields::listOf(*stuck, "stuck")) {
      out.stuck.push_back(readStuck(cell, *kind));
      for (size_t i = 0; i + 1 < out.stuck.size(); ++i)
        if (StuckCell twin = out.stuck[i]; [&] {
              twin.at = out.stuck.back().at;
              return twin == out.stuck.back();
            }())
          refuse(cell, "a second entry for this cell");
    }
  std::sort(out.stuck.begin(), out.stuck.end());
  uint32_t share = std::max(1u, kind->adc_share);
  uint32_t adcs = (kind->physicalCols() + share - 1) / share;
  if (const YamlNode *broken = fields.find("broken_adcs"))
    for (const YamlNode &item : Fields::listOf(*broken, "broken_adcs")) {
      Fields adc(item, "a broken ADC", {"adc", "reads"});
      BrokenAdc one;
      one.adc = adc.index(adc.need("adc"), "adc", adcs);
      one.reads = adc.number(adc.need("reads"), "reads", -1, 1);
      for (const BrokenAdc &other : out.brokenAdcs)
        if (other.adc == one.adc)
          refuse(item, fmt::format("a second entry for ADC {}", one.adc));
      out.brokenAdcs.push_back(one);
    }
  std::sort(
      out.brokenAdcs.begin(), out.brokenAdcs.end(),
      [](const BrokenAdc &a, const BrokenAdc &b) { return a.adc < b.adc; });
  return out;
}

Result<FaultRates> ratesOf(const std::string &spec) {
  auto wrong = [&](std::string why) {
    return Error{ExitCode::Usage, fmt::format("--faults {}: {}", spec, why)};
  };
  FaultRates rates;
  size_t at = 0;
  while (at <= spec.size()) {
    size_t end = std::min(spec.find(',', at), spec.size());
    std::string_view part = std::string_view(spec).substr(at, end - at);
    at = end + 1;
    size_t sign = part.find('=');
    double value = 0;
    if (sign == std::string_view::npos ||
        !parseDouble(part.substr(sign + 1), value))
      return wrong(fmt::format("'{}' is not NAME=NUMBER; a fault map ends in "
                               ".yaml, .yml or .json",
                               part));
    std::string_view name = part.substr(0, sign);
    if (name == "seed") {
      if (value < 0 || value > kMaxSeed || value != std::floor(value))
        return wrong("seed must be a whole number from 0 to 1e15");
      rates.seed = static_cast<uint64_t>(value);
      continue;
    }
    if (value < 0 || value > 1)
      return wrong(fmt::format("{} is a probability, from 0 to 1", name));
    if (name == "stuck") {
      rates.stuck_min = rates.stuck_max = value / 2;
      continue;
    }
    std::vector<std::string_view> names{"stuck", "seed"};
    bool isKnown = false;
    for (const RateField &field : kRates) {
      names.push_back(field.name);
      if (field.name == name) {
        rates.*field.member = value;
        isKnown = true;
      }
    }
    if (!isKnown)
      return wrong(
          fmt::format("there is no rate '{}'{}", name, suggest(name, names)));
  }
  if (rates.stuck_min + rates.stuck_max > 1)
    return wrong("stuck_min and stuck_max together exceed 1");
  return rates;
}

} // namespace

Result<Faults> parseFaults(std::string_view text, std::string_view file,
                           const Chip &chip) {
  auto tree = parseYaml(text, file);
  if (!tree)
    return tree.error();
  try {
    Fields fields(*tree, "a fault map", {"rates", "arrays"});
    Faults faults;
    if (const YamlNode *rates = fields.find("rates")) {
      faults.rates = readRates(*rates);
      if (faults.rates.stuck_min + faults.rates.stuck_max > 1)
        refuse(*rates, "stuck_min and stuck_max together exceed 1");
    }
    if (const YamlNode *arrays = fields.find("arrays"))
      for (const YamlNode &item : Fields::listOf(*arrays, "arrays")) {
        faults.arrays.push_back(readArray(item, chip));
        const ArrayFaults &last = faults.arrays.back();
        for (size_t i = 0; i + 1 < faults.arrays.size(); ++i)
          if (faults.arrays[i].kind == last.kind &&
              faults.arrays[i].array == last.array)
            refuse(item, fmt::format("a second entry for array {} of '{}'",
                                     last.array, last.kind));
      }
    std::sort(faults.arrays.begin(), faults.arrays.end(),
              [](const ArrayFaults &a, const ArrayFaults &b) {
                return std::tie(a.kind, a.array) < std::tie(b.kind, b.array);
              });
    return faults;
  } catch (const Refusal &refusal) {
    return invalidInput(fmt::format("{}:{}:{}: {}", file, refusal.at->line,
                                    refusal.at->column, refusal.message));
  }
}

Result<Faults> loadFaults(const std::string &spec, const Chip &chip) {
  Faults faults;
  if (spec == "none")
    return faults;
  if (spec.empty()) {
    faults.rates = chip.faults;
    return faults;
  }
  bool isFile = spec.ends_with(".yaml") || spec.ends_with(".yml") ||
                spec.ends_with(".json");
  if (!isFile) {
    auto rates = ratesOf(spec);
    if (!rates)
      return rates.error();
    faults.rates = *rates;
    return faults;
  }
  std::ifstream in(spec, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf()))
    return invalidInput(fmt::format("{}: cannot be read", spec));
  return parseFaults(text.str(), spec, chip);
}

std::string printFaults(const Faults &faults) {
  std::string out;
  if (faults.rates.any()) {
    out += "rates: {";
    for (const RateField &field : kRates)
      if (faults.rates.*field.member > 0)
        out += fmt::format("{}: {}, ", field.name, faults.rates.*field.member);
    out += fmt::format("seed: {}}}\n", faults.rates.seed);
  }
  if (!faults.arrays.empty())
    out += "arrays:\n";
  for (const ArrayFaults &array : faults.arrays) {
    out += fmt::format("  - kind: \"{}\"\n    array: {}\n", array.kind,
                       array.array);
    if (array.dead)
      out += "    dead: true\n";
    auto list = [&](std::string_view name, const auto &values, auto show) {
      if (values.empty())
        return;
      out += fmt::format("    {}: [", name);
      for (size_t i = 0; i < values.size(); ++i)
        out += (i ? ", " : "") + show(values[i]);
      out += "]\n";
    };
    auto plain = [](uint32_t value) { return std::to_string(value); };
    list("dead_rows", array.deadRows, plain);
    list("dead_columns", array.deadColumns, plain);
    list("stuck", array.stuck, [](const StuckCell &cell) {
      return fmt::format("{{row: {}, column: {}, {}at: {}}}", cell.row,
                         cell.column, cell.negative ? "side: negative, " : "",
                         cell.at == 0   ? "min"
                         : cell.at == 1 ? "max"
                                        : fmt::format("{}", cell.at));
    });
    list("broken_adcs", array.brokenAdcs, [](const BrokenAdc &adc) {
      return fmt::format("{{adc: {}, reads: {}}}", adc.adc, adc.reads);
    });
  }
  return out;
}

} // namespace hybridc::chip
