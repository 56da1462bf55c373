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
#include <utility>
#include <vector>

namespace hybridc::chip {

/// Off-chip memory.
struct Dram {
  uint64_t bytes = 0;
  double bandwidth_gb_s = 0; ///< of its pins, 1e9 bytes per second
  double latency_ns = 0;     ///< of the first byte of a transfer
  double energy_pj_per_bit = 0;
  uint32_t burst_bytes = 64; ///< the least that one access moves
  /// Share of the bandwidth that refresh, turnarounds and opening rows leave.
  double efficiency = 1;

  bool operator==(const Dram &) const = default;
};

/// The shared scratchpad. Consecutive interleave_bytes lie in one bank, the
/// next ones in the next bank, and round again; each port of a bank serves one
/// word in a cycle.
struct Sram {
  uint64_t bytes = 0;
  uint32_t banks = 1;
  double bytes_per_cycle = 0; ///< all ports of all banks together
  double read_pj_per_byte = 0, write_pj_per_byte = 0;
  uint32_t ports = 1;            ///< of one bank
  uint64_t interleave_bytes = 0; ///< 0: one word

  /// What one port of one bank serves in a cycle.
  double wordBytes() const { return bytes_per_cycle / banks / ports; }
  /// interleave_bytes, or a word in whole bytes.
  uint64_t interleave() const;

  bool operator==(const Sram &) const = default;
};

struct Dma {
  uint32_t channels = 2;      ///< engines dma0, dma1, …: 0 loads, 1 stores
  double bytes_per_cycle = 0; ///< of one channel
  uint32_t setup_cycles = 0;
  double cycles_per_run = 1; ///< least time of one contiguous run

  bool operator==(const Dma &) const = default;
};

/// DAC → MVM → ADC of an array kind; hardware-model.md §2 names the symbols.
struct Periphery {
  double in_res = 1.0 / 254, out_res = 1.0 / 254; ///< 0 = ideal (no steps)
  double in_bound = 1, out_bound = 10;            ///< 0 = unbounded
  double in_noise = 0, out_noise = 0.04;
  double w_noise = 0;
  std::string w_noise_type = "none"; ///< none | additive | pcm_read
  double ir_drop = 0;
  bool noise_management = true; ///< scale inputs; else they are ±1
  /// abs_max | average_abs_max | constant | max | abs_max_np_sum
  std::string noise_management_type = "abs_max";
  double input_scale = 1; ///< of constant
  bool bound_management = false;
  std::string bound_management_type = "iterative"; ///< iterative | worst_case
  double worst_case_weight = 0.6;
  /// Devices/AnalogArray.h has the formulas.
  double out_nonlinearity = 0, out_nonlinearity_std = 0, slope_calibration = 0;
  double r_series = 0, v_offset = 0, v_offset_w_min = -1;
  double input_scale_limit = 0; ///< 0 = none
  double bound_max_factor = 1000, bound_max_step = 0.25;
  double ir_drop_g_ratio = 1.0 / 0.35 / 5e-6;
  std::string in_rounding = "nearest",
              out_rounding = "nearest"; ///< nearest | stochastic
  double in_asymmetry = 0, out_asymmetry = 0, out_noise_std = 0, out_scale = 1;
  /// one_pass | separate | separate_digital
  std::string input_polarity = "one_pass";
  double read_asymmetry = 0;

