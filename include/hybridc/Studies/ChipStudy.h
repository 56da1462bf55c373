//===- ChipStudy.h - What a chip's engines take -----------------*- C++ -*-===//
//
// characterize --what timing and --what adc: chip::cost() and the converter
// fit at points that the command line names.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STUDIES_CHIPSTUDY_H
#define HYBRIDC_STUDIES_CHIPSTUDY_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Studies/StatTable.h"
#include "hybridc/Support/Result.h"

#include <string>
#include <vector>

namespace hybridc::studies {

/// The options of these two.
struct ChipStudy {
  std::vector<std::string> shapes; ///< "MxKxN" or "H,W,r,s,c,M,stride"
  std::string topology;            ///< CSV of layers as SCALE-Sim reads it
  std::string format = "i8", weights = "sram";
  uint32_t batch = 1, groups = 1;
  std::string bits, technology, frequency = "1e7,1e8,1e9";
};

/// The target with FIELD=VALUE set.
Result<chip::Chip> chipWith(const std::string &target,
                            const std::vector<std::string> &set);

/// Columns: engine, operation, layer, m, k, n, batch, cycles, ns, energy_pj,
/// macs, utilization (of the engine's peak), tops, tops_per_w, and for systolic
/// arrays input_reads, weight_reads, output_writes (words).
/// `array`: this kind of arrays alone; empty: every engine of the chip.
Result<exec::StatTable> characterizeTiming(const std::string &target,
                                           const std::vector<std::string> &set,
                                           const std::string &array,
                                           const ChipStudy &study);

/// Columns: bits, technology_nm, frequency_hz, energy_pj, power_mw, area_um2.
Result<exec::StatTable> characterizeAdc(const std::string &target,
                                        const std::vector<std::string> &set,
                                        const ChipStudy &study);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_CHIPSTUDY_H
