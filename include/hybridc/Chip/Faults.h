//===- Faults.h - What is broken on one chip ------------------*- C++ -*-===//
//
// Stuck cells, dead lines, dead arrays and broken converters of the analog
// arrays of one chip: listed one by one (a fault map, as a test of the chip
// gives it), drawn from rates, or both. docs/Faults.md documents the form.
//
// Positions are physical: rows 0 … rows + spare_rows − 1 and weight columns
// 0 … cols + spare_columns − 1 of one array. A weight column is all lines that
// hold one weight's cells of one slice, both polarities of a pair.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CHIP_FAULTS_H
#define HYBRIDC_CHIP_FAULTS_H

#include "hybridc/Chip/Chip.h"

#include <compare>
#include <span>

namespace hybridc::chip {

/// A cell that programming does not move.
struct StuckCell {
  uint32_t row = 0, column = 0;
  bool negative = false; ///< the cell of a pair that is subtracted
  /// Part of the range of conductance: 0 the least, 1 the largest.
  double at = 0;

  auto operator<=>(const StuckCell &) const = default;
};

/// A converter that gives the same number whatever it is shown. Converter i
/// serves the weight columns i · adc_share … (i + 1) · adc_share − 1.
struct BrokenAdc {
  uint32_t adc = 0;
  double reads = 0; ///< part of the output bound, −1 … 1

  bool operator==(const BrokenAdc &) const = default;
};

/// The faults of one array; everything ascending and unique.
struct ArrayFaults {
  std::string kind;
  uint32_t array = 0;
  bool dead = false; ///< every line of it
  std::vector<uint32_t> deadRows, deadColumns;
  std::vector<StuckCell> stuck;
  std::vector<BrokenAdc> brokenAdcs;

  bool empty() const {
    return !dead && deadRows.empty() && deadColumns.empty() && stuck.empty() &&
           brokenAdcs.empty();
  }
  bool operator==(const ArrayFaults &) const = default;
};

struct Faults {
  FaultRates rates;
  std::vector<ArrayFaults> arrays; ///< by kind, then number

  bool empty() const { return arrays.empty() && !rates.any(); }
  bool operator==(const Faults &) const = default;
};

/// How many of each there are; for reports.
struct FaultCounts {
  uint64_t stuckMin = 0, stuckMax = 0, stuckBetween = 0, deadRows = 0,
           deadColumns = 0, deadArrays = 0, brokenAdcs = 0;

  uint64_t total() const {
    return stuckMin + stuckMax + stuckBetween + deadRows + deadColumns +
           deadArrays + brokenAdcs;
  }
};

/// Reads a fault map (YAML, or JSON, which is YAML). Strict: errors
/// (InvalidInput) start with "file:line:column: "; arrays, rows, columns and
/// converters that `chip` does not have are refused.
Result<Faults> parseFaults(std::string_view text, std::string_view file,
                           const Chip &chip);

/// What `--faults` means: "" the chip's own rates, "none", rates such as
/// "stuck=1e-3,dead_column=1e-4,seed=3" (stuck: half of it at either end), or
/// the path of a fault map (.yaml, .yml, .json). Errors: Usage for rates that
/// are none, InvalidInput for files.
Result<Faults> loadFaults(const std::string &spec, const Chip &chip);

/// The fault map as text that parseFaults reads back equal; "" when empty.
std::string printFaults(const Faults &faults);

/// Everything that is wrong with array `index` of `kind`: what is listed and
/// what the rates draw. A pure function of its arguments: each cell, line and
/// array has a number of the counter-based generator of its own, so a larger
/// rate only adds faults and other arrays do not matter.
ArrayFaults faultsOf(const Faults &faults, const ArrayKind &kind,
                     uint32_t index);
/// The same, but of the cells drawn only those on these lines (in any order):
/// what a small tile of a large array needs.
ArrayFaults faultsOf(const Faults &faults, const ArrayKind &kind,
                     uint32_t index, std::span<const uint32_t> rows,
                     std::span<const uint32_t> columns);

/// Part of the cells that have failed after `pulses` writes: endurance is
/// log-normal, its median `endurance_writes`. 0 when that is not known.
double wornPart(const ArrayKind &kind, double pulses);
/// The faults with those that wear adds to cells of kind `kind`: failed cells
/// are stuck, half of them at either end.
Faults withWear(Faults faults, double worn);

/// Over all arrays of the chip.
FaultCounts countFaults(const Faults &faults, const Chip &chip);

} // namespace hybridc::chip

#endif // HYBRIDC_CHIP_FAULTS_H
