//===- UnsupportedOps.cpp - All ops that a model lacks, in one error ------===//

#include "Failure.h"
#include "Prepare.h"
#include "Schemas.h"
#include "Table.h"

#include "llvm/ADT/StringRef.h"

#include <fmt/ranges.h>

#include <map>
#include <set>

namespace hybridc::import {
namespace {

struct Missing {
  std::string reason, first;
  int count = 0;
  bool isUnknown = false; ///< ONNX has no such op either
};

std::string nearestOp(llvm::StringRef name) {
  std::string best;
  unsigned distance = 3;
  for (const SupportedOp &op : supportedOps()) {
    unsigned d = name.edit_distance(
        llvm::StringRef(op.name.data(), op.name.size()), true, distance);
    if (d < distance) {
      distance = d;
      best = op.name;
    }
  }
  return best;
}

/// Walks the graph and the functions that it calls.
class Survey {
public:
  explicit Survey(const Model &model) : model(model) {
    for (const auto &function : model.proto.functions())
      functions[functionKey(function.domain(), function.name(),
                            function.overload())] = &function;
    visit(model.proto.graph().node(), opsetOf(model.proto.opset_import()));
  }

  [[noreturn]] void fail() const {
    std::vector<std::string> items;
    for (const std::string &key : order) {
      const Missing &op = missing.at(key);
      std::string more =
          op.count > 1 ? fmt::format(" and {} more", op.count - 1) : "";
      items.push_back(fmt::format("{}{}: {}", op.first, more, op.reason));
    }
    std::string head =
        items.size() > 1
            ? fmt::format("{} ops are not supported: ", items.size())
            : std::string();
    failUnsupported("{}: {}{}{}", model.path, head, fmt::join(items, "; "),
                    advice());
  }

  bool any() const { return !missing.empty(); }
  bool anyUnknown() const {
    for (const auto &[key, op] : missing)
      if (op.isUnknown)
        return true;
    return false;
  }

private:
  const Model &model;
  std::map<std::string, const onnx::FunctionProto *> functions;
  std::set<const onnx::FunctionProto *> seen;
  std::map<std::string, Missing> missing;
  std::vector<std::string> order; ///< as the model has them
  bool hasQuantised = false, hasFused = false, hasOwnDomain = false,
       hasStandard = false, hasSequence = false, hasRandom = false;

  void visit(const NodeList &nodes, int opset) {
    walkNodes(nodes, [&](const onnx::NodeProto &node) {
      auto callee = functions.find(
          functionKey(node.domain(), node.op_type(), node.overload()));
      if (callee == functions.end())
        return look(node, opset);
      if (seen.insert(callee->second).second) {
        int own = opsetOf(callee->second->opset_import());
        visit(callee->second->node(), own ? own : opset);
      }
    });
  }

  void look(const onnx::NodeProto &node, int opset) {
    std::string domain = standardDomain(node.domain());
    const std::string &name = node.op_type();
    if (findImporter(domain, name))
      return;
    Missing op;
    if (!domain.empty()) {
      op.reason = fmt::format("op of domain '{}' is unknown", domain);
    } else if (const onnx::OpSchema *schema = findSchema(name, opset)) {
      if (schema->HasFunction() || schema->HasContextDependentFunction())
        return;
      op.reason = "the op is not supported (docs/SupportedOps.md lists those "
                  "that are)";
    } else {
      if (onnx::OpSchemaRegistry::Schema(name, ""))
        return; // of another opset: refused by the checker
      std::string near = nearestOp(name);
      op.isUnknown = true;
      op.reason =
          "unknown op" + (near.empty() ? "" : "; did you mean " + near + "?");
    }
    auto [known, fresh] = missing.emplace(domain + ":" + name, std::move(op));
    ++known->second.count;
    if (!fresh)
      return;
    order.push_back(known->first);
    known->second.first = describe(node);
    classify(domain, name, known->second.isUnknown);
  }

  void classify(const std::string &domain, llvm::StringRef name,
                bool isUnknown) {
    if (domain == "com.microsoft")
      (name.starts_with("Q") || name.starts_with("DequantizeLinear")
           ? hasQuantised
           : hasFused) = true;
    else if (!domain.empty())
      hasOwnDomain = true;
    else if (name.contains("Sequence") || name.starts_with("Optional"))
      hasSequence = true;
    else if (name.starts_with("Random") || name == "Bernoulli" ||
             name == "Multinomial")
      hasRandom = true;
    else if (!isUnknown)
      hasStandard = true;
  }

  /// What would help, for the kinds of ops that there are.
  std::string advice() const {
    std::vector<std::string> hints;
    if (hasFused)
      hints.push_back("onnxruntime's optimiser wrote ops of com.microsoft: "
                      "compile the model as it was before, or save it with "
                      "graph_optimization_level ORT_DISABLE_ALL");
    if (hasQuantised)
      hints.push_back("onnxruntime's quantiser wrote ops of com.microsoft: "
                      "quantise with quant_format QDQ, for opset 21 where "
                      "values have 16 bits");
    if (hasFused || hasQuantised || hasOwnDomain)
      hints.push_back("a model-local function for it would help");
    if (hasSequence)
      hints.push_back("programs hold tensors alone: the tensors themselves in "
                      "place of optionals and sequences would help");
    if (hasRandom)
      hints.push_back("random numbers as an input of the model would help");
    if (hasStandard)
      hints.push_back("a model cut off before it (onnx.utils.extract_model), "
                      "with the rest on the host, would help");
    return hints.empty() ? "" : fmt::format("; {}", fmt::join(hints, "; "));
  }
};
} // namespace

void refuseUnknownOps(const Model &model) {
  Survey survey(model);
  if (survey.anyUnknown())
    survey.fail();
}

void refuseUnsupportedOps(const Model &model) {
  Survey survey(model);
  if (survey.any())
    survey.fail();
}

} // namespace hybridc::import
