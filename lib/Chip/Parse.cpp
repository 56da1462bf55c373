//===- Parse.cpp - Reading a chip description, strictly -------------------===//

#include "CheckHeat.h"
#include "FieldUnit.h"
#include "Schema.h"
#include "YamlTree.h"
#include "hybridc/Chip/CostRule.h"
#include "hybridc/Chip/Suggest.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <functional>
#include <set>
#include <type_traits>

namespace hybridc::chip {
namespace {

/// Carries the first problem out of the visitor; never crosses parseChip.
struct Refusal {
  const YamlNode *at;
  std::string message;
};

[[noreturn]] void refuse(const YamlNode &at, std::string message) {
  throw Refusal{&at, std::move(message)};
}

std::string show(double value) { return fmt::format("{}", value); }

/// What stands behind a number looks like a unit: "GHz", " %", not ",5".
bool isUnit(std::string_view rest) {
  while (rest.starts_with(' '))
    rest.remove_prefix(1);
  return !rest.empty() && rest[0] != 'x' &&
         (std::isalpha(static_cast<unsigned char>(rest[0])) || rest[0] == '%' ||
          rest.starts_with("µ"));
}

/// Says what to write instead, in the unit of the field.
[[noreturn]] void refuseUnit(const YamlNode &node, const std::string &what,
                             double value, std::string_view unit) {
  std::string key = what.substr(what.rfind('.') + 1); // 'dram.bytes'
  std::erase(key, '\'');
  while (unit.starts_with(' '))
    unit.remove_prefix(1);
  std::string own = unitOf(key);
  auto meant = inUnitOf(key, value, unit);
  std::string advice;
  if (!meant)
    advice = own.empty() ? "the field has no unit: a number alone"
                         : fmt::format("a number alone, in {}", own);
  else if (*meant == value)
    advice = fmt::format("write {} alone: the unit is that of the field",
                         show(value));
  else
    advice = fmt::format("write {}{}", show(*meant),
                         own.empty() ? "" : ", in " + own);
  refuse(node, fmt::format("{} must be a number, not {}; {}", what,
                           node.describe(), advice));
}

double parseNumber(const YamlNode &node, const std::string &what) {
  if (node.kind != YamlNode::Kind::Scalar || node.quoted)
    refuse(node,
           fmt::format("{} must be a number, not {}", what, node.describe()));
  double value = 0;
  const char *end = node.text.data() + node.text.size();
  auto [stop, problem] = std::from_chars(node.text.data(), end, value);
  if (problem == std::errc::result_out_of_range && stop == end)
    refuse(node, fmt::format("{} is {}, {}", what, node.text,
                             "beyond what a number of 64 bits holds"));
  if (problem == std::errc() && isUnit({stop, end}))
    refuseUnit(node, what, value, {stop, end});
  if (problem != std::errc() || stop != end || !std::isfinite(value))
    refuse(node,
           fmt::format("{} must be a number, not {}", what, node.describe()));
  return value;
}

void checkRange(const YamlNode &node, const std::string &what, double value,
                const Range &range) {
  bool tooLow = range.open ? value <= range.low : value < range.low;
  if (!tooLow && value <= range.high)
    return;
  double nearest = tooLow ? range.low : range.high;
  refuse(node, fmt::format("{} is {}, out of range: it must be {} {}", what,
                           show(value),
                           !tooLow      ? "at most"
                           : range.open ? "above"
                                        : "at least",
                           show(nearest)));
}

/// The field, or the whole entry where it is left at its default.
const YamlNode &fieldOf(const YamlNode &entry, std::string_view key) {
  const YamlNode *field = entry.find(key);
  return field ? *field : entry;
}

/// Reads the members of one struct from one map.
class Reader {
public:
  Reader(const YamlNode &map, std::string path, std::set<std::string> &paths)
      : map(map), path(std::move(path)), paths(paths) {
    if (map.kind != YamlNode::Kind::Map)
      refuse(map,
             fmt::format("{} must be a map of fields, not {}",
                         this->path.empty() ? "a chip description"
                                            : fmt::format("'{}'", this->path),
                         map.describe()));
  }

