//===- TargetsCommand.cpp - hybridc targets -------------------------------===//
#include "Commands.h"

#include "hybridc/Executor/CheckChip.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Provenance.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

using namespace hybridc;
using namespace hybridc::driver;

static int listTargets() {
  for (const std::string &name : chip::presetNames()) {
    auto chip = chip::loadChip(name);
    if (!chip)
      return fail(chip.error());
    std::string first =
        chip->description.substr(0, chip->description.find('\n'));
    fmt::print("{:<20} {}\n", name, first);
  }
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

static int checkTarget(const std::string &path) {
  auto chip = chip::loadChip(path);
  if (!chip)
    return fail(chip.error());
  if (Status status = exec::checkDevices(*chip, path); !status)
    return fail(status.error());
  if (auto missing = chip::fieldsWithoutProvenance(*chip); !missing.empty()) {
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
  CLI::App *sub = app.add_subcommand(
      "targets", "chips: list the presets, show one, check a description");
  sub->require_subcommand(0, 1);
  CLI::App *list = sub->add_subcommand("list", "names of the presets");
  CLI::App *show =
      sub->add_subcommand("show", "the description of a chip, as YAML");
  show->add_option("NAME", *name, "preset, or YAML file")->required();
  CLI::App *check = sub->add_subcommand("check", "is a description right?");
  check->add_option("FILE", *name, "YAML file, or preset")->required();
  sub->callback([=, &action] {
    action.computes = false;
    action.run = [=] {
      if (show->parsed())
        return showTarget(*name);
      if (check->parsed())
        return checkTarget(*name);
      (void)list;
      return listTargets();
    };
  });
}
