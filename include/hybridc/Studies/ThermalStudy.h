//===- ThermalStudy.h - characterize --what thermal -------------*- C++ -*-===//
#ifndef HYBRIDC_STUDIES_THERMALSTUDY_H
#define HYBRIDC_STUDIES_THERMALSTUDY_H

#include "hybridc/Support/Result.h"

#include <string>
#include <vector>

namespace hybridc::studies {

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

/// Steady temperatures of every node of the network, and those of the blocks
/// over time.
Result<std::string> runThermalStudy(const ThermalStudyArgs &args);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_THERMALSTUDY_H