  template <typename T>
  void number(std::string_view key, T &value, Need need, Range range,
              std::string_view) {
    const YamlNode *node = take(key, need);
    if (!node)
      return;
    double parsed = parseNumber(*node, quote(key));
    checkRange(*node, quote(key), parsed, range);
    if constexpr (std::is_integral_v<T>) {
      if (parsed != std::floor(parsed))
        refuse(*node,
               fmt::format("{} must be a whole number, not {}; the nearest is "
                           "{}",
                           quote(key), node->describe(),
                           show(std::round(parsed))));
    }
    value = static_cast<T>(parsed);
  }

  void flag(std::string_view key, bool &value, Need need, std::string_view) {
    const YamlNode *node = take(key, need);
    if (!node)
      return;
    bool isTrue = node->text == "true";
    if (node->kind != YamlNode::Kind::Scalar || node->quoted ||
        (!isTrue && node->text != "false"))
      refuse(*node, fmt::format("{} must be true or false, not {}", quote(key),
                                node->describe()));
    value = isTrue;
  }

  void text(std::string_view key, std::string &value, Need need,
            const Choices &choices, std::string_view) {
    const YamlNode *node = take(key, need);
    if (node)
      value = textOf(*node, quote(key), choices);
  }

  void numbers(std::string_view key, std::map<std::string, double> &values,
               Need need, const Choices &keys, Range range, std::string_view) {
    const YamlNode *node = take(key, need);
    if (!node)
      return;
    for (const auto &[name, entry] : mapOf(*node, key).entries) {
      checkKey(name, keys);
      std::string what = fmt::format("'{}.{}'", full(key), name.text);
      double value = parseNumber(entry, what);
      checkRange(entry, what, value, range);
      values[name.text] = value;
      paths.insert(full(key) + "." + name.text);
    }
    if (need == Need::Required && values.empty())
      refuse(*node, fmt::format("{} needs at least one entry", quote(key)));
  }

  void texts(std::string_view key, std::map<std::string, std::string> &values,
             const Choices &choices, std::string_view) {
    const YamlNode *node = take(key, Need::Optional);
    if (!node)
      return;
    mapOf(*node, key);
    // Once it is known that every section is spelt rightly.
    later.push_back([this, node, &values, choices, where = full(key)] {
      readTexts(*node, values, choices, where);
    });
  }

  template <typename T>
  void section(std::string_view key, T &value, Need need, bool,
               std::string_view) {
    const YamlNode *node = take(key, need);
    if (!node)
      return;
    Reader inner(*node, full(key), paths);
    visitFields(inner, value);
    inner.finish();
  }

  template <typename T>
  void list(std::string_view key, std::vector<T> &values, std::string_view) {
    const YamlNode *node = take(key, Need::Optional);
    if (!node)
      return;
    if (node->kind != YamlNode::Kind::Sequence)
      refuse(*node, fmt::format("{} must be a list, not {}", quote(key),
                                node->describe()));
    for (const YamlNode &item : node->items) {
      // Messages name the entry as its author does, when it has a name.
      const YamlNode *name = item.find("name");
      std::string where =
          fmt::format("{}.{}", full(key),
                      name && name->kind == YamlNode::Kind::Scalar
                          ? name->text
                          : std::to_string(values.size()));
      paths.insert(where);
      Reader inner(item, where, paths);
      T value;
      visitFields(inner, value);
      inner.finish();
      if constexpr (std::is_same_v<T, ArrayKind>)
        checkArray(item, value, values);
      values.push_back(std::move(value));
    }
  }

  /// Every key of the map must have been asked for, and every required one
  /// be there. What looks misspelt is told first: it is the likelier cause of
  /// what is missing.
  void finish() {
    for (const auto &[key, value] : map.entries)
      for (std::string_view name : known)
        if (key.text != name && isCloseTo(key.text, name))
          checkKey(key, known, &value);
    if (!missing.empty())
      refuse(map, fmt::format("required key {} is missing", missing));
    for (const auto &[key, value] : map.entries)
      checkKey(key, known, &value);
    for (const std::function<void()> &read : later)
      read();
  }

private:
  const YamlNode &map;
  std::string path;
  std::set<std::string> &paths;
  Choices known;
  std::string missing; ///< the first required key that is, in quotes
  std::vector<std::function<void()>> later;

