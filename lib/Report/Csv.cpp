//===- Csv.cpp - The rows, for spreadsheets -------------------------------===//
#include "hybridc/Report/Report.h"

#include <fmt/format.h>

namespace hybridc::report {

std::string toCsv(const Results &results) {
  std::string out =
      "name,op,group,engine,precision,cycles,latency_ns,energy_pj,macs,"
      "sram_bytes,dram_bytes,utilization,estimated_latency_ns,"
      "estimated_energy_pj,reason";
  // Leakage belongs to no row.
  constexpr unsigned kParts = chip::kNumComponents - 1;
  static_assert(unsigned(chip::Component::Leakage) == kParts);
  for (unsigned i = 0; i < kParts; ++i)
    out += fmt::format(",energy_{}_pj",
                       chip::nameOf(static_cast<chip::Component>(i)));
  out += '\n';
  for (const NodeRow &row : results.nodes) {
    out += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}", csvQuoted(row.name),
        csvQuoted(row.op), csvQuoted(row.group), csvQuoted(row.engine),
        csvQuoted(row.precision), row.cycles, row.latency_ns, row.energy_pj,
        row.macs, row.sram_bytes, row.dramRead_bytes + row.dramWrite_bytes,
        row.utilization, row.estimatedLatency_ns, row.estimatedEnergy_pj,
        csvQuoted(row.reason));
    for (unsigned i = 0; i < kParts; ++i)
      out += fmt::format(",{}", row.byComponent_pj[i]);
    out += '\n';
  }
  return out;
}

} // namespace hybridc::report
