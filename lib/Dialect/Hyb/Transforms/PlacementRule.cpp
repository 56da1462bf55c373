//===- PlacementRule.cpp - Who may run where ------------------------------===//
#include "hybridc/Dialect/Hyb/Transforms/PlacementRule.h"

#include <map>

namespace hybridc::hyb {

static std::map<std::string, PlacementRule> &rules() {
  static std::map<std::string, PlacementRule> all;
  return all;
}

void registerPlacementRule(const std::string &name, PlacementRule rule) {
  rules()[name] = std::move(rule);
}

std::string objectionTo(GroupOp group, const Alternative &alternative,
                        const chip::Chip &chip) {
  for (const auto &[name, rule] : rules())
    if (std::string why = rule(group, alternative, chip); !why.empty())
      return why + " (rule '" + name + "')";
  return {};
}

} // namespace hybridc::hyb
