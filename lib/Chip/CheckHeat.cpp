//===- CheckHeat.cpp - Floorplans and DVFS tables, checked ----------------===//

#include "CheckHeat.h"
#include "hybridc/Chip/Suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hybridc::chip {

/// Edges closer than this touch, in mm.
static constexpr double kTouch_mm = 1e-6;
/// Of die_area_mm2: published areas are rounded.
static constexpr double kAreaTolerance = 0.01;

double Thermal::toAir_k_w() const {
  return package == "passive" ? 1 / (film_w_m2k * surface_mm2 * 1e-6)
                              : r_convec;
}

/// Engines that run commands, as queues name them; `dma` is all channels.
static std::vector<std::string> enginesOf(const Chip &chip) {
  std::vector<std::string> names{"vec", "ctl", "dma"};
  if (chip.mac.rows > 0)
    names.push_back("mac");
  for (const ArrayKind &array : chip.arrays)
    names.push_back(array.name);
  return names;
}

/// The field of the i-th entry of a list; the entry where it lacks it.
static const YamlNode *fieldOf(const YamlNode &list, size_t i,
                               std::string_view key) {
  const YamlNode &item = list.items[i];
  const YamlNode *field = item.find(key);
  return field ? field : &item;
}

static std::string noEngine(const std::string &where, const std::string &name,
                            const std::vector<std::string> &known) {
  return fmt::format("{} names '{}', which this chip lacks; it has {}{}", where,
                     name, fmt::join(known, ", "),
                     suggest(name, {known.begin(), known.end()}));
}

/// Length of the common part of [a, a + la] and [b, b + lb].
static double overlap(double a, double la, double b, double lb) {
  return std::min(a + la, b + lb) - std::max(a, b);
}

Problem checkFloorplan(const YamlNode &tree, const Chip &chip) {
  const YamlNode *plan = tree.find("floorplan");
  if (!plan)
    return {};
  const Floorplan &floor = chip.floorplan;
  double area = floor.width_mm * floor.height_mm;
  if (chip.die_area_mm2 > 0 &&
      std::abs(area - chip.die_area_mm2) > kAreaTolerance * chip.die_area_mm2)
    return {plan, fmt::format("'floorplan' is {} x {} mm = {:.6g} mm2, but "
                              "'die_area_mm2' is {}",
                              floor.width_mm, floor.height_mm, area,
                              chip.die_area_mm2)};
  const YamlNode *list = plan->find("blocks");
  if (!list || floor.blocks.empty())
    return {list ? list : plan, "'floorplan.blocks' needs at least one block"};
  constexpr size_t kMostBlocks = 64;
  if (floor.blocks.size() > kMostBlocks)
    return {list, fmt::format("'floorplan.blocks' has {} blocks; at most {} "
                              "are modelled",
                              floor.blocks.size(), kMostBlocks)};
  std::vector<std::string> known = enginesOf(chip);
  known.insert(known.end(), {"sram", "dram", "link", "none"});
  for (size_t i = 0; i < floor.blocks.size(); ++i) {
    const FloorBlock &block = floor.blocks[i];
    std::string where = fmt::format("'floorplan.blocks.{}'", block.name);
    if (block.name.empty())
      return {fieldOf(*list, i, "name"), "the name of a block is empty"};
    if (std::find(known.begin(), known.end(), block.engine) == known.end())
      return {fieldOf(*list, i, "engine"),
              noEngine(where, block.engine, known)};
    if (block.x_mm + block.w_mm > floor.width_mm + kTouch_mm)
      return {fieldOf(*list, i, "x_mm"),
              fmt::format("{} reaches to x = {:.6g} mm, outside of the die, "
                          "which is {} mm wide",
                          where, block.x_mm + block.w_mm, floor.width_mm)};
    if (block.y_mm + block.h_mm > floor.height_mm + kTouch_mm)
      return {fieldOf(*list, i, "y_mm"),
              fmt::format("{} reaches to y = {:.6g} mm, outside of the die, "
                          "which is {} mm high",
                          where, block.y_mm + block.h_mm, floor.height_mm)};
    for (size_t j = 0; j < i; ++j) {
      const FloorBlock &other = floor.blocks[j];
      if (other.name == block.name)
        return {fieldOf(*list, i, "name"),
                fmt::format("a second block named '{}'", block.name)};
      double x = overlap(block.x_mm, block.w_mm, other.x_mm, other.w_mm);
      double y = overlap(block.y_mm, block.h_mm, other.y_mm, other.h_mm);
      if (x > kTouch_mm && y > kTouch_mm)
        return {&list->items[i],
                fmt::format("{} overlaps '{}' by {:.6g} x {:.6g} mm", where,
                            other.name, x, y)};
    }
  }
  return {};
}

Problem checkDvfs(const YamlNode &tree, const Chip &chip) {
  const YamlNode *list = tree.find("dvfs");
  if (!list)
    return {};
  std::vector<std::string> known = enginesOf(chip);
  for (size_t i = 0; i < chip.dvfs.size(); ++i) {
    const DvfsPoint &point = chip.dvfs[i];
    std::string where = fmt::format("'dvfs.{}'", i);
    if (std::find(known.begin(), known.end(), point.engine) == known.end())
      return {fieldOf(*list, i, "engine"),
              noEngine(where, point.engine, known)};
    if (point.frequency_ghz > chip.clock_ghz)
      return {fieldOf(*list, i, "frequency_ghz"),
              fmt::format("{} is at {} GHz, above 'clock_ghz' = {}", where,
                          point.frequency_ghz, chip.clock_ghz)};
    bool hasNominal = false;
    for (size_t j = 0; j < chip.dvfs.size(); ++j) {
      const DvfsPoint &other = chip.dvfs[j];
      if (other.engine != point.engine)
        continue;
      hasNominal |= other.frequency_ghz == chip.clock_ghz;
      if (j < i && other.frequency_ghz == point.frequency_ghz)
        return {&list->items[i],
                fmt::format("a second point of '{}' at {} GHz", point.engine,
                            point.frequency_ghz)};
      if (j < i &&
          (other.frequency_ghz < point.frequency_ghz) !=
              (other.voltage_v < point.voltage_v) &&
          other.voltage_v != point.voltage_v)
        return {fieldOf(*list, i, "voltage_v"),
                fmt::format("'{}' has {} V at {} GHz, but {} V at {} GHz: a "
                            "lower frequency must not need more",
                            point.engine, point.voltage_v, point.frequency_ghz,
                            other.voltage_v, other.frequency_ghz)};
    }
    if (!hasNominal)
      return {&list->items[i],
              fmt::format("'{}' has no point at 'clock_ghz' = {} GHz, its "
                          "nominal one",
                          point.engine, chip.clock_ghz)};
  }
  return {};
}

} // namespace hybridc::chip