  void readTexts(const YamlNode &node,
                 std::map<std::string, std::string> &values,
                 const Choices &choices, const std::string &where) {
    for (const auto &[name, entry] : node.entries) {
      // What rests on what is told of fields; other maps have keys of their
      // own.
      bool isOfField = where == "sources" || where == "provenance";
      if (isOfField && !paths.count(name.text))
        refuse(name,
               fmt::format("'{}' names no field of a chip description{}",
                           name.text,
                           suggest(name.text, {paths.begin(), paths.end()})));
      values[name.text] =
          textOf(entry, fmt::format("'{}.{}'", where, name.text), choices);
    }
  }

  std::string full(std::string_view key) const {
    return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
  }
  std::string quote(std::string_view key) const {
    return fmt::format("'{}'", full(key));
  }

  const YamlNode *take(std::string_view key, Need need) {
    known.push_back(key);
    paths.insert(full(key));
    const YamlNode *node = map.find(key);
    if (!node && need == Need::Required && missing.empty())
      missing = quote(key);
    return node;
  }

  /// `node`, which is refused unless it is a map.
  static const YamlNode &mapOf(const YamlNode &node, std::string_view key) {
    if (node.kind != YamlNode::Kind::Map)
      refuse(node,
             fmt::format("'{}' must be a map, not {}", key, node.describe()));
    return node;
  }

  static void checkKey(const YamlNode &name, const Choices &keys,
                       const YamlNode *given = nullptr) {
    if (keys.empty())
      return;
    for (std::string_view key : keys)
      if (name.text == key)
        return;
    double value = 0;
    const char *end = given ? given->text.data() + given->text.size() : nullptr;
    // The same field in another unit: its name alone would be wrong advice.
    if (given && given->kind == YamlNode::Kind::Scalar && !given->quoted &&
        !given->text.empty() &&
        std::from_chars(given->text.data(), end, value).ptr == end)
      for (std::string_view key : keys)
        if (auto meant = fromField(name.text, value, key))
          refuse(name, fmt::format("unknown key '{}'; write '{}: {}'",
                                   name.text, key, show(*meant)));
    refuse(name, fmt::format("unknown key '{}'{}", name.text,
                             suggest(name.text, {keys.begin(), keys.end()})));
  }

  static std::string textOf(const YamlNode &node, const std::string &what,
                            const Choices &choices) {
    if (node.kind != YamlNode::Kind::Scalar)
      refuse(node,
             fmt::format("{} must be text, not {}", what, node.describe()));
    double ignored = 0;
    const char *end = node.text.data() + node.text.size();
    bool isNumber =
        std::from_chars(node.text.data(), end, ignored).ptr == end &&
        !node.text.empty();
    if (!node.quoted && choices.empty() &&
        (isNumber || node.text == "true" || node.text == "false"))
      refuse(node, fmt::format("{} must be text, not {} (quote it if text is "
                               "what you mean)",
                               what, node.describe()));
    if (choices.empty())
      return node.text;
    for (std::string_view choice : choices)
      if (node.text == choice)
        return node.text;
    std::string list, nearest;
    for (std::string_view choice : choices) {
      list += fmt::format("{}{}", list.empty() ? "" : ", ", choice);
      if (isCloseTo(node.text, choice))
        nearest = suggest(node.text, {choices.begin(), choices.end()});
    }
    refuse(node, fmt::format("{} cannot be {}; it is one of: {}{}", what,
                             node.describe(), list, nearest));
  }

  static void checkArray(const YamlNode &at, const ArrayKind &array,
                         const std::vector<ArrayKind> &others) {
    const YamlNode &name = *at.find("name");
    bool wordlike = !array.name.empty();
    for (char c : array.name)
      wordlike &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
    if (!wordlike)
      refuse(name, fmt::format("array name '{}' must consist of a-z, 0-9, - "
                               "and _",
                               array.name));
    if (array.name == "mac" || array.name == "vec" || array.name == "ctl" ||
        array.name == "array" || array.name.starts_with("dma"))
      refuse(name, fmt::format("array name '{}' is taken by another engine",
                               array.name));
    for (const ArrayKind &other : others)
      if (other.name == array.name)
        refuse(name, fmt::format("a second array kind named '{}'", array.name));
    if (array.slices > array.cols)
      refuse(fieldOf(at, "slices"),
             fmt::format("'arrays.{}.slices' is {}, but the array has only "
                         "{} columns",
                         array.name, array.slices, array.cols));
    if (array.input_bits_per_phase > array.input_bits)
      refuse(fieldOf(at, "input_bits_per_phase"),
             fmt::format("'arrays.{}.input_bits_per_phase' is {}, more "
                         "than input_bits = {}",
                         array.name, array.input_bits_per_phase,
                         array.input_bits));
    if (array.output_bits == 1)
      refuse(fieldOf(at, "output_bits"),
             fmt::format("'arrays.{}.output_bits' is 1; an ADC has 2 bits or "
                         "more (0: those of out_res)",
                         array.name));
    checkCells(at, array);
  }

