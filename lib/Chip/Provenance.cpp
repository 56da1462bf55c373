//===- Provenance.cpp - What a chip's figures rest on ---------------------===//

#include "hybridc/Chip/Provenance.h"

#include "Formats.h"
#include "Schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace hybridc::chip {

std::string_view nameOf(Trust trust) {
  switch (trust) {
  case Trust::Published:
    return "published";
  case Trust::Vendor:
    return "vendor";
  case Trust::Derived:
    return "derived";
  case Trust::Chosen:
    return "chosen";
  case Trust::Default:
    return "default";
  case Trust::Unverified:
    return "unverified";
  case Trust::Unstated:
    break;
  }
  return "unstated";
}

namespace {

struct Field {
  std::string value; ///< as text
  bool required = false;
};

/// Every field as path → value.
class Flattener {
public:
  std::map<std::string, Field> fields;

  template <typename T>
  void number(std::string_view key, T &value, Need need, Range,
              std::string_view) {
    add(key, fmt::format("{}", value), need);
  }
  void flag(std::string_view key, bool &value, Need need, std::string_view) {
    add(key, value ? "true" : "false", need);
  }
  void text(std::string_view key, std::string &value, Need need,
            const Choices &, std::string_view) {
    add(key, value, need);
  }
  void numbers(std::string_view key, std::map<std::string, double> &values,
               Need, const Choices &, Range, std::string_view) {
    for (const auto &[name, value] : values)
      add(fmt::format("{}.{}", key, name), fmt::format("{}", value),
          Need::Required);
  }
  void texts(std::string_view, std::map<std::string, std::string> &,
             const Choices &, std::string_view) {}
  template <typename T>
  void section(std::string_view key, T &value, Need, bool present,
               std::string_view) {
    if (present)
      inside(key, value);
  }
  template <typename T>
  void list(std::string_view key, std::vector<T> &values, std::string_view) {
    for (size_t i = 0; i < values.size(); ++i) {
      // As the reader calls them: by name, where they have one.
      std::string name = std::to_string(i);
      if constexpr (requires { values[i].name; })
        name = values[i].name;
      inside(fmt::format("{}.{}", key, name), values[i]);
    }
  }

private:
  std::string path;

  template <typename T> void inside(std::string_view key, T &value) {
    std::string outer = path;
    path += fmt::format("{}.", key);
    visitFields(*this, value);
    path = outer;
  }
  void add(std::string_view key, std::string value, Need need) {
    // What something is called is no figure.
    if (key == "name" || key == "description")
      return;
    fields[path + std::string(key)] = {std::move(value),
                                       need == Need::Required};
  }
};

std::map<std::string, Field> fieldsOf(const Chip &chip) {
  Flattener flattener;
  Chip copy = chip; // one list of fields serves readers and writers
  visitFields(flattener, copy);
  return std::move(flattener.fields);
}

/// A chip of this shape with all else at its defaults.
Chip defaultsLike(const Chip &chip) {
  Chip defaults;
  for (const ArrayKind &array : chip.arrays) {
    defaults.arrays.emplace_back();
    defaults.arrays.back().name = array.name;
  }
  defaults.mac.rows = chip.mac.rows;
  defaults.faults = chip.faults;
  return defaults;
}

bool isDefault(const Field &field, const std::map<std::string, Field> &defaults,
               const std::string &path) {
  auto it = defaults.find(path);
  return !field.required && it != defaults.end() &&
         it->second.value == field.value;
}

Trust trustNamed(std::string_view status) {
  for (Trust trust :
       {Trust::Published, Trust::Vendor, Trust::Derived, Trust::Chosen})
    if (status == nameOf(trust))
      return trust;
  return status.empty() ? Trust::Unstated : Trust::Unverified;
}

/// The entry of a map of formats that rateOf() and energyOf() fall back to.
std::string formatField(std::string_view map,
                        const std::map<std::string, double> &values,
                        std::string_view format) {
  std::string name(rateName(format));
  if (values.count(name))
    return fmt::format("{}.{}", map, name);
  std::string fallback(map); // to all of them: the slowest, the largest
  return values.count("f32") ? fallback + ".f32" : fallback;
}

/// Fields of the matrix engine that decide how often a product fetches its
/// operands.
std::vector<std::string_view> fetchFields(std::string_view dataflow) {
  if (dataflow == "event")
    return {};
  if (dataflow == "row_stationary")
    return {"rows",         "cols",        "dataflow",
            "filter_words", "input_words", "psum_words"};
  if (dataflow == "simd")
    return {"dataflow", "input_sharing", "weight_sharing"};
  if (dataflow == "os")
    return {"rows", "cols", "dataflow"};
  return {"rows", "cols", "dataflow", "accumulator_words"};
}

} // namespace

