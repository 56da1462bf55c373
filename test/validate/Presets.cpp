//===- Presets.cpp - Peak rates -------------------------------------------===//
#include "Arrays.h"
#include "Validate.h"

using namespace hybridc;
using namespace hybridc::validate;

/// Tera-operations per second that the matrix engine does at most.
static double peakTops(const chip::Chip &chip, const char *format) {
  return 2.0 * chip.mac.rows * chip.mac.cols * chip.mac.rate.at(format) *
         chip.mac.efficiency * chip.clock_ghz / 1e3;
}

void validate::checkPresets(Rows &rows) {
  const struct {
    const char *preset, *format;
    double tops;
    bool ofTensorCores; ///< published with all of them busy
  } peaks[] = {
      {"tpu-v1", "i8", 92, false},
      {"diannao", "i16", 0.452, false},
      {"neuflow", "i16", 0.160, false},
      {"trainium", "bf16", 190, false},
      {"trainium", "i8", 380, false},
      {"tpu-v4", "bf16", 275, false},
      {"tpu-v4", "i8", 275, false},
      {"neural-engine-a11", "i8", 0.6, false},
      {"photonic", "i8", 8.192, false},
      {"simba", "i8", 127.8, false},
      {"truenorth", "i8", 0.116, false},
      {"gpu-v100", "f16", 125, true},
      {"gpu-a100", "f16", 312, true},
  };
  for (const auto &peak : peaks) {
    auto chip = chip::loadChip(peak.preset);
    if (!chip) {
      rows.failed(peak.preset, "peak", chip.error().message);
      continue;
    }
    double tops = peakTops(*chip, peak.format);
    if (peak.ofTensorCores)
      tops /= chip->mac.efficiency;
    rows.relative(peak.preset, std::string("peak in ") + peak.format, "TOPS",
                  peak.tops, tops, 0.01);
  }
  auto isaac = chip::loadChip("isaac"), puma = chip::loadChip("puma"),
       mythic = chip::loadChip("mythic-m1076");
  if (!isaac || !puma || !mythic)
    return rows.failed("isaac, puma, mythic-m1076", "arrays", "not read");
  rows.relative("isaac", "all arrays", "TOPS", 41.3, allArrays(*isaac).tops,
                0.02);
  rows.atMost("isaac", "power of the arrays, of the chip's", "W", 65.8,
              allArrays(*isaac).watts);
  AllArrays unit = allArrays(*puma);
  rows.relative("puma", "all arrays", "TOPS", 52.31, unit.tops, 0.02);
  rows.relative("puma", "16,384 MACs", "ns", 2304, unit.unitNs, 0.02);
  rows.relative("puma", "16,384 MACs", "nJ", 43.97, unit.unitNj, 0.02);
  rows.relative("mythic-m1076", "all arrays", "TOPS", 25,
                allArrays(*mythic).tops, 0.02);
  rows.atMost("mythic-m1076", "power of the arrays, of the chip's", "W", 4,
              allArrays(*mythic).watts);

  auto edge = chip::loadChip("hybrid-edge");
  if (!edge)
    return rows.failed("hybrid-edge", "power", edge.error().message);
  // Everything at full rate: arrays, int8 array, f32 lanes, DRAM, leakage.
  double watts =
      allArrays(*edge).watts + edge->leakage_w +
      edge->mac.rows * edge->mac.cols * edge->mac.energy_pj.at("i8") *
          edge->clock_ghz * 1e-3 +
      edge->vec.lanes * edge->vec.energy_pj.at("f32") * edge->clock_ghz * 1e-3 +
      edge->dram.bandwidth_gb_s * 8 * edge->dram.energy_pj_per_bit * 1e-3;
  rows.atMost("hybrid-edge", "all engines at once, of its limit", "W",
              edge->power_limit_w, watts);
  // Balanced, not idle.
  rows.atLeast("hybrid-edge", "all engines at once, of half its limit", "W",
               0.5 * edge->power_limit_w, watts);
}
