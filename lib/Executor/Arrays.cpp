#include "Arrays.h"

#include "hybridc/Chip/Chip.h"

#include <algorithm>
#include <fmt/format.h>

namespace hybridc::exec {

using stream::Command;
using stream::Op;

namespace {

/// Which arrays products use ideally, which through their periphery.
struct Use {
  std::vector<bool> ideal, analog;
};
void scan(const std::vector<stream::Item> &items, Use &use) {
  for (const stream::Item &item : items) {
    if (const auto *repeat = std::get_if<stream::Repeat>(&item.node)) {
      scan(repeat->body, use);
      continue;
    }
    const Command &command = std::get<Command>(item.node);
    if (command.op != Op::Mvm)
      continue;
    bool ideal = command.intOr("ideal", 0) != 0;
    for (int64_t array : command.ints("arrays"))
      (ideal ? use.ideal : use.analog)[array] = true;
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
  ArrayConfig config;
  config.device = kind.device;
  for (const auto &[name, value] : kind.device_params)
    config.deviceParams[name] = value;
  config.rows = kind.rows;
  config.cols = kind.cols;
  if (tile.rows > kind.rows || tile.cols > kind.cols)
    return doesNotFit(fmt::format(
        "array '{}': {} x {} weights on a '{}' of {} x {}", tile.name,
        tile.rows, tile.cols, kind.name, kind.rows, kind.cols));
  config.mapping =
      tile.mapping == 0 ? WeightMapping::Differential : WeightMapping::Offset;
  config.slices = tile.slices;
  config.cellBits = tile.cellBits;
  const chip::Periphery &p = kind.periphery;
  config.periphery.inRes = p.in_res;
  config.periphery.outRes = p.out_res;
  config.periphery.inBound = p.in_bound;
  config.periphery.outBound = p.out_bound;
  config.periphery.inNoise = p.in_noise;
  config.periphery.outNoise = p.out_noise;
  config.periphery.wNoise = p.w_noise;
  config.periphery.weightNoise =
      p.w_noise_type == "additive"   ? WeightNoise::Additive
      : p.w_noise_type == "pcm_read" ? WeightNoise::PcmRead
                                     : WeightNoise::None;
  config.periphery.irDrop = p.ir_drop;
  config.periphery.noiseManagement = p.noise_management;
  config.periphery.boundManagement = p.bound_management;
  // Magnitude bits: one of the eight is the sign.
  config.periphery.inputBitsPerPhase =
      kind.input_bits_per_phase >= 8 ? 0 : kind.input_bits_per_phase;
  return config;
}

} // namespace

Result<std::unique_ptr<Arrays>> Arrays::create(const stream::Program &program,
                                               const ExecOptions &options) {
  auto arrays = std::make_unique<Arrays>();
  arrays->seed = options.seed;
  arrays->age_s = options.age_s;
  arrays->noise = options.noise;
  arrays->compensate = options.compensate;
  Use use;
  use.ideal.resize(program.arrays.size());
  use.analog.resize(program.arrays.size());
  for (const stream::Entry &entry : program.entries)
    scan(entry.body, use);
  std::optional<chip::Chip> chip;
  for (size_t i = 0; i < program.arrays.size(); ++i) {
    const stream::ArrayTile &tile = program.arrays[i];
    Tile own;
    own.rows = tile.rows;
    own.cols = tile.cols;
    own.keepsWeights = use.ideal[i];
    if (use.analog[i]) {
      if (!chip) {
        Result<chip::Chip> parsed =
            chip::parseChip(program.chipYaml, program.target);
        if (!parsed)
          return parsed.error();
        chip = std::move(*parsed);
      }
      const chip::ArrayKind *kind = chip->findArray(tile.engine);
      if (!kind)
        return invalidInput(
            fmt::format("array '{}' is on '{}', which chip '{}' does not have",
                        tile.name, tile.engine, chip->name));
      Result<ArrayConfig> config = configOf(*kind, tile);
      if (!config)
        return config.error();
      Result<AnalogArray> analog = AnalogArray::create(std::move(*config));
      if (!analog)
        return Error{
            analog.error().code,
            fmt::format("array '{}': {}", tile.name, analog.error().message)};
      own.analog = std::move(*analog);
    }
    arrays->tiles.push_back(std::move(own));
  }
  return arrays;
}

Status Arrays::program(size_t array, const float *w, size_t ldw, size_t k,
                       size_t n, std::span<const float> scale) {
  Tile &own = tiles[array];
  if (k > own.rows || n > own.cols)
    return doesNotFit(fmt::format("{} x {} weights for array {} of {} x {}", k,
                                  n, array, own.rows, own.cols));
  ++own.version;
  if (own.keepsWeights) {
    own.weights.assign(own.rows * own.cols, 0.0f);
    for (size_t i = 0; i < k; ++i)
      std::copy_n(w + i * ldw, n, own.weights.data() + i * own.cols);
  }
  if (!own.analog)
    return {};
  ProgramOptions options;
  options.seed = seed;
  options.arrayId = array;
  options.scale = scale;
  if (Status s = own.analog->program(w, ldw, k, n, options); !s)
    return s;
  if (!noise) {
    own.analog->compute(ArrayMode::Quantised);
    return {};
  }
  Compensation how = compensate == Compensate::Global   ? Compensation::Global
                     : compensate == Compensate::Column ? Compensation::Column
                                                        : Compensation::None;
  own.analog->age(age_s, /*epoch=*/0, how);
  return {};
}

} // namespace hybridc::exec
