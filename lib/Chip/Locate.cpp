//===- Locate.cpp - Where a chip description says something ---------------===//
#include "hybridc/Chip/Locate.h"

#include "YamlTree.h"
#include "hybridc/Chip/Chip.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace hybridc::chip {

static const YamlNode *step(const YamlNode &node, const std::string &key) {
  if (node.kind == YamlNode::Kind::Sequence) {
    for (const YamlNode &item : node.items)
      if (const YamlNode *name = item.find("name"); name && name->text == key)
        return &item;
    return nullptr;
  }
  return node.find(key);
}

std::string locate(std::string_view nameOrPath,
                   const std::vector<std::string> &path) {
  std::string text(presetYaml(nameOrPath));
  if (text.empty()) {
    std::ifstream file{std::string(nameOrPath), std::ios::binary};
    std::stringstream all;
    all << file.rdbuf();
    text = all.str();
  }
  auto tree = parseYaml(text, nameOrPath);
  if (!tree)
    return std::string(nameOrPath);
  const YamlNode *node = &*tree;
  for (const std::string &key : path)
    if (const YamlNode *inner = step(*node, key))
      node = inner;
    else
      break;
  return fmt::format("{}:{}:{}", nameOrPath, node->line, node->column);
}

} // namespace hybridc::chip
