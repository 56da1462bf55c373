//===- ArrayHealth.cpp - Faults and wear of a program's arrays ------------===//
#include "hybridc/Executor/ArrayHealth.h"

#include "hybridc/Chip/FaultMapping.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>

namespace hybridc::exec {
namespace {

using stream::Command;

void eachCommand(const std::vector<stream::Item> &items, uint64_t times,
                 const std::function<void(const Command &, uint64_t)> &visit) {
  for (const stream::Item &item : items) {
    if (const auto *command = std::get_if<Command>(&item.node))
      visit(*command, times);
    else if (const auto *repeat = std::get_if<stream::Repeat>(&item.node))
      eachCommand(repeat->body, times * repeat->count, visit);
  }
}

void eachCommand(const stream::Block &block,
                 const std::function<void(const Command &, uint64_t)> &visit) {
  for (const stream::Node &node : block.nodes) {
    if (const auto *segment = std::get_if<stream::Segment>(&node.node)) {
      for (const stream::Queue &queue : segment->queues)
        eachCommand(queue.items, 1, visit);
    } else if (const auto *branch = std::get_if<stream::If>(&node.node)) {
      eachCommand(branch->thenBlock, visit);
      eachCommand(branch->elseBlock, visit);
    } else if (const auto *loop = std::get_if<stream::Loop>(&node.node)) {
      eachCommand(loop->body, visit);
    }
  }
}

/// The weights that a command writes, [rows, cols]; empty when they are no
/// constants.
std::vector<float> weightsOf(const stream::Program &program,
                             const Command &command) {
  const stream::View &view = command.ins[0];
  for (const stream::DramSegment &segment : program.segments) {
    if (segment.kind != stream::SegmentKind::Constant || segment.blob < 0 ||
        view.space != stream::Space::Dram || view.address < segment.address ||
        view.address >= segment.address + segment.bytes)
      continue;
    const stream::Blob &blob = program.blobs[size_t(segment.blob)];
    std::vector<float> values;
    for (int64_t k = 0; k < view.shape[0]; ++k)
      for (int64_t n = 0; n < view.shape[1]; ++n) {
        int64_t at = int64_t(view.address - segment.address) +
                     4 * (k * view.strides[0] + n * view.strides[1]);
        if (at < 0 || uint64_t(at) + 4 > blob.bytes)
          return {};
        float value;
        std::memcpy(&value, blob.data + at, 4);
        values.push_back(value);
      }
    return values;
  }
  return {};
}

std::vector<uint32_t> numbersTo(uint32_t count) {
  std::vector<uint32_t> list(count);
  std::iota(list.begin(), list.end(), 0);
  return list;
}

/// Squared error of a tile whose row k lies at rows[k] and column n at
/// cols[n]; the counts of what is broken there go into `tile`.
double errorOf(const std::vector<chip::ArrayFaults> &faults,
               const chip::ArrayKind &kind, const std::vector<float> &weights,
               const std::vector<double> &scale,
               const chip::TileMapping &mapping, bool aware, TileHealth &tile) {
  chip::GoodLines good = chip::goodLines(faults, kind);
  auto isGood = [](const std::vector<uint32_t> &lines, uint32_t line) {
    return std::binary_search(lines.begin(), lines.end(), line);
  };
  size_t rows = mapping.rowMap.size(), cols = mapping.colMap.size();
  tile.stuckCells = tile.deadRows = tile.deadCols = 0;
  std::vector<bool> deadRow(rows), deadCol(cols);
  for (size_t k = 0; k < rows; ++k)
    tile.deadRows += deadRow[k] = !isGood(good.rows, mapping.rowMap[k]);
  for (size_t n = 0; n < cols; ++n)
    tile.deadCols += deadCol[n] = !isGood(good.cols, mapping.colMap[n]);
  double error = 0;
  for (size_t i = 0; i < weights.size(); ++i)
    if (deadRow[i / cols] || deadCol[i % cols])
      error += double(weights[i]) * weights[i];
  chip::TileProblem problem;
  problem.rows = uint32_t(rows);
  problem.cols = uint32_t(cols);
  problem.weights = weights;
  problem.scale = scale;
  problem.code = {kind.mapping == "differential", tile.slices, kind.cell_bits};
  std::vector<bool> usesRow(kind.physicalRows()), usesCol(kind.physicalCols());
  for (uint32_t row : mapping.rowMap)
    usesRow[row] = true;
  for (uint32_t col : mapping.colMap)
    usesCol[col] = true;
  for (const chip::StuckSlice &stuck : chip::stuckOf(faults)) {
    if (!usesRow[stuck.cell.row] || !usesCol[stuck.cell.column])
      continue;
    ++tile.stuckCells;
    if (isGood(good.rows, stuck.cell.row) &&
        isGood(good.cols, stuck.cell.column))
      problem.stuck.push_back(stuck);
  }
  if (!weights.empty())
    error += chip::mappingError(problem, mapping, aware);
  return error;
}

class Inspector {
public:
  Inspector(const stream::Program &program, const chip::Chip &chip,
            const chip::Faults &faults)
      : program(program), chip(chip), faults(faults) {}

