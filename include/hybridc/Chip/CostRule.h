//===- CostRule.h - Prices of an engine that no formula has ---*- C++ -*-===//
//
// A chip's `cost_rules` name, for a kind of engine, a rule that has the last
// word on what its commands cost: cost() applies it, so that partition, clock
// and reports agree. Plug-ins register rules (examples/plugin).
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CHIP_COSTRULE_H
#define HYBRIDC_CHIP_COSTRULE_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <functional>
#include <string>

namespace hybridc::chip {

/// Gets what the built-in formulas give and changes it: cycles (of the chip's
/// clock), energy_pj by component, utilization. Must give the same for the
/// same, at any time and in any thread.
using CostRule = std::function<void(const Chip &, const Work &, Cost &)>;

/// A later rule of the same name replaces an earlier one. Not while anything
/// is being priced.
void registerCostRule(const std::string &name, CostRule rule);

/// Null when there is none of that name.
const CostRule *findCostRule(const std::string &name);
/// All names, for messages: "a, b"; "none".
std::string costRuleNames();

/// Whose rule prices the work: mac, vec, ctl, dma, or the array kind's name.
std::string engineKindOf(const Work &work);

} // namespace hybridc::chip

#endif // HYBRIDC_CHIP_COSTRULE_H
