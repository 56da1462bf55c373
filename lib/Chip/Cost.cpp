//===- Cost.cpp - Cycles and energy of one command ------------------------===//
//
// docs/Targets.md explains the formulas. Every command takes the longest of
// three: its engine's own time, its bytes through the scratchpad, its bytes
// through the DRAM port.
//
//===----------------------------------------------------------------------===//

#include "Formats.h"
#include "MacTime.h"

#include "hybridc/Chip/CostRule.h"

#include <algorithm>
#include <cmath>

namespace hybridc::chip {

std::string_view nameOf(Component component) {
  static constexpr std::string_view names[kNumComponents] = {
      "dram", "sram", "mac",           "vec",         "ctl",  "array_cell",
      "adc",  "dac",  "array_digital", "array_write", "link", "leakage"};
  unsigned index = static_cast<unsigned>(component);
  return index < kNumComponents ? names[index] : "unknown";
}

namespace {

/// Larger than any real count, small enough that sums of many still fit.
constexpr double kMostCycles = 1e15;

uint64_t toCycles(double cycles) {
  return static_cast<uint64_t>(std::ceil(std::clamp(cycles, 0.0, kMostCycles)));
}

double &part(Cost &cost, Component component) {
  return cost.energy_pj[static_cast<unsigned>(component)];
}

/// DRAM traffic of the command in whole bursts: a short run pays for one.
uint64_t burstBytes(const Chip &chip, const Work &work) {
  uint64_t bytes = work.dramReadBytes + work.dramWriteBytes;
  uint64_t burst = std::max(1u, chip.dram.burst_bytes);
  if (bytes == 0 || work.kind != WorkKind::Transfer)
    return bytes;
  uint64_t runs =
      std::clamp<uint64_t>(work.dramRuns ? work.dramRuns : work.runs, 1, bytes);
  uint64_t perRun = (bytes + runs - 1) / runs;
  uint64_t bursts = (perRun + burst - 1) / burst;
  return static_cast<uint64_t>(
      std::min(double(bursts) * double(burst) * double(runs), 1e18));
}

void addMemory(const Chip &chip, const Work &work, const MatrixUse &use,
               Cost &cost) {
  cost.dramBytes = burstBytes(chip, work);
  if (work.weightsFromDram)
    cost.dramBytes += tilePaddingBytes(chip, work);
  cost.sram = matrixTraffic(work, use);
  part(cost, Component::Dram) =
      double(cost.dramBytes) * 8 * chip.dram.energy_pj_per_bit;
  part(cost, Component::Sram) =
      cost.sram.readBytes * chip.sram.read_pj_per_byte +
      cost.sram.writeBytes * chip.sram.write_pj_per_byte;
  cost.links = linkUse(chip, work, cost.dramBytes);
  part(cost, Component::Link) =
      cost.links.bytes * 8 * chip.chiplets.link_pj_per_bit;
}

/// What memory alone makes the command last.
double memoryCycles(const Chip &chip, const Cost &cost, double skew) {
  double sram = cost.sram.bytes() * skew;
  double cycles = 0;
  if (chip.sram.bytes_per_cycle > 0)
    cycles = std::max(cycles, sram / chip.sram.bytes_per_cycle);
  if (chip.dram.bandwidth_gb_s > 0)
    cycles =
        std::max(cycles, double(cost.dramBytes) / chip.dramBytesPerCycle());
  return cycles;
}

double transferCycles(const Chip &chip, const Work &work, Cost &cost) {
  double moved = double(std::max(work.dramReadBytes + work.sramReadBytes,
                                 work.dramWriteBytes + work.sramWriteBytes));
  double cycles = double(work.runs) * chip.dma.cycles_per_run;
  if (chip.dma.bytes_per_cycle > 0)
    cycles = std::max(cycles, moved / chip.dma.bytes_per_cycle);
  if (work.dramReadBytes + work.dramWriteBytes > 0)
    cost.latencyCycles = chip.cyclesOf(chip.dram.latency_ns);
  if (cycles > 0)
    cost.utilization =
        moved / (cycles * std::max(1e-9, chip.dma.bytes_per_cycle));
  return cycles;
}

double matrixCost(const Chip &chip, const Work &work, const MatrixUse &use,
                  Cost &cost) {
  double macs = work.macs ? double(work.macs)
                          : double(work.batch) * double(work.m) *
                                double(work.n) * double(work.k);
  part(cost, Component::Mac) =
      macs * chip.mac.activity * energyOf(chip.mac.energy_pj, work.format) +
      cost.sram.accumulatorBytes * chip.mac.accumulator_pj_per_byte;
  double cycles = use.cycles;
  double peak = double(chip.mac.rows) * double(chip.mac.cols) *
                rateOf(chip.mac.rate, work.format);
  if (cycles > 0 && peak > 0)
    cost.utilization = std::min(1.0, macs / (cycles * peak));
  return cycles;
}

double analogCost(const Chip &chip, const Work &work, Cost &cost) {
  const ArrayKind *array = chip.findArray(work.engine);
  if (!array)
    return 0;
  // Inputs of both signs apart: driven twice; behind the ADC: converted twice.
  const std::string &polarity = array->periphery.input_polarity;
  double driven = double(work.vectors) * (polarity == "one_pass" ? 1 : 2);
  double read = double(work.vectors) * (polarity == "separate_digital" ? 2 : 1);
  double slices = std::max(1u, work.slices);
  double cells = double(array->rows) * double(array->cols);
  // A cell conducts for inputs of one sign in one of the two passes; a figure
  // of a pass is paid for both.
  double inCells = array->mvm_energy_pj > 0 ? driven : double(work.vectors);
  double vector_pj = array->expectedCells_pj();
  double usedMacs = 0;
  for (const auto &[rows, cols] : work.arrays) {
    double conversions = read * array->drives() * double(cols) * slices;
    part(cost, Component::ArrayCell) +=
        inCells * vector_pj * double(rows) * double(cols) * slices / cells;
    part(cost, Component::Adc) +=
        conversions * array->adcSteps() * array->adc_energy_pj;
    part(cost, Component::Dac) +=
        driven * array->dacSteps() * double(rows) * array->dac_energy_pj;
    part(cost, Component::ArrayDigital) +=
        conversions * array->digital_energy_pj;
    usedMacs += double(rows) * double(cols);
  }
  // All arrays of the command work at once; a unit that is shared by the
  // columns of an array is accounted for in the phase.
  double cycles = double(chip.cyclesOf(driven * array->read_ns()));
  if (!work.arrays.empty())
    cost.utilization =
        std::min(1.0, usedMacs / (cells * double(work.arrays.size())));
  return cycles;
}

double programCost(const Chip &chip, const Work &work, Cost &cost) {
  const ArrayKind *array = chip.findArray(work.engine);
  if (!array)
    return 0;
  double ns = 0;
  for (const auto &[rows, cols] : work.arrays) {
    ns += double(rows) * array->write_ns;
    part(cost, Component::ArrayWrite) += double(rows) * double(cols) *
                                         std::max(1u, work.slices) *
                                         array->write_energy_pj;
  }
  return double(chip.cyclesOf(ns));
}

/// All cells at once, pulse by pulse; without pulses of its own the array is
/// read and written row by row by its programming circuit.
double updateCost(const Chip &chip, const Work &work, Cost &cost) {
  const ArrayKind *array = chip.findArray(work.engine);
  if (!array)
    return 0;
  double pulses = double(work.vectors) * array->update_pulses;
  double ns = 0;
  for (const auto &[rows, cols] : work.arrays) {
    double lines = double(rows) + double(cols);
    double cells = double(rows) * double(cols) * std::max(1u, work.slices);
    if (array->pulse_ns > 0) {
      ns = pulses * array->pulse_ns; // arrays work side by side
      part(cost, Component::ArrayWrite) +=
          pulses * cells * array->pulse_energy_pj;
      // The trains come from the lines' input converters.
      part(cost, Component::Dac) +=
          double(work.vectors) * lines * array->dac_energy_pj;
    } else {
      ns += double(work.vectors) * double(rows) * array->write_ns;
      part(cost, Component::ArrayWrite) +=
          double(work.vectors) * cells * array->write_energy_pj;
    }
  }
  return double(chip.cyclesOf(ns));
}

/// Every row is read twice, once for each cell of its pairs (`vectors`), then
/// its cells are reset and its differences written by one train; which rows
/// have none to write depends on values and is not known here.
double refreshCost(const Chip &chip, const Work &work, Cost &cost) {
  const ArrayKind *array = chip.findArray(work.engine);
  if (!array)
    return 0;
  double cycles = analogCost(chip, work, cost);
  double pulses = work.pulses ? work.pulses : array->update_pulses;
  double ns = 0;
  for (const auto &[rows, cols] : work.arrays) {
    double pairs = double(rows) * double(cols);
    ns += double(rows) * array->write_ns;
    part(cost, Component::ArrayWrite) += 2 * pairs * array->write_energy_pj;
    if (array->pulse_ns > 0) {
      ns += double(rows) * pulses * array->pulse_ns;
      part(cost, Component::ArrayWrite) +=
          pairs * pulses * array->pulse_energy_pj;
      part(cost, Component::Dac) +=
          double(rows) * (1.0 + double(cols)) * array->dac_energy_pj;
    } else {
      ns += double(rows) * array->write_ns;
      part(cost, Component::ArrayWrite) += pairs * array->write_energy_pj;
    }
  }
  return cycles + double(chip.cyclesOf(ns));
}

/// The array's digital side takes its columns one by one.
double gainCost(const Chip &chip, const Work &work, Cost &cost) {
  if (const ArrayKind *array = chip.findArray(work.engine))
    part(cost, Component::ArrayDigital) =
        double(work.elements) * array->digital_energy_pj;
  return double(work.elements);
}

double vectorCost(const Chip &chip, const Work &work, Cost &cost) {
  std::string_view format = rateName(work.format);
  double rate = 32.0 / bitsOf(format.empty() ? "f32" : format);
  if (auto it = chip.vec.rate.find(std::string(format));
      it != chip.vec.rate.end())
    rate = it->second;
  double lanes = double(std::max(1u, chip.vec.lanes));
  double ops = double(work.elements) * work.opsPerElement;
  double special = double(work.elements) *
                   std::min(work.specialPerElement, work.opsPerElement);
  // Issue is per vector of lanes: the last one may be partly empty.
  double vectors = std::ceil(double(work.elements) / (lanes * rate));
  double plainPerElement =
      std::max(0.0, work.opsPerElement - work.specialPerElement);
  double cycles = vectors * (plainPerElement + std::min(work.specialPerElement,
                                                        work.opsPerElement) /
                                                   chip.vec.special_rate);
  double perOp = energyOf(chip.vec.energy_pj, work.format);
  part(cost, Component::Vec) =
      (ops - special + special / chip.vec.special_rate) * perOp;
  if (cycles > 0)
    cost.utilization = std::min(1.0, ops / (cycles * lanes * rate));
  return cycles;
}

double controlCost(const Chip &chip, const Work &work, Cost &cost) {
  double ops = double(work.elements) * work.opsPerElement;
  double bytes = double(work.dramReadBytes + work.dramWriteBytes +
                        work.sramReadBytes + work.sramWriteBytes);
  part(cost, Component::Ctl) = ops * chip.ctl.energy_pj_per_op;
  double cycles =
      std::max(ops / chip.ctl.ops_per_cycle, bytes / chip.ctl.bytes_per_cycle);
  if (cycles > 0)
    cost.utilization = std::min(1.0, ops / (cycles * chip.ctl.ops_per_cycle));
  return cycles;
}

} // namespace

Cost cost(const Chip &chip, const Work &work) {
  Cost cost;
  MatrixUse use;
  if (work.kind == WorkKind::Matrix)
    use = matrixUse(chip, work);
  addMemory(chip, work, use, cost);
  double cycles = 0;
  switch (work.kind) {
  case WorkKind::Transfer:
    cycles = transferCycles(chip, work, cost);
    break;
  case WorkKind::Matrix:
    cycles = matrixCost(chip, work, use, cost);
    break;
  case WorkKind::Analog:
    cycles = analogCost(chip, work, cost);
    break;
  case WorkKind::ProgramArray:
    cycles = programCost(chip, work, cost);
    break;
  case WorkKind::ArrayGain:
    cycles = gainCost(chip, work, cost);
    break;
  case WorkKind::PulsedUpdate:
    cycles = updateCost(chip, work, cost);
    break;
  case WorkKind::RefreshPairs:
    cycles = refreshCost(chip, work, cost);
    break;
  case WorkKind::Vector:
    cycles = vectorCost(chip, work, cost);
    break;
  case WorkKind::Control:
    cycles = controlCost(chip, work, cost);
    break;
  }
  cycles *= work.slowdown;
  double memory = memoryCycles(chip, cost, work.bankSkew);
  double links = chip.linkBytesPerCycle() > 0
                     ? cost.links.busiest / chip.linkBytesPerCycle()
                     : 0;
  double longest = std::max(memory, links);
  if (longest > cycles && cycles > 0)
    cost.utilization *= cycles / longest;
  double setup = work.kind == WorkKind::Transfer ? chip.dma.setup_cycles : 0;
  auto whole = [&](double memory, double links) {
    // A command takes at least the cycle in which it is issued.
    return std::max<uint64_t>(
        1, toCycles(std::max({cycles, memory, links}) + setup));
  };
  cost.cycles = whole(memory, links);
  if (work.bankSkew > 1 && memory > cycles)
    cost.bankCycles = cost.cycles - whole(memoryCycles(chip, cost, 1), links);
  if (links > cycles)
    cost.linkCycles = cost.cycles - whole(memory, 0);
  // The last bytes are still under way when the engine is free.
  if (cost.links.bytes > 0)
    cost.latencyCycles += chip.cyclesOf(chip.chiplets.link_latency_ns);
  if (!chip.cost_rules.empty())
    if (auto named = chip.cost_rules.find(engineKindOf(work));
        named != chip.cost_rules.end())
      if (const CostRule *rule = findCostRule(named->second))
        (*rule)(chip, work, cost);
  return cost;
}

} // namespace hybridc::chip