  std::vector<TileHealth> run() {
    std::vector<TileHealth> tiles;
    std::vector<const Command *> writers(program.arrays.size());
    std::vector<uint64_t> perRun(program.arrays.size());
    if (const stream::Entry *entry = program.findEntry("program"))
      eachCommand(entry->body, [&](const Command &command, uint64_t times) {
        if (command.op != stream::Op::ProgramArray)
          return;
        size_t array = size_t(command.intOr("array", 0));
        writers[array] = &command;
        perRun[array] += times;
      });
    uint64_t runs = 1;
    for (const stream::Recalibration &r : program.recalibrations)
      if (r.entry == "program")
        runs += r.at_s.size();
    for (size_t i = 0; i < program.arrays.size(); ++i)
      if (const chip::ArrayKind *kind =
              chip.findArray(program.arrays[i].engine)) {
        tiles.push_back(tileOf(program.arrays[i], *kind, writers[i]));
        tiles.back().array = uint32_t(i);
        addWear(tiles.back(), *kind, perRun[i] * runs);
      }
    return tiles;
  }

private:
  TileHealth tileOf(const stream::ArrayTile &array, const chip::ArrayKind &kind,
                    const Command *writer) {
    TileHealth tile;
    tile.name = array.name;
    tile.kind = array.engine;
    tile.physical = array.physical;
    tile.origin = array.origin;
    tile.rows = array.rows;
    tile.cols = array.cols;
    tile.slices = array.slices;
    tile.isMapped = !array.rowMap.empty();
    std::vector<float> weights;
    std::vector<double> scale;
    if (writer) {
      weights = weightsOf(program, *writer);
      scale = writer->floats("scale");
      scale.resize(array.cols, scale.empty() ? 1.0 : scale[0]);
    }
    for (float w : weights)
      tile.weights2 += double(w) * w;
    chip::TileMapping plain{numbersTo(array.rows), numbersTo(array.cols),
                            std::vector<uint8_t>(array.cols), 0},
        mapping = plain;
    if (tile.isMapped) {
      mapping.rowMap = array.rowMap;
      mapping.colMap = array.colMap;
      if (!array.flipped.empty())
        mapping.flipped = array.flipped;
    }
    for (uint32_t k = 0; k < array.rows; ++k) {
      tile.movedRows += mapping.rowMap[k] != k;
      tile.spareLines += mapping.rowMap[k] >= kind.rows;
    }
    for (uint32_t n = 0; n < array.cols; ++n) {
      tile.movedCols += mapping.colMap[n] != n;
      tile.spareLines += mapping.colMap[n] >= kind.cols;
      tile.negatedCols += mapping.flipped[n];
    }
    // Lines that the kind does not have are the executor's to refuse.
    if (faults.empty() ||
        *std::max_element(mapping.rowMap.begin(), mapping.rowMap.end()) >=
            kind.physicalRows() ||
        *std::max_element(mapping.colMap.begin(), mapping.colMap.end()) >=
            kind.physicalCols() ||
        array.rows > kind.physicalRows() || array.cols > kind.physicalCols())
      return tile;
    auto faultsAt = [&](const chip::TileMapping &lines) {
      std::vector<chip::ArrayFaults> list;
      for (uint32_t s = 0; s < array.slices; ++s)
        if (array.physical + s < kind.count)
          list.push_back(chip::faultsOf(faults, kind, array.physical + s,
                                        lines.rowMap, lines.colMap));
      return list;
    };
    tile.unmappedError2 = errorOf(faultsAt(plain), kind, weights, scale, plain,
                                  /*aware=*/false, tile);
    tile.error2 = errorOf(faultsAt(mapping), kind, weights, scale, mapping,
                          tile.isMapped, tile);
    return tile;
  }

  void addWear(TileHealth &tile, const chip::ArrayKind &kind,
               uint64_t writes) const {
    tile.writes = writes;
    tile.pulses = double(writes) * kind.write_pulses;
    tile.endurance = kind.endurance_writes;
    tile.worn = chip::wornPart(kind, tile.pulses);
    tile.lifetime_s = std::numeric_limits<double>::infinity();
    // What goes on after the horizon are the rewrites, not the first one.
    double rewrites = tile.pulses - kind.write_pulses;
    if (program.horizon_s > 0 && rewrites > 0 && tile.endurance > 0)
      tile.lifetime_s = std::max(0.0, tile.endurance - kind.write_pulses) /
                        rewrites * program.horizon_s;
  }

  const stream::Program &program;
  const chip::Chip &chip;
  const chip::Faults &faults;
};

double relative(const std::vector<TileHealth> &tiles,
                double TileHealth::*error) {
  double sum = 0, all = 0;
  for (const TileHealth &tile : tiles) {
    sum += tile.*error;
    all += tile.weights2;
  }
  return all > 0 ? std::sqrt(sum / all) : 0;
}

} // namespace

double ArrayHealth::relativeError() const {
  return relative(tiles, &TileHealth::error2);
}
double ArrayHealth::relativeUnmappedError() const {
  return relative(tiles, &TileHealth::unmappedError2);
}

Result<ArrayHealth> inspectArrays(const stream::Program &program) {
  ArrayHealth health;
  if (program.arrays.empty())
    return health;
  Result<chip::Chip> chip =
      chip::parseChip(program.chipYaml, "chip of the program");
  if (!chip)
    return chip.error();
  Result<chip::Faults> faults =
      chip::parseFaults(program.faults.empty() ? "{}" : program.faults,
                        "faults of the program", *chip);
  if (!faults)
    return faults.error();
  health.hasFaults = !faults->empty();
  health.tiles = Inspector(program, *chip, *faults).run();
  return health;
}

} // namespace hybridc::exec