  bool operator==(const Periphery &) const = default;
};

/// One kind of analog array. The engine is named after it.
struct ArrayKind {
  std::string name;   ///< "pcm", "ecram", …: engine name
  std::string device; ///< Executor device: "pcm", "pcm-hermes", "rram-wan2022"…
  std::map<std::string, double> device_params; ///< overrides of the device
  std::string purpose = "inference";           ///< inference | training
  uint32_t count = 0, rows = 0, cols = 0;      ///< cols: weight columns
  std::string mapping = "differential";        ///< differential | offset
  uint32_t slices = 1;                         ///< cells per weight by default
  uint32_t cell_bits = 0;                      ///< 0 = analog cell
  Periphery periphery;
  double mvm_ns = 0;       ///< one MVM phase, DAC to ADC
  uint32_t adc_share = 1;  ///< columns that share one ADC
  double adc_ns = 0;       ///< one conversion; a phase takes at least
                           ///< adc_share * adc_ns (conversions of one phase
                           ///< overlap with the next one's settling)
  uint32_t input_bits = 8; ///< of one input value
  uint32_t input_bits_per_phase = 8; ///< < input_bits: bit-serial
  /// How often the same digits are driven: signs of inputs and of weights one
  /// after another, for instance. Time and energy only; values are the same.
  uint32_t phases = 1;
  uint32_t output_bits = 0;  ///< of the ADC; 0: those of periphery.out_res
  double input_pulse_ns = 0; ///< inputs as pulses: 2^b - 1 for b bits of a
                             ///< phase, beside its mvm_ns
  double output_bit_ns = 0;  ///< a conversion bit by bit, beside mvm_ns
  /// Cells of one full array and MVM: what is expected of them, and what counts
  /// when values are not computed or the fields below are not all known.
  double mvm_energy_pj = 0;
  // What cells take of the inputs and weights that there are: g·v²·t of each.
  double read_voltage_v = 0;           ///< of an input at full scale
  double g_min_us = 0, g_max_us = 0;   ///< of a cell; 0: not known
  double read_pulse_ns = 0;            ///< of one drive; 0: mvm_ns
  std::string input_encoding = "auto"; ///< auto | amplitude | pulse_width
  uint32_t cell_phases = 0;     ///< of phases, those a cell conducts in; 0: all
  double adc_energy_pj = 0;     ///< one conversion
  double dac_energy_pj = 0;     ///< one input
  double digital_energy_pj = 0; ///< scaling and accumulation, per output
  double write_ns = 0, write_energy_pj = 0; ///< one row; one cell
  double endurance_writes = 0;
  double write_pulses = 1;       ///< pulses that programming a cell takes; wear
  double endurance_spread = 0.5; ///< of ln(endurance) from cell to cell
  /// What cells do that updates have worn out: none | hold | low | high | ends.
  std::string worn_cells = "ends";
  /// A stochastic outer-product update drives all rows and columns at once with
  /// trains of this many pulses (hardware-model.md §3).
  uint32_t update_pulses = 31;
  /// Trains share their scale between rows and columns by the largest values;
  /// they end when the largest product needs no more (not before, on the
  /// clock).
  bool update_management = true, update_bl_management = true;
  double pulse_ns = 0;        ///< one pulse; 0: updates row by row (write_ns)
  double pulse_energy_pj = 0; ///< one cell and pulse
  /// Lines beside rows × cols, for faults to be mapped around.
  uint32_t spare_rows = 0, spare_columns = 0;

  uint32_t physicalRows() const { return rows + spare_rows; }
  uint32_t physicalCols() const { return cols + spare_columns; }
  /// Digits of one input value: 1, or more when bit-serial.
  uint32_t inputDigits() const;
  /// Times that one input vector drives the array: digits × phases.
  uint32_t drives() const;
  uint32_t outputBits() const;
  /// A step of the ADC over its range: out_res, or that of output_bits; 0:
  /// none.
  double outputStep() const;
  /// Time of one drive, sharing of ADCs included; of the longest, when inputs
  /// are pulses and their digits differ.
  double phase_ns() const { return drive_ns(0); }
  /// Time of all drives of one input vector.
  double read_ns() const;
  /// What mvm_energy_pj, dac_energy_pj and adc_energy_pj count of one input
  /// vector: drives or, with input_pulse_ns, pulses and bits; conversions of a
  /// column in one drive or, with output_bit_ns, their bits.
  double cellReads() const;
  double dacSteps() const;
  double adcSteps() const { return output_bit_ns > 0 ? outputBits() : 1; }
  /// What the energy of cells needs and the description does not have.
  std::vector<std::string_view> missingOfCells() const;
  bool describesCells() const { return missingOfCells().empty(); }
  /// The fields that it then rests on.
  std::vector<std::string_view> fieldsOfCells() const;
  /// Inputs are durations (or numbers of pulses), not voltages.
  bool drivesPulses() const;
  /// How long an input at full scale conducts that is driven in one piece.
  double fullDrive_ns() const;
  /// What a conductance takes at read_voltage_v, in all phases.
  double joule_pj(double conductance_us, double ns) const;
  /// Cells of a full array, one input vector: mvm_energy_pj, or what the fields
  /// behind it say of uniformly distributed inputs and weights.
  double expectedCells_pj() const;
  /// One conversion of a shared ADC: adc_ns or, where none is stated, that of
  /// hardware-model.md §4 (ZigZag's fit), bits · (0.00653 rows + 0.640) ns. An
  /// ADC of its own column needs none: mvm_ns includes it.
  double conversion_ns() const;