  /// What says how cells are read must not say two things.
  static void checkCells(const YamlNode &at, const ArrayKind &array) {
    if (array.g_max_us > 0 && array.g_min_us >= array.g_max_us)
      refuse(fieldOf(at, "g_min_us"),
             fmt::format("'arrays.{}.g_min_us' is {}, not below g_max_us = {}",
                         array.name, array.g_min_us, array.g_max_us));
    if (array.input_pulse_ns > 0 && array.input_encoding == "amplitude")
      refuse(fieldOf(at, "input_encoding"),
             fmt::format("'arrays.{}.input_encoding' is amplitude, but "
                         "input_pulse_ns = {} makes inputs of pulses",
                         array.name, array.input_pulse_ns));
    if (array.input_pulse_ns > 0 && array.read_pulse_ns > 0)
      refuse(fieldOf(at, "read_pulse_ns"),
             fmt::format("'arrays.{}.read_pulse_ns' is {}, but input_pulse_ns "
                         "= {} says how long rows are driven; leave one out",
                         array.name, array.read_pulse_ns,
                         array.input_pulse_ns));
    if (array.cell_phases > array.phases)
      refuse(fieldOf(at, "cell_phases"),
             fmt::format("'arrays.{}.cell_phases' is {}, more than phases = {}",
                         array.name, array.cell_phases, array.phases));
  }
};

/// Banks that could not exist.
void checkSram(const YamlNode &tree, const Sram &sram) {
  const YamlNode *at = tree.find("sram")->find("interleave_bytes");
  if (!at || sram.interleave_bytes == 0)
    return;
  if (sram.interleave_bytes > sram.bytes / sram.banks)
    refuse(*at, fmt::format("'sram.interleave_bytes' is {}, but a bank holds "
                            "only {} bytes",
                            sram.interleave_bytes, sram.bytes / sram.banks));
  if (double(sram.interleave_bytes) < sram.wordBytes())
    refuse(*at, fmt::format("'sram.interleave_bytes' is {}, less than the {:g} "
                            "bytes of a word (bytes_per_cycle / banks / ports)",
                            sram.interleave_bytes, sram.wordBytes()));
}

} // namespace

/// Each names an engine that the chip has, and a rule that is there.
static void checkCostRules(const YamlNode &tree, const Chip &chip) {
  for (const auto &[engine, rule] : chip.cost_rules) {
    const YamlNode &at = *tree.find("cost_rules")->find(engine);
    bool isKnown = engine == "dma" || engine == "vec" || engine == "ctl" ||
                   (engine == "mac" && chip.mac.rows > 0) ||
                   chip.findArray(engine);
    if (!isKnown)
      refuse(at,
             fmt::format("cost_rules: the chip has no engine '{}'", engine));
    if (!findCostRule(rule))
      refuse(at,
             fmt::format("cost_rules.{}: no rule is called '{}' (there are: "
                         "{}); a plug-in that has it is loaded with "
                         "--load-pass-plugin",
                         engine, rule, costRuleNames()));
  }
}

Result<Chip> parseChip(std::string_view yaml, std::string_view file) {
  auto tree = parseYaml(yaml, file);
  if (!tree)
    return tree.error();
  try {
    Chip chip;
    std::set<std::string> paths;
    Reader reader(*tree, "", paths);
    visitFields(reader, chip);
    reader.finish();
    if (chip.name.empty())
      refuse(*tree->find("name"), "'name' is empty");
    checkSram(*tree, chip.sram);
    checkCostRules(*tree, chip);
    if (Problem problem = checkFloorplan(*tree, chip); problem.at)
      refuse(*problem.at, problem.message);
    if (Problem problem = checkDvfs(*tree, chip); problem.at)
      refuse(*problem.at, problem.message);
    return chip;
  } catch (const Refusal &refusal) {
    return invalidInput(fmt::format("{}:{}:{}: {}", file, refusal.at->line,
                                    refusal.at->column, refusal.message));
  }
}

} // namespace hybridc::chip
