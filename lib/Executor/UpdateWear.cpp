//===- UpdateWear.cpp - What training does to the life of cells -----------===//
#include "hybridc/Executor/ArrayHealth.h"

#include <algorithm>

namespace hybridc::exec {
namespace {

using stream::Command;

/// More than any program runs; sums and products of it stay finite.
constexpr double kMost = 1e18;

/// Outer products by array.
class Counter {
public:
  explicit Counter(size_t arrays)
      : updates(arrays), refreshes(arrays), refreshPulses(arrays) {}

  void add(const stream::Block &block, double times) {
    for (const stream::Node &node : block.nodes) {
      if (const auto *segment = std::get_if<stream::Segment>(&node.node)) {
        for (const stream::Queue &queue : segment->queues)
          add(queue.items, times);
      } else if (const auto *branch = std::get_if<stream::If>(&node.node)) {
        add(branch->thenBlock, times); // one of them
        add(branch->elseBlock, times);
      } else {
        const auto &loop = std::get<stream::Loop>(node.node);
        add(loop.body, std::min(kMost, times * double(loop.maxTrips)));
      }
    }
  }

  std::vector<double> updates, refreshes;
  /// The longest trains of refreshes that say so; others have the kind's.
  std::vector<double> refreshPulses;

private:
  void add(const std::vector<stream::Item> &items, double times) {
    for (const stream::Item &item : items) {
      if (const auto *repeat = std::get_if<stream::Repeat>(&item.node)) {
        add(repeat->body, std::min(kMost, times * double(repeat->count)));
        continue;
      }
      const Command &command = std::get<Command>(item.node);
      if (command.op == stream::Op::RefreshPairs) {
        auto array = size_t(command.intOr("array", 0));
        refreshes[array] = std::min(kMost, refreshes[array] + times);
        refreshPulses[array] =
            std::max(refreshPulses[array], double(command.intOr("pulses", 0)));
      }
      if (command.op != stream::Op::PulsedUpdate)
        continue;
      const stream::View &x = command.ins[0];
      double vectors = double(stream::numElements(x)) /
                       double(std::max<int64_t>(1, x.shape.back()));
      for (int64_t array : command.ints("arrays"))
        updates[size_t(array)] =
            std::min(kMost, updates[size_t(array)] + times * vectors);
    }
  }
};

} // namespace

void addUpdates(ArrayHealth &health, const stream::Program &program,
                const chip::Chip &chip, std::string_view entry, double run_ns,
                std::span<const UpdateCount> counted, unsigned runs) {
  Counter counter(program.arrays.size());
  if (const stream::Entry *found = program.findEntry(entry))
    counter.add(found->body, 1);
  for (TileHealth &tile : health.tiles) {
    const chip::ArrayKind *kind = chip.findArray(tile.kind);
    tile.updates = uint64_t(counter.updates[tile.array]);
    tile.refreshes = uint64_t(counter.refreshes[tile.array]);
    tile.updatePulses = tile.mostUpdatePulses = tile.refreshedPairs = 0;
    tile.isCounted = false;
    tile.wornCells = tile.cells = 0;
    tile.wornAt.clear();
    tile.runsLeft = tile.trainingLife_s =
        std::numeric_limits<double>::infinity();
    if (!kind || (tile.updates == 0 && tile.refreshes == 0))
      continue;
    // A reset is a pulse, and then there may be the longest train.
    double rewriting = 1 + std::max(counter.refreshPulses[tile.array],
                                    double(kind->update_pulses));
    tile.mostUpdatePulses = double(tile.updates) * kind->update_pulses +
                            double(tile.refreshes) * rewriting;
    for (const UpdateCount &count : counted)
      if (count.array == tile.array && runs > 0) {
        tile.updates = count.updates / runs;
        tile.updatePulses = double(count.pulses) / runs;
        tile.mostUpdatePulses = double(count.mostPulses) / runs;
        tile.refreshedPairs = double(count.refreshedPairs) / runs;
        tile.wornCells = count.wornCells;
        tile.cells = count.cells;
        tile.wornAt = count.worn;
        tile.isCounted = true;
      }
    if (!(tile.mostUpdatePulses > 0) || !(kind->endurance_writes > 0))
      continue;
    tile.runsLeft = std::max(0.0, kind->endurance_writes - tile.pulses) /
                    tile.mostUpdatePulses;
    tile.trainingLife_s = tile.runsLeft * run_ns * 1e-9;
  }
}

} // namespace hybridc::exec
