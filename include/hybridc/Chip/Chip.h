//===- Chip.h - The chip description --------------------------*- C++ -*-===//
//
// What the compiler and the executor know of a chip. Read from YAML, strictly:
// an unknown key, a wrong type or a value out of range is an error with
// file:line:column. Presets are YAML files of this form, embedded in the
// library. docs/Targets.md documents each field.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CHIP_CHIP_H
#define HYBRIDC_CHIP_CHIP_H

#include "hybridc/Support/Result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc::chip {

/// Off-chip memory.
struct Dram {
  uint64_t bytes = 0;
  double bandwidth_gb_s = 0; ///< 1e9 bytes per second
  double latency_ns = 0;     ///< of the first byte of a transfer
  double energy_pj_per_bit = 0;
};

/// The shared scratchpad.
struct Sram {
  uint64_t bytes = 0;
  uint32_t banks = 1;
  double bytes_per_cycle = 0; ///< all banks together
  double read_pj_per_byte = 0, write_pj_per_byte = 0;
};

struct Dma {
  uint32_t channels = 2; ///< engines dma0, dma1, …: 0 loads, 1 stores
  double bytes_per_cycle = 0; ///< of one channel
  uint32_t setup_cycles = 0;
};

/// DAC → MVM → ADC of an array kind; hardware-model.md §2 names the symbols.
struct Periphery {
  double in_res = 1.0 / 254, out_res = 1.0 / 254; ///< 0 = ideal (no steps)
  double in_bound = 1, out_bound = 10;            ///< 0 = unbounded
  double in_noise = 0, out_noise = 0.04;
  double w_noise = 0;
  std::string w_noise_type = "none"; ///< none | additive | pcm_read
  double ir_drop = 0;
  bool noise_management = true; ///< scale by the largest |x|
  bool bound_management = false;
};

/// One kind of analog array. The engine is named after it.
struct ArrayKind {
  std::string name;   ///< "pcm", "ecram", …: engine name
  std::string device; ///< Executor device: "pcm", "pcm-hermes", "rram-wan2022"…
  std::map<std::string, double> device_params; ///< overrides of the device
  std::string purpose = "inference"; ///< inference | training
  uint32_t count = 0, rows = 0, cols = 0; ///< cols: weight columns
  std::string mapping = "differential";   ///< differential | offset
  uint32_t slices = 1;    ///< cells per weight by default
  uint32_t cell_bits = 0; ///< 0 = analog cell
  Periphery periphery;
  double mvm_ns = 0;          ///< one MVM phase, DAC to ADC
  uint32_t adc_share = 1;     ///< columns that share one ADC
  uint32_t input_bits_per_phase = 8; ///< of 8: < 8 is bit-serial
  double mvm_energy_pj = 0;   ///< cells of one full array and MVM
  double adc_energy_pj = 0;   ///< one conversion
  double dac_energy_pj = 0;   ///< one input
  double digital_energy_pj = 0; ///< scaling and accumulation, per output
  double write_ns = 0, write_energy_pj = 0; ///< one row; one cell
  double endurance_writes = 0;
};

/// The digital matrix engine.
struct Mac {
  uint32_t rows = 0, cols = 0;
  std::string dataflow = "ws"; ///< ws | os | is (systolic) | row_stationary
  std::map<std::string, double> rate;      ///< format → MACs per PE and cycle
  std::map<std::string, double> energy_pj; ///< format → one MAC
};

struct Vec {
  uint32_t lanes = 0; ///< f32 lanes
  std::map<std::string, double> energy_pj; ///< format → one lane operation
};

struct Ctl {
  double ops_per_cycle = 1;
  double energy_pj_per_op = 0;
  double bytes_per_cycle = 8;
};

struct Chip {
  std::string name, description;
  double technology_nm = 0;
  double clock_ghz = 1;
  double power_limit_w = 0;
  double leakage_w = 0;
  Dram dram;
  Sram sram;
  Dma dma;
  std::vector<ArrayKind> arrays;
  Mac mac;
  Vec vec;
  Ctl ctl;
  std::map<std::string, std::string> sources;    ///< field → where it was read
  std::map<std::string, std::string> provenance; ///< field → "unverified"

  const ArrayKind *findArray(std::string_view kind) const;
  /// Cycles of `ns`, rounded up.
  uint64_t cyclesOf(double ns) const;
};

/// Names of the shipped presets, sorted; the first line of each description.
std::vector<std::string> presetNames();
/// The YAML of a preset; empty when there is none of that name.
std::string_view presetYaml(std::string_view name);

/// Reads a description. `file` is named in errors ("file:line:column: …").
Result<Chip> parseChip(std::string_view yaml, std::string_view file);
/// A preset's name, or the path of a YAML file (recognised by its ending).
Result<Chip> loadChip(std::string_view nameOrPath);
/// The description as YAML that parseChip reads back equal.
std::string printChip(const Chip &chip);

} // namespace hybridc::chip

#endif // HYBRIDC_CHIP_CHIP_H
