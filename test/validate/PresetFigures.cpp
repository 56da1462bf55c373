//===- PresetFigures.cpp - Memories, powers, energies of presets ----------===//
//
// Beside their peak rates (Presets.cpp): figures that a source states and that
// a preset has in a field, or that follow from several of them.
//
//===----------------------------------------------------------------------===//
#include "Validate.h"

#include "hybridc/Chip/Chip.h"

#include <algorithm>

using namespace hybridc;
using namespace hybridc::validate;

namespace {

double deliveredGbS(const chip::Chip &c) {
  double channels = c.dma.channels * c.dma.bytes_per_cycle * c.clock_ghz;
  return std::min(c.dram.bandwidth_gb_s * c.dram.efficiency, channels);
}
double dramGib(const chip::Chip &c) { return double(c.dram.bytes) / (1 << 30); }
double sramKib(const chip::Chip &c) { return double(c.sram.bytes) / 1024; }
double limitW(const chip::Chip &c) { return c.power_limit_w; }
double areaMm2(const chip::Chip &c) { return c.die_area_mm2; }
double int8OpPj(const chip::Chip &c) { return c.mac.energy_pj.at("i8") / 2; }
double int8TopsW(const chip::Chip &c) { return 1 / int8OpPj(c); }
double eventPj(const chip::Chip &c) { return c.mac.energy_pj.at("i8"); }
double neuronPj(const chip::Chip &c) { return c.vec.energy_pj.at("f32"); }
double eventsG(const chip::Chip &c) { // a second
  return c.mac.rows * c.mac.cols * c.mac.rate.at("i8") * c.clock_ghz;
}
double weightsM(const chip::Chip &c) {
  const chip::ArrayKind &a = c.arrays.at(0);
  return double(a.count / a.slices) * a.rows * a.cols / 1e6;
}
double chiplets(const chip::Chip &c) { return c.chiplets.count; }
double cells(const chip::Chip &c) { // of all arrays, in millions
  const chip::ArrayKind &a = c.arrays.at(0);
  return double(a.count) * a.rows * a.cols / 1e6;
}
double pairedCells(const chip::Chip &c) { // two for each weight
  return 2 * cells(c);
}

struct Figure {
  const char *preset, *what, *unit;
  double published;
  double (*modelled)(const chip::Chip &);
  double bound = 0.01;
};

constexpr Figure figures[] = {
    {"tpu-v1", "weight memory", "GB/s", 34,
     [](const chip::Chip &c) { return c.dram.bandwidth_gb_s; }},
    {"tpu-v1", "buffers", "KiB", 28 * 1024, sramKib},
    {"tpu-v1", "power limit", "W", 75, limitW},
    {"diannao", "buffers", "KiB", 44, sramKib, 0.03},
    {"diannao", "power limit", "W", 0.485, limitW},
    {"diannao", "die", "mm2", 3.02, areaMm2},
    {"eyeriss", "buffer", "KiB", 108, sramKib},
    {"eyeriss", "power limit", "W", 0.278, limitW},
    {"neuflow", "memory bandwidth, 3.2 GB/s at 85 %", "GB/s", 2.72,
     deliveredGbS},
    {"neuflow", "power limit", "W", 10, limitW},
    {"trainium", "memory", "GiB", 32, dramGib},
    {"trainium", "memory bandwidth", "GB/s", 820, deliveredGbS},
    {"gpu-v100", "memory bandwidth", "GB/s", 900, deliveredGbS},
    {"gpu-v100", "power limit", "W", 300, limitW},
    {"gpu-a100", "memory bandwidth", "GB/s", 1555, deliveredGbS},
    {"gpu-a100", "power limit", "W", 400, limitW},
    {"tpu-v4", "memory bandwidth", "GB/s", 1200, deliveredGbS},
    {"tpu-v4", "power limit", "W", 192, limitW},
    {"isaac", "power limit", "W", 65.8, limitW},
    {"isaac", "die", "mm2", 85.4, areaMm2},
    {"isaac", "cells, 168 x 12 x 8 arrays of 128 x 128", "million",
     168 * 12 * 8 * 128 * 128 / 1e6, cells},
    {"puma", "power limit", "W", 62.5, limitW},
    {"puma", "die", "mm2", 90.6, areaMm2},
    {"pcm-hermes", "power limit", "W", 6.5, limitW},
    {"pcm-hermes", "cells, 64 cores of 256 x 256", "million",
     64 * 256 * 256 / 1e6, cells},
    {"rram-neurram", "cells, 48 cores of 256 x 256", "million",
     48 * 256 * 256 / 1e6, pairedCells},
    {"mythic-m1076", "weights on chip", "million", 80, weightsM},
    {"mythic-m1076", "power limit", "W", 4, limitW},
    {"photonic", "efficiency without the laser", "TOPS/W", 4.21, int8TopsW},
    {"simba", "energy of an operation", "pJ", 0.11, int8OpPj},
    {"simba", "chiplets", "", 36, chiplets},
    {"truenorth", "synaptic events a second", "G", 58, eventsG},
    {"truenorth", "energy of an event", "pJ", 26, eventPj},
    {"truenorth", "power limit", "W", 0.072, limitW},
    {"loihi", "energy of a synaptic operation", "pJ", 23.6, eventPj},
    {"loihi", "energy of a neuron update", "pJ", 81, neuronPj},
};

} // namespace

void validate::checkPresetFigures(Rows &rows) {
  for (const Figure &figure : figures) {
    auto chip = chip::loadChip(figure.preset);
    if (!chip)
      rows.failed(figure.preset, figure.what, chip.error().message);
    else
      rows.relative(figure.preset, figure.what, figure.unit, figure.published,
                    figure.modelled(*chip), figure.bound);
  }
}
