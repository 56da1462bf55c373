//===- Faults.cpp - Faults drawn from rates -------------------------------===//
#include "hybridc/Chip/Faults.h"

#include <Random123/philox.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hybridc::chip {
namespace {

/// What a draw decides: part of the generator's counter.
enum class Draw : uint32_t { Array = 1, Row, Column, Adc, Reads, Cell };

/// Uniforms in [0, 1) with 32 bits, numbered, of one array.
class Uniforms {
public:
  Uniforms(uint64_t seed, std::string_view kind, uint32_t array)
      : array(array) {
    // FNV-1a: arrays of different kinds have faults of their own.
    uint32_t hash = 2166136261u;
    for (char c : kind)
      hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    key = {{static_cast<uint32_t>(seed),
            static_cast<uint32_t>(seed >> 32) ^ hash}};
  }

  double operator()(Draw what, uint64_t number) {
    if (what != held || number / 4 != block) {
      held = what;
      block = number / 4;
      words = generator(
          {{static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32),
            array, static_cast<uint32_t>(what)}},
          key);
    }
    return words.v[number % 4] * 0x1p-32;
  }

private:
  uint32_t array;
  r123::Philox4x32 generator;
  r123::Philox4x32::key_type key{};
  r123::Philox4x32::ctr_type words{};
  Draw held = Draw(0);
  uint64_t block = 0;
};

template <typename T> void makeSorted(std::vector<T> &values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// A cell or converter that is listed keeps what the list says.
void addCells(Uniforms &uniform, const FaultRates &rates, const ArrayKind &kind,
              std::span<const uint32_t> rows, std::span<const uint32_t> columns,
              std::vector<StuckCell> &stuck) {
  double both = rates.stuck_min + rates.stuck_max;
  if (both <= 0)
    return;
  std::vector<StuckCell> listed = stuck;
  auto isListed = [&](StuckCell cell) {
    cell.at = 0; // the first that a cell can have
    auto found = std::lower_bound(listed.begin(), listed.end(), cell);
    if (found == listed.end())
      return false;
    cell.at = found->at;
    return *found == cell;
  };
  uint64_t sides = kind.mapping == "differential" ? 2 : 1;
  for (uint32_t row : rows)
    for (uint32_t column : columns)
      for (uint64_t side = 0; side < sides; ++side) {
        uint64_t place = uint64_t(row) * kind.physicalCols() + column;
        uint64_t number = place * sides + side;
        double u = uniform(Draw::Cell, number);
        // From either end, so that a larger rate keeps the faults there are.
        bool atMin = u < rates.stuck_min, atMax = u >= 1 - rates.stuck_max;
        if (!atMin && !atMax)
          continue;
        StuckCell cell{row, column, side == 1, atMin ? 0.0 : 1.0};
        if (!isListed(cell))
          stuck.push_back(cell);
      }
  std::sort(stuck.begin(), stuck.end());
}

} // namespace

ArrayFaults faultsOf(const Faults &faults, const ArrayKind &kind,
                     uint32_t index) {
  std::vector<uint32_t> rows(kind.physicalRows()), columns(kind.physicalCols());
  std::iota(rows.begin(), rows.end(), 0);
  std::iota(columns.begin(), columns.end(), 0);
  return faultsOf(faults, kind, index, rows, columns);
}

ArrayFaults faultsOf(const Faults &faults, const ArrayKind &kind,
                     uint32_t index, std::span<const uint32_t> rows,
                     std::span<const uint32_t> columns) {
  ArrayFaults out;
  for (const ArrayFaults &listed : faults.arrays)
    if (listed.kind == kind.name && listed.array == index)
      out = listed;
  out.kind = kind.name;
  out.array = index;
  const FaultRates &rates = faults.rates;
  if (!rates.any())
    return out;
  Uniforms uniform(rates.seed, kind.name, index);
  out.dead |= uniform(Draw::Array, 0) < rates.dead_array;
  for (uint32_t row = 0; row < kind.physicalRows(); ++row)
    if (uniform(Draw::Row, row) < rates.dead_row)
      out.deadRows.push_back(row);
  for (uint32_t column = 0; column < kind.physicalCols(); ++column)
    if (uniform(Draw::Column, column) < rates.dead_column)
      out.deadColumns.push_back(column);
  makeSorted(out.deadRows);
  makeSorted(out.deadColumns);
  uint32_t share = std::max(1u, kind.adc_share);
  for (uint32_t adc = 0; adc * share < kind.physicalCols(); ++adc)
    if (uniform(Draw::Adc, adc) < rates.broken_adc &&
        std::none_of(out.brokenAdcs.begin(), out.brokenAdcs.end(),
                     [&](const BrokenAdc &b) { return b.adc == adc; }))
      out.brokenAdcs.push_back({adc, 2 * uniform(Draw::Reads, adc) - 1});
  std::sort(
      out.brokenAdcs.begin(), out.brokenAdcs.end(),
      [](const BrokenAdc &a, const BrokenAdc &b) { return a.adc < b.adc; });
  addCells(uniform, rates, kind, rows, columns, out.stuck);
  return out;
}

double wornPart(const ArrayKind &kind, double pulses) {
  if (kind.endurance_writes <= 0 || pulses <= 0)
    return 0;
  double z = std::log(pulses / kind.endurance_writes) / kind.endurance_spread;
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

Faults withWear(Faults faults, double worn) {
  // Of any array one cell in 10^12 matters to nobody.
  if (worn < 1e-12)
    return faults;
  FaultRates &rates = faults.rates;
  double left = std::max(0.0, 1 - rates.stuck_min - rates.stuck_max);
  rates.stuck_min += left * worn / 2;
  rates.stuck_max += left * worn / 2;
  return faults;
}

FaultCounts countFaults(const Faults &faults, const Chip &chip) {
  FaultCounts counts;
  if (faults.empty())
    return counts;
  for (const ArrayKind &kind : chip.arrays)
    for (uint32_t i = 0; i < kind.count; ++i) {
      ArrayFaults array = faultsOf(faults, kind, i);
      counts.deadArrays += array.dead;
      counts.deadRows += array.deadRows.size();
      counts.deadColumns += array.deadColumns.size();
      counts.brokenAdcs += array.brokenAdcs.size();
      for (const StuckCell &cell : array.stuck)
        ++(cell.at == 0   ? counts.stuckMin
           : cell.at == 1 ? counts.stuckMax
                          : counts.stuckBetween);
    }
  return counts;
}

} // namespace hybridc::chip
