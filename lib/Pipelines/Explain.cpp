//===- Explain.cpp - What was chosen for each group, and why --------------===//
#include "hybridc/Pipelines/Explain.h"

#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Report/Report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace hybridc;

std::string Choice::label() const {
  if (engine == "array")
    return kind + " " + format;
  return format.empty() ? engine : engine + " " + format;
}

static Choice choiceOf(mlir::DictionaryAttr fields) {
  auto text = [&](llvm::StringRef name) {
    auto attr = fields.getAs<mlir::StringAttr>(name);
    return attr ? attr.str() : std::string();
  };
  auto number = [&](llvm::StringRef name) {
    auto attr = fields.getAs<mlir::FloatAttr>(name);
    return attr ? attr.getValueAsDouble() : 0;
  };
  Choice choice;
  choice.engine = text("engine");
  choice.kind = text("kind");
  choice.format = text("format");
  choice.whyNot = text("why_not");
  choice.latency_ns = number("latency_ns");
  choice.energy_pj = number("energy_pj");
  if (auto arrays = fields.getAs<mlir::IntegerAttr>("arrays"))
    choice.arrays = arrays.getInt();
  return choice;
}

std::vector<GroupChoice> hybridc::choicesOf(mlir::ModuleOp module) {
  std::vector<GroupChoice> choices;
  module.walk([&](hyb::GroupOp group) {
    GroupChoice choice;
    choice.node = hyb::nodeNameOf(group.getLoc());
    choice.op = hyb::opTypeOf(group.getLoc());
    choice.group = group.getName().str();
    if (choice.node.empty())
      choice.node = choice.group;
    if (auto reason = group.getReason())
      choice.reason = reason->str();
    if (auto alternatives =
            group->getAttrOfType<mlir::ArrayAttr>(hyb::kAlternativesAttr))
      for (auto fields : alternatives.getAsRange<mlir::DictionaryAttr>())
        choice.alternatives.push_back(choiceOf(fields));
    if (hyb::PlaceAttr place = group.getPlaceAttr()) {
      choice.chosen.engine = place.getEngine().str();
      choice.chosen.kind = place.getKind().str();
      choice.chosen.format = place.getFormat().str();
      for (const Choice &alternative : choice.alternatives)
        if (alternative.label() == choice.chosen.label())
          choice.chosen = alternative;
    }
    choices.push_back(std::move(choice));
  });
  return choices;
}

std::string hybridc::choicesTable(const std::vector<GroupChoice> &choices) {
  std::string out;
  for (const GroupChoice &choice : choices) {
    out += fmt::format("{}{}\n", choice.node,
                       choice.op.empty() ? "" : "  (" + choice.op + ")");
    if (!choice.reason.empty())
      out += fmt::format("  {}\n", choice.reason);
    for (const Choice &alternative : choice.alternatives) {
      bool isChosen = alternative.label() == choice.chosen.label() &&
                      alternative.engine == choice.chosen.engine;
      std::string row =
          fmt::format("  {} {:<14}", isChosen ? '*' : ' ', alternative.label());
      if (!alternative.whyNot.empty())
        row += "impossible: " + alternative.whyNot;
      else
        row += fmt::format(
            "{:>10} {:>10}{}", report::timeText(alternative.latency_ns),
            report::energyText(alternative.energy_pj),
            alternative.arrays ? fmt::format("  {} arrays", alternative.arrays)
                               : std::string());
      out += row + "\n";
    }
  }
  return out;
}

std::string hybridc::choicesJson(const std::vector<GroupChoice> &choices,
                                 const std::string &model,
                                 const std::string &target,
                                 const std::string &objective) {
  using nlohmann::ordered_json;
  auto toJson = [](const Choice &choice) -> ordered_json {
    ordered_json json = {
        {"engine", choice.engine},       {"array_kind", choice.kind},
        {"precision", choice.format},    {"latency_ns", choice.latency_ns},
        {"energy_pj", choice.energy_pj}, {"arrays", choice.arrays}};
    if (!choice.whyNot.empty())
      json["why_not"] = choice.whyNot;
    return json;
  };
  ordered_json nodes = ordered_json::array();
  for (const GroupChoice &choice : choices) {
    ordered_json alternatives = ordered_json::array();
    for (const Choice &alternative : choice.alternatives)
      alternatives.push_back(toJson(alternative));
    nodes.push_back({{"name", choice.node},
                     {"op", choice.op},
                     {"group", choice.group},
                     {"engine", choice.chosen.engine},
                     {"array_kind", choice.chosen.kind},
                     {"precision", choice.chosen.format},
                     {"latency_ns", choice.chosen.latency_ns},
                     {"energy_pj", choice.chosen.energy_pj},
                     {"reason", choice.reason},
                     {"alternatives", std::move(alternatives)}});
  }
  ordered_json json = {{"schema_version", report::kSchemaVersion},
                       {"model", model},
                       {"target", target},
                       {"objective", objective},
                       {"nodes", std::move(nodes)}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) +
         "\n";
}