  bool operator==(const ArrayKind &) const = default;

private:
  double drive_ns(uint32_t digit) const;
  uint32_t pulsedBits() const { return input_bits > 1 ? input_bits - 1 : 1; }
  double pulses(uint32_t digit) const;
};

/// The digital matrix engine. Absent when rows = 0.
struct Mac {
  uint32_t rows = 0, cols = 0; ///< processing elements (PEs)
  /// ws | os | is: systolic, weights, outputs or inputs stay in the PEs;
  /// row_stationary: spatial, filter rows stay; simd: a flat pool of PEs;
  /// photonic: a mesh of R × C weights, one vector a cycle; event: as many
  /// operations as the activity asks for.
  std::string dataflow = "ws";
  std::map<std::string, double> rate;      ///< format → MACs per PE and cycle
  std::map<std::string, double> energy_pj; ///< format → one MAC
  /// 2: the next tile's stationary operand is loaded during the present one.
  uint32_t stationary_buffers = 1;
  /// Weights are stored and fetched in whole tiles of rows × cols: what a
  /// matrix does not fill is padding, and passes the DRAM port, too.
  bool whole_tiles = false;
  /// ws, is, photonic: partial sums of one column that stay beside the array
  /// from one fold of K to the next; those of further rows go to the
  /// scratchpad and come back.
  uint32_t accumulator_words = 0;
  double accumulator_pj_per_byte = 0; ///< read or written
  /// simd: PEs that share one fetched word of the M × K and of the K × N
  /// operand; 0: the columns, the rows.
  uint32_t input_sharing = 0, weight_sharing = 0;
  double program_ns = 0; ///< photonic: time to set the mesh to a tile
  double activity = 1;   ///< event: synaptic events per MAC
  // row_stationary: the local stores of one PE, in words
  uint32_t filter_words = 224, input_words = 12, psum_words = 24;
  double network_words_per_cycle = 4; ///< row_stationary: scratchpad to PEs
  /// row_stationary, simd: share of the cycles that compute, when the rest is
  /// lost to what is not modelled (stalls, launches).
  double efficiency = 1;

  bool operator==(const Mac &) const = default;
};

struct Vec {
  uint32_t lanes = 0; ///< f32 lanes
  /// format → operations per lane and cycle; unlisted: 32 / bits of it
  std::map<std::string, double> rate;
  double special_rate = 0.25; ///< exp, log, tanh, …: per lane and cycle
  std::map<std::string, double> energy_pj; ///< format → one lane operation

  bool operator==(const Vec &) const = default;
};

struct Ctl {
  double ops_per_cycle = 1;
  double energy_pj_per_op = 0;
  double bytes_per_cycle = 8;

  bool operator==(const Ctl &) const = default;
};

/// Chiplets of one package; every count above is that of all together. DRAM and
/// scratchpad are spread evenly over them, arrays are divided by their numbers,
/// the matrix engine lies over a grid of them.
struct Chiplets {
  uint32_t count = 1;
  double link_gb_s = 0; ///< of one chiplet's link, each way; 0: no limit
  double link_latency_ns = 0;
  double link_pj_per_bit = 0;

  /// Part of what is spread evenly that lies on other chiplets than one's own.
  double elsewhere() const { return 1 - 1.0 / count; }
  /// Rows and columns of the grid: the squarest that has `count` places.
  std::pair<uint32_t, uint32_t> grid() const;

  bool operator==(const Chiplets &) const = default;
};

/// The package; hardware-model.md §6 (die, interface, spreader, sink).
struct Thermal {
  double ambient_k = 318.15, limit_c = 85;
  /// heat_sink: metal spreader and sink in moved air; vapor_chamber: a
  /// spreader that conducts spreader_lateral_k along its plane; passive: a
  /// plate or case that gives its heat to still air (film, surface).
  std::string package = "heat_sink";
  /// block: a node for each block and layer; grid: rows × cols cells a layer
  /// (HotSpot's two models), a block having of its cells the mean (avg), the
  /// extremes (min, max) or what is at its centre.
  std::string model = "block", grid_map = "avg";
  uint32_t grid_rows = 64, grid_cols = 64;
  double die_mm = 0.15, die_k = 130, die_c = 1.63e6; ///< W/mK, J/m³K
  double tim_mm = 0.02, tim_k = 4, tim_c = 4e6;
  double spreader_side_mm = 30, spreader_mm = 1, spreader_k = 400;
  double spreader_c = 3.55e6;
  double sink_side_mm = 60, sink_mm = 6.9, sink_k = 400, sink_c = 3.55e6;
  double c_convec = 140.4, r_convec = 0.1; ///< J/K, K/W
  double spreader_lateral_k = 870;         ///< vapor_chamber: W/mK, in plane
  double film_w_m2k = 10, surface_mm2 = 20000; ///< passive: case to still air
  /// Leakage grows by this part per kelvin, from leakage_w at leakage_ref_k.
  double leakage_per_k = 0.0096, leakage_ref_k = 318.15;

