//===- CheckHeat.h - What floorplans and DVFS tables must keep to ---------===//
//
// Rules over several fields, which the reading of one field cannot see.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CHIP_CHECKHEAT_H
#define HYBRIDC_LIB_CHIP_CHECKHEAT_H

#include "YamlTree.h"

#include "hybridc/Chip/Chip.h"

#include <string>

namespace hybridc::chip {

/// `at` is null when all is well.
struct Problem {
  const YamlNode *at = nullptr;
  std::string message;
};

/// Blocks inside of the die, without overlap, each name once, of engines that
/// the chip has; the die's area that of die_area_mm2, where both are given.
Problem checkFloorplan(const YamlNode &tree, const Chip &chip);

/// Each engine exists and has a nominal point at clock_ghz, none above;
/// voltage never rises where frequency falls.
Problem checkDvfs(const YamlNode &tree, const Chip &chip);

} // namespace hybridc::chip

#endif // HYBRIDC_LIB_CHIP_CHECKHEAT_H
