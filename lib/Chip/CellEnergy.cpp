//===- CellEnergy.cpp - What cells take when they are read ----------------===//
//
// A cell of conductance g at a voltage v dissipates g·v² for as long as it is
// driven (Joule). docs/Devices.md has the source and says what is left out.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Chip/Chip.h"

#include <algorithm>
#include <cmath>

namespace hybridc::chip {

/// Picojoules of 1 µS at 1 V for 1 ns.
static constexpr double kPicojoules = 1e-3;

std::vector<std::string_view> ArrayKind::missingOfCells() const {
  std::vector<std::string_view> missing;
  if (!(read_voltage_v > 0))
    missing.push_back("read_voltage_v");
  if (!(g_max_us > 0))
    missing.push_back("g_max_us");
  return missing;
}

std::vector<std::string_view> ArrayKind::fieldsOfCells() const {
  std::vector<std::string_view> fields{"read_voltage_v", "g_min_us",
                                       "g_max_us"};
  fields.push_back(input_pulse_ns > 0  ? "input_pulse_ns"
                   : read_pulse_ns > 0 ? "read_pulse_ns"
                                       : "mvm_ns");
  return fields;
}

bool ArrayKind::drivesPulses() const {
  return input_pulse_ns > 0 || input_encoding == "pulse_width";
}

double ArrayKind::fullDrive_ns() const {
  if (input_pulse_ns > 0)
    return (std::ldexp(1.0, int(pulsedBits())) - 1) * input_pulse_ns;
  return read_pulse_ns > 0 ? read_pulse_ns : mvm_ns;
}

double ArrayKind::joule_pj(double conductance_us, double ns) const {
  double times = cell_phases > 0 ? cell_phases : phases;
  return conductance_us * read_voltage_v * read_voltage_v * ns * times *
         kPicojoules;
}

double ArrayKind::expectedCells_pj() const {
  if (mvm_energy_pj > 0)
    return cellReads() * mvm_energy_pj;
  if (!describesCells())
    return 0;
  double ns = 0; // of an input at full scale that conducts as much
  for (uint32_t digit = 0; digit < inputDigits(); ++digit) {
    double steps = pulses(digit); // of the digit's magnitude, 0 … steps
    if (steps == 0)
      continue;
    if (drivesPulses())
      ns += (input_pulse_ns > 0 ? steps * input_pulse_ns : fullDrive_ns()) / 2;
    else
      ns += fullDrive_ns() * (2 * steps + 1) / (6 * steps);
  }
  double swing = g_max_us - g_min_us, numCells = double(rows) * double(cols);
  double conductance = mapping == "offset"
                           ? (g_min_us + swing / 2) * (numCells + rows)
                           : (2 * g_min_us + swing / 2) * numCells;
  return joule_pj(conductance, ns);
}

} // namespace hybridc::chip
