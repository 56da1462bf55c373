//===- WholeTiles.cpp - Weights that come in whole tiles ------------------===//

#include "WholeTiles.h"

#include "hybridc/Chip/Work.h"
#include "hybridc/Clock/Describe.h"

namespace hybridc::exec::clock {

using namespace stream;

void WholeTiles::look(const Segment &segment) {
  if (!chip.mac.whole_tiles)
    return;
  weights.clear();
  for (const Queue &queue : segment.queues)
    if (queue.engine == "mac")
      look(queue.items);
}

void WholeTiles::look(const std::vector<Item> &items) {
  for (const Item &item : items) {
    if (const auto *repeat = std::get_if<Repeat>(&item.node)) {
      look(repeat->body);
      continue;
    }
    const auto &command = std::get<Command>(item.node);
    if (command.ins.size() < 2 || command.ins[1].space == Space::Dram)
      continue;
    if (uint64_t padding =
            chip::tilePaddingBytes(chip, describe(command, program)))
      weights[{command.ins[1].address, footprintBytes(command.ins[1])}] =
          padding;
  }
}

uint64_t WholeTiles::paddingOf(const Command &command) const {
  if (weights.empty() || command.op != Op::Copy || command.ins.empty() ||
      command.outs.empty() || command.ins[0].space != Space::Dram ||
      command.outs[0].space == Space::Dram)
    return 0;
  // Of all that goes to the place, only constants are kept in tiles.
  for (const DramSegment &part : program.segments)
    if (part.kind == SegmentKind::Constant &&
        command.ins[0].address >= part.address &&
        command.ins[0].address - part.address < part.bytes) {
      auto it = weights.find(
          {command.outs[0].address, footprintBytes(command.outs[0])});
      return it == weights.end() ? 0 : it->second;
    }
  return 0;
}

} // namespace hybridc::exec::clock
