#include "Arrays.h"

#include "hybridc/Chip/FaultMapping.h"
#include "hybridc/Devices/OfChip.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace hybridc::exec {

using stream::Command;
using stream::Op;

namespace {

/// Which arrays products use ideally, which through their periphery; which are
/// updated how.
struct Use {
  explicit Use(size_t n) : ideal(n), analog(n), exact(n), pulsed(n) {}
  std::vector<bool> ideal, analog, exact, pulsed;
};
void scan(const std::vector<stream::Item> &items, Use &use) {
  for (const stream::Item &item : items) {
    if (const auto *repeat = std::get_if<stream::Repeat>(&item.node)) {
      scan(repeat->body, use);
      continue;
    }
    const Command &command = std::get<Command>(item.node);
    bool ideal = command.intOr("ideal", 0) != 0;
    auto &uses = command.op == Op::PulsedUpdate
                     ? (ideal ? use.exact : use.pulsed)
                     : (ideal ? use.ideal : use.analog);
    for (int64_t array : command.ints("arrays"))
      uses[array] = true;
  }
}
void scan(const stream::Block &block, Use &use) {
  for (const stream::Node &node : block.nodes) {
    if (const auto *segment = std::get_if<stream::Segment>(&node.node)) {
      for (const stream::Queue &queue : segment->queues)
        scan(queue.items, use);
    } else if (const auto *branch = std::get_if<stream::If>(&node.node)) {
      scan(branch->thenBlock, use);
      scan(branch->elseBlock, use);
    } else {
      scan(std::get<stream::Loop>(node.node).body, use);
    }
  }
}

Result<ArrayConfig> configOf(const chip::ArrayKind &kind,
                             const stream::ArrayTile &tile) {
  ArrayConfig config = arrayOf(kind);
  if (tile.rows > kind.rows || tile.cols > kind.cols)
    return doesNotFit(fmt::format(
        "array '{}': {} x {} weights on a '{}' of {} x {}", tile.name,
        tile.rows, tile.cols, kind.name, kind.rows, kind.cols));
  config.mapping =
      tile.mapping == 0 ? WeightMapping::Differential : WeightMapping::Offset;
  config.slices = tile.slices;
  config.cellBits = tile.cellBits;
  return config;
}

/// The faults of the physical arrays of a tile, in the tile's coordinates.
std::vector<ArrayDefects::Stuck>
stuckIn(const std::vector<chip::ArrayFaults> &slices,
        const std::vector<uint32_t> &row, const std::vector<uint32_t> &col) {
  std::vector<ArrayDefects::Stuck> out;
  for (const chip::StuckSlice &stuck : chip::stuckOf(slices)) {
    const chip::StuckCell &cell = stuck.cell;
    if (cell.row < row.size() && cell.column < col.size() &&
        row[cell.row] != UINT32_MAX && col[cell.column] != UINT32_MAX)
      out.push_back({stuck.slice, row[cell.row], col[cell.column],
                     cell.negative, cell.at});
  }
  return out;
}

std::vector<chip::ArrayFaults> slicesOf(const chip::Faults &faults,
                                        const chip::ArrayKind &kind,
                                        const stream::ArrayTile &tile) {
  auto linesOf = [](const std::vector<uint32_t> &map, uint32_t count) {
    std::vector<uint32_t> lines = map;
    if (map.empty()) {
      lines.resize(count);
      std::iota(lines.begin(), lines.end(), 0);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  std::vector<uint32_t> rows = linesOf(tile.rowMap, tile.rows),
                        columns = linesOf(tile.colMap, tile.cols);
  std::vector<chip::ArrayFaults> out;
  for (uint32_t s = 0; s < tile.slices; ++s)
    if (tile.physical + s < kind.count)
      out.push_back(
          chip::faultsOf(faults, kind, tile.physical + s, rows, columns));
    else
      out.emplace_back();
  return out;
}

Result<ArrayDefects> defectsOf(const chip::Faults &injected,
                               const chip::Faults &known,
                               const chip::ArrayKind &kind,
                               const stream::ArrayTile &tile) {
  ArrayDefects out;
  std::vector<uint32_t> row(kind.physicalRows(), UINT32_MAX),
      col(kind.physicalCols(), UINT32_MAX);
  auto place = [&](std::vector<uint32_t> &line, uint32_t i,
                   const std::vector<uint32_t> &map) {
    uint32_t at = map.empty() ? i : map[i];
    if (at >= line.size())
      return false;
    line[at] = i;
    return true;
  };
  bool isFine = true;
  for (uint32_t k = 0; k < tile.rows; ++k)
    isFine &= place(row, k, tile.rowMap);
  for (uint32_t n = 0; n < tile.cols; ++n)
    isFine &= place(col, n, tile.colMap);
  if (!isFine)
    return invalidInput(fmt::format(
        "array '{}' is mapped to lines that '{}' of {} x {} does not have",
        tile.name, kind.name, kind.physicalRows(), kind.physicalCols()));
  if (!injected.empty()) {
    std::vector<chip::ArrayFaults> slices = slicesOf(injected, kind, tile);
    out.stuck = stuckIn(slices, row, col);
    uint32_t share = std::max(1u, kind.adc_share);
    for (uint32_t s = 0; s < slices.size(); ++s) {
      const chip::ArrayFaults &f = slices[s];
      for (uint32_t k = 0; k < tile.rows && f.dead; ++k)
        out.deadRows.push_back(k);
      for (uint32_t r : f.deadRows)
        if (row[r] != UINT32_MAX)
          out.deadRows.push_back(row[r]);
      for (uint32_t c : f.deadColumns)
        if (col[c] != UINT32_MAX)
          out.deadCols.push_back(col[c]);
      for (const chip::BrokenAdc &adc : f.brokenAdcs)
        for (uint32_t c = adc.adc * share;
             c < std::min((adc.adc + 1) * share, kind.physicalCols()); ++c)
          if (col[c] != UINT32_MAX)
            out.brokenAdcs.push_back({s, col[c], adc.reads});
    }
  }
  if (tile.rowMap.empty())
    return out;
  out.wireRows = tile.rowMap;
  out.flipped = tile.flipped;
  if (!known.empty())
    out.known = stuckIn(slicesOf(known, kind, tile), row, col);
  return out;
}

} // namespace

Status Arrays::addChip(const stream::Program &program,
                       const ExecOptions &options) {
  if (hardware)
    return {};
  Result<chip::Chip> parsed = chip::parseChip(program.chipYaml, program.target);
  if (!parsed)
    return parsed.error();
  hardware = std::move(*parsed);
  Result<chip::Faults> faults =
      chip::parseFaults(program.faults.empty() ? "{}" : program.faults,
                        "faults of the program", *hardware);
  if (!faults)
    return faults.error();
  known = injected = std::move(*faults);
  if (!options.faults)
    return {};
  faults = chip::loadFaults(*options.faults, *hardware);
  if (!faults)
    return faults.error();
  injected = std::move(*faults);
  return {};
}

Result<std::unique_ptr<Arrays>> Arrays::create(const stream::Program &program,
                                               const ExecOptions &options) {
  auto arrays = std::make_unique<Arrays>();
  arrays->seed = options.seed;
  arrays->age_s = options.age_s;
  arrays->noise = options.noise;
  arrays->compensate = options.compensate;
  Use use(program.arrays.size());
  for (const stream::Entry &entry : program.entries) {
    Use own(program.arrays.size());
    scan(entry.body, own);
    scan(entry.body, use);
    arrays->updatedBy[entry.name] = std::move(own.pulsed);
  }
  arrays->places = program.arrays;
  for (size_t i = 0; i < program.arrays.size(); ++i) {
    const stream::ArrayTile &tile = program.arrays[i];
    Tile &own = arrays->tiles.emplace_back();
    own.rows = tile.rows;
    own.cols = tile.cols;
    own.keepsWeights = use.ideal[i];
    bool isUpdated = use.exact[i] || use.pulsed[i];
    if (!use.analog[i] && !isUpdated)
      continue;
    auto failure = [&](const Error &error) {
      return Error{error.code,
                   fmt::format("array '{}': {}", tile.name, error.message)};
    };
    if (Status s = arrays->addChip(program, options); !s)
      return s.error();
    const chip::Chip &chip = *arrays->hardware;
    const chip::ArrayKind *kind = chip.findArray(tile.engine);
    if (!kind)
      return invalidInput(
          fmt::format("array '{}' is on '{}', which chip '{}' does not have",
                      tile.name, tile.engine, chip.name));
    if (isUpdated && kind->purpose != "training") {
      std::string others;
      for (const chip::ArrayKind &other : chip.arrays)
        if (other.purpose == "training")
          others +=
              fmt::format("{}'{}'", others.empty() ? "" : ", ", other.name);
      return failure(unsupported(
          fmt::format("is updated, but arrays '{}' are for inference; '{}' {}",
                      kind->name, chip.name,
                      others.empty() ? "has none that train"
                                     : "has " + others + " to train on")));
    }
    if (options.noise && use.exact[i] && use.pulsed[i])
      return failure(unsupported("has updates that are ideal and others that "
                                 "are not; its cells can follow one of them"));
    Result<ArrayConfig> config = configOf(*kind, tile);
    if (!config)
      return config.error();
    if (kind->purpose == "training") {
      Result<TrainingTile> made =
          TrainingTile::create(*kind, tile.rows, tile.cols,
                               !options.noise || use.exact[i], options.noise);
      if (!made)
        return failure(made.error());
      own.training = std::move(*made);
      continue;
    }
    Result<AnalogArray> analog = AnalogArray::create(std::move(*config));
    if (!analog)
      return failure(analog.error());
    own.analog = std::move(*analog);
  }
  if (Status s = arrays->applyFaults(); !s)
    return s.error();
  return arrays;
}

Status Arrays::program(size_t array, const float *w, size_t ldw, size_t k,
                       size_t n, std::span<const float> scale) {
  Tile &own = tiles[array];
  if (k > own.rows || n > own.cols)
    return doesNotFit(fmt::format("{} x {} weights for array {} of {} x {}", k,
                                  n, array, own.rows, own.cols));
  ++own.version;
  if (own.training) {
    if (k != own.rows || n != own.cols)
      return invalidInput(fmt::format("{} x {} weights for array {} of {} x {}",
                                      k, n, array, own.rows, own.cols));
    if (scale.size() != 1)
      return unsupported(
          "a scale for each column: cells that train are scaled alike; give "
          "one scale");
    bool anew = own.version == 1 || own.generation != generation;
    own.generation = generation;
    // Of a program that has been written before, all its times count.
    uint64_t times = anew ? programmings + 1 : 1;
    const chip::ArrayKind *kind = hardware->findArray(places[array].engine);
    auto pulses = uint64_t(std::llround(double(times) * kind->write_pulses));
    // Which cells these are is the array's own, however often it is written.
    if (Status s = own.training->program(
            w, ldw, scale[0], subKey(subKey({seed, 0}, 0x747261696e), array),
            anew, pulses);
        !s)
      return s;
    if (noise && after != After::Fresh)
      own.training->age(age_s);
    return {};
  }
  if (own.keepsWeights) {
    own.weights.assign(own.rows * own.cols, 0.0f);
    for (size_t i = 0; i < k; ++i)
      std::copy_n(w + i * ldw, n, own.weights.data() + i * own.cols);
  }
  if (!own.analog)
    return {};
  ProgramOptions options;
  options.seed = seed;
  // Other errors each time that it is written; the first is number 0.
  options.arrayId = array + (programmings << 32);
  options.scale = scale;
  if (Status s = own.analog->program(w, ldw, k, n, options); !s)
    return s;
  if (!noise) {
    own.analog->compute(ArrayMode::Quantised);
    return {};
  }
  if (after == After::Fresh) {
    own.analog->age(0, 0, Compensation::None);
    return {};
  }
  Compensation how = compensate == Compensate::Global   ? Compensation::Global
                     : compensate == Compensate::Column ? Compensation::Column
                                                        : Compensation::None;
  own.analog->age(age_s, /*epoch=*/0, how);
  return {};
}

Status Arrays::beginProgramming(After what, uint64_t programming) {
  after = what;
  bool isChanged = programmings != programming;
  programmings = programming;
  return isChanged ? applyFaults() : Status();
}

Status Arrays::applyFaults() {
  for (size_t i = 0; i < tiles.size(); ++i) {
    if (!tiles[i].analog && !tiles[i].training)
      continue;
    const chip::ArrayKind *kind = hardware->findArray(places[i].engine);
    // Cells that train know by themselves when they have worn out.
    bool countsWear = tiles[i].training && !tiles[i].training->isExact();
    double pulses =
        countsWear ? 0 : double(programmings + 1) * kind->write_pulses;
    Result<ArrayDefects> defects =
        defectsOf(chip::withWear(injected, chip::wornPart(*kind, pulses)),
                  known, *kind, places[i]);
    if (!defects)
      return defects.error();
    if (tiles[i].training)
      tiles[i].training->setDefects(std::move(*defects));
    else
      tiles[i].analog->setDefects(std::move(*defects));
  }
  return {};
}

void Arrays::beginEntry(std::string_view entry) {
  running = entry;
  auto it = updatedBy.find(entry);
  if (!noise || it == updatedBy.end())
    return;
  for (size_t i = 0; i < tiles.size(); ++i)
    if (tiles[i].training && tiles[i].training->isTrained() && !it->second[i])
      tiles[i].training->age(age_s);
}

void Arrays::settle(double seconds) {
  for (Tile &own : tiles) {
    if (own.version == 0 || !noise)
      continue;
    if (own.analog)
      own.analog->age(seconds, /*epoch=*/2, Compensation::Keep);
    if (own.training)
      own.training->age(seconds);
  }
}

Status Arrays::readArray(size_t array, unsigned reads) {
  Tile &own = tiles[array];
  if (own.version == 0)
    return invalidInput(
        fmt::format("array {} is read before it is programmed", array));
  // Ideal arrays do not drift: there is nothing to see.
  if (own.analog && noise)
    own.analog->readOut(clock_s, /*epoch=*/1, reads);
  return {};
}

Status Arrays::setGain(size_t array, bool perColumn) {
  if (tiles[array].analog && noise)
    tiles[array].analog->updateGain(perColumn);
  return {};
}

std::span<const float> Arrays::weightsOf(size_t array) {
  Tile &own = tiles[array];
  return own.training ? own.training->weights()
                      : std::span<const float>(own.weights);
}

Result<const AnalogArray *> Arrays::readerOf(size_t array, bool transposed) {
  Tile &own = tiles[array];
  if (own.version == 0)
    return invalidInput(
        fmt::format("array {} is used before it is programmed", array));
  if (own.training)
    return own.training->reader(transposed);
  return static_cast<const AnalogArray *>(&*own.analog);
}

std::vector<UpdateCount> Arrays::updateCounts() const {
  std::vector<UpdateCount> counts;
  for (size_t i = 0; i < tiles.size(); ++i) {
    if (!tiles[i].training || tiles[i].training->numUpdates() == 0)
      continue;
    UpdateCount count = tiles[i].training->count();
    count.array = static_cast<uint32_t>(i);
    counts.push_back(std::move(count));
  }
  return counts;
}

} // namespace hybridc::exec
