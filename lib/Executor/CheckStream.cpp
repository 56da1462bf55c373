//===- CheckStream.cpp - A stream and the chip that it is for -------------===//
#include "hybridc/Executor/CheckStream.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Stream/Hazards.h"
#include "hybridc/Stream/Serialize.h"
#include "hybridc/Stream/Verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace hybridc::exec {

/// Bytes and what holds them.
static Status checkMemory(const char *what, uint64_t needed, uint64_t there,
                          const chip::Chip &chip) {
  if (needed <= there)
    return {};
  return doesNotFit(fmt::format("needs {} bytes of {}, chip '{}' has {}",
                                needed, what, chip.name, there));
}

/// One array of the table: its kind, its extents, and which of the chip's
/// arrays it stands on.
static Status checkArray(const stream::ArrayTile &tile,
                         const chip::Chip &chip) {
  const chip::ArrayKind *kind = chip.findArray(tile.engine);
  if (!kind)
    return invalidInput(fmt::format("array '{}': chip '{}' has no arrays '{}'",
                                    tile.name, chip.name, tile.engine));
  auto wrong = [&](const std::string &why) {
    return invalidInput(fmt::format("array '{}': {} of '{}' of chip '{}'",
                                    tile.name, why, kind->name, chip.name));
  };
  if (tile.rows > kind->physicalRows() || tile.cols > kind->physicalCols())
    return wrong(fmt::format("{} x {} weights do not fit the {} x {}",
                             tile.rows, tile.cols, kind->physicalRows(),
                             kind->physicalCols()));
  if (uint64_t(tile.physical) + tile.slices > kind->count)
    return wrong(fmt::format("array number {} is none of the {}",
                             uint64_t(tile.physical) + tile.slices - 1,
                             kind->count));
  for (auto [map, lines, name] :
       {std::tuple(&tile.rowMap, kind->physicalRows(), "row"),
        std::tuple(&tile.colMap, kind->physicalCols(), "column")})
    for (uint32_t line : *map)
      if (line >= lines)
        return wrong(fmt::format("{} {} is none of the {}", name, line, lines));
  return {};
}

/// Whether the chip has the queue that a name says.
static bool hasQueue(const std::string &name, const chip::Chip &chip) {
  if (name == "mac")
    return chip.mac.rows > 0;
  if (name == "vec" || name == "ctl" || chip.findArray(name))
    return true;
  if (!name.starts_with("dma"))
    return false;
  unsigned channel = 0;
  auto [end, failed] =
      std::from_chars(name.data() + 3, name.data() + name.size(), channel);
  return failed == std::errc() && end == name.data() + name.size() &&
         channel < std::max(1u, chip.dma.channels);
}

/// The names of all queues in a block.
static void collectQueues(const stream::Block &block,
                          std::set<std::string> &names) {
  for (const stream::Node &node : block.nodes) {
    if (auto *segment = std::get_if<stream::Segment>(&node.node)) {
      for (const stream::Queue &queue : segment->queues)
        names.insert(queue.engine);
    } else if (auto *branch = std::get_if<stream::If>(&node.node)) {
      collectQueues(branch->thenBlock, names);
      collectQueues(branch->elseBlock, names);
    } else {
      collectQueues(std::get<stream::Loop>(node.node).body, names);
    }
  }
}

Status checkStream(const stream::Program &program) {
  auto chip = chip::parseChip(program.chipYaml, "the chip in the stream");
  if (!chip)
    return chip.error();
  for (const Status &status :
       {checkMemory("DRAM", program.dramBytes, chip->dram.bytes, *chip),
        checkMemory("scratchpad", program.sramBytes, chip->sram.bytes, *chip)})
    if (!status)
      return status;
  for (const stream::ArrayTile &tile : program.arrays)
    if (Status status = checkArray(tile, *chip); !status)
      return status;
  std::set<std::string> queues;
  for (const stream::Entry &entry : program.entries)
    collectQueues(entry.body, queues);
  for (const std::string &name : queues)
    if (!hasQueue(name, *chip))
      return invalidInput(fmt::format(
          "queue '{}': chip '{}' has no such engine{}", name, chip->name,
          name.starts_with("dma")
              ? fmt::format(" (it has {} DMA channels)", chip->dma.channels)
              : std::string()));
  return {};
}

Result<stream::Program> loadStream(const std::string &path, bool hazards) {
  auto program = stream::readProgram(path);
  if (!program)
    return program.error();
  auto named = [&](const Error &error) {
    return Error{error.code, path + ": " + error.message};
  };
  if (Status status = stream::verifyProgram(*program); !status)
    return named(status.error());
  if (Status status = checkStream(*program); !status)
    return named(status.error());
  if (!hazards)
    return program;
  if (auto proof = stream::checkHazards(*program);
      !proof && proof.error().code != ExitCode::Unsupported)
    return named(proof.error());
  return program;
}

} // namespace hybridc::exec
