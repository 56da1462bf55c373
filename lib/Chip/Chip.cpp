//===- Chip.cpp - Look-ups in a chip description --------------------------===//

#include "hybridc/Chip/Chip.h"

#include "Formats.h"
#include "YamlTree.h"
#include "hybridc/Chip/Suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace hybridc::chip {

uint32_t ArrayKind::inputDigits() const {
  uint32_t perPhase = std::max(1u, input_bits_per_phase);
  return std::max(1u, (input_bits + perPhase - 1) / perPhase);
}

uint32_t ArrayKind::drives() const { return inputDigits() * phases; }

uint32_t ArrayKind::outputBits() const {
  if (output_bits > 0)
    return output_bits;
  return periphery.out_res > 0
             ? uint32_t(std::lround(std::log2(1 / periphery.out_res + 2)))
             : input_bits;
}

double ArrayKind::outputStep() const {
  if (periphery.out_res > 0 || output_bits < 2)
    return periphery.out_res;
  return 1 / (std::ldexp(1.0, int(output_bits)) - 2);
}

double ArrayKind::conversion_ns() const {
  if (adc_ns > 0 || adc_share == 1)
    return adc_ns;
  return outputBits() * (0.00653 * rows + 0.640);
}

double ArrayKind::pulses(uint32_t digit) const {
  // The sign is the pulses' direction; the other bits are dealt out evenly.
  uint32_t digits = inputDigits();
  uint32_t bits = pulsedBits() / digits + (digit < pulsedBits() % digits);
  return std::ldexp(1.0, int(bits)) - 1;
}

double ArrayKind::drive_ns(uint32_t digit) const {
  double settled = mvm_ns + outputBits() * output_bit_ns;
  if (input_pulse_ns > 0)
    settled += pulses(digit) * input_pulse_ns;
  return std::max(settled, adc_share * conversion_ns());
}

double ArrayKind::cellReads() const {
  if (input_pulse_ns == 0)
    return drives();
  double all = 0;
  for (uint32_t digit = 0; digit < inputDigits(); ++digit)
    all += pulses(digit);
  return all * phases;
}

double ArrayKind::dacSteps() const {
  return input_pulse_ns > 0 ? double(pulsedBits()) * phases : drives();
}

double ArrayKind::read_ns() const {
  double once = 0;
  for (uint32_t digit = 0; digit < inputDigits(); ++digit)
    once += drive_ns(digit);
  return once * phases;
}

uint64_t Sram::interleave() const {
  return interleave_bytes
             ? interleave_bytes
             : std::max<uint64_t>(
                   1,
                   uint64_t(std::ceil(std::min(wordBytes(), double(bytes)))));
}

const ArrayKind *Chip::findArray(std::string_view kind) const {
  for (const ArrayKind &array : arrays)
    if (array.name == kind)
      return &array;
  return nullptr;
}

uint64_t Chip::cyclesOf(double ns) const {
  // The product of a decimal time and clock is rarely exact: a part in 1e9
  // above a whole number is rounding, not a further cycle.
  double cycles = ns * clock_ghz;
  return static_cast<uint64_t>(
      std::max(0.0, std::ceil(cycles - 1e-9 * std::max(1.0, cycles))));
}

double Chip::dramBytesPerCycle() const {
  return dram.bandwidth_gb_s * dram.efficiency / clock_ghz;
}

double Chip::linkBytesPerCycle() const {
  return chiplets.count > 1 ? chiplets.link_gb_s / clock_ghz : 0;
}

std::pair<uint32_t, uint32_t> Chiplets::grid() const {
  uint32_t rows = 1;
  for (uint32_t i = 1; uint64_t(i) * i <= count; ++i)
    if (count % i == 0)
      rows = i;
  return {rows, count / rows};
}

std::string_view provenanceOf(const Chip &chip, std::string_view path) {
  // The most specific entry wins, whichever map it stands in.
  for (std::string prefix(path); !prefix.empty();) {
    if (auto it = chip.provenance.find(prefix); it != chip.provenance.end())
      return it->second;
    if (chip.sources.count(prefix))
      return "published";
    size_t dot = prefix.rfind('.');
    prefix.resize(dot == std::string::npos ? 0 : dot);
  }
  return "";
}

bool supports(const Chip &chip, std::string_view engine,
              std::string_view format) {
  std::string_view name = rateName(format);
  if (name.empty())
    return false;
  if (engine == "mac")
    return chip.mac.rows > 0 && chip.mac.rate.count(std::string(name)) > 0;
  // The vector unit's registers and the control core hold every type, and a
  // transfer does not look at what it moves.
  if (engine == "vec" || engine == "ctl" || engine.starts_with("dma"))
    return true;
  // An array's values are analog: the DAC rounds whatever arrives.
  return chip.findArray(engine) != nullptr;
}

Result<Chip> loadChip(std::string_view nameOrPath) {
  std::string path(nameOrPath);
  bool isPath = path.ends_with(".yaml") || path.ends_with(".yml") ||
                path.find('/') != std::string::npos;
  if (!isPath) {
    std::string_view yaml = presetYaml(nameOrPath);
    if (!yaml.empty())
      return parseChip(yaml, path);
    std::vector<std::string> names = presetNames();
    return invalidInput(
        fmt::format("no target named '{}'{} (a file's name ends in .yaml)",
                    path, suggest(path, {names.begin(), names.end()})));
  }
  // A directory or a device would read for ever, or not at all.
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem))
    return invalidInput(fmt::format("{}: {}", path,
                                    std::filesystem::exists(path, problem)
                                        ? "not a regular file"
                                        : "no such file"));
  uintmax_t bytes = std::filesystem::file_size(path, problem);
  if (problem)
    return invalidInput(fmt::format("{}: {}", path, problem.message()));
  if (bytes > kMaxYamlBytes)
    return invalidInput(
        fmt::format("{}:1:1: {} bytes; a chip description has at most {}", path,
                    bytes, kMaxYamlBytes));
  std::ifstream file(path, std::ios::binary);
  std::string text(static_cast<size_t>(bytes), '\0');
  file.read(text.data(), static_cast<std::streamsize>(bytes));
  if (!file)
    return invalidInput(fmt::format("{}: cannot be read", path));
  return parseChip(text, path);
}

} // namespace hybridc::chip
