//===- PowerBins.cpp - Energy over time -----------------------------------===//

#include "PowerBins.h"

#include <algorithm>
#include <array>

namespace hybridc::exec::clock {

static constexpr std::array kMemoryParts = {
    std::pair("dram", chip::Component::Dram),
    std::pair("sram", chip::Component::Sram),
    std::pair("link", chip::Component::Link)};

void PowerBins::spread(size_t row, double energy, uint64_t start,
                       uint64_t end) {
  if (energy <= 0)
    return;
  end = std::max(end, start + 1);
  while ((end - 1) / width >= numBins) {
    for (std::vector<double> &bins : rows)
      for (size_t i = 0; i < numBins; ++i)
        bins[i] = 2 * i < numBins ? bins[2 * i] + bins[2 * i + 1] : 0;
    width *= 2;
  }
  if (row >= rows.size())
    rows.resize(row + 1, std::vector<double>(numBins));
  double perCycle = energy / double(end - start);
  for (uint64_t bin = start / width; bin * width < end; ++bin) {
    uint64_t from = std::max(start, bin * width);
    uint64_t to = std::min(end, (bin + 1) * width);
    rows[row][bin] += perCycle * double(to - from);
  }
}

void PowerBins::add(uint32_t engine, const Energies &energy, uint64_t start,
                    uint64_t end) {
  double own = 0;
  for (double part : energy)
    own += part;
  for (size_t i = 0; i < kMemories; ++i) {
    double part = energy[unsigned(kMemoryParts[i].second)];
    own -= part;
    spread(i, part, start, end);
  }
  // What is left of a difference may be rounding.
  spread(kMemories + engine, own, start, end);
}

std::vector<double> PowerBins::totals() const {
  std::vector<double> sums;
  for (const std::vector<double> &bins : rows) {
    double sum = 0;
    for (double bin : bins)
      sum += bin;
    sums.push_back(sum);
  }
  return sums;
}

void PowerBins::repeat(const std::vector<double> &before, double times,
                       uint64_t start, uint64_t end) {
  std::vector<double> after = totals();
  for (size_t i = 0; i < after.size(); ++i)
    spread(i, (after[i] - (i < before.size() ? before[i] : 0)) * times, start,
           end);
}

PowerTrace PowerBins::finish(const std::vector<EngineUse> &engines) {
  PowerTrace trace;
  trace.width = width;
  rows.resize(kMemories + engines.size(), std::vector<double>(numBins));
  for (size_t i = 0; i < engines.size(); ++i)
    trace.rows.push_back({engines[i].name, std::move(rows[kMemories + i])});
  for (size_t i = 0; i < kMemories; ++i)
    trace.rows.push_back({kMemoryParts[i].first, std::move(rows[i])});
  rows.clear();
  return trace;
}

} // namespace hybridc::exec::clock
