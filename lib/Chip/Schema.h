//===- Schema.h - The fields of a chip description ------------*- C++ -*-===//
//
// One list of fields for everyone: the reader, the printer and the table in
// docs/Targets.md are visitors of visitFields(). A field is a line here and a
// member of the struct in Chip.h.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CHIP_SCHEMA_H
#define HYBRIDC_LIB_CHIP_SCHEMA_H

#include "hybridc/Chip/Chip.h"

#include <initializer_list>
#include <string_view>
#include <vector>

namespace hybridc::chip {

/// Values from `low` to `high`; `open` excludes `low` itself.
struct Range {
  double low = 0, high = 1e18;
  bool open = false;
};
constexpr Range kAny{-1e18, 1e18, false};
constexpr Range kNonNegative{0, 1e18, false};
constexpr Range kPositive{0, 1e18, true};

enum class Need { Required, Optional };

using Choices = std::vector<std::string_view>;

/// The element formats that rates and energies may be given for.
inline const Choices &formatNames() {
  static const Choices names{"f64", "f32", "f16", "bf16", "f8",
                             "i64", "i32", "i16", "i8",   "i4"};
  return names;
}
inline const Choices &provenanceNames() {
  static const Choices names{"published", "derived", "vendor", "chosen",
                             "unverified"};
  return names;
}

// A visitor V has:
//   number(key, value, need, range, doc)      uint32_t, uint64_t, double
//   flag(key, value, need, doc)               bool
//   text(key, value, need, choices, doc)      choices empty: any
//   numbers(key, map, need, keys, range, doc) keys empty: any
//   texts(key, map, values, doc)
//   section(key, value, need, present, doc)
//   list(key, vector, doc)                    of sections; see checkItem()

template <typename V> void visitFields(V &v, Dram &d) {
  using enum Need;
  v.number("bytes", d.bytes, Required, {1, 1e15}, "capacity");
  v.number("bandwidth_gb_s", d.bandwidth_gb_s, Required, kPositive,
           "of its pins, 1e9 bytes per second, shared by all engines");
  v.number("efficiency", d.efficiency, Optional, {0, 1, true},
           "share of the bandwidth that long transfers get: the rest goes to "
           "refresh, turnarounds and opening rows");
  v.number("latency_ns", d.latency_ns, Optional, kNonNegative,
           "of the first byte of a transfer; later commands overlap it");
  v.number("energy_pj_per_bit", d.energy_pj_per_bit, Optional, kNonNegative,
           "one bit read or written");
  v.number("burst_bytes", d.burst_bytes, Optional, {1, 65536},
           "the least that one access moves");
}

template <typename V> void visitFields(V &v, Sram &s) {
  using enum Need;
  v.number("bytes", s.bytes, Required, {1024, 1e12},
           "the scratchpad that all engines share");
  v.number("banks", s.banks, Optional, {1, 65536}, "independent banks");
  v.number("ports", s.ports, Optional, {1, 64},
           "of one bank; each serves one word in a cycle");
  v.number("interleave_bytes", s.interleave_bytes, Optional, {0, 1e12},
           "consecutive bytes in one bank, before the next one; 0: one word");
  v.number("bytes_per_cycle", s.bytes_per_cycle, Required, kPositive,
           "all ports of all banks together");
  v.number("read_pj_per_byte", s.read_pj_per_byte, Optional, kNonNegative,
           "one byte read");
  v.number("write_pj_per_byte", s.write_pj_per_byte, Optional, kNonNegative,
           "one byte written");
}

template <typename V> void visitFields(V &v, Dma &d) {
  using enum Need;
  v.number("channels", d.channels, Optional, {1, 64},
           "engines `dma0`, `dma1`, …: 0 loads, 1 stores");
  v.number("bytes_per_cycle", d.bytes_per_cycle, Required, kPositive,
           "of one channel");
  v.number("setup_cycles", d.setup_cycles, Optional, {0, 1e6},
           "before each transfer");
  v.number("cycles_per_run", d.cycles_per_run, Optional, {0, 1e6},
           "least time of one contiguous run of a strided transfer");
}

template <typename V> void visitFields(V &v, Periphery &p) {
  using enum Need;
  v.number("in_res", p.in_res, Optional, {0, 1},
           "DAC step as a part of the input range; 0: no steps");
  v.number("out_res", p.out_res, Optional, {0, 1},
           "ADC step as a part of the output range; 0: no steps");
  v.number("in_bound", p.in_bound, Optional, kNonNegative,
           "inputs are clipped here; 0: unbounded");
  v.number("out_bound", p.out_bound, Optional, kNonNegative,
           "outputs are clipped here; 0: unbounded");
  v.number("in_noise", p.in_noise, Optional, kNonNegative, "σ on each input");
  v.number("out_noise", p.out_noise, Optional, kNonNegative,
           "σ on each output, before the ADC");
  v.number("w_noise", p.w_noise, Optional, kNonNegative,
           "σ of the weight noise of one MVM");
  v.text("w_noise_type", p.w_noise_type, Optional,
         {"none", "additive", "pcm_read"}, "which weight noise");
  v.number("ir_drop", p.ir_drop, Optional, kNonNegative,
           "scale of the IR drop along a column");
  v.flag("noise_management", p.noise_management, Optional,
         "scale inputs; without, they are taken to lie within ±1");
  v.text("noise_management_type", p.noise_management_type, Optional,
         {"abs_max", "average_abs_max", "constant", "max", "abs_max_np_sum"},
         "by the largest magnitude of each vector, by its average over a "
         "product's vectors, by input_scale, by the largest value, or for the "
         "worst case of the weights");
  v.number("input_scale", p.input_scale, Optional, kPositive,
           "full scale of the DAC, for constant");
  v.flag("bound_management", p.bound_management, Optional,
         "repeat with smaller inputs when an output saturates");
  v.text("bound_management_type", p.bound_management_type, Optional,
         {"iterative", "worst_case"},
         "halve inputs until nothing saturates, or scale them for the worst "
         "case first");
  v.number("worst_case_weight", p.worst_case_weight, Optional, kPositive,
           "largest weight that worst_case reckons with, as a part of g_max");
  v.number("out_nonlinearity", p.out_nonlinearity, Optional, kNonNegative,
           "S-shape of a column: y / (1 + c·abs(y)), c = this / out_bound");
  v.number("out_nonlinearity_std", p.out_nonlinearity_std, Optional,
           kNonNegative, "relative spread of c over columns");
  v.number("slope_calibration", p.slope_calibration, Optional, kNonNegative,
           "part of the output range at which the S-shape is made true");
  v.number("r_series", p.r_series, Optional, kNonNegative,
           "resistance in series with a column, times g_max");
  v.number("v_offset", p.v_offset, Optional, kNonNegative,
           "spread of the columns' offset voltages, as a part of the swing");
  v.number("v_offset_w_min", p.v_offset_w_min, Optional, {-1e3, 1e3},
           "weight of the reference cell that the offset acts on; 0: none");
  v.number("input_scale_limit", p.input_scale_limit, Optional, kNonNegative,
           "upper limit of the input scale; 0: none");
  v.number("bound_max_factor", p.bound_max_factor, Optional, kNonNegative,
           "inputs are not halved again beyond this factor");
  v.number("bound_max_step", p.bound_max_step, Optional, {0, 1},
           "nor when a DAC step exceeds this part of the input");
  v.number("ir_drop_g_ratio", p.ir_drop_g_ratio, Optional, kPositive,
           "conductance of a wire from cell to cell over g_max");
  v.text("in_rounding", p.in_rounding, Optional, {"nearest", "stochastic"},
         "of the DAC");
  v.text("out_rounding", p.out_rounding, Optional, {"nearest", "stochastic"},
         "of the ADC");
  v.number("in_asymmetry", p.in_asymmetry, Optional, {0, 1},
           "negative inputs are less by this part");
  v.number("out_asymmetry", p.out_asymmetry, Optional, {0, 1},
           "negative outputs are less by this part");
  v.number("out_noise_std", p.out_noise_std, Optional, kNonNegative,
           "relative spread of out_noise over columns");
  v.number("out_scale", p.out_scale, Optional, kPositive,
           "digital factor of all outputs");
  v.text("input_polarity", p.input_polarity, Optional,
         {"one_pass", "separate", "separate_digital"},
         "inputs of both signs at once, or after one another and added before "
         "the ADC or behind it");
  v.number("read_asymmetry", p.read_asymmetry, Optional, kNonNegative,
           "spread of a weight's factor for negative inputs (separate ones)");
}

template <typename V> void visitFields(V &v, ArrayKind &a) {
  using enum Need;
  v.text("name", a.name, Required, {},
         "engine name; not dma…, mac, vec, ctl, array");
  v.text("device", a.device, Required, {},
         "device model of the executor: `pcm`, `pcm-hermes`, …");
  v.numbers("device_params", a.device_params, Optional, {}, kAny,
            "overrides of the device's constants");
  v.text("purpose", a.purpose, Optional, {"inference", "training"},
         "weights written once, or updated by pulses");
  v.number("count", a.count, Required, {1, 1 << 24}, "arrays on the chip");
  v.number("rows", a.rows, Required, {1, 65536}, "inputs of one array");
  v.number("cols", a.cols, Required, {1, 65536}, "weight columns of one array");
  v.text("mapping", a.mapping, Optional, {"differential", "offset"},
         "how a signed weight is held");
  v.number("slices", a.slices, Optional, {1, 64},
           "cells that hold one weight, unless a command says otherwise");
  v.number("cell_bits", a.cell_bits, Optional, {0, 16},
           "bits of a cell; 0: analog");
  v.section("periphery", a.periphery, Optional, true,
            "DAC, ADC and their noise");
  v.number("mvm_ns", a.mvm_ns, Required, kPositive,
           "one MVM phase, DAC to ADC; what grows with bits apart");
  v.number("adc_share", a.adc_share, Optional, {1, 65536},
           "columns that share one ADC");
  v.number(
      "adc_ns", a.adc_ns, Optional, kNonNegative,
      "one conversion: a phase takes at least adc_share · adc_ns; 0 with a "
      "shared ADC: bits · (0.00653 rows + 0.640)");
  v.number("input_bits", a.input_bits, Optional, {1, 32},
           "bits of one input value");
  v.number("input_bits_per_phase", a.input_bits_per_phase, Optional, {1, 32},
           "driven at once; fewer than input_bits: bit-serial");
  v.number("phases", a.phases, Optional, {1, 64},
           "how often the same bits are driven (signs one after another, "
           "say): time and energy, not values");
  v.number("output_bits", a.output_bits, Optional, {0, 20},
           "bits of the ADC; 0: those of out_res");
  v.number("input_pulse_ns", a.input_pulse_ns, Optional, kNonNegative,
           "one pulse of an input; 2^b − 1 of them for the b bits of a phase, "
           "signs apart, beside mvm_ns");
  v.number("output_bit_ns", a.output_bit_ns, Optional, kNonNegative,
           "one bit of a conversion, beside mvm_ns");
  v.number(
      "mvm_energy_pj", a.mvm_energy_pj, Optional, kNonNegative,
      "cells of one full array, one phase; with input_pulse_ns: one pulse: the "
      "figure of estimates, and of runs that do not know the next six fields");
  v.number("read_voltage_v", a.read_voltage_v, Optional, {0, 1e3},
           "on a row at full scale; with g_max_us, cells take g·v²·t of the "
           "inputs and conductances that there are; 0: not known");
  v.number("g_min_us", a.g_min_us, Optional, {0, 1e9},
           "conductance of a cell at its lowest");
  v.number("g_max_us", a.g_max_us, Optional, {0, 1e9},
           "conductance of a cell at its highest; 0: not known");
  v.number("read_pulse_ns", a.read_pulse_ns, Optional, {0, 1e12},
           "how long a row at full scale is driven, in one drive; 0: mvm_ns. "
           "With input_pulse_ns that and the number of pulses say it");
  v.text("input_encoding", a.input_encoding, Optional,
         {"auto", "amplitude", "pulse_width"},
         "inputs are voltages for one time, or one voltage for times; auto: "
         "voltages, with input_pulse_ns times");
  v.number("cell_phases", a.cell_phases, Optional, {0, 64},
           "of phases, those in which a cell conducts: 1 where they take signs "
           "apart; 0: all of them");
  v.number("adc_energy_pj", a.adc_energy_pj, Optional, kNonNegative,
           "one conversion; with output_bit_ns: one bit of it");
  v.number("dac_energy_pj", a.dac_energy_pj, Optional, kNonNegative,
           "one input, one phase, into all of its slices; with "
           "input_pulse_ns: one bit of it");
  v.number("digital_energy_pj", a.digital_energy_pj, Optional, kNonNegative,
           "scaling and accumulation, per conversion");
  v.number("write_ns", a.write_ns, Optional, kNonNegative,
           "programming one row");
  v.number("write_energy_pj", a.write_energy_pj, Optional, kNonNegative,
           "programming one cell");
  v.number("endurance_writes", a.endurance_writes, Optional, kNonNegative,
           "write pulses that half of the cells survive; 0: not known");
  v.number("endurance_spread", a.endurance_spread, Optional, {0.01, 5},
           "standard deviation of the cells' ln(endurance)");
  v.text("worn_cells", a.worn_cells, Optional,
         {"ends", "low", "high", "hold", "none"},
         "what cells do that updates have worn out: stuck at either end, half "
         "of them each, at one end, at their weight; or go on");
  v.number("write_pulses", a.write_pulses, Optional, {1, 1e6},
           "pulses that programming a cell takes");
  v.number("update_pulses", a.update_pulses, Optional, {1, 1e6},
           "pulses of a train of the outer-product update");
  v.flag("update_management", a.update_management, Optional,
         "rows and columns share the trains' scale by their largest values");
  v.flag("update_bl_management", a.update_bl_management, Optional,
         "no more pulses than the largest product of an update needs");
  v.number("pulse_ns", a.pulse_ns, Optional, kNonNegative,
           "one pulse of an update; 0: updates are written row by row");
  v.number("pulse_energy_pj", a.pulse_energy_pj, Optional, kNonNegative,
           "one pulse of an update at one cell");
  v.number("spare_rows", a.spare_rows, Optional, {0, 65536},
           "rows beside `rows`, for faults to be mapped around");
  v.number("spare_columns", a.spare_columns, Optional, {0, 65536},
           "weight columns beside `cols`, likewise");
}

template <typename V> void visitFields(V &v, Mac &m) {
  using enum Need;
  v.number("rows", m.rows, Required, {1, 65536}, "rows of PEs");
  v.number("cols", m.cols, Required, {1, 65536}, "columns of PEs");
  v.text("dataflow", m.dataflow, Optional,
         {"ws", "os", "is", "row_stationary", "simd", "photonic", "event"},
         "what stays in the PEs");
  v.numbers("rate", m.rate, Required, formatNames(), {0, 4096, true},
            "format → MACs per PE and cycle");
  v.numbers("energy_pj", m.energy_pj, Optional, formatNames(), kNonNegative,
            "format → one MAC");
  v.number("stationary_buffers", m.stationary_buffers, Optional, {1, 2},
           "2: the next stationary tile is loaded during the present one");
  v.flag("whole_tiles", m.whole_tiles, Optional,
         "weights come from DRAM in whole tiles of rows × cols, padding "
         "included");
  v.number("accumulator_words", m.accumulator_words, Optional, {0, 1e9},
           "ws, is, photonic: partial sums of a column that stay beside the "
           "array; 0: all pass the scratchpad");
  v.number("accumulator_pj_per_byte", m.accumulator_pj_per_byte, Optional,
           kNonNegative, "reading or writing them");
  v.number("input_sharing", m.input_sharing, Optional, {0, 1e9},
           "simd: PEs that share one fetched input; 0: `cols`");
  v.number("weight_sharing", m.weight_sharing, Optional, {0, 1e9},
           "simd: PEs that share one fetched weight; 0: `rows`");
  v.number("program_ns", m.program_ns, Optional, kNonNegative,
           "photonic: setting the mesh to a tile");
  v.number("activity", m.activity, Optional, {0, 1000, true},
           "event: synaptic events per MAC");
  v.number("filter_words", m.filter_words, Optional, {1, 1e9},
           "row_stationary: filter store of a PE");
  v.number("input_words", m.input_words, Optional, {1, 1e9},
           "row_stationary: input store of a PE");
  v.number("psum_words", m.psum_words, Optional, {1, 1e9},
           "row_stationary: partial sums of a PE");
  v.number("network_words_per_cycle", m.network_words_per_cycle, Optional,
           kPositive, "row_stationary: scratchpad to PEs");
  v.number("efficiency", m.efficiency, Optional, {0, 1, true},
           "row_stationary, simd: share of the cycles that compute");
}

template <typename V> void visitFields(V &v, Vec &x) {
  using enum Need;
  v.number("lanes", x.lanes, Required, {1, 1 << 20}, "f32 lanes");
  v.numbers("rate", x.rate, Optional, formatNames(), {0, 4096, true},
            "format → operations per lane and cycle; else 32 / bits");
  v.number("special_rate", x.special_rate, Optional, {0, 1, true},
           "exp, log, tanh, …: per lane and cycle");
  v.numbers("energy_pj", x.energy_pj, Optional, formatNames(), kNonNegative,
            "format → one lane operation");
}

template <typename V> void visitFields(V &v, Ctl &c) {
  using enum Need;
  v.number("ops_per_cycle", c.ops_per_cycle, Optional, kPositive,
           "of the control core");
  v.number("energy_pj_per_op", c.energy_pj_per_op, Optional, kNonNegative,
           "one operation");
  v.number("bytes_per_cycle", c.bytes_per_cycle, Optional, kPositive,
           "memory traffic of the control core");
}

template <typename V> void visitFields(V &v, Chiplets &c) {
  using enum Need;
  v.number("count", c.count, Optional, {1, 4096},
           "chiplets of the package; other counts are of all together");
  v.number("link_gb_s", c.link_gb_s, Optional, kNonNegative,
           "of one chiplet's link, each way; 0: no limit");
  v.number("link_latency_ns", c.link_latency_ns, Optional, kNonNegative,
           "of the first byte");
  v.number("link_pj_per_bit", c.link_pj_per_bit, Optional, kNonNegative,
           "one bit over one link");
}

template <typename V> void visitFields(V &v, Thermal &t) {
  using enum Need;
  v.text("package", t.package, Optional,
         {"heat_sink", "vapor_chamber", "passive"}, "how heat leaves the die");
  v.text("model", t.model, Optional, {"block", "grid"},
         "nodes: one for each block and layer, or a grid of cells");
  v.number("grid_rows", t.grid_rows, Optional, {1, 256}, "grid: cells upwards");
  v.number("grid_cols", t.grid_cols, Optional, {1, 256}, "grid: cells across");
  v.text("grid_map", t.grid_map, Optional, {"avg", "center", "max", "min"},
         "grid: which of its cells' temperatures a block has");
  v.number("ambient_k", t.ambient_k, Optional, {1, 1000}, "air, in K");
  v.number("limit_c", t.limit_c, Optional, {-200, 1000},
           "highest junction temperature, in °C");
  v.number("die_mm", t.die_mm, Optional, kPositive, "die thickness");
  v.number("die_k", t.die_k, Optional, kPositive, "W/mK");
  v.number("die_c", t.die_c, Optional, kPositive, "J/m³K");
  v.number("tim_mm", t.tim_mm, Optional, kPositive, "interface thickness");
  v.number("tim_k", t.tim_k, Optional, kPositive, "W/mK");
  v.number("tim_c", t.tim_c, Optional, kPositive, "J/m³K");
  v.number("spreader_side_mm", t.spreader_side_mm, Optional, kPositive,
           "side of the square heat spreader");
  v.number("spreader_mm", t.spreader_mm, Optional, kPositive, "thickness");
  v.number("spreader_k", t.spreader_k, Optional, kPositive, "W/mK");
  v.number("spreader_c", t.spreader_c, Optional, kPositive, "J/m³K");
  v.number("sink_side_mm", t.sink_side_mm, Optional, kPositive,
           "side of the square heat sink");
  v.number("sink_mm", t.sink_mm, Optional, kPositive, "thickness");
  v.number("sink_k", t.sink_k, Optional, kPositive, "W/mK");
  v.number("sink_c", t.sink_c, Optional, kPositive, "J/m³K");
  v.number("c_convec", t.c_convec, Optional, kPositive,
           "heat capacity to the air, J/K");
  v.number("r_convec", t.r_convec, Optional, kPositive,
           "thermal resistance to the air, K/W (not passive)");
  v.number("spreader_lateral_k", t.spreader_lateral_k, Optional, kPositive,
           "vapor_chamber: W/mK along the plane of the spreader");
  v.number("film_w_m2k", t.film_w_m2k, Optional, kPositive,
           "passive: surface to still air, W/m²K");
  v.number("surface_mm2", t.surface_mm2, Optional, kPositive,
           "passive: surface of the case");
  v.number("leakage_per_k", t.leakage_per_k, Optional, {0, 1},
           "leakage(T) = leakage_w · exp(leakage_per_k · (T − reference))");
  v.number("leakage_ref_k", t.leakage_ref_k, Optional, {1, 1000},
           "where leakage_w was measured, in K");
}

template <typename V> void visitFields(V &v, FloorBlock &b) {
  using enum Need;
  v.text("name", b.name, Required, {}, "what reports call it");
  v.text("engine", b.engine, Optional, {},
         "whose heat: mac, vec, ctl, dma, sram, link, dram, an array or none");
  v.number("x_mm", b.x_mm, Required, kNonNegative, "left edge");
  v.number("y_mm", b.y_mm, Required, kNonNegative, "lower edge");
  v.number("w_mm", b.w_mm, Required, kPositive, "width");
  v.number("h_mm", b.h_mm, Required, kPositive, "height");
}

template <typename V> void visitFields(V &v, Floorplan &f) {
  using enum Need;
  v.number("width_mm", f.width_mm, Required, {0, 1000, true}, "of the die");
  v.number("height_mm", f.height_mm, Required, {0, 1000, true}, "of the die");
  v.list("blocks", f.blocks,
         "rectangles of the die; gaps of 10 µm and more are idle silicon");
}

template <typename V> void visitFields(V &v, DvfsPoint &d) {
  using enum Need;
  v.text("engine", d.engine, Required, {}, "mac, vec, ctl, dma or an array");
  v.number("frequency_ghz", d.frequency_ghz, Required, kPositive,
           "one point of each engine is at clock_ghz, none above");
  v.number("voltage_v", d.voltage_v, Required, {0, 10, true},
           "dynamic energy goes with its square");
}

template <typename V> void visitFields(V &v, FaultRates &f) {
  using enum Need;
  v.number("stuck_min", f.stuck_min, Optional, {0, 1},
           "probability of a cell stuck at its least conductance");
  v.number("stuck_max", f.stuck_max, Optional, {0, 1},
           "probability of a cell stuck at its largest conductance");
  v.number("dead_row", f.dead_row, Optional, {0, 1},
           "probability of a row that drives nothing");
  v.number("dead_column", f.dead_column, Optional, {0, 1},
           "probability of a weight column that carries nothing");
  v.number("broken_adc", f.broken_adc, Optional, {0, 1},
           "probability of a converter that reads a constant");
  v.number("dead_array", f.dead_array, Optional, {0, 1},
           "probability of an array without any working line");
  v.number("seed", f.seed, Optional, {0, 1e15}, "which of all such chips");
}

template <typename V> void visitFields(V &v, Chip &c) {
  using enum Need;
  v.text("name", c.name, Required, {}, "what `--target` and reports call it");
  v.text("description", c.description, Optional, {}, "one line");
  v.number("technology_nm", c.technology_nm, Optional, {0, 1e5},
           "process; 0: not stated");
  v.number("clock_ghz", c.clock_ghz, Required, {0, 1000, true},
           "the clock that cycles count");
  v.number("power_limit_w", c.power_limit_w, Optional, kNonNegative,
           "envelope; 0: not stated");
  v.number("leakage_w", c.leakage_w, Optional, kNonNegative,
           "power that flows whatever runs");
  v.number("die_area_mm2", c.die_area_mm2, Optional, kNonNegative,
           "for temperatures; 0: not known");
  v.section("dram", c.dram, Required, true, "off-chip memory");
  v.section("sram", c.sram, Required, true, "the shared scratchpad");
  v.section("dma", c.dma, Required, true, "transfer engines");
  v.list("arrays", c.arrays, "analog arrays, one entry per kind");
  v.section("mac", c.mac, Optional, c.mac.rows > 0,
            "digital matrix engine; absent: the chip has none");
  v.section("vec", c.vec, Required, true, "vector unit");
  v.section("ctl", c.ctl, Optional, true, "control core");
  v.section("chiplets", c.chiplets, Optional, true, "links in the package");
  v.section("thermal", c.thermal, Optional, true,
            "package and cooling; hardware-model's HotSpot defaults");
  v.section("floorplan", c.floorplan, Optional, c.floorplan.width_mm > 0,
            "the die from above; absent: one block of die_area_mm2");
  v.list("dvfs", c.dvfs, "operating points of engines; absent: one speed");
  v.section("faults", c.faults, Optional, c.faults.any(),
            "rates of faults of the arrays; absent: none");
  v.texts("cost_rules", c.cost_rules, {},
          "engine or array kind → rule of a plug-in that prices its commands");
  v.texts("sources", c.sources, {}, "field → where the figure was read");
  v.texts("provenance", c.provenance, provenanceNames(),
          "field → what the figure rests on");
}

} // namespace hybridc::chip

#endif // HYBRIDC_LIB_CHIP_SCHEMA_H
