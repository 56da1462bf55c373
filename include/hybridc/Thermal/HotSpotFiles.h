//===- HotSpotFiles.h - Floorplans, powers and packages of HotSpot --------===//
//
// Readers for the files of HotSpot, so that cases made for it run here:
//   .flp     name, width, height, left, bottom (m), separated by blanks
//   .ptrace  a line of names, then lines of watts, one for each interval
//   .config  lines of `-key value`
//   .steady  or .init: lines of node and temperature (K)
// `#` starts a comment. Errors are "file:line: …".
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_THERMAL_HOTSPOTFILES_H
#define HYBRIDC_THERMAL_HOTSPOTFILES_H

#include "hybridc/Thermal/Thermal.h"

namespace hybridc::exec {

Result<std::vector<FloorplanBlock>> readFloorplan(const std::string &path);

struct HotSpotTrace {
  std::vector<std::string> names;
  std::vector<std::vector<double>> watts; ///< [interval][name]
};
Result<HotSpotTrace> readPowerTrace(const std::string &path);

/// What a .config says of the package and the run; other keys of HotSpot are
/// passed over, but a grid of other layers and a second way out are refused.
struct HotSpotConfig {
  double interval_s = 0, start_k = 0; ///< 0: not stated
  std::string startFile;              ///< -init_file; empty: not stated
};
Result<HotSpotConfig> readConfig(const std::string &path,
                                 chip::Thermal &package);

/// Temperatures of `nodes` in K, each of which the file must have once.
Result<std::vector<double>>
readTemperatures(const std::string &path,
                 const std::vector<std::string> &nodes);

/// Names of all nodes as HotSpot writes them: blocks, iface_, hsp_ and hsink_
/// of each, inode_0 to inode_11.
std::vector<std::string> nodeNames(const std::vector<std::string> &blocks);

} // namespace hybridc::exec

#endif // HYBRIDC_THERMAL_HOTSPOTFILES_H
