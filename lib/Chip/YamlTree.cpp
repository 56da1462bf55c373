//===- YamlTree.cpp - A YAML document as a small, safe tree ---------------===//

#include "YamlTree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <map>
#include <sstream>

namespace hybridc::chip {

const YamlNode *YamlNode::find(std::string_view key) const {
  for (const auto &[name, value] : entries)
    if (name.text == key)
      return &value;
  return nullptr;
}

std::string YamlNode::describe() const {
  switch (kind) {
  case Kind::Null:
    return "nothing";
  case Kind::Sequence:
    return "a list";
  case Kind::Map:
    return "a map";
  case Kind::Scalar:
    break;
  }
  std::string shown = text.size() > 40 ? text.substr(0, 40) + "…" : text;
  return fmt::format("{}'{}'", quoted ? "the text " : "", shown);
}

namespace {

/// Leaves the parser from inside an event; never crosses parseYaml.
struct Refusal {
  int line, column;
  std::string message;
};

[[noreturn]] void refuse(const YAML::Mark &mark, std::string message) {
  throw Refusal{mark.line + 1, mark.column + 1, std::move(message)};
}

class TreeBuilder : public YAML::EventHandler {
public:
  YamlNode root;

  void OnDocumentStart(const YAML::Mark &mark) override {
    if (documents++ > 0)
      refuse(mark, "a second document; a description is one document");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override {
    leave(enter(mark, "", anchor));
  }
  void OnAlias(const YAML::Mark &mark, YAML::anchor_t) override {
    refuse(mark, "aliases ('*name') are not accepted; write the value out");
  }
  void OnScalar(const YAML::Mark &mark, const std::string &tag,
                YAML::anchor_t anchor, const std::string &value) override {
    YamlNode node = enter(mark, tag, anchor);
    node.kind = YamlNode::Kind::Scalar;
    node.text = value;
    node.quoted = tag == "!";
    leave(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark &mark, const std::string &tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::Sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark &mark, const std::string &tag,
                  YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::Map);
  }
  void OnMapEnd() override { close(); }

private:
  struct Frame {
    YamlNode node;
    YamlNode key;
    bool hasKey = false;
    std::map<std::string, int> lines; ///< of the keys so far
  };
  std::vector<Frame> stack;
  unsigned documents = 0;

  static YamlNode enter(const YAML::Mark &mark, const std::string &tag,
                        YAML::anchor_t anchor) {
    if (anchor != 0)
      refuse(mark, "anchors ('&name') are not accepted; write the value out");
    if (!tag.empty() && tag != "?" && tag != "!")
      refuse(mark, fmt::format("tags are not accepted (here '{}')", tag));
    YamlNode node;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void open(const YAML::Mark &mark, const std::string &tag,
            YAML::anchor_t anchor, YamlNode::Kind kind) {
    if (stack.size() >= kMaxYamlDepth)
      refuse(mark, fmt::format("nested deeper than {} levels", kMaxYamlDepth));
    Frame frame;
    frame.node = enter(mark, tag, anchor);
    frame.node.kind = kind;
    stack.push_back(std::move(frame));
  }

  void close() {
    YamlNode node = std::move(stack.back().node);
    stack.pop_back();
    leave(std::move(node));
  }

  void leave(YamlNode node) {
    if (stack.empty()) {
      root = std::move(node);
      return;
    }
    Frame &frame = stack.back();
    if (frame.node.kind == YamlNode::Kind::Sequence) {
      frame.node.items.push_back(std::move(node));
      return;
    }
    if (frame.hasKey) {
      if (node.kind == YamlNode::Kind::Null) {
        // The parser notices a missing value only at whatever follows it.
        node.line = frame.key.line;
        node.column = frame.key.column;
      }
      frame.node.entries.push_back({std::move(frame.key), std::move(node)});
      frame.hasKey = false;
      return;
    }
    if (node.kind != YamlNode::Kind::Scalar)
      throw Refusal{node.line, node.column,
                    "a key must be a word, not " + node.describe()};
    auto [first, isNew] = frame.lines.emplace(node.text, node.line);
    if (!isNew)
      throw Refusal{node.line, node.column,
                    fmt::format("duplicate key '{}', first given on line {}",
                                node.text, first->second)};
    frame.key = std::move(node);
    frame.hasKey = true;
  }
};

} // namespace

Result<YamlNode> parseYaml(std::string_view text, std::string_view file) {
  auto failure = [&](int line, int column, std::string_view message) {
    return invalidInput(
        fmt::format("{}:{}:{}: {}", file, line, column, message));
  };
  if (text.size() > kMaxYamlBytes)
    return failure(1, 1,
                   fmt::format("{} bytes; a chip description has at most {}",
                               text.size(), kMaxYamlBytes));
  if (size_t nul = text.find('\0'); nul != std::string_view::npos)
    return failure(1, 1, "holds a zero byte; this is not a YAML file");
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder;
    if (!parser.HandleNextDocument(builder))
      return failure(1, 1, "the file is empty");
    while (parser.HandleNextDocument(builder)) {
    }
    return std::move(builder.root);
  } catch (const Refusal &refusal) {
    return failure(refusal.line, refusal.column, refusal.message);
  } catch (const YAML::Exception &problem) {
    return failure(problem.mark.line + 1, problem.mark.column + 1,
                   "not valid YAML: " + problem.msg);
  } catch (const std::exception &problem) {
    return failure(1, 1, fmt::format("cannot be read: {}", problem.what()));
  }
}

} // namespace hybridc::chip
