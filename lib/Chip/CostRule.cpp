//===- CostRule.cpp - Prices of an engine that no formula has -------------===//
#include "hybridc/Chip/CostRule.h"

#include <map>

namespace hybridc::chip {

static std::map<std::string, CostRule> &rules() {
  static std::map<std::string, CostRule> all;
  return all;
}

void registerCostRule(const std::string &name, CostRule rule) {
  rules()[name] = std::move(rule);
}

const CostRule *findCostRule(const std::string &name) {
  auto found = rules().find(name);
  return found == rules().end() ? nullptr : &found->second;
}

std::string costRuleNames() {
  std::string names;
  for (const auto &[name, rule] : rules())
    names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

std::string engineKindOf(const Work &work) {
  switch (work.kind) {
  case WorkKind::Transfer:
    return "dma";
  case WorkKind::Matrix:
    return "mac";
  case WorkKind::Vector:
    return "vec";
  case WorkKind::Control:
    return "ctl";
  default:
    return work.engine;
  }
}

} // namespace hybridc::chip
