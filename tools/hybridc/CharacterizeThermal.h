//===- CharacterizeThermal.h - characterize --what thermal ----*- C++ -*-===//
#ifndef HYBRIDC_TOOLS_HYBRIDC_CHARACTERIZETHERMAL_H
#define HYBRIDC_TOOLS_HYBRIDC_CHARACTERIZETHERMAL_H

#include "Commands.h"

namespace hybridc::driver {

struct ThermalStudyArgs {
  /// A target, or a HotSpot floorplan (.flp).
  std::string subject;
  std::vector<std::string> power; ///< BLOCK=W
  std::string powerTrace, config; ///< HotSpot's .ptrace, .config
  std::vector<std::string> set;   ///< FIELD=VALUE of `thermal`
  double interval_s = 0;          ///< 0: not given
  std::string duration;           ///< of constant power
  std::string start;
  std::string model; ///< block, grid; empty: as the .config or target has it
  std::string leakage = "off";
  std::string csv, temperatureTrace;
};

/// Adds --power, --ptrace, … to `sub`.
void addThermalStudy(CLI::App &sub, ThermalStudyArgs &args);

/// Steady temperatures of every node of the network, and those of the blocks
/// over time.
int runThermalStudy(ThermalStudyArgs &args);

} // namespace hybridc::driver

#endif // HYBRIDC_TOOLS_HYBRIDC_CHARACTERIZETHERMAL_H