Trust trustOf(const Chip &chip, std::string_view path) {
  Trust stated = trustNamed(provenanceOf(chip, path));
  if (stated != Trust::Unstated)
    return stated;
  auto fields = fieldsOf(chip);
  auto field = fields.find(std::string(path));
  if (field == fields.end())
    return Trust::Unstated;
  if (!isDefault(field->second, fieldsOf(defaultsLike(chip)), field->first))
    return Trust::Unstated;
  return path.starts_with("thermal.") ? Trust::Published : Trust::Default;
}

std::vector<std::string> fieldsWithoutProvenance(const Chip &chip) {
  auto defaults = fieldsOf(defaultsLike(chip));
  std::vector<std::string> missing;
  for (const auto &[path, field] : fieldsOf(chip))
    if (provenanceOf(chip, path).empty() && !isDefault(field, defaults, path))
      missing.push_back(path);
  return missing;
}

std::vector<std::string> energyFields(const Chip &chip, WorkKind kind,
                                      std::string_view engine,
                                      std::string_view format,
                                      Component component, bool cellsOfData) {
  std::string array = fmt::format("arrays.{}.", engine);
  bool onArray = chip.findArray(engine) != nullptr;
  auto arrayField = [&](std::string_view name) {
    return onArray ? std::vector<std::string>{array + std::string(name)}
                   : std::vector<std::string>{};
  };
  switch (component) {
  case Component::Dram:
    return {"dram.energy_pj_per_bit"};
  case Component::Sram: {
    std::vector<std::string> fields{"sram.read_pj_per_byte",
                                    "sram.write_pj_per_byte"};
    if (kind == WorkKind::Matrix) // how often it fetches
      for (std::string_view name : fetchFields(chip.mac.dataflow))
        fields.push_back(fmt::format("mac.{}", name));
    return fields;
  }
  case Component::Mac: {
    if (kind != WorkKind::Matrix)
      return {};
    std::vector<std::string> fields{
        formatField("mac.energy_pj", chip.mac.energy_pj, format)};
    if (chip.mac.dataflow == "event")
      fields.push_back("mac.activity");
    if (chip.mac.accumulator_words > 0)
      fields.push_back("mac.accumulator_pj_per_byte");
    return fields;
  }
  case Component::Vec:
    if (kind != WorkKind::Vector)
      return {};
    return {formatField("vec.energy_pj", chip.vec.energy_pj, format),
            "vec.special_rate"};
  case Component::Ctl:
    return {"ctl.energy_pj_per_op"};
  case Component::ArrayCell: {
    const ArrayKind *kind = chip.findArray(engine);
    bool fromFields = kind && kind->describesCells() &&
                      (cellsOfData || kind->mvm_energy_pj == 0);
    if (!fromFields)
      return arrayField("mvm_energy_pj");
    std::vector<std::string> fields;
    for (std::string_view name : kind->fieldsOfCells())
      fields.push_back(array + std::string(name));
    return fields;
  }
  case Component::Adc:
    return arrayField("adc_energy_pj");
  case Component::Dac:
    return arrayField("dac_energy_pj");
  case Component::ArrayDigital:
    return arrayField("digital_energy_pj");
  case Component::ArrayWrite:
    if (kind == WorkKind::RefreshPairs)
      return {fmt::format("arrays.{}.write_energy_pj", engine),
              fmt::format("arrays.{}.pulse_energy_pj", engine)};
    return arrayField(kind == WorkKind::PulsedUpdate ? "pulse_energy_pj"
                                                     : "write_energy_pj");
  case Component::Link:
    return {"chiplets.link_pj_per_bit", "chiplets.count"};
  case Component::Leakage:
    return {"leakage_w"};
  default:
    return {};
  }
}