  /// From the sink to the air, in K/W, by the kind of package.
  double toAir_k_w() const;

  bool operator==(const Thermal &) const = default;
};

/// A rectangle of the die; millimetres from its lower left corner.
struct FloorBlock {
  std::string name;
  /// Whose heat arises here: mac, vec, ctl, dma (all channels), sram, link,
  /// dram (its controller; else the heat of DRAM is off the die), an array
  /// kind, or none. Several blocks of one engine share its heat by area.
  std::string engine = "none";
  double x_mm = 0, y_mm = 0, w_mm = 0, h_mm = 0;

  bool operator==(const FloorBlock &) const = default;
};

/// The die from above (docs/Thermal.md). Absent when width_mm = 0.
struct Floorplan {
  double width_mm = 0, height_mm = 0;
  std::vector<FloorBlock> blocks;

  bool operator==(const Floorplan &) const = default;
};

/// An operating point of an engine. Each table has a nominal point at the
/// chip's clock_ghz, none above it; a lower frequency never has the higher
/// voltage.
struct DvfsPoint {
  std::string engine; ///< mac, vec, ctl, dma, or an array kind
  double frequency_ghz = 0, voltage_v = 0;

  bool operator==(const DvfsPoint &) const = default;
};

/// Probabilities of faults of the arrays (Chip/Faults.h).
struct FaultRates {
  double stuck_min = 0, stuck_max = 0;                  ///< of one cell
  double dead_row = 0, dead_column = 0, broken_adc = 0; ///< of one of an array
  double dead_array = 0;
  uint64_t seed = 0;

  bool any() const {
    return stuck_min > 0 || stuck_max > 0 || dead_row > 0 || dead_column > 0 ||
           broken_adc > 0 || dead_array > 0;
  }
  bool operator==(const FaultRates &) const = default;
};

struct Chip {
  std::string name, description;
  double technology_nm = 0;
  double clock_ghz = 1;
  double power_limit_w = 0;
  double leakage_w = 0;
  double die_area_mm2 = 0;
  Dram dram;
  Sram sram;
  Dma dma;
  std::vector<ArrayKind> arrays;
  Mac mac;
  Vec vec;
  Ctl ctl;
  Chiplets chiplets;
  Thermal thermal;
  Floorplan floorplan;
  std::vector<DvfsPoint> dvfs; ///< of all engines, one after the other
  FaultRates faults;
  /// mac, vec, ctl, dma or array kind → rule with the last word on what its
  /// commands cost (CostRule.h)
  std::map<std::string, std::string> cost_rules;
  /// field ("arrays.pcm.mvm_ns", "dram") → where it was read
  std::map<std::string, std::string> sources;
  /// field → published | derived | vendor | chosen | unverified
  std::map<std::string, std::string> provenance;

  const ArrayKind *findArray(std::string_view kind) const;
  /// Cycles of `ns`, rounded up.
  uint64_t cyclesOf(double ns) const;
  /// Bytes of DRAM traffic that fit into one cycle.
  double dramBytesPerCycle() const;
  /// Bytes that one chiplet's link carries in a cycle, each way; 0: any number.
  double linkBytesPerCycle() const;

  bool operator==(const Chip &) const = default;
};

/// What the figure at `path` ("arrays.pcm.mvm_ns") rests on: the entry of
/// `provenance` for it or for the nearest section around it; "published" when
/// only `sources` has one, "" when neither has.
std::string_view provenanceOf(const Chip &chip, std::string_view path);

/// Whether `engine` ("mac", "vec", "ctl", "dma0", an array kind) computes in
/// `format` ("f32", "i8", …; u8 counts as i8 and so on) at a rate of its own.
/// cost() of an unsupported format uses the fallback that Work.h documents.
bool supports(const Chip &chip, std::string_view engine,
              std::string_view format);

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
/// Gives the field at `path` ("mac.rows", "arrays.pcm.mvm_ns", "mac.rate.i8")
/// another value, read as strictly as from a file. Errors (Usage) name the
/// nearest field.
Status setField(Chip &chip, std::string_view path, std::string_view value);
/// Sets a number of the package by its key. Usage errors: no such key, out of
/// range.
Status setPackageField(Thermal &thermal, std::string_view field, double value);
/// A Markdown table of every field: key, type, range, default, meaning.
std::string describeFields();

} // namespace hybridc::chip

#endif // HYBRIDC_CHIP_CHIP_H
