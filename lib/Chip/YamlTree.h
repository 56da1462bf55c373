//===- YamlTree.h - A YAML document as a small, safe tree -----*- C++ -*-===//
//
// Built from yaml-cpp's events, so that every node keeps its position, and so
// that anchors, aliases, tags, duplicate keys and deep nesting are refused
// while reading, before they can cost time or memory.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CHIP_YAMLTREE_H
#define HYBRIDC_LIB_CHIP_YAMLTREE_H

#include "hybridc/Support/Result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hybridc::chip {

struct YamlEntry;

struct YamlNode {
  enum class Kind { Null, Scalar, Sequence, Map } kind = Kind::Null;
  int line = 1, column = 1;       ///< counted from 1
  std::string text;               ///< Scalar
  bool quoted = false;            ///< Scalar
  std::vector<YamlNode> items;    ///< Sequence
  std::vector<YamlEntry> entries; ///< Map

  const YamlNode *find(std::string_view key) const;
  /// "a map", "the text 'abc'", … for messages.
  std::string describe() const;
};

struct YamlEntry {
  YamlNode key, value;
};

/// Largest description that is read, in bytes.
constexpr size_t kMaxYamlBytes = 1 << 20;
/// Deepest nesting that is read.
constexpr unsigned kMaxYamlDepth = 16;

/// The single document of `text`. Errors start with "file:line:column: ".
Result<YamlNode> parseYaml(std::string_view text, std::string_view file);

} // namespace hybridc::chip

#endif // HYBRIDC_LIB_CHIP_YAMLTREE_H