std::vector<std::string> timeFields(const Chip &chip, WorkKind kind,
                                    std::string_view engine,
                                    std::string_view format) {
  std::vector<std::string> fields{"clock_ghz"};
  auto add = [&](std::initializer_list<std::string_view> names) {
    fields.insert(fields.end(), names.begin(), names.end());
  };
  auto addArray = [&](std::initializer_list<std::string_view> names) {
    if (chip.findArray(engine))
      for (std::string_view name : names)
        fields.push_back(fmt::format("arrays.{}.{}", engine, name));
  };
  switch (kind) {
  case WorkKind::Transfer:
    add({"dram.bandwidth_gb_s", "dram.efficiency", "dram.latency_ns",
         "dram.burst_bytes", "dma.bytes_per_cycle", "dma.setup_cycles",
         "dma.cycles_per_run"});
    if (chip.mac.whole_tiles)
      add({"mac.whole_tiles", "mac.rows", "mac.cols"});
    break;
  case WorkKind::Matrix:
    add({"mac.rows", "mac.cols", "mac.dataflow"});
    fields.push_back(formatField("mac.rate", chip.mac.rate, format));
    if (chip.mac.dataflow == "row_stationary")
      add({"mac.filter_words", "mac.input_words", "mac.psum_words",
           "mac.network_words_per_cycle", "mac.efficiency"});
    else if (chip.mac.dataflow == "simd")
      add({"mac.efficiency"});
    else if (chip.mac.dataflow == "event")
      add({"mac.activity"});
    else if (chip.mac.dataflow == "photonic")
      add({"mac.program_ns"});
    else
      add({"mac.stationary_buffers"});
    break;
  case WorkKind::Analog:
    addArray({"mvm_ns", "adc_share", "adc_ns", "input_bits",
              "input_bits_per_phase", "phases", "output_bits", "input_pulse_ns",
              "output_bit_ns"});
    break;
  case WorkKind::ProgramArray:
    addArray({"write_ns"});
    break;
  case WorkKind::PulsedUpdate:
    addArray({"update_pulses", "pulse_ns"});
    break;
  case WorkKind::RefreshPairs:
    addArray({"mvm_ns", "adc_share", "adc_ns", "input_bits",
              "input_bits_per_phase", "phases", "output_bits", "input_pulse_ns",
              "output_bit_ns", "write_ns", "update_pulses", "pulse_ns"});
    break;
  case WorkKind::Vector:
    add({"vec.lanes", "vec.special_rate"});
    if (chip.vec.rate.count(std::string(rateName(format))))
      fields.push_back(fmt::format("vec.rate.{}", rateName(format)));
    break;
  case WorkKind::Control:
    add({"ctl.ops_per_cycle", "ctl.bytes_per_cycle"});
    break;
  default:
    break;
  }
  if (chip.chiplets.count > 1 && kind != WorkKind::ArrayGain)
    add({"chiplets.count", "chiplets.link_latency_ns", "chiplets.link_gb_s"});
  if (kind != WorkKind::ArrayGain)
    add({"sram.bytes_per_cycle", "sram.banks", "sram.ports",
         "sram.interleave_bytes"});
  return fields;
}

} // namespace hybridc::chip
