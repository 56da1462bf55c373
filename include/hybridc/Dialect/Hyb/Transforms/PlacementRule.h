//===- PlacementRule.h - Who may run where --------------------*- C++ -*-===//
//
// What hyb-partition cannot know of a chip or of a model: a rule looks at each
// way to run each group and may object. Plug-ins register rules
// (examples/plugin); a rule holds from then on.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_HYB_TRANSFORMS_PLACEMENTRULE_H
#define HYBRIDC_DIALECT_HYB_TRANSFORMS_PLACEMENTRULE_H

#include "hybridc/Dialect/Hyb/Transforms/Alternatives.h"

#include <functional>
#include <string>

namespace hybridc::hyb {

/// Why a group may not run this way, as a part of a sentence that reports show
/// ("its weights are secret"); empty when it may.
using PlacementRule = std::function<std::string(GroupOp, const Alternative &,
                                                const chip::Chip &)>;

/// A later rule of the same name replaces an earlier one.
void registerPlacementRule(const std::string &name, PlacementRule rule);

/// What the first rule, by name, that objects says, with its name; empty when
/// none does.
std::string objectionTo(GroupOp group, const Alternative &alternative,
                        const chip::Chip &chip);

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_TRANSFORMS_PLACEMENTRULE_H
