//===- TargetsCommand.cpp - hybridc targets -------------------------------===//
#include "Commands.h"

#include "hybridc/Report/Study.h"

#include "hybridc/Executor/CheckChip.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Provenance.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace hybridc;
using namespace hybridc::driver;

using nlohmann::ordered_json;

static void printJson(const ordered_json &json) {
  fmt::print("{}\n",
             json.dump(2, ' ', false, ordered_json::error_handler_t::replace));
}

/// What a chip is, in a few figures. The peak is that of all its matrix
/// engines in their fastest format; what is not stated is null.
static ordered_json summaryOf(const chip::Chip &chip) {
  auto stated = [](double value) {
    return value > 0 ? ordered_json(value) : ordered_json(nullptr);
  };
  ordered_json arrays = ordered_json::array();
  for (const chip::ArrayKind &kind : chip.arrays)
    arrays.push_back({{"name", kind.name},
                      {"device", kind.device},
                      {"purpose", kind.purpose},
                      {"count", kind.count},
                      {"rows", kind.rows},
                      {"cols", kind.cols}});
  return {{"name", chip.name},
          {"description", chip.description},
          {"technology_nm", stated(chip.technology_nm)},
          {"clock_ghz", chip.clock_ghz},
          {"peak_tops", report::peakTops(chip)},
          {"power_limit_w", stated(chip.power_limit_w)},
          {"die_area_mm2", stated(chip.die_area_mm2)},
          {"dram_bytes", chip.dram.bytes},
          {"dram_gb_s", chip.dram.bandwidth_gb_s},
          {"sram_bytes", chip.sram.bytes},
          {"mac", {{"rows", chip.mac.rows}, {"cols", chip.mac.cols}}},
          {"vec_lanes", chip.vec.lanes},
          {"arrays", std::move(arrays)}};
}

static int listTargets(bool isJson) {
  ordered_json all = ordered_json::array();
  for (const std::string &name : chip::presetNames()) {
    auto chip = chip::loadChip(name);
    if (!chip)
      return fail(chip.error());
    if (isJson) {
      all.push_back(summaryOf(*chip));
      continue;
    }
    std::string first =
        chip->description.substr(0, chip->description.find('\n'));
    fmt::print("{:<20} {}\n", name, first);
  }
  if (isJson)
    printJson({{"schema_version", report::kSchemaVersion},
               {"targets", std::move(all)}});
  return 0;
}

static int showTarget(const std::string &name) {
  auto chip = chip::loadChip(name);
  if (!chip)
    return fail(chip.error());
  // A preset's own file has the comments; another one, what is in force.
  std::string_view preset = chip::presetYaml(name);
  fmt::print("{}",
             preset.empty() ? chip::printChip(*chip) : std::string(preset));
  return 0;
}

static int checkTarget(const std::string &path, bool isJson) {
  auto chip = chip::loadChip(path);
  if (!chip)
    return fail(chip.error());
  if (Status status = exec::checkDevices(*chip, path); !status)
    return fail(status.error());
  auto missing = chip::fieldsWithoutProvenance(*chip);
  if (isJson) {
    printJson({{"schema_version", report::kSchemaVersion},
               {"file", path},
               {"fine", true},
               {"without_provenance", missing},
               {"target", summaryOf(*chip)}});
    return 0;
  }
  if (!missing.empty()) {
    constexpr size_t kMostNamed = 8;
    std::string more =
        missing.size() > kMostNamed
            ? fmt::format(" and {} more", missing.size() - kMostNamed)
            : "";
    missing.resize(std::min(missing.size(), kMostNamed));
    warn(fmt::format("{}: no entry in sources or provenance for {}{}; reports "
                     "call figures that rest on them unstated",
                     path, fmt::join(missing, ", "), more));
  }
  std::string engines = fmt::format("dma x{}", chip->dma.channels);
  for (const chip::ArrayKind &array : chip->arrays)
    engines += fmt::format(", {} {} arrays of {}x{}", array.count, array.name,
                           array.rows, array.cols);
  if (chip->mac.rows)
    engines += fmt::format(", mac {}x{}", chip->mac.rows, chip->mac.cols);
  if (chip->vec.lanes)
    engines += fmt::format(", vec {} lanes", chip->vec.lanes);
  fmt::print("{}: fine ({} at {:.3g} GHz: {}; {} of scratchpad, {} of DRAM)\n",
             path, chip->name, chip->clock_ghz, engines,
             report::bytesText(double(chip->sram.bytes)),
             report::bytesText(double(chip->dram.bytes)));
  return 0;
}

void driver::addTargets(CLI::App &app, Action &action) {
  auto name = std::make_shared<std::string>();
  auto isJson = std::make_shared<bool>(false);
  CLI::App *sub = app.add_subcommand(
      "targets", "chips: list the presets, show one, check a description");
  sub->require_subcommand(0, 1);
  CLI::App *list = sub->add_subcommand("list", "names of the presets");
  CLI::App *show =
      sub->add_subcommand("show", "the description of a chip, as YAML");
  show->add_option("NAME", *name, "preset, or YAML file")->required();
  CLI::App *check = sub->add_subcommand("check", "is a description right?");
  check->add_option("FILE", *name, "YAML file, or preset")->required();
  for (CLI::App *each : {list, check})
    each->add_flag("--json", *isJson, "for scripts");
  sub->callback([=, &action] {
    action.computes = false;
    action.run = [=] {
      if (show->parsed())
        return showTarget(*name);
      if (check->parsed())
        return checkTarget(*name, *isJson);
      return listTargets(*isJson);
    };
  });
}
